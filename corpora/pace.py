"""How politely servers are asked: one request at a time per host, few per publisher, pauses between them.

Many titles of one publisher are separate hosts on the same servers, so hosts are grouped by owner as well.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

OWNER_AT_ONCE = 2
"""Requests to one publisher under way at the same time (Media Cloud's figure for one source)."""

OWNER_SHARE = 0.25
"""Pause between the starts of two requests to one publisher, as a share of the pause for one host."""

LONGEST_WAIT = timedelta(days=1)
"""More is not waited however much a server asks for: 88 hours have been seen."""

LONGEST_DELAY = 60.0
"""Seconds of `Crawl-delay` that are kept. Pages of a site that asks for more are left alone."""


@dataclass(slots=True)
class _Host:
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Held by the one request that is under way."""
    free_at: float = 0.0
    delay: float = 0.0
    """Pause its robots.txt asks for."""
    closed_until: datetime | None = None


@dataclass(slots=True)
class _Owner:
    slots: threading.BoundedSemaphore
    gate: threading.Lock = field(default_factory=threading.Lock)
    """Held by the one that waits to start next."""
    free_at: float = 0.0


class Pace:
    """Keeps turns. Safe to share between threads.

    Args:
        pause: Seconds between the end of one request to a host and the start of the next.
        sleep: Called with seconds to wait.
        clock: For `Retry-After`, which may hold for hours.
        monotonic: For pauses, which no change of the system's clock may shorten.
    """

    def __init__(
        self,
        *,
        pause: float,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.pause = pause
        self._sleep, self._clock, self._monotonic = sleep, clock, monotonic
        self._hosts: defaultdict[str, _Host] = defaultdict(_Host)
        self._owners: defaultdict[str, _Owner] = defaultdict(lambda: _Owner(threading.BoundedSemaphore(OWNER_AT_ONCE)))
        self._owner_of: dict[str, str] = {}
        self._lock = threading.Lock()

    def group(self, owners: Mapping[str, str]) -> None:
        """Say who owns which host; independent titles have nothing in common but the word."""
        with self._lock:
            self._owner_of.update({host: name for host, owner in owners.items() if (name := publisher(owner))})

    def slow_down(self, host: str, seconds: float) -> None:
        """Keep at least `seconds` between requests to `host` (`Crawl-delay`), up to `LONGEST_DELAY`."""
        self._host(host).delay = min(max(0.0, seconds), LONGEST_DELAY)

    def close(self, host: str, seconds: float) -> None:
        """Leave `host` alone for so long (`Retry-After`)."""
        self._host(host).closed_until = self._clock() + timedelta(seconds=seconds)

    def closed_for(self, host: str) -> float:
        """Seconds for which `host` still is to be left alone; 0 where it may be asked."""
        until = self._host(host).closed_until
        if until is None:
            return 0.0
        left = (until - self._clock()).total_seconds()
        # More than was ever set: the clock was put back. It is asked rather than left for good.
        return left if 0 < left <= LONGEST_WAIT.total_seconds() else 0.0

    @contextmanager
    def turn(self, host: str) -> Iterator[float]:
        """Wait for the turn of `host` and its publisher, and hold it; gives the seconds waited."""
        one = self._host(host)
        began = self._monotonic()
        with one.lock:
            self._wait_until(one.free_at)
            try:
                with self._owner_turn(host):
                    yield self._monotonic() - began
            finally:
                # From the end of the request, so that the server sees the whole pause however slow the way there is.
                one.free_at = max(one.free_at, self._monotonic()) + max(self.pause, one.delay)

    @contextmanager
    def _owner_turn(self, host: str) -> Iterator[None]:
        with self._lock:
            name = self._owner_of.get(host)
            owner = self._owners[name] if name else None
        if owner is None:
            yield
            return
        with owner.slots:
            with owner.gate:
                self._wait_until(owner.free_at)
                owner.free_at = max(owner.free_at, self._monotonic()) + self.pause * OWNER_SHARE
            yield

    def _host(self, host: str) -> _Host:
        with self._lock:
            return self._hosts[host]

    def _wait_until(self, moment: float) -> None:
        left = moment - self._monotonic()
        if left > 0:
            self._sleep(left)


def publisher(owner: str) -> str:
    """The publisher an outlet's owner stands for; empty for independent titles, which share no servers."""
    return "" if owner.startswith("Independent") else owner


def asked_to_wait(header: str, now: datetime) -> float:
    """Seconds a `Retry-After` header asks for, at most `LONGEST_WAIT`; 0 where it cannot be read or is past.

    Args:
        header: Seconds, or a date.
        now: The time it came.
    """
    text = header.strip()
    if text.isascii() and text.isdecimal():
        seconds = float(text[:12])
    else:
        try:
            moment = parsedate_to_datetime(text[:60])
        except (ValueError, TypeError, OverflowError, IndexError):
            return 0.0
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        try:
            seconds = (moment - now).total_seconds()
        except OverflowError:
            return 0.0
    return min(max(0.0, seconds), LONGEST_WAIT.total_seconds())
