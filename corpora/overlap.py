"""How much two sentences are worded alike: the share of word 4-grams they have in common."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

WINDOW = 4
"""Words in a gram: long enough that stock phrases of news ("a spokesman for the") seldom fill a sentence."""
NEAR_COPY = 0.6
"""Two sentences are near-copies above this share of the shorter one's 4-grams."""

_WORD = re.compile(r"[a-z0-9]+")


def grams(text: str) -> frozenset[tuple[str, ...]]:
    """The 4-grams of a text's words, without case or punctuation; empty for texts of fewer than four words."""
    words = _WORD.findall(text.casefold())
    return frozenset(tuple(words[at : at + WINDOW]) for at in range(len(words) - WINDOW + 1))


def near_copies(texts: Sequence[str], *, above: float = NEAR_COPY) -> list[tuple[int, int, float]]:
    """Pairs of texts that are near-copies.

    Args:
        texts: Sentences.
        above: Share of the shorter sentence's 4-grams, 0 to 1, that must be exceeded.

    Returns:
        Positions of the two texts (the earlier first) and the share, in order of the later text.
    """
    holders: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    sizes: list[int] = []
    found = []
    for at, text in enumerate(texts):
        own = grams(text)
        sizes.append(len(own))
        common = Counter(other for gram in own for other in holders[gram])
        for other, count in sorted(common.items()):
            share = count / min(len(own), sizes[other])
            if share > above:
                found.append((other, at, share))
        for gram in own:
            holders[gram].append(at)
    return found


def shared_with(texts: Sequence[str], others: Sequence[str], *, above: float = NEAR_COPY) -> list[tuple[int, int]]:
    """Pairs (position in `texts`, position in `others`) that are near-copies across two collections."""
    border = len(texts)
    return [(a, b - border) for a, b, _ in near_copies([*texts, *others], above=above) if a < border <= b]
