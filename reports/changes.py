"""A change is established only where interval, size, number of outlets and the number of questions asked all allow it.

Two windows of stories are compared by their rate ratio with a log-normal interval, widened where the weekly
counts vary more than chance alone would have them. All comparisons of one report are corrected together
(Benjamini-Hochberg). Where a rise by half would more often be missed than seen, the answer is "cannot tell".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Literal

from scipy.stats import norm as normal
from scipy.stats import t as student_t
from statsmodels.stats.multitest import multipletests

from corpora.records import FRAMES, Frame
from reports.counts import Counts, Spoken
from reports.small_numbers import FEWEST_HITS, FEWEST_STORIES
from reports.weeks import Week

Grade = Literal["established", "possible", "no evidence of change", "cannot tell"]
Windows = Literal["four weeks", "halves"]

FALSE_DISCOVERIES = 0.05
"""Share of "established" changes that may be false, over all comparisons of one report."""
SMALLEST_EFFECT = 0.25
"""|ratio - 1| below this is not called a change, however certain it is."""
POSSIBLE_RISE, POSSIBLE_FALL = 1.25, 0.8
POSSIBLE_P = 0.10
"""A change is "possible" only where the one-sided 95 % bound excludes 1 before correction. A one-sided 80 % bound was
tried in simulation: with nothing changing, three to four comparisons in ten were called possible."""
FEWEST_OUTLETS = 2
"""A change that one outlet alone carries is a change of that outlet."""
DETECTABLE = 1.5
"""The rise whose chance of being seen is printed: half as many again."""
FEWEST_POWER = 0.5

POOLED: tuple[Spoken, ...] = ("any", "contested")
"""Voices the over-dispersion is estimated from; the outlet's own is part of "any"."""

_NORMAL = NormalDist()
_Z95 = _NORMAL.inv_cdf(0.975)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One comparison of two windows for one region, frame and voice."""

    region: str
    """Code of the region."""
    frame: Frame
    spoken: Spoken
    windows: Windows
    before: tuple[Week, ...]
    after: tuple[Week, ...]
    n_before: int
    of_before: int
    n_after: int
    of_after: int
    ratio: float | None
    """Share after over share before; None where either has no stories or no flags at all."""
    low: float | None
    high: float | None
    """95 % interval of the ratio."""
    spread: float
    """Over-dispersion phi, at least 1: how many times more than chance the weekly counts vary."""
    p: float | None
    """Two-sided p value before correction; None where nothing was tested."""
    q: float | None
    """p after Benjamini-Hochberg over the whole report."""
    power: float
    """Chance of seeing a rise by half with these numbers, 0 to 1."""
    outlets: int
    """Outlets with a flagged copy in the window where the share is higher."""
    left_out: tuple[str, ...]
    """Titles of outlets left out because they do not speak for both windows."""
    grade: Grade
    missing: tuple[str, ...]
    """Conditions of "established" that are not met, in plain words."""

    @property
    def rises(self) -> bool:
        """True where the later share is the higher one."""
        return self.ratio is not None and self.ratio > 1


def compare(
    counts: Counts,
    *,
    region: str,
    frame: Frame,
    spoken: Spoken,
    windows: Windows,
    before: Sequence[Week],
    after: Sequence[Week],
    shown: Sequence[Week],
    left_out: Sequence[str] = (),
) -> Change:
    """Compare two windows; the grade is not final before `grade_all` has seen the whole report.

    Args:
        counts: Counts of the region, restricted to outlets that speak for both windows where they differ.
        region: Code of the region.
        frame: Frame compared.
        spoken: Voice compared.
        windows: Which pair of windows this is.
        before: Earlier weeks.
        after: Later weeks.
        shown: All weeks of the report, for the over-dispersion.
        left_out: Titles of the outlets `counts` leaves out.
    """
    y1, n1 = len(counts.hits(before, frame, spoken)), len(counts.stories(before))
    y2, n2 = len(counts.hits(after, frame, spoken)), len(counts.stories(after))
    rest = [week for week in shown if week not in (*before, *after)]
    spread, freedom = over_dispersion(counts, (before, after, rest))
    ratio, low, high, p = rate_ratio(y1, n1, y2, n2, spread=spread, freedom=freedom)
    richer = after if ratio is None or ratio >= 1 else before
    return Change(
        region=region,
        frame=frame,
        spoken=spoken,
        windows=windows,
        before=tuple(before),
        after=tuple(after),
        n_before=y1,
        of_before=n1,
        n_after=y2,
        of_after=n2,
        ratio=ratio,
        low=low,
        high=high,
        spread=spread,
        p=p,
        q=None,
        power=power(y1 + y2, n1, n2, spread),
        outlets=len(counts.outlets(richer, frame, spoken)),
        left_out=tuple(left_out),
        grade="cannot tell",
        missing=(),
    )


def over_dispersion(counts: Counts, windows: Sequence[Sequence[Week]]) -> tuple[float, int]:
    """Pearson chi-square per degree of freedom of a region's weekly counts, at least 1, and those degrees of freedom.

    Pooled over the three frames, active and contested: one frame's dozen counts of nought or one say next to nothing
    about their own spread, and a chance clump of two would hide any change. Each window has its own rate: with one
    rate for all weeks a real step would look like noise and hide itself.
    """
    chi_square, freedom = 0.0, 0
    for frame in FRAMES:
        for spoken in POOLED:
            for window in windows:
                weekly = [
                    (len(counts.hits([week], frame, spoken)), len(counts.stories([week])))
                    for week in window
                    if counts.stories([week])
                ]
                flagged = sum(y for y, _ in weekly)
                if not flagged:
                    continue
                share = flagged / sum(n for _, n in weekly)
                chi_square += sum((y - n * share) ** 2 / (n * share) for y, n in weekly)
                freedom += len(weekly) - 1
    return (max(1.0, chi_square / freedom) if freedom > 0 else 1.0), freedom


def rate_ratio(
    y1: int, n1: int, y2: int, n2: int, *, spread: float, freedom: int
) -> tuple[float | None, float | None, float | None, float | None]:
    """Ratio of the shares, its 95 % interval and its two-sided p; all None where nothing can be compared.

    Where one window has no flag, half a story is added to each (Haldane), so that "none, then twelve" is a
    finite ratio with a wide interval.
    """
    if not n1 or not n2 or not (y1 or y2):
        return None, None, None, None
    a, b = (y1 + 0.5, y2 + 0.5) if not (y1 and y2) else (float(y1), float(y2))
    centre = math.log((b / n2) / (a / n1))
    error = math.sqrt(spread * (1 / a + 1 / b))
    # A spread estimated from some dozens of counts is itself uncertain: Student's t, as in a quasi-Poisson model.
    law = student_t(df=freedom) if spread > 1 else normal()
    p = 2 * float(law.sf(abs(centre) / error))
    reach = float(law.ppf(0.975)) * error
    return math.exp(centre), math.exp(centre - reach), math.exp(centre + reach), p


def power(flagged: int, n1: int, n2: int, spread: float) -> float:
    """Chance that a rise by half is seen (its 95 % interval excludes 1) at the pooled rate of both windows."""
    if not flagged or not n1 or not n2:
        return 0.0
    # The pooled rate, taken apart so that the two windows differ by DETECTABLE and still add up to what was seen.
    base = flagged / (n1 + DETECTABLE * n2)
    error = math.sqrt(spread * (1 / (base * n1) + 1 / (base * DETECTABLE * n2)))
    return _NORMAL.cdf(math.log(DETECTABLE) / error - _Z95)


def grade_all(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Grade every comparison of one report, corrected for their number; same order as given."""
    tested = [at for at, one in enumerate(changes) if one.p is not None and not too_few(one)]
    adjusted: dict[int, float] = {}
    if tested:
        _, values, _, _ = multipletests([changes[at].p for at in tested], method="fdr_bh")
        adjusted = {at: float(value) for at, value in zip(tested, values, strict=True)}
    return tuple(_graded(one, adjusted.get(at)) for at, one in enumerate(changes))


def too_few(change: Change) -> bool:
    """True where the windows hold too little to be compared at all."""
    few_stories = min(change.of_before, change.of_after) < FEWEST_STORIES
    return few_stories or max(change.n_before, change.n_after) < FEWEST_HITS


def _graded(change: Change, q: float | None) -> Change:
    if q is None or change.ratio is None or change.p is None:
        return replace(change, grade="cannot tell", missing=("there are too few stories or flags to compare",))
    missing = []
    if q >= FALSE_DISCOVERIES:
        crosses = change.p >= 0.05
        missing.append(
            "the interval includes no change"
            if crosses
            else "with this many comparisons in the report, one like it can arise by chance"
        )
    if abs(change.ratio - 1) < SMALLEST_EFFECT:
        missing.append("the difference is small")
    if change.outlets < FEWEST_OUTLETS:
        missing.append("it comes from one outlet alone")
    large = change.ratio >= POSSIBLE_RISE or change.ratio <= POSSIBLE_FALL
    leans = change.p < POSSIBLE_P
    grade: Grade
    if not missing:
        grade = "established"
    elif large and leans and len(missing) == 1:
        grade = "possible"
    elif change.power < FEWEST_POWER:
        grade = "cannot tell"
    else:
        grade = "no evidence of change"
    return replace(change, q=q, grade=grade, missing=tuple(missing))
