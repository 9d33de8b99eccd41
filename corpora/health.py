"""How well a week was collected: what each feed did, how each outlet's pages were read, and what is not as usual.

All of it is kept, since a report has to say what a week cannot say: a dead feed is no fall, a flood from one outlet
is no rise, and pages that are read badly hide what stands in them. Records and pure rules; `flows.health` fills them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from corpora.alarms import Change, VolumeKind, began_on
from corpora.records import FeedState
from corpora.times import LONDON

AlarmKind = Literal[VolumeKind, "quality_fell"]

QUIET = {1: 0.75, 25: 0.6}
"""What the weeks with New Year's Day and Christmas Day are worth where no other outlets tell."""

REACH = timedelta(days=8)
"""How far back the entries of a feed reach, as a rule; visits once a week are not always made to the hour."""

SETTLED = 8
"""Weeks after which a change is what is usual: whoever has not mended it by then knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedWeek:
    """What the visits to one feed brought in one week."""

    url: str
    outlet: str
    week: str
    visits: int
    answered: int
    """Visits that brought a working feed, changed or not."""
    silent: int
    """Visits that found a feed which lists nothing."""
    blocked: int
    failed: int
    """Visits that found no feed, nothing at all, or that were not made."""
    entries: int
    """Most entries that it listed at once."""
    new: int
    edited: int
    thin: int
    last_state: FeedState

    @property
    def working(self) -> bool:
        """Whether any visit of the week went well."""
        return self.answered > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletWeek:
    """What one outlet published in one week in which it was asked, and how it was read."""

    outlet: str
    week: str
    days: tuple[int, ...]
    """Stories dated in the week, by London day, Monday first."""
    copies: int
    """Of these, stories that stood in an earlier one too."""
    measured: int = 0
    """Of these, stories whose full text was still there to be looked at."""
    parts: Mapping[str, float] = field(default_factory=dict)
    """See `corpora.quality.measure`; empty where nothing was measured."""
    quality: float | None = None
    """0 to 1; None where too few texts were measured."""

    @property
    def stories(self) -> int:
        """Stories dated in the week."""
        return sum(self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionWeek:
    """How much of a region one week's collection saw."""

    gss: str
    week: str
    outlets: int
    """Outlets that cover it, by the catalogue."""
    reporting: int
    """Of these, outlets with a story dated in the week."""
    silent: int
    """Of these, outlets that were asked and of which no feed worked, or which had no story."""
    feeds: int
    failing: int
    """Feeds that were asked and did not work once."""
    stories: int
    """Stories placed in it, copies too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something about one outlet's week that is not as usual."""

    outlet: str
    week: str
    """Week in which it was noticed."""
    kind: AlarmKind
    since: date
    """About the first day of it; a Monday for `quality_fell`."""
    before: float
    """Stories a week, or quality."""
    after: float
    p: float
    """As in `corpora.alarms.Change`; 1 for `quality_fell`."""
    part: str = ""
    """For `quality_fell`: which part of the score fell most."""


# Weeks


def week_of(moment: datetime) -> str:
    """ISO week of a moment by the London clock, like `2026-W44`; weeks sort as texts."""
    year, number, _ = moment.astimezone(LONDON).isocalendar()
    return f"{year}-W{number:02d}"


def monday_of(week: str) -> date:
    """First day of a week."""
    year, _, number = week.partition("-W")
    return date.fromisocalendar(int(year), int(number), 1)


def bounds(week: str) -> tuple[datetime, datetime]:
    """First moment of a week, and of the next, in UTC."""
    first = monday_of(week)
    start, end = (datetime.combine(day, time(), tzinfo=LONDON) for day in (first, first + timedelta(days=7)))
    return start.astimezone(UTC), end.astimezone(UTC)


def weeks_between(first: str, last: str) -> list[str]:
    """All weeks from `first` to `last`."""
    start, end = monday_of(first), monday_of(last)
    days = range(0, (end - start).days + 1, 7)
    return [_label(start + timedelta(days=more)) for more in days]


def earlier(week: str, n: int) -> str:
    """The week `n` weeks before."""
    return _label(monday_of(week) - timedelta(days=7 * n))


def _label(day: date) -> str:
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02d}"


def covered(week: str, days: Collection[date], today: date) -> bool:
    """Whether an outlet was asked often enough for its stories of a week to be known, as far as the week has gone.

    Feeds list what is new of about a week: pauses between visits may not be longer, from the week's first day to its
    last or today. A visit of Monday speaks for the days before it.
    """
    first = monday_of(week)
    last = min(first + timedelta(days=5), today)
    at = max((day for day in days if day <= first), default=date.min)
    if at < first - REACH:
        return False
    while at < last:
        further = max(day for day in days if day <= at + REACH)
        if further == at:
            return False
        at = further
    return True


def quiet_factor(week: str) -> float:
    """What a week is worth by the calendar alone."""
    days = [monday_of(week) + timedelta(days=more) for more in range(7)]
    worth = [QUIET[day.day] for day in days if (day.month, day.day) in {(12, 25), (1, 1)}]
    return min(worth, default=1.0)


# What is not as usual


def volume_alarm(change: Change, rows: Mapping[str, OutletWeek], weeks: Sequence[str], outlet: str) -> Alarm:
    """Turn a change of level into an alarm, dated to about the day.

    Args:
        change: What was found; its numbers are indices into `weeks`.
        rows: The outlet's weeks, by label.
        weeks: The weeks the series was made of, oldest first.
        outlet: Slug.
    """
    since = weeks[change.since]
    day = monday_of(since)
    around = [one for one in weeks[max(change.since - 1, 0) : change.at + 1] if one in rows]
    usual = [rows[one].days for one in weeks[max(change.since - 13, 0) : max(change.since - 1, 0)] if one in rows]
    if change.kind != "came_back" and usual and around == weeks_between(around[0], around[-1]):
        counts = [count for one in around for count in rows[one].days]
        day = monday_of(around[0]) + timedelta(days=began_on(usual, counts, change.after))
    return Alarm(
        outlet=outlet,
        week=weeks[change.at],
        kind=change.kind,
        since=day,
        before=change.before,
        after=change.after,
        p=change.p,
    )


def in_force(alarms: Iterable[Alarm], week: str) -> list[Alarm]:
    """Alarms that a reader of this week has to know: the last of each outlet's volume, and the week's of quality."""
    volume: dict[str, Alarm] = {}
    quality: dict[str, Alarm] = {}
    for one in sorted(alarms, key=lambda alarm: alarm.week):
        if one.week > week:
            continue
        if one.kind != "quality_fell":
            volume[one.outlet] = one
        elif one.week == week:
            quality[one.outlet] = one
    oldest = earlier(week, SETTLED)
    kept = [
        one
        for one in volume.values()
        if (one.week == week if one.kind == "came_back" else one.week > oldest or one.kind == "fell_silent")
    ]
    return sorted([*kept, *quality.values()], key=lambda alarm: (alarm.outlet, alarm.kind))
