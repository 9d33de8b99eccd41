"""How one feed is visited: fetch, parse, follow new entries to their pages, keep what is new."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from corpora.addresses import canonical_url
from corpora.catalogue import Catalogue
from corpora.coding import FeedCheck, FeedMemory
from corpora.errors import Blocked, Gone, NotAFeed, NotAStory, Quarantined, Refused, Retryable
from corpora.feeds import ParsedFeed
from corpora.fetch import Fetcher
from corpora.pages import Page, credit, without_headline
from corpora.places import areas_of
from corpora.records import Entry, Feed, FeedState, Outlet, Story, Unchanged, stable_id
from corpora.robots import Robots
from corpora.store import Store
from corpora.times import believed, parse_time

FEED_TYPES = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"
PAGE_TYPES = "text/html, application/xhtml+xml"


class Parser(Protocol):
    """Turns strangers' bytes into records; `corpora.workers.ParserWorker` does it in a killable process."""

    def parse_feed(self, body: bytes, *, content_type: str, url: str) -> ParsedFeed:
        """Parse a feed."""
        ...

    def extract_page(self, body: bytes, *, url: str) -> Page:
        """Extract an article."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a visit needs from outside: all I/O and the clock."""

    fetcher: Fetcher
    robots: Robots
    parser: Parser
    store: Store
    catalogue: Catalogue
    clock: Callable[[], datetime]
    pages: bool
    """Whether article pages may be fetched. Asked of the user, never assumed."""


def collect_feed(feed: Feed, tools: Tools) -> FeedCheck:
    """Visit one feed and keep what is new.

    Each story is kept in a transaction of its own and the visit is noted last, so a killed visit is simply made
    again and adds nothing twice.

    Raises:
        Retryable: The server is busy or out of reach. Nothing is noted: `note_unreachable` does that once the
            caller has given up trying.
        StoreError: The store cannot be written.
    """
    memory = tools.store.feed_memory(feed.url) or FeedMemory(etag="", last_modified="", body_hash="", alive_at=None)
    check = FeedCheck(url=feed.url, outlet=feed.outlet, at=tools.clock(), state="alive")
    try:
        answer = tools.fetcher.get(feed.url, etag=memory.etag, last_modified=memory.last_modified, accept=FEED_TYPES)
        if isinstance(answer, Unchanged):
            return _noted(tools, replace(check, state="unchanged"), replace(memory, alive_at=check.at))
        body_hash = hashlib.sha256(answer.body).hexdigest()
        if body_hash == memory.body_hash:
            return _noted(tools, replace(check, state="unchanged"), replace(memory, alive_at=check.at))
        parsed = tools.parser.parse_feed(answer.body, content_type=answer.content_type, url=answer.final_url)
    except (Gone, Blocked, Refused, Quarantined) as failure:
        return _noted(tools, replace(check, state=_state(failure), detail=failure.message), memory)
    outlet = tools.catalogue.outlets[feed.outlet]
    check = _keep_entries(parsed, outlet, check, tools)
    details = [f"{parsed.cut:,} entries beyond the limit were left out." if parsed.cut else ""]
    details.append("The feed lists nothing." if not parsed.entries else "")
    state: FeedState = "alive" if parsed.entries else "silent"
    check = replace(check, state=state, detail=" ".join(filter(None, details)), entries=len(parsed.entries))
    return _noted(
        tools,
        check,
        FeedMemory(
            etag=answer.etag,
            last_modified=answer.last_modified,
            body_hash=body_hash,
            alive_at=check.at if parsed.entries else memory.alive_at,
        ),
    )


def note_unreachable(feed: Feed, failure: Retryable, tools: Tools) -> FeedCheck:
    """Note a feed that did not answer although it was tried several times."""
    memory = tools.store.feed_memory(feed.url) or FeedMemory(etag="", last_modified="", body_hash="", alive_at=None)
    check = FeedCheck(url=feed.url, outlet=feed.outlet, at=tools.clock(), state="unreachable", detail=failure.message)
    return _noted(tools, check, memory)


def _state(failure: Exception) -> FeedState:
    if isinstance(failure, Gone):
        return "gone"
    if isinstance(failure, Blocked):
        return "blocked"
    return "not_a_feed" if isinstance(failure, NotAFeed) else "refused"


def _noted(tools: Tools, check: FeedCheck, memory: FeedMemory) -> FeedCheck:
    tools.store.save_check(check, memory)
    return check


def _keep_entries(parsed: ParsedFeed, outlet: Outlet, check: FeedCheck, tools: Tools) -> FeedCheck:
    keyed = [(entry_key(outlet, entry), entry_hash(entry), entry) for entry in parsed.entries]
    known = tools.store.known_entries(key for key, _, _ in keyed)
    new = edited = thin = 0
    for key, wording, entry in reversed(keyed):  # oldest first, so that a cut-off visit leaves no hole behind it
        if known.get(key) == wording:
            continue
        found, outcome = _story(entry, outlet, check.at, tools)
        areas = [] if found is None else areas_of(found.title, found.text, outlet, tools.catalogue)
        saved = tools.store.save_entry(
            key=key, entry_hash=wording, outlet=outlet.slug, outcome=outcome, found=found, areas=areas
        )
        new += saved == "new"
        edited += saved == "edited"
        thin += outcome == "thin"
    return replace(check, new_stories=new, new_versions=edited, thin=thin)


def entry_key(outlet: Outlet, entry: Entry) -> str:
    """Stable key of an entry: its canonical link, or what it says where it has none."""
    return stable_id("entry", outlet.slug, canonical_url(entry.url) if entry.url else f"{entry.guid}|{entry.title}")


def entry_hash(entry: Entry) -> str:
    """Hash of an entry's wording; a changed one means the story was edited."""
    return stable_id("wording", entry.title, entry.summary, entry.content)


def _story(entry: Entry, outlet: Outlet, seen: datetime, tools: Tools) -> tuple[Story | None, str]:
    """Return the story an entry leads to, and what came of it: story, thin (no usable page), no_link or no_title."""
    if entry.url is None:
        return None, "no_link"
    if not entry.title:
        return None, "no_title"
    page, outcome = _page(entry.url, tools) if tools.pages else (None, "story")
    own_words = entry.content if len(entry.content) > len(entry.summary) else entry.summary
    # The feed dates to the second, pages often to the day: the page's date is used only where the feed has none.
    published, trusted = believed(entry.published or parse_time(page.published if page else ""), seen)
    story = Story(
        url=canonical_url(entry.url),
        outlet=outlet.slug,
        published=published,
        published_trusted=trusted,
        first_seen=seen,
        title=entry.title,
        text=without_headline(page.text, entry.title) if page else own_words,
        text_from="page" if page else "feed" if own_words else "headline",
        byline=credit(page.byline) if page else "",
    )
    return story, outcome


def _page(url: str, tools: Tools) -> tuple[Page | None, str]:
    """Fetch and extract an article page; where that fails the feed's own words have to do, and it is counted."""
    try:
        tools.robots.check(url)
        answer = tools.fetcher.get(url, accept=PAGE_TYPES)
        if isinstance(answer, Unchanged):
            return None, "thin"
        return tools.parser.extract_page(answer.body, url=answer.final_url), "story"
    except (NotAStory, Gone, Refused, Quarantined, Retryable):
        return None, "thin"
