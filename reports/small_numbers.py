"""A share is shown from 30 stories and 5 flagged ones; below that the count, or the interval, is all there is.

The whole policy on small numbers is in this module. It has no ranking, and no other module may sort
places or outlets by a rate: districts and outlets are listed by name.
"""

from __future__ import annotations

from typing import Literal

Shown = Literal["share", "interval", "count"]

FEWEST_STORIES = 30
"""Fewer distinct stories give no share. One story more or less would move the share by over three percentage
points, which is more than the frames' usual share of local news."""

FEWEST_HITS = 5
"""Fewer flagged stories give an interval but no percentage. At n = 4 the 95 % interval runs from about a third
of the share to more than twice it; a bare percentage would be quoted without that. It also keeps a figure
from standing for one family's or one reporter's story."""

TOO_FEW_STORIES = "too few stories to give a share"
TOO_FEW_HITS = "too few flagged stories to give one percentage"


def how_shown(n: int, of: int) -> Shown:
    """Decide what may be said of `n` flagged stories among `of` read ones.

    Args:
        n: Flagged distinct stories, 0 or more.
        of: Distinct stories read, at least `n`.

    Returns:
        share: percentage and interval; interval: no percentage; count: only "n of N stories".
    """
    if of < FEWEST_STORIES:
        return "count"
    if n < FEWEST_HITS:
        return "interval"
    return "share"
