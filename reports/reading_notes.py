"""What a flagged sentence is read as, in a few plain words: who is blamed for what, by whom, and what is left out.

Each note is a reading by rules and tables, made so that a reader can disagree with it; none is about a person.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from corpora.coding import Hit, StoryDetail
from corpora.records import Frame
from reports.counts import Counts, Family
from reports.story_names import name
from reports.weeks import Week
from reports.wording import group_name

STRUCTURE: Mapping[str, str] = {
    "NAMED_INSTEAD": "a structural cause is named instead",
    "NAMED_ALSO": "a structural cause is named as well",
    "OMITTED": "no structural cause is named in this sentence",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BlameFacts:
    """Of the distinct stories flagged for blame in some weeks, what holds of them as whole stories."""

    stories: int
    unheard: int
    """In which nobody of the group blamed is quoted."""
    heard: int
    """In which somebody is; the rest could not be told."""
    structural: int
    """In which a structural cause is recognised anywhere."""


def notes_of(same: Sequence[Hit]) -> tuple[str, ...]:
    """Return the notes on one flagged sentence.

    Args:
        same: Its flags, all of one wording.
    """
    active: set[Frame] = {hit.frame for hit in same if hit.aspect == "active"}
    detail = same[-1].detail
    notes = []
    if "blame" in active and detail.targets:
        whom = " and ".join(group_name(code) for code in detail.targets)
        what = " and ".join(name("problem", code) for code in detail.problems)
        left = STRUCTURE.get(detail.structural_cause, "")
        notes.append(f"Read as: {whom} blamed for {what}" + (f"; {left}" if left else ""))
    if active & {"us_them", "shared_story"} and detail.subtypes:
        notes.append("Kind: " + ", ".join(name("subtype", code) for code in detail.subtypes))
    if detail.role:
        notes.append(f"Speaker: {name('role', detail.role)}")
    return tuple(notes)


def blame_facts(counts: Counts, weeks: Collection[Week], details: Mapping[str, StoryDetail]) -> BlameFacts:
    """Count what holds of the stories flagged for blame, each with all its copies once.

    Args:
        counts: Counts of the region.
        weeks: Weeks to count.
        details: Of stories, by story id.
    """
    families = [counts.families[one] for one in sorted(counts.hits(weeks, "blame", "any"))]
    told = [_told(family, details) for family in families]
    return BlameFacts(
        stories=len(families),
        unheard=sum(heard is False for heard, _ in told),
        heard=sum(heard is True for heard, _ in told),
        structural=sum(structural for _, structural in told),
    )


def _told(family: Family, details: Mapping[str, StoryDetail]) -> tuple[bool | None, bool]:
    """Return whether anybody blamed is heard in any copy (None: cannot tell), and whether a cause is named in one."""
    own = [details[copy.story_id] for copy in family.placements if copy.story_id in details]
    heard = [one.target_group_quoted for one in own if one.target_group_quoted is not None]
    return (any(heard) if heard else None), any(one.structural_named for one in own)


def fact_words(facts: BlameFacts) -> tuple[str, ...]:
    """Say it in plain English; nothing where no story was flagged."""
    if not facts.stories:
        return ()
    of = (
        f"Of the {facts.stories} stories flagged for blame"
        if facts.stories > 1
        else "Of the one story flagged for blame"
    )
    told = facts.heard + facts.unheard
    lines = []
    if told:
        some = "" if told == facts.stories else f"{told} could be looked through for who is heard: "
        lines.append(
            f"{of}, {some}in {facts.unheard} nobody of the group blamed is quoted, in {facts.heard} somebody is."
        )
    lines.append(
        f"{of}, a structural cause (money, policy, supply, employers, discrimination) was recognised in "
        f"{facts.structural}."
    )
    return tuple(lines)
