"""Whether the corpus covers what it was asked to cover: one row per bar, with what is asked and what is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from corpora.annotated import AnnotatedSentence
from corpora.codebook import Codebook
from corpora.overlap import near_copies
from corpora.records import FRAMES
from corpora.second_coding import SecondCoding

SENTENCES = 6000
SECOND_CODED = 1000
PER_GROUP = 150
PER_PROBLEM = 20
PER_NEIGHBOUR = 80
PER_FUNCTIONALITY = 60
PER_NATION = 500
ACTIVE = 700
CONTESTED = 250
CONTESTED_FRAMES = ("us_them", "blame")
NAMED_NO_FRAME = 0.45
PLAIN = 0.20
ABOUT = 0.03
"""How far "about 45 %" and "about 20 %" may be off, as a share of all sentences."""
COPIES = 0.01
"""Near-copies allowed, as a share of all sentences."""
SOCIAL = frozenset({"ALL", "ELITE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One thing the corpus is asked to hold."""

    what: str
    asked: float
    there: float
    met: bool
    share: bool = False
    """The figures are shares of 0 to 1, not counts."""


def copies(sentences: Sequence[AnnotatedSentence]) -> int:
    """How many sentences are a near-copy of another one."""
    pairs = near_copies([one.text for one in sentences])
    return len({at for a, b, _ in pairs for at in (a, b)})


def coverage(
    sentences: Sequence[AnnotatedSentence], codebook: Codebook, codings: Sequence[SecondCoding]
) -> tuple[Bar, ...]:
    """Compare the corpus with every bar, in the order a reader would ask."""
    total = len(sentences)
    groups = Counter(code for one in sentences for code in set(one.groups))
    problems = Counter(code for one in sentences for code in set(one.problem))
    neighbours = Counter(one.neighbour for one in sentences)
    functions = Counter(one.fn for one in sentences)
    nations = Counter(one.nation for one in sentences)
    unframed = [one for one in sentences if not one.expressed]
    named = sum(1 for one in unframed if one.social_groups) / total
    plain = sum(1 for one in unframed if not one.social_groups) / total
    bars = [_least("sentences", SENTENCES, total), _least("sentences coded twice", SECOND_CODED, len(codings))]
    for frame in FRAMES:
        bars.append(_least(f"{frame}, active", ACTIVE, sum(one.mark(frame) == 1 for one in sentences)))
        if frame in CONTESTED_FRAMES:
            bars.append(_least(f"{frame}, contested", CONTESTED, sum(one.mark(frame) == "C" for one in sentences)))
    bars.extend(
        [
            Bar(
                what=f"no frame, a group named (within {ABOUT * 100:.0f} points)",
                asked=NAMED_NO_FRAME,
                there=named,
                met=abs(named - NAMED_NO_FRAME) <= ABOUT,
                share=True,
            ),
            Bar(
                what=f"plain, no group named (within {ABOUT * 100:.0f} points)",
                asked=PLAIN,
                there=plain,
                met=abs(plain - PLAIN) <= ABOUT,
                share=True,
            ),
        ]
    )
    near = copies(sentences) / total
    bars.append(Bar(what="near-copies (at most)", asked=COPIES, there=near, met=near < COPIES, share=True))
    bars.extend(
        _least(f"group {code}", PER_GROUP, groups[code]) for code in codebook.lists["groups"] if code not in SOCIAL
    )
    bars.extend(_least(f"problem {code}", PER_PROBLEM, problems[code]) for code in codebook.lists["problems"])
    bars.extend(_least(f"neighbour {code}", PER_NEIGHBOUR, neighbours[code]) for code in codebook.lists["neighbours"])
    bars.extend(
        _least(f"functionality {code}", PER_FUNCTIONALITY, functions[code])
        for code in codebook.lists["functionalities"]
    )
    bars.extend(_least(f"nation {code}", PER_NATION, nations[code]) for code in codebook.lists["nations"])
    return tuple(bars)


def _least(what: str, asked: int, there: int) -> Bar:
    return Bar(what=what, asked=asked, there=there, met=there >= asked)
