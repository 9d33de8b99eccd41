"""Words that point to a code, each with a weight: rows of the tables for subtypes and neighbours."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from corpora.errors import NotReady
from nlp.patterns import read_table


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedWord:
    """One row of such a table."""

    code: str
    weight: int
    """3 nearly tells by itself, 2 points there, 1 only helps."""
    pattern: str
    reason: str
    example: str


@cache
def weighted_words(name: str, codes: Collection[str]) -> tuple[WeightedWord, ...]:
    """Return the rows of `nlp/data/<name>`.

    Args:
        name: Of the file.
        codes: Those it must have words for, and no other; hashable.

    Raises:
        NotReady: If the table is missing, holds an unknown code or weight, or leaves a code without words.
    """
    rows = []
    for code, weight, pattern, reason, example in read_table(name, ("code", "weight", "pattern", "reason", "example")):
        if weight not in {"1", "2", "3"}:
            raise NotReady(f"{name}: {weight} is no weight from 1 to 3.")
        rows.append(WeightedWord(code=code, weight=int(weight), pattern=pattern, reason=reason, example=example))
    found = {row.code for row in rows}
    if found != set(codes):
        raise NotReady(f"{name} and the codes it is for differ: {sorted(found ^ set(codes))}.")
    return tuple(rows)
