"""What the heads see of a sentence: its words (TF-IDF), its meaning (encoder), and what the reading found in it.

Three views on purpose. Embeddings carry topic but not stance ("blamed" and "did not blame" lie close
together); words carry phrases; the reading carries who is named, whose voice it is and which cue words
stand there, so that a group word by itself cannot make a frame.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.cues import KINDS
from nlp.reading import ReadSentence

FloatArray = npt.NDArray[np.float64]

VOICES = ("OUTLET", "DIRECT", "INDIRECT", "MIXED", "HEADLINE")
GROUP_CODES = (
    "MIG_ASY", "REF", "EUM", "MUS", "JEW", "OFA", "BLK", "SAS", "EAS", "GRT", "DIS",
    "BEN", "HML", "LGB", "TRA", "WOM", "YNG", "OLD", "OUT", "OTHER",
)  # fmt: skip

_OTHER_THAN_WORDS = re.compile(r"[^a-z0-9%£$']+")


def normalise(text: str) -> str:
    """Lower case, no punctuation: archives store half of our real sentences that way, so all are read that way."""
    return _OTHER_THAN_WORDS.sub(" ", text.lower().replace("\u2019", "'")).strip()


def reading_features(sentences: Sequence[ReadSentence]) -> FloatArray:
    """Return what the reading found as numbers, shape (sentences, `len(reading_names())`)."""
    kinds = sorted(KINDS)
    rows = np.zeros((len(sentences), len(reading_names())))
    for row, read in zip(rows, sentences, strict=True):
        present = {cue.kind for cue in read.cues}
        named = {code for code in read.groups if code in GROUP_CODES}
        about = bool(named or read.carried)
        has = np.array([kind in present for kind in kinds], float)
        row[: len(kinds)] = has
        row[len(kinds) : 2 * len(kinds)] = has * about
        rest = [
            float(about),
            float(len(named) > 1),
            float("ALL" in read.groups),
            float("ELITE" in read.groups),
            float(read.unit == "headline"),
            np.log1p(len(read.span.text)) / 5.0,
            *(float(read.voice == voice) for voice in VOICES),
        ]
        row[2 * len(kinds) :] = rest
    return rows


def reading_names() -> list[str]:
    """Names of the columns of `reading_features`."""
    kinds = sorted(KINDS)
    return [
        *(f"cue:{kind}" for kind in kinds),
        *(f"cue+group:{kind}" for kind in kinds),
        *("group", "groups", "all", "elite", "headline", "length"),
        *(f"voice:{voice}" for voice in VOICES),
    ]


def make_vectorizer(vocabulary: dict[str, int] | None = None, idf: FloatArray | None = None) -> Any:
    """Return the TF-IDF vectorizer: unfitted, or with a stored vocabulary and weights.

    Args:
        vocabulary: Term to column, as stored.
        idf: Inverse document frequencies in column order, shape (terms,).
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    made = TfidfVectorizer(
        preprocessor=normalise,
        token_pattern=r"[a-z0-9%£$']+",
        ngram_range=(1, 2),
        min_df=2,
        max_features=40_000,
        sublinear_tf=True,
        vocabulary=vocabulary,
        dtype=np.float64,
    )
    if idf is not None:
        made.idf_ = idf
    return made
