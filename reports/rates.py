"""A rate is "n of N distinct stories" with a 95 % Jeffreys interval, and says itself how much of it may be shown."""

from __future__ import annotations

from dataclasses import dataclass

from statsmodels.stats.proportion import proportion_confint

from reports.small_numbers import TOO_FEW_HITS, TOO_FEW_STORIES, Shown, how_shown

LEVEL = 0.95
"""Confidence level of every interval on a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A count of stories among stories."""

    n: int
    """Flagged distinct stories."""
    of: int
    """Distinct stories read."""
    low: float | None
    """Lower end of the 95 % interval, 0 to 1; None where there are too few stories."""
    high: float | None
    """Upper end, 0 to 1; None where there are too few stories."""
    shown: Shown

    @property
    def share(self) -> float | None:
        """Point share, 0 to 1; None unless it may be shown."""
        return self.n / self.of if self.shown == "share" else None

    @property
    def count_words(self) -> str:
        """`12 of 140 stories`, `none of 37 stories`, `no stories read`."""
        if self.of == 0:
            return "no stories read"
        stories = "story" if self.of == 1 else "stories"
        return f"{self.n or 'none'} of {self.of:,} {stories}"

    @property
    def interval_words(self) -> str:
        """`4.8% to 14.1%`; empty where there is no interval."""
        if self.low is None or self.high is None:
            return ""
        return f"{percent(self.low)} to {percent(self.high)}"

    @property
    def words(self) -> str:
        """All that may be said: `12 of 140 stories (8.6%, 95% interval 4.8% to 14.1%)`."""
        if self.of == 0:
            return self.count_words
        if self.shown == "count":
            return f"{self.count_words} ({TOO_FEW_STORIES})"
        if self.share is not None:
            return f"{self.count_words} ({percent(self.share)}, 95% interval {self.interval_words})"
        return f"{self.count_words} ({TOO_FEW_HITS}; 95% interval {self.interval_words})"


def rate(n: int, of: int) -> Rate:
    """Make a rate of `n` flagged stories among `of` read ones.

    Jeffreys rather than Wald: the Wald interval of 0 of 40 is "0 to 0", which is false; Jeffreys says 0 to 6 %.
    At the ends the bound is set to 0 and 1 (Brown, Cai and DasGupta 2001), as a count of none excludes nothing below.

    Raises:
        ValueError: Not 0 <= n <= of.
    """
    if not 0 <= n <= of:
        raise ValueError(f"{n} of {of} is not a rate")
    shown = how_shown(n, of)
    if shown == "count":
        return Rate(n=n, of=of, low=None, high=None, shown=shown)
    low, high = proportion_confint(n, of, alpha=1 - LEVEL, method="jeffreys")
    return Rate(
        n=n,
        of=of,
        low=0.0 if n == 0 else float(low),
        high=1.0 if n == of else float(high),
        shown=shown,
    )


def percent(share: float) -> str:
    """Write a share of 0 to 1 as a percentage with one decimal; exact ends without, and never a rounded zero."""
    if share in (0.0, 1.0):
        return f"{share * 100:.0f}%"
    if share < 0.0005:
        return "under 0.1%"
    return f"{share * 100:.1f}%"


def listed(words: list[str] | tuple[str, ...]) -> str:
    """Join words as English does: `a`, `a and b`, `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
