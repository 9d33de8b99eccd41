"""The evidence is the flagged sentences: short excerpts with their place, voice and link, so a reader can disagree.

At most 40 words of a sentence and at most three sentences of a story are shown (quotation under CDPA s.30 and
the publishers' interest set the limits); a sentence about someone whom a court or the law protects is counted
but not quoted. Copies of one story are listed once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from corpora.coding import Hit
from corpora.records import Aspect, Frame
from reports.counts import Counts, Family
from reports.reading_notes import notes_of
from reports.weeks import Week, day
from reports.wording import VOICE_WORDS, withheld

LONGEST = 40
"""Words of a sentence that are shown."""
MOST_PER_STORY = 3
"""Sentences of one story (with all its copies) that are shown in one report."""

ELLIPSIS = "…"
WITHHELD = "Sentence not shown: it may point to someone whom a court or the law protects."

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of an excerpt; `kind` says how it is set off, empty for plain text."""

    text: str
    kind: Literal["", "group", "cue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One frame that a sentence was flagged for."""

    frame: Frame
    aspect: Aspect
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """One flagged sentence as it may be shown."""

    key: tuple[str, str]
    """Unit and full wording, by which rows of a table find it."""
    segments: tuple[Segment, ...]
    """Empty where the sentence is withheld."""
    flags: tuple[Flag, ...]
    voice: str
    """Voice in words."""
    groups: tuple[str, ...]
    notes: tuple[str, ...]
    """What the sentence is read as, in plain words."""
    gone: bool
    """True where a later edit of the story no longer has this wording."""

    @property
    def text(self) -> str:
        """The excerpt without its marks."""
        return "".join(part.text for part in self.segments)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceStory:
    """One distinct story with its flagged sentences."""

    family_id: str
    story_id: str
    """The copy the excerpts are taken from."""
    title: str
    outlet: str
    """Title of the outlet."""
    url: str
    date: str
    """London day in words."""
    published: datetime
    also_in: tuple[tuple[str, str], ...]
    """Other copies: (outlet title, address), oldest first."""
    frames: tuple[Frame, ...]
    excerpts: tuple[Excerpt, ...]
    more: int
    """Flagged sentences of the shown copy beyond the limit."""


def evidence(
    counts: Counts,
    hits: Sequence[Hit],
    weeks: Iterable[Week],
    *,
    titles: Mapping[str, str],
    latest: Mapping[str, str],
) -> tuple[EvidenceStory, ...]:
    """Gather the flagged stories of some weeks, newest week's order of publication.

    Args:
        counts: Counts of the region; only their families are listed.
        hits: Flagged sentences.
        weeks: Weeks to list.
        titles: Outlet titles by slug.
        latest: Newest title and text of each edited story, joined, by story id.
    """
    asked = frozenset(weeks)
    by_story: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_story[hit.story_id].append(hit)
    listed = []
    for family in counts.families.values():
        if family.week in asked and family.judged:
            one = _story(family, by_story, titles, latest)
            if one is not None:
                listed.append(one)
    return tuple(sorted(listed, key=lambda story: (story.published, story.family_id)))


def _story(
    family: Family,
    by_story: Mapping[str, list[Hit]],
    titles: Mapping[str, str],
    latest: Mapping[str, str],
) -> EvidenceStory | None:
    flagged = [one for one in family.placements if one.story_id in by_story]
    if not flagged:
        return None
    # The copy with most flagged sentences speaks for the family; the earliest of equals.
    lead = max(flagged, key=lambda one: len({key_of(hit) for hit in by_story[one.story_id]}))
    sentences: dict[tuple[str, str], list[Hit]] = defaultdict(list)
    for hit in by_story[lead.story_id]:
        sentences[key_of(hit)].append(hit)
    shown = choose(list(sentences.values()))
    others = [(titles.get(one.outlet, one.outlet), one.url) for one in family.placements if one is not lead]
    frames = {hit.frame for copy in flagged for hit in by_story[copy.story_id]}
    ordered: tuple[Frame, ...] = ("us_them", "blame", "shared_story")
    return EvidenceStory(
        family_id=family.id,
        story_id=lead.story_id,
        title=lead.title,
        outlet=titles.get(lead.outlet, lead.outlet),
        url=lead.url,
        date=day(lead.published),
        published=lead.published,
        also_in=tuple(others),
        frames=tuple(frame for frame in ordered if frame in frames),
        excerpts=tuple(_excerpt(some, lead.title, latest.get(lead.story_id)) for some in shown),
        more=len(sentences) - len(shown),
    )


def key_of(hit: Hit) -> tuple[str, str]:
    """The same wording in two versions is one sentence."""
    return hit.unit, hit.sentence.text


def choose(sentences: Sequence[list[Hit]]) -> list[list[Hit]]:
    """Choose the sentences to show: the surest of each frame first, then by probability; in reading order."""
    surest = sorted(range(len(sentences)), key=lambda at: (-max(hit.probability for hit in sentences[at]), at))
    chosen: list[int] = []
    seen: set[tuple[Frame, Aspect]] = set()
    for at in surest:
        kinds = {(hit.frame, hit.aspect) for hit in sentences[at]}
        if kinds - seen and len(chosen) < MOST_PER_STORY:
            chosen.append(at)
            seen |= kinds
    chosen += [at for at in surest if at not in chosen][: MOST_PER_STORY - len(chosen)]
    return [sentences[at] for at in sorted(chosen)]


def _excerpt(same: Sequence[Hit], title: str, latest: str | None) -> Excerpt:
    newest = max(same, key=lambda hit: hit.version_number)
    edited = newest.version_number < newest.latest_version
    flags: dict[tuple[Frame, Aspect], float] = {}
    for hit in same:
        flags[hit.frame, hit.aspect] = max(hit.probability, flags.get((hit.frame, hit.aspect), 0.0))
    return Excerpt(
        key=key_of(newest),
        segments=() if protects(newest.sentence.text, title) else cut(newest),
        flags=tuple(Flag(frame=f, aspect=a, probability=p) for (f, a), p in sorted(flags.items())),
        voice=VOICE_WORDS[newest.voice],
        groups=tuple(sorted(set(newest.groups))),
        notes=notes_of([hit for hit in same if hit.version_number == newest.version_number]),
        gone=edited and latest is not None and newest.sentence.text not in latest,
    )


def protects(sentence: str, title: str) -> bool:
    """True where the sentence or the headline speaks of someone whom a court or the law protects."""
    return bool(withheld().search(sentence) or withheld().search(title))


def cut(hit: Hit) -> tuple[Segment, ...]:
    """Cut a sentence to at most `LONGEST` words around its marks, and into plain and marked segments."""
    text = hit.sentence.text
    marks = _own_marks(hit)
    words = [(found.start(), found.end()) for found in _WORD.finditer(text)]
    first, last = 0, len(words)
    if len(words) > LONGEST:
        middle = (marks[0][0] + marks[-1][1]) // 2 if marks else 0
        centre = next((at for at, (_, end) in enumerate(words) if end >= middle), 0)
        first = min(max(0, centre - LONGEST // 2), len(words) - LONGEST)
        last = first + LONGEST
    start = words[first][0] if words else 0
    end = words[last - 1][1] if words else len(text)
    segments: list[Segment] = []
    if first > 0:
        segments.append(Segment(text=ELLIPSIS + " ", kind=""))
    at = start
    for mark_start, mark_end, kind in marks:
        opens, closes = max(mark_start, start), min(mark_end, end)
        if opens >= closes:
            continue
        if opens > at:
            segments.append(Segment(text=text[at:opens], kind=""))
        segments.append(Segment(text=text[opens:closes], kind=kind))
        at = closes
    if at < end:
        segments.append(Segment(text=text[at:end], kind=""))
    if last < len(words):
        segments.append(Segment(text=" " + ELLIPSIS, kind=""))
    return tuple(segments)


def _own_marks(hit: Hit) -> list[tuple[int, int, Literal["group", "cue"]]]:
    """Marks inside the sentence, in its own offsets, without overlaps (the earlier, then the longer one stays)."""
    size = hit.sentence.end - hit.sentence.start
    kept: list[tuple[int, int, Literal["group", "cue"]]] = []
    for mark in sorted(hit.marks, key=lambda one: (one.start, -one.end)):
        start, end = mark.start - hit.sentence.start, mark.end - hit.sentence.start
        if 0 <= start < end <= size and (not kept or start >= kept[-1][1]):
            kept.append((start, end, "group" if mark.kind == "group" else "cue"))
    return kept
