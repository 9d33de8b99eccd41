"""How a sentence handles a frame it puts into words: it endorses it, reports it, or contests it (codebook 4).

`nlp/data/stances.tsv` holds what speaks for contesting, with points: denials, negated links, "it is wrong to say",
corrections, distancing words, charges of racism, irony. Shields take points away again: "no doubt", "denied being
racist", "wrong to say they play no part" leave a frame active. Whose voice it is decides the rest.
"""

from __future__ import annotations

from collections import Counter
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
    return Matcher((row.pattern, number) for number, row in enumerate(stance_words()))


def find_stance(
    text: str, *, voice: Voice, before: str = "", after: str = "", leaning: float = 0.0, offset: int = 0
) -> Handling:
    """Return how `text` (one sentence) handles a frame, taken that it puts one into words.

    Args:
        text: One sentence or headline.
        voice: Whose words it is.
        before: What stands before it in its paragraph; a challenge there counts a little.
        after: What stands after it in its paragraph.
        leaning: Points for contesting that come from elsewhere, such as a model's odds; negative against.
        offset: Added to the offsets returned.
    """
    rows = stance_words()
    found = _matcher().find(text)
    counted = Counter(match.payload for match in found)
    points = leaning + sum(rows[number].points * min(times, _TWICE) for number, times in counted.items())
    if before or after:
        points += _context(before[-_CONTEXT_REACH:]) + _context(after[:_CONTEXT_REACH])
    if points >= _ENOUGH:
        return _decided("CONTESTS", [m for m in found if rows[m.payload].points > 0], offset)
    hearsay = [m for m in found if rows[m.payload].kind == "hearsay"]
    if voice in {"DIRECT", "INDIRECT", "MIXED"} or hearsay or text.rstrip("\"'”’) ").endswith("?"):
        return _decided("REPORTS", hearsay, offset)
    return Handling(stance="ENDORSES", start=-1, end=-1)


def _context(text: str) -> float:
    if not text:
        return 0.0
    rows = stance_words()
    for match in _matcher().find(text):
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
