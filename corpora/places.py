"""Which local authorities a story counts for: a first, cautious rule that prefers silence to a guess."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from corpora.catalogue import Catalogue
from corpora.geo.gazetteer import place_names, shipped
from corpora.geo.stories import ENOUGH, county_areas, place_in_url, signs
from corpora.geo.toponyms import Story
from corpora.records import Outlet

__all__ = ["FEW_AREAS", "above", "areas_of", "place_names"]

FEW_AREAS = 3
"""A title that covers at most so many authorities speaks for each of them."""
SHARE = 0.3
"""Least share of what a county-wide story says of places, for an authority it does not call by name."""


@cache
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted((re.escape(name) for name in names), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)")


def areas_of(title: str, text: str, outlet: Outlet, catalogue: Catalogue, *, url: str = "") -> list[tuple[str, str]]:
    """Return (GSS code, method) pairs of the regions a story counts for.

    Titles that cover at most `FEW_AREAS` authorities count for all of them (`outlet_area`). A county-wide title's
    story counts for those of its authorities that a section of its address names (`place_url`), that the story calls
    by name (`named`) or of which it names a place that is surely meant (`unique_place`: no other authority has one of
    that name; `outlet_prior`: the others lie outside the title's area), and in any case for the regions that hold most
    of the title's area (`above`): a story in a county-wide bulletin is no evidence about one council.
    """
    if len(outlet.areas) <= FEW_AREAS:
        return [(gss, "outlet_area") for gss in outlet.areas]
    whole = f"{title}\n{text}"
    gazetteer = shipped()
    story = Story(whole, outlet.areas, gazetteer, county_areas(catalogue))
    found = {gss: "named" for gss in outlet.areas if _named(gss, whole, story, catalogue)}
    for gss, sign in signs(story).items():
        if gss in outlet.areas and sign.strength >= ENOUGH and sign.share >= SHARE:
            found.setdefault(gss, sign.method)
    section = place_in_url(url, outlet.areas, gazetteer) if url else ""
    if section:
        found.setdefault(section, "place_url")
    inside = [(gss, found[gss]) for gss in outlet.areas if gss in found]
    return inside + [(gss, "above") for gss in above(outlet, catalogue)]


def _named(gss: str, whole: str, story: Story, catalogue: Catalogue) -> bool:
    """Whether the authority's own name stands in the text, and not as a surname, a street or a word."""
    hits = [match.span() for match in _pattern(place_names(catalogue.regions[gss])).finditer(whole)]
    if not hits or gss not in story.gazetteer.centres:
        return bool(hits)
    return any(
        one.weight >= 0.5
        and any(one.start < end and start < one.end for start, end in hits)
        and any(place.lad == gss and share >= 0.5 for place, share in story.resolved[one.key])
        for one in story.mentions
    )


def above(outlet: Outlet, catalogue: Catalogue) -> list[str]:
    """Codes of the counties, ITL1 regions and nations that hold more than half of the title's authorities."""
    held: Counter[str] = Counter()
    for gss in outlet.areas:
        itl1 = catalogue.regions[gss].parent
        nation = catalogue.regions[itl1].parent if itl1 in catalogue.regions else ""
        held.update({catalogue.counties.get(gss, ""), itl1, nation} - {""})
    return sorted(gss for gss, count in held.items() if 2 * count > len(outlet.areas))
