"""The grades of change: what is established, what is possible, what cannot be told, and false alarms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm

from reports.changes import Change, compare, grade_all, power, rate_ratio
from reports.counts import Counts
from reports.sayings import change_words
from reports.weeks import Week, weeks_back

WEEKS = weeks_back(Week(2026, 44), 15)


def counts(flagged: list[int], read: int, outlets: tuple[str, ...] = ("a", "b")) -> Counts:
    """Counts with these many flagged among `read` stories in each week."""
    ids = {week: frozenset(f"{week.label}-{at}" for at in range(read)) for week in WEEKS}
    return Counts(
        families={},
        read=ids,
        unread={},
        flagged={
            (week, "blame", "any"): frozenset(sorted(ids[week])[:n]) for week, n in zip(WEEKS, flagged, strict=True)
        },
        groups={},
        flagged_by={(week, "blame", "any"): frozenset(outlets) for week in WEEKS},
    )


def change(flagged: list[int], read: int = 140, outlets: tuple[str, ...] = ("a", "b")) -> Change:
    return compare(
        counts(flagged, read, outlets),
        region="E07000991",
        frame="blame",
        spoken="any",
        windows="four weeks",
        before=WEEKS[7:11],
        after=WEEKS[11:],
        shown=WEEKS,
    )


def graded(flagged: list[int], read: int = 140, outlets: tuple[str, ...] = ("a", "b"), others: int = 0) -> Change:
    flat = [change([8, 9] * 7 + [8])] * others
    return grade_all([change(flagged, read, outlets), *flat])[0]


def test_a_clear_doubling_in_two_outlets_is_established() -> None:
    found = graded([8] * 11 + [17] * 4, others=8)
    assert found.grade == "established"
    assert found.missing == ()
    assert "about twice as many" in change_words(found)
    assert "says nothing about the reason" in change_words(found)


def test_one_outlet_alone_makes_it_possible_at_most() -> None:
    found = graded([8] * 11 + [17] * 4, outlets=("a",))
    assert found.grade == "possible"
    assert "one outlet alone" in change_words(found)


def test_many_comparisons_make_a_lone_finding_possible_at_most() -> None:
    found = graded([5] * 11 + [9] * 4, others=0)
    assert found.grade == "established"
    assert found.p is not None
    many = graded([5] * 11 + [9] * 4, others=60)
    assert many.grade == "possible"
    assert "with this many comparisons" in change_words(many)


def test_a_small_difference_is_not_a_change_however_certain() -> None:
    found = graded([200] * 11 + [228] * 4, read=2000)
    assert found.q is not None
    assert found.q < 0.05
    assert found.grade == "no evidence of change"


def test_a_fall_is_named_a_fall() -> None:
    found = graded([20] * 11 + [10] * 4)
    assert found.grade == "established"
    assert "about half as many" in change_words(found)
    assert "fall" in change_words(found)


def test_steady_counts() -> None:
    assert graded([30] * 15, read=400).grade == "no evidence of change"
    assert graded([2] * 15).grade == "cannot tell"


def test_too_few_stories_or_flags_cannot_be_told() -> None:
    few = graded([1] * 15, read=7)
    assert few.grade == "cannot tell"
    assert "fewer than 30 stories" in change_words(few)
    rare = graded([0] * 11 + [1] * 4)
    assert rare.grade == "cannot tell"
    assert "neither has 5 flagged stories" in change_words(rare)
    never = graded([0] * 15)
    assert never.ratio is None
    assert never.grade == "cannot tell"


def test_counts_that_jump_about_widen_the_interval() -> None:
    calm, wild = change([8] * 11 + [16] * 4), change([2, 14] * 5 + [8] + [2, 30, 2, 30])
    assert wild.spread > calm.spread == 1
    assert wild.low is not None
    assert calm.low is not None
    assert wild.low < calm.low


def test_a_step_does_not_hide_itself_as_noise() -> None:
    assert change([8] * 11 + [24] * 4).spread == 1


def test_the_published_example_and_an_independent_interval() -> None:
    ratio, low, high, p = rate_ratio(18, 1000, 30, 1000, spread=1.0, freedom=12)
    assert (ratio, low, high) == pytest.approx((1.67, 0.93, 2.99), abs=0.01)
    assert p == pytest.approx(0.088, abs=0.005)
    design = np.array([[1, 0], [1, 0], [1, 1], [1, 1]])
    model = sm.GLM([8, 10, 14, 16], design, family=sm.families.Poisson(), offset=np.log([500] * 4)).fit(tol=1e-12)
    assert (low, high) == pytest.approx(tuple(np.exp(model.conf_int()[1])), rel=1e-6)


def test_none_before_gives_a_finite_ratio() -> None:
    ratio, low, high, _ = rate_ratio(0, 500, 12, 500, spread=1.0, freedom=12)
    assert ratio == pytest.approx(25)
    assert low is not None
    assert high is not None
    assert 1 < low < 25 < high


def test_power_grows_with_counts_and_is_nil_without() -> None:
    assert power(0, 100, 100, 1) == 0
    assert power(20, 500, 500, 1) < 0.5 < power(160, 1000, 1000, 1)


def test_left_out_outlets_are_named() -> None:
    found = replace(graded([8] * 11 + [17] * 4), left_out=("Tarn Echo", "Wexmoor Mail"))
    assert "Compared without Tarn Echo and Wexmoor Mail" in change_words(found)


def test_false_alarms_are_rare_where_nothing_changes() -> None:
    """Forty over-dispersed series without a change, thirty reports (measurement design: at most 10 % with an alarm)."""
    random = np.random.default_rng(20261101)
    alarms, possible = 0, 0
    for _ in range(30):
        # negative binomial with mean 8 and variance 20: spread 2.5
        drawn = random.negative_binomial(8 / 1.5, 1 / 2.5, size=(40, len(WEEKS)))
        grades = [one.grade for one in grade_all([change(list(map(int, series))) for series in drawn])]
        alarms += "established" in grades
        possible += grades.count("possible")
    assert alarms <= 5
    assert possible <= 0.13 * 30 * 40
