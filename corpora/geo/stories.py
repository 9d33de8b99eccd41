"""Which local authorities a story is about, by the places it names, its address and its title's area."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from corpora.catalogue import Catalogue
from corpora.geo.gazetteer import Gazetteer, fold
from corpora.geo.toponyms import Answer, Located, Story

ENOUGH = 0.9
"""Least strength of what a story says of an authority: one sure mention of a town, or several weaker signs."""
MAIN = 0.5
"""Share of all strength at which an authority is what a story is about."""
ALSO = 0.3
"""Share at which a further authority is named beside the main one."""
NOTHING = 0.5
"""Strength of places elsewhere at which a story without a word of its title's area is not taken to be about it."""

_SECTION = re.compile(r"-(?:news|sport|local|area|town|city|weather|politics|business|whats-on|homes)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What speaks for one authority in a story."""

    strength: float
    share: float
    method: str


def county_areas(catalogue: Catalogue) -> dict[str, frozenset[str]]:
    """Folded names of two-tier counties, to the codes of the authorities inside."""
    return {
        fold(one.name): frozenset(catalogue.authorities(one))
        for one in catalogue.regions.values()
        if one.tier == "county"
    }


def signs(story: Story) -> dict[str, Sign]:
    """How strongly the places a story names speak for each authority; the title's area helps to choose among namesakes.

    Returns:
        By code. Strengths are in sure mentions; shares are of all strength, that for no authority included.
    """
    strength: dict[str, float] = defaultdict(float)
    best: dict[str, tuple[float, str]] = {}
    whole = 0.0
    for key, ranked in story.resolved.items():
        said = story.strengths[key]
        whole += said
        for place, share in ranked:
            part = said * share
            strength[place.lad] += part
            if part > best.get(place.lad, (0.0, ""))[0]:
                best[place.lad] = (part, _method(len(ranked), in_area=place.lad in story.areas))
    return {
        lad: Sign(strength=part, share=part / whole, method=best[lad][1]) for lad, part in strength.items() if part > 0
    }


def _method(namesakes: int, *, in_area: bool) -> str:
    if namesakes == 1:
        return "unique_place"
    return "outlet_prior" if in_area else "co_mention"


def locate_story(story: Story, url: str = "") -> Answer:
    """Say which authorities a story is about; none where that is not sure."""
    in_url = place_in_url(url, story.areas, story.gazetteer)
    if in_url:
        return Answer(lads=(Located(lad=in_url, score=0.9, method="place_url"),))
    ranked = sorted(signs(story).items(), key=lambda one: (-one[1].share, one[0]))
    lads = [
        Located(lad=lad, score=round(sign.share, 3), method=sign.method)
        for lad, sign in ranked
        if sign.strength >= ENOUGH and sign.share >= ALSO
    ]
    if lads and (lads[0].score >= MAIN or lads[0].lad in story.areas):
        return Answer(lads=tuple(lads))
    elsewhere = sum(sign.strength for lad, sign in ranked if lad not in story.areas)
    if len(story.areas) == 1 and elsewhere < NOTHING:
        return Answer(lads=(Located(lad=story.areas[0], score=0.5, method="outlet_default"),))
    return Answer(reason="unresolved")


def place_in_url(url: str, areas: Sequence[str], gazetteer: Gazetteer) -> str:
    """Code of the authority of the title's area that a section of an address names, or nothing.

    Only sections are read (`/news/kelderby-news/`), not the last part, which holds the headline's words.
    """
    try:
        parts = [unquote(part).casefold() for part in urlsplit(url).path.split("/") if part]
    except ValueError:  # no address at all
        return ""
    for part in reversed(parts[:-1]):
        found = {
            place.lad
            for place in gazetteer.find(_SECTION.sub("", part).replace("-", " "))
            if place.lad in areas and set(place.kinds) & set("LP")
        }
        if len(found) == 1:
            return found.pop()
    return ""
