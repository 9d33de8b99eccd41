"""Alarms on simulated outlets whose truth is known, and how pages are read, on real ones.

Run as a program it prints the figures of the alarms: false ones in an outlet's year, and weeks until a real change
is noticed.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import Generator

from corpora import health
from corpora.alarms import Change, began_on, changes, shared_factors
from corpora.health import SETTLED, Alarm, OutletWeek, in_force, volume_alarm
from corpora.quality import ReadText, measure, score, scored

MEANS = (2, 5, 15, 40, 150)
"""Stories a week of simulated outlets."""
SPREADS = (10, 25, 60)
"""Gamma shape of a week's level: outlets vary by 32, 20 and 13 % beyond chance."""


# Simulated outlets


def calendar(weeks: int, start: int) -> list[float]:
    """What holidays do to a week, by its number from `start` on."""
    worth = {51: 0.55, 0: 0.7, 15: 0.85, 17: 0.85, 21: 0.85, 34: 0.85} | dict.fromkeys(range(29, 34), 0.9)
    return [worth.get((start + at) % 52, 1.0) for at in range(weeks)]


def known_factors(weeks: int, start: int) -> list[float]:
    """What the program knows of holidays by the calendar alone: two weeks, and not exactly."""
    return [{51: 0.6, 0: 0.75}.get((start + at) % 52, 1.0) for at in range(weeks)]


def simulated(dice: Generator, levels: Sequence[float], spread: float) -> list[int]:
    """Weekly counts: Poisson about a level that itself varies (negative binomial)."""
    return [int(one) for one in dice.poisson(dice.gamma(spread, 1 / spread, len(levels)) * np.asarray(levels))]


def false_alarms(
    dice: Generator, mean: float, spread: float, *, outlets: int, weeks: int = 110
) -> tuple[float, Counter[str]]:
    """False alarms in an outlet's year, and how many of each kind. News weeks are shared by a dozen outlets."""
    kinds: Counter[str] = Counter()
    for _ in range(outlets // 12):
        start = int(dice.integers(52))
        shared = np.exp(dice.normal(0, 0.08, weeks)) * calendar(weeks, start)
        series = [simulated(dice, mean * shared, spread) for _ in range(12)]
        middle = shared_factors(series, weeks)
        known = known_factors(weeks, start)
        factors = [by_calendar if one is None else one for one, by_calendar in zip(middle, known, strict=True)]
        for counts in series:
            kinds.update(change.kind for change in changes(counts, factors) if change.kind != "came_back")
    years = outlets // 12 * 12 * (weeks - 6) / 52
    return sum(kinds.values()) / years, kinds


def delays(dice: Generator, mean: float, ratio: float, *, outlets: int, spread: float = 25) -> list[int | None]:
    """Weeks until a level that is `ratio` times the usual one for 20 weeks is noticed; None where it never was."""
    found: list[int | None] = []
    kinds = {"fell", "fell_silent"} if ratio < 1 else {"rose", "flood"}
    for _ in range(outlets):
        start, weeks = int(dice.integers(52)), 72
        turn = int(dice.integers(20, 50))
        levels = mean * np.exp(dice.normal(0, 0.08, weeks)) * calendar(weeks, start)
        levels[turn : turn + 20] *= ratio
        told = changes(simulated(dice, levels, spread), known_factors(weeks, start))
        hits = [one.at - turn + 1 for one in told if turn <= one.at < turn + 20 and one.kind in kinds]
        found.append(min(hits, default=None))
    return found


def within(found: Sequence[int | None], weeks: int) -> float:
    return sum(one is not None and one <= weeks for one in found) / len(found)


def test_false_alarms_are_rare_in_an_outlets_year() -> None:
    """Bar: one in four years of an outlet whose weeks vary by a fifth beyond chance. Measured: 0.04 to 0.10."""
    dice = np.random.default_rng(20261125)
    for mean in (5, 40):
        rate, kinds = false_alarms(dice, mean, 25, outlets=84)
        assert rate <= 0.25, (mean, rate, kinds)


def test_a_dead_feed_a_halved_one_and_a_flood_are_noticed() -> None:
    dice = np.random.default_rng(20261126)
    assert within(delays(dice, 40, 0.0, outlets=40), 2) >= 0.95
    assert within(delays(dice, 5, 0.0, outlets=40), 4) >= 0.85
    assert within(delays(dice, 40, 0.5, outlets=40), 10) >= 0.8
    for mean in (5, 40):
        assert within(delays(dice, mean, 10.0, outlets=40), 1) >= 0.97


# Changes of level


def kinds(found: Sequence[Change]) -> list[tuple[str, int, int]]:
    return [(one.kind, one.since, one.at) for one in found]


STEADY = [20, 23, 18, 21, 19, 22, 20, 17, 24, 20]


def test_a_dead_feed_is_noticed_in_its_first_week_and_its_return_too() -> None:
    found = changes([*STEADY, 0, 0, 0, 21, 20])
    assert kinds(found) == [("fell_silent", 10, 10), ("came_back", 13, 13)]
    assert found[0].before == pytest.approx(20.4)
    assert found[0].after == 0
    assert found[0].p < 0.001


def test_a_flood_is_one_and_does_not_become_what_is_usual() -> None:
    found = changes([*STEADY, 210, 19, 21, 20, 0])
    assert kinds(found) == [("flood", 10, 10), ("came_back", 11, 11), ("fell_silent", 14, 14)]


def test_a_return_with_a_backlog_is_a_return() -> None:
    assert kinds(changes([*STEADY, 0, 0, 75, 20, 21])) == [("fell_silent", 10, 10), ("came_back", 12, 12)]


def test_a_lower_level_is_told_once_and_is_usual_after_a_while() -> None:
    found = changes([*STEADY, *[9, 10, 8, 10, 9, 11, 10, 9, 10, 9, 10, 8, 10, 9]])
    assert [one.kind for one in found] == ["fell"]
    assert found[0].since == 10
    later = changes([*STEADY, *[9, 10, 8, 10, 9, 11, 10, 9, 10, 9, 10, 8, 10, 9], 0, 0])
    assert [one.kind for one in later] == ["fell", "fell_silent"]


def test_a_fall_that_ends_in_silence_is_told_twice() -> None:
    assert [one.kind for one in changes([*STEADY, 8, 9, 8, 0, 0, 0])] == ["fell", "fell_silent"]


def test_silence_is_silence_until_a_story_comes() -> None:
    found = changes([*STEADY, *[0] * 30, 3, 2, 21, 22])
    assert kinds(found) == [("fell_silent", 10, 10), ("fell", 40, 40), ("came_back", 43, 43)]
    assert kinds(changes([*STEADY, *[0] * 30, 18])) == [("fell_silent", 10, 10), ("came_back", 40, 40)]


def test_weeks_in_which_nobody_asked_are_no_silence() -> None:
    assert changes([*STEADY, None, None, 21, 20, None, 19]) == []
    assert kinds(changes([*STEADY, None, 0])) == [("fell_silent", 11, 11)]


def test_a_young_or_empty_series_says_nothing() -> None:
    assert changes([]) == []
    assert changes([None] * 30) == []
    assert changes([0] * 60) == []
    assert changes([20, 21, 0, 0, 0]) == []


@given(
    st.lists(st.none() | st.integers(0, 10**6), max_size=40),
    st.integers(0, 40),
    st.lists(st.sampled_from([0.0, 0.5, 0.6, 1.0, 1.5]), min_size=40, max_size=40),
)
@settings(max_examples=150, deadline=None)
def test_what_was_noticed_stays_when_later_weeks_come(counts: list[int | None], cut: int, worth: list[float]) -> None:
    whole = changes(counts, worth[: len(counts)])
    assert changes(counts[:cut], worth[:cut]) == [one for one in whole if one.at < cut]
    for one in whole:
        assert 0 <= one.since <= one.at < len(counts)
        assert 0 <= one.p <= 1
        assert one.before >= 0
        assert one.after >= 0


def test_a_week_that_is_small_for_all_is_a_fall_of_none() -> None:
    outlets = [[20 + (at * 7 + one) % 5 for at in range(14)] + [8, 8, 21] for one in range(9)]
    dead = [*STEADY, 20, 21, 22, 20, 0, 0, 0]
    worth = [1.0 if one is None else one for one in shared_factors([*outlets, dead], 17)]
    assert worth[14] == 0.5
    assert worth[13] == worth[16] == 1.0
    assert all(changes(counts, worth) == [] for counts in outlets)
    assert [one.kind for one in changes(dead, worth)] == ["fell_silent"]
    assert shared_factors(outlets[:5], 17) == [None] * 17


@pytest.mark.parametrize("day", range(1, 14))
def test_the_day_it_began_is_found(day: int) -> None:
    usual = [(6, 5, 5, 6, 5, 2, 1)] * 6
    around = [count if at < day else 0 for at, count in enumerate(usual[0] * 2)]
    assert abs(began_on(usual, around, 0.0) - day) <= 1


def test_an_alarm_bears_the_day_it_began() -> None:
    weeks = health.weeks_between("2026-W30", "2026-W44")
    rows = {week: OutletWeek(outlet="echo", week=week, days=(6, 5, 5, 6, 5, 2, 1), copies=0) for week in weeks[:-2]}
    rows |= {
        weeks[-2]: OutletWeek(outlet="echo", week=weeks[-2], days=(6, 5, 5, 0, 0, 0, 0), copies=0),
        weeks[-1]: OutletWeek(outlet="echo", week=weeks[-1], days=(0,) * 7, copies=0),
    }
    (change,) = changes([rows[week].stories for week in weeks])
    alarm = volume_alarm(change, rows, weeks, "echo")
    assert (alarm.kind, alarm.week, alarm.since) == ("fell_silent", "2026-W44", date(2026, 10, 22))


# Weeks


@given(st.integers(0, 60 * 366 * 24 * 60))
def test_weeks_are_those_of_the_reports(minutes: int) -> None:
    from reports.weeks import Week
    from reports.weeks import week_of as theirs

    aware = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    label = health.week_of(aware)
    week = Week.parse(label)
    assert theirs(aware) == week
    assert health.bounds(label) == (week.start, week.end)
    assert health.earlier(label, 3) == week.minus(3).label
    assert health.weeks_between(label, week.minus(-2).label) == [label, week.minus(-1).label, week.minus(-2).label]


def test_a_week_is_known_where_nobody_paused_for_longer_than_a_feed_reaches_back() -> None:
    monday = health.monday_of("2026-W40")

    def known(*days: int, today: int = 20) -> bool:
        on = {monday + timedelta(days=one) for one in days}
        return health.covered("2026-W40", on, monday + timedelta(days=today))

    assert known(0, 7), "once a week, on Mondays"
    assert known(-3, 4, 11), "once a week, on Fridays"
    assert known(*range(7))
    assert known(-1, 1, 3, 5)
    assert not known(0), "only once, at its beginning"
    assert known(0, today=0), "as far as it has gone"
    assert not known(3, 4, 5, 6), "its first days are not known"
    assert not known(-1, 8)
    assert not known(7)
    assert not known()


def test_christmas_is_quiet() -> None:
    assert health.quiet_factor("2026-W52") == 0.6
    assert health.quiet_factor("2026-W53") == 0.75
    assert health.quiet_factor("2026-W44") == 1.0


# How pages were read


def read(text: str, **more: object) -> ReadText:
    return ReadText(**{"text_from": "page", "text": text, **more})  # type: ignore[arg-type]


def test_what_stands_in_every_story_and_labels_are_counted() -> None:
    box = "Sign up for our letter and never miss a story from the valley."
    stories = [f"The weir at mill {n} fell in the night, and neighbours mended it." for n in range(5)]
    parts = measure([read(f"{story}\n{box}\nMost read") for story in stories])
    assert parts["page"] == 1.0
    assert 0.4 < parts["repeated"] < 0.65
    assert parts["short"] == pytest.approx(1 / 3, abs=0.001)
    assert score(measure([read(story) for story in stories]), 5, [])[0] == 1.0
    assert score(parts, 5, [])[0] < 0.5


@given(st.lists(st.tuples(st.text(), st.sampled_from(["page", "feed", "headline"]), st.booleans()), max_size=12))
@settings(deadline=None)
def test_any_text_gives_a_score(texts: list[tuple[str, str, bool]]) -> None:
    parts = measure([read(text, text_from=origin, failed=failed) for text, origin, failed in texts])
    if texts:
        for usual in (0.0, 1.0, 5000.0):
            assert 0.0 <= score(parts, len(texts), [usual] * 6)[0] <= 1.0
    else:
        assert parts == {}


@pytest.fixture(scope="module")
def real(shared: Path) -> list[str]:
    """Texts of real pages, as the program reads them."""
    from corpora.errors import NotAStory
    from corpora.pages import extract_page

    texts = []
    for path in sorted((shared / "pages" / "uk").glob("*.gz")):
        try:
            texts.append(extract_page(gzip.decompress(path.read_bytes())).text)
        except NotAStory:
            continue
    folder = shared / "pages" / "zyte"
    texts += [one["articleBody"] for one in json.loads((folder / "ground-truth.json").read_text()).values()]
    return [text for text in texts if len(text) > 400]


def weeks_of(dice: Generator, texts: Sequence[str], n: int, each: int) -> list[list[ReadText]]:
    return [[read(texts[at]) for at in dice.choice(len(texts), each, replace=False)] for _ in range(n)]


def rows_of(weeks: Sequence[Sequence[ReadText]]) -> list[OutletWeek]:
    labels = health.weeks_between("2025-W01", health.earlier("2025-W01", 1 - len(weeks)))
    return [
        OutletWeek(outlet="echo", week=label, days=(len(one),) * 7, copies=0, measured=len(one), parts=measure(one))
        for label, one in zip(labels, weeks, strict=True)
    ]


BOXES = (
    "\n".join(f"Box number {n} of the new page tells you to read, share and subscribe." for n in range(12)) + "\nShare"
)


def fault(name: str, one: ReadText, at: int) -> ReadText:
    if name == "boxes":
        return replace(one, text=f"{one.text}\n{BOXES}")
    if name == "half fail":
        return replace(one, text=one.text[:150], text_from="feed", failed=True) if at % 2 else one
    if name == "first paragraph":
        return replace(one, text=one.text.split("\n")[0][:300])
    return replace(one, text="\n".join(["Menu", "News in brief", "Sport", "What is on", *one.text.split("\n")[:3]]))


def quality_figures(texts: Sequence[str], *, outlets: int, each: int) -> dict[str, float]:
    """False alarms in an outlet's year, and the share of each fault found in the first week it is there."""
    dice = np.random.default_rng(7)
    found: Counter[str] = Counter()
    for _ in range(outlets):
        weeks = weeks_of(dice, texts, 32, each)
        found["false"] += sum(alarm is not None for _, alarm in scored(rows_of(weeks)))
        for name in ("boxes", "half fail", "first paragraph", "menus"):
            changed = [*weeks[:20], [fault(name, one, at) for at, one in enumerate(weeks[20])]]
            found[name] += scored(rows_of(changed))[-1][1] is not None
    years = outlets * 28 / 52
    return {name: count / (years if name == "false" else outlets) for name, count in found.items()}


@pytest.mark.shared
def test_a_changed_template_is_noticed_on_real_texts(real: list[str]) -> None:
    """Weeks of 20 texts drawn from real ones of many sites, which differ more than those of one outlet do."""
    found = quality_figures(real, outlets=15, each=20)
    assert found["half fail"] >= 0.9, found
    assert found["first paragraph"] >= 0.9, found
    assert found["boxes"] >= 0.7, found
    assert found.get("false", 0.0) <= 1.0, found


def test_quality_is_compared_with_pages_only_where_there_are_pages() -> None:
    page = {"page": 1.0, "feed": 0.0, "headline": 0.0, "failed": 0.0, "length": 3000.0, "repeated": 0.0, "short": 0.05}
    feed = {**page, "page": 0.0, "feed": 1.0, "length": 200.0}
    labels = health.weeks_between("2026-W20", "2026-W40")
    rows = [
        OutletWeek(outlet="echo", week=label, days=(5,) * 7, copies=0, measured=30, parts=page if at < 12 else feed)
        for at, label in enumerate(labels)
    ]
    assert [alarm for _, alarm in scored(rows) if alarm] == [], "the workspace was told not to fetch pages any more"
    broken = [
        replace(row, parts={**page, "failed": 0.6, "page": 0.4}) if at >= 12 else row for at, row in enumerate(rows)
    ]
    told = [alarm for _, alarm in scored(broken) if alarm]
    assert {(alarm.kind, alarm.part, alarm.since) for alarm in told} == {
        ("quality_fell", "failed", health.monday_of(labels[12]))
    }
    assert len(told) == SETTLED, "what nobody mends is usual after a while"


def test_few_texts_are_not_scored() -> None:
    row = OutletWeek(outlet="echo", week="2026-W40", days=(1,) * 7, copies=0, measured=7, parts={"length": 1.0})
    assert scored([row]) == [(None, None)]


# What a reader of a week has to know


def alarm(kind: str, week: str, outlet: str = "echo") -> Alarm:
    since = health.monday_of(week)
    return Alarm(outlet=outlet, week=week, kind=kind, since=since, before=20, after=0, p=1.0)  # type: ignore[arg-type]


def test_the_last_word_on_an_outlets_volume_counts() -> None:
    told = [alarm("fell_silent", "2026-W30"), alarm("came_back", "2026-W40"), alarm("quality_fell", "2026-W39")]
    assert [one.kind for one in in_force(told, "2026-W29")] == []
    assert [one.kind for one in in_force(told, "2026-W39")] == ["fell_silent", "quality_fell"]
    assert [one.kind for one in in_force(told, "2026-W40")] == ["came_back"]
    assert [one.kind for one in in_force(told, "2026-W41")] == []
    assert [one.kind for one in in_force([alarm("rose", "2026-W30")], "2026-W37")] == ["rose"]
    assert in_force([alarm("rose", "2026-W30")], "2026-W38") == []


def figures() -> list[str]:
    """The figures, as lines."""
    dice = np.random.default_rng(20261125)
    lines = ["False alarms in an outlet's year, by stories a week and spread of its weeks beyond chance"]
    for mean in MEANS:
        rates = [f"{1 / spread**0.5:.0%}: {false_alarms(dice, mean, spread, outlets=144)[0]:.2f}" for spread in SPREADS]
        lines.append(f"  {mean:>3} a week   {'   '.join(rates)}")
    for name, ratio in (("a dead feed", 0.0), ("a halved feed", 0.5), ("a tenfold flood", 10.0)):
        lines.append(f"Weeks until {name} is noticed (spread 20%)")
        for mean in MEANS:
            found = delays(dice, mean, ratio, outlets=150)
            known = sorted(one for one in found if one is not None)
            half, most = (known[int(len(known) * share)] for share in (0.5, 0.9)) if known else (0, 0)
            share = len(known) / len(found)
            lines.append(f"  {mean:>3} a week   noticed {share:.0%}, half of these by week {half}, 9 in 10 by {most}")
    return lines


if __name__ == "__main__":
    sys.stdout.write("\n".join(figures()) + "\n")
