"""Which paragraphs an outlet puts under story after story (newsletter boxes, "read more"), and a text without them.

Learned per outlet from counts alone: of each short paragraph its hash is counted, so no text has to be kept for it. A
paragraph is a block once it stood in several unrelated stories on several days, and in a fair share of all that the
outlet published since: the police's standing appeal for witnesses recurs too, and belongs to the stories it stands in.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from corpora.families import words

FEWEST_STORIES = 5
FEWEST_DAYS = 3
FEWEST_SHARE = 0.1
"""Of the outlet's stories since the paragraph was first seen."""

LONGEST = 400
"""Characters; a longer paragraph says more than furniture does."""

FEWEST_WORDS = 2
"""Shorter lines (a name, a dash) say too little to be told from one another."""

MOST_DROPPED = 0.4
"""Share of a story's characters that may be dropped; where more would go, the story stays as it is."""

ONCE_DAYS = 14
"""Days after which a paragraph that was seen in one story only is no longer counted."""

STALE_DAYS = 180
"""Days after which an outlet is taken to have done away with a block."""

ALL = ""
"""Key of the tally of all the outlet's stories."""

_QUOTES = '"“”«»„'
_ROW = struct.Struct("<8sIIIII")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One story of an outlet, as it is counted."""

    family: str
    """Family id: copies and later forms of one story count once."""
    day: date
    """Day the story was first seen."""
    text: str
    """Paragraphs, one a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What is kept of a paragraph: how often it was seen, never what it said."""

    stories: int
    days: int
    first: date
    last: date
    before: int = 0
    """Stories of the outlet that were counted before the day it was first seen; under `ALL`, before the last day."""


def block_hash(paragraph: str) -> str:
    """Hash of a paragraph's words (16 digits), whatever its case, punctuation and spaces."""
    return hashlib.sha256(" ".join(words(paragraph)).encode()).hexdigest()[:16]


def may_be_block(paragraph: str) -> bool:
    """Whether a paragraph could be furniture at all: short, of some words, and without anybody's words in quotes."""
    if len(paragraph) > LONGEST or any(mark in paragraph for mark in _QUOTES):
        return False
    return len(words(paragraph)) >= FEWEST_WORDS


def learn(sightings: Iterable[Sighting], known: Mapping[str, Tally] | None = None) -> dict[str, Tally]:
    """Count an outlet's stories.

    Args:
        sightings: New stories of one outlet. One per family: of several the earliest is counted. A family that was
            counted in an earlier call must not come again.
        known: What earlier calls returned.

    Returns:
        Tallies by hash, and of all stories under `ALL`. The order of the sightings does not matter; nor does it matter
        how they are shared out over calls, as long as no call goes back before the last day of the one before.
    """
    tallies = dict(known or {})
    first: dict[str, Sighting] = {}
    for one in sorted(sightings, key=lambda one: (one.day, one.family, one.text)):
        first.setdefault(one.family, one)
    by_day: dict[date, list[Sighting]] = {}
    for one in first.values():
        by_day.setdefault(one.day, []).append(one)
    for day, stories in sorted(by_day.items()):
        before = _add_to_all(tallies, day, len(stories))
        for one in stories:
            for key in {block_hash(line) for line in one.text.split("\n") if may_be_block(line)}:
                _count(tallies, key, day, before)
    return tallies


def _add_to_all(tallies: dict[str, Tally], day: date, count: int) -> int:
    """Count stories of a day; return how many the outlet had before that day."""
    old = tallies.get(ALL)
    if old is None:
        tallies[ALL] = Tally(stories=count, days=1, first=day, last=day)
        return 0
    before = old.before if day == old.last else old.stories
    tallies[ALL] = replace(
        old, stories=old.stories + count, days=old.days + (day > old.last), last=max(day, old.last), before=before
    )
    return before


def _count(tallies: dict[str, Tally], key: str, day: date, before: int) -> None:
    old = tallies.get(key)
    if old is None:
        tallies[key] = Tally(stories=1, days=1, first=day, last=day, before=before)
    else:
        tallies[key] = replace(old, stories=old.stories + 1, days=old.days + (day > old.last), last=max(day, old.last))


def settled(tallies: Mapping[str, Tally], today: date) -> dict[str, Tally]:
    """Tallies without those that will come to nothing: seen once and long ago, or not seen for half a year."""
    once, stale = today - timedelta(days=ONCE_DAYS), today - timedelta(days=STALE_DAYS)
    return {key: one for key, one in tallies.items() if key == ALL or one.last >= (once if one.stories == 1 else stale)}


def blocks_of(tallies: Mapping[str, Tally]) -> frozenset[str]:
    """Hashes of the paragraphs that are furniture."""
    total = tallies[ALL].stories if ALL in tallies else 0
    return frozenset(
        key
        for key, one in tallies.items()
        if key != ALL
        and one.stories >= FEWEST_STORIES
        and one.days >= FEWEST_DAYS
        and one.stories >= FEWEST_SHARE * (total - one.before)
    )


def without_blocks(text: str, blocks: frozenset[str]) -> str:
    """Drop an outlet's furniture from a story.

    Args:
        text: Paragraphs, one a line.
        blocks: What `blocks_of` returned for the outlet.

    Returns:
        The text without them; unchanged where more than `MOST_DROPPED` of it would go.
    """
    if not blocks:
        return text
    lines = text.split("\n")
    kept = [line for line in lines if not (may_be_block(line) and block_hash(line) in blocks)]
    if sum(map(len, kept)) < (1 - MOST_DROPPED) * sum(map(len, lines)):
        return text
    return "\n".join(kept)


def packed(tallies: Mapping[str, Tally]) -> bytes:
    """Write an outlet's tallies as bytes, to be kept in one cell."""
    rows = (
        _ROW.pack(
            bytes.fromhex(key or "0" * 16),
            one.stories,
            one.days,
            one.first.toordinal(),
            one.last.toordinal(),
            one.before,
        )
        for key, one in sorted(tallies.items())
    )
    return zlib.compress(b"".join(rows), 6)


def unpacked(raw: bytes) -> dict[str, Tally]:
    """Read tallies back."""
    found: dict[str, Tally] = {}
    for key, stories, days, first, last, before in _ROW.iter_unpack(zlib.decompress(raw)):
        found[key.hex() if any(key) else ALL] = Tally(
            stories=stories,
            days=days,
            first=date.fromordinal(first),
            last=date.fromordinal(last),
            before=before,
        )
    return found


def first_of_families(stories: Sequence[tuple[str, str]]) -> list[str]:
    """Of (story id, family id) pairs in the order they were seen, the ids of those that are first in their family."""
    first: dict[str, str] = {}
    for story_id, family_id in stories:
        first.setdefault(family_id, story_id)
    return list(first.values())
