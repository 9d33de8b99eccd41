"""Command `locate`: which local authorities texts, or names in them, are about."""

from __future__ import annotations

from pathlib import Path

import click

from flows.cli_work import PARTIAL


@click.command()
@click.argument("source", type=click.Path(path_type=Path), metavar="INPUT")
@click.option(
    "--output", required=True, type=click.Path(path_type=Path), help="File to write (.jsonl, .csv, .parquet)."
)
@click.option(
    "--gazetteer",
    type=click.Path(path_type=Path),
    help="Your own gazetteer (CSV with name, kind, lad25cd; lat, lon, population help). Default: the one that ships.",
)
def locate(source: Path, output: Path, gazetteer: Path | None) -> int:
    """Say which local authorities (2025 codes) texts are about, and stay silent where that is not sure.

    INPUT: your own file (.jsonl, .csv or .parquet) with the columns id, text and, if you have them, outlet_areas
    (authority codes of the title's area, | between them; older codes will do), title, url, and toponym: then it is said
    where that one name lies. Written: one row for each, with lads (code, name, score, method), or none and a reason.
    Rows that cannot be read are named and left out; the exit code is then 3.
    """
    from flows.locate_file import locate_file

    done = locate_file(source, output, gazetteer=gazetteer, tell=lambda line: click.echo(line, err=True))
    click.echo(f"{done.rows} rows, {done.located} of them placed, written to {output}.")
    if done.left_out:
        click.echo(f"{done.left_out} rows could not be read and were left out.", err=True)
    return PARTIAL if done.left_out else 0
