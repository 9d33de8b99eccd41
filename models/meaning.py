"""How the meaning view is fitted: linear heads on the encoder as published, or the encoder's upper layers tuned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from models.tune import Tuned, Tuner

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int_]

Tell = Callable[[int, int], None]

FROZEN_STRENGTH = 10.0
"""Inverse L2 penalty of heads on the encoder as published."""

TUNED_OWN_WEIGHT = 0.5
"""Weight of a composed sentence against a real one while tuning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedMeaning:
    """A fitted meaning view."""

    weights: FloatArray
    """Shape (width, outputs), applied to the encoder's vector."""
    bias: FloatArray
    score: Callable[[IntArray], FloatArray]
    """Sentence numbers to scores, shape (some, outputs)."""
    tuned: Tuned | None = None


class Meaning(Protocol):
    """A way to fit the meaning view on some of the sentences."""

    def fit(
        self,
        rows: IntArray,
        labels: FloatArray,
        composed: npt.NDArray[np.bool_],
        tell: Tell,
        kept: Path | None = None,
    ) -> FittedMeaning:
        """Fit on `rows`; `kept` is a file that a dear result is kept in and read from."""
        ...


@dataclass(frozen=True, slots=True)
class FrozenMeaning:
    """Logistic regression on published embeddings, shape (sentences, width)."""

    vectors: FloatArray
    own_weight: float

    def fit(
        self,
        rows: IntArray,
        labels: FloatArray,
        composed: npt.NDArray[np.bool_],
        tell: Tell,
        kept: Path | None = None,
    ) -> FittedMeaning:
        """Fit one head per output."""
        from models.fit import fit_linear

        weights, bias = fit_linear(self.vectors[rows], labels[rows], composed[rows], FROZEN_STRENGTH, self.own_weight)
        tell(1, 1)
        return FittedMeaning(weights=weights, bias=bias, score=lambda some: self.vectors[some] @ weights + bias)


@dataclass(frozen=True, slots=True)
class TunedMeaning:
    """The encoder's upper layers, trained anew for each set of rows."""

    tuner: Tuner
    seed: int

    def fit(
        self,
        rows: IntArray,
        labels: FloatArray,
        composed: npt.NDArray[np.bool_],
        tell: Tell,
        kept: Path | None = None,
    ) -> FittedMeaning:
        """Tune."""
        importance = np.where(composed, TUNED_OWN_WEIGHT, 1.0)
        tuned = self.tuner.fit(rows, labels, importance, composed, seed=self.seed, tell=tell, kept=kept)
        return FittedMeaning(
            weights=tuned.head_weight.T.astype(np.float64),
            bias=tuned.head_bias.astype(np.float64),
            score=lambda some: tuned.score(some.tolist()),
            tuned=tuned,
        )
