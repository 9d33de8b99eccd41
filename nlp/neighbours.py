"""Which neighbour of codebook 8 a sentence is, as far as words can tell: rescue, lack, use, an offence, a listing.

A neighbour is easily mistaken for a frame and is none of the three. `nlp/data/neighbours.tsv` holds the words with a
weight; a code is given only where enough of them meet, since a wrong neighbour misleads more than a missing one does.
MENTION is not looked for: it is what remains.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from nlp.patterns import Matcher
from nlp.weighted import WeightedWord, weighted_words

NEEDED: dict[str, int] = {
    "SAVIOUR": 4, "DEFICIT": 4, "STRUCTURAL_ONLY": 3, "HATE_CRIME": 4, "GRIEVANCE": 4, "INSTRUMENTAL": 4,
    "CHARITY_LISTING": 3, "HISTORY": 4, "CRIME_IND": 4, "LOSS": 3, "CIVIC_PRIDE": 3, "VERTICAL": 3, "BLAME_POWERFUL": 3,
}  # fmt: skip
"""Neighbours of codebook 8 that words can tell, with the points each needs. Chosen on one half of the corpus."""

OF_A_GROUP = frozenset({
    "SAVIOUR", "DEFICIT", "HATE_CRIME", "GRIEVANCE", "INSTRUMENTAL", "HISTORY", "CRIME_IND",
})  # fmt: skip
"""Neighbours that are about a group: naming one adds a point where the words already point there."""
_NO_GROUP = frozenset({"ALL", "ELITE"})
_OLD_YEAR = re.compile(r"\b(?:1[0-8]\d\d|19[0-7]\d)s?\b")
_AGE = re.compile(r",\s\d\d,|\b(?:man|woman|boy|girl|youth|student|teenager|driver) of \d\d\b|\b\d\d[ -]year[ -]old\b")
_OVER = {"HISTORY": ("HATE_CRIME", "CRIME_IND"), "HATE_CRIME": ("CRIME_IND",)}
"""An attack of 1911 is history, and the court report of an attack on a group is about the attack."""
_MOST = 2
_LIMIT = 2_000
"""Characters of a sentence that are read: a longer one is no sentence of a newspaper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """One neighbour and the words that show it best."""

    code: str
    start: int
    """Offset in the text that was read, plus the offset asked for."""
    end: int


def neighbour_words() -> tuple[WeightedWord, ...]:
    """Return the rows of `neighbours.tsv`.

    Raises:
        NotReady: If the table is missing or does not fit `NEEDED`.
    """
    return weighted_words("neighbours.tsv", tuple(NEEDED))


@cache
def _matcher() -> Matcher[int]:
    return Matcher((row.pattern, number) for number, row in enumerate(neighbour_words()))


def find_neighbours(text: str, *, groups: Sequence[str] = (), offset: int = 0) -> tuple[Neighbour, ...]:
    """Return the neighbours of `text` (one sentence), strongest first, at most two; usually none.

    Args:
        text: One sentence or headline. Whether it carries a frame is for others to say; a neighbour may stand beside
            one (codebook 4).
        groups: Codes of the groups it names or carries.
        offset: Added to the offsets returned.
    """
    rows, read = neighbour_words(), text[:_LIMIT]
    found = {match.payload: match for match in reversed(_matcher().find(read))}
    points: dict[str, int] = {}
    shown: dict[str, tuple[int, int]] = {}
    for number in sorted(found, key=lambda n: (-rows[n].weight, found[n].start)):
        code = rows[number].code
        points[code] = points.get(code, 0) + rows[number].weight
        shown.setdefault(code, (found[number].start, found[number].end))
    if year := _OLD_YEAR.search(read):
        points["HISTORY"] = points.get("HISTORY", 0) + 2
        shown["HISTORY"] = year.span()
    if "CRIME_IND" in points and _AGE.search(read):
        points["CRIME_IND"] += 1
    if set(groups) - _NO_GROUP:
        for code in OF_A_GROUP & set(points):
            points[code] += 1
    told = {code for code in points if points[code] >= NEEDED[code]}
    for code, weaker in _OVER.items():
        if code in told:
            told.difference_update(weaker)
    ordered = sorted(told, key=lambda code: (NEEDED[code] - points[code], shown[code][0]))
    return tuple(
        Neighbour(code=code, start=shown[code][0] + offset, end=shown[code][1] + offset) for code in ordered[:_MOST]
    )
