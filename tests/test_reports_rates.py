"""Small numbers and intervals, at their boundaries."""

from __future__ import annotations

import pytest

from reports.rates import listed, rate
from reports.small_numbers import FEWEST_HITS, FEWEST_STORIES, Shown, how_shown


@pytest.mark.parametrize(
    ("n", "of", "shown"),
    [
        (0, 0, "count"),
        (2, FEWEST_STORIES - 1, "count"),
        (FEWEST_STORIES - 1, FEWEST_STORIES - 1, "count"),
        (0, FEWEST_STORIES, "interval"),
        (FEWEST_HITS - 1, FEWEST_STORIES, "interval"),
        (FEWEST_HITS, FEWEST_STORIES, "share"),
        (FEWEST_HITS - 1, 5000, "interval"),
    ],
)
def test_what_may_be_shown(n: int, of: int, shown: Shown) -> None:
    assert how_shown(n, of) == shown
    assert (rate(n, of).share is not None) == (shown == "share")
    assert (rate(n, of).low is None) == (shown == "count")


def test_none_of_37_has_an_upper_bound_and_is_not_zero_per_cent() -> None:
    none = rate(0, 37)
    assert none.low == 0
    assert none.high == pytest.approx(0.0652, abs=1e-4)
    assert none.words == "none of 37 stories (too few flagged stories to give one percentage; 95% interval 0% to 6.5%)"


@pytest.mark.parametrize(
    ("n", "of", "low", "high"),
    [(1, 40, 0.0027, 0.111), (0, 40, 0.0, 0.061), (40, 40, 0.939, 1.0)],  # measurement design, section 8
)
def test_jeffreys_intervals(n: int, of: int, low: float, high: float) -> None:
    made = rate(n, of)
    assert made.low == pytest.approx(low, abs=1e-3)
    assert made.high == pytest.approx(high, abs=1e-3)


def test_words() -> None:
    assert rate(12, 140).words == "12 of 140 stories (8.6%, 95% interval 4.8% to 14.1%)"
    assert rate(2, 14).words == "2 of 14 stories (too few stories to give a share)"
    assert rate(1, 1).count_words == "1 of 1 story"
    assert rate(0, 0).words == "no stories read"
    assert rate(1, 2400).interval_words == "under 0.1% to 0.2%"
    assert rate(60, 1200).count_words == "60 of 1,200 stories"
    assert listed(["a", "b", "c"]) == "a, b and c"


@pytest.mark.parametrize(("n", "of"), [(-1, 4), (5, 4)])
def test_impossible_counts_are_refused(n: int, of: int) -> None:
    with pytest.raises(ValueError, match="not a rate"):
        rate(n, of)
