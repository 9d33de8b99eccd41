"""How JSONL and CSV archives (packed by gzip or not) become rows, however long a line or a file is."""

from __future__ import annotations

import csv
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpora.archives.columns import meanings, row_of
from corpora.archives.records import BadRow, Position, Step
from corpora.archives.streams import Bytes, Damaged
from corpora.errors import BadInput

LONGEST_LINE = 8 * 1024 * 1024
"""Bytes of one row."""

MOST_BLANKS = 100_000
"""Blank lines of a JSONL file, one after another, after which nothing is expected any more."""
MOST_RETURNS = 100
"""Times that lines are read again since a quote before them was not closed."""

NEEDS = (
    "It needs the columns url and title, and text (or html); published, captured, outlet and byline where it has them."
)

_UNDECODED = re.compile("[\udc80-\udcff]")


class _Lines(ABC):
    """An archive that is read line by line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._bytes = Bytes(path)

    def done(self) -> float:
        """Share of the file that has been read."""
        return self._bytes.share()

    def close(self) -> None:
        """Close the file."""
        self._bytes.close()

    def rows(self, start: Position) -> Iterator[Step]:
        """Read from a position on; where the file cannot be unpacked any further, that is the last row."""
        self._number = start.number
        try:
            yield from self._rows(start)
        except Damaged as damage:
            place = f"after {self._place} {self._number}" if self._number else "at its start"
            yield self._here(), BadRow(place=place, problem=f"{damage.problem}; the rest is left out")

    _place = "line"

    @abstractmethod
    def _rows(self, start: Position) -> Iterator[Step]: ...

    def _here(self) -> Position:
        base, within = self._bytes.tell()
        return Position(base=base, within=within, number=self._number)

    def _line(self) -> bytes | None:
        """The next line; None for one that is too long, which is read over."""
        line = self._bytes.readline(LONGEST_LINE)
        self._number += bool(line)
        if len(line) < LONGEST_LINE or line.endswith(b"\n"):
            return line
        while (more := self._bytes.readline(LONGEST_LINE)) and not more.endswith(b"\n"):
            pass
        return None


class JsonLines(_Lines):
    """One JSON object a line."""

    def _rows(self, start: Position) -> Iterator[Step]:
        self._bytes.seek(start.base, start.within)
        blank = 0
        while (line := self._line()) != b"":
            place = f"line {self._number}"
            if line is None:
                yield self._here(), BadRow(place=place, problem=f"is longer than {LONGEST_LINE:,} bytes")
            elif line.strip():
                blank = 0
                yield self._here(), _object(place, line)
            else:
                blank += 1
                if blank >= MOST_BLANKS:
                    raise Damaged("is followed by blank lines without end")


def _object(place: str, line: bytes) -> Any:
    try:
        cells = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return BadRow(place=place, problem="is not UTF-8 text")
    except (ValueError, RecursionError):
        return BadRow(place=place, problem="is not JSON")
    if not isinstance(cells, dict):
        return BadRow(place=place, problem="is not a JSON object")
    return row_of(place, cells)


class Csv(_Lines):
    """Comma-separated (or, by another delimiter, tab-separated) values under a line of names."""

    def __init__(self, path: Path, *, delimiter: str = ",") -> None:
        """Open a file and read its names.

        Raises:
            BadInput: It has no names, or lacks a column.
        """
        super().__init__(path)
        self._delimiter = delimiter
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        path, self._number = self.path, 0
        csv.field_size_limit(LONGEST_LINE)
        try:
            self._names = next(self._reader(), [])
        except (csv.Error, Damaged) as error:
            raise BadInput(f"{path.name} is not a CSV file: {error}.", what_next=NEEDS) from error
        if any(_UNDECODED.search(name) or "\x00" in name for name in self._names):
            raise BadInput(f"{path.name} is not UTF-8 text.", what_next="Save it as UTF-8 and try again.")
        self._known = meanings(self._names)
        self._first = self._here()
        check_columns(path, self._known, names=bool(self._names))

    def _reader(self) -> Iterator[list[str]]:
        # Strict, lest a quote that is never closed swallow the rest of the file without a word.
        return csv.reader(self._text(), delimiter=self._delimiter, strict=True)

    def _text(self) -> Iterator[str]:
        while (line := self._line()) != b"":
            if not self._fed:
                self._second = self._here()
            if line is None:
                raise csv.Error("line too long")
            self._fed += len(line)
            if self._fed > LONGEST_LINE:
                raise csv.Error("row too long")
            yield line.decode("utf-8-sig" if self._number == 1 else "utf-8", "surrogateescape")

    _fed = 0
    """Bytes of the row that is being read."""
    _second = Position()
    """Where the second line of it begins, if it has one."""
    _returns = 0

    def _rows(self, start: Position) -> Iterator[Step]:
        start = start if start.number else self._first
        self._number = start.number
        self._bytes.seek(start.base, start.within)
        reader = self._reader()
        while True:
            self._fed = 0
            place = f"line {self._number + 1}"
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if self._number > self._second.number and self._returns < MOST_RETURNS:
                    # A quote that was not closed: only its line is lost, not those it ran on into.
                    self._returns += 1
                    self._number = self._second.number
                    self._bytes.seek(self._second.base, self._second.within)
                yield self._here(), BadRow(place=place, problem=f"is not CSV ({error})")
                reader = self._reader()
                continue
            if any(_UNDECODED.search(cell) for cell in cells):
                yield self._here(), BadRow(place=place, problem="is not UTF-8 text")
            elif cells:
                yield self._here(), row_of(place, dict(zip(self._names, cells, strict=False)), self._known)


def check_columns(path: Path, known: dict[str, list[str]], *, names: bool) -> None:
    """Refuse a table that cannot hold a story.

    Raises:
        BadInput: No address, or neither title nor page.
    """
    lacking = "url" if not known["url"] else "title" if not (known["title"] or known["html"]) else ""
    if lacking and names:
        raise BadInput(f"{path.name} has no column `{lacking}`.", what_next=NEEDS)
    if not names:
        raise BadInput(f"{path.name} holds no rows.", what_next=NEEDS)
