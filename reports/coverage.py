"""An outlet that sent nothing is named with its reason, and the weeks it cannot speak for are listed.

The commonest false trend in news monitoring is a broken feed. Everything here is counted from visits to
feeds and from stories; nothing is assumed of an outlet that was never heard.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from corpora.coding import FeedCheck, PublishedStory
from corpora.health import Alarm, in_force
from corpora.records import FeedState, Outlet
from reports.rates import listed
from reports.weeks import Week, day, week_of

ALIVE: frozenset[FeedState] = frozenset({"alive", "unchanged"})

State = Literal["answering", "partly", "failing", "never visited"]

FAULTS: Mapping[FeedState, str] = {
    "silent": "has answered but carried nothing new",
    "blocked": "has turned feed readers away",
    "not_a_feed": "answered with a web page instead of a feed",
    "gone": "has held nothing at its address",
    "unreachable": "could not be reached",
    "refused": "was not fetched: our safety rules, the publisher's robots.txt or a reservation of rights forbid it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletCoverage:
    """What one outlet sent, and what its silence means."""

    slug: str
    title: str
    homepage: str
    wide: int
    """How many council areas outside the region it also covers, by the catalogue."""
    weekly: tuple[int, ...]
    """Stories (copies, not families) dated in each week shown."""
    silent: tuple[Week, ...]
    """Weeks shown that it cannot speak for."""
    unheard: tuple[Week, ...]
    """Weeks shown before its first known story: it was not followed yet, or its feed does not reach back."""
    state: State
    """How its feeds stand at the last visit."""
    alive_at: datetime | None
    """Last visit that brought a working feed."""
    words: str
    """The state in plain English, without a full stop."""
    findings: tuple[tuple[Week, str], ...] = ()
    """What was not as usual in a week shown and limits what its figures can say, each a sentence or two."""

    def speaks_for(self, week: Week) -> bool:
        """True where a low count of that week may be read as a low count."""
        return week not in self.silent and week not in self.unheard

    def found_in(self, week: Week) -> str:
        """What was not as usual in a week; empty where nothing was noticed."""
        return " ".join(said for at, said in self.findings if at == week)


def coverage(
    outlets: Sequence[Outlet],
    stories: Sequence[PublishedStory],
    checks: Sequence[FeedCheck],
    weeks: Sequence[Week],
    *,
    inside: Iterable[str],
    alarms: Iterable[Alarm] = (),
) -> tuple[OutletCoverage, ...]:
    """Say how each outlet of a region reported, by title.

    Args:
        outlets: Outlets of the region, as the catalogue has them.
        stories: Stories of the region, from before the first week shown.
        checks: Visits to the outlets' feeds up to now, oldest first.
        weeks: Weeks shown, oldest first.
        inside: Codes of the local authorities of the region.
        alarms: What was noticed of any outlet's volume and of how its pages were read, up to the last week.
    """
    area = frozenset(inside)
    dated: dict[str, dict[Week, int]] = defaultdict(lambda: defaultdict(int))
    for one in stories:
        dated[one.outlet][week_of(one.published)] += 1
    visits: dict[str, list[FeedCheck]] = defaultdict(list)
    for check in checks:
        visits[check.outlet].append(check)
    noticed = _findings(alarms, weeks)
    rows = [
        replace(
            _one(outlet, dated.get(outlet.slug, {}), visits.get(outlet.slug, []), weeks, area),
            findings=tuple(noticed.get(outlet.slug, ())),
        )
        for outlet in outlets
    ]
    return tuple(sorted(rows, key=lambda row: (row.title.casefold(), row.slug)))


def _one(
    outlet: Outlet,
    dated: Mapping[Week, int],
    visits: Sequence[FeedCheck],
    weeks: Sequence[Week],
    area: frozenset[str],
) -> OutletCoverage:
    by_week: dict[Week, list[FeedCheck]] = defaultdict(list)
    for check in visits:
        by_week[week_of(check.at)].append(check)
    first = min(dated, default=None)
    silent, unheard = [], []
    for week in weeks:
        if dated.get(week, 0):
            continue
        tried = by_week.get(week, [])
        failed = bool(tried) and not any(check.state in ALIVE for check in tried)
        if failed or (first is not None and first < week):
            silent.append(week)
        else:
            unheard.append(week)
    state, words = _state(visits)
    if weeks and weeks[-1] in silent and state == "answering":
        words = "feed answering, but it carried no story dated in this week"
    alive = [check.at for check in visits if check.state in ALIVE]
    return OutletCoverage(
        slug=outlet.slug,
        title=outlet.title,
        homepage=outlet.homepage,
        wide=len(set(outlet.areas) - area),
        weekly=tuple(dated.get(week, 0) for week in weeks),
        silent=tuple(silent),
        unheard=tuple(unheard),
        state=state,
        alive_at=max(alive, default=None),
        words=words,
    )


def _state(visits: Sequence[FeedCheck]) -> tuple[State, str]:
    feeds: dict[str, list[FeedCheck]] = defaultdict(list)
    for check in visits:
        feeds[check.url].append(check)
    if not feeds:
        return "never visited", "no visit on record in this period"
    faults = [fault for one in sorted(feeds) if (fault := _fault(feeds[one]))]
    if not faults:
        return "answering", "feed answering"
    if len(faults) == len(feeds):
        if len(faults) == 1:
            return "failing", f"{faults[0]}: silence here is not a fall"
        return "failing", f"none of its {len(feeds)} feeds works: one {', one '.join(faults)}; silence is not a fall"
    broken = f"{len(faults)} of its {len(feeds)} feeds"
    does = "does" if len(faults) == 1 else "do"
    return "partly", f"{broken} {does} not work: {'; '.join(faults)}. A lower count may come from that"


def _fault(visits: Sequence[FeedCheck]) -> str:
    """Say what is wrong with one feed and since when; empty where its last visit went well."""
    last = visits[-1]
    if last.state in ALIVE:
        return ""
    began = last.at
    for check in reversed(visits):
        if check.state in ALIVE:
            break
        began = check.at
    return f"{FAULTS[last.state]} since {day(began)}"


def _findings(alarms: Iterable[Alarm], weeks: Sequence[Week]) -> dict[str, list[tuple[Week, str]]]:
    known = list(alarms)
    found: dict[str, list[tuple[Week, str]]] = defaultdict(list)
    for week in weeks:
        for alarm in in_force(known, week.label):
            found[alarm.outlet].append((week, finding_words(alarm)))
    return found


def finding_words(alarm: Alarm) -> str:
    """What was noticed of an outlet, and what may not be read from it; sentences that follow its title."""
    since, usual, now = f"about {day(alarm.since)}", _a_week(alarm.before), _a_week(alarm.after)
    was = "was" if usual in {ONE, NONE} else "were"
    level = f"Since {since} it has sent {now} a week, where {usual} {was} usual."
    match alarm.kind:
        case "fell_silent":
            return (
                f"It has sent no story since {since}, where {usual} a week {was} usual. "
                "A fall of any figure may be that silence."
            )
        case "fell":
            return f"{level} Fewer flagged stories may come from that alone."
        case "rose":
            return f"{level} More flagged stories may come from that alone, and shares rest more on this outlet."
        case "flood":
            return f"{level} What looks like a change in the region may be this one outlet."
        case "came_back":
            return (
                f"It sends about as much as usual again since {since}. "
                "A rise against the weeks before may come from that alone."
            )
        case "quality_fell":
            return (
                f"Its pages have been read less well since {since}: {_READ_WORSE.get(alarm.part, 'texts differ')}. "
                "They may be built differently now; flags may be missing, and wrong ones may have been added."
            )


_READ_WORSE: Mapping[str, str] = {
    "failed": "more of them hold no article text",
    "length": "texts are much longer or shorter than they were",
    "repeated": "the same paragraphs stand in story after story",
    "short": "more of the text is labels and menus",
}


ONE, NONE = "about one story", "hardly a story"


def _a_week(level: float) -> str:
    """A level of stories a week, in words."""
    if level < 0.5:
        return NONE
    return ONE if level < 1.5 else f"about {level:,.0f} stories"


def reporting(rows: Iterable[OutletCoverage], weeks: Iterable[Week]) -> frozenset[str]:
    """Slugs of the outlets that speak for every one of these weeks: the panel two periods can be compared on."""
    asked = tuple(weeks)
    return frozenset(row.slug for row in rows if all(row.speaks_for(week) for week in asked))


MANY_SILENT = 0.3
"""Share of a region's outlets from which on their silence is said of the region, before anything else."""


def silences(rows: Iterable[OutletCoverage], week: Week) -> tuple[str, ...]:
    """What cannot be said of this week: of the region where many are silent, then a sentence for each outlet.

    Outlets that cannot speak for the week come by title, with those that can and did not send as usual among them.
    """
    known = tuple(rows)
    mute = sum(not row.speaks_for(week) for row in known)
    said = []
    if mute >= 2 and mute >= MANY_SILENT * len(known):
        said.append(
            f"{mute} of the {len(known)} outlets followed here cannot speak for week {week.number}. Its figures are of "
            "the others only, and must not be compared with weeks in which more reported."
        )
    for row in known:
        noticed = row.found_in(week)
        if not row.speaks_for(week):
            heard = f" Last working visit: {day(row.alive_at)}." if row.alive_at and row.state == "failing" else ""
            said.append(f"{row.title}: {row.words}.{heard}{' ' * bool(noticed)}{noticed}")
        elif noticed:
            said.append(f"{row.title}: {noticed[0].lower()}{noticed[1:]}")
    return tuple(said)


def week_list(weeks: Sequence[Week]) -> str:
    """Name weeks shortly, runs joined: `weeks 41 to 44`."""
    if not weeks:
        return "none"
    runs: list[list[Week]] = []
    for week in sorted(weeks):
        if runs and runs[-1][-1] == week.minus(1):
            runs[-1].append(week)
        else:
            runs.append([week])
    parts = [f"{run[0].number} to {run[-1].number}" if len(run) > 1 else str(run[0].number) for run in runs]
    return f"week{'s' if len(weeks) > 1 else ''} {listed(parts)}"
