"""Where a text names places, and how sure each one is to be a place and not a surname, a street or a team."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpora.geo.gazetteer import MOST_WORDS, Gazetteer, Place, fold
from corpora.geo.words import abroad, words

MOST_READ = 30_000
"""Characters of a story that are read for places."""

_TOKEN = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*")
_GAPS = frozenset({" ", "-", "\u00a0", " & ", "' ", "’ "})
_SENTENCE = re.compile(r"[.!?:;\n\"“”‘(]\s*$")
_OWN = re.compile(r"['’]s?$")
_UNSURE, _WEAK, _BODY, _CLUB = 0.2, 0.4, 0.3, 0.25
_TOWN = 5_000
"""A town of so many is meant before a namesake abroad."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One place name in a text."""

    start: int
    end: int
    key: str
    places: tuple[Place, ...]
    weight: float
    """0 to 1: how sure it is that a place is spoken of."""


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    text: str
    key: str

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()


def find_mentions(text: str, gazetteer: Gazetteer) -> list[Mention]:
    """Find the places a text names, longest names first, from left to right."""
    text = text[:MOST_READ]
    tokens = [
        _Word(match.start(), match.end(), match.group(), fold(_OWN.sub("", match.group())))
        for match in _TOKEN.finditer(text)
    ]
    found, at = [], 0
    while at < len(tokens):
        size, key = _longest(text, tokens, at, gazetteer)
        if size:
            span, places = (at, at + size), gazetteer.places[key]
            weight = 0.0 if _elsewhere(key, places) else _weight(text, tokens, span, key)
            if not any(letter in "LPM" for place in places for letter in place.kinds):
                weight *= _WEAK
            if weight > 0:
                start, end = tokens[at].start, tokens[at + size - 1].end
                found.append(Mention(start=start, end=end, key=key, places=places, weight=weight))
        at += max(size, 1)
    return found


def _longest(text: str, tokens: list[_Word], at: int, gazetteer: Gazetteer) -> tuple[int, str]:
    """Words of the longest name that starts here, and its key; 0 where none does."""
    first = tokens[at]
    if not first.capital or first.key.partition(" ")[0] not in gazetteer.first_words:
        return 0, ""
    most = 1
    while most < MOST_WORDS and at + most < len(tokens) and _joined(text, tokens[at + most - 1], tokens[at + most]):
        most += 1
    for size in range(most, 0, -1):
        last = tokens[at + size - 1]
        if not last.capital:
            continue
        key = fold(_OWN.sub("", text[first.start : last.end]))
        if key in gazetteer.places:
            return size, key
    return 0, ""


def _joined(text: str, one: _Word, other: _Word) -> bool:
    gap = text[one.end : other.start]
    return gap in _GAPS or (gap == ". " and one.key == "st")


def _elsewhere(key: str, places: tuple[Place, ...]) -> bool:
    if key in words("wide") or key in words("generic") or key in words("brand") or key in abroad("country"):
        return True
    known_abroad = key in abroad("city") or key in abroad("region")
    return known_abroad and not any(place.population >= _TOWN for place in places)


def _weight(text: str, tokens: list[_Word], span: tuple[int, int], key: str) -> float:
    before = tokens[span[0] - 1] if span[0] and _joined(text, tokens[span[0] - 1], tokens[span[0]]) else None
    after = list(_after(text, tokens, span[1]))
    located = before is not None and before.key in words("locative")
    tail = _tail(after)
    if tail in {"street", "brand"}:
        return 0.0
    if before is not None and (before.key in words("title") or (before.capital and before.key in words("given"))):
        return 0.0
    if tail == "head":
        return 1.0
    if key in words("time") or (key in words("wordlike") and not located):
        return 0.0
    by_tail = {"club": _CLUB, "body": _BODY, "site": 0.5}.get(tail, 1.0)
    if tail == "" and after and after[0].capital and span[1] - span[0] == 1 and not located:
        by_tail = _UNSURE  # Lincoln Brown
    if before is not None and before.capital and not _open(text, tokens, span[0] - 1):
        by_tail = min(by_tail, _UNSURE)  # Petra Lincoln
    return by_tail


def _after(text: str, tokens: list[_Word], at: int) -> Iterator[_Word]:
    for number in range(at, min(at + 3, len(tokens))):
        if not _joined(text, tokens[number - 1], tokens[number]):
            return
        yield tokens[number]


def _tail(after: list[_Word]) -> str:
    """Kind of the words right after a name: head, street, site, club, body, brand, or none of them."""
    for size in range(len(after), 0, -1):
        some = " ".join(one.key for one in after[:size])
        capital = after[size - 1].capital
        if some in words("head"):
            return "head" if capital or size > 1 or some in _LOWER_HEADS else ""
        for kind in ("street", "club", "body", "site"):
            if capital and some in words(kind):
                return kind
    return ""


_LOWER_HEADS = frozenset({"council", "station", "area", "village", "hospital", "library", "market", "town", "seafront"})


def _open(text: str, tokens: list[_Word], at: int) -> bool:
    """Whether the word before may stand before a place name without being part of a person's name."""
    word = tokens[at]
    if word.key in words("locative") or word.key in words("direction") or word.text.isupper():
        return True
    return bool(_SENTENCE.search(text[max(0, word.start - 3) : word.start])) or word.start == 0 or word.key == "the"
