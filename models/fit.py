"""How the heads are fitted, and how they are tried on sentences they have not seen."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.features import make_vectorizer
from models.frames import VIEWS, Heads
from models.outputs import OUTPUTS
from models.rows import TrainingRow, label_matrix

FloatArray = npt.NDArray[np.float64]

FOLDS = 5
STRENGTH = {"words": 10.0, "meaning": 10.0, "reading": 1.0}
"""Inverse L2 penalty of each view's heads."""

OWN_WEIGHT = 0.2
"""Weight of a composed sentence against a real one: tried 0.1 to 1.0; more teaches the corpus, less the news."""

ORIGIN_SIZE = 3.0
"""Size of the extra column that says "composed": it soaks up how often frames occur in the corpus, and is dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Rows with the views that need no fitting."""

    rows: list[TrainingRow]
    texts: list[str]
    meaning: FloatArray
    reading: FloatArray

    @property
    def labels(self) -> FloatArray:
        """Shape (rows, outputs)."""
        return label_matrix(self.rows)

    @property
    def is_gold(self) -> npt.NDArray[np.bool_]:
        """True for real sentences."""
        return np.array([row.origin == "gold" for row in self.rows])


def fit_first_level(material: Material, chosen: npt.NDArray[np.int_]) -> tuple[Heads, Any]:
    """Fit one head per view and output on the chosen rows; return heads (mix left at zero) and the vectorizer."""
    from scipy import sparse
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    vectorizer = make_vectorizer()
    words = vectorizer.fit_transform([material.texts[i] for i in chosen])
    views = {"words": words, "meaning": material.meaning[chosen], "reading": material.reading[chosen]}
    composed = ~material.is_gold[chosen]
    importance = np.where(composed, OWN_WEIGHT, 1.0)
    origin = sparse.csr_matrix(composed[:, None] * ORIGIN_SIZE)
    labels = material.labels[chosen]
    weights: dict[str, FloatArray] = {}
    bias: dict[str, FloatArray] = {}
    for name in VIEWS:
        full = sparse.hstack([sparse.csr_matrix(views[name]), origin]).tocsr()
        coefficients, intercepts = [], []
        for k in range(len(OUTPUTS)):
            model = LogisticRegression(C=STRENGTH[name], class_weight="balanced", max_iter=1000)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)  # the ranking settles long before the loss does
                model.fit(full, labels[:, k], sample_weight=importance)
            coefficients.append(model.coef_[0, :-1])
            intercepts.append(model.intercept_[0])
        weights[name], bias[name] = np.stack(coefficients, axis=1), np.array(intercepts)
    k = len(OUTPUTS)
    heads = Heads(
        weights=weights, bias=bias, mix=np.zeros((k, len(VIEWS))), mix_bias=np.zeros(k), idf=np.asarray(vectorizer.idf_)
    )
    return heads, vectorizer


def score(heads: Heads, vectorizer: Any, texts: Sequence[str], meaning: FloatArray, reading: FloatArray) -> FloatArray:
    """First-level scores, shape (sentences, outputs, views)."""
    return heads.scores({"words": vectorizer.transform(texts), "meaning": meaning, "reading": reading})


def fit_mix(scores: FloatArray, labels: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Second level: weights (outputs, views) and bias (outputs,) of a logistic regression on first-level scores.

    No class weights: the outcome is a probability at the frequency of `labels`.
    """
    from sklearn.linear_model import LogisticRegression

    mix, bias = np.zeros(scores.shape[1:]), np.zeros(scores.shape[1])
    for k in range(scores.shape[1]):
        model = LogisticRegression(C=1.0, max_iter=1000).fit(scores[:, k], labels[:, k])
        mix[k], bias[k] = model.coef_[0], model.intercept_[0]
    return mix, bias


def folds_of(rows: Sequence[TrainingRow], seed: int) -> npt.NDArray[np.int_]:
    """A fold number for each row; rows that share a fold key share the fold."""
    keys = sorted({row.fold_key for row in rows})
    dealt = np.random.default_rng(seed).permutation(len(keys)) % FOLDS
    by_key = dict(zip(keys, dealt, strict=True))
    return np.array([int(by_key[row.fold_key]) for row in rows])


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """What the model says of rows it has not seen, shapes (rows, outputs, views) and (rows, outputs)."""

    scores: FloatArray
    probabilities: FloatArray
    """By a second level that has not seen the row's fold either."""
    folds: npt.NDArray[np.int_]


def cross_validate(
    material: Material, seed: int, *, tell: Callable[[int], None], judged: npt.NDArray[np.bool_]
) -> HeldOut:
    """Grouped cross-validation of both levels.

    Args:
        material: All rows.
        seed: Deals the folds.
        tell: Called with the number of folds done.
        judged: Rows the second level is fitted on (the real sentences, where there are any).
    """
    folds = folds_of(material.rows, seed)
    scores = np.zeros((len(material.rows), len(OUTPUTS), len(VIEWS)))
    for fold in range(FOLDS):
        heads, vectorizer = fit_first_level(material, np.flatnonzero(folds != fold))
        out = np.flatnonzero(folds == fold)
        scores[out] = score(
            heads, vectorizer, [material.texts[i] for i in out], material.meaning[out], material.reading[out]
        )
        tell(fold + 1)
    probabilities = np.zeros(scores.shape[:2])
    for fold in range(FOLDS):
        seen = judged & (folds != fold)
        mix, bias = fit_mix(scores[seen], material.labels[seen])
        out = folds == fold
        logits = (scores[out] * mix).sum(-1) + bias
        probabilities[out] = 1.0 / (1.0 + np.exp(-logits))
    return HeldOut(scores=scores, probabilities=probabilities, folds=folds)
