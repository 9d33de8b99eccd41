"""How a researcher's own file is read for the three frames: one row a sentence out, nothing stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from corpora.errors import BadInput
from flows.progress import bar
from flows.tables_io import BadRow, Kind, check_output, read_rows, written

T = TypeVar("T")

_HALF = re.compile("[\ud800-\udfff]")

ROWS = 500
"""Rows judged at once."""
CHARACTERS = 500_000
"""A batch is closed once its texts are as long: 500 long stories at once would not fit a small machine."""

KINDS: dict[str, Kind] = {
    "id": "text",
    "unit": "text",
    "start": "integer",
    "end": "integer",
    "us_them": "number",
    "blame": "number",
    "shared_story": "number",
    "us_them_flag": "text",
    "blame_flag": "text",
    "shared_story_flag": "text",
    "us_them_contested": "number",
    "blame_contested": "number",
    "shared_story_contested": "number",
    "groups": "texts",
    "problems": "texts",
    "voice": "text",
    "stance": "text",
    "structural_cause": "text",
    "evidence": "spans",
    "coder": "text",
}
"""Columns of the result, in order, and what they hold."""

COLUMNS = list(KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of a file."""

    rows: int
    """Rows read and judged."""
    sentences: int
    """Sentences written."""
    left_out: int
    """Rows that could not be read; each has been told."""


def judge_file(
    source: Path, output: Path, *, unit: str, headlines: bool, tell: Callable[[str], object] = lambda _: None
) -> Judged:
    """Judge a file. A row that cannot be read is told and left out, the others are written.

    Args:
        source: Rows with `id` and `text`, optionally `title`, `before`, `after`.
        output: File to write; replaced only when all is done.
        unit: `sentence` or `story`.
        headlines: With `story`, whether each title gets a row of its own.
        tell: Takes one line for each row left out, with its place in the file.

    Raises:
        BadInput: A file cannot be used at all, or no row of it can be read.
    """
    from models.judge import load_judge

    check_output(output)
    if output.exists() and source.exists() and output.samefile(source):
        raise BadInput(f"{output.name} is the file to be read.", what_next="Name another file for the results.")
    left_out: list[int] = [0]

    def leave_out(bad: BadRow) -> None:
        left_out[0] += 1
        tell(f"{source.name} {bad.place} {bad.problem}; left out.")

    rows = _checked(read_rows(source, needs=("id", "text")), leave_out)
    first = next(rows, None)
    if first is None:
        found = "no row that can be read" if left_out[0] else "no rows"
        raise BadInput(f"{source.name} holds {found}.", what_next="One row a text, with the columns id and text.")
    judge = load_judge()
    n_rows = n_sentences = 0
    with written(output, KINDS) as out:
        for some in bar(_batches(_chain(first, rows)), "Reading", 0):
            n_rows += len(some)
            done = judge.code_units(some) if unit == "sentence" else judge.code_texts(some, headlines=headlines)
            n_sentences += len(done)
            out.write(done)
    return Judged(rows=n_rows, sentences=n_sentences, left_out=left_out[0])


def _checked(
    rows: Iterable[tuple[str, dict[str, Any]] | BadRow], leave_out: Callable[[BadRow], None]
) -> Iterator[dict[str, str]]:
    for one in rows:
        if isinstance(one, BadRow):
            leave_out(one)
            continue
        place, row = one
        problem = next((said for name in ("id", "text") if (said := _unusable(name, row.get(name)))), "")
        if problem:
            leave_out(BadRow(place=place, problem=problem))
        else:
            yield {name: _whole(row.get(name)) for name in ("id", "text", "title", "before", "after")}


def _unusable(name: str, value: Any) -> str:
    if value in (None, ""):
        return f"has no `{name}`"
    return f"has a `{name}` that is not text" if isinstance(value, dict | list) else ""


def _whole(value: Any) -> str:
    """Text without halves of surrogate pairs (JSON can carry them, nothing can write them); offsets stay."""
    return _HALF.sub("\ufffd", str(value if value is not None else ""))


def _chain(first: T, rest: Iterable[T]) -> Iterator[T]:
    yield first
    yield from rest


def _batches(rows: Iterator[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    some: list[dict[str, str]] = []
    size = 0
    for row in rows:
        some.append(row)
        size += len(row["text"])
        if len(some) == ROWS or size >= CHARACTERS:
            yield some
            some, size = [], 0
    if some:
        yield some
