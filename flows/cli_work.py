"""Commands that do the weekly work: `collect`, `judge`, `report`, `run`, `schedule`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from corpora.errors import UserError

PARTIAL = 3
"""Exit code of a run in which some feeds, or some rows of a file, could not be read."""

PLAIN = click.option("--plain", is_flag=True, help="Run without Prefect; the results are the same.")
WEEK = click.option("--week", default="", metavar="2026-W44", help="ISO week. Default: the last full one.")


def ready(home: Path, *, plain: bool, feeds: bool = False) -> str:
    """Check workspace and store, and prepare Prefect; return the folder as flows take it.

    What can be seen to fail is said here, in two lines: inside a flow, Prefect would add its own traceback.
    """
    from flows.stages import check

    check(str(home), feeds=feeds)
    if not plain:
        from flows.prefect_settings import prepare

        prepare(home)
    return str(home)


@click.command()
@PLAIN
@click.pass_obj
def collect(home: Path, *, plain: bool) -> int:
    """Fetch every feed of the workspace and keep what is new. May be run as often as you like."""
    where = ready(home, plain=plain, feeds=True)
    if plain:
        from flows.plain import collect as flow
    else:
        from flows.collect import collect as flow  # type: ignore[assignment]
    return tell_collected(flow(where))


def tell_collected(checks: Sequence[dict[str, Any]]) -> int:
    """Print what a round of visits brought; return the exit code."""
    from flows.stages import summary

    click.echo(summary(checks))
    bad = [check for check in checks if check["state"] not in {"alive", "unchanged"}]
    for check in bad:
        click.echo(f"  {check['outlet']}: {check['state'].replace('_', ' ')}. {check['detail']}", err=True)
    return PARTIAL if bad else 0


@click.command()
@click.argument("source", required=False, type=click.Path(path_type=Path), metavar="[INPUT]")
@click.option("--output", type=click.Path(path_type=Path), help="File to write (.jsonl, .csv or .parquet).")
@click.option(
    "--unit",
    type=click.Choice(["sentence", "story"]),
    default="story",
    show_default=True,
    help="sentence: each row's text is one sentence; story: it is split into sentences.",
)
@click.option("--headlines", is_flag=True, help="With --unit story: also write one row for each title.")
@PLAIN
@click.pass_obj
def judge(home: Path, source: Path | None, output: Path | None, unit: str, *, headlines: bool, plain: bool) -> int:
    """Read stories for the three frames.

    Without INPUT: every stored story the current model has not read yet. With INPUT: your own file (.jsonl, .csv or
    .parquet; columns id, text and, if you have them, title, before, after), one row a sentence written to --output.
    Rows that cannot be read are named and left out; the exit code is then 3.
    """
    if source is None:
        if output is not None:
            raise UserError("--output goes with an INPUT file.", what_next="Name the file to read before --output.")
        where = ready(home, plain=plain)
        if plain:
            from flows.plain import judge as flow
        else:
            from flows.judge import judge as flow
        click.echo(f"{flow(where)} stories read.")
        return 0
    if output is None:
        raise UserError("Where should the results go?", what_next="Add --output FILE (.jsonl, .csv or .parquet).")
    from flows.judge_file import judge_file

    done = judge_file(source, output, unit=unit, headlines=headlines, tell=lambda line: click.echo(line, err=True))
    click.echo(f"{done.rows} rows read, {done.sentences} sentences written to {output}.")
    if done.left_out:
        click.echo(f"{done.left_out} rows could not be read and were left out.", err=True)
    return PARTIAL if done.left_out else 0


@click.command()
@WEEK
@click.option("--open", "show", is_flag=True, help="Open the page in the browser.")
@click.pass_obj
def report(home: Path, week: str, *, show: bool) -> None:
    """Write the pages of one week for every region of the workspace."""
    from flows import plain, stages

    where = ready(home, plain=True)
    path = plain.weekly(where, week or stages.last_full_week(where))
    click.echo(f"Report: {path}")
    if show:
        click.launch(str(path))


@click.command()
@WEEK
@PLAIN
@click.pass_obj
def run(home: Path, week: str, *, plain: bool) -> int:
    """Collect, judge and report in one go."""
    from flows import stages
    from flows.bench import bench

    where = ready(home, plain=plain, feeds=True)
    started = bench(where).clock()
    if plain:
        from flows.plain import run as flow
    else:
        from flows.run import run as flow  # type: ignore[assignment]
    path = flow(where, week)
    code = tell_collected(stages.visits_since(where, started))
    click.echo(f"Report: {path}")
    return code


@click.command()
@click.option("--cron", default="30 6 * * 1", show_default=True, help="When, in London time.")
@click.pass_obj
def schedule(home: Path, cron: str) -> None:
    """Stay running and do the week's work on schedule (Mondays 06:30, London time, unless you say otherwise)."""
    where = ready(home, plain=False, feeds=True)
    from flows.schedule import serve

    click.echo(f"Serving the weekly run of {home} (cron {cron}, Europe/London). Stop with Ctrl-C.")
    serve(where, cron)
