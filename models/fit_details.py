"""How the heads for subtypes and neighbours are fitted on our own sentences, and how good they are on unseen ones."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from corpora.annotated import AnnotatedSentence, shipped
from models.details import (
    CODES,
    NEIGHBOUR_CODES,
    DetailHeads,
    about_group,
    detail_features,
    needed,
    words_of,
)
from models.encoder import Encoder
from models.features import normalise
from models.rows import EVERYDAY
from nlp.reading import Reader, UnitText
from nlp.subtypes import SUBTYPES

FloatArray = npt.NDArray[np.float64]
Tell = Callable[[str, int, int], None]

STRENGTH = 10.0
"""Inverse L2 penalty: unit vectors of few positives need little."""
FOLDS = 5
_FEWEST = 10
"""Positives in a fold's training part below which a head would be noise; its code is then never named."""


def detailed_sentences() -> list[AnnotatedSentence]:
    """Return our own sentences that may be learned from: all but those of an ordinary day."""
    return [one for one in shipped() if not one.theme.startswith(EVERYDAY)]


def fit_details(
    sentences: Sequence[AnnotatedSentence], encoder: Encoder, *, seed: int, tell: Tell
) -> tuple[DetailHeads, dict[str, Any]]:
    """Fit all heads and measure them by cross-validation over pairs of twins.

    Args:
        sentences: What to learn from.
        encoder: The one that ships with them.
        seed: Deals the folds.
        tell: Progress.

    Returns:
        The heads, and by code the positives, average precision, precision and recall as codes are named.
    """
    units = [UnitText(text=one.text, before=one.before, headline=one.headline) for one in sentences]
    reads = list(Reader().read_units(units))
    words = [words_of(read) for read in reads]
    features = detail_features(encoder.encode([normalise(one.text) for one in sentences]), words)
    folds = _folds(sentences, seed)
    weights, bias = np.zeros((features.shape[1], len(CODES))), np.zeros(len(CODES))
    measured: dict[str, Any] = {}
    for k, code in enumerate(CODES):
        tell("Subtypes and neighbours", k, len(CODES))
        rows, truth = _rows(code, sentences)
        weights[:, k], bias[k] = _fit(features[rows], truth)
        held = np.zeros(len(rows))
        for fold in range(FOLDS):
            out = folds[rows] == fold
            coefficients, intercept = _fit(features[rows][~out], truth[~out])
            held[out] = 1.0 / (1.0 + np.exp(-(features[rows][out] @ coefficients + intercept)))
        shown = np.array([code in words[row] for row in rows])
        bars = [needed(code, shown=code in words[row], about=about_group(reads[row])) for row in rows]
        measured[code] = _measured(truth, held, shown, np.array(bars))
    tell("Subtypes and neighbours", len(CODES), len(CODES))
    return DetailHeads(weights=weights, bias=bias), measured


def _folds(sentences: Sequence[AnnotatedSentence], seed: int) -> npt.NDArray[np.int_]:
    keys = sorted({one.pair or one.id for one in sentences})
    dealt = dict(zip(keys, np.random.default_rng(seed).permutation(len(keys)) % FOLDS, strict=True))
    return np.array([int(dealt[one.pair or one.id]) for one in sentences])


def _rows(code: str, sentences: Sequence[AnnotatedSentence]) -> tuple[npt.NDArray[np.int_], FloatArray]:
    """Return which sentences a head is fitted on, and whether each carries the code.

    A subtype is asked for only where its frame is put into words; a neighbour of every sentence.
    """
    if code in NEIGHBOUR_CODES:
        return np.arange(len(sentences)), np.array([float(one.neighbour == code) for one in sentences])
    expressed = [(one.us_them if code in SUBTYPES["us_them"] else one.shared_story) != 0 for one in sentences]
    rows = np.flatnonzero(expressed)
    return rows, np.array([float(code in sentences[int(row)].subtype) for row in rows])


def _fit(features: FloatArray, truth: FloatArray) -> tuple[FloatArray, float]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if truth.sum() < _FEWEST:
        return np.zeros(features.shape[1]), -40.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the ranking settles long before the loss does
        model = LogisticRegression(C=STRENGTH, max_iter=300).fit(features, truth)
    return model.coef_[0], float(model.intercept_[0])


def _measured(truth: FloatArray, held: FloatArray, shown: npt.NDArray[np.bool_], bars: FloatArray) -> dict[str, Any]:
    from sklearn.metrics import average_precision_score

    named = held >= bars
    return {
        "positives": int(truth.sum()),
        "average_precision": round(float(average_precision_score(truth, held)), 4) if truth.any() else None,
        "precision": round(float(truth[named].mean()), 4) if named.any() else None,
        "recall": round(float(named[truth > 0].mean()), 4) if truth.any() else None,
        "words_precision": round(float(truth[shown].mean()), 4) if shown.any() else None,
        "words_recall": round(float(shown[truth > 0].mean()), 4) if truth.any() else None,
    }
