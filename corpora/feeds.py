"""How the bytes of a feed become clean entries. The only module that knows feedparser.

feedparser is only ever given a `BytesIO`: a bare bytes or text body that happens to be a path or a
`file://` address would be *opened* by it (6.0.14).
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from corpora.addresses import ANY_PORT, check_url
from corpora.cleaning import plain_text, plain_title, without_tail
from corpora.errors import NotAFeed, Refused
from corpora.records import Entry
from corpora.times import parse_time

MOST_ENTRIES = 2_000
"""More are cut off and counted; no local feed carries more than a few dozen."""

# Bounded: these run before the killable worker, so no input may make them slow.
_ENTITY = re.compile(rb"<!ENTITY|<!DOCTYPE[^>\[]{0,200}\[", re.IGNORECASE)
_HTML = re.compile(rb"<!DOCTYPE\s+html|<html", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """What a feed said."""

    title: str
    version: str
    """feedparser's name of the format, such as `rss20`; may be empty for a damaged feed with entries."""
    entries: tuple[Entry, ...]
    cut: int
    """Entries beyond `MOST_ENTRIES` that were left out."""
    problem: str
    """Name of the fault feedparser survived, empty where there was none."""


def parse_feed(body: bytes, *, content_type: str = "", url: str = "") -> ParsedFeed:
    """Parse a feed.

    Args:
        body: The bytes as they came, unpacked.
        content_type: The Content-Type header, for the charset.
        url: Where it came from, for relative links.

    Raises:
        NotAFeed: Empty, a web page, JSON, entity declarations, or nothing that feedparser knows as a feed.
    """
    refuse_what_is_no_feed(body)
    import feedparser  # 0.2 s: not paid by commands that read no feed

    headers = {"content-type": content_type or "application/xml"}
    if url:
        headers["content-location"] = url
    try:
        parsed: Any = feedparser.parse(io.BytesIO(body), response_headers=headers)
    except Exception as error:  # feedparser's readers raise whatever their XML and date helpers raise
        raise NotAFeed(f"The feed could not be read at all ({type(error).__name__}).") from error
    version = str(parsed.get("version") or "")
    items = parsed.get("entries") or []
    if not version and not items:
        raise NotAFeed("The address answered with something that is not a feed.")
    entries = tuple(_entry(item) for item in items[:MOST_ENTRIES])
    return ParsedFeed(
        title=plain_title(_text(parsed.get("feed") or {}, "title")),
        version=version,
        entries=_with_own_identity(entries),
        cut=max(0, len(items) - MOST_ENTRIES),
        problem=type(parsed["bozo_exception"]).__name__ if parsed.get("bozo") and parsed.get("bozo_exception") else "",
    )


def refuse_what_is_no_feed(body: bytes) -> None:
    """Turn away what must not, or need not, reach an XML parser.

    Raises:
        NotAFeed: Says what it is instead, in plain English.
    """
    start = body[:4096].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    if not start:
        raise NotAFeed("The address answered with nothing.")
    if _HTML.match(_without_preamble(start)):
        raise NotAFeed("The address answered with a web page, not a feed.")
    if start[:1] in b"{[":
        raise NotAFeed("The address answered with JSON, not RSS or Atom.")
    # UTF-16 and UTF-32 hide the declaration between NUL bytes.
    if _ENTITY.search(body) or (b"\x00" in body and _ENTITY.search(body.replace(b"\x00", b""))):
        raise NotAFeed("The feed declares XML entities, which no news feed needs; it was not parsed.")


def _without_preamble(start: bytes) -> bytes:
    """Skip the XML declaration and comments. By hand: as a pattern, many comments take for ever to match."""
    while start.startswith((b"<?", b"<!--")):
        close = b"?>" if start.startswith(b"<?") else b"-->"
        _, found, rest = start.partition(close)
        if not found:
            break
        start = rest.lstrip()
    return start


def _entry(item: Mapping[str, Any]) -> Entry:
    # Asked for an absent `updated`, feedparser 6 answers with `published` and warns.
    updated = _text(item, "updated") if "updated" in item else ""
    contents = item.get("content") or []
    content = max((_text(one, "value") for one in contents if isinstance(one, Mapping)), key=len, default="")
    return Entry(
        url=web_link(_text(item, "link")),
        guid=_text(item, "id")[:500],
        title=plain_title(_text(item, "title")),
        summary=without_tail(plain_text(_text(item, "summary"))),
        content=without_tail(plain_text(content)),
        published=parse_time(_text(item, "published") or updated),
        updated=parse_time(updated),
    )


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""


def web_link(link: str) -> str | None:
    """Return an http(s) link, or None for anything else (`javascript:`, paths, over-long or broken addresses)."""
    link = link.strip()
    try:
        check_url(link, ports=ANY_PORT)
        link.encode("utf-8")
    except (Refused, UnicodeError):
        return None
    scheme, _, rest = link.partition(":")
    return None if re.search(r"[\s<>\"\x00-\x1f]", link) else f"{scheme.lower()}:{rest}"


def _with_own_identity(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Drop entries that repeat an earlier one of the same feed (same link, title and summary)."""
    seen: set[tuple[str | None, str, str]] = set()
    kept = []
    for one in entries:
        key = (one.url, one.title, one.summary)
        if key not in seen:
            seen.add(key)
            kept.append(one)
    return tuple(kept)
