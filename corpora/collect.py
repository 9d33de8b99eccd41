"""How one feed is visited: fetch, parse, follow new entries to their pages, keep what is new."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from corpora.addresses import canonical_url
from corpora.catalogue import Catalogue
from corpora.coding import FeedCheck, FeedMemory
from corpora.errors import Blocked, Gone, NotAFeed, NotAStory, Quarantined, Refused, Retryable
from corpora.feeds import ParsedFeed
from corpora.fetch import Fetcher
from corpora.intervals import (
    after_failure,
    after_optout,
    after_redirect,
    after_visit,
    is_due,
    wants_whole_body,
)
from corpora.optout import GOOD_FOR, HEADER, OptOuts
from corpora.pages import Page, credit, without_headline
from corpora.places import areas_of
from corpora.records import Entry, Feed, FeedState, Fetched, Outlet, Story, Unchanged, stable_id
from corpora.robots import Robots
from corpora.store import FORGOTTEN, Store
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
    optouts: OptOuts | None = None
    """Asks sites whether they reserve their texts; None where no such file is asked for."""
    respect_optouts: bool = True
    """Whether what publishers reserve from text and data mining is left alone."""


@dataclass(slots=True)
class _Visit:
    """One visit on its way."""

    feed: Feed
    memory: FeedMemory
    check: FeedCheck
    first: bool
    """Whether the feed never worked before."""
    reserved_pages: dict[str, int] = field(default_factory=dict)
    """Pages left alone, by what reserves them."""


def resting(feed: Feed, tools: Tools) -> FeedCheck | None:
    """How a feed stood at its last visit, where it is not to be asked again yet; else None."""
    found = tools.store.feed_standings([feed.url]).get(feed.url)
    if found is None or is_due(found[1], tools.clock()):
        return None
    check, memory = found
    due = "" if memory.due_at is None else f"Not asked again before {memory.due_at:%d %B %Y, %H:%M} UTC."
    return replace(check, detail=f"{check.detail} {due}".strip())


def collect_feed(feed: Feed, tools: Tools) -> FeedCheck:
    """Visit one feed and keep what is new.

    Each story is kept in a transaction of its own and the visit is noted last, so a killed visit is simply made
    again and adds nothing twice.

    Raises:
        Retryable: The server is busy or out of reach. Nothing is noted: `note_unreachable` does that once the
            caller has given up trying.
        StoreError: The store cannot be written.
    """
    visit = _begun(feed, tools)
    try:
        if tools.optouts is not None and (reserved := _site_reserves(visit, tools)):
            return _reserved(visit, reserved, tools)
        answer = _answer(visit, tools)
        visit.memory = after_redirect(visit.memory, answer.moved_to, visit.check.at)
        if answer.reserved:
            if tools.respect_optouts:
                return _reserved(visit, HEADER, tools)
            visit.memory = replace(visit.memory, optout=HEADER, optout_at=visit.check.at)
        return _taken(visit, answer, tools)
    except (Gone, Blocked, Refused, Quarantined) as failure:
        memory = after_failure(visit.memory, feed.url, visit.check.at, failure)
        if isinstance(failure, Gone | Blocked) and memory.moved_to:
            memory = replace(memory, moved_to="")  # it is looked for at its old address again
        return _noted(tools, replace(visit.check, state=_state(failure), detail=failure.message), memory)


def _begun(feed: Feed, tools: Tools) -> _Visit:
    memory = tools.store.feed_memory(feed.url) or FeedMemory(etag="", last_modified="", body_hash="", alive_at=None)
    check = FeedCheck(url=feed.url, outlet=feed.outlet, at=tools.clock(), state="alive")
    return _Visit(feed, memory, check, first=not memory.body_hash)


def _site_reserves(visit: _Visit, tools: Tools) -> str:
    """What its site says of the feed, asked once a day."""
    memory, now = visit.memory, visit.check.at
    if memory.optout == HEADER or memory.optout_at is None or not memory.optout_at <= now < memory.optout_at + GOOD_FOR:
        assert tools.optouts is not None
        said = tools.optouts.of_feed(memory.moved_to or visit.feed.url)
        visit.memory = replace(memory, optout=said, optout_at=now)
    return visit.memory.optout if tools.respect_optouts else ""


def asks_site(memory: FeedMemory | None, now: datetime) -> bool:
    """Whether a feed's site has not been asked today what it reserves."""
    if memory is None or memory.optout_at is None:
        return True
    return not memory.optout_at <= now < memory.optout_at + GOOD_FOR


def _reserved(visit: _Visit, by: str, tools: Tools) -> FeedCheck:
    """Note a feed that is left alone since its publisher reserves it."""
    detail = f"Its publisher reserves it from text and data mining ({by}), so nothing of it is kept."
    memory = replace(visit.memory, optout=by, optout_at=visit.check.at, etag="", last_modified="", body_hash="")
    return _noted(
        tools,
        replace(visit.check, state="refused", detail=detail),
        after_optout(memory, visit.feed.url, visit.check.at),
    )


def _answer(visit: _Visit, tools: Tools) -> Fetched | Unchanged:
    memory, now = visit.memory, visit.check.at
    whole = wants_whole_body(memory, now)
    answer = tools.fetcher.get(
        memory.moved_to or visit.feed.url,
        etag="" if whole else memory.etag,
        last_modified="" if whole else memory.last_modified,
        accept=FEED_TYPES,
    )
    if isinstance(answer, Fetched) and whole:
        visit.memory = replace(memory, full_at=now)
    return answer


def _taken(visit: _Visit, answer: Fetched | Unchanged, tools: Tools) -> FeedCheck:
    """Keep what an answer brought, and note the visit."""
    url, now = visit.feed.url, visit.check.at
    body_hash = visit.memory.body_hash if isinstance(answer, Unchanged) else hashlib.sha256(answer.body).hexdigest()
    if isinstance(answer, Unchanged) or body_hash == visit.memory.body_hash:
        memory = after_visit(
            visit.memory, url, now, entries=0, new=0, hint_seconds=answer.fresh_seconds, first=visit.first
        )
        check = replace(visit.check, state="unchanged", detail=_moving(memory))
        return _noted(tools, check, replace(memory, alive_at=now))
    parsed = tools.parser.parse_feed(answer.body, content_type=answer.content_type, url=answer.final_url)
    check = _keep_entries(parsed, tools.catalogue.outlets[visit.feed.outlet], visit, tools)
    entries, new = len(parsed.entries), check.new_stories + check.new_versions
    memory = after_visit(
        _with_validators(visit.memory, answer, body_hash),
        url,
        now,
        entries=entries,
        new=new,
        hint_seconds=answer.fresh_seconds,
        first=visit.first,
    )
    details = [
        f"{parsed.cut:,} entries beyond the limit were left out." if parsed.cut else "",
        "" if parsed.entries else "The feed lists nothing.",
        *(f"{n} pages were left alone: {by}." for by, n in sorted(visit.reserved_pages.items())),
        _moving(memory),
    ]
    state: FeedState = "alive" if parsed.entries else "silent"
    check = replace(check, state=state, detail=" ".join(filter(None, details)), entries=entries)
    return _noted(tools, check, replace(memory, alive_at=now if parsed.entries else memory.alive_at))


def _with_validators(memory: FeedMemory, answer: Fetched, body_hash: str) -> FeedMemory:
    """Remember what a body came with, unless its server says the same of different bodies."""
    same = (answer.etag, answer.last_modified) == (memory.etag, memory.last_modified)
    lie = bool(answer.etag or answer.last_modified) and same and memory.body_hash not in {"", body_hash}
    return replace(
        memory,
        etag=answer.etag,
        last_modified=answer.last_modified,
        body_hash=body_hash,
        validators_lie=memory.validators_lie or lie,
    )


def _moving(memory: FeedMemory) -> str:
    """What to tell of a feed's move."""
    if memory.moved_to:
        return f"It has moved for good and is asked at {memory.moved_to} now: the catalogue should say so."
    return f"It says it has moved to {memory.moving_to}." if memory.moving_to else ""


def note_unreachable(feed: Feed, failure: Retryable, tools: Tools) -> FeedCheck:
    """Note a feed that did not answer although it was tried several times, or asked to be left alone."""
    visit = _begun(feed, tools)
    check = replace(visit.check, state="unreachable", detail=failure.message)
    return _noted(tools, check, after_failure(visit.memory, feed.url, check.at, failure))


def _state(failure: Exception) -> FeedState:
    if isinstance(failure, Gone):
        return "gone"
    if isinstance(failure, Blocked):
        return "blocked"
    return "not_a_feed" if isinstance(failure, NotAFeed) else "refused"


def _noted(tools: Tools, check: FeedCheck, memory: FeedMemory) -> FeedCheck:
    tools.store.save_check(check, memory)
    return check


def _keep_entries(parsed: ParsedFeed, outlet: Outlet, visit: _Visit, tools: Tools) -> FeedCheck:
    check = visit.check
    keyed = [(entry_key(outlet, entry), entry_hash(entry), entry) for entry in parsed.entries]
    known = tools.store.known_entries(key for key, _, _ in keyed)
    new = edited = thin = 0
    for key, wording, entry in reversed(keyed):  # oldest first, so that a cut-off visit leaves no hole behind it
        if known.get(key) in {wording, FORGOTTEN}:
            continue
        found, outcome = _story(entry, outlet, visit, tools)
        areas = [] if found is None else areas_of(found.title, found.text, outlet, tools.catalogue, url=found.url)
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


def _story(entry: Entry, outlet: Outlet, visit: _Visit, tools: Tools) -> tuple[Story | None, str]:
    """Return the story an entry leads to, and what came of it: story, thin (no usable page), no_link or no_title."""
    if entry.url is None:
        return None, "no_link"
    if not entry.title:
        return None, "no_title"
    seen = visit.check.at
    page, outcome = _page(entry.url, visit, tools) if tools.pages else (None, "story")
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


def _page(url: str, visit: _Visit, tools: Tools) -> tuple[Page | None, str]:
    """Fetch and extract an article page; where that fails the feed's own words have to do, and it is counted."""
    try:
        tools.robots.check(url)
        reserved = tools.optouts.of_page(url) if tools.optouts is not None and tools.respect_optouts else ""
        answer = None if reserved else tools.fetcher.get(url, accept=PAGE_TYPES)
        if answer is not None and answer.reserved and tools.respect_optouts:
            reserved = HEADER
        if reserved:
            visit.reserved_pages[reserved] = visit.reserved_pages.get(reserved, 0) + 1
        if reserved or not isinstance(answer, Fetched):
            return None, "thin"
        return tools.parser.extract_page(answer.body, url=answer.final_url), "story"
    except (NotAStory, Gone, Refused, Quarantined, Retryable):
        return None, "thin"
