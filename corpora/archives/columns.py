"""Which columns of a researcher's table mean what, and one line of it as a row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from corpora.archives.records import BadRow, Row

COLUMNS: dict[str, tuple[str, ...]] = {
    "url": ("url", "link", "address", "uri", "article_url", "web_url", "requested_url"),
    "title": ("title", "headline", "article_title"),
    "text": ("text", "body", "content", "maintext", "article_text", "full_text", "fulltext", "text_content"),
    "html": ("html", "raw_html"),
    "published": (
        "published", "published_at", "publish_date", "date_publish", "publication_date", "published_date", "pub_date",
        "pubdate", "publishing_date", "date", "datetime",
    ),
    "captured": (
        "captured", "captured_at", "first_seen", "crawl_date", "crawled_at", "date_download", "download_date",
        "indexed_date", "fetched_at", "retrieved_at", "scraped_at",
    ),
    "outlet": ("outlet", "source", "publication", "newspaper", "media_name", "publisher", "source_domain"),
    "byline": ("byline", "author", "authors"),
}  # fmt: skip
"""Our columns, each with the names it may go by, best first. Case, spaces and hyphens do not count."""

LONGEST_TEXT = 2 * 1024 * 1024
"""Characters of a cell; of a story 100,000 are kept."""
_HALF = re.compile("[\ud800-\udfff]")
_EPOCH = re.compile(r"(\d{9,10})(\d{3})?(?:\.0+)?")


def named(name: str) -> str:
    """A column's name without case, spaces and hyphens."""
    return re.sub(r"[\s_-]+", "_", name.strip().lower())


def meanings(names: list[str]) -> dict[str, list[str]]:
    """Map each of our columns to the names of a table that mean it, best first."""
    there: dict[str, str] = {}
    for name in names:
        there.setdefault(named(name), name)
    return {ours: [there[one] for one in theirs if one in there] for ours, theirs in COLUMNS.items()}


def row_of(place: str, cells: Mapping[str, Any], known: Mapping[str, list[str]] | None = None) -> Row | BadRow:
    """Make a row of a line's cells.

    Args:
        place: Where it stands.
        cells: Name and value of each cell.
        known: What `meanings` said of the names; worked out where it is not given.
    """
    found = meanings(list(cells)) if known is None else known
    said: dict[str, str] = {}
    for ours, names in found.items():
        values = (cells.get(name) for name in names)
        value = next((one for one in values if one not in (None, "", b"")), "")
        if ours == "html":
            continue
        text = _text(value)
        if text is None:
            return BadRow(place=place, problem=f"has a `{ours}` that is not text")
        said[ours] = text if ours not in {"published", "captured"} else _moment(text)
    page = next((cells[name] for name in found["html"] if cells.get(name)), b"")
    html = page.encode("utf-8", "replace") if isinstance(page, str) else page if isinstance(page, bytes) else b""
    return Row(
        place=place,
        url=said["url"],
        title=said["title"],
        text=said["text"],
        html=html,
        published=said["published"],
        captured=said["captured"],
        outlet=said["outlet"],
        byline=said["byline"],
    )


def _text(value: Any) -> str | None:
    """A cell as text; None where it cannot be one."""
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value[:LONGEST_TEXT])
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, (int, float, list)):
        return None
    if isinstance(value, list):  # authors
        return "; ".join(one for one in value[:50] if isinstance(one, str))[:LONGEST_TEXT]
    return str(value)


def _moment(text: str) -> str:
    """Seconds or milliseconds since 1970 as a time; anything else as it is."""
    found = _EPOCH.fullmatch(text)
    return datetime.fromtimestamp(int(found.group(1)), UTC).isoformat() if found else text
