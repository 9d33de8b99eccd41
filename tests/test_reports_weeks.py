"""Weeks by the London clock: clock changes, week 53, and what is not a week."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from corpora.errors import UserError
from reports.weeks import Week, week_of, weeks_back


@pytest.mark.parametrize(
    ("moment", "label"),
    [
        (datetime(2026, 6, 14, 22, 59, 59, tzinfo=UTC), "2026-W24"),  # Sunday 23:59:59 in London
        (datetime(2026, 6, 14, 23, 0, tzinfo=UTC), "2026-W25"),  # Monday 00:00 in London
        (datetime(2026, 1, 4, 23, 30, tzinfo=UTC), "2026-W01"),  # winter: still Sunday
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "2026-W13"),  # the hour the clocks go on
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-W43"),  # the hour that comes twice
        (datetime(2026, 12, 31, 12, 0, tzinfo=UTC), "2026-W53"),
        (datetime(2027, 1, 3, 23, 59, tzinfo=UTC), "2026-W53"),
        (datetime(2027, 1, 4, 0, 0, tzinfo=UTC), "2027-W01"),
    ],
)
def test_a_moment_falls_in_its_london_week(moment: datetime, label: str) -> None:
    week = week_of(moment)
    assert week.label == label
    assert week.start <= moment < week.end


@pytest.mark.parametrize(("label", "hours"), [("2026-W13", 167), ("2026-W43", 169), ("2026-W44", 168)])
def test_weeks_with_a_clock_change_are_shorter_or_longer(label: str, hours: int) -> None:
    week = Week.parse(label)
    assert week.end - week.start == timedelta(hours=hours)


def test_weeks_follow_each_other_without_gap_over_a_year_of_53_weeks() -> None:
    run = weeks_back(Week(2027, 2), 56)
    assert len(set(run)) == 56
    assert list(run) == sorted(run)
    assert all(one.end == other.start for one, other in itertools.pairwise(run))
    assert Week(2026, 53) in run


def test_words() -> None:
    assert Week(2026, 44).dates == "26 October to 1 November 2026"
    assert Week(2026, 45).dates == "2 to 8 November 2026"
    assert Week(2026, 53).dates == "28 December 2026 to 3 January 2027"
    assert Week(2027, 1).minus(1) == Week(2026, 53)
    assert Week(2026, 53).minus(-1).label == "2027-W01"


@pytest.mark.parametrize("junk", ["", "44", "2026-W54", "2025-W53", "2026-W00", "2026-10-26", "W44", "2026-W44; x"])
def test_what_is_not_a_week_is_refused_with_advice(junk: str) -> None:
    with pytest.raises(UserError, match="2026-W44"):
        Week.parse(junk)


def test_a_time_without_a_zone_belongs_to_no_week() -> None:
    with pytest.raises(ValueError, match="zone"):
        week_of(datetime(2026, 10, 26))  # noqa: DTZ001  the missing zone is what is tested
