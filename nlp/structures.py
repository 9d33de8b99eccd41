"""Whether a sentence names a structural cause (money, homes, employers, policy) instead of a group, beside it, or not.

Codebook 4 and 6: NAMED_INSTEAD, NAMED_ALSO, OMITTED, and NA where no blame is in play. OMITTED is a finding about a
sentence that blames; it is never said of a sentence that merely names a group. `nlp/data/structures.tsv` holds what
names a structural cause, `structure_links.tsv` the words by which two causes are put side by side.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from corpora.errors import NotReady
from nlp.patterns import Match, Matcher, read_table
from nlp.stances import Stance

Weight = Literal["fault", "cause", "actor"]
StructuralCause = Literal["NAMED_INSTEAD", "NAMED_ALSO", "OMITTED", "NA"]

TYPES: tuple[str, ...] = (
    "underinvestment/austerity", "financial crisis/economy", "housing supply", "labour market/employers",
    "policy design", "service commissioning", "discrimination", "planning/infrastructure", "other",
)  # fmt: skip
"""`structural_type` of codebook 4."""

_WEIGHTS: dict[str, int] = {"fault": 3, "cause": 2, "actor": 1}
_REACH = 60
"""Characters between a word of cause and the structural cause it points to."""
_POINTS = re.compile(
    r"\b(?:because|due to|owing to|thanks to|down to|since|as a result|result of|caused|the cause|to blame|blam\w+"
    r"|the reason|behind|at fault|the fault|caus\w+|responsible|driven by|what happens when|failed by|by|left|has|have"
    r"|means|lead\w* to|led to|pointing to|comes? from|put (?:it|that|the \w+) down|not|for want of|so)\b",
    re.IGNORECASE,
)
_SWAP = re.compile(
    r"\bnot\b[^.;:]{3,110}?\bbut(?! (?:also|they|it|he|she|we)\b)\s+(?:[\w'’-]+\s?){1,6}"
    r"|\b(?:rather than|more to do with|instead of)\b\s+(?:[\w'’-]+\s?){1,4}"
    r"|; (?:it|they|what|the|his|her|their) (?:[\w'’-]+\s){0,4}?(?:is|was|are|were|has|had|have)\b"
    r"|, and not (?:to |by |because of |of )?(?:[\w'’-]+\s?){1,4}"
    r"|, not (?:[\w'’-]+\s?){1,4}, (?:that|which|who|set|made|broke|have|has|had|is|are|was|were)\b",
    re.IGNORECASE,
)
"""A cause put in the place of the one that is denied, whatever it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureWord:
    """One row of `structures.tsv`."""

    type: str
    weight: Weight
    """fault: says who did wrong and what; cause: says what went wrong; actor: only names who decides."""
    pattern: str
    reason: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """The structural cause of a sentence."""

    cause: StructuralCause
    type: str
    """One of `TYPES`; empty where none is named."""
    start: int
    """Offset of the words that name it; -1 where none is named."""
    end: int


@cache
def structure_words() -> tuple[StructureWord, ...]:
    """Return the rows of `structures.tsv`.

    Raises:
        NotReady: If the table is missing, names an unknown type or weight, or leaves a type without words.
    """
    rows = []
    for kind, weight, pattern, reason, example in read_table(
        "structures.tsv", ("type", "weight", "pattern", "reason", "example")
    ):
        if weight not in _WEIGHTS:
            raise NotReady(f"structures.tsv: unknown weight {weight}.")
        known: Weight = "fault" if weight == "fault" else "cause" if weight == "cause" else "actor"
        rows.append(StructureWord(type=kind, weight=known, pattern=pattern, reason=reason, example=example))
    if {row.type for row in rows} != set(TYPES):
        raise NotReady("structures.tsv and nlp.structures.TYPES differ.")
    return tuple(rows)


@cache
def relations() -> tuple[tuple[str, str, str, str], ...]:
    """Return the rows of `structure_links.tsv`: relation (`also` or `instead`), pattern, reason, example."""
    rows = read_table("structure_links.tsv", ("relation", "pattern", "reason", "example"))
    if {row[0] for row in rows} != {"also", "instead"}:
        raise NotReady("structure_links.tsv must hold the relations also and instead.")
    return tuple((relation, pattern, reason, example) for relation, pattern, reason, example in rows)


@cache
def _matcher() -> Matcher[tuple[str, str]]:
    return Matcher((row.pattern, (row.type, row.weight)) for row in structure_words())


@cache
def _relation_matcher() -> Matcher[str]:
    return Matcher((pattern, relation) for relation, pattern, _, _ in relations())


def find_structure(
    text: str, *, stance: Stance, blaming: bool, certain: bool = False, has_group: bool = True, offset: int = 0
) -> Structure:
    """Return the structural cause `text` (one sentence) names beside or instead of a group.

    Args:
        text: One sentence or headline.
        stance: How it handles the frame.
        blaming: It carries or may carry blame (a group, a problem and a link).
        certain: Someone, such as the model, holds that it does; then a structural cause does not unmake it.
        has_group: It names or carries a group at all.
        offset: Added to the offsets returned.
    """
    if not has_group and not blaming:
        return Structure(cause="NA", type="", start=-1, end=-1)
    found = _matcher().find(text)
    causes = [match for match in found if match.payload[1] != "actor"]
    pointed = [match for match in causes if _is_pointed_at(text, match)]
    if not blaming:
        return _named("NAMED_INSTEAD", pointed, offset) if pointed else _unnamed("NA")
    if stance == "CONTESTS":
        return _named("NAMED_INSTEAD", pointed, offset) if pointed else _swapped(text, found, offset)
    faults = [match for match in found if match.payload[1] == "fault"]
    if faults:
        return _named("NAMED_ALSO", faults, offset)
    related = {match.payload for match in _relation_matcher().find(text)} if found else set()
    if found and "also" in related:
        return _named("NAMED_ALSO", found, offset)
    if pointed and not certain and "instead" in related:
        return _named("NAMED_INSTEAD", pointed, offset)
    return _unnamed("OMITTED")


def _swapped(text: str, found: Sequence[Match[tuple[str, str]]], offset: int) -> Structure:
    """Return what a denial puts in the group's place by its construction alone."""
    swap = _SWAP.search(text)
    if swap is None:
        return _unnamed("OMITTED")
    if found:
        return _named("NAMED_INSTEAD", found, offset)
    end = swap.start() + len(swap[0].rstrip())
    return Structure(cause="NAMED_INSTEAD", type="other", start=swap.start() + offset, end=end + offset)


def _unnamed(cause: StructuralCause) -> Structure:
    return Structure(cause=cause, type="", start=-1, end=-1)


def _named(cause: StructuralCause, found: Sequence[Match[tuple[str, str]]], offset: int) -> Structure:
    best = max(found, key=lambda m: (_WEIGHTS[m.payload[1]], m.payload[0] != "other", m.end - m.start, -m.start))
    return Structure(cause=cause, type=best.payload[0], start=best.start + offset, end=best.end + offset)


def _is_pointed_at(text: str, match: Match[tuple[str, str]]) -> bool:
    return _POINTS.search(text, max(0, match.start - _REACH), min(len(text), match.end + _REACH)) is not None
