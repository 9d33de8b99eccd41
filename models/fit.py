"""How the heads are fitted, and how they are tried on sentences they have not seen."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.features import make_vectorizer
from models.frames import VIEWS, Heads
from models.meaning import FittedMeaning, Meaning
from models.outputs import OUTPUTS, settled
from models.rows import TrainingRow, label_matrix

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int_]

FOLDS = 3
STRENGTH = {"words": 10.0, "reading": 1.0}
"""Inverse L2 penalty of each linear view's heads."""

OWN_WEIGHT = 0.3
"""Weight of a composed sentence against a real one: tried 0.1 to 1.0; more teaches the corpus, less the news."""

AGREED = 0.5
"""Share of the codings from which a sentence counts as a positive."""

ORIGIN_SIZE = 3.0
"""Size of the extra column that says "composed": it soaks up how often frames occur in the corpus, and is dropped."""

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Rows with the view that needs no fitting."""

    rows: list[TrainingRow]
    texts: list[str]
    reading: FloatArray
    teaching: npt.NDArray[np.bool_]
    """Rows the encoder is tuned on: an epoch is dear, and thousands of easy negatives teach no more than a sample."""

    @property
    def labels(self) -> FloatArray:
        """Shape (rows, outputs)."""
        return label_matrix(self.rows)

    @property
    def composed(self) -> npt.NDArray[np.bool_]:
        """True for sentences of our own corpus, False for real ones."""
        return np.array([row.origin == "corpus" for row in self.rows])

    @property
    def is_gold(self) -> npt.NDArray[np.bool_]:
        """True for real sentences with adjudicated labels: what the model is measured on."""
        return np.array([row.origin == "gold" for row in self.rows])


EASY_REAL, EASY_COMPOSED = 0.2, 0.5
"""Shares of easy negatives that the encoder is tuned on."""


def teaching_rows(rows: Sequence[TrainingRow], seed: int) -> npt.NDArray[np.bool_]:
    """Which rows the encoder is tuned on: all but most of the sentences that carry nothing and were no near miss."""
    dice = np.random.default_rng(seed).random(len(rows))
    share = {"gold": 1.0, "coded": EASY_REAL, "corpus": EASY_COMPOSED}
    easy = np.array([not any(row.labels) and (row.origin == "corpus" or not row.hard) for row in rows])
    return ~easy | (dice < np.array([share[row.origin] for row in rows]))


def fit_linear(
    view: Any, labels: FloatArray, composed: npt.NDArray[np.bool_], strength: float, own_weight: float
) -> tuple[FloatArray, FloatArray]:
    """Fit one logistic head per output.

    Args:
        view: Features, dense or sparse, shape (rows, features).
        labels: 0 or 1, shape (rows, outputs).
        composed: True for rows of our own corpus.
        strength: Inverse L2 penalty.
        own_weight: Weight of composed rows.

    Returns:
        Weights (features, outputs) and bias (outputs,).
    """
    from scipy import sparse
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    origin = sparse.csr_matrix(composed[:, None] * ORIGIN_SIZE)
    full = sparse.hstack([sparse.csr_matrix(view), origin]).tocsr()
    importance = np.where(composed, own_weight, 1.0)
    coefficients, intercepts = [], []
    for k in range(labels.shape[1]):
        y = labels[:, k]
        # A sentence on which codings differ stands in twice, each time with the share of the codings that said so.
        between = np.flatnonzero((y > 0) & (y < 1))
        rows = np.concatenate([np.arange(len(y)), between])
        target = np.concatenate([(y > 0).astype(int), np.zeros(len(between), int)])
        weight = np.concatenate([importance * np.where(y > 0, y, 1.0), importance[between] * (1.0 - y[between])])
        model = LogisticRegression(C=strength, class_weight="balanced", max_iter=1000)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the ranking settles long before the loss does
            model.fit(full[rows], target, sample_weight=weight)
        coefficients.append(model.coef_[0, :-1])
        intercepts.append(model.intercept_[0])
    return np.stack(coefficients, axis=1), np.array(intercepts)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstLevel:
    """All three views fitted on the same rows."""

    heads: Heads
    """Without a mix yet."""
    vectorizer: Any
    meaning: FittedMeaning


def fit_first_level(
    material: Material, meaning: Meaning, chosen: IntArray, tell: Callable[[int, int], None], kept: Path | None = None
) -> FirstLevel:
    """Fit one head per view and output on the chosen rows; `kept`: where a tuned encoder is kept for a second start."""
    vectorizer = make_vectorizer()
    words = vectorizer.fit_transform([material.texts[i] for i in chosen])
    labels, composed = material.labels, material.composed
    weights: dict[str, FloatArray] = {}
    bias: dict[str, FloatArray] = {}
    for name, view in (("words", words), ("reading", material.reading[chosen])):
        weights[name], bias[name] = fit_linear(view, labels[chosen], composed[chosen], STRENGTH[name], OWN_WEIGHT)
    fitted = meaning.fit(chosen[material.teaching[chosen]], labels, composed, tell, kept)
    weights["meaning"], bias["meaning"] = fitted.weights, fitted.bias
    k = len(OUTPUTS)
    heads = Heads(
        weights=weights,
        bias=bias,
        mix=np.zeros((k, len(VIEWS))),
        mix_bias=np.zeros(k),
        idf=np.asarray(vectorizer.idf_),
    )
    return FirstLevel(heads=heads, vectorizer=vectorizer, meaning=fitted)


def score_rows(level: FirstLevel, material: Material, rows: IntArray) -> FloatArray:
    """First-level scores of some rows, shape (some, outputs, views)."""
    by_view = {
        "words": level.vectorizer.transform([material.texts[i] for i in rows]) @ level.heads.weights["words"]
        + level.heads.bias["words"],
        "reading": material.reading[rows] @ level.heads.weights["reading"] + level.heads.bias["reading"],
        "meaning": level.meaning.score(rows),
    }
    return np.stack([np.asarray(by_view[name]) for name in VIEWS], axis=-1)


def fit_mix(scores: FloatArray, labels: FloatArray, importance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Second level: weights (outputs, views) and bias (outputs,) of a logistic regression on first-level scores.

    No class weights: the outcome is a probability at the (weighted) frequency of `labels`.
    """
    from sklearn.linear_model import LogisticRegression

    mix, bias = np.zeros(scores.shape[1:]), np.zeros(scores.shape[1])
    for k in range(scores.shape[1]):
        target = labels[:, k] >= AGREED
        model = LogisticRegression(C=1.0, max_iter=1000).fit(scores[:, k], target, sample_weight=importance)
        mix[k], bias[k] = model.coef_[0], model.intercept_[0]
    return mix, bias


def folds_of(rows: Sequence[TrainingRow], seed: int) -> IntArray:
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
    folds: IntArray


def cross_validate(
    material: Material, meaning: Meaning, *, seed: int, importance: FloatArray, cache: Path, tell: Tell
) -> HeldOut:
    """Grouped cross-validation of both levels.

    Args:
        material: All rows.
        meaning: How the meaning view is fitted.
        seed: Deals the folds.
        importance: Weight of each row in the second level, shape (rows,); 0 leaves it out.
        cache: Folder in which each finished fold's scores are kept, so that a stopped run goes on where it was.
        tell: Progress.
    """
    folds = folds_of(material.rows, seed)
    scores = np.zeros((len(material.rows), len(OUTPUTS), len(VIEWS)))
    for fold in range(FOLDS):
        out, kept = np.flatnonzero(folds == fold), cache / f"fold-{fold}.npy"
        if not kept.is_file():
            name = f"Fold {fold + 1} of {FOLDS}"
            level = fit_first_level(material, meaning, np.flatnonzero(folds != fold), partial(tell, name))
            unfinished = kept.with_suffix(".part.npy")
            np.save(unfinished, score_rows(level, material, out), allow_pickle=False)
            unfinished.replace(kept)
        scores[out] = np.load(kept, allow_pickle=False)
    probabilities = np.zeros(scores.shape[:2])
    for fold in range(FOLDS):
        seen = (importance > 0) & (folds != fold)
        mix, bias = fit_mix(scores[seen], material.labels[seen], importance[seen])
        out = folds == fold
        logits = (scores[out] * mix).sum(-1) + bias
        probabilities[out] = settled(1.0 / (1.0 + np.exp(-logits)))
    return HeldOut(scores=scores, probabilities=probabilities, folds=folds)
