"""A week's report is built from the store into one record, then written as files that replace the old ones at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from corpora.catalogue import Catalogue
from corpora.coding import Coder, Hit, PublishedStory
from corpora.errors import NotReady
from corpora.records import FRAMES, Outlet, Region
from corpora.store import Store, health
from reports.assembly import ROLLING, Measured, page
from reports.changes import Change, Windows, compare, grade_all
from reports.counts import SPOKEN, count
from reports.coverage import OutletCoverage, coverage, reporting
from reports.files import write
from reports.report import DistrictRow, RegionReport, WeeklyReport
from reports.weeks import Week, week_of, weeks_back

__all__ = ["build", "build_all", "regions_of", "write"]

LEAD_IN = 4
"""Weeks read before the first counted one, so that a late copy of an older story is known as a copy."""
FEWEST_FOR_HALVES = 8


def regions_of(catalogue: Catalogue, region: Region) -> list[Region]:
    """The region and its local authorities, by name: what a report with working district links is built for."""
    inside = [catalogue.regions[gss] for gss in catalogue.authorities(region) if gss != region.gss]
    return [region, *sorted(inside, key=lambda one: (one.name, one.gss))]


def build(  # noqa: PLR0917  read in this order everywhere
    store: Store,
    catalogue: Catalogue,
    region: Region,
    week: Week,
    coder_name: str,
    now: datetime,
    weeks: int = 12,
) -> RegionReport:
    """Build the report of one region by itself.

    See `build_all`; a report of several regions must be built there, because changes are graded together.
    """
    return build_all(store, catalogue, [region], week, coder_name, now, weeks).regions[0]


def build_all(  # noqa: PLR0917  as build
    store: Store,
    catalogue: Catalogue,
    regions: Sequence[Region],
    week: Week,
    coder_name: str,
    now: datetime,
    weeks: int = 12,
) -> WeeklyReport:
    """Build one week's report on one or more regions.

    Args:
        store: Where stories and labels are kept; only read.
        catalogue: Regions and outlets.
        regions: Regions to report on.
        week: The week reported.
        coder_name: Whose labels are counted.
        now: The clock, UTC: decides which feed visits count as "now" and whether the week is over.
        weeks: Weeks shown, 1 or more.

    Raises:
        NotReady: No such coder has judged anything in this store.
        ValueError: `weeks` is below 1 or no region is given.
    """
    if weeks < 1 or not regions:
        raise ValueError("a report needs at least one week and one region")
    coder = store.coder(coder_name)
    if coder is None:
        raise NotReady(
            f"The store has no labels by {coder_name!r}.", what_next="Let the model judge the stories first."
        )
    distinct = {one.gss: one for one in regions}
    ordered = sorted(distinct.values(), key=lambda one: (one.name, one.gss))
    shown = weeks_back(week, weeks)
    measured = [_measure(store, catalogue, one, shown=shown, coder=coder, now=now) for one in ordered]
    graded = iter(grade_all([change for one in measured for change in one.changes]))
    pages = []
    for one in measured:
        changes = [next(graded) for _ in one.changes]
        pages.append(page(one, changes, shown, coder, now))
    return WeeklyReport(week=week, made=now, coder=coder, regions=tuple(pages))


def _counted(shown: Sequence[Week]) -> tuple[Week, ...]:
    """Weeks shown, those the first rolling share needs, and at least the two windows that are compared."""
    return weeks_back(shown[-1], max(len(shown) + ROLLING - 1, 2 * ROLLING))


def _load(
    store: Store, gss: Sequence[str], counted: Sequence[Week], coder: Coder
) -> tuple[list[PublishedStory], list[Hit]]:
    since, until = counted[0].minus(LEAD_IN).start, counted[-1].end
    stories = store.published(gss, since=since, until=until, coder=coder.name)
    return stories, store.hits(gss, since=since, until=until, coder=coder)


def _measure(
    store: Store, catalogue: Catalogue, region: Region, *, shown: Sequence[Week], coder: Coder, now: datetime
) -> Measured:
    counted = _counted(shown)
    inside = catalogue.authorities(region)
    # The region's own code too: a county-wide story that names no authority counts only for the county.
    gss = sorted({*inside, region.gss})
    stories, hits = _load(store, gss, counted, coder)
    outlets = {one.slug: one for one in catalogue.outlets_for(region)}
    for story in stories:
        outlets.setdefault(story.outlet, _outlet(catalogue, story.outlet))
    feeds = [feed for outlet in outlets.values() for feed in outlet.feeds]
    # A visit made at this very moment counts: times are kept to the second.
    checks = store.checks(feeds, since=counted[0].minus(LEAD_IN).start, until=now + timedelta(seconds=1))
    alarms = health.alarms(store, last=counted[-1].label)
    heard = coverage(list(outlets.values()), stories, checks, counted, inside=inside, alarms=alarms)
    counts = count(stories, hits, counted)
    edited = sorted({hit.story_id for hit in hits if hit.version_number < hit.latest_version})
    districts: tuple[DistrictRow, ...] = ()
    if region.tier != "lad":
        districts = tuple(_district(store, catalogue.regions[gss], counted, coder) for gss in inside)
    return Measured(
        region=region,
        counted=counted,
        counts=counts,
        hits=tuple(hits),
        details=store.story_details(gss, since=counted[0].start, until=counted[-1].end, coder=coder),
        latest=store.latest_wordings(edited),
        coverage=heard,
        changes=tuple(_changes(region, stories=stories, hits=hits, heard=heard, counted=counted, shown=shown)),
        districts=tuple(sorted(districts, key=lambda row: (row.name, row.gss))),
    )


def _outlet(catalogue: Catalogue, slug: str) -> Outlet:
    known = catalogue.outlets.get(slug)
    return known or Outlet(slug=slug, title=slug, owner="", homepage="", areas=(), feeds=())


def _district(store: Store, region: Region, counted: Sequence[Week], coder: Coder) -> DistrictRow:
    stories, hits = _load(store, [region.gss], counted, coder)
    counts = count(stories, hits, counted)
    last = counted[-ROLLING:]
    return DistrictRow(
        gss=region.gss,
        name=region.name,
        read=len(counts.stories(last)),
        rates={frame: counts.rate(last, frame, "any") for frame in FRAMES},
    )


def _changes(
    region: Region,
    *,
    stories: Sequence[PublishedStory],
    hits: Sequence[Hit],
    heard: Sequence[OutletCoverage],
    counted: Sequence[Week],
    shown: Sequence[Week],
) -> list[Change]:
    windows: list[tuple[Windows, Sequence[Week], Sequence[Week]]] = [
        ("four weeks", counted[-2 * ROLLING : -ROLLING], counted[-ROLLING:])
    ]
    # Two halves of eight weeks would be the four-week windows again.
    if len(shown) > FEWEST_FOR_HALVES:
        half = len(shown) // 2
        windows.append(("halves", shown[-2 * half : -half], shown[-half:]))
    found = []
    for name, before, after in windows:
        span = (*before, *after)
        active = {one.outlet for one in stories if week_of(one.published) in span}
        panel = reporting(heard, span) & active
        left_out = tuple(row.title for row in heard if row.slug in active - panel)
        counts = count(stories, hits, counted, outlets=panel if left_out else None)
        found += [
            compare(
                counts,
                region=region.gss,
                frame=frame,
                spoken=spoken,
                windows=name,
                before=before,
                after=after,
                shown=counted,
                left_out=left_out,
            )
            for frame in FRAMES
            for spoken in SPOKEN
        ]
    return found
