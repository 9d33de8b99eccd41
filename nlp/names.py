"""Which names a sentence holds: people with titles and gender, bodies such as councils and firms, and the unknown.

A name is a run of words with capitals. `nlp/data/titles.tsv` tells titles, words for bodies and places, and words that
merely start a sentence; `nlp/data/first_names.tsv` tells first names common in the United Kingdom and the gender they
are mostly given to. Gender is used to resolve "he" and "she" inside one story and is never reported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple, cast, get_args

from corpora.errors import NotReady
from nlp.descriptions import noun_kind
from nlp.patterns import fold, read_table

Gender = Literal["m", "f", ""]
Kind = Literal["person", "body", "place", "unknown"]
TitleKind = Literal[
    "title",
    "body",
    "place",
    "function",
    "people",
    "common",
    "adjective",
    "link",
    "plain",
    "verb",
    "ordinary",
    "surname",
]

_MAX_NAMES = 60
"""Names looked for in one sentence."""
_MAX_WORDS = 7
"""Words of one name; longer runs are headings in capitals."""
_MAX_READ = 4_000
"""Characters of a sentence that are read for names."""

_TOKEN = re.compile(r"[^\W\d_][^\W_]*(?:['’.&-][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")
_GAP = re.compile(r"\.?[^\S\n]{1,2}(?:['\"‘“(][^\W\d_]{1,20}['\"’”)][^\S\n])?|\.")
_APOSTROPHES = frozenset({"'", "’"})
_BODY_LINKS = frozenset({"of", "for"})
_AGE = re.compile(r"\s?,?\s?(?:\((?:aged? )?(\d{1,3})\)|,? ?aged (\d{1,3})\b|, (\d{1,3})(?=[,.;]| and\b| of\b|$))")


_PLACED = re.compile(r"\b(?:in|at|near|on|to|from|of|the|around|outside|across|through) \Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One name in a sentence; offsets in the sentence."""

    start: int
    """Where the title or the first word starts."""
    end: int
    words: tuple[str, ...]
    """The name without its titles."""
    titles: tuple[str, ...]
    """Titles before it, in lower case without full stops."""
    gender: Gender
    """What the title or the first name tells."""
    kind: Kind
    age: str = ""
    """The age that follows the name, in figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleRow:
    """One row of `titles.tsv`."""

    kind: TitleKind
    words: tuple[str, ...]
    gender: Gender
    reason: str
    example: str


@cache
def title_rows() -> tuple[TitleRow, ...]:
    """Return the rows of `titles.tsv`.

    Raises:
        NotReady: If the table is missing or names an unknown kind or gender.
    """
    rows = []
    for kind, words, gender, reason, example in read_table(
        "titles.tsv", ("kind", "words", "gender", "reason", "example")
    ):
        if kind not in get_args(TitleKind) or gender not in {"m", "f", "u"}:
            raise NotReady(f"titles.tsv: unknown kind or gender: {kind}, {gender}.")
        rows.append(
            TitleRow(
                kind=cast("TitleKind", kind),
                words=tuple(words.split(", ")),
                gender=cast("Gender", gender.replace("u", "")),
                reason=reason,
                example=example,
            )
        )
    return tuple(rows)


@cache
def first_names() -> Mapping[str, Gender]:
    """Return first names in lower case, with the gender they are mostly given to ("" for either).

    Raises:
        NotReady: If the table is missing or names an unknown gender.
    """
    names: dict[str, Gender] = {}
    for gender, words, _reason, _example in read_table("first_names.tsv", ("gender", "names", "reason", "example")):
        if gender not in {"m", "f", "u"}:
            raise NotReady(f"first_names.tsv: unknown gender {gender}.")
        for word in words.split(", "):
            names[word.lower()] = cast("Gender", gender.replace("u", ""))
    return names


@cache
def _words_of(kind: TitleKind) -> Mapping[str, Gender]:
    words: dict[str, Gender] = {}
    for row in title_rows():
        if row.kind == kind:
            for word in row.words:
                words.setdefault(word, row.gender)
    return words


def is_body_word(word: str) -> bool:
    """Tell whether a word is one that names of councils, firms, papers and places end in."""
    return word.lower() in _words_of("body") or word.lower() in _words_of("place")


class _Token(NamedTuple):
    start: int
    end: int
    text: str
    """Without a possessive ending."""
    owns: bool


def _tokens(text: str) -> list[_Token]:
    tokens = []
    for hit in _TOKEN.finditer(text, 0, _MAX_READ):
        word, start, end = hit[0], hit.start(), hit.end()
        if "'" in word or "’" in word:
            ending = _POSSESSIVE.search(word)
            if ending is not None and ending.start():
                word = word[: ending.start()]
        stop = start + len(word)
        tokens.append(_Token(start, stop, word, stop < end or text[end : end + 1] in _APOSTROPHES))
    return tokens


def find_names(text: str, *, cased: bool = True) -> tuple[Name, ...]:
    """Return the names of one sentence, in order, none overlapping another.

    Args:
        text: The sentence.
        cased: False for archives that are all lower case: only titles and known first names tell a name there.
    """
    folded, kept = fold(text)
    text = folded if kept is None else text
    tokens = _tokens(text)
    names: list[Name] = []
    i = 0
    while i < len(tokens) and len(names) < _MAX_NAMES:
        if cased:
            if tokens[i].text[0].isupper():
                run = _run(text, tokens, i)
                names += _read_run(text, run)
                i += len(run)
                continue
        elif (name := _lower_name(text, tokens, i)) is not None:
            names.append(name)
            i += len(name.words) + len(name.titles)
            continue
        i += 1
    return tuple(names)


def _run(text: str, tokens: list[_Token], i: int) -> list[_Token]:
    """Return the run of capitalised words that starts at token `i`, with small links ("de", "of") inside it."""
    run = [tokens[i]]
    j = i + 1
    while j < len(tokens) and len(run) < 3 * _MAX_WORDS:
        if run[-1].owns or not _joined(text, run[-1], tokens[j]):
            break
        if tokens[j].text[0].isupper():
            run.append(tokens[j])
        elif (
            tokens[j].text in _words_of("link")
            and j + 1 < len(tokens)
            and tokens[j + 1].text[0].isupper()
            and _joined(text, tokens[j], tokens[j + 1])
            and (tokens[j].text not in _BODY_LINKS or _may_link(run, tokens[j + 1]))
        ):
            run += tokens[j : j + 2]
            j += 1
        else:
            break
        j += 1
    return run


def _may_link(run: list[_Token], following: _Token) -> bool:
    """Tell whether "of" or "for" may join two parts of one name: not after a person ("Ann Hay of Mill Street")."""
    people = first_names(), _words_of("title")
    return following.text.lower() not in first_names() and not any(run[0].text.lower() in words for words in people)


def _joined(text: str, left: _Token, right: _Token) -> bool:
    gap = text[left.end : right.start]
    if gap.startswith(".") and len(left.text) > 1 and left.text.lower() not in _words_of("title"):
        return False
    return _GAP.fullmatch(gap) is not None


def _read_run(text: str, run: list[_Token]) -> list[Name]:
    """Return the name a run of capitalised words holds, less its titles and what merely starts the sentence."""
    function, titles = _words_of("function"), _words_of("title")
    lowered = [token.text.lower() for token in run]
    first = 0
    while first < len(run) and (re.split("['’]", lowered[first])[0] in function or _are_people(run, first)):
        first += 1
    person = _first_known(lowered, first)
    # the last title in the run, unless a body's word ends it ("Chief Constables' Council")
    ends_in_body = len(run) > first and (
        is_body_word(lowered[-1]) or (person is None and bool(_BODY_LINKS & set(lowered[first:])))
    )
    if len(run) >= first + 2 and _is_surname(text, run[first:]):
        ends_in_body = False
    last_title = first
    described = not ends_in_body and _is_described(lowered, first)
    first += described
    if not ends_in_body:
        while first < len(run) and (lowered[first] in _words_of("common") or _leads(lowered, first)):
            first += 1
        last_title = first
        for k in range(first, len(run)):
            if lowered[k] in titles and k + 1 < len(run):
                last_title = k + 1
    title_words = tuple(word for word in lowered[first:last_title] if word in titles)
    begin = last_title
    if not ends_in_body and (not title_words or _BODY_LINKS & set(lowered[begin:])):
        # "Union Chairman Gareth Davies", "Secretary of State for Health Jane Hay": the known first name starts the name
        begin = person if person is not None and person >= begin else begin
    body = run[begin:]
    if not body or len(body) > _MAX_WORDS or (len(body) == 1 and lowered[-1] in titles):
        return []
    words = tuple(token.text for token in body)
    start = run[first].start if title_words else body[0].start
    return [_name(text, start, body[-1].end, words, title_words, ends_in_body=ends_in_body, described=described)]


def _are_people(run: list[_Token], k: int) -> bool:
    """Tell whether word `k` is a plural that starts a sentence ("Residents"), not the name of a body."""
    if run[k].text.lower() not in _words_of("people"):
        return False
    following = run[k + 1 : k + 2]
    return not following or not following[0].text[0].isupper() or run[-1].text.lower() not in _words_of("body")


def _is_described(lowered: list[str], k: int) -> bool:
    """Tell whether word `k` says what somebody is before the name ("Owner Bo Lin", where a sentence starts)."""
    if k + 1 >= len(lowered) or noun_kind(lowered[k]) != "person" or lowered[k] in _words_of("title"):
        return False
    return k + 2 < len(lowered) or _given(lowered[k + 1]) is not None


def _leads(lowered: list[str], k: int) -> bool:
    """Tell whether word `k` is an adjective before a person's name ("Welsh Lowri Hay") and no part of a name."""
    if lowered[k] not in _words_of("adjective"):
        return False
    following = lowered[k + 1 : k + 2]
    return not following or following[0] in _words_of("title") or _given(following[0]) is not None


def _first_known(lowered: list[str], first: int) -> int | None:
    """Return where in a run the first name of a person stands, if a known one does with a word after it."""
    links = [k for k, word in enumerate(lowered) if word in _BODY_LINKS]
    for k in range(links[-1] + 1 if links else first, len(lowered) - 1):
        if _given(lowered[k]) is not None and (k == first or lowered[k] not in _words_of("ordinary")):
            return k
    return None


def _given(word: str) -> Gender | None:
    """Return the gender a first name tells, None where it is none ("Ann-Marie" is known by its first part)."""
    known = first_names().get(word.lower())
    return first_names().get(word.lower().partition("-")[0]) if known is None else known


def _is_surname(text: str, run: Sequence[_Token]) -> bool:
    """Tell whether the word for a place that ends two words is rather a surname: "Christine Hall said"."""
    titled = len(run) > 2 and run[-3].text.lower() in _words_of("title")
    return (
        run[-1].text.lower() in _words_of("surname")
        and _given(run[-2].text) is not None
        and (titled or len(run) == 2)
        and _PLACED.search(text, max(0, run[0].start - 12), run[0].start) is None
    )


def _name(
    text: str,
    start: int,
    end: int,
    words: tuple[str, ...],
    titles: tuple[str, ...],
    *,
    ends_in_body: bool,
    described: bool = False,
) -> Name:
    age = _AGE.match(text, end)
    known = _given(words[0])
    gender: Gender = next((g for t in titles if (g := _words_of("title")[t])), "")
    kind: Kind = "unknown"
    if ends_in_body or any(is_body_word(word) for word in words[1:-1] if not titles):
        kind = "body" if any(word.lower() in _words_of("body") for word in words) else "place"
    elif titles or age or described or (known is not None and len(words) > 1):
        kind = "person"
    elif len(words) == 1 and (words[0].isupper() and len(words[0]) > 1):
        kind = "body"
    elif len(words) == 1 and is_body_word(words[0]):
        kind = "body" if words[0].lower() in _words_of("body") else "place"
    if kind != "place" and text[end : end + 7] == ", which":
        kind = "body"
    if kind not in {"body", "place"} and not gender:
        gender = known or ""
    years = next((group for group in age.groups() if group), "") if age else ""
    return Name(start=start, end=end, words=words, titles=titles, gender=gender, kind=kind, age=years)


def _lower_name(text: str, tokens: list[_Token], i: int) -> Name | None:
    """Return the name that starts at token `i` of a text without capitals."""
    word = tokens[i].text.lower()
    following = [t for t in tokens[i + 1 : i + 3] if t.text.lower() not in _words_of("verb")]
    if not following or following[0] is not tokens[i + 1]:
        return None
    if word in _words_of("plain"):
        taken = following[: 2 if following[0].text.lower() in first_names() else 1]
        words = tuple(token.text for token in taken)
        return _name(text, tokens[i].start, taken[-1].end, words, (word,), ends_in_body=False)
    if word in first_names() and word not in _words_of("ordinary") and not is_body_word(following[0].text):
        words = (tokens[i].text, following[0].text)
        return _name(text, tokens[i].start, following[0].end, words, (), ends_in_body=False)
    return None
