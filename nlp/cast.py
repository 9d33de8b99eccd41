"""Who is in a story: each person and body once, with the fullest name, gender, age and the words that stand beside it.

"Cllr Ann Harrow, 43, who leads the council" and a later "Ms Harrow" or "Ann" are one figure. Names are read once for
a story, so that speakers can be looked up without going through the text again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from nlp.descriptions import describe
from nlp.names import Gender, Kind, Name, find_names
from nlp.patterns import Matcher
from nlp.sayings import reporting_verbs

_MARKS = 8
"""Characters before the first word of a sentence, such as quotation marks."""
_MOST_NAMES = 5_000
"""Names kept for one story."""
_BY_FIRST_NAME = frozenset({"sir", "dame", "lord", "lady", "fr", "father", "sister", "canon", "rev"})
"""Titles that stand before a first name alone."""
_CUT = frozenset({
    "and", "or", "in", "on", "at", "to", "with", "by", "as", "that", "from", "is", "was", "but", "when", "after", "he",
    "she", "they", "said", "says", "told", "called", "named", "including", "has", "had", "accused", "over", "about",
})  # fmt: skip
"""Words before a name that no longer describe who is named."""
_SAME_WORD = 8
"""Figures that may share one word of a name; more are not told apart."""
_CAPITALS = 0.004
"""Share of capitals among letters below which a text counts as having none."""
_BEFORE = re.compile(
    r"(?:\b(?:his|her|their|the|an?|\w+['’]s)\s(?:[^\W_]+(?:['’-][^\W_]+)*\s){0,4}[^\W_]+(?:-[^\W_]+)*,\s"
    r"|(?:[^\W_]+(?:['’-][^\W_]+)*['’]?[ ]){1,7})\Z",
    re.IGNORECASE,
)
_AFTER = re.compile(r"(?:,?\s*(?:aged\s)?\d{1,3})?(?:,|\s\(|\s(?=(?:who|is|was|from|of|at)\s))\s*([^.;:!?\"“”]{2,90})")
_FEMALE = re.compile(
    r"(?:\w*(?:woman|girl|mother|mum)|mam|daughter|sister|wife|widow|niece|aunt|gran|nan|landlady|headmistress"
    r"|actress|mayoress|baroness|grandma)\b"
)
_MALE = re.compile(
    r"(?:(?!\w*woman)\w*man|\w*(?:boy|father)|dad|son|brother|husband|widower|nephew|uncle|grandad|granddad|landlord"
    r"|headmaster|actor)\b"
)
_WOMAN = re.compile(r"\b" + _FEMALE.pattern)
_MAN = re.compile(r"\b" + _MALE.pattern)
_OWN = re.compile(r"\b(?:(her|she)|his|he)\b")
_AGED = re.compile(
    r"\b(\d{1,3})[ -]years?[ -]old\s(?:(?!from\b|of\b|in\b|at\b|and\b|who\b)[\w'’-]+\s){0,4}\Z", re.IGNORECASE
)
_APPOSED = re.compile(r"(?:an?|the|who is an?|who was an?)\s(?:[\w'’-]+\s){0,3}")
_LAST_NOUN = re.compile(r"([^\W\d_]+)(?:[ -]of[ -]\w+)?\s*\Z")
_KINDS: tuple[Kind, ...] = ("person", "body", "place", "unknown")
_LOCATED = re.compile(r"\b(?:in|near|around|across|outside|towards) (?:the )?\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One person, body, place or unknown of a story."""

    name: str
    """The fullest naming, with titles."""
    words: frozenset[str]
    """Its words in lower case, without titles."""
    titles: frozenset[str]
    kind: Kind
    gender: Gender
    age: str
    doubtful: bool
    """True for one word that only stands where a sentence begins and may be no name at all."""
    beside: str
    """What stands right before and after its fullest naming, in lower case."""


@dataclass(frozen=True, slots=True)
class Naming:
    """One place where a figure is named."""

    start: int
    end: int
    figure: int
    """Its number in `Cast.figures`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """All figures of one story."""

    figures: tuple[Figure, ...]
    namings: tuple[tuple[Naming, ...], ...]
    """For each sentence the names in it, in order."""


@dataclass(slots=True)
class _Draft:
    name: Name
    text: str
    titles: set[str] = field(default_factory=set)
    kinds: set[Kind] = field(default_factory=set)
    gender: Gender = ""
    age: str = ""
    beside: list[tuple[str, str]] = field(default_factory=list)
    located: int = 0
    times: int = 0
    opening: int = 0
    short: str = ""
    last: int = -1


def find_cast(texts: Sequence[str]) -> Cast:
    """Return the figures of a story.

    Args:
        texts: Its sentences in order; "" for one that is not to be read (a headline in capitals).
    """
    cased = _has_capitals(texts)
    found: list[list[Name]] = []
    left = _MOST_NAMES
    for text in texts:
        names = list(find_names(text, cased=cased))[:left] if left else []
        left -= len(names)
        found.append(names)
    drafts: list[_Draft] = []
    by_word: dict[str, list[int]] = {}
    owner: dict[tuple[int, int], int] = {}
    short = _short_forms(texts, found)
    order = [(at, name) for at, names in enumerate(found) for name in names]
    # longest first, so that a short form finds the long one wherever it stands
    for at, name in sorted(order, key=lambda one: -len(one[1].words)):
        figure = owner.get(short.get(name.words[0], (-1, -1))) if len(name.words) == 1 else None
        if figure is None:
            figure = _same(name, at, drafts, by_word)
        if figure is None:
            figure = len(drafts)
            drafts.append(_Draft(name=name, text=texts[at][name.start : name.end]))
            for word in _lowered(name):
                known = by_word.setdefault(word, [])
                if len(known) < _SAME_WORD:
                    known.append(figure)
        owner[at, name.start] = figure
        _learn(drafts[figure], name, at, texts[at])
    return Cast(
        figures=tuple(map(_figure, drafts)),
        namings=tuple(
            tuple(Naming(name.start, name.end, owner[at, name.start]) for name in names)
            for at, names in enumerate(found)
        ),
    )


def _short_forms(texts: Sequence[str], found: Sequence[Sequence[Name]]) -> dict[str, tuple[int, int]]:
    """Return abbreviations and where the name stands that they are of: "Orr Valley Buses (OVB)"."""
    short: dict[str, tuple[int, int]] = {}
    spelt: dict[str, tuple[int, int]] = {}
    for at, names in enumerate(found):
        for name in names:
            if len(name.words) > 2 and name.kind != "person":
                spelt.setdefault("".join(part[0] for part in name.words if part[0].isupper()), (at, name.start))
        for name, following in pairwise(names):
            word = following.words[0]
            initials = "".join(part[0] for part in name.words if part[0].isupper())
            between = texts[at][name.end : following.start]
            if between == " (" and len(following.words) == 1 and word[:1] == initials[:1] and word.isupper():
                short.setdefault(word, (at, name.start))
    return {**spelt, **short}


def _has_capitals(texts: Sequence[str]) -> bool:
    sample = "".join(texts[:60])[:20_000]
    letters = sum(map(str.isalpha, sample))
    return not letters or sum(map(str.isupper, sample)) > _CAPITALS * letters


def _lowered(name: Name) -> list[str]:
    return [word.lower() for word in name.words]


def _same(name: Name, at: int, drafts: Sequence[_Draft], by_word: Mapping[str, list[int]]) -> int | None:
    """Return the figure that a name means, None for a new one."""
    words = _lowered(name)
    fits = [
        number
        for number in by_word.get(words[-1], ())
        if _may_mean(name, words, _lowered(drafts[number].name), drafts[number])
    ]
    if not fits:
        return None
    # a surname before a first name, then whoever was named nearest before
    return min(
        fits,
        key=lambda n: (
            _lowered(drafts[n].name)[-1] != words[-1],
            bool(name.gender) and drafts[n].gender != name.gender,
            drafts[n].last > at,
            abs(at - drafts[n].last),
        ),
    )


def _may_mean(name: Name, words: list[str], full: list[str], draft: _Draft) -> bool:
    if {"person", "place"} <= {name.kind, *draft.kinds} or {"person", "body"} <= {name.kind, *draft.kinds}:
        return False
    if name.gender and draft.gender and name.gender != draft.gender:
        return False
    if words == full:
        return True
    if len(words) > 1:
        return full[-1] == words[-1] and set(words) <= set(full)
    if "place" in draft.kinds or "body" in draft.kinds:
        return full[0] == words[0] and name.kind == "unknown"
    return full[-1] == words[0] or (full[0] == words[0] and _BY_FIRST_NAME.issuperset(name.titles))


def _learn(draft: _Draft, name: Name, at: int, text: str) -> None:
    """Add what one naming tells of a figure."""
    draft.kinds.add(name.kind)
    draft.titles.update(name.titles)
    draft.age = draft.age or name.age
    if not draft.age and "old" in text[max(0, name.start - 50) : name.start]:
        aged = _AGED.search(text, max(0, name.start - 50), name.start)
        draft.age = aged[1] if aged is not None else ""
    draft.last = at if draft.last < 0 else min(draft.last, at)
    draft.times += 1
    draft.opening += name.start < _MARKS and not any(map(str.isalnum, text[: name.start]))
    if len(name.words) == 1 and name.words[0].isupper() and len(draft.name.words) > 1:
        draft.short = name.words[0]
    if name.kind == "unknown":
        placed = _LOCATED.search(text, max(0, name.start - 16), name.start)
        draft.located += placed is not None and text[name.end : name.end + 1] not in {"'", "’"}
    if len(name.words) == len(draft.name.words):
        if len(draft.text) < name.end - name.start:
            draft.text = text[name.start : name.end]
        if len(draft.beside) < 3 and name.kind != "place":
            draft.beside.append(beside(text, name.start, name.end))
    if name.gender and (name.titles or not draft.gender):
        draft.gender = name.gender


def beside(text: str, start: int, end: int) -> tuple[str, str]:
    """Return the words right before and right after a name, in lower case, up to a stop or a word of saying."""
    before = _BEFORE.search(text, max(0, start - 60), start)
    words = before[0].lower().rstrip(", ").split() if before else []
    spoken = _sayings().find(" ".join(words)) if words else []
    cut = next((i for i in range(len(words) - 1, -1, -1) if words[i] in _CUT), -1)
    if spoken:
        cut = max(cut, " ".join(words)[: spoken[-1].end].count(" "))
    after = _AFTER.match(text, end)
    following = after[1].lower() if after is not None else ""
    verb = next(iter(_sayings().find(following)), None) if following else None
    return " ".join(words[cut + 1 :]), following[: verb.start].rstrip(" ,") if verb else following


@cache
def _sayings() -> Matcher[None]:
    return Matcher((verb.forms, None) for verb in reporting_verbs())


def _figure(draft: _Draft) -> Figure:
    kind: Kind = "unknown"
    for known in _KINDS:
        if known in draft.kinds:
            kind = known
            break
    if kind == "unknown" and 2 * draft.located > draft.times:
        kind = "place"
    if kind == "unknown" and any(_is_person(before, after) for before, after in draft.beside):
        kind = "person"
    gender = draft.gender
    if not gender and kind in {"person", "unknown"}:
        gender = next((found for before, after in draft.beside if (found := _gender(before, after))), "")
    return Figure(
        name=f"{draft.text} ({draft.short})" if draft.short and kind != "person" else draft.text,
        words=frozenset(_lowered(draft.name)),
        titles=frozenset(draft.titles),
        kind=kind,
        gender=gender,
        age=draft.age,
        doubtful=kind == "unknown"
        and len(draft.name.words) == 1
        and draft.opening == draft.times
        and not any(after.startswith(("a ", "an ", "the ")) for _, after in draft.beside),
        beside=" | ".join(f"{before} {draft.text} , {after}" for before, after in draft.beside),
    )


def _is_person(before: str, after: str) -> bool:
    """Tell whether the words beside a name describe one person: "security researcher Bo Lin", "Bo Lin, who"."""
    description = describe(before)
    at_end = description.kind == "person" and description.head_end >= len(before) and description.noun != "native"
    return at_end or after.startswith("who ")


def _gender(before: str, after: str) -> Gender:
    """Return the gender that the words beside a name tell: "mother of two", "a widower", "who lives with his"."""
    noun = _LAST_NOUN.search(before)
    if noun is not None and _FEMALE.fullmatch(noun[1]):
        return "f"
    if noun is not None and _MALE.fullmatch(noun[1]):
        return "m"
    apposed = _APPOSED.match(after)
    own = _OWN.search(after)
    if apposed is not None:
        words = after[: apposed.end() + 14]
        if _WOMAN.search(words):
            return "f"
        if _MAN.search(words):
            return "m"
    if own is not None:
        return "f" if own[1] else "m"
    return ""
