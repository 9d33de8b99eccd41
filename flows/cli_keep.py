"""Commands about what is kept: `forget` takes one story out, `keep` says how long full texts stay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.settings import MOST_DAYS, Workspace, load_workspace

if TYPE_CHECKING:
    from flows.forget import Forgotten

PARTIAL = 3
"""Exit code where something is left that a person has to remove."""


@click.command()
@click.argument("url")
@click.option("--reports", is_flag=True, help="Also delete the reports that quote it.")
@click.option("--dry-run", is_flag=True, help="Only show what would go.")
@click.pass_obj
def forget(home: Path, url: str, *, reports: bool, dry_run: bool) -> int:
    """Take the story at URL out for good: every version, sentence and label, and every copy in the workspace.

    Only a hash of its address stays, so that it is not collected again. Any spelling of the address will do.
    """
    load_workspace(home)
    from flows.bench import bench
    from flows.forget import forget as take_out
    from flows.forget import kept_elsewhere

    done = take_out(str(home), url, reports=reports, dry_run=dry_run)
    click.echo(_headline(done, dry_run=dry_run))
    _list("The same text is kept under other addresses; forget them too if it is to go:", done.copies)
    gone = [one.name for one in done.removed]
    _list("Removed with it:", gone)
    weeks = [one.name for one in done.reports]
    if done.reports_gone:
        _list("Reports deleted because they quote it:", weeks)
    else:
        _list("Reports that quote it, written earlier:", weeks)
        if weeks:
            click.echo("  Write them again (`sharedstory report --week ...`), or add --reports to delete them.")
    if dry_run:
        return 0
    if done.title:
        click.echo("Reports written from now on no longer count it.")
    click.echo(kept_elsewhere(bench(str(home)).store))
    if done.left:
        click.echo("These files still hold words of it:", err=True)
        for path in done.left:
            click.echo(f"  {path}", err=True)
        click.echo("Stop what uses them (`sharedstory schedule`) and delete them, or run this again.", err=True)
    if not done.emptied:
        click.echo(
            "Another process is reading the store, whose log could not be emptied. Run this again when it has ended.",
            err=True,
        )
    return PARTIAL if done.left or not done.emptied or (weeks and not done.reports_gone) else 0


def _headline(done: Forgotten, *, dry_run: bool) -> str:
    if not done.title and done.before is not None:
        return f"{done.url} was taken out on {done.before:%d %B %Y} already."
    versions = "one version" if done.versions == 1 else f"{done.versions} versions"
    return f"{'Would forget' if dry_run else 'Forgotten'}: {done.title} ({done.url}), {versions}."


def _list(heading: str, lines: list[str] | tuple[str, ...]) -> None:
    if lines:
        click.echo("\n".join([heading, *(f"  {line}" for line in lines)]))


@click.command()
@click.option(
    "--days",
    type=click.IntRange(-1, MOST_DAYS),
    default=None,
    help="Keep full texts so many days; 0: until they are read; -1: for ever.",
)
@click.option("--now", "at_once", is_flag=True, help="Let go of what has been kept long enough, without a weekly run.")
@click.pass_obj
def keep(home: Path, days: int | None, *, at_once: bool) -> None:
    """Say how long full texts are kept, and what is held; --days changes it.

    When a text goes, its title, address, labels, and the sentences that are flagged or name a group stay. The weekly
    run sees to it.
    """
    workspace = load_workspace(home)
    if days is not None and days != workspace.full_text_days:
        workspace = replace(workspace, full_text_days=days)
        workspace.save()
    from flows import stages
    from flows.bench import bench

    if at_once:
        click.echo(f"{stages.tidy(str(home))} full texts were let go.")
    held = bench(str(home)).store.holdings()
    click.echo(_rule(workspace))
    since = "" if held.oldest is None else f", the oldest since {held.oldest:%d %B %Y}"
    click.echo(f"Held: {held.texts} full texts of {held.versions}{since}; {held.sentences} single sentences.")


def _rule(workspace: Workspace) -> str:
    days = workspace.full_text_days
    if days < 0:
        return "Full texts are kept for ever."
    when = f"{days} days after they are seen" if days else "when they have been read"
    return f"Full texts go {when}; sentences that are flagged or name a group stay."
