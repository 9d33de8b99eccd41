"""Commands that read stories in full: `read` a file of them, `show` one."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

from corpora.errors import BadInput
from flows.cli_work import PARTIAL


@click.command()
@click.argument("source", type=click.Path(path_type=Path), metavar="INPUT")
@click.option("--output", required=True, type=click.Path(path_type=Path), help="File to write (.jsonl).")
def read(source: Path, output: Path) -> int:
    """Read stories in full: who says it, of whom, for what, and where the structural cause is left out.

    INPUT: your own file (.jsonl, .csv or .parquet) with the columns id, text and, if you have it, title. Written: one
    JSON object a story, with voice, speaker, groups, blame, frames and evidence of every sentence. Rows that cannot be
    read are named and left out; the exit code is then 3.
    """
    from flows.read_file import read_file

    done = read_file(source, output, tell=lambda line: click.echo(line, err=True))
    click.echo(f"{done.stories} stories with {done.sentences} sentences written to {output}.")
    if done.left_out:
        click.echo(f"{done.left_out} rows could not be read and were left out.", err=True)
    return PARTIAL if done.left_out else 0


@click.command()
@click.argument("source", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--id", "story_id", default="", help="Which story of a file of several. Default: the first.")
@click.option("--html", is_flag=True, help="Write a page instead.")
@click.option(
    "--output", type=click.Path(path_type=Path), help="With --html: file to write. Default: FILE's name, .html."
)
@click.option("--open", "launch", is_flag=True, help="With --html: open the page in the browser.")
def show(source: Path, story_id: str, output: Path | None, *, html: bool, launch: bool) -> None:
    """Show one story with its frames, voices, groups and blame, sentence by sentence.

    FILE: a text file (headline, blank line, story), or rows with the columns id, text and title (.jsonl, .csv or
    .parquet).
    """
    from flows.show_story import load_story, read_one

    story = load_story(source, story_id)
    if not html:
        from reports.story_text import story_text

        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        width = min(100, shutil.get_terminal_size((88, 24)).columns)
        click.echo(story_text(story, read_one(story), width=width, colour=colour))
        return
    path = output or Path(f"{source.stem}.html")
    if not path.absolute().parent.is_dir():
        raise BadInput(f"There is no folder {path.absolute().parent}.", what_next="Make it first.")
    if path.is_dir() or (path.exists() and path.samefile(source)):
        raise BadInput(f"{path} cannot be written over.", what_next="Name another file with --output.")
    from reports.story_page import story_html

    path.write_text(story_html(story, read_one(story)), encoding="utf-8", errors="replace")
    click.echo(f"Page: {path}")
    if launch:
        click.launch(str(path))
