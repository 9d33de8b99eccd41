"""Counts are sets of distinct stories (families) per week, frame and voice, so a figure's rows equal its numerator.

A family is one story with all its copies: agency copy in four papers is one story. It belongs to the week
of its earliest placement in the region, and has a frame if any placement or any wording of it was flagged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from corpora.coding import Hit, PublishedStory
from corpora.records import Frame
from reports.rates import Rate, rate
from reports.weeks import Week, week_of

Spoken = Literal["any", "outlet", "contested"]
SPOKEN: tuple[Spoken, ...] = ("any", "outlet", "contested")
"""any: put into words by anyone and not rejected. outlet: of these, in the outlet's own words or an unquoted
headline. contested: put into words and denied or rebutted; kept apart, never added to the others."""

OWN_WORDS = frozenset({"OUTLET", "HEADLINE"})

Cell = tuple[Week, Frame, Spoken]
EMPTY: frozenset[str] = frozenset()
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One distinct story of a region."""

    id: str
    week: Week
    """Week of the earliest placement in the region."""
    placements: tuple[PublishedStory, ...]
    """Copies in the region, oldest first; at least one."""

    @property
    def judged(self) -> bool:
        """True once the coder has read at least one copy; copies are near-identical by construction."""
        return any(one.judged for one in self.placements)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What was counted for one region (or for some of its outlets). All sets hold family ids."""

    families: Mapping[str, Family]
    read: Mapping[Week, frozenset[str]]
    """Denominators: families the coder has read."""
    unread: Mapping[Week, frozenset[str]]
    """Families collected but not read yet; in no figure."""
    flagged: Mapping[Cell, frozenset[str]]
    """Numerators. A story with active and contested sentences is in both."""
    groups: Mapping[tuple[Week, Frame, str], frozenset[str]]
    """Active hits by group code; a story that names two groups is in both and the groups are never added up."""
    flagged_by: Mapping[Cell, frozenset[str]]
    """Slugs of the outlets whose own copy was flagged."""

    def stories(self, weeks: Iterable[Week]) -> frozenset[str]:
        """Read families of these weeks."""
        return union(self.read, weeks)

    def hits(self, weeks: Iterable[Week], frame: Frame, spoken: Spoken) -> frozenset[str]:
        """Flagged families of these weeks."""
        return union(self.flagged, ((week, frame, spoken) for week in weeks))

    def outlets(self, weeks: Iterable[Week], frame: Frame, spoken: Spoken) -> frozenset[str]:
        """Outlets with a flagged copy in these weeks."""
        return union(self.flagged_by, ((week, frame, spoken) for week in weeks))

    def of_group(self, weeks: Iterable[Week], frame: Frame, group: str) -> frozenset[str]:
        """Families of these weeks with an active flag on a sentence that names the group."""
        return union(self.groups, ((week, frame, group) for week in weeks))

    def rate(self, weeks: Iterable[Week], frame: Frame, spoken: Spoken) -> Rate:
        """Flagged among read families of these weeks."""
        asked = tuple(weeks)
        return rate(len(self.hits(asked, frame, spoken)), len(self.stories(asked)))


def union(sets: Mapping[Key, frozenset[str]], keys: Iterable[Key]) -> frozenset[str]:
    """Everything in the sets under `keys`."""
    return EMPTY.union(*(sets.get(key, EMPTY) for key in keys))


def spoken_of(hit: Hit) -> tuple[Spoken, ...]:
    """Which of the three counts a flagged sentence enters."""
    if hit.aspect == "contested":
        return ("contested",)
    return ("any", "outlet") if (hit.detail.frame_voice or hit.voice) in OWN_WORDS else ("any",)


def count(
    stories: Sequence[PublishedStory],
    hits: Sequence[Hit],
    weeks: Collection[Week],
    *,
    outlets: Collection[str] | None = None,
) -> Counts:
    """Count the distinct stories of a region.

    Args:
        stories: Stories of the region. They should begin some weeks before `weeks`, so that a late copy of an
            older story is not counted as a new one.
        hits: Flagged sentences in those stories.
        weeks: Weeks to count; families that belong to other weeks are left out.
        outlets: Count only copies in these outlets; None counts all.
    """
    copies: dict[str, list[PublishedStory]] = defaultdict(list)
    family_of: dict[str, str] = {}
    outlet_of: dict[str, str] = {}
    for one in sorted(stories, key=lambda story: (story.published, story.story_id)):
        if outlets is None or one.outlet in outlets:
            copies[one.family_id].append(one)
            family_of[one.story_id] = one.family_id
            outlet_of[one.story_id] = one.outlet
    wanted = frozenset(weeks)
    families: dict[str, Family] = {}
    read: dict[Week, set[str]] = defaultdict(set)
    unread: dict[Week, set[str]] = defaultdict(set)
    for family_id, placements in copies.items():
        family = Family(id=family_id, week=week_of(placements[0].published), placements=tuple(placements))
        if family.week in wanted:
            families[family_id] = family
            (read if family.judged else unread)[family.week].add(family_id)
    flagged: dict[Cell, set[str]] = defaultdict(set)
    flagged_by: dict[Cell, set[str]] = defaultdict(set)
    groups: dict[tuple[Week, Frame, str], set[str]] = defaultdict(set)
    for hit in hits:
        owner = families.get(family_of.get(hit.story_id, ""))
        if owner is None or not owner.judged:
            continue
        for spoken in spoken_of(hit):
            flagged[owner.week, hit.frame, spoken].add(owner.id)
            flagged_by[owner.week, hit.frame, spoken].add(outlet_of[hit.story_id])
        if hit.aspect == "active":
            for group in hit.groups:
                groups[owner.week, hit.frame, group].add(owner.id)
    return Counts(
        families=families,
        read=_frozen(read),
        unread=_frozen(unread),
        flagged=_frozen(flagged),
        groups=_frozen(groups),
        flagged_by=_frozen(flagged_by),
    )


def _frozen(sets: Mapping[Key, set[str]]) -> dict[Key, frozenset[str]]:
    return {key: frozenset(members) for key, members in sets.items()}
