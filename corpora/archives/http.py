"""What an answer kept in a WARC file holds: its page, unpacked within bounds, or why there is none."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

from corpora.archives.streams import MAGIC, inflate
from corpora.pages import LARGEST_PAGE

LONGEST_HEAD = 64 * 1024

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?\s+(\d{3})\b")
_END = re.compile(rb"\r?\n\r?\n")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,7})[ \t]*(?:;[^\r\n]{0,200})?\r?\n")
_PAGES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A page that answered."""

    page: bytes = b""
    reserved: bool = False
    """It carried `tdm-reservation: 1`."""
    problem: str = ""
    """Why the page cannot be used; empty where it can."""


def parse_answer(raw: bytes) -> Answer | None:
    """Read an answer; None where it is no page (a redirect, an image, not HTTP).

    Args:
        raw: Status line, header and body, as they came or with the body unpacked and the header left as it was.
    """
    end = _END.search(raw, 0, LONGEST_HEAD)
    status = _STATUS.match(raw)
    if end is None or status is None or status.group(1) != b"200":
        return None
    fields = _fields(raw[: end.start()])
    if not fields.get("content-type", "").lower().startswith(_PAGES):
        return None
    reserved = fields.get("tdm-reservation", "").strip() == "1"
    page, problem = unframed(raw[end.end() :], fields.get("transfer-encoding", ""))
    if not problem:
        page, problem = unpacked(page, fields.get("content-encoding", ""))
    if not problem and len(page) > LARGEST_PAGE:
        problem = f"is larger than {LARGEST_PAGE:,} bytes"
    return Answer(page=b"" if problem else page, reserved=reserved, problem=problem)


def _fields(head: bytes) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in head.decode("latin-1").split("\n")[1:]:
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), value.strip())
    return fields


def unframed(body: bytes, encoding: str) -> tuple[bytes, str]:
    """A body without the framing of its chunks, and what is wrong with it.

    A header may say `chunked` of a body that no longer is: CC-NEWS kept the header so until May 2019.
    """
    if "chunked" not in encoding.lower() or _CHUNK.match(body) is None:
        return body, ""
    parts: list[bytes] = []
    at = 0
    while found := _CHUNK.match(body, at):
        size = int(found.group(1), 16)
        if size == 0:
            return b"".join(parts), ""
        part = body[found.end() : found.end() + size]
        if len(part) < size:
            break
        parts.append(part)
        at = found.end() + size
        at += 2 if body[at : at + 2] == b"\r\n" else 1 if body[at : at + 1] == b"\n" else 0
    return b"", "was cut off"


def unpacked(body: bytes, encoding: str) -> tuple[bytes, str]:
    """A body unpacked, and what is wrong with it; one that is not packed, whatever the header says, is left alone."""
    packing = encoding.lower().strip()
    if packing in {"", "identity"} or body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return body, ""
    ways = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}.get(packing)
    if ways is None:
        return b"", f"is packed in a way that cannot be read here ({packing[:20]!r})"
    if ways == (31,) and not body.startswith(MAGIC[:2]):
        return body, ""
    for wbits in ways:
        try:
            return inflate(body, wbits=wbits, most=LARGEST_PAGE + 1), ""
        except zlib.error:
            continue
    return b"", "cannot be unpacked"
