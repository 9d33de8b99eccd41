"""Who had a story first, and what each other outlet kept, dropped, added and put in other words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from corpora.families import words

REWORDED = 0.6
"""Share of words two sentences must have in common to be one sentence in other words."""

MOST_SENTENCES = 400
"""Sentences of one text that are compared; no local story has more."""

_END = re.compile(r"(?<=[.!?…])([\"'”’»)]*)\s+(?=[\"'“‘«(]*[^\W\d_a-z])|(?<=[.!?…])([\"'”’»)]*)\s+(?=[\"'“‘«(]*\d)")
_SHORT = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Rev|St|Sgt|Det|Insp|Cllr|Col|Capt|Lt|Hon|Jr|Sr|No|vs|approx|c|p)|\b[A-Z])\.$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A story of a family, as far as the comparison needs it."""

    story_id: str
    first_seen: datetime
    text: str
    """First wording; paragraphs, one a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """How a copy differs from the first. Places of sentences do not matter, only whether they are there."""

    story_id: str
    kept: float
    """Share (0 to 1) of the first one's words that stand in this one, in the same or a reworded sentence."""
    dropped: tuple[str, ...]
    added: tuple[str, ...]
    reworded: tuple[tuple[str, str], ...]
    """Sentences of the first and what became of them here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a story went from outlet to outlet."""

    first: str
    """Id of the member that was seen first. Seen by us: who published first is not known when feeds are read hourly."""
    edits: tuple[Edit, ...]
    """Of all others, in the order they were seen."""


def course(family: Sequence[Copy]) -> Course:
    """Compare each member of a family with the one that was seen first.

    Args:
        family: At least one story; the order does not matter, of those seen at once the smallest id is first.
    """
    first, *others = sorted(family, key=lambda one: (one.first_seen, one.story_id))
    return Course(first=first.story_id, edits=tuple(edit(first.text, one.text, one.story_id) for one in others))


def edit(first: str, other: str, story_id: str) -> Edit:
    """Say what became of the sentences of `first` in `other`."""
    ours, theirs = _keyed(first), _keyed(other)
    both = Counter(key for key, _ in ours) & Counter(key for key, _ in theirs)
    gone, new = _left(ours, both), _left(theirs, both)
    pairs = _paired(gone, new)
    kept = sum(len(key) * count for key, count in both.items())
    kept += sum(_shared(gone[one][0], new[two][0]) for one, two in pairs.items())
    total = sum(len(key) for key, _ in ours)
    taken = set(pairs.values())
    return Edit(
        story_id=story_id,
        kept=kept / total if total else 0.0,
        dropped=tuple(sentence for at, (_, sentence) in enumerate(gone) if at not in pairs),
        added=tuple(sentence for at, (_, sentence) in enumerate(new) if at not in taken),
        reworded=tuple((gone[one][1], new[two][1]) for one, two in sorted(pairs.items())),
    )


def sentences(text: str) -> list[str]:
    """Sentences of a text by full stops and lines: rough, but the same for every copy."""
    found: list[str] = []
    for line in text.split("\n"):
        start = 0
        for match in _END.finditer(line):
            end = match.end(1) if match[1] is not None else match.end(2)
            if _SHORT.search(line, max(start, end - 8), end):
                continue
            found.append(line[start:end])
            start = match.end()
        found.append(line[start:])
    return [one.strip() for one in found if one.strip()][:MOST_SENTENCES]


Keyed = tuple[tuple[str, ...], str]


def _keyed(text: str) -> list[Keyed]:
    """Sentences with their words; what holds no word is no sentence."""
    return [(key, one) for one in sentences(text) if (key := tuple(words(one)))]


def _left(keyed: Sequence[Keyed], both: Counter[tuple[str, ...]]) -> list[Keyed]:
    rest, left = Counter(both), []
    for key, sentence in keyed:
        if rest[key]:
            rest[key] -= 1
        else:
            left.append((key, sentence))
    return left


def _paired(gone: Sequence[Keyed], new: Sequence[Keyed]) -> dict[int, int]:
    """Match sentences that share most of their words, the likest first."""
    bags = [Counter(key) for key, _ in new]
    likely: list[tuple[float, int, int]] = []
    for at, (key, _) in enumerate(gone):
        own = Counter(key)
        for there, bag in enumerate(bags):
            shorter, longer = sorted((len(key), len(new[there][0])))
            # Twice the shorter by the sum is the most they can have in common.
            if 2 * shorter >= REWORDED * (shorter + longer):
                share = 2 * (own & bag).total() / (shorter + longer)
                if share >= REWORDED:
                    likely.append((-share, at, there))
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, at, there in sorted(likely):
        if at not in pairs and there not in taken:
            pairs[at] = there
            taken.add(there)
    return pairs


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks())
