"""Whether a site's robots.txt lets us read a page (RFC 9309), how slowly, and whom it keeps from mining its text.

Feeds are published for readers, so they are not asked about.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from urllib.parse import urlsplit

from protego import Protego

from corpora.errors import Blocked, Gone, Refused, Retryable
from corpora.fetch import Fetcher, site_of
from corpora.pace import LONGEST_DELAY
from corpora.records import Unchanged

LARGEST = 512 * 1024

GOOD_FOR = timedelta(hours=24)
"""How long rules are believed: the most that RFC 9309 allows."""

UNREACHABLE_FOR = timedelta(hours=1)
"""How long a robots.txt that could not be had is taken to forbid everything, before it is asked for again."""

NOBODY = "no-such-agent"
"""Stands for any agent a file does not name."""


@dataclass(slots=True)
class _Site:
    lock: threading.Lock = field(default_factory=threading.Lock)
    rules: Protego | None = None
    until: datetime | None = None


class Robots:
    """Remembers each site's rules for a day. Safe to share between threads; sites do not wait for each other.

    Args:
        fetcher: Fetches robots.txt, and is told of `Crawl-delay`.
        user_agent: How we introduce ourselves.
        clock: By which rules age; the fetcher's unless given.
    """

    def __init__(self, fetcher: Fetcher, *, user_agent: str, clock: Callable[[], datetime] | None = None) -> None:
        self._fetcher = fetcher
        self._agent = user_agent.split("/", maxsplit=1)[0]
        self._clock = clock or fetcher.clock
        self._sites: dict[str, _Site] = {}
        self._lock = threading.Lock()

    def check(self, url: str) -> None:
        """Raise Refused where the page may not be read.

        A missing robots.txt (4xx) allows all. One that cannot be reached allows nothing: RFC 9309 section 2.3.1.4.
        """
        rules, host = self._rules(url), urlsplit(url).hostname
        if rules is None:
            raise Refused(f"{host} gives no robots.txt just now, so its pages are left alone.")
        if not rules.can_fetch(url, self._agent):
            raise Refused(f"{host} asks robots not to read this page.")
        delay = rules.crawl_delay(self._agent) or 0.0
        if not delay <= LONGEST_DELAY:
            raise Refused(f"{host} asks robots to wait {delay:,.0f} s between pages, so its pages are left alone.")
        self._fetcher.pace.slow_down(site_of(url), delay)

    def miners_refused(self, url: str) -> tuple[str, ...]:
        """Agents that gather text for AI and are kept from this page, while agents nobody names are not."""
        rules = self._rules(url)
        if rules is None or not rules.can_fetch(url, NOBODY):
            return ()
        return tuple(agent for agent in miners() if not rules.can_fetch(url, agent))

    def _rules(self, url: str) -> Protego | None:
        parts = urlsplit(url)
        address = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            site = self._sites.setdefault(address, _Site())
        with site.lock:
            now = self._clock()
            # A clock that was put back does not keep old rules alive.
            if site.until is None or not now < site.until <= now + GOOD_FOR:
                site.rules = self._fetch(address)
                site.until = now + (UNREACHABLE_FOR if site.rules is None else GOOD_FOR)
            return site.rules

    def _fetch(self, site: str) -> Protego | None:
        try:
            answer = self._fetcher.get(f"{site}/robots.txt", max_bytes=LARGEST)
        except (Gone, Blocked):
            return Protego.parse("")
        except (Retryable, Refused):
            return None
        body = b"" if isinstance(answer, Unchanged) else answer.body
        return Protego.parse(body.decode("utf-8", "replace"))


@cache
def miners() -> tuple[str, ...]:
    """Names under which sites address those who gather text for AI."""
    table = (resources.files("corpora") / "data" / "ai_agents.tsv").read_text(encoding="utf-8")
    return tuple(line.split("\t")[0] for line in table.splitlines()[1:] if line)
