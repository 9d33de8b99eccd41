"""How good the model is on sentences it has not seen: ranking, precision and recall at a threshold, calibration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Metric = Callable[[FloatArray, FloatArray], float]

RESAMPLES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its 95 % interval; `value` is NaN where it is not defined."""

    value: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float | None]:
        """For JSON (NaN becomes null)."""
        return {key: None if np.isnan(number) else round(number, 4) for key, number in asdict(self).items()}


def average_precision(truth: FloatArray, score: FloatArray) -> float:
    """Area under the precision-recall curve, step-wise (scikit-learn's definition)."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(truth, score)) if truth.any() else float("nan")


def precision_at(threshold: float) -> Metric:
    """Share of flags that are right."""

    def measure(truth: FloatArray, score: FloatArray) -> float:
        flagged = score >= threshold
        return float(truth[flagged].mean()) if flagged.any() else float("nan")

    return measure


def recall_at(threshold: float) -> Metric:
    """Share of positives that are flagged."""

    def measure(truth: FloatArray, score: FloatArray) -> float:
        return float((score >= threshold)[truth > 0].mean()) if truth.any() else float("nan")

    return measure


def f1_at(threshold: float) -> Metric:
    """Harmonic mean of precision and recall."""

    def measure(truth: FloatArray, score: FloatArray) -> float:
        hits = float(((score >= threshold) & (truth > 0)).sum())
        called = float((score >= threshold).sum() + truth.sum())
        return 2 * hits / called if called else float("nan")

    return measure


def calibration_error(truth: FloatArray, score: FloatArray, bins: int = 10) -> float:
    """Expected calibration error over bins of equal mass."""
    order = np.argsort(score, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [abs(truth[part].mean() - score[part].mean()) * len(part) for part in parts]
    return float(sum(gaps) / len(score))


def brier(truth: FloatArray, score: FloatArray) -> float:
    """Mean squared difference of probability and outcome."""
    return float(((truth - score) ** 2).mean())


def bootstrapped(metric: Metric, truth: FloatArray, score: FloatArray, clusters: Sequence[str], seed: int) -> Estimate:
    """A metric with a percentile interval, whole clusters (stories) resampled.

    Args:
        metric: Of truth and score, both shape (rows,).
        truth: 0 or 1.
        score: Probabilities.
        clusters: The story of each row: its sentences are not independent.
        seed: For the resampling.
    """
    names = sorted(set(clusters))
    members: dict[str, list[int]] = {name: [] for name in names}
    for at, name in enumerate(clusters):
        members[name].append(at)
    groups = [np.array(members[name]) for name in names]
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(RESAMPLES):
        rows = np.concatenate([groups[i] for i in rng.integers(0, len(groups), len(groups))])
        drawn.append(metric(truth[rows], score[rows]))
    clean = [one for one in drawn if not np.isnan(one)]
    low, high = np.percentile(clean, [2.5, 97.5]) if clean else (float("nan"), float("nan"))
    return Estimate(value=metric(truth, score), low=float(low), high=float(high))


def choose_threshold(truth: FloatArray, score: FloatArray, wanted: float, fewest: int, floor: float) -> float:
    """The lowest probability from which precision stays at or above `wanted`.

    Args:
        truth: 0 or 1 on held-out real sentences.
        score: Their probabilities.
        wanted: Precision to reach.
        fewest: Flags needed before precision is believed at all.
        floor: Never below this.

    Returns:
        A threshold rounded up to 0.01; where the precision is never reached, the one of the `fewest` best scores.
    """
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(truth[order])
    counts = np.arange(1, len(order) + 1)
    good = np.flatnonzero((hits / counts >= wanted) & (counts >= fewest))
    last = int(good[-1]) if len(good) else min(fewest, len(order)) - 1
    return float(np.clip(np.ceil(score[order[last]] * 100) / 100, floor, 0.99))


def by_group(
    truth: FloatArray, score: FloatArray, groups: Sequence[Sequence[str]], threshold: float
) -> list[dict[str, Any]]:
    """Counts for each group named: sentences, positives, flags and false flags at `threshold`."""
    rows = []
    for code in sorted({code for some in groups for code in some}):
        inside = np.array([code in some for some in groups])
        flagged = inside & (score >= threshold)
        rows.append(
            {
                "group": code,
                "sentences": int(inside.sum()),
                "positives": int(truth[inside].sum()),
                "flags": int(flagged.sum()),
                "false_flags": int((flagged & (truth == 0)).sum()),
            }
        )
    return rows
