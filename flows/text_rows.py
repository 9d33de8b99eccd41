"""How rows of a researcher's file become texts to be read: checked one by one, a bad one told and left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from corpora.errors import BadInput
from flows.tables_io import BadRow, read_rows

_HALF = re.compile("[\ud800-\udfff]")

ROWS = 500
"""Rows read at once."""
CHARACTERS = 500_000
"""A batch is closed once its texts are as long: 500 long stories at once would not fit a small machine."""
COLUMNS = ("id", "text", "title", "before", "after")


class TextRows:
    """The rows of one file that can be read, in batches.

    Args:
        source: Rows with `id` and `text`, optionally `title`, `before`, `after`.
        tell: Takes one line for each row left out, with its place in the file.

    Raises:
        BadInput: The file cannot be used at all, or no row of it can be read.
    """

    def __init__(self, source: Path, tell: Callable[[str], object]) -> None:
        self.left_out = 0
        self._source, self._tell = source, tell
        self._rows = self._checked(read_rows(source, needs=("id", "text")))
        self._first = next(self._rows, None)
        if self._first is None:
            found = "no row that can be read" if self.left_out else "no rows"
            raise BadInput(f"{source.name} holds {found}.", what_next="One row a text, with the columns id and text.")

    def __iter__(self) -> Iterator[dict[str, str]]:
        """Yield the rows, every column a text."""
        if self._first is not None:
            yield self._first
        yield from self._rows

    def batches(self) -> Iterator[list[dict[str, str]]]:
        """Yield the rows in batches that fit a small machine."""
        some: list[dict[str, str]] = []
        size = 0
        for row in self:
            some.append(row)
            size += len(row["text"])
            if len(some) == ROWS or size >= CHARACTERS:
                yield some
                some, size = [], 0
        if some:
            yield some

    def _checked(self, rows: Iterable[tuple[str, dict[str, Any]] | BadRow]) -> Iterator[dict[str, str]]:
        for one in rows:
            if isinstance(one, BadRow):
                self._leave_out(one)
                continue
            place, row = one
            problem = next((said for name in ("id", "text") if (said := _unusable(name, row.get(name)))), "")
            if problem:
                self._leave_out(BadRow(place=place, problem=problem))
            else:
                yield {name: _whole(row.get(name)) for name in COLUMNS}

    def _leave_out(self, bad: BadRow) -> None:
        self.left_out += 1
        self._tell(f"{self._source.name} {bad.place} {bad.problem}; left out.")


def _unusable(name: str, value: Any) -> str:
    if value in (None, ""):
        return f"has no `{name}`"
    return f"has a `{name}` that is not text" if isinstance(value, dict | list) else ""


def _whole(value: Any) -> str:
    """Text without halves of surrogate pairs (JSON can carry them, nothing can write them); offsets stay."""
    return _HALF.sub("\ufffd", str(value if value is not None else ""))
