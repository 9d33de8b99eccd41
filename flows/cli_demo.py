"""Command `demo`: the whole path on an invented county, offline, in about a minute."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click

from flows.settings import default_home


@click.command()
@click.option("--plain", is_flag=True, help="Run without Prefect; the results are the same.")
@click.option(
    "--open/--no-open", "show", default=None, help="Open the report in the browser. Default: when there is a screen."
)
@click.pass_obj
def demo(home: Path, *, plain: bool, show: bool | None) -> None:
    """Collect, read and report twelve weeks of news from Orrenshire, a county that does not exist.

    Its nine papers are served on this computer and collected like real ones. Nothing leaves the computer. The
    workspace goes into ./demo-data, or into --home.
    """
    from flows.demo import clear, play
    from flows.prefect_settings import prepare

    where = Path("demo-data") if home == default_home() else home
    where = where.resolve()
    clear(where)
    started = time.monotonic()
    click.echo("Orrenshire, an invented county: 4 districts, 9 outlets, 12 weeks of invented news.")
    if plain:
        from flows.plain import collect, run
    else:
        prepare(where)
        click.echo("Starting Prefect on this computer (some seconds)...")
        from flows.collect import collect  # type: ignore[assignment]
        from flows.run import run  # type: ignore[assignment]
    path = play(where, collect=collect, run=run, tell=click.echo)
    click.echo(f"Done in {time.monotonic() - started:.0f} s.\nReport: {path}")
    if has_screen() if show is None else show:
        click.launch(str(path))


def has_screen() -> bool:
    """Whether a browser window could be shown."""
    if sys.platform in {"darwin", "win32"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
