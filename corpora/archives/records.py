"""What the readers of archives hand over: rows, rows that cannot be read, and where to go on after each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in an archive from which reading can go on."""

    base: int = 0
    """Byte of the file: where a gzip member starts, or of a plain file the next byte to read."""
    within: int = 0
    """Bytes of that member, unpacked, that have been read."""
    number: int = 0
    """Rows, records or pages read so far."""
    name: str = ""
    """Of a folder: the last page read, relative to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One candidate for a story, as the archive has it; nothing of it has been believed yet."""

    place: str
    """Where it stands: `line 3`, `record 17 (byte 40213)`, or the name of a page."""
    url: str = ""
    title: str = ""
    text: str = ""
    html: bytes = b""
    """The page, where the archive holds pages; then title, text, byline and time are taken from it."""
    published: str = ""
    captured: str = ""
    """When the archive got hold of it; empty where the archive does not say."""
    outlet: str = ""
    """What the archive calls the outlet."""
    byline: str = ""
    reserved: bool = False
    """The answer it came with reserves it from text and data mining."""
    problem: str = ""
    """Why its page cannot be used, although its address is known; goes on from the place: `was cut off`."""

    @property
    def size(self) -> int:
        """Bytes and characters it holds."""
        return len(self.html) + len(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that cannot be read, while those around it can."""

    place: str
    problem: str
    """Goes on from the place: `is not JSON`."""


Step = tuple[Position, Row | BadRow | None]
"""Where to go on after this row, and the row; None stands for something that is no story's (an image, a redirect)."""


class Archive(Protocol):
    """An opened archive."""

    def rows(self, start: Position) -> Iterator[Step]:
        """Read from a position on."""
        ...

    def done(self) -> float:
        """Share of it that has been read, 0 to 1."""
        ...

    def close(self) -> None:
        """Give back what is open."""
        ...
