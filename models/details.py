"""Which subtypes and neighbours a sentence is likely to carry: one small head a code, on embedding and words.

The heads decide and the words show: a head sees the encoder's vector beside what `nlp.subtypes` and `nlp.neighbours`
find, and says how likely the code is; where those words stand is what a reader is shown. Words alone missed most.
Learned from our own composed sentences only (no public set has such labels), so the heads carry their own measurement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from corpora.errors import NotReady
from corpora.records import Frame
from nlp.neighbours import NEEDED, OF_A_GROUP, find_neighbours
from nlp.reading import ReadSentence
from nlp.subtypes import SUBTYPES, SubtypedFrame, find_subtypes

FloatArray = npt.NDArray[np.float64]

SUBTYPE_CODES: tuple[str, ...] = tuple(code for codes in SUBTYPES.values() for code in codes)
NEIGHBOUR_CODES: tuple[str, ...] = tuple(NEEDED)
CODES: tuple[str, ...] = SUBTYPE_CODES + NEIGHBOUR_CODES
"""Outputs, always in this order."""

LIKELY = 0.5
"""Probability from which a code is named: likelier than not."""
SHOWN = 0.35
"""The same where words of the sentence show it, so that a reader sees why."""
ALONE = 0.75
"""The same for a neighbour that is about a group, where the sentence names none."""
_MOST = 3
"""Codes named of one sentence and kind; more would be a list, and no finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One subtype or neighbour that is named; offsets in the unit, -1 where no words of a table show it."""

    code: str
    probability: float
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailHeads:
    """Weights of all heads. `k` is the number of codes."""

    weights: FloatArray
    """(features, k): the encoder's numbers, then one column a code for what its words say."""
    bias: FloatArray
    """(k,)."""

    def probabilities(self, features: FloatArray) -> FloatArray:
        """Return how likely each code is, shape (sentences, k).

        For a subtype: if the sentence carries the subtype's frame.
        """
        logits = np.clip(features @ self.weights + self.bias, -40.0, 40.0)
        return np.asarray(1.0 / (1.0 + np.exp(-logits)))

    def arrays(self) -> dict[str, npt.NDArray[np.float32]]:
        """As named arrays for storage."""
        return {
            "weights": np.ascontiguousarray(self.weights, np.float32),
            "bias": np.ascontiguousarray(self.bias, np.float32),
        }

    @classmethod
    def from_arrays(cls, named: Mapping[str, npt.NDArray[Any]], width: int) -> DetailHeads:
        """Rebuild from stored arrays.

        Args:
            named: Of `details.safetensors`.
            width: Numbers per embedding of the encoder in use.

        Raises:
            NotReady: An array is missing, of the wrong shape, or holds a number that is none.
        """
        wanted = {"weights": (width + len(CODES), len(CODES)), "bias": (len(CODES),)}
        sound = set(named) == set(wanted) and all(
            named[name].shape == shape and bool(np.isfinite(named[name]).all()) for name, shape in wanted.items()
        )
        if not sound:
            raise NotReady(
                "The arrays for subtypes and neighbours are not sound.", what_next="Run `sharedstory train`."
            )
        return cls(weights=named["weights"].astype(np.float64), bias=named["bias"].astype(np.float64))


def words_of(read: ReadSentence) -> dict[str, tuple[int, int]]:
    """Return the codes that words of the tables show, each with where they stand in the unit."""
    groups = tuple(sorted({*read.groups, *(one.group for one in read.references)}))
    text, base = read.span.text, read.span.start
    found: dict[str, tuple[int, int]] = {}
    frames: tuple[SubtypedFrame, ...] = ("us_them", "shared_story")
    for frame in frames:
        for one in find_subtypes(text, frame=frame, groups=groups, offset=base):
            found.setdefault(one.code, (one.start, one.end))
    for other in find_neighbours(text, groups=groups, offset=base):
        found.setdefault(other.code, (other.start, other.end))
    return found


def detail_features(vectors: npt.NDArray[Any], words: Sequence[Mapping[str, tuple[int, int]]]) -> FloatArray:
    """Return the heads' features, shape (sentences, width + codes).

    Args:
        vectors: Of the encoder, shape (sentences, width).
        words: `words_of` each sentence.
    """
    shown = np.array([[float(code in found) for code in CODES] for found in words]).reshape(len(words), len(CODES))
    return np.hstack([np.asarray(vectors, np.float64), shown])


def subtypes_of(frame: Frame, said: Mapping[str, float], shown: Mapping[str, tuple[int, int]]) -> tuple[Detail, ...]:
    """Return the subtypes to name of a sentence that carries `frame`, the likeliest first; blame has none."""
    codes = SUBTYPES["us_them"] if frame == "us_them" else SUBTYPES["shared_story"] if frame == "shared_story" else ()
    return _named(codes, said, shown)


def neighbours_of(
    read: ReadSentence, said: Mapping[str, float], shown: Mapping[str, tuple[int, int]]
) -> tuple[Detail, ...]:
    """Return the neighbours (codebook 8) to name of a sentence, the likeliest first; usually none.

    A rescue, a lack or an attack is one only where a group is meant. Real sentences that name none looked like one now
    and then, so these must be surer.
    """
    return _named(NEIGHBOUR_CODES, said, shown, about=about_group(read))


def about_group(read: ReadSentence) -> bool:
    """Tell whether a sentence names a group or refers to one."""
    return bool(read.groups or read.carried or read.references)


def needed(code: str, *, shown: bool, about: bool) -> float:
    """Return the probability from which a code is named.

    Args:
        code: Of `CODES`.
        shown: Whether words of the sentence show it.
        about: Whether it is about a group.
    """
    if code in OF_A_GROUP and not about:
        return ALONE
    return SHOWN if shown else LIKELY


def _named(
    codes: Sequence[str], said: Mapping[str, float], shown: Mapping[str, tuple[int, int]], *, about: bool = True
) -> tuple[Detail, ...]:
    named = [
        Detail(code=code, probability=said[code], start=start, end=end)
        for code in codes
        for start, end in [shown.get(code, (-1, -1))]
        if said[code] >= needed(code, shown=code in shown, about=about)
    ]
    return tuple(sorted(named, key=lambda one: -one.probability)[:_MOST])
