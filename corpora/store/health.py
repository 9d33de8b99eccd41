"""What the store knows of a week's health: counted from visits and stories, and kept when texts are gone.

Functions, and not a part of `Store`: only `flows.health` and reports ask, and all of it can be counted anew while
the visits and stories are there.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from corpora.health import Alarm, FeedWeek, OutletWeek, RegionWeek
from corpora.quality import ReadText
from corpora.store.base import HasTransaction, in_batches, put
from corpora.store.schema import (
    entry,
    family,
    feed,
    feed_check,
    health_alarm,
    health_feed,
    health_outlet,
    health_region,
    place,
    story,
    version,
)

ORIGINALS = timedelta(days=28)
"""How far back the original of a copy is looked for, as in reports."""

ANSWERED = ("alive", "unchanged")
FAILED = ("not_a_feed", "gone", "unreachable", "refused")

NOTED = "health"
"""Note of the workspace: the week up to which health has been noted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryMark:
    """One story as health counts it."""

    story_id: str
    outlet: str
    published: datetime
    copy: bool
    """Whether a story of its family is dated before it."""
    kept: bool
    """Whether its first text is still there."""


# Counting


def feed_weeks_counted(
    store: HasTransaction, urls: Iterable[str], week: str, *, since: datetime, until: datetime
) -> list[FeedWeek]:
    """Count the visits to feeds with since <= at < until; feeds without a visit are left out."""
    check = feed_check.c

    def states(*names: str) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((check.state.in_(names), 1), else_=0))

    found = []
    with store.transaction() as connection:
        for some in in_batches(urls):
            inside = sa.and_(check.url.in_(some), check.at >= since, check.at < until)
            last = sa.select(check.url, sa.func.max(check.at).label("at")).where(inside).group_by(check.url).subquery()
            how = sa.select(check.url, check.state, check.outlet).join(
                last, sa.and_(last.c.url == check.url, last.c.at == check.at)
            )
            ends = {row.url: row for row in connection.execute(how)}
            counted = (
                sa.select(
                    check.url,
                    sa.func.count().label("visits"),
                    states(*ANSWERED).label("answered"),
                    states("silent").label("silent"),
                    states("blocked").label("blocked"),
                    states(*FAILED).label("failed"),
                    sa.func.max(check.entries).label("entries"),
                    sa.func.sum(check.new_stories).label("new"),
                    sa.func.sum(check.new_versions).label("edited"),
                    sa.func.sum(check.thin).label("thin"),
                )
                .where(inside)
                .group_by(check.url)
            )
            found += [
                FeedWeek(**row, outlet=ends[row["url"]].outlet, week=week, last_state=ends[row["url"]].state)
                for row in connection.execute(counted).mappings()
            ]
    return found


def days_asked(store: HasTransaction, urls: Iterable[str], *, since: datetime, until: datetime) -> dict[str, set[date]]:
    """Days (UTC) on which a feed of each outlet was visited, with since <= at < until."""
    check = feed_check.c
    # Times are kept as ISO texts, and days are what they begin with.
    day = sa.func.substr(sa.type_coerce(check.at, sa.String), 1, 10)
    found: dict[str, set[date]] = defaultdict(set)
    with store.transaction() as connection:
        for some in in_batches(urls):
            inside = sa.and_(check.url.in_(some), check.at >= since, check.at < until)
            for outlet, on in connection.execute(sa.select(check.outlet, day).where(inside).distinct()):
                found[outlet].add(date.fromisoformat(on))
    return found


def first_asked(store: HasTransaction, urls: Iterable[str]) -> dict[str, datetime]:
    """When a feed of each outlet was first visited, by outlet; never visited ones are left out."""
    # One look into the index for each feed: visits of years are not gone through.
    first = sa.select(sa.func.min(feed_check.c.at)).where(feed_check.c.url == feed.c.url).scalar_subquery()
    found: dict[str, datetime] = {}
    with store.transaction() as connection:
        for some in in_batches(urls):
            for outlet, at in connection.execute(sa.select(feed.c.outlet, first).where(feed.c.url.in_(some))):
                if at is not None:
                    found[outlet] = min(found.get(outlet, at), at)
    return found


def story_marks(store: HasTransaction, *, since: datetime, until: datetime) -> list[StoryMark]:
    """Stories with since <= published < until."""
    first = (
        sa.select(family.c.family_id, sa.func.min(story.c.published).label("first"))
        .join(story, story.c.story_id == family.c.story_id)
        .where(story.c.published >= since - ORIGINALS, story.c.published < until)
        .group_by(family.c.family_id)
        .subquery()
    )
    statement = (
        sa.select(story.c.story_id, story.c.outlet, story.c.published, first.c.first, version.c.text_gone)
        .join(version, sa.and_(version.c.story_id == story.c.story_id, version.c.number == 1))
        .outerjoin(family, family.c.story_id == story.c.story_id)
        .outerjoin(first, first.c.family_id == family.c.family_id)
        .where(story.c.published >= since, story.c.published < until)
        .order_by(story.c.published, story.c.story_id)
    )
    with store.transaction() as connection:
        rows = connection.execute(statement).all()
    return [
        StoryMark(
            story_id=row.story_id,
            outlet=row.outlet,
            published=row.published,
            copy=row.first is not None and row.first < row.published,
            kept=row.text_gone is None,
        )
        for row in rows
    ]


def read_texts(store: HasTransaction, story_ids: Iterable[str]) -> list[ReadText]:
    """First texts of stories that are still there, one for each family, in the order of the stories' ids."""
    found: dict[str, ReadText] = {}
    with store.transaction() as connection:
        for some in in_batches(sorted(story_ids)):
            failed = set(
                connection.execute(
                    sa.select(entry.c.story_id).where(entry.c.story_id.in_(some), entry.c.outcome == "thin")
                ).scalars()
            )
            rows = connection.execute(
                sa.select(version.c.story_id, version.c.text_from, version.c.text, family.c.family_id)
                .outerjoin(family, family.c.story_id == version.c.story_id)
                .where(version.c.story_id.in_(some), version.c.number == 1, version.c.text_gone.is_(None))
                .order_by(version.c.story_id)
            )
            for row in rows:
                read = ReadText(text_from=row.text_from, text=row.text, failed=row.story_id in failed)
                found.setdefault(row.family_id or row.story_id, read)
    return list(found.values())


def placed(store: HasTransaction, *, since: datetime, until: datetime) -> dict[str, set[str]]:
    """Ids of stories with since <= published < until, by the region each is placed in."""
    statement = (
        sa.select(place.c.gss, place.c.story_id)
        .join(story, story.c.story_id == place.c.story_id)
        .where(story.c.published >= since, story.c.published < until)
    )
    found: dict[str, set[str]] = defaultdict(set)
    with store.transaction() as connection:
        for gss, story_id in connection.execute(statement):
            found[gss].add(story_id)
    return found


# Keeping


def save_weeks(
    store: HasTransaction,
    *,
    feeds: Iterable[FeedWeek] = (),
    outlets: Iterable[OutletWeek] = (),
    regions: Iterable[RegionWeek] = (),
) -> None:
    """Keep rows; one of the same feed, outlet or region and week is replaced."""
    with store.transaction() as connection:
        for one in feeds:
            put(connection, health_feed, _plain(one, health_feed))
        for row in outlets:
            days = " ".join(map(str, row.days))
            parts = json.dumps(dict(sorted(row.parts.items())))
            put(connection, health_outlet, {**_plain(row, health_outlet), "days": days, "parts": parts})
        for region in regions:
            put(connection, health_region, _plain(region, health_region))


def save_alarms(store: HasTransaction, alarms: Iterable[Alarm], *, first: str, last: str) -> None:
    """Keep the alarms of the weeks `first` to `last`, in the place of those that were noted for them before."""
    with store.transaction() as connection:
        connection.execute(health_alarm.delete().where(health_alarm.c.week >= first, health_alarm.c.week <= last))
        for one in alarms:
            put(connection, health_alarm, {**_plain(one, health_alarm), "since": one.since.isoformat()})


def _plain(row: FeedWeek | OutletWeek | RegionWeek | Alarm, table: sa.Table) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in table.columns}


# Asking


def feed_weeks(store: HasTransaction, weeks: Sequence[str]) -> list[FeedWeek]:
    """What was noted of feeds in these weeks, by week, outlet and address."""
    table = health_feed.c
    statement = sa.select(health_feed).where(table.week.in_(weeks)).order_by(table.week, table.outlet, table.url)
    with store.transaction() as connection:
        return [FeedWeek(**row) for row in connection.execute(statement).mappings()]


def outlet_weeks(store: HasTransaction, *, first: str, last: str) -> list[OutletWeek]:
    """What was noted of outlets in the weeks `first` to `last`, by outlet and week."""
    table = health_outlet.c
    statement = (
        sa.select(health_outlet).where(table.week >= first, table.week <= last).order_by(table.outlet, table.week)
    )
    with store.transaction() as connection:
        return [_outlet_week(row) for row in connection.execute(statement).mappings()]


def _outlet_week(row: sa.RowMapping) -> OutletWeek:
    days = tuple(map(int, row["days"].split()))
    return OutletWeek(**{**dict(row), "days": days, "parts": json.loads(row["parts"])})


def region_weeks(store: HasTransaction, weeks: Sequence[str]) -> list[RegionWeek]:
    """What was noted of regions in these weeks, by week and code."""
    table = health_region.c
    statement = sa.select(health_region).where(table.week.in_(weeks)).order_by(table.week, table.gss)
    with store.transaction() as connection:
        return [RegionWeek(**row) for row in connection.execute(statement).mappings()]


def alarms(store: HasTransaction, *, last: str) -> list[Alarm]:
    """All alarms up to and with the week `last`, by week, outlet and kind."""
    table = health_alarm.c
    statement = sa.select(health_alarm).where(table.week <= last).order_by(table.week, table.outlet, table.kind)
    with store.transaction() as connection:
        return [_alarm(row) for row in connection.execute(statement).mappings()]


def _alarm(row: sa.RowMapping) -> Alarm:
    return Alarm(**{**dict(row), "since": date.fromisoformat(row["since"])})
