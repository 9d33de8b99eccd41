"""How a folder of saved pages becomes rows, in the order of their names; only plain files are read, and no links."""

from __future__ import annotations

import html
import json
import os
import re
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpora.archives.columns import row_of
from corpora.archives.records import BadRow, Position, Row, Step
from corpora.archives.streams import MAGIC, inflate
from corpora.errors import BadInput
from corpora.pages import LARGEST_PAGE

SUFFIXES = (".html", ".htm", ".xhtml", ".html.gz", ".htm.gz", ".xhtml.gz")
LARGEST_SIDECAR = 1024 * 1024
HEAD = 512 * 1024
"""Bytes of a page in which its own address is looked for."""

_TAG = re.compile(rb"<(?:link|meta)\b[^<>]{0,4000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-zA-Z:-]{1,30})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


def own_address(page: bytes) -> str:
    """Address a page gives as its own: `link rel=canonical`, else `og:url`; empty where it gives none."""
    canonical = shared = ""
    for found in _TAG.finditer(page, 0, HEAD):
        said = {
            name.lower(): html.unescape(one or two or three)
            for name, one, two, three in _ATTRIBUTE.findall(found.group().decode("utf-8", "replace"))
        }
        if "canonical" in said.get("rel", "").lower().split():
            canonical = canonical or said.get("href", "").strip()
        if said.get("property", said.get("name", "")).lower() == "og:url":
            shared = shared or said.get("content", "").strip()
    return canonical or shared


class Folder:
    """A folder of pages (`.html`, `.htm`, `.xhtml`, each also `.gz`), with those in it.

    Beside a page `a.html` there may be `a.html.json` or `a.json`: an object with any of the columns of a table, which
    goes before what the page says of itself.
    """

    def __init__(self, path: Path) -> None:
        """Count the pages.

        Raises:
            BadInput: There is none.
        """
        self.path = path
        self._total = sum(1 for _ in self._pages(()))
        self._number = 0
        if not self._total:
            raise BadInput(
                f"The folder {path} holds no page.", what_next=f"Pages have names that end in {', '.join(SUFFIXES)}."
            )

    def done(self) -> float:
        """Share of the pages that has been read."""
        return min(1.0, self._number / self._total)

    def close(self) -> None:
        """Nothing is open."""

    def rows(self, start: Position) -> Iterator[Step]:
        """Read from a position on."""
        self._number = start.number
        after = tuple(start.name.split("/")) if start.name else ()
        for parts in self._pages(after):
            self._number += 1
            name = "/".join(parts)
            yield Position(number=self._number, name=name), self._row(name)

    def _pages(self, after: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """Names of pages below the folder, in order, that come after `after`; links to folders are not followed."""
        waiting: list[tuple[str, ...]] = [()]
        while waiting:
            parts = waiting.pop()
            path = self.path.joinpath(*parts)
            if parts and not _is_folder(path):
                if parts[-1].lower().endswith(SUFFIXES) and parts > after:
                    yield parts
                continue
            # Of a folder that was passed already nothing is left to do.
            if parts and parts < after[: len(parts)]:
                continue
            try:
                inside = [one.name for one in path.iterdir()]
            except OSError:
                continue  # a folder that may not be looked into, or went away
            waiting.extend((*parts, name) for name in sorted(inside, reverse=True))

    def _row(self, name: str) -> Row | BadRow:
        path = self.path / name
        try:
            page = read_plain(path, LARGEST_PAGE)
            beside = self._sidecar(path)
        except _Unusable as problem:
            return BadRow(place=name, problem=str(problem))
        row = row_of(name, {**beside, "html": page})
        if isinstance(row, BadRow):
            return row
        return row if row.url else row_of(name, {**beside, "html": page, "url": own_address(page)})

    def _sidecar(self, path: Path) -> dict[str, Any]:
        bare = path.name.removesuffix(".gz")
        for name in (f"{path.name}.json", f"{bare}.json", f"{bare.rsplit('.', 1)[0]}.json"):
            beside = path.with_name(name)
            if not os.path.lexists(beside):
                continue
            try:
                cells = json.loads(read_plain(beside, LARGEST_SIDECAR))
            except (ValueError, RecursionError):
                raise _Unusable(f"has {name} beside it, which is not JSON") from None
            if not isinstance(cells, dict):
                raise _Unusable(f"has {name} beside it, which is not a JSON object")
            return cells
        return {}


class _Unusable(Exception):
    pass


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def read_plain(path: Path, most: int) -> bytes:
    """Read a plain file, unpacked where it is packed by gzip.

    Raises:
        _Unusable: A link, a pipe or a device; too large; unreadable.
    """
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise _Unusable("is not a plain file")
        with path.open("rb") as file:
            body = file.read(most + 1)
    except OSError as error:
        raise _Unusable(f"cannot be read ({error.strerror})") from None
    if body.startswith(MAGIC) and len(body) <= most:
        try:
            body = inflate(body, wbits=31, most=most + 1)
        except zlib.error:
            raise _Unusable("cannot be unpacked") from None
    if len(body) > most:
        raise _Unusable(f"is larger than {most:,} bytes")
    return body
