"""Measures against cases worked out by hand, and against scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn import metrics

from models import evaluate as ev

TRUTH = np.array([1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0])
SCORE = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0])


def test_figures_at_a_threshold_are_what_a_hand_gets() -> None:
    # At 0.6: flags are ranks 1-4, hits 1 and 3, three positives in all.
    assert ev.precision_at(0.6)(TRUTH, SCORE) == pytest.approx(2 / 4)
    assert ev.recall_at(0.6)(TRUTH, SCORE) == pytest.approx(2 / 3)
    assert ev.f1_at(0.6)(TRUTH, SCORE) == pytest.approx(2 * 2 / (4 + 3))
    # A step at each hit: (1/1 + 2/3 + 3/6) / 3.
    assert ev.average_precision(TRUTH, SCORE) == pytest.approx((1 + 2 / 3 + 1 / 2) / 3)


def test_a_score_equal_to_the_threshold_is_a_flag() -> None:
    assert ev.recall_at(0.9)(TRUTH, SCORE) == pytest.approx(1 / 3)


@pytest.mark.parametrize("seed", range(5))
def test_scikit_learn_agrees(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = (rng.random(300) < 0.2).astype(float)
    score = np.round(np.clip(0.5 * truth + rng.normal(0.3, 0.2, 300), 0, 1), 2)
    called = score >= 0.5
    assert ev.average_precision(truth, score) == pytest.approx(metrics.average_precision_score(truth, score))
    assert ev.precision_at(0.5)(truth, score) == pytest.approx(metrics.precision_score(truth, called))
    assert ev.recall_at(0.5)(truth, score) == pytest.approx(metrics.recall_score(truth, called))
    assert ev.f1_at(0.5)(truth, score) == pytest.approx(metrics.f1_score(truth, called))
    assert ev.brier(truth, score) == pytest.approx(metrics.brier_score_loss(truth, score))


def test_what_is_not_defined_is_nan_and_null() -> None:
    none = np.zeros(4)
    score = np.array([0.1, 0.2, 0.3, 0.4])
    assert math.isnan(ev.average_precision(none, score))
    assert math.isnan(ev.recall_at(0.2)(none, score))
    assert math.isnan(ev.precision_at(0.9)(none, score))
    assert math.isnan(ev.f1_at(0.9)(none, score))
    found = ev.bootstrapped(ev.precision_at(0.9), none, score, ["a", "b", "c", "d"], 1)
    assert found.as_dict() == {"value": None, "low": None, "high": None}


def test_calibration_error_is_the_mean_gap() -> None:
    truth = np.array([0.0, 1.0, 1.0, 1.0])
    score = np.array([0.25, 0.25, 0.75, 0.75])
    # Two bins of two: |0.5 - 0.25| and |1.0 - 0.75|.
    assert ev.calibration_error(truth, score, bins=2) == pytest.approx(0.25)
    assert ev.calibration_error(truth, truth, bins=2) == 0.0
    assert ev.calibration_error(truth, score, bins=10) >= 0.0


def test_whole_stories_are_resampled() -> None:
    truth = np.repeat([1.0, 0.0], 50)
    score = np.repeat([0.9, 0.9], 50)
    one = ev.bootstrapped(ev.precision_at(0.5), truth, score, ["a"] * 50 + ["b"] * 50, 3)
    many = ev.bootstrapped(ev.precision_at(0.5), truth, score, [str(n) for n in range(100)], 3)
    assert one.value == many.value == 0.5
    assert (one.low, one.high) == (0.0, 1.0), "two stories say next to nothing, however many sentences they have"
    assert 0.35 < many.low < 0.45
    assert 0.55 < many.high < 0.65


def test_resampling_is_repeatable() -> None:
    clusters = [str(n % 4) for n in range(10)]
    first, second = (ev.bootstrapped(ev.average_precision, TRUTH, SCORE, clusters, 7) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("wanted", "fewest", "floor", "chosen"),
    [
        (0.6, 1, 0.0, 0.7),  # 2 of the best 3 are right, no longer list is as good
        (0.5, 1, 0.0, 0.4),  # 3 of the best 6
        (0.6, 4, 0.0, 0.6),  # never reached with four flags or more: the four best
        (0.9, 1, 0.0, 0.9),
        (0.5, 1, 0.65, 0.65),  # not below the floor
        (0.6, 99, 0.0, 0.0),  # fewer sentences than flags wanted: all of them
    ],
)
def test_a_threshold_is_the_lowest_with_the_precision_that_is_wanted(
    wanted: float, fewest: int, floor: float, chosen: float
) -> None:
    assert ev.choose_threshold(TRUTH, SCORE, wanted, fewest, floor) == pytest.approx(chosen)


def test_a_threshold_is_rounded_up_and_stays_below_one() -> None:
    assert ev.choose_threshold(np.array([1.0, 0.0]), np.array([0.8431, 0.1]), 0.9, 1, 0.0) == pytest.approx(0.85)
    assert ev.choose_threshold(np.array([1.0, 0.0]), np.array([1.0, 0.1]), 0.9, 1, 0.0) == pytest.approx(0.99)


def test_groups_are_counted_apart() -> None:
    groups = [("MUS",), ("MUS", "JEW"), ("JEW",), (), (), ("MUS",), (), (), (), ()]
    assert ev.by_group(TRUTH, SCORE, groups, 0.75) == [
        {"group": "JEW", "sentences": 2, "positives": 1, "flags": 1, "false_flags": 1},
        {"group": "MUS", "sentences": 3, "positives": 2, "flags": 2, "false_flags": 1},
    ]
