"""Which rows of a public set may be learned from: mapped, of bearable length, once each, and none of HateCheck's."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpora.errors import BadInput, Refused
from corpora.hatecheck import contaminated, normalised
from corpora.public_files import cached
from corpora.public_readers import READERS, Mapped, PublicRow, Reader, Unmapped
from corpora.recipes import Recipe

WORDS = (6, 55)
"""Fewest and most words of a text, as in our own corpus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedSet:
    """A public set in our fields, with what was left out and on what terms it may be used."""

    rows: tuple[PublicRow, ...]
    left_out: Mapping[str, int]
    """Why, in words, to how many rows; with `rows` they are all rows that were read."""
    hatecheck_removed: bool
    """False where HateCheck was not at hand: its sentences, if there are any, are still in `rows`."""
    licence: str
    may_train_shipped_model: bool


def mapped(
    wanted: Recipe, cache: Path, cases: Sequence[str] | None, *, readers: Mapping[str, Reader] = READERS
) -> MappedSet:
    """Read a fetched set into our fields.

    Args:
        wanted: The recipe.
        cache: The user's cache, with the files in it.
        cases: HateCheck's cases, or None where they are not at hand (see `hatecheck.hatecheck_cases`).
        readers: How each set is read, by name.

    Raises:
        Refused: The set is for evaluation only.
        NotReady: Its files are not in the cache.
        BadInput: They are not of the form the mapping knows.
    """
    if wanted.evaluation_only:
        raise Refused(f"{wanted.name} is for evaluation only; it is never made into rows to learn from.")
    files = cached(wanted, cache)
    try:
        kept, left_out = _filtered(readers[wanted.name](files))
    except (KeyError, ValueError, TypeError, csv.Error) as error:
        raise BadInput(
            f"The files of {wanted.name} are not of the form its mapping knows ({type(error).__name__}: {error})."
        ) from error
    if cases is not None:
        bad = contaminated([row.text for row in kept], cases)
        left_out["HateCheck's, or nearly"] = len(bad)
        kept = [row for at, row in enumerate(kept) if at not in bad]
    return MappedSet(
        rows=tuple(kept),
        left_out=left_out,
        hatecheck_removed=cases is not None,
        licence=wanted.licence,
        may_train_shipped_model=wanted.may_train_shipped_model,
    )


def _filtered(rows: Iterable[Mapped]) -> tuple[list[PublicRow], Counter[str]]:
    """Keep rows of 6 to 55 words; the first of equal texts, or none of them where their labels differ."""
    left_out: Counter[str] = Counter()
    first: dict[str, PublicRow] = {}
    contradicted: set[str] = set()
    for row in rows:
        if isinstance(row, Unmapped):
            left_out[row.why] += 1
            continue
        key = normalised(row.text)
        if not WORDS[0] <= len(row.text.split()) <= WORDS[1] or not key:
            left_out[f"not {WORDS[0]} to {WORDS[1]} words"] += 1
        elif key in first:
            left_out["repeats"] += 1
            if _labels(first[key]) != _labels(row):
                contradicted.add(key)
        else:
            first[key] = row
    if contradicted:
        left_out["equal texts with other labels"] = len(contradicted)
    return [row for key, row in first.items() if key not in contradicted], left_out


def _labels(row: PublicRow) -> tuple[bool | None, ...]:
    return row.us_them, row.blame, row.shared_story
