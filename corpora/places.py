"""Which local authorities a story counts for: a first, cautious rule that prefers silence to a guess."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from corpora.catalogue import Catalogue
from corpora.records import Outlet, Region

FEW_AREAS = 3
"""A title that covers at most so many authorities speaks for each of them."""


@cache
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted((re.escape(name) for name in names), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)")


def place_names(region: Region) -> tuple[str, ...]:
    """Names by which a text may call the authority; codes and council titles are left out."""
    plain = (name.split(",")[0] for name in (region.name, *region.aliases))
    return tuple(sorted({name for name in plain if name[:1].isupper() and not name.endswith("Council")}))


def areas_of(title: str, text: str, outlet: Outlet, catalogue: Catalogue) -> list[tuple[str, str]]:
    """Return (GSS code, method) pairs of the regions a story counts for.

    Titles that cover at most `FEW_AREAS` authorities count for all of them (`outlet_area`). A county-wide title's
    story counts for those of its authorities that the story names (`named`), and in any case for the regions that
    hold most of the title's area (`above`): a story in a county-wide bulletin is no evidence about one council.
    """
    if len(outlet.areas) <= FEW_AREAS:
        return [(gss, "outlet_area") for gss in outlet.areas]
    whole = f"{title}\n{text}"
    named = [gss for gss in outlet.areas if _pattern(place_names(catalogue.regions[gss])).search(whole)]
    return [(gss, "named") for gss in named] + [(gss, "above") for gss in above(outlet, catalogue)]


def above(outlet: Outlet, catalogue: Catalogue) -> list[str]:
    """Codes of the counties, ITL1 regions and nations that hold more than half of the title's authorities."""
    held: Counter[str] = Counter()
    for gss in outlet.areas:
        itl1 = catalogue.regions[gss].parent
        nation = catalogue.regions[itl1].parent if itl1 in catalogue.regions else ""
        held.update({catalogue.counties.get(gss, ""), itl1, nation} - {""})
    return sorted(gss for gss, count in held.items() if 2 * count > len(outlet.areas))
