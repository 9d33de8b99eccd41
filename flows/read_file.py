"""How a researcher's file of stories is read in full: one JSON object a story, nothing stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from corpora.errors import BadInput
from flows.progress import bar
from flows.tables_io import check_output, written
from flows.text_rows import TextRows

SUFFIXES = (".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadThrough:
    """What became of a file."""

    stories: int
    sentences: int
    left_out: int
    """Rows that could not be read; each has been told."""


def read_file(source: Path, output: Path, *, tell: Callable[[str], object] = lambda _: None) -> ReadThrough:
    """Read every story of a file. A row that cannot be read is told and left out, the others are written.

    Args:
        source: Rows with `id` and `text`, optionally `title` (.jsonl, .csv or .parquet).
        output: File of JSON lines to write; replaced only when all is done.
        tell: Takes one line for each row left out, with its place in the file.

    Raises:
        BadInput: A file cannot be used at all, or no row of it can be read.
    """
    from models.stories import load_story_reader

    _check(output)
    if output.exists() and source.exists() and output.samefile(source):
        raise BadInput(f"{output.name} is the file to be read.", what_next="Name another file for the results.")
    rows = TextRows(source, tell)
    reader = load_story_reader()
    stories = sentences = 0
    with written(output, {}) as out:
        for some in bar(rows.batches(), "Reading", 0):
            done = reader.read(some)
            stories += len(done)
            sentences += sum(len(story["sentences"]) + (story["headline"] is not None) for story in done)
            out.write(done)
    return ReadThrough(stories=stories, sentences=sentences, left_out=rows.left_out)


def _check(output: Path) -> None:
    if output.suffix.lower() not in SUFFIXES:
        raise BadInput(
            f"{output.name}: a story holds lists within lists, which only JSON lines can carry.",
            what_next="Use a name that ends in .jsonl (for one flat row a sentence, use `sharedstory judge`).",
        )
    check_output(output)
