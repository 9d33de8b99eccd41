"""When a feed is asked next: adaptive within bounds, patient with failures, sure of a move before it follows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.coding import FeedMemory
from corpora.errors import Blocked, Gone, NotAFeed, NotNow, Refused, Retryable, SharedStoryError
from corpora.intervals import (
    LONGEST,
    RARELY,
    SHORTEST,
    SPREAD,
    USUAL,
    after_failure,
    after_redirect,
    after_visit,
    is_due,
    next_interval,
    wants_whole_body,
)

NOW = datetime(2026, 8, 3, 6, tzinfo=UTC)
NEW = FeedMemory(etag="", last_modified="", body_hash="", alive_at=None)
URL = "https://www.orren-echo.test/rss"


def gone(*, for_good: bool) -> Gone:
    made = Gone("x")
    made.for_good = for_good
    return made


def not_now(seconds: float) -> NotNow:
    made = NotNow("x")
    made.seconds = seconds
    return made


@pytest.mark.parametrize(
    ("minutes", "entries", "new", "then"),
    [
        (60, 0, 0, 120),
        (60, 25, 0, 120),
        (60, 25, 2, 70),
        (60, 25, 12, 60),
        (120, 25, 20, 60),
        (60, 25, 20, SHORTEST),
        (60, 25, 25, SHORTEST),
        (240, 25, 25, 60),
        (1400, 25, 0, LONGEST),
        (SHORTEST, 25, 25, SHORTEST),
    ],
)
def test_the_interval_follows_the_share_of_new_entries(minutes: int, entries: int, new: int, then: int) -> None:
    assert next_interval(minutes, entries, new) == then


@given(st.integers(-10, 10_000), st.integers(0, 2_000), st.integers(0, 2_000))
def test_the_interval_stays_in_its_bounds(minutes: int, entries: int, new: int) -> None:
    assert SHORTEST <= next_interval(minutes, entries, new) <= LONGEST


def wait(memory: FeedMemory) -> timedelta:
    assert memory.due_at is not None
    return memory.due_at - NOW


def near(seconds: float, memory: FeedMemory) -> bool:
    return seconds <= wait(memory).total_seconds() <= seconds * (1 + SPREAD) + 1


def test_a_first_visit_says_nothing_of_how_often_there_is_news() -> None:
    memory = after_visit(NEW, URL, NOW, entries=25, new=25, first=True)
    assert memory.interval_minutes == USUAL
    assert near(3600, memory)


def test_what_a_server_says_of_its_answer_is_believed_up_to_a_day() -> None:
    for hint, seconds in ((7200, 7200), (60, 3600), (10**9, 86_400)):
        assert near(seconds, after_visit(NEW, URL, NOW, entries=1, new=1, first=True, hint_seconds=hint))


def test_feeds_are_spread_and_each_keeps_its_place() -> None:
    waits = {wait(after_visit(NEW, f"{URL}?{n}", NOW, entries=1, new=1, first=True)).total_seconds() for n in range(50)}
    assert len(waits) > 30
    assert wait(after_visit(NEW, URL, NOW, entries=1, new=1, first=True)) == wait(
        after_visit(NEW, URL, NOW, entries=1, new=1, first=True)
    )


@pytest.mark.parametrize(
    ("failure", "seconds"),
    [
        (Retryable("x"), 1800),
        (gone(for_good=False), 1800),
        (Blocked("x"), 3600),
        (NotAFeed("x"), 3600),
        (Refused("x"), 3600),
        (not_now(5), 1800),
        (not_now(7200), 7200),
        (gone(for_good=True), RARELY.total_seconds() / (1 + SPREAD)),
    ],
    ids=str,
)
def test_a_failure_lets_a_feed_rest(failure: SharedStoryError, seconds: float) -> None:
    assert near(seconds, after_failure(NEW, URL, NOW, failure))


def test_failures_in_a_row_let_it_rest_longer_and_a_success_ends_that() -> None:
    memory, waits = NEW, []
    for _ in range(70):
        memory = after_failure(memory, URL, NOW, Retryable("x"))
        waits.append(wait(memory))
    assert waits == sorted(waits)
    assert waits[-1] <= RARELY + timedelta(seconds=1), "a weekly run still asks it"
    assert max(one for one in waits[:59]) <= timedelta(days=1) * (1 + SPREAD) + timedelta(seconds=1)
    assert after_visit(memory, URL, NOW, entries=1, new=1, first=False).failures == 0


def test_when_it_is_due() -> None:
    memory = replace(NEW, due_at=NOW)
    assert is_due(None, NOW)
    assert is_due(NEW, NOW)
    assert is_due(memory, NOW)
    assert not is_due(memory, NOW - timedelta(seconds=1))
    assert is_due(memory, NOW - timedelta(days=300)), "the clock was wrong when it was written"


def test_now_and_then_the_body_is_asked_for_whatever_the_validators_say() -> None:
    memory = replace(NEW, full_at=NOW)
    assert wants_whole_body(NEW, NOW)
    assert not wants_whole_body(memory, NOW + timedelta(hours=4))
    assert wants_whole_body(memory, NOW + timedelta(hours=5)), "the next visit would be too late"
    assert wants_whole_body(replace(memory, interval_minutes=LONGEST), NOW)
    assert wants_whole_body(replace(memory, validators_lie=True), NOW + timedelta(hours=1))
    assert wants_whole_body(memory, NOW - timedelta(hours=1)), "a clock that was put back"


def test_a_move_is_followed_when_it_was_said_three_times_in_three_days() -> None:
    memory, to = NEW, "https://new.test/rss"
    for hours in (0, 24, 48):
        memory = after_redirect(memory, to, NOW + timedelta(hours=hours))
        assert memory.moved_to == ""
        assert memory.moving_to == to
    memory = after_redirect(memory, to, NOW + timedelta(hours=72))
    assert (memory.moved_to, memory.moving_to) == (to, "")


def test_a_move_that_is_taken_back_or_changed_begins_anew() -> None:
    memory = NEW
    for hours in (0, 48, 96):
        memory = after_redirect(memory, f"https://new.test/{hours}", NOW + timedelta(hours=hours))
    assert memory.moving_times == 1
    memory = after_redirect(memory, "", NOW)
    assert memory == NEW
