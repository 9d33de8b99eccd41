"""How a row of an archive becomes the story that live collection would have kept, and what keeps it from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from corpora.addresses import canonical_url
from corpora.archives.records import Row
from corpora.cleaning import plain_text, plain_title, without_tail, without_teasers
from corpora.collect import entry_hash, entry_key
from corpora.errors import NotAStory, Quarantined
from corpora.feeds import web_link
from corpora.pages import FEWEST_DECLARED, Page, check_article, credit, credit_lines, without_headline
from corpora.records import Entry, Outlet, Story, TextFrom
from corpora.times import EARLIEST, believed, parse_time


class PageParser(Protocol):
    """Extracts pages; `corpora.workers.ParserWorker` does it in a killable process."""

    def extract_page(self, body: bytes, *, url: str) -> Page:
        """Extract an article."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A story with what the store wants to know of it."""

    key: str
    entry_hash: str
    story: Story
    captured: bool
    """Whether the archive itself said when it got hold of it."""


def address_of(row: Row) -> str:
    """The row's web address.

    Raises:
        Quarantined: It has none.
    """
    url = web_link(row.url)
    if url is None:
        raise Quarantined("has no web address")
    try:
        canonical_url(url)
    except ValueError:
        raise Quarantined("has no web address") from None
    return url


def story_of(row: Row, url: str, outlet: Outlet, *, now: datetime, parser: PageParser) -> Made:
    """Make a story of a row.

    Args:
        row: The row.
        url: What `address_of` said.
        outlet: The outlet it belongs to.
        now: When the import began: stands in where the archive does not say when it got hold of the story.
        parser: Extracts pages.

    Raises:
        NotAStory: Its page holds no story.
        Quarantined: It cannot be read, or nothing says when it was published.
    """
    if row.problem:
        raise Quarantined(row.problem)
    seen = parse_time(row.captured)
    captured = seen is not None and EARLIEST <= seen <= now
    title, text, text_from, byline, dated = _of_page(row, url, parser) if row.html else _of_cells(row)
    if not title:
        raise NotAStory("It has no headline.") if row.html else Quarantined("has no title")
    first_seen = seen if seen is not None and captured else now
    published, trusted = believed(parse_time(row.published) or parse_time(dated), first_seen)
    if not trusted and not captured:
        # Live collection dates such a story to when it was seen; an old one would count for the week of the import.
        raise Quarantined("does not say when it was published or captured, or nothing that can be believed")
    story = Story(
        url=canonical_url(url),
        outlet=outlet.slug,
        published=published,
        published_trusted=trusted,
        first_seen=first_seen,
        title=title,
        text=text,
        text_from=text_from,
        byline=credit(byline),
    )
    entry = Entry(url=url, guid="", title=title, summary="", content=text, published=None, updated=None)
    return Made(key=entry_key(outlet, entry), entry_hash=entry_hash(entry), story=story, captured=captured)


Parts = tuple[str, str, TextFrom, str, str]
"""Title, text, where the text is from, byline, and the time the page gives."""


def _of_page(row: Row, url: str, parser: PageParser) -> Parts:
    page = parser.extract_page(row.html, url=url)
    title = plain_title(row.title) or page.title
    return title, without_headline(page.text, title), "page", page.byline, page.published


def _of_cells(row: Row) -> Parts:
    title = plain_title(row.title)
    text = without_headline(without_teasers(without_tail(plain_text(row.text))), title)
    byline = "; ".join((plain_title(row.byline), *credit_lines(text)))
    if not text:
        return title, "", "headline", byline, ""
    if len(text) < FEWEST_DECLARED:  # as short as what a feed says of a story
        return title, text, "feed", byline, ""
    check_article(text, declared=True)
    return title, text, "page", byline, ""
