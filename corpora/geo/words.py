"""Which words say what kind of name a place name is: `place_words.tsv` and `abroad.tsv`, folded for look-up."""

from __future__ import annotations

from functools import cache

from corpora.geo.gazetteer import fold
from corpora.tables import read_table

COLUMNS = ("kind", "words", "reason", "example")


@cache
def words(kind: str) -> frozenset[str]:
    """Words of one kind: street, site, head, club, body, brand, generic, wide, river, direction, and others."""
    return _table("place_words.tsv")[kind]


@cache
def abroad(kind: str) -> frozenset[str]:
    """Names outside the United Kingdom: country, region or city."""
    return _table("abroad.tsv")[kind]


@cache
def _table(name: str) -> dict[str, frozenset[str]]:
    rows = read_table(name, columns=COLUMNS)
    return {row["kind"]: frozenset(fold(word) for word in row["words"].split(",")) for row in rows}


def ends_in(key: str, kind: str) -> str:
    """Return the longest words of this kind that `key` ends in, after at least one other word; else nothing."""
    parts = key.split(" ")
    return next((tail for at in range(1, len(parts)) if (tail := " ".join(parts[at:])) in words(kind)), "")
