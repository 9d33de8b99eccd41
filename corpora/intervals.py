"""When a feed is asked next: sooner where much of it was new, later where nothing was, much later where it failed.

Pure rules on what is remembered of a feed. They follow Media Cloud's fetcher: additive steps by the share of known
entries, linear back-off with fractional failures ("a surprising number of feeds come back"), never longer than a day
for a feed that works.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from corpora.coding import FeedMemory
from corpora.errors import Gone, NotNow, Retryable, SharedStoryError
from corpora.records import stable_id

SHORTEST, USUAL, LONGEST = 15, 60, 1440
"""Minutes."""

SPREAD = 0.1
"""Most of its interval that is added to it, by a feed's address: else all feeds would be due at the same moment."""

FULL_EVERY = timedelta(hours=6)
"""A body is asked for this often whatever the validators say: some servers never change their ETag."""

MANY_FAILURES = 30.0
RARELY = timedelta(days=6, hours=12)
"""How long a feed is left alone after many failures, or 410: a weekly run still asks it, and says how it stands."""

IMPOSSIBLE = timedelta(days=8)
"""Nothing is ever due so far ahead: the clock was wrong when it was written."""

MOVES_NEEDED = 3
MOVES_WITHIN = timedelta(days=3)
"""A feed has moved once its server has said so this often, and for so long."""


def is_due(memory: FeedMemory | None, now: datetime) -> bool:
    """Whether a feed may be asked."""
    if memory is None or memory.due_at is None:
        return True
    return not now < memory.due_at < now + IMPOSSIBLE


def wants_whole_body(memory: FeedMemory, now: datetime) -> bool:
    """Whether no validators are to be sent this time."""
    if memory.validators_lie or memory.full_at is None:
        return True
    # By the next visit it would be too long ago.
    until_next = timedelta(minutes=memory.interval_minutes * (1 + SPREAD))
    return not timedelta(0) <= now - memory.full_at < FULL_EVERY - until_next


def after_visit(
    memory: FeedMemory, url: str, now: datetime, *, entries: int, new: int, hint_seconds: float = 0.0, first: bool
) -> FeedMemory:
    """What is remembered after a visit that worked.

    Args:
        memory: What was remembered before.
        url: The feed's address.
        now: Time of the visit.
        entries: Entries the feed lists; 0 where nothing had changed.
        new: Those that were new or edited.
        hint_seconds: How long the server says its answer stays good; believed up to a day.
        first: Whether it was the first visit that worked: then all is new, and says nothing.
    """
    minutes = memory.interval_minutes if first else next_interval(memory.interval_minutes, entries, new)
    wait = max(minutes * 60.0, min(hint_seconds, LONGEST * 60.0))
    return replace(memory, interval_minutes=minutes, failures=0.0, due_at=_due(now, wait, url))


def next_interval(minutes: int, entries: int, new: int) -> int:
    """Minutes until the next visit, from those before this one.

    Nothing new: an hour longer. More than two thirds known: ten minutes longer. Under a third known: an hour shorter.
    None known: a quarter, since entries may have come and gone unseen.
    """
    if new <= 0 or entries <= 0:
        minutes += 60
    elif new >= entries:
        minutes //= 4
    elif 3 * new < entries:
        minutes += 10
    elif 3 * new > 2 * entries:
        minutes -= 60
    return min(max(minutes, SHORTEST), LONGEST)


def after_failure(memory: FeedMemory, url: str, now: datetime, failure: SharedStoryError) -> FeedMemory:
    """What is remembered after a visit that failed: the more in a row, the longer the rest."""
    soft = isinstance(failure, Retryable) or (isinstance(failure, Gone) and not failure.for_good)
    failures = memory.failures + (0.5 if soft else 1.0)
    wait = min(memory.interval_minutes * failures, LONGEST) * 60.0
    if isinstance(failure, NotNow):
        wait = max(wait, failure.seconds)
    if failures >= MANY_FAILURES or (isinstance(failure, Gone) and failure.for_good):
        wait = RARELY.total_seconds() / (1 + SPREAD)
    return replace(memory, failures=failures, due_at=_due(now, wait, url))


def after_optout(memory: FeedMemory, url: str, now: datetime) -> FeedMemory:
    """What is remembered of a feed whose publisher reserves it: asked again after a day, lest it changed its mind."""
    return replace(memory, failures=0.0, due_at=_due(now, LONGEST * 60.0, url))


def after_redirect(memory: FeedMemory, target: str, now: datetime) -> FeedMemory:
    """What is remembered of where a feed says it has moved to for good (`target`; empty: nowhere)."""
    if not target:
        return replace(memory, moving_to="", moving_since=None, moving_times=0)
    if target != memory.moving_to or memory.moving_since is None:
        return replace(memory, moving_to=target, moving_since=now, moving_times=1)
    memory = replace(memory, moving_times=memory.moving_times + 1)
    if memory.moving_times >= MOVES_NEEDED and now - (memory.moving_since or now) >= MOVES_WITHIN:
        return replace(memory, moved_to=target, moving_to="", moving_since=None, moving_times=0)
    return memory


def _due(now: datetime, seconds: float, url: str) -> datetime:
    share = int(stable_id("spread", url, length=6), 16) / 16**6
    # Whole seconds, as the store keeps them.
    return (now + timedelta(seconds=seconds * (1.0 + SPREAD * share))).replace(microsecond=0) + timedelta(seconds=1)
