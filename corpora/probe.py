"""Which feeds of the catalogue answer today: each asked once, politely, nothing kept but what it was like."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from corpora.collect import FEED_TYPES, Parser
from corpora.errors import Blocked, Gone, NotAFeed, Retryable, SharedStoryError
from corpora.feeds import ParsedFeed
from corpora.fetch import Fetcher
from corpora.records import Feed, Unchanged, utc
from corpora.robots import Robots
from corpora.times import believed

ProbeState = Literal["alive", "unchanged", "moved", "silent", "blocked", "gone", "not_a_feed", "unreachable", "refused"]
STATES: tuple[ProbeState, ...] = get_args(ProbeState)
READABLE: frozenset[ProbeState] = frozenset({"alive", "unchanged", "moved"})
FAILED: frozenset[ProbeState] = frozenset({"blocked", "gone", "not_a_feed", "unreachable", "refused"})

SILENT_AFTER = timedelta(days=60)
"""No weekly title pauses so long; a feed whose newest item is older is left behind, not quiet."""

AT_ONCE = 8
"""Publishers asked at the same time; of one publisher, one feed at a time (its titles share their servers)."""

VERSION = 1
"""Of the file's layout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedProbe:
    """What one feed was like when it was asked."""

    url: str
    outlet: str
    last_check: datetime
    state: ProbeState
    detail: str = ""
    """Plain English; empty when all is well."""
    moved_to: str = ""
    """Address that answered, where it is not the one asked for."""
    items: int = 0
    newest: datetime | None = None
    """Latest believed time among the items."""
    dated: int = 0
    """Items whose time is believed: read, not before 1995, not more than a day ahead."""
    etag: str = ""
    last_modified: str = ""

    @property
    def dates_trusted(self) -> bool:
        """Whether nearly all items (nine in ten) carry a time that is believed."""
        return self.items > 0 and self.dated * 10 >= self.items * 9


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeTools:
    """What asking needs from outside."""

    fetcher: Fetcher
    robots: Robots
    parser: Parser
    clock: Callable[[], datetime]


def probe_feed(feed: Feed, tools: ProbeTools, before: FeedProbe | None = None) -> FeedProbe:
    """Ask one feed once; whatever goes wrong becomes a state.

    Args:
        feed: The feed.
        tools: Fetcher, robots.txt, parser and clock.
        before: What it was like the last time: its validators are sent, so that an unchanged feed costs a 304.
    """
    found = FeedProbe(url=feed.url, outlet=feed.outlet, last_check=utc(tools.clock()), state="alive")
    try:
        # Collecting does not ask robots.txt about feeds (they are published for readers); a survey of all of them does.
        tools.robots.check(feed.url)
        known = before if before is not None and before.state in READABLE else None
        answer = tools.fetcher.get(
            feed.url,
            etag=known.etag if known else "",
            last_modified=known.last_modified if known else "",
            accept=FEED_TYPES,
        )
        if isinstance(answer, Unchanged):
            return _unchanged(found, known)
        parsed = tools.parser.parse_feed(answer.body, content_type=answer.content_type, url=answer.final_url)
    except SharedStoryError as failure:
        return replace(found, state=_state(failure), detail=failure.message)
    except Exception as failure:  # noqa: BLE001 (a survey of strangers goes on; what broke is in its table)
        return replace(found, state="refused", detail=f"It broke the program ({type(failure).__name__}).")
    found = _with_items(found, parsed)
    found = replace(found, etag=answer.etag, last_modified=answer.last_modified)
    return found if answer.final_url == feed.url else _moved(found, answer.final_url)


def _unchanged(found: FeedProbe, known: FeedProbe | None) -> FeedProbe:
    if known is None:
        return replace(found, state="refused", detail="It says `unchanged` to somebody who was never there.")
    return replace(known, last_check=found.last_check, state="unchanged", detail="")


def _state(failure: SharedStoryError) -> ProbeState:
    if isinstance(failure, Retryable):
        return "unreachable"
    if isinstance(failure, Gone):
        return "gone"
    if isinstance(failure, Blocked):
        return "blocked"
    return "not_a_feed" if isinstance(failure, NotAFeed) else "refused"


def _with_items(found: FeedProbe, parsed: ParsedFeed) -> FeedProbe:
    times = [believed(one.published or one.updated, found.last_check) for one in parsed.entries]
    good = [moment for moment, trusted in times if trusted]
    found = replace(found, items=len(times), newest=max(good, default=None), dated=len(good))
    if not times:
        return replace(found, state="silent", detail="The feed lists nothing.")
    if found.newest is not None and found.last_check - found.newest > SILENT_AFTER:
        return replace(found, state="silent", detail=f"Nothing since {found.newest:%d %B %Y}.")
    return found


def _moved(found: FeedProbe, to: str) -> FeedProbe:
    told = f"It answers from {to}."
    return replace(
        found,
        moved_to=to,
        state="moved" if found.state == "alive" else found.state,
        detail=f"{found.detail} {told}".strip(),
    )


def probe_all(
    feeds: Sequence[Feed],
    tools: ProbeTools,
    before: Mapping[str, FeedProbe],
    *,
    publisher: Callable[[Feed], str] = lambda feed: urlsplit(feed.url).netloc,
    at_once: int = AT_ONCE,
) -> Generator[FeedProbe, None, None]:
    """Ask feeds, several publishers at the same time; yield each answer as it comes.

    Closed early (Ctrl-C), it starts no further feed and waits for those that are being asked, each of which ends by
    its deadline.

    Args:
        feeds: What to ask.
        tools: As for `probe_feed`.
        before: The last answers by address.
        publisher: Feeds with the same answer are asked one after another.
        at_once: Most publishers at the same time.
    """
    groups: dict[str, list[Feed]] = {}
    for feed in feeds:
        groups.setdefault(publisher(feed), []).append(feed)
    stop = threading.Event()
    done: queue.SimpleQueue[FeedProbe] = queue.SimpleQueue()

    def ask(group: list[Feed]) -> None:
        for feed in group:
            if stop.is_set():
                return
            done.put(probe_feed(feed, tools, before.get(feed.url)))

    with ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="probe") as pool:
        try:
            # The longest first: the survey takes as long as its largest publisher.
            for group in sorted(groups.values(), key=len, reverse=True):
                pool.submit(ask, group)
            for _ in feeds:
                yield done.get()
        finally:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)


# The file


def read_probes(path: Path) -> dict[str, FeedProbe]:
    """The last answers by address; none where the file is missing or damaged (the feeds are then asked afresh)."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        rows = raw["feeds"] if raw["version"] == VERSION else []
        probes = [_from_row(row) for row in rows]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError):
        return {}
    return {one.url: one for one in probes}


def _from_row(row: dict[str, Any]) -> FeedProbe:
    moments = {
        name: None if row[name] is None else utc(datetime.fromisoformat(row[name])) for name in ("last_check", "newest")
    }
    cells: dict[str, Any] = {
        name: str(row[name]) for name in ("url", "outlet", "detail", "moved_to", "etag", "last_modified")
    }
    cells |= {name: int(row[name]) for name in ("items", "dated")}
    if row["state"] not in STATES or moments["last_check"] is None:
        raise ValueError("not a probe")
    return FeedProbe(last_check=moments["last_check"], newest=moments["newest"], state=row["state"], **cells)


def write_probes(path: Path, probes: Mapping[str, FeedProbe]) -> None:
    """Put the answers in the file, whole or not at all: a kill in between leaves the old one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    rows = []
    for one in sorted(probes.values(), key=lambda one: (one.outlet, one.url)):
        row = asdict(one)
        row |= {name: None if row[name] is None else row[name].isoformat() for name in ("last_check", "newest")}
        rows.append(row | {"dates_trusted": one.dates_trusted})
    text = json.dumps({"version": VERSION, "feeds": rows}, ensure_ascii=True, indent=1)
    new = path.with_name(f"{path.name}.new")
    new.write_text(text + "\n", encoding="utf-8")
    new.replace(path)
