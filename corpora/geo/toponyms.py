"""Which local authority a place name means in a text, or that it means none: rules with a score, and silence."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from corpora.geo.gazetteer import Gazetteer, Place, distance, fold
from corpora.geo.mentions import MOST_READ, Mention, find_mentions
from corpora.geo.words import abroad, ends_in, words

SURE = 0.5
"""Least share of belief in one of several namesakes; below it the answer is silence."""
LOCAL = 0.4
"""Least share of the story's places for the authority that a street or an unknown name is put in."""
MOST_NAMES = 120
"""Names of one text that are weighed against each other: the first ones; a list of all towns is no story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """One authority a name or a story is about."""

    lad: str
    score: float
    """0 to 1: the rules' own weight; ordered, not a calibrated probability."""
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Where something is; no authority where that is unknown or not one authority."""

    lads: tuple[Located, ...] = ()
    reason: str = ""
    """Why there is no authority: several_districts, outside_uk, not_a_place, unresolved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each sign counts, in natural log units unless said otherwise."""

    size: float = 0.52
    """For each natural log unit of residents."""
    authority: float = 1.0
    """The name is the authority's own."""
    short: float = -0.3
    ward_only: float = -0.3
    in_area: float = 3.0
    far: float = -0.8
    """For each log unit of (1 + kilometres / 15) from the title's nearest authority."""
    lift: float = 2.0
    """For log(1 + weight of places named nearby)."""
    near: float = 12.0
    """Kilometres at which another place counts e times less."""
    county: float = 2.0
    """The authority's county stands in the same sentence."""
    nowhere: float = 2.6
    """Score of the possibility that the gazetteer's places of the name are all namesakes."""
    outlet: float = 1.0
    """Mentions the title's own area is worth when a street is placed."""
    sentence: float = 3.0
    adjacent: float = 4.0
    lead: float = 1.5


WEIGHTS = Weights()


class Story:
    """One text with the places it names, resolved together.

    Args:
        text: Title and body.
        areas: 2025 codes of the authorities the title covers.
        gazetteer: Where names are looked up.
        counties: Folded name of a county or region, to the codes of the authorities inside.
    """

    def __init__(
        self, text: str, areas: Sequence[str], gazetteer: Gazetteer, counties: Mapping[str, frozenset[str]]
    ) -> None:
        self.text = text[:MOST_READ]
        self.areas = tuple(dict.fromkeys(areas))
        self.gazetteer = gazetteer
        self.counties = counties
        found = find_mentions(self.text, gazetteer)
        kept = set(islice(dict.fromkeys(one.key for one in found), MOST_NAMES))
        self.mentions = [one for one in found if one.key in kept]

    # One name among its namesakes

    def fit(self, place: Place) -> float:
        """How well a namesake fits before anything else of the text is looked at."""
        w = WEIGHTS
        score = w.size * math.log(max(place.population, 2_000))
        score += w.authority * ("L" in place.kinds) + w.short * ("S" in place.kinds)
        score += w.ward_only * (place.kinds == "W")
        if place.lad in self.areas:
            return score + w.in_area / (1 if len(self.areas) <= 3 else 1.5)
        return score + w.far * math.log1p(self.away(place) / 15)

    def away(self, place: Place) -> float:
        """Kilometres beyond a usual authority's reach (10 km) from the title's nearest authority."""
        points = [self.gazetteer.centres[one] for one in self.areas if one in self.gazetteer.centres]
        if not points:
            return 0.0
        return max(0.0, min(distance((place.lat, place.lon), point) for point in points) - 10)

    @cached_property
    def first_guess(self) -> dict[str, list[tuple[Place, float]]]:
        """Each named key with its namesakes and their shares, by size and distance alone."""
        return {one.key: _shares([(place, self.fit(place)) for place in one.places]) for one in self.mentions}

    @cached_property
    def strengths(self) -> dict[str, float]:
        """How strongly the text speaks of each key: sure mentions count, repeated ones a little more."""
        best: dict[str, float] = {}
        counts: Counter[str] = Counter()
        for one in self.mentions:
            lead = WEIGHTS.lead if one.start < 250 else 1.0
            best[one.key] = max(best.get(one.key, 0.0), one.weight * lead)
            counts[one.key] += 1
        return {key: value * (1 + math.log2(counts[key]) / 2) for key, value in best.items()}

    def lifted(self, place: Place, but: str) -> float:
        """Weight of the other places the text names near this one (or in its authority)."""
        total = 0.0
        for key, shares in self.first_guess.items():
            if key == but:
                continue
            for other, share in shares:
                nearness = math.exp(-distance((place.lat, place.lon), (other.lat, other.lon)) / WEIGHTS.near)
                total += self.strengths[key] * share * max(nearness, 0.6 * (other.lad == place.lad))
        return total

    def scored(self, key: str, places: Iterable[Place], named_here: frozenset[str]) -> list[tuple[Place, float]]:
        """Namesakes with their shares of belief, best first; what is missing from 1 is belief in none of them."""
        scores = [
            (
                place,
                self.fit(place)
                + WEIGHTS.lift * math.log1p(self.lifted(place, key))
                + WEIGHTS.county * (place.lad in named_here),
            )
            for place in places
        ]
        return _shares(scores, WEIGHTS.nowhere)

    @cached_property
    def resolved(self) -> dict[str, list[tuple[Place, float]]]:
        """Each named key with its namesakes' shares, the whole text considered."""
        named = {one.key: one.places for one in self.mentions}
        return {key: self.scored(key, places, frozenset()) for key, places in named.items()}

    # Where the story is

    def support(self, spans: Sequence[tuple[int, int]] = (), but: frozenset[str] = frozenset()) -> dict[str, float]:
        """How much speaks for each authority: places named, those beside one of `spans` most, and the title's area."""
        w = WEIGHTS
        total: dict[str, float] = defaultdict(float)
        for lad in self.areas:
            total[lad] += w.outlet / len(self.areas)
        by_key: dict[str, float] = {}
        for one in self.mentions:
            if one.key in but or any(start < one.end and one.start < end for start, end in spans):
                continue
            boost = max((self._beside(one, span) for span in spans), default=0.0)
            by_key[one.key] = max(by_key.get(one.key, 0.0), self.strengths[one.key] + boost * one.weight)
        for key, weight in by_key.items():
            for place, share in self.resolved[key]:
                total[place.lad] += weight * share
        return total

    def _beside(self, one: Mention, span: tuple[int, int]) -> float:
        between = self.text[span[1] : one.start] if one.start >= span[1] else self.text[one.end : span[0]]
        if one.start >= span[1] and re.fullmatch(r",? (?:(?:in|at|near|,|off|of|, in) )?(?:the )?", between):
            return WEIGHTS.adjacent
        if one.end <= span[0] and re.fullmatch(r"(?:['’]s?)? (?:the )?", between):
            return WEIGHTS.adjacent
        if len(between) > 300 or re.search(r"[.!?]['”\"’]? |\n", between):
            return 0.0
        return WEIGHTS.sentence * math.exp(-len(between) / 100)


def _shares(scores: list[tuple[Place, float]], nowhere: float | None = None) -> list[tuple[Place, float]]:
    if not scores:
        return []
    top = max(score for _, score in scores)
    parts = [(place, math.exp(score - top)) for place, score in scores]
    whole = sum(part for _, part in parts) + (0.0 if nowhere is None else math.exp(min(nowhere - top, 50)))
    return sorted(((place, part / whole) for place, part in parts), key=lambda one: (-one[1], one[0].lad))


def locate_toponym(toponym: str, story: Story) -> Answer:
    """Say which authority `toponym` lies in, as the story uses it."""
    name = re.sub(r"['’]s?$", "", toponym.strip())
    key = fold(name)
    refused = _no_place(key, name) or _too_wide(key, story)
    if refused:
        return Answer(reason=refused)
    spans = [match.span() for match in islice(re.finditer(re.escape(name), story.text), 50)]
    if spans and all(_of_person(story.text[max(0, start - 30) : start]) for start, _ in spans):
        return Answer(reason="not_a_place")
    places = story.gazetteer.places.get(key, ())
    if key in abroad("city") and not _town_near(places, story):
        return Answer(reason="outside_uk")
    if places and key not in words("generic"):
        answer = _among(key, places, story, spans)
        if answer is not None:
            return answer
    base = _base(key)
    if base:
        inside = story.gazetteer.places.get(base, ())
        answer = _among(base, inside, story, spans) if inside else None
        if answer is not None:
            return answer
        if _too_wide(base, story):
            return Answer(reason="several_districts")
    return _local(key, name, story, spans)


def _no_place(key: str, name: str) -> str:
    if len(key) < 3 and key not in abroad("region") and key not in words("wide"):
        return "not_a_place"
    if key in words("brand") or (ends_in(key, "body") and not ends_in(key, "head")):
        return "not_a_place"
    if key in abroad("country") or key in abroad("region"):
        return "outside_uk"
    return "" if re.search(r"[^\W\d_]", name) else "not_a_place"


def _of_person(before: str) -> bool:
    """Whether the words before a name are a title or a first name."""
    match = re.search(r"(?:^|\W)([A-Z]\w*)\.? $", before)
    return match is not None and (fold(match.group(1)) in words("title") or fold(match.group(1)) in words("given"))


def _too_wide(key: str, story: Story) -> str:
    parts = key.split(" ")
    wide = key in words("wide")
    if not wide and len(parts) > 1 and parts[0] in words("direction"):
        wide = " ".join(parts[1:]) in words("wide") and key not in story.gazetteer.places
    water = len(parts) > 1 and (parts[0] in words("river") or parts[-1] in words("river"))
    return "several_districts" if wide or (water and key not in story.gazetteer.places) else ""


def _town_near(places: Sequence[Place], story: Story) -> bool:
    return any(place.lad in story.areas or (place.population >= 5_000 and story.away(place) < 60) for place in places)


def _base(key: str) -> str:
    """The place a longer name is made of: Kelder of Kelder Town Centre, North Kelder or Kelder Rovers."""
    for kind in ("head", "club"):
        tail = ends_in(key, kind)
        if tail:
            return key[: -len(tail) - 1]
    first, _, rest = key.partition(" ")
    return rest if first in words("direction") and not ends_in(key, "street") else ""


def _among(key: str, places: Sequence[Place], story: Story, spans: Sequence[tuple[int, int]]) -> Answer | None:
    ranked = story.scored(key, places, _counties_beside(story, spans))
    place, share = ranked[0]
    if share < SURE:
        return None
    if len(places) == 1:
        method = "landmark" if place.kinds == "M" else "unique_place"
    elif place.lad in story.areas:
        method = "outlet_prior"
    else:
        method = "co_mention" if story.lifted(place, key) > 0.3 else "largest_place"
    return Answer(lads=(Located(lad=place.lad, score=round(share, 3), method=method),))


def _counties_beside(story: Story, spans: Sequence[tuple[int, int]]) -> frozenset[str]:
    """Authorities of the counties named right after the name: Rushall, Norfolk."""
    found: set[str] = set()
    for _, end in spans:
        match = re.match(r",? (?:in )?((?:[A-Z][a-z]+ ){0,2}[A-Z][a-z]+)", story.text[end : end + 60])
        if match:
            found |= story.counties.get(fold(match.group(1)), frozenset())
    return frozenset(found)


def _local(key: str, name: str, story: Story, spans: Sequence[tuple[int, int]]) -> Answer:
    """Place a street, a building or an unknown name where the story is."""
    if not _placelike(key, name, story):
        return Answer(reason="not_a_place")
    support = story.support(spans, but=frozenset({key}))
    if not support:
        return Answer(reason="unresolved")
    lad, best = max(support.items(), key=lambda one: (one[1], one[0]))
    share = best / sum(support.values())
    if share < LOCAL:
        return Answer(reason="unresolved")
    own = WEIGHTS.outlet / len(story.areas) if lad in story.areas else 0.0
    if best > own + 0.1:
        return Answer(lads=(Located(lad=lad, score=round(0.9 * share, 3), method="co_mention"),))
    return Answer(lads=(Located(lad=lad, score=round(0.5 * share, 3), method="outlet_default"),))


def _placelike(key: str, name: str, story: Story) -> bool:
    if ends_in(key, "street") or ends_in(key, "site") or ends_in(key, "head") or key in story.gazetteer.places:
        return True
    before = re.findall(rf"(?<!\w)(\w{{1,20}}) (?:the )?{re.escape(name)}", story.text)
    return any(fold(one) in words("locative") for one in before)
