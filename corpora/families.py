"""Which stories are copies of one another, so that agency copy is counted once. Pure and order-independent."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

SHINGLE = 5
"""Words per shingle."""

BANDS, ROWS = 37, 3
"""Bands and rows of the index: about 0.3 Jaccard. The usual 0.8 misses most cut and topped copies."""

CONTAINED = 0.5
"""Share of the shorter text's shingles that must stand in the longer one (unrelated stories: at most 0.27)."""

ALIKE = 0.4
"""Or: Jaccard similarity (unrelated stories: at most 0.14)."""

FEWEST_WORDS = 60
"""Shorter texts (feed summaries) are the same story only when title and first words are the same."""

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """All that the search for copies needs of a text, without a word of it."""

    hashes: frozenset[int] = frozenset()
    """32-bit hashes of the shingles; empty for a brief text."""
    brief: str = ""
    """Hash of the title and first words of a brief text; empty for a long one, and for one too short to tell."""


def words(text: str) -> list[str]:
    """Lower-case words of any script, accents kept, quotes and punctuation dropped."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'"))


def shingles(text: str) -> frozenset[str]:
    """Runs of `SHINGLE` words."""
    run = words(text)
    return frozenset(map(" ".join, zip(*(run[at:] for at in range(SHINGLE)), strict=False)))


def fingerprint(title: str, text: str) -> Fingerprint:
    """Take the fingerprint of a story.

    Two stories are found to be copies by their fingerprints exactly where they are by their texts: the index is made
    from these very hashes, and within one story 32 bits do not collide often enough to matter.
    """
    run = words(text)
    if len(run) >= FEWEST_WORDS:
        return Fingerprint(hashes=_hashes(run))
    if len(run) < SHINGLE:
        return Fingerprint()
    key = " ".join(words(title)) + "|" + " ".join(run[:25])
    return Fingerprint(brief=hashlib.sha256(key.encode()).hexdigest()[:32])


@lru_cache(maxsize=2**16)
def _word_hash(word: str) -> int:
    return int.from_bytes(hashlib.sha1(word.encode(), usedforsecurity=False).digest()[:8], "little")


MULTIPLIERS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)
"""One odd number for each place in a run of words, so that their order counts. Stored fingerprints rest on them."""


def _hashes(run: Sequence[str]) -> frozenset[int]:
    """Hash each run of `SHINGLE` words to 32 bits, from one hash for each word."""
    import numpy as np

    single = np.fromiter(map(_word_hash, run), dtype=np.uint64, count=len(run))
    last = len(run) - SHINGLE + 1
    whole = np.zeros(last, dtype=np.uint64)
    for at, multiplier in enumerate(MULTIPLIERS):
        whole += single[at : at + last] * np.uint64(multiplier)
    return frozenset((whole >> np.uint64(32)).tolist())


def similar(one: frozenset[T], other: frozenset[T]) -> bool:
    """Say whether two shingle sets are copies of one text."""
    if not one or not other:
        return False
    shared = len(one & other)
    return shared / min(len(one), len(other)) >= CONTAINED or shared / len(one | other) >= ALIKE


def find_families(stories: Sequence[tuple[str, str, str, str]]) -> dict[str, str]:
    """Map each story id to its family id: the smallest story id among its copies.

    Args:
        stories: (story id, outlet, title, text) rows; their order does not matter.

    Returns:
        Every story id is a key; a story without copies is its own family.
    """
    return families_of({story_id: fingerprint(title, text) for story_id, _, title, text in stories}, {})


def families_of(prints: Mapping[str, Fingerprint], known: Mapping[str, str]) -> dict[str, str]:
    """Map each story id to its family id, from fingerprints and from what was found while there was more to see.

    Args:
        prints: Fingerprints by story id; their order does not matter.
        known: Story id to family id of families with a member whose fingerprint is gone: these stay together.

    Returns:
        Every story id of either is a key; the family id is the smallest story id among the copies.

    Candidates come from MinHash-LSH and are checked exactly; families are the connected parts.
    """
    parts = _Parts((*prints, *known))
    together: dict[str, str] = {}
    for story_id, family_id in sorted(known.items()):
        parts.join(story_id, together.setdefault(family_id, story_id))
    brief: dict[str, str] = {}
    for story_id, own in sorted(prints.items()):
        if own.brief:
            parts.join(story_id, brief.setdefault(own.brief, story_id))
    index: dict[tuple[int, int], list[str]] = {}
    for story_id, keys in _banded({one: own.hashes for one, own in prints.items() if own.hashes}):
        buckets = [index.setdefault(key, []) for key in enumerate(keys)]
        for other in dict.fromkeys(chain.from_iterable(buckets)):
            # Within a family there is nothing left to find: a story in a hundred papers is compared a hundred times.
            if parts.apart(story_id, other) and similar(prints[story_id].hashes, prints[other].hashes):
                parts.join(story_id, other)
        for bucket in buckets:
            bucket.append(story_id)
    return {story_id: parts.root(story_id) for story_id in parts.parent}


class _Parts:
    """Connected parts of a graph, each named by its smallest member."""

    def __init__(self, members: Iterable[str]) -> None:
        self.parent = {one: one for one in members}

    def root(self, one: str) -> str:
        while self.parent[one] != one:
            self.parent[one] = self.parent[self.parent[one]]
            one = self.parent[one]
        return one

    def apart(self, one: str, other: str) -> bool:
        return self.root(one) != self.root(other)

    def join(self, one: str, other: str) -> None:
        small, large = sorted((self.root(one), self.root(other)))
        self.parent[large] = small


def _banded(sets: Mapping[str, frozenset[int]]) -> Iterator[tuple[str, list[int]]]:
    """Yield each story with the keys of its bands: two stories share one where all rows of a band have equal minima."""
    import numpy as np

    rng = np.random.default_rng(1)
    # Multiply and shift: the top 32 bits of an odd multiple of a number, plus a constant, are as good as a permutation.
    factors = rng.integers(0, 2**63, size=BANDS * ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    shifts = rng.integers(0, 2**63, size=BANDS * ROWS, dtype=np.uint64)
    mixers = rng.integers(0, 2**63, size=ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    for story_id, hashes in sorted(sets.items()):
        numbers = np.fromiter(hashes, dtype=np.uint64, count=len(hashes))
        minima: Any = (np.multiply.outer(factors, numbers) + shifts[:, None]).min(axis=1) >> np.uint64(32)
        yield story_id, (minima.reshape(BANDS, ROWS) * mixers).sum(axis=1, dtype=np.uint64).tolist()
