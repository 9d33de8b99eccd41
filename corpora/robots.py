"""Whether a site's robots.txt lets us read a page (RFC 9309).

Feeds are published for readers, so they are not asked about.
"""

from __future__ import annotations

import threading
from urllib.parse import urlsplit

from protego import Protego

from corpora.errors import Blocked, Gone, Refused, Retryable
from corpora.fetch import Fetcher
from corpora.records import Unchanged

LARGEST = 512 * 1024


class Robots:
    """Remembers each site's rules for the length of a run (RFC 9309 allows 24 hours; no run lasts as long)."""

    def __init__(self, fetcher: Fetcher, *, user_agent: str) -> None:
        self._fetcher = fetcher
        self._agent = user_agent.split("/", maxsplit=1)[0]
        self._rules: dict[str, Protego | None] = {}
        self._lock = threading.Lock()

    def check(self, url: str) -> None:
        """Raise Refused where the page may not be read.

        A missing robots.txt (4xx) allows all. One that cannot be reached allows nothing: RFC 9309 section 2.3.1.4.
        """
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            if site not in self._rules:
                self._rules[site] = self._fetch(site)
            rules = self._rules[site]
        if rules is None:
            raise Refused(f"{parts.hostname} gives no robots.txt just now, so its pages are left alone.")
        if not rules.can_fetch(url, self._agent):
            raise Refused(f"{parts.hostname} asks robots not to read this page.")

    def _fetch(self, site: str) -> Protego | None:
        try:
            answer = self._fetcher.get(f"{site}/robots.txt", max_bytes=LARGEST)
        except (Gone, Blocked):
            return Protego.parse("")
        except (Retryable, Refused):
            return None
        body = b"" if isinstance(answer, Unchanged) else answer.body
        return Protego.parse(body.decode("utf-8", "replace"))
