"""Whether the number of stories an outlet sends has changed, and on about which day: change points, week by week.

Each finished week is compared, with the 1 to 8 weeks that end with it taken together, with the usual weeks before.
The statistic is the likelihood ratio of one level against two for counts that vary more than Poisson's, maximised
over where the second level begins: the generalised likelihood ratio chart of disease surveillance (Höhle and Paul,
"Count data regression charts for the monitoring of surveillance time series", Computational Statistics & Data
Analysis 52, 2008, 4357-4368; `glrnb` of the R package `surveillance`), with the usual level taken as estimated and
not as known. Its dispersion is estimated too, so it is referred to an F distribution (McCullagh and Nelder,
"Generalized Linear Models", 1989, chapter 9). How often it is wrong was measured on simulated outlets: see
`tests/test_corpora_health.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

VolumeKind = Literal["fell_silent", "fell", "rose", "flood", "came_back"]

FEWEST_BEFORE = 6
"""Usual weeks that must be known before anything is compared with them."""
MOST_BEFORE = 26
"""Usual weeks that are looked back to: what was usual a year ago need not be."""
SPANS = (1, 2, 3, 4, 6, 8)
"""Weeks at the end that are taken together: small outlets show a change only over several."""
SETTLED = 8
"""Weeks after which a new level is the usual one."""

LEVEL = 0.0006
"""Probability, were nothing changed, below which a change is told; set by simulation (see the tests)."""

FALL, RISE, FLOOD = 0.7, 1.5, 4.0
"""New level over the usual one from which a change is worth a reader's time, and from which a rise is a flood."""

PRIOR_WEEKS, PRIOR_SPREAD = 6.0, 0.2
"""Before much is known of an outlet, its weeks are taken to vary by a fifth beyond chance, as if seen in six weeks."""

ANY: frozenset[str] = frozenset({"fell_silent", "fell", "rose", "flood"})
GRAVE: frozenset[str] = frozenset({"fell_silent", "flood"})
"""Kinds that are told while another change is not over yet."""

PANEL = 8
"""Outlets from which on a week that is small for all of them is told from a fall of one."""
SHARED = (0.5, 1.5)
"""Most that such a week is believed to differ: beyond, something is wrong with the collection itself."""
NOTICED = 0.15
"""A shared factor nearer to 1 is taken as 1: the middle of a dozen outlets is not known better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of level in a series of weekly counts."""

    kind: VolumeKind
    at: int
    """Index of the week in which it was noticed."""
    since: int
    """Index of the first week of the new level."""
    before: float
    """Usual stories a week before."""
    after: float
    """Stories a week since."""
    p: float
    """Probability of so much difference without a change, for one comparison; 1 for `came_back`, which is no test."""


def changes(counts: Sequence[int | None], factors: Sequence[float] | None = None) -> list[Change]:
    """Find changes of level as they would have been noticed, week after week.

    Args:
        counts: Stories of each week, oldest first; None where the outlet was not asked.
        factors: What each week is worth against a usual one (1.0), such as 0.6 in the week of Christmas.

    Returns:
        Changes by the week they were noticed in. Adding later weeks never alters what was found before.
    """
    worth = [1.0] * len(counts) if factors is None else list(factors)
    known = {at: (count, worth[at]) for at, count in enumerate(counts) if count is not None and worth[at] > 0}
    found: list[Change] = []
    usual: list[int] = []
    new: list[int] = []
    now: Change | None = None
    for at in known:
        if now is None:
            usual.append(at)
            now = _scan(known, usual)
            if now is not None:
                found.append(now)
                new = [one for one in usual if one >= now.since]
                usual = [one for one in usual if one < now.since]
            continue
        new.append(at)
        if _is_back(known, new, now):
            level = _level(known, new[-1:])
            found.append(Change(kind="came_back", at=at, since=at, before=now.after, after=level, p=1.0))
            # A feed that was away often comes back with all it has missed, which is no measure of a usual week.
            usual += [at] if level <= 2 * now.before else []
            now = None
        elif now.kind == "fell_silent" and known[at][0] > 0:
            now = replace(now, kind="fell", at=at, since=at, after=_level(known, new[-1:]))
            found.append(now)
            new = [at]
        elif (again := _changed_again(known, usual, new, now)) is not None:
            found.append(again)
            new = [one for one in new if one >= again.since]
            now = replace(again, before=now.before)
        elif len(new) >= SETTLED and now.kind != "fell_silent":
            usual, now = new, None
    return found


def _level(known: Mapping[int, tuple[int, float]], weeks: Sequence[int]) -> float:
    """Stories a usual week."""
    return sum(known[at][0] for at in weeks) / sum(known[at][1] for at in weeks)


def _scan(
    known: Mapping[int, tuple[int, float]], weeks: Sequence[int], *, later_than: int = -1, kinds: frozenset[str] = ANY
) -> Change | None:
    """The likeliest change of level that is not over at the end of `weeks`, if it is sure and large enough."""
    best: Change | None = None
    for span in SPANS:
        before, after = weeks[:-span][-MOST_BEFORE:], weeks[-span:]
        if len(before) < FEWEST_BEFORE or after[0] <= later_than:
            break
        old, new = _level(known, before), _level(known, after)
        kind = _kind(old, new)
        if kind is None or kind not in kinds:
            continue
        p = _p_value(known, before, after)
        if p < LEVEL and (best is None or p < best.p):
            best = Change(kind=kind, at=weeks[-1], since=after[0], before=old, after=new, p=p)
    return best


def _changed_again(
    known: Mapping[int, tuple[int, float]], usual: Sequence[int], new: Sequence[int], now: Change
) -> Change | None:
    """A change of the new level; the two that matter most are looked for against the usual level too."""
    again = _scan(known, new) or _scan(known, [*usual, *new], later_than=now.since, kinds=GRAVE)
    return again if again is not None and again.kind != now.kind else None


def _kind(old: float, new: float) -> VolumeKind | None:
    if new == 0:
        return "fell_silent" if old > 0 else None
    if new <= FALL * old:
        return "fell"
    if old == 0:
        return "rose"
    return ("flood" if new >= FLOOD * old else "rose") if new >= RISE * old else None


def _p_value(known: Mapping[int, tuple[int, float]], before: Sequence[int], after: Sequence[int]) -> float:
    """Probability of a likelihood ratio as large as that of two levels against one."""
    from scipy.special import fdtrc

    old, new, both = _level(known, before), _level(known, after), _level(known, [*before, *after])
    deviance = 2 * sum(
        known[at][0] * math.log(level / both)
        for weeks, level in ((before, old), (after, new))
        for at in weeks
        if level > 0
    )
    mean = max(old, 1.0)
    pearson = sum((known[at][0] - old * known[at][1]) ** 2 / (mean * known[at][1]) for at in before)
    prior = 1.0 + PRIOR_SPREAD**2 * mean
    weight = PRIOR_WEEKS + len(before) - 1
    dispersion = max(1.0, (PRIOR_WEEKS * prior + pearson) / weight)
    return float(fdtrc(1.0, weight, max(deviance, 0.0) / dispersion))


def _is_back(known: Mapping[int, tuple[int, float]], new: Sequence[int], now: Change) -> bool:
    """Whether an outlet sends about as much again as it did before a change."""
    last = _level(known, new[-1:])
    if now.kind == "fell_silent":
        return last > 0 and last >= 0.5 * now.before
    if now.kind == "flood":
        return last <= 2 * now.before + 3
    # Two weeks: a single one of a smaller or larger level is often nearer to the old one.
    two = [one for one in new if one > now.at][-2:]
    if len(two) < 2:
        return False
    middle = math.sqrt(max(now.before, 0.25) * max(now.after, 0.25))
    levels = [_level(known, [one]) for one in two]
    back = [one > middle if now.after < now.before else one < middle for one in levels]
    return all(back)


def shared_factors(series: Sequence[Sequence[int | None]], weeks: int) -> list[float | None]:
    """What each week was worth for outlets in common: a quiet week of all is no fall of any.

    Args:
        series: Weekly counts of many outlets, all of the same `weeks`.
        weeks: How many weeks.

    Returns:
        For each week the middle ratio of an outlet's count to its own usual one, within `SHARED`; None where fewer
        than `PANEL` outlets can tell.
    """
    found: list[float | None] = []
    for at in range(weeks):
        ratios = []
        for counts in series:
            past = [one for one in counts[max(0, at - 12) : at] if one is not None]
            count = counts[at]
            if count is not None and len(past) >= 4 and (usual := median(past)) >= 5:
                ratios.append(count / usual)
        if len(ratios) < PANEL:
            found.append(None)
            continue
        middle = min(max(median(ratios), SHARED[0]), SHARED[1])
        found.append(1.0 if abs(middle - 1) < NOTICED else middle)
    return found


def began_on(usual: Sequence[Sequence[int]], around: Sequence[int], after: float) -> int:
    """The likeliest day a new level began, by daily counts with a term for the day of the week.

    Args:
        usual: Usual weeks before, each with seven counts, Monday first.
        around: Daily counts of the weeks around the change, from a Monday on.
        after: Stories a week of the new level.

    Returns:
        Index of a day in `around`.
    """
    total = sum(map(sum, usual))
    # One story is spread over the week beforehand: a day without any is not impossible.
    shares = [(sum(week[day] for week in usual) + 1 / 7) / (total + 1) for day in range(7)]
    before = max(total / max(len(usual), 1), 0.1)
    new = max(after, 0.1)
    gain, best, at = 0.0, -math.inf, 0
    for day in range(len(around) - 1, -1, -1):
        gain += around[day] * math.log(new / before) - (new - before) * shares[day % 7]
        if gain > best:
            best, at = gain, day
    return at
