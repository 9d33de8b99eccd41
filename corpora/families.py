"""Which stories are copies of one another, so that agency copy is counted once. Pure and order-independent."""

from __future__ import annotations

import re
from collections.abc import Sequence

SHINGLE = 5
"""Words per shingle."""

PERMUTATIONS = 128
BANDS = (37, 3)
"""Bands and rows of the index: about 0.3 Jaccard. The usual 0.8 misses most cut and topped copies."""

CONTAINED = 0.5
"""Share of the shorter text's shingles that must stand in the longer one (unrelated stories: at most 0.27)."""

ALIKE = 0.4
"""Or: Jaccard similarity (unrelated stories: at most 0.14)."""

FEWEST_WORDS = 60
"""Shorter texts (feed summaries) are the same story only when title and first words are the same."""

_WORD = re.compile(r"[a-z0-9']+")


def words(text: str) -> list[str]:
    """Lower-case words, quotes and punctuation dropped."""
    return _WORD.findall(text.lower().replace("\u2019", "'"))


def shingles(text: str) -> frozenset[str]:
    """Runs of `SHINGLE` words."""
    run = words(text)
    return frozenset(" ".join(run[at : at + SHINGLE]) for at in range(len(run) - SHINGLE + 1))


def similar(one: frozenset[str], other: frozenset[str]) -> bool:
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

    Candidates come from MinHash-LSH (datasketch) and are checked exactly; families are the connected parts.
    """
    from datasketch import MinHash, MinHashLSH

    parent = {story_id: story_id for story_id, _, _, _ in stories}

    def root(one: str) -> str:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    def join(one: str, other: str) -> None:
        small, large = sorted((root(one), root(other)))
        parent[large] = small

    index = MinHashLSH(num_perm=PERMUTATIONS, params=BANDS)
    sets: dict[str, frozenset[str]] = {}
    brief: dict[str, str] = {}
    for story_id, _, title, text in sorted(stories):
        run = words(text)
        if len(run) < FEWEST_WORDS:
            key = " ".join(words(title)) + "|" + " ".join(run[:25])
            if len(run) >= SHINGLE and key in brief:
                join(story_id, brief[key])
            brief.setdefault(key, story_id)
            continue
        own = shingles(text)
        sketch = MinHash(num_perm=PERMUTATIONS, seed=1)
        sketch.update_batch([one.encode() for one in sorted(own)])
        for candidate in index.query(sketch):
            if similar(own, sets[str(candidate)]):
                join(story_id, str(candidate))
        index.insert(story_id, sketch)
        sets[story_id] = own
    return {story_id: root(story_id) for story_id in parent}
