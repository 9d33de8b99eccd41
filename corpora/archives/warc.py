"""How the records of a WARC file become rows: pages that answered with 200, as CC-NEWS and most crawlers keep them.

Written for files that lie: no record is believed about its length until the next one begins where it says, and where
something is damaged reading goes on at the next record that can be found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from corpora.archives.http import parse_answer
from corpora.archives.records import BadRow, Position, Row, Step
from corpora.archives.streams import PIECE, Bytes, Damaged
from corpora.pages import LARGEST_PAGE

LONGEST_HEAD = 64 * 1024
"""Bytes of a record's own header."""
LARGEST_ANSWER = LARGEST_PAGE + 512 * 1024
"""Bytes of an answer that are read, with its header and the framing of its chunks; no longer one is an article."""
MOST_DAMAGED = 1_000
"""Damaged places after which a file is given up."""
LONGEST_URL = 4_096
MOST_BLANKS = 64
"""Line ends between two records; the standard says four."""

_START = b"WARC/1."
_VERSION = re.compile(rb"WARC/1\.\d{1,2}\s*$")
_LENGTH = re.compile(r"\d{1,15}")


class _Odd(Exception):
    """A record that is not what it says; reading goes on at the next line that begins one."""


class _Over(Exception):
    """The file is at its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """A record's header."""

    fields: dict[str, str]
    length: int

    @property
    def url(self) -> str:
        # A draft of the standard put angle brackets around addresses, and wget still does.
        return self.fields.get("warc-target-uri", "").strip("<> ")

    @property
    def is_answer(self) -> bool:
        asked = self.url.lower().startswith(("http://", "https://")) and len(self.url) <= LONGEST_URL
        kind = self.fields.get("content-type", "").lower()
        return self.fields.get("warc-type", "").lower() == "response" and asked and kind.startswith("application/http")


class Warc:
    """A WARC file, plain or packed by gzip (record by record, or whole)."""

    def __init__(self, path: Path) -> None:
        """Open a file.

        Raises:
            BadInput: It cannot be opened.
        """
        self.path = path
        self._bytes = Bytes(path)
        self._number = self._damaged = 0

    def done(self) -> float:
        """Share of the file that has been read."""
        return self._bytes.share()

    def close(self) -> None:
        """Close the file."""
        self._bytes.close()

    def rows(self, start: Position) -> Iterator[Step]:
        """Read from a position on."""
        self._number = start.number
        try:
            self._bytes.seek(start.base, start.within)
        except Damaged as damage:
            yield start, BadRow(place=f"byte {start.base}", problem=f"{damage.problem}; the rest is left out")
            return
        going_on = True
        while going_on:
            base, within = self._bytes.tell()
            self._number += 1
            place = f"record {self._number} (byte {base}{f' + {within}' if within else ''})"
            row: Row | BadRow | None
            try:
                row = self._record(place)
            except _Over:
                return
            except (_Odd, Damaged) as error:
                self._damaged += 1
                going_on = self._damaged < MOST_DAMAGED and self._found_next(damaged=isinstance(error, Damaged))
                row = BadRow(place=place, problem=f"{error}" if going_on else f"{error}; the rest is left out")
            yield self._here(), row

    def _here(self) -> Position:
        base, within = self._bytes.tell()
        return Position(base=base, within=within, number=self._number)

    def _record(self, place: str) -> Row | None:
        head = self._head()
        after_head = self._bytes.tell()
        try:
            content = self._content(head)
            self._check_end()
        except _Odd:
            if not self._bytes.packed:
                # What it would have read over may hold other records. (In a packed file they are unpacked by now.)
                self._bytes.seek(*after_head)
            raise
        if not head.is_answer:
            return None
        row = Row(place=place, url=head.url, captured=head.fields.get("warc-date", ""))
        if content is None:
            return replace(row, problem=f"is larger than {LARGEST_PAGE:,} bytes")
        answer = parse_answer(content)
        if answer is None:
            return None
        problem = "was cut off by its crawler" if "warc-truncated" in head.fields else answer.problem
        return replace(row, html=answer.page, reserved=answer.reserved, problem=problem)

    def _head(self) -> _Head:
        line = self._first_line()
        if _VERSION.match(line) is None:
            raise _Odd("is not a WARC record")
        fields: dict[str, str] = {}
        name, size = "", 0
        while (line := self._bytes.readline(LONGEST_HEAD)).strip():
            size += len(line)
            if size > LONGEST_HEAD:
                raise _Odd("has a header without an end")
            text = line.decode("utf-8", "replace")
            if text[0] in " \t" and name:
                fields[name] += f" {text.strip()}"
                continue
            name, _, value = text.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
        if not line:
            raise _Odd("is cut off")
        length = _LENGTH.fullmatch(fields.get("content-length", ""))
        if length is None:
            raise _Odd("does not say how long it is")
        return _Head(fields=fields, length=int(length.group()))

    def _first_line(self) -> bytes:
        for _ in range(MOST_BLANKS):
            line = self._bytes.readline(LONGEST_HEAD)
            if not line:
                raise _Over
            if line.strip():
                return line
        raise _Odd("is not a WARC record")

    def _content(self, head: _Head) -> bytes | None:
        """The content of a record; empty for those that are no answers, None for a larger one than is read."""
        wanted = head.is_answer and head.length <= LARGEST_ANSWER
        if not wanted and not self._bytes.packed:
            if self._bytes.skip(head.length) < head.length:
                raise _Odd("is shorter than it says")
            return None if head.is_answer else b""
        parts: list[bytes] = []
        left = head.length
        while left > 0:
            if self._bytes.member_over() and self._bytes.peek(len(_START)) == _START:
                raise _Odd("is shorter than it says")
            piece = self._bytes.read(min(left, PIECE))
            if not piece:
                raise _Odd("is cut off")
            left -= len(piece)
            if wanted:
                parts.append(piece)
        return b"".join(parts) if wanted or not head.is_answer else None

    def _check_end(self) -> None:
        """See that the record ends as the standard has it, or that another one, or nothing, follows."""
        ends = b""
        while len(ends) < MOST_BLANKS:
            if self._bytes.member_over():
                return
            if self._bytes.peek(1) not in {b"\r", b"\n"}:
                break
            ends += self._bytes.read(1)
        if not ends.startswith(b"\r\n\r\n") and self._bytes.peek(len(_START)) not in {_START, b""}:
            raise _Odd("does not end where it says")

    def _found_next(self, *, damaged: bool) -> bool:
        """Go to the next record that can be found; False where there is none."""
        while True:
            if damaged and not (self._bytes.packed and self._bytes.next_member(self._bytes.member + 1)):
                return False
            try:
                return self._bytes.find_line(_START)
            except Damaged:
                self._damaged += 1
                damaged = True
                if self._damaged >= MOST_DAMAGED:
                    return False
