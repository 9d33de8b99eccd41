"""How far coders agree beyond chance: Krippendorff's alpha for nominal values, and positive specific agreement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TypeVar

import numpy as np

Value = TypeVar("Value", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Agreement on one construct."""

    units: int
    alpha: float
    """1 is perfect, 0 is what chance would give, below 0 is worse than chance."""
    low: float
    high: float
    """Bounds of the 95 % bootstrap interval of alpha."""
    disagreements: int
    positive: float | None
    """Positive specific agreement, 0 to 1; none where nobody ever said yes."""


def krippendorff_alpha(units: Sequence[Sequence[Value | None]]) -> float:
    """Krippendorff's alpha for nominal values (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability").

    Args:
        units: For each unit the values given by the coders; None where a coder gave none. A unit with fewer than two
            values says nothing of agreement and is left out.

    Returns:
        1 - observed / expected disagreement. 1.0 where all values are the same, since nothing was disagreed on.

    Raises:
        ValueError: No unit has two values.
    """
    return _alpha(Counter(tuple(value for value in unit if value is not None) for unit in units))


def _alpha(counted: Mapping[tuple[Value, ...], int]) -> float:
    coincidences: Counter[tuple[Value, Value]] = Counter()
    for values, times in counted.items():
        if len(values) < 2 or not times:
            continue
        for first, second in permutations(range(len(values)), 2):
            # Each unit weighs as much as it has values, however many coders saw it.
            coincidences[values[first], values[second]] += times / (len(values) - 1)  # type: ignore[assignment]
    totals: Counter[Value] = Counter()
    for (first_value, _), weight in coincidences.items():
        totals[first_value] += weight
    n = sum(totals.values())
    if n == 0:
        raise ValueError("no unit was coded twice, so there is no agreement to measure")
    expected = n * n - sum(total * total for total in totals.values())
    if expected == 0:
        return 1.0
    observed = sum(weight for (a, b), weight in coincidences.items() if a != b)
    return 1.0 - (n - 1) * observed / expected


def bootstrap_interval(
    units: Sequence[Sequence[Value | None]], *, seed: int, resamples: int = 2000, level: float = 0.95
) -> tuple[float, float]:
    """Percentile bootstrap interval of alpha: units are drawn again with replacement.

    Args:
        units: As for `krippendorff_alpha`.
        seed: Makes the draw repeatable.
        resamples: How many draws.
        level: Share of draws inside the interval, 0 to 1.
    """
    counted = Counter(tuple(value for value in unit if value is not None) for unit in units)
    kinds = sorted((kind for kind in counted if len(kind) > 1), key=repr)
    sizes = np.array([counted[kind] for kind in kinds], dtype=np.float64)
    generator = np.random.default_rng(seed)
    draws = generator.multinomial(int(sizes.sum()), sizes / sizes.sum(), size=resamples)
    alphas = [_alpha(dict(zip(kinds, (int(times) for times in draw), strict=True))) for draw in draws]
    tail = (1 - level) / 2
    low, high = np.quantile(alphas, [tail, 1 - tail])
    return float(low), float(high)


def positive_agreement(pairs: Sequence[tuple[bool, bool]]) -> float | None:
    """Of all yeses of two coders, the share that the other said yes to as well; None where there was no yes."""
    both = sum(1 for first, second in pairs if first and second)
    either = sum(first + second for first, second in pairs)
    return 2 * both / either if either else None


def agree(
    pairs: Sequence[tuple[Value, Value]], *, yes: Sequence[tuple[bool, bool]] | None = None, seed: int
) -> Agreement:
    """Measure two coders' agreement on one construct.

    Args:
        pairs: The two coders' values for each unit.
        yes: The same as yes or no, where a yes has a meaning.
        seed: Seed of the bootstrap.
    """
    low, high = bootstrap_interval(pairs, seed=seed)
    return Agreement(
        units=len(pairs),
        alpha=krippendorff_alpha(pairs),
        low=low,
        high=high,
        disagreements=sum(first != second for first, second in pairs),
        positive=positive_agreement(yes) if yes is not None else None,
    )
