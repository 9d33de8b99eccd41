"""A region's page is put together from its counts, graded changes and coverage; nothing new is measured here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from corpora.coding import Coder, Hit, StoryDetail
from corpora.records import FRAMES, Frame, Region
from reports.changes import Change
from reports.charts import TrendPoint
from reports.counts import SPOKEN, Counts, spoken_of
from reports.coverage import OutletCoverage
from reports.evidence import EvidenceStory, evidence, key_of
from reports.reading_notes import blame_facts
from reports.report import (
    DistrictRow,
    EvidenceRow,
    FigureRow,
    FrameSection,
    GroupRow,
    RegionReport,
    VoiceFigure,
)
from reports.sayings import Reach, can_be_said, cannot_be_said
from reports.weeks import Week, week_of, weeks_back
from reports.wording import group_name

ROLLING = 4
"""Weeks of the rolling share and of each compared window: one week alone is too noisy (measurement: a doubling
of single-week local counts is mostly invisible)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A region counted and compared, before the whole report has been graded."""

    region: Region
    counted: tuple[Week, ...]
    """Weeks counted, oldest first: those shown and the ones the first rolling share needs."""
    counts: Counts
    hits: tuple[Hit, ...]
    details: dict[str, StoryDetail]
    """What holds of whole stories, by story id."""
    latest: dict[str, str]
    """Newest wording of edited stories with hits, by story id."""
    coverage: tuple[OutletCoverage, ...]
    """Over `counted`."""
    changes: tuple[Change, ...]
    districts: tuple[DistrictRow, ...]


def page(one: Measured, changes: Sequence[Change], shown: Sequence[Week], coder: Coder, now: datetime) -> RegionReport:
    """Put one region's page together.

    Args:
        one: What was measured.
        changes: Its changes, graded with the whole report.
        shown: Weeks shown, oldest first; the last is the week reported.
        coder: Whose labels were counted.
        now: The clock, UTC.
    """
    counts, week = one.counts, shown[-1]
    counted = one.counted
    shown_coverage = tuple(_narrowed(row, counted, shown) for row in one.coverage)
    sections = tuple(
        FrameSection(
            frame=frame,
            figures=tuple(
                VoiceFigure(
                    spoken=spoken,
                    week=counts.rate([week], frame, spoken),
                    four_weeks=counts.rate(counted[-ROLLING:], frame, spoken),
                )
                for spoken in SPOKEN
            ),
            trend=tuple(_point(counts, frame, at, shown_coverage) for at in shown),
            changes=tuple(change for change in changes if change.frame == frame),
        )
        for frame in FRAMES
    )
    copies = [
        copy for family in counts.families.values() for copy in family.placements if week_of(copy.published) == week
    ]
    reach = Reach(
        read=len(counts.stories([week])),
        unread=len(counts.unread.get(week, frozenset())),
        reporting=len({copy.outlet for copy in copies}),
        expected=len(one.coverage),
    )
    titles = {row.slug: row.title for row in one.coverage}
    everything = evidence(counts, one.hits, counted, titles=titles, latest=one.latest)
    family_weeks = {family: member.week for family, member in counts.families.items()}
    before = counted[-ROLLING:-1]
    return RegionReport(
        region=one.region,
        week=week,
        weeks=tuple(shown),
        made=now,
        coder=coder,
        read=reach.read,
        unread=reach.unread,
        placements=len(copies),
        undated=sum(not copy.published_trusted for copy in copies),
        summaries=sum(copy.text_from != "page" for copy in copies),
        reporting=reach.reporting,
        expected=reach.expected,
        frames=sections,
        can=can_be_said(week, reach, sections),
        cannot=cannot_be_said(week, reach, sections, shown_coverage, region=one.region.name, finished=now >= week.end),
        blame=blame_facts(counts, counted[-ROLLING:], one.details),
        groups=_groups(counts, week, counted[-ROLLING:]),
        stories=tuple(story for story in everything if family_weeks[story.family_id] == week),
        earlier=tuple(story for story in reversed(everything) if family_weeks[story.family_id] in before),
        coverage=shown_coverage,
        districts=one.districts,
        figures=tuple(_figures(counts, counted)),
        evidence=tuple(_rows(counts, one.hits, everything)),
    )


def _narrowed(row: OutletCoverage, counted: Sequence[Week], shown: Sequence[Week]) -> OutletCoverage:
    """Keep the weeks shown only."""
    stories = dict(zip(counted, row.weekly, strict=True))
    return replace(
        row,
        weekly=tuple(stories[week] for week in shown),
        silent=tuple(week for week in row.silent if week in shown),
        unheard=tuple(week for week in row.unheard if week in shown),
    )


def _point(counts: Counts, frame: Frame, week: Week, heard: Sequence[OutletCoverage]) -> TrendPoint:
    rolling = weeks_back(week, ROLLING)
    return TrendPoint(
        week=week,
        rolling={spoken: counts.rate(rolling, frame, spoken) for spoken in SPOKEN},
        weekly={spoken: counts.rate([week], frame, spoken) for spoken in SPOKEN},
        silent=sum(week in row.silent for row in heard),
    )


def _groups(counts: Counts, week: Week, four_weeks: Sequence[Week]) -> tuple[GroupRow, ...]:
    codes = {code for at, _, code in counts.groups if at in four_weeks}
    rows = [
        GroupRow(
            code=code,
            name=group_name(code),
            week={frame: len(counts.of_group([week], frame, code)) for frame in FRAMES},
            four_weeks={frame: len(counts.of_group(four_weeks, frame, code)) for frame in FRAMES},
        )
        for code in codes
    ]
    return tuple(sorted(rows, key=lambda row: (row.name.casefold(), row.code)))


def _figures(counts: Counts, counted: Sequence[Week]) -> Iterator[FigureRow]:
    for at, week in enumerate(counted):
        for frame in FRAMES:
            for spoken in SPOKEN:
                yield FigureRow(
                    week=week, window="week", frame=frame, spoken=spoken, rate=counts.rate([week], frame, spoken)
                )
                if at + 1 >= ROLLING:
                    rolling = weeks_back(week, ROLLING)
                    yield FigureRow(
                        week=week,
                        window="4 weeks",
                        frame=frame,
                        spoken=spoken,
                        rate=counts.rate(rolling, frame, spoken),
                    )


def _rows(counts: Counts, hits: Sequence[Hit], stories: Sequence[EvidenceStory]) -> Iterator[EvidenceRow]:
    """One row for each hit in a counted family; the excerpt only where the page may show it too."""
    copies = {copy.story_id: (family, copy) for family in counts.families.values() for copy in family.placements}
    excerpts = {(story.family_id, excerpt.key): excerpt.text for story in stories for excerpt in story.excerpts}
    for hit in hits:
        if hit.story_id not in copies:
            continue
        family, copy = copies[hit.story_id]
        if not family.judged:
            continue
        yield EvidenceRow(
            week=family.week,
            frame=hit.frame,
            aspect=hit.aspect,
            voice=hit.voice,
            counts_in=spoken_of(hit),
            family_id=family.id,
            story_id=hit.story_id,
            version=hit.version_number,
            outlet=copy.outlet,
            url=copy.url,
            published=copy.published,
            unit=hit.unit,
            start=hit.sentence.start,
            end=hit.sentence.end,
            sentence=excerpts.get((family.id, key_of(hit)), ""),
            groups=hit.groups,
            probability=hit.probability,
            detail=hit.detail,
            coder=hit.coder,
            codebook=hit.codebook,
        )
