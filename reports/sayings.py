"""What can be said and what cannot, in plain sentences made from the figures and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpora.coding import Coder
from corpora.records import FRAMES, Frame
from reports.changes import Change, too_few
from reports.coverage import OutletCoverage, silences
from reports.rates import listed
from reports.report import FrameSection
from reports.small_numbers import FEWEST_HITS, FEWEST_STORIES
from reports.weeks import Week
from reports.wording import SPOKEN_NAMES, in_ten, quoted, times_as_many

MOST_CHANGES = 2
"""Changes named at the top of a page; the rest stand under their frames."""

MEANING = (
    "What a flag means. It describes wording in published text. It does not say that a sentence is untrue or unfair, "
    "what its writer or speaker meant, or what readers made of it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How much was collected and read in the week."""

    read: int
    unread: int
    reporting: int
    expected: int


def can_be_said(week: Week, reach: Reach, sections: Sequence[FrameSection]) -> tuple[str, ...]:
    """Three to six sentences, the amount read first, then each frame, then changes."""
    stories = "story was" if reach.read == 1 else "stories were"
    said = [
        f"In week {week.number}, {reach.reporting} of {reach.expected} outlets reported and "
        f"{reach.read:,} distinct {stories} read."
    ]
    for section in sections:
        figure = section.figures[0]
        said.append(
            f"{quoted(section.frame)} was flagged in {figure.week.count_words} this week, and over the last "
            f"four weeks in {figure.four_weeks.words}."
        )
    changed = notable(sections)
    said.extend(change_words(one) for one in changed[:MOST_CHANGES])
    if not changed and any(one.grade == "no evidence of change" for section in sections for one in section.changes):
        unmoved = [
            quoted(section.frame)
            for section in sections
            if section.changes and section.changes[0].grade == "no evidence of change"
        ]
        if unmoved:
            said.append(f"There is no evidence of change against the four weeks before for {listed(unmoved)}.")
    return tuple(said)


def notable(sections: Sequence[FrameSection]) -> list[Change]:
    """Changes to name at the top: established ones first, one for each frame."""
    found: list[Change] = []
    for grade in ("established", "possible"):
        for section in sections:
            first = next((one for one in section.changes if one.grade == grade), None)
            if first is not None and all(one.frame != section.frame for one in found):
                found.append(first)
    return found


def change_words(change: Change, *, alone: bool = True) -> str:
    """One change in plain English, with its numbers.

    Args:
        change: The graded comparison.
        alone: True where the sentence stands by itself and must name its frame and the outlets left out; False
            under the frame's heading, where both are said once.
    """
    spoken = SPOKEN_NAMES[change.spoken]
    subject = f"{quoted(change.frame)}, {spoken[0].lower()}{spoken[1:]}" if alone else spoken
    counts = f"{change.n_before} of {change.of_before:,}, then {change.n_after} of {change.of_after:,}"
    four = change.windows == "four weeks"
    earlier = "the four weeks before" if four else f"the {len(change.before)} weeks before those"
    later = "the last four weeks" if four else f"the last {len(change.after)} weeks"
    panel = panel_words([change]) if alone else ""
    if change.ratio is None or change.low is None or change.high is None or too_few(change):
        why = (
            f"one of them has fewer than {FEWEST_STORIES} stories"
            if min(change.of_before, change.of_after) < FEWEST_STORIES
            else f"neither has {FEWEST_HITS} flagged stories"
        )
        return f"{subject}: too little to compare {later} with {earlier}, as {why} ({counts}).{panel}"
    interval = f"ratio {change.ratio:.1f}, 95% interval {change.low:.1f} to {change.high:.1f}"
    way = "rise" if change.rises else "fall"
    size, than = times_as_many(change.ratio)
    if change.grade == "established":
        end = f"By the rule of this report the {way} is established; it says nothing about the reason."
    elif change.grade == "possible":
        end = f"A {way} is possible but not established: {listed(change.missing)}."
    elif change.grade == "no evidence of change":
        end = "This is no evidence of change."
    else:
        end = f"With these numbers a rise by half would be seen {_chance(change.power)}."
    return (
        f"{subject}: {size} flagged stories per hundred read in {later} {than} in {earlier} "
        f"({counts}; {interval}). {end}{panel}"
    )


def panel_words(changes: Sequence[Change]) -> str:
    """Say which outlets a comparison leaves out, and why; empty where it leaves none out."""
    left_out = next((change.left_out for change in changes if change.left_out), ())
    if not left_out:
        return ""
    does = "does" if len(left_out) == 1 else "do"
    return (
        f" Compared without {listed(left_out)}, which {does} not speak for all of these weeks, "
        "so that silence is not read as change."
    )


def _chance(power: float) -> str:
    tenths = round(power * 10)
    return "fewer than 1 time in 10" if tenths == 0 else f"about {tenths} time{'s' * (tenths != 1)} in 10"


def cannot_be_said(
    week: Week,
    reach: Reach,
    sections: Sequence[FrameSection],
    coverage: Sequence[OutletCoverage],
    *,
    region: str,
    finished: bool,
) -> tuple[str, ...]:
    """The limits of this page, silent outlets first."""
    said = []
    if not finished:
        said.append(f"Week {week.number} is not over: every figure of it can still move.")
    if not coverage:
        said.append(f"No outlet that covers {region} is followed: nothing can be said of what is published there.")
    visited = [row for row in coverage if row.state != "never visited" or any(row.weekly)]
    said.extend(silences(visited, week))
    never = [row.title for row in coverage if row.state == "never visited" and not any(row.weekly)]
    if never:
        are = "is" if len(never) == 1 else "are"
        said.append(f"Nothing has been collected from {listed(never)}: what they publish {are} not in these figures.")
    if reach.unread:
        total = reach.read + reach.unread
        have = "has" if reach.unread == 1 else "have"
        said.append(f"{reach.unread:,} of {total:,} distinct stories of the week {have} not been read yet.")
    said.extend(_small(reach, sections))
    said.extend(_unseen(sections))
    if any(one.grade == "possible" for one in notable(sections)[:MOST_CHANGES]):
        said.append(
            "Whether a possible change is real. Where nothing changes at all, about one comparison in ten is "
            "still called possible."
        )
    wide = [row for row in coverage if row.wide and any(row.weekly)]
    if wide:
        also = "also covers" if len(wide) == 1 else "also cover"
        said.append(
            f"{listed([row.title for row in wide])} {also} areas outside {region}; "
            "some of the stories counted here may be about those places."
        )
    said.append(MEANING)
    return tuple(said)


def _small(reach: Reach, sections: Sequence[FrameSection]) -> list[str]:
    if reach.read < FEWEST_STORIES:
        return [f"Fewer than {FEWEST_STORIES} stories were read this week: too few to give a share."]
    few = [quoted(section.frame) for section in sections if section.figures[0].week.shown == "interval"]
    if not few:
        return []
    return [
        f"This week alone has fewer than {FEWEST_HITS} flagged stories for {listed(few)}: "
        "an interval can be given, one percentage cannot."
    ]


def _unseen(sections: Sequence[FrameSection]) -> list[str]:
    hidden: list[Frame] = []
    small: list[Frame] = []
    for section in sections:
        first = next((one for one in section.changes if one.windows == "four weeks"), None)
        if first is not None and first.grade == "cannot tell":
            (small if too_few(first) or first.ratio is None else hidden).append(section.frame)
    said = []
    if small:
        said.append(
            f"Whether {_names(small)} changed against the four weeks before: too few stories or flags to compare."
        )
    if hidden:
        said.append(
            f"Whether {_names(hidden)} changed against the four weeks before: with these numbers "
            "a rise by half would more often be missed than seen."
        )
    return said


def _names(frames: Sequence[Frame]) -> str:
    return listed([quoted(frame) for frame in frames])


def notice(coder: Coder) -> tuple[str, str]:
    """Two sentences: who flagged, and how often such flags were right where that was measured."""
    if coder.kind == "human":
        return (
            "One person coded these sentences; no second person has checked them yet.",
            "Every count here is of that person’s codes.",
        )
    first = (
        "A computer model flagged these sentences and no person has audited them yet, "
        "so every count here is of flags, not of confirmed cases."
    )
    measured = []
    for frame in FRAMES:
        key = f"{frame}.active.precision"
        if key in coder.quality:
            low, high = coder.quality.get(f"{key}.low"), coder.quality.get(f"{key}.high")
            ends = "" if low is None or high is None else f" (95% interval {low:.0%} to {high:.0%})"
            measured.append(f"{in_ten(coder.quality[key])} {quoted(frame)} flags{ends}")
    if not measured:
        return first, "How often its flags are right on real news has not been measured."
    unmeasured = [quoted(frame) for frame in FRAMES if f"{frame}.active.precision" not in coder.quality]
    rest = f"; for {listed(unmeasured)} this has not been measured" if unmeasured else ""
    return first, f"On real news sentences in testing, {listed(measured)} were right{rest}."
