"""How a researcher's own file is read for the three frames: one row a sentence out, nothing stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from corpora.errors import BadInput
from flows.progress import bar
from flows.tables_io import check_output, read_rows, written

T = TypeVar("T")

_HALF = re.compile("[\ud800-\udfff]")

ROWS = 500
"""Rows judged at once."""

COLUMNS = [
    "id", "unit", "start", "end", "us_them", "blame", "shared_story", "us_them_flag", "blame_flag", "shared_story_flag",
    "us_them_contested", "blame_contested", "groups", "voice", "coder",
]  # fmt: skip


def judge_file(source: Path, output: Path, *, unit: str, headlines: bool) -> tuple[int, int]:
    """Judge a file.

    Args:
        source: Rows with `id` and `text`, optionally `title`, `before`, `after`.
        output: File to write; replaced only when all is done.
        unit: `sentence` or `story`.
        headlines: With `story`, whether each title gets a row of its own.

    Returns:
        (rows read, sentences written).

    Raises:
        BadInput: A row lacks `id` or `text`, or a file cannot be used.
    """
    from models.judge import load_judge

    check_output(output)
    if output.exists() and source.exists() and output.samefile(source):
        raise BadInput(f"{output.name} is the file to be read.", what_next="Name another file for the results.")
    rows = _checked(read_rows(source), source)
    first = next(rows, None)
    if first is None:
        raise BadInput(f"{source.name} holds no rows.", what_next="One row a text, with the columns id and text.")
    judge = load_judge()
    n_rows = n_sentences = 0
    with written(output, COLUMNS) as out:
        for some in bar(_chunks(_chain(first, rows), ROWS), "Reading", 0):
            n_rows += len(some)
            done = judge.code_units(some) if unit == "sentence" else judge.code_texts(some, headlines=headlines)
            n_sentences += len(done)
            out.write(done)
    return n_rows, n_sentences


def _checked(rows: Iterable[dict[str, Any]], source: Path) -> Iterator[dict[str, str]]:
    for number, row in enumerate(rows, start=1):
        for name in ("id", "text"):
            if row.get(name) in (None, ""):
                raise BadInput(
                    f"{source.name} row {number} has no `{name}`.", what_next="Every row needs the columns id and text."
                )
        yield {name: _whole(row.get(name)) for name in ("id", "text", "title", "before", "after")}


def _whole(value: Any) -> str:
    """Text without halves of surrogate pairs (JSON can carry them, nothing can write them); offsets stay."""
    return _HALF.sub("\ufffd", str(value if value is not None else ""))


def _chain(first: T, rest: Iterable[T]) -> Iterator[T]:
    yield first
    yield from rest


def _chunks(rows: Iterator[T], size: int) -> Iterator[list[T]]:
    while some := list(islice(rows, size)):
        yield some
