"""Which publishers reserve their texts from text and data mining, and how far each way of saying so reaches.

UK law lets non-commercial researchers mine what they may lawfully read; we honour machine-readable reservations all the
same unless the workspace says otherwise (`respect_tdm_optout`). Two signals speak of any address, feeds included: the
header `tdm-reservation: 1` (read by `corpora.fetch`) and `/.well-known/tdmrep.json`. Two speak of pages only, since a
feed is published for syndication: groups of robots.txt that keep AI's gatherers away, and `ai.txt`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from corpora.errors import SharedStoryError
from corpora.fetch import Fetcher
from corpora.records import Unchanged
from corpora.robots import Robots

LARGEST = 256 * 1024
MOST_RULES = 2_000
SECONDS = 10.0
"""Deadline of a request for one of these files: most sites have none, and a visit is not to wait long for it."""

GOOD_FOR = timedelta(hours=24)
HEADER = "its answers carry the header tdm-reservation"
TDMREP = "its site's tdmrep.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a tdmrep.json."""

    pattern: str
    """Path with `*` for anything and `$` for the end."""
    reserved: bool


@dataclass(slots=True)
class _Site:
    lock: threading.Lock = field(default_factory=threading.Lock)
    rules: tuple[Rule, ...] = ()
    rules_until: datetime | None = None
    no_text: bool = False
    no_text_until: datetime | None = None


class OptOuts:
    """Asks sites, each file at most once a day. Safe to share between threads; sites do not wait for each other.

    A file that is missing, damaged or cannot be had reserves nothing.
    """

    def __init__(self, fetcher: Fetcher, robots: Robots, *, clock: Callable[[], datetime] | None = None) -> None:
        self._fetcher, self._robots = fetcher, robots
        self._clock = clock or fetcher.clock
        self._sites: dict[str, _Site] = {}
        self._lock = threading.Lock()

    def of_feed(self, url: str) -> str:
        """What reserves this address, in plain English; empty where nothing does."""
        address, site = self._site(url)
        with site.lock:
            now = self._clock()
            if not _good(site.rules_until, now):
                site.rules = read_tdmrep(self._body(f"{address}/.well-known/tdmrep.json"))
                site.rules_until = now + GOOD_FOR
            rules = site.rules
        return TDMREP if is_reserved(rules, _path(url)) else ""

    def of_page(self, url: str) -> str:
        """What reserves this page, in plain English; empty where nothing does."""
        if said := self.of_feed(url):
            return said
        if agents := self._robots.miners_refused(url):
            more = f" and {len(agents) - 2} more" if len(agents) > 2 else ""
            return f"its robots.txt keeps {', '.join(agents[:2])}{more} out"
        address, site = self._site(url)
        with site.lock:
            now = self._clock()
            if not _good(site.no_text_until, now):
                site.no_text = reserves_text(self._body(f"{address}/ai.txt"))
                site.no_text_until = now + GOOD_FOR
            return "its site's ai.txt" if site.no_text else ""

    def _site(self, url: str) -> tuple[str, _Site]:
        parts = urlsplit(url)
        address = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            return address, self._sites.setdefault(address, _Site())

    def _body(self, url: str) -> bytes:
        try:
            answer = self._fetcher.get(url, max_bytes=LARGEST, seconds=SECONDS)
        except SharedStoryError:
            return b""
        return b"" if isinstance(answer, Unchanged) else answer.body


def read_tdmrep(body: bytes) -> tuple[Rule, ...]:
    """Rules of a tdmrep.json; what cannot be understood is left out."""
    try:
        raw = json.loads(body) if body else []
    except (ValueError, RecursionError):
        return ()
    rules = []
    for one in raw[:MOST_RULES] if isinstance(raw, list) else []:
        if not isinstance(one, dict) or not isinstance(one.get("location"), str):
            continue
        rules.append(Rule(pattern=one["location"][:1000], reserved=str(one.get("tdm-reservation")) in {"1", "True"}))
    return tuple(rules)


def is_reserved(rules: tuple[Rule, ...], path: str) -> bool:
    """Whether `path` is reserved: the longest pattern that fits decides, a reservation where two are as long."""
    fitting = [(len(rule.pattern), rule.reserved) for rule in rules if fits(rule.pattern, path)]
    return max(fitting, default=(0, False))[1]


def fits(pattern: str, path: str) -> bool:
    """Whether a path begins as `pattern` says (`*`: anything, `$` at the end: nothing more). Linear, whatever comes."""
    whole = pattern.endswith("$")
    first, *pieces = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    last = pieces.pop() if whole and pieces else None
    for piece in pieces:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    if last is not None:
        return len(path) - len(last) >= at and path.endswith(last)
    return at == len(path) if whole else True


def reserves_text(body: bytes) -> bool:
    """Whether an ai.txt keeps all text of its site from everyone who trains or mines."""
    ours = False
    for line in body.decode("utf-8", "replace").splitlines()[:MOST_RULES]:
        name, _, value = line.split("#")[0].partition(":")
        name, value = name.strip().lower(), value.strip().lower()
        if name == "user-agent":
            ours = value == "*"
        elif ours and name == "disallow" and value in {"/", "*", "/*", "*.txt", "*.html", "/*.txt", "/*.html"}:
            return True
    return False


def _good(until: datetime | None, now: datetime) -> bool:
    return until is not None and now < until <= now + GOOD_FOR


def _path(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
