"""Command `health`: what each feed did in a week, what is wrong with it, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import click

from corpora.errors import NotReady
from corpora.records import FeedState
from flows.cli_work import PARTIAL

if TYPE_CHECKING:
    from corpora.catalogue import Catalogue
    from corpora.health import Alarm, AlarmKind, FeedWeek, OutletWeek, RegionWeek
    from corpora.records import Outlet, Region
    from corpora.store import Store

PAST = 12
"""Weeks before, whose middle is the usual number of stories."""
WIDE = 34
"""Most characters of a name in the table."""
MANY_THIN, FEWEST_NEW = 0.5, 8
"""Share of pages without article text from which it is told, and of how many stories at least."""

STATES: Mapping[FeedState, tuple[str, str]] = {
    "silent": ("listed nothing", "Look at it in a browser: it may have been given up, or moved."),
    "blocked": ("turned feed readers away", "Ask the publisher for access; it is not worked around."),
    "not_a_feed": (
        "answered with a web page instead of a feed",
        "Find the feed's new address on the outlet's site and correct it in the catalogue.",
    ),
    "gone": (
        "held nothing at its address",
        "Find the feed's new address on the outlet's site and correct it in the catalogue.",
    ),
    "unreachable": (
        "could not be reached",
        "It often passes. After two weeks, look whether the site is still there.",
    ),
    "refused": (
        "was not fetched: our safety rules, robots.txt or a reservation by the publisher forbid it",
        "Leave it, or ask the publisher for permission.",
    ),
}
"""What is wrong with a feed in this state, and what to do."""

ADVICE: Mapping[AlarmKind, str] = {
    "fell_silent": "See whether the outlet still publishes; if it does, correct its feed in the catalogue.",
    "fell": "See whether its feed lists all that the outlet publishes, or carries one section only.",
    "rose": "See whether it has begun to carry other titles' stories, or a new section.",
    "flood": "Look at a few of the stories. If they are no local news, take the feed out of the catalogue.",
    "came_back": "Nothing need be done.",
    "quality_fell": "Open one of its pages and `sharedstory show` the same story; report what is missing or too much.",
}
THIN = "Open a page in a browser: it may ask for cookies or a subscription. The feed's own words are read in its place."


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, or worth a look."""

    who: str
    what: str
    to_do: str
    wrong: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What was noted of one week."""

    week: str
    outlets: tuple[Outlet, ...]
    """Those of the regions asked for."""
    feeds: Mapping[str, FeedWeek]
    """By address."""
    rows: Mapping[str, OutletWeek]
    """By outlet."""
    usual: Mapping[str, float]
    """Middle number of stories of the weeks before, by outlet."""
    regions: tuple[tuple[str, RegionWeek], ...]
    """By name."""
    alarms: tuple[Alarm, ...]
    """Those that a reader of the week has to know."""


@click.command()
@click.option("--region", "name", default=None, help="Only outlets that cover this region (name or GSS code).")
@click.option("--week", default="", metavar="2026-W44", help="ISO week. Default: the last full one.")
@click.option(
    "--weeks", type=click.IntRange(1, 53), default=1, show_default=True, help="So many weeks, up to that one."
)
@click.pass_obj
def health(home: Path, name: str | None, week: str, weeks: int) -> int:
    """Show what each feed did in a week, what is not as usual, and what to do about it.

    It is noted at the end of each `collect` and kept. Exit code 3 where something is wrong.
    """
    from corpora.health import week_of
    from flows.bench import bench
    from reports.weeks import Week
    from reports.weeks import week_of as report_week

    here = bench(str(home))
    regions = [here.catalogue.region(name)] if name else here.regions
    last = Week.parse(week) if week else report_week(here.clock()).minus(1)
    shown = [last.minus(back).label for back in range(weeks - 1, -1, -1)]
    told = [one for label in shown if (one := noted(here.store, here.catalogue, regions, label)).rows or one.feeds]
    if not told:
        span = shown[0] if len(shown) == 1 else f"{shown[0]} to {shown[-1]}"
        raise NotReady(
            f"Nothing is known of {'week' if len(shown) == 1 else 'the weeks'} {span}: no feed was asked in time.",
            what_next="It is noted at the end of each `sharedstory collect`, which has to run once a week at least.",
        )
    wrong = False
    for one in told:
        found = findings(one)
        wrong = wrong or any(finding.wrong for finding in found)
        click.echo("\n".join(page(one, found, over=one.week < week_of(here.clock()))))
    return PARTIAL if wrong else 0


def noted(store: Store, catalogue: Catalogue, regions: Sequence[Region], week: str) -> Noted:
    """Gather what was noted of one week for some regions."""
    from corpora.health import earlier, in_force
    from corpora.store import health as kept

    outlets = {one.slug: one for region in regions for one in catalogue.outlets_for(region)}
    past: dict[str, list[OutletWeek]] = {}
    for row in kept.outlet_weeks(store, first=earlier(week, PAST), last=week):
        past.setdefault(row.outlet, []).append(row)
    before = {slug: [row.stories for row in rows if row.week < week] for slug, rows in past.items()}
    names = {region.gss: region.name for region in regions}
    return Noted(
        week=week,
        outlets=tuple(sorted(outlets.values(), key=lambda one: (one.title.casefold(), one.slug))),
        feeds={one.url: one for one in kept.feed_weeks(store, [week]) if one.outlet in outlets},
        rows={slug: rows[-1] for slug, rows in past.items() if rows[-1].week == week and slug in outlets},
        usual={slug: median(counts) for slug, counts in before.items() if len(counts) >= 4},
        regions=tuple((names[one.gss], one) for one in kept.region_weeks(store, [week]) if one.gss in names),
        alarms=tuple(one for one in in_force(kept.alarms(store, last=week), week) if one.outlet in outlets),
    )


def findings(one: Noted) -> list[Finding]:
    """Say what is wrong in a week, outlet by outlet."""
    from reports.coverage import finding_words

    alarms: dict[str, list[Alarm]] = {}
    for alarm in one.alarms:
        alarms.setdefault(alarm.outlet, []).append(alarm)
    found = []
    for outlet in one.outlets:
        found += _feed_findings(outlet, one)
        found += [
            Finding(
                who=outlet.title,
                what=finding_words(alarm),
                to_do=ADVICE[alarm.kind],
                wrong=alarm.kind != "came_back",
            )
            for alarm in alarms.get(outlet.slug, [])
        ]
    return found


def _feed_findings(outlet: Outlet, one: Noted) -> list[Finding]:
    asked = [one.feeds[feed.url] for feed in outlet.feeds if feed.url in one.feeds]
    if not asked:
        return [Finding(who=outlet.title, what="It was not asked in this week.", to_do="Run `sharedstory collect`.")]
    found = []
    for row in asked:
        which = "Its feed" if len(outlet.feeds) == 1 else f"Its feed {row.url}"
        if not row.working and row.last_state in STATES:
            what, to_do = STATES[row.last_state]
            times = "the only time" if row.visits == 1 else f"all {row.visits} times"
            found.append(Finding(who=outlet.title, what=f"{which} {what} ({times} it was asked).", to_do=to_do))
        if row.new >= FEWEST_NEW and row.thin >= MANY_THIN * row.new:
            what = f"{which} led to {row.new} new stories, and {row.thin} pages held no article text."
            found.append(Finding(who=outlet.title, what=what, to_do=THIN))
    return found


COLUMNS = (
    ("visits", "times the feed was asked"),
    ("fetched", "times it answered as a feed should"),
    ("blocked", "times it turned us away"),
    ("silent", "times it listed nothing"),
    ("new", "stories it led to first"),
    ("thin", "pages without article text"),
    ("stories", "the outlet's stories dated in the week"),
    ("usual", "in the middle of the twelve weeks before"),
    ("copies", "of these stories, those that stood elsewhere before"),
    ("quality", "how well its pages were read, 0 to 1"),
)


def page(one: Noted, found: Sequence[Finding], *, over: bool) -> list[str]:
    """The lines of one week's page."""
    from corpora.health import monday_of
    from reports.weeks import day_range

    monday = monday_of(one.week)
    lines = [f"Week {one.week}, {day_range(monday, monday + timedelta(days=6))}"]
    if not over:
        lines.append("It is not over: its numbers still move, and alarms are given for finished weeks only.")
    lines += [_region_line(name, row) for name, row in one.regions]
    lines += ["", *_table(one), "", *(f"{name}: {what}." for name, what in COLUMNS), ""]
    for finding in found:
        lines += [f"{finding.who}: {finding.what}", f"    {finding.to_do}"]
    if not found:
        lines.append("Nothing is wrong.")
    return [*lines, ""]


def _region_line(name: str, row: RegionWeek) -> str:
    feeds = f"{row.feeds - row.failing} of {row.feeds} feeds that were asked worked"
    return f"{name}: {row.reporting} of {row.outlets} outlets reported, {feeds}, {row.stories:,} stories placed."


def _table(one: Noted) -> list[str]:
    cells = [("outlet", "feed", *(name for name, _ in COLUMNS))]
    for outlet in one.outlets:
        row = one.rows.get(outlet.slug)
        whole = ("", "", "", "")
        if row is not None:
            usual, quality = one.usual.get(outlet.slug), row.quality
            whole = (
                f"{row.stories}",
                "" if usual is None else f"{usual:.0f}",
                f"{row.copies}",
                "" if quality is None else f"{quality:.2f}",
            )
        for number, feed in enumerate(outlet.feeds):
            visits = _visits(one.feeds.get(feed.url))
            address = _short(feed.url.partition("://")[2].removeprefix("www."))
            title = _short(outlet.title) if number == 0 else ""
            cells.append((title, address, *visits, *(whole if number == 0 else ("", "", "", ""))))
    widths = [max(len(row[at]) for row in cells) for at in range(len(cells[0]))]
    return [
        "  ".join(cell.ljust(width) if at < 2 else cell.rjust(width) for at, (cell, width) in enumerate(pairs)).rstrip()
        for pairs in (list(zip(row, widths, strict=True)) for row in cells)
    ]


def _visits(row: FeedWeek | None) -> tuple[str, ...]:
    if row is None:
        return ("0", "", "", "", "", "")
    return tuple(map(str, (row.visits, row.answered, row.blocked, row.silent, row.new, row.thin)))


def _short(text: str) -> str:
    plain = "".join(char if char.isprintable() else " " for char in text)
    return plain if len(plain) <= WIDE else f"{plain[: WIDE - 1]}…"
