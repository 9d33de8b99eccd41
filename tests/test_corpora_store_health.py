"""A week's health is counted from visits and stories, kept, and stays when texts, stories and visits are gone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from corpora.coding import FeedCheck, FeedMemory
from corpora.health import Alarm, FeedWeek, OutletWeek, RegionWeek, bounds
from corpora.quality import ReadText
from corpora.records import FeedState, Story
from corpora.store import Store
from corpora.store import health as kept

sys.path.append(str(Path(__file__).parent / "support"))
from storing import HERE, SEEN, STORY

WEEK = "2026-W32"
START, END = bounds(WEEK)
MEMORY = FeedMemory(etag="", last_modified="", body_hash="", alive_at=None)
A, B = "https://www.orren-echo.test/rss", "https://www.orren-post.test/rss"


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    where = (
        tmp_path / "store.sqlite" if request.param == "sqlite" else str(request.getfixturevalue("server").database())
    )
    with Store(where) as opened:
        yield opened


def visit(store: Store, url: str, hours: float, state: FeedState, **more: int) -> None:
    outlet = "orren-echo" if url == A else "orren-post"
    at = START + timedelta(hours=hours)
    store.save_check(FeedCheck(url=url, outlet=outlet, at=at, state=state, **more), MEMORY)


def keep(
    store: Store, n: int, *, at: datetime = SEEN, outlet: str = "orren-echo", outcome: str = "story", text: str = ""
) -> Story:
    made = replace(
        STORY, url=f"https://{outlet}.test/{n}", outlet=outlet, published=at, first_seen=at, text=text or f"Text {n}."
    )
    store.save_entry(
        key=f"{outlet}{n}", entry_hash="w", outlet=outlet, outcome=outcome, found=made, areas=[(HERE, "outlet_area")]
    )
    return made


def test_visits_are_counted_by_what_they_brought(store: Store) -> None:
    visit(store, A, -1, "gone")
    visit(store, A, 0, "alive", entries=30, new_stories=12, new_versions=1, thin=3)
    visit(store, A, 24, "unchanged")
    visit(store, A, 48, "alive", entries=31, new_stories=4, thin=1)
    visit(store, A, 72, "unreachable")
    visit(store, B, 1, "silent")
    visit(store, B, 2, "blocked")
    visit(store, B, 7 * 24, "alive")
    first, second = sorted(
        kept.feed_weeks_counted(store, [A, B], WEEK, since=START, until=END), key=lambda row: row.url
    )
    assert first == FeedWeek(
        url=A,
        outlet="orren-echo",
        week=WEEK,
        visits=4,
        answered=3,
        silent=0,
        blocked=0,
        failed=1,
        entries=31,
        new=16,
        edited=1,
        thin=4,
        last_state="unreachable",
    )
    assert first.working
    assert (second.visits, second.silent, second.blocked, second.working) == (2, 1, 1, False)
    assert second.last_state == "blocked"
    days = kept.days_asked(store, [A, B], since=START, until=END)
    assert {outlet: sorted(day.day for day in on) for outlet, on in days.items()} == {
        "orren-echo": [2, 3, 4, 5],
        "orren-post": [3],
    }
    assert kept.first_asked(store, [A, B, "https://never.test/"]) == {
        "orren-echo": START - timedelta(hours=1),
        "orren-post": START + timedelta(hours=1),
    }


def test_stories_copies_texts_and_places_are_found(store: Store) -> None:
    original = keep(store, 1, outlet="orren-post", at=SEEN - timedelta(days=6))
    copy, other, thin = keep(store, 2), keep(store, 3), keep(store, 4, outcome="thin")
    store.save_families({original.id: original.id, copy.id: original.id, other.id: other.id})
    marks = {one.story_id: one for one in kept.story_marks(store, since=START, until=END)}
    assert marks.keys() == {copy.id, other.id, thin.id}
    assert [marks[one.id].copy for one in (copy, other, thin)] == [True, False, False]
    texts = kept.read_texts(store, marks)
    assert sorted(texts, key=lambda one: one.text) == [
        ReadText(text_from="page", text="Text 2."),
        ReadText(text_from="page", text="Text 3."),
        ReadText(text_from="page", text="Text 4.", failed=True),
    ]
    assert kept.placed(store, since=START, until=END) == {HERE: set(marks)}
    again = keep(store, 5)
    store.save_families({original.id: original.id, copy.id: original.id, again.id: original.id})
    assert len(kept.read_texts(store, [copy.id, again.id])) == 1, "copies are one text"


OUTLET = OutletWeek(
    outlet="orren-echo",
    week=WEEK,
    days=(3, 4, 0, 5, 2, 1, 0),
    copies=4,
    measured=11,
    parts={"failed": 0.125, "length": 2100.0},
    quality=0.87,
)
REGION = RegionWeek(gss=HERE, week=WEEK, outlets=3, reporting=2, silent=1, feeds=4, failing=1, stories=40)
ALARM = Alarm(
    outlet="orren-echo", week=WEEK, kind="fell", since=date(2026, 8, 4), before=30, after=12.5, p=0.0001, part=""
)


def test_rows_come_back_as_they_were_and_replace_those_of_the_same_week(store: Store) -> None:
    kept.save_weeks(store, outlets=[OUTLET], regions=[REGION])
    kept.save_weeks(store, outlets=[replace(OUTLET, copies=5)], regions=[REGION])
    assert kept.outlet_weeks(store, first=WEEK, last=WEEK) == [replace(OUTLET, copies=5)]
    assert kept.region_weeks(store, [WEEK]) == [REGION]
    assert kept.outlet_weeks(store, first="2026-W33", last="2026-W40") == []
    assert OUTLET.stories == 15


def test_alarms_of_weeks_counted_anew_are_replaced_and_others_stay(store: Store) -> None:
    older = replace(ALARM, week="2026-W28")
    kept.save_alarms(store, [older, ALARM], first="2026-W20", last=WEEK)
    kept.save_alarms(store, [replace(ALARM, kind="fell_silent")], first="2026-W30", last=WEEK)
    assert kept.alarms(store, last=WEEK) == [older, replace(ALARM, kind="fell_silent")]
    assert kept.alarms(store, last="2026-W31") == [older]


def test_it_stays_when_texts_go_and_a_story_is_forgotten(store: Store) -> None:
    made = keep(store, 1)
    kept.save_weeks(store, outlets=[OUTLET], regions=[REGION])
    assert store.let_texts_go(now=datetime(2027, 3, 1, tzinfo=UTC), days=90) == 1
    store.forget(made.id, at=SEEN)
    assert kept.outlet_weeks(store, first=WEEK, last=WEEK) == [OUTLET]
    assert kept.story_marks(store, since=START, until=END) == []


def test_nothing_of_a_text_or_a_story_is_in_it() -> None:
    from corpora.store.schema import health_alarm, health_feed, health_outlet, health_region

    words = {one.name for table in (health_alarm, health_feed, health_outlet, health_region) for one in table.columns}
    assert not words & {"text", "title", "story_id", "version_id", "wording", "byline"}
