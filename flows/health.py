"""How a week's health is worked out, noted in the store after each collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from corpora.alarms import changes, shared_factors
from corpora.catalogue import Catalogue
from corpora.health import (
    REACH,
    Alarm,
    FeedWeek,
    OutletWeek,
    RegionWeek,
    bounds,
    covered,
    earlier,
    quiet_factor,
    volume_alarm,
    week_of,
    weeks_between,
)
from corpora.quality import measure, scored
from corpora.store import Store
from corpora.store import health as kept
from corpora.times import LONDON

AGAIN = 3
"""Finished weeks that are counted anew each time: stories dated in them still come in."""
MOST_WEEKS = 12
"""Most finished weeks that are made up for after a pause, or in a store that had none noted."""
HISTORY = 60
"""Weeks that alarms look back on."""
LOOKED_AT = "looked_at"
"""Among the parts of a week's quality: how many texts there were, copies too, when it was measured."""

T = TypeVar("T", FeedWeek, OutletWeek, RegionWeek)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """What was counted anew."""

    feeds: list[FeedWeek]
    outlets: list[OutletWeek]
    regions: list[RegionWeek]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Area:
    """A region, the codes inside it, and the outlets that cover it."""

    gss: str
    inside: frozenset[str]
    outlets: tuple[str, ...]


def note_health(store: Store, catalogue: Catalogue, now: datetime) -> list[Alarm]:
    """Work out the health of the running week and the last finished ones, and keep it; return the new week's alarms.

    Running it twice changes nothing. Call it when a collection has ended and its copies are known, before texts are
    let go: how pages were read can only be seen while their texts are there. Weeks it does not count anew stay as
    they were noted.

    Args:
        store: Where visits and stories are, and where it is kept.
        catalogue: Outlets whose feeds are followed, and regions.
        now: The clock, UTC.

    Returns:
        Alarms noticed in the last finished week.
    """
    weeks = _window(store, now)
    urls = [feed.url for outlet in catalogue.outlets.values() for feed in outlet.feeds]
    begun = {outlet: week_of(at) for outlet, at in kept.first_asked(store, urls).items()}
    if not begun:
        return []
    done = earlier(weeks[-1], 1)
    history = kept.outlet_weeks(store, first=earlier(weeks[-1], HISTORY), last=weeks[-1])
    areas = _areas(catalogue, begun)
    counted = _Counted(feeds=[], outlets=[], regions=[])
    for week in weeks:
        _count(store, urls, week, now=now, begun=begun, history=history, areas=areas, into=counted)
    rows = _by_outlet([*history, *counted.outlets])
    found = _volume(rows, begun, weeks_between(earlier(weeks[-1], HISTORY), done))
    found += _quality(rows, done)
    fresh = [row for one in rows.values() for row in one.values() if row.week in weeks]
    kept.save_weeks(
        store,
        feeds=_changed(counted.feeds, kept.feed_weeks(store, weeks), "url"),
        outlets=_changed(fresh, history, "outlet"),
        regions=_changed(counted.regions, kept.region_weeks(store, weeks), "gss"),
    )
    kept.save_alarms(store, [one for one in found if weeks[0] <= one.week <= done], first=weeks[0], last=done)
    store.set_note(kept.NOTED, weeks[-1])
    return [one for one in found if one.week == done]


def _window(store: Store, now: datetime) -> list[str]:
    """Weeks to count: the running one and those before it that may have changed since they were noted."""
    running = week_of(now)
    noted = store.note(kept.NOTED)
    first = earlier(running, MOST_WEEKS) if noted is None else min(noted, earlier(running, AGAIN))
    return weeks_between(max(first, earlier(running, MOST_WEEKS)), running)


def _by_outlet(rows: Iterable[OutletWeek]) -> dict[str, dict[str, OutletWeek]]:
    """Rows by outlet and week; of two for the same week the later counts."""
    found: dict[str, dict[str, OutletWeek]] = {}
    for row in sorted(rows, key=lambda one: one.week):
        found.setdefault(row.outlet, {})[row.week] = row
    return found


def _changed(rows: Iterable[T], before: Iterable[T], key: str) -> list[T]:
    """Rows that are not in the store yet as they are."""
    known = {(getattr(row, key), row.week): row for row in before}
    return [row for row in rows if known.get((getattr(row, key), row.week)) != row]


# Counting


def _areas(catalogue: Catalogue, begun: Mapping[str, str]) -> list[_Area]:
    """Regions with an outlet that was ever asked."""
    found = []
    for region in catalogue.regions.values():
        covering = tuple(outlet.slug for outlet in catalogue.outlets_for(region))
        if any(slug in begun for slug in covering):
            inside = frozenset({region.gss, *catalogue.authorities(region)})
            found.append(_Area(gss=region.gss, inside=inside, outlets=covering))
    return found


def _count(
    store: Store,
    urls: Sequence[str],
    week: str,
    *,
    now: datetime,
    begun: Mapping[str, str],
    history: Iterable[OutletWeek],
    areas: Iterable[_Area],
    into: _Counted,
) -> None:
    """Count one week."""
    since, until = bounds(week)
    noted = {row.outlet: row for row in history if row.week == week}
    feeds = kept.feed_weeks_counted(store, urls, week, since=since, until=until)
    days = kept.days_asked(store, urls, since=since - REACH, until=until + REACH)
    heard = {outlet for outlet, on in days.items() if begun[outlet] <= week and covered(week, on, now.date())}
    marks: dict[str, list[kept.StoryMark]] = {outlet: [] for outlet in heard}
    for mark in kept.story_marks(store, since=since, until=until):
        if mark.outlet in marks:
            marks[mark.outlet].append(mark)
    rows = [_outlet_week(store, outlet, week, marks[outlet], noted.get(outlet)) for outlet in sorted(heard)]
    into.feeds.extend(feeds)
    into.outlets.extend(rows)
    into.regions.extend(_regions(areas, week, feeds, rows, kept.placed(store, since=since, until=until)))


def _outlet_week(
    store: Store,
    outlet: str,
    week: str,
    marks: Sequence[kept.StoryMark],
    noted: OutletWeek | None,
) -> OutletWeek:
    days = [0] * 7
    for mark in marks:
        days[mark.published.astimezone(LONDON).weekday()] += 1
    row = OutletWeek(outlet=outlet, week=week, days=tuple(days), copies=sum(mark.copy for mark in marks))
    if noted is not None:
        row = replace(row, measured=noted.measured, parts=noted.parts, quality=noted.quality)
    readable = [mark.story_id for mark in marks if mark.kept]
    # Looked at again where more is there than was looked at; where texts went meanwhile, what was measured stands.
    if len(readable) > row.parts.get(LOOKED_AT, 0):
        texts = kept.read_texts(store, readable)
        if len(texts) >= row.measured:
            row = replace(row, measured=len(texts), parts={**measure(texts), LOOKED_AT: float(len(readable))})
    return row


def _regions(
    areas: Iterable[_Area],
    week: str,
    feeds: Iterable[FeedWeek],
    rows: Iterable[OutletWeek],
    placed: Mapping[str, set[str]],
) -> list[RegionWeek]:
    asked: dict[str, list[FeedWeek]] = {}
    for one in feeds:
        asked.setdefault(one.outlet, []).append(one)
    stories = {row.outlet: row.stories for row in rows}
    found = []
    for area in areas:
        if not any(slug in stories or slug in asked for slug in area.outlets):
            continue
        visited = [one for slug in area.outlets for one in asked.get(slug, [])]
        found.append(
            RegionWeek(
                gss=area.gss,
                week=week,
                outlets=len(area.outlets),
                reporting=sum(stories.get(slug, 0) > 0 for slug in area.outlets),
                silent=sum(slug in stories and not stories[slug] for slug in area.outlets),
                feeds=len(visited),
                failing=sum(not one.working for one in visited),
                stories=len(set().union(*(placed.get(gss, set()) for gss in area.inside))),
            )
        )
    return found


# What is not as usual


def _volume(
    rows: Mapping[str, Mapping[str, OutletWeek]], begun: Mapping[str, str], weeks: Sequence[str]
) -> list[Alarm]:
    """Changes of volume of every outlet. Its first week is left out: that one was collected in part."""
    series = {
        outlet: [own[week].stories if week in own and week > begun.get(outlet, week) else None for week in weeks]
        for outlet, own in rows.items()
    }
    shared = shared_factors(list(series.values()), len(weeks))
    factors = [quiet_factor(week) if one is None else one for week, one in zip(weeks, shared, strict=True)]
    return [
        volume_alarm(change, rows[outlet], weeks, outlet)
        for outlet, counts in sorted(series.items())
        for change in changes(counts, factors)
    ]


def _quality(rows: dict[str, dict[str, OutletWeek]], done: str) -> list[Alarm]:
    """Score the finished weeks of every outlet, in place; return the alarms."""
    found = []
    for own in rows.values():
        finished = [row for week, row in sorted(own.items()) if week <= done]
        for row, (value, alarm) in zip(finished, scored(finished), strict=True):
            own[row.week] = replace(row, quality=None if value is None else round(value, 4))
            if alarm is not None:
                found.append(alarm)
    return found
