"""Which subtypes of codebook 4 the words of a sentence that carries a frame show: a queue, a flood, one table.

`nlp/data/subtypes.tsv` holds the words with a weight: 3 tells by itself, 2 usually tells, 1 only helps. Where the words
do not tell, nothing is returned: a subtype is a finding, not a guess. The span is the evidence a reader may disagree
with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from nlp.patterns import Match, Matcher
from nlp.weighted import WeightedWord, weighted_words

SubtypedFrame = Literal["us_them", "shared_story"]

SUBTYPES: dict[SubtypedFrame, tuple[str, ...]] = {
    "us_them": (
        "NOT_BELONGING", "THREAT", "ZERO_SUM", "GENERALISATION", "ONE_WAY_TEST", "MORAL_CONTRAST", "DEHUMANISING",
        "PARALLEL_LIVES",
    ),
    "shared_story": (
        "BELONG_PLACE", "INTERDEPEND", "CONTACT_MIX", "TWO_WAY", "COMMUNITY_ACTION", "CELEBRATE_DIFF",
    ),
}  # fmt: skip
"""Subtypes of codebook 4 by the frame they belong to; blame has none."""

_ENOUGH = 2
"""Points from which words tell. Chosen on one half of the corpus, as is `_ALSO`."""
_ALSO = 0.7
"""A further subtype is named where it has at least this share of the first one's points."""
_LIMIT = 2_000
"""Characters of a sentence that are read: a longer one is no sentence of a newspaper."""
_LEANING: dict[str, str] = {"BEN": "MORAL_CONTRAST"}
"""Group whose naming adds a point to a subtype the words already point to: claimants are contrasted by work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subtype:
    """One subtype and the words that show it best."""

    code: str
    start: int
    """Offset in the text that was read, plus the offset asked for."""
    end: int


def subtype_words() -> tuple[WeightedWord, ...]:
    """Return the rows of `subtypes.tsv`.

    Raises:
        NotReady: If the table is missing or does not fit `SUBTYPES`.
    """
    return weighted_words("subtypes.tsv", tuple(code for codes in SUBTYPES.values() for code in codes))


@cache
def _matcher(frame: SubtypedFrame) -> Matcher[int]:
    codes = SUBTYPES[frame]
    return Matcher((row.pattern, number) for number, row in enumerate(subtype_words()) if row.code in codes)


def find_subtypes(
    text: str, *, frame: SubtypedFrame, groups: Sequence[str] = (), offset: int = 0
) -> tuple[Subtype, ...]:
    """Return the subtypes of `frame` that the words of `text` show, strongest first; empty where they do not tell.

    Args:
        text: One sentence or headline that carries `frame`.
        frame: The frame it carries; only its subtypes are looked for.
        groups: Codes of the groups it names.
        offset: Added to the offsets returned.
    """
    rows = subtype_words()
    best: dict[int, Match[int]] = {}
    for match in _matcher(frame).find(text[:_LIMIT]):
        first = best.get(match.payload)
        if first is None or match.end - match.start > first.end - first.start:
            best[match.payload] = match
    points: dict[str, int] = {}
    shown: dict[str, Match[int]] = {}
    for number in sorted(best, key=lambda n: (-rows[n].weight, best[n].start)):
        code = rows[number].code
        points[code] = points.get(code, 0) + rows[number].weight
        shown.setdefault(code, best[number])
    for group, code in _LEANING.items():
        if group in groups and code in points:
            points[code] += 1
    top = max(points.values(), default=0)
    told = [code for code in points if points[code] >= max(_ENOUGH, _ALSO * top)]
    return tuple(
        Subtype(code=code, start=shown[code].start + offset, end=shown[code].end + offset)
        for code in sorted(told, key=lambda code: (-points[code], shown[code].start))
    )
