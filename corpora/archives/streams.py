"""How a file, packed by gzip or not, is read in small pieces: what it unpacks to may be larger than the memory."""

from __future__ import annotations

import zlib
from pathlib import Path

from corpora.errors import BadInput

PIECE = 64 * 1024
FREE_BYTES = 64 * 1024 * 1024
"""Bytes one gzip member may unpack to whatever its packed size."""
MOST_TIMES = 250
"""Times its packed size that a larger member may unpack to; news text packs to a fifth, a bomb to a thousandth."""

MAGIC = b"\x1f\x8b\x08"


class Damaged(Exception):
    """The file cannot be unpacked from here on."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def inflate(body: bytes, *, wbits: int, most: int) -> bytes:
    """Unpack at most `most` bytes of `body`.

    Args:
        body: Packed bytes.
        wbits: As zlib takes it: 31 for gzip, 15 for zlib, -15 for a bare stream.
        most: Bytes after which unpacking stops.

    Raises:
        zlib.error: It is not packed like that.
    """
    return zlib.decompressobj(wbits=wbits).decompress(body, most)


class Bytes:
    """The bytes of a file, unpacked; memory stays flat. Raises `Damaged` where it cannot go on.

    A buffer never reaches over the end of a gzip member, so that `tell` can name a place to go on from.
    """

    def __init__(self, path: Path) -> None:
        """Open a file.

        Raises:
            BadInput: It is missing or cannot be opened.
        """
        try:
            self._file = path.open("rb")
            self.size = path.stat().st_size
            self.packed = self._file.read(2) == MAGIC[:2]
        except OSError as error:
            raise BadInput(f"{path} cannot be read: {error.strerror}.", what_next="Check the name.") from error
        self.seek(0, 0)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def share(self) -> float:
        """Share of the file that has been read."""
        return min(1.0, self._file.tell() / self.size) if self.size else 1.0

    def tell(self) -> tuple[int, int]:
        """Where the next byte is: start of its gzip member (or its own place in a plain file), and bytes into it."""
        if not self.packed:
            return self._read - self._left, 0
        if not self._left and self._inflate is None:
            return self._read - len(self._raw), 0
        return self._base, self._unpacked - self._left

    def seek(self, base: int, within: int) -> None:
        """Go to a place that `tell` named. In a packed file, what lies before it in its member is unpacked again."""
        self._file.seek(base)
        self._read = self._base = base
        self._raw = self._buffer = b""
        self._at = self._unpacked = 0
        self._inflate: zlib._Decompress | None = None
        self.skip(within)

    def read(self, most: int) -> bytes:
        """Read up to `most` bytes, from one piece: fewer do not mean that the end is near. Empty at the end."""
        if not self._left:
            self._fill()
        piece = self._buffer[self._at : self._at + most]
        self._at += len(piece)
        return piece

    def readline(self, most: int) -> bytes:
        """Read a line with its end, or the first `most` bytes of a longer one. Empty at the end."""
        parts: list[bytes] = []
        left = most
        while left > 0:
            if not self._left:
                self._fill()
            if not self._left:
                break
            end = self._buffer.find(b"\n", self._at, self._at + left) + 1
            parts.append(self.read(end - self._at if end else left))
            left -= len(parts[-1])
            if end:
                break
        return b"".join(parts)

    def peek(self, most: int) -> bytes:
        """The next bytes, without reading them; not beyond the end of a gzip member."""
        if not self._left:
            self._fill()
        while self._left < most and self._more():
            pass
        return self._buffer[self._at : self._at + most]

    def find_line(self, start: bytes) -> bool:
        """Go to the next line that begins with `start`, also where a gzip member does; False where there is none."""
        wanted = b"\n" + start
        if self.peek(len(start)) == start:
            return True
        while True:
            found = self._buffer.find(wanted, self._at)
            if found >= 0:
                self._at = found + 1
                return True
            self._at = max(self._at, len(self._buffer) - len(wanted) + 1)
            if self._more():
                continue
            self._at = len(self._buffer)
            if not self.packed or not self.peek(1):
                return False
            if self.peek(len(start)) == start:
                return True

    def member_over(self) -> bool:
        """Whether a gzip member has been read to its end; the next one is not touched. False in a plain file."""
        while self.packed and not self._left and self._inflate is not None:
            self._refill()
            self._unpack()
        return self.packed and not self._left

    @property
    def member(self) -> int:
        """Where the gzip member starts that was read last."""
        return self._base

    def skip(self, count: int) -> int:
        """Read over `count` bytes; return how many there were."""
        if not self.packed:
            at = self.tell()[0]
            there = max(0, min(count, self.size - at))
            self._buffer, self._at = b"", 0
            self._file.seek(at + there)
            self._read = at + there
            return there
        left = count
        while left > 0 and (piece := self.read(min(left, PIECE))):
            left -= len(piece)
        return count - left

    def next_member(self, after: int) -> bool:
        """Go to what looks like the start of a gzip member at byte `after` or later; False where there is none."""
        self._file.seek(after)
        at, kept = after, b""
        while piece := self._file.read(PIECE):
            whole = kept + piece
            found = whole.find(MAGIC)
            if found >= 0:
                self.seek(at - len(kept) + found, 0)
                return True
            at += len(piece)
            kept = whole[-2:]
        return False

    def _fill(self) -> None:
        """Fill the empty buffer with the next piece; it stays empty at the end of the file."""
        if not self.packed:
            self._buffer, self._at = self._file.read(PIECE), 0
            self._read += len(self._buffer)
            return
        while not self._left:
            self._refill()
            if self._inflate is None and not self._begin_member():
                return
            self._unpack()

    def _refill(self) -> None:
        if not self._raw:
            self._raw = self._file.read(PIECE)
            self._read += len(self._raw)

    def _more(self) -> bool:
        """Add to the buffer, from the same member; say whether there was anything to add."""
        kept = self._buffer[self._at :]
        self._buffer, self._at = b"", 0
        if not self.packed:
            self._fill()
        elif self._inflate is not None:
            self._refill()
            self._unpack()
        added = bool(self._buffer) or self._inflate is not None
        self._buffer = kept + self._buffer
        return added

    @property
    def _left(self) -> int:
        return len(self._buffer) - self._at

    def _begin_member(self) -> bool:
        self._base = self._read - len(self._raw)
        if len(self._raw) < len(MAGIC):
            more = self._file.read(PIECE)
            self._read += len(more)
            self._raw += more
        if not self._raw.strip(b"\x00"):  # nothing, or the padding of a tape
            self._raw = b""
            if self._file.read(1):
                self._file.seek(self._read)
                raise Damaged("is followed by something that is not gzip")
            return False
        if not self._raw.startswith(MAGIC[:2]):
            raise Damaged("is not packed by gzip")
        self._inflate = zlib.decompressobj(wbits=31)
        self._unpacked = 0
        return True

    def _unpack(self) -> None:
        assert self._inflate is not None
        ended = not self._raw
        try:
            self._buffer, self._at = self._inflate.decompress(self._raw, PIECE), 0
        except zlib.error as error:
            raise Damaged("cannot be unpacked") from error
        if ended and not self._buffer and not self._inflate.eof:
            raise Damaged("is cut off")
        self._unpacked += len(self._buffer)
        self._raw = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
        used = self._read - len(self._raw) - self._base
        if self._unpacked > max(FREE_BYTES, MOST_TIMES * used):
            raise Damaged(f"unpacks to more than {MOST_TIMES} times its size")
        if self._inflate.eof:
            self._inflate = None
