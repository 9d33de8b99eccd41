"""How a sentence handles a frame it puts into words: it endorses it, reports it, or contests it (codebook 4).

`nlp/data/stances.tsv` holds what speaks for contesting, with points: denials, negated links, "it is wrong to say",
corrections, distancing words, charges of racism, irony. Shields take points away again: "no doubt", "denied being
racist", "wrong to say they play no part" leave a frame active. Whose voice it is decides the rest.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from corpora.errors import NotReady
from corpora.records import Voice
from nlp.patterns import Match, Matcher, read_table

Stance = Literal["ENDORSES", "REPORTS", "CONTESTS"]
Scope = Literal["both", "sentence"]

KINDS: tuple[str, ...] = (
    "denial", "negated_link", "wrong_to_say", "correction", "distance", "charge", "irony", "target_speaks", "shield",
    "hearsay",
)  # fmt: skip
"""Kinds of rows in `stances.tsv`. `hearsay` has no points: it tells that the outlet passes a charge on."""

_ENOUGH = 1.0
"""Points from which a frame counts as contested. Chosen on the corpus and half of the development sentences."""
_CONTEXT_KINDS = frozenset({"denial", "charge", "wrong_to_say"})
_CONTEXT_POINTS = 0.5
"""What a challenge in the sentence before or after is worth: alone not enough, since it may be about something else."""
_CONTEXT_REACH = 250
"""Characters of context looked at on each side."""
_TWICE = 2
"""A row counts this often at most, or a list of slurs would outvote everything."""
_DENIED = 2
_FLOOR, _TILT, _MOST_LEANING = 0.02, 0.25, 2.0
"""Of a model's odds: what is added to both probabilities, so that two small ones say nothing, in whose favour a tie is,
and how many points they are at most worth against the words."""
_NOT_THEM = re.compile(
    r"(?:[,;]|\b(?:and|but|is|are|was|were|it|it[’']?s|be|been|that|so|much))\s+(?:not|never)\s+(?!for\b)(?:(?:to|by|because|of|down"
    r"|due|from|on|the|a|an|any|with|for|brought|caused|behind|these|those|our|at|in)\s+){0,4}$",
    re.IGNORECASE,
)
"""What stands before a group that is said to have no part in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StanceWord:
    """One row of `stances.tsv`."""

    kind: str
    points: int
    """For contesting; negative for shields."""
    scope: Scope
    """both: also counts where it stands in the sentence before or after."""
    pattern: str
    reason: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """How a sentence handles what it says, and the words that decided."""

    stance: Stance
    start: int
    """Offset of the deciding words in the text that was read; -1 where no words of the sentence itself decided."""
    end: int


def leaning_of(*, active: float, contested: float) -> float:
    """Return the points for `CONTESTS` that a model's probabilities are worth, from -2 to 2; see `find_stance`.

    Args:
        active: That a frame is put into words and not contested, 0 to 1.
        contested: That one is put into words and contested, 0 to 1.
    """
    odds = math.log((contested + _FLOOR) / (active + _FLOOR)) + _TILT
    return min(_MOST_LEANING, max(-_MOST_LEANING, odds))


@cache
def stance_words() -> tuple[StanceWord, ...]:
    """Return the rows of `stances.tsv`.

    Raises:
        NotReady: If the table is missing, names an unknown kind or scope, or leaves a kind without words.
    """
    rows = []
    for kind, points, scope, pattern, reason, example in read_table(
        "stances.tsv", ("kind", "weight", "scope", "pattern", "reason", "example")
    ):
        if scope not in {"both", "sentence"} or not points.lstrip("-").isdigit():
            raise NotReady(f"stances.tsv: {scope} is no scope or {points} no number of points.")
        known: Scope = "both" if scope == "both" else "sentence"
        rows.append(
            StanceWord(kind=kind, points=int(points), scope=known, pattern=pattern, reason=reason, example=example)
        )
    if {row.kind for row in rows} != set(KINDS):
        raise NotReady(f"stances.tsv and nlp.stances.KINDS differ: {sorted({r.kind for r in rows} ^ set(KINDS))}.")
    return tuple(rows)


@cache
def _matcher() -> Matcher[int]:
    # Archives have lost their apostrophes: "dont blame" is "don't blame".
    rules = [(row.pattern, number) for number, row in enumerate(stance_words())]
    return Matcher(rules + [(pattern.replace("n't", "nt"), number) for pattern, number in rules if "n't" in pattern])


def _find(text: str) -> list[Match[int]]:
    return list({(match.start, match.end, match.payload): match for match in _matcher().find(text)}.values())


def find_stance(
    text: str,
    *,
    voice: Voice,
    before: str = "",
    after: str = "",
    groups: Sequence[tuple[int, int]] = (),
    leaning: float = 0.0,
    offset: int = 0,
) -> Handling:
    """Return how `text` (one sentence) handles a frame, taken that it puts one into words.

    Args:
        text: One sentence or headline.
        voice: Whose words it is.
        before: What stands before it in its paragraph; a challenge there counts a little.
        after: What stands after it in its paragraph.
        groups: Where it names groups, offsets in `text`: "cuts, not refugees" denies that refugees are the cause.
        leaning: Points for contesting that come from elsewhere, such as a model's odds; negative against.
        offset: Added to the offsets returned.
    """
    rows = stance_words()
    found = _find(text)
    counted = Counter(match.payload for match in found)
    points = float(sum(rows[number].points * min(times, _TWICE) for number, times in counted.items()))
    denied = next((m for m in (_not_them(text, start) for start, _ in groups) if m), None)
    points += _DENIED if denied else 0
    context = _context(before[-_CONTEXT_REACH:]) + _context(after[:_CONTEXT_REACH])
    # Whoever leans has read the sentence alone: a rebuttal on both sides of it is not theirs to outvote.
    points += context + (max(leaning, 0.0) if context >= _ENOUGH else leaning)
    if points >= _ENOUGH:
        speaking = [m for m in found if rows[m.payload].points > 0]
        if denied and not speaking:
            return Handling(stance="CONTESTS", start=denied[0] + offset, end=denied[1] + offset)
        return _decided("CONTESTS", speaking, offset)
    hearsay = [m for m in found if rows[m.payload].kind == "hearsay"]
    if voice in {"DIRECT", "INDIRECT", "MIXED"} or hearsay or text.rstrip("\"'”’) ").endswith("?"):
        return _decided("REPORTS", hearsay, offset)
    return Handling(stance="ENDORSES", start=-1, end=-1)


def _not_them(text: str, group: int) -> tuple[int, int] | None:
    """Return the words that deny a part to the group that starts at `group`, or None."""
    found = _NOT_THEM.search(text, max(0, group - 60), group)
    return found.span() if found else None


def _context(text: str) -> float:
    if not text:
        return 0.0
    rows = stance_words()
    for match in _find(text):
        row = rows[match.payload]
        if row.scope == "both" and row.kind in _CONTEXT_KINDS:
            return _CONTEXT_POINTS
    return 0.0


def _decided(stance: Stance, found: list[Match[int]], offset: int) -> Handling:
    if not found:
        return Handling(stance=stance, start=-1, end=-1)
    rows = stance_words()
    first = max(found, key=lambda m: (rows[m.payload].points, m.end - m.start, -m.start))
    return Handling(stance=stance, start=first.start + offset, end=first.end + offset)
