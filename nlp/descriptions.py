"""What kind of words name a speaker: a pronoun, a body, a paper, somebody's spokesman, a person, or several people.

`nlp/data/descriptions.tsv` holds the nouns. "The leader of the council" is described by its head, "leader".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast, get_args

from corpora.errors import NotReady
from nlp.patterns import read_table

Noun = Literal["body", "agents", "document", "voice", "plural", "person"]
Determiner = Literal["definite", "indefinite", "owned", "none"]

_HEAD_ENDS = re.compile(
    r"\s*[,;:(–—]|\s+(?:of|for|from|at|in|on|who|which|led|by|representing|with|near|behind|to|about|posted|sent|into"
    r"|published|issued|made|read|written|released|signed|shared|given|seen|outside|inside|including|against|that|whose"
    r"|described|identified)\b",
    re.IGNORECASE,
)
_FIRST = re.compile(
    r"\s*(?:(the|that|this|these|those|both)|(an?|one|another|some|two|three|several|many|any|other|most)"
    r"|(his|her|its|their|my|our|your))\b",
    re.IGNORECASE,
)
_OF_TWO = re.compile(r"(?:mum|dad|mam|mother|father|parents?|grandmother|grandfather)-of")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_PRONOUN = re.compile(
    r"(?:(she|her)|(he|him)|(they|them|both)|(it|this|that|which|who))(?:\s+(?:all|both|also|then|later))?\Z",
    re.IGNORECASE,
)
_AGE = re.compile(r"\b(\d{1,3})[\s-]years?[\s-]olds?\b", re.IGNORECASE)
_READ = 300
_READ_SENTENCE = 1_000
_OPENING = 40
"""Characters of a sentence in which its subject is named, where no verb tells."""
_VERB = (
    r"(?=(?:has|have|had|is|are|was|were|will|would|can|could|did|does|do|may|might|also|then|paid|took|went|came|told"
    r"|gave|made|put|held|wrote|left|led|spoke|met|won|said|says|heard|began|found|got|knew|lost|ran|runs|sat|set|stood"
    r"|(?:[a-z]{2,}ed))\b)"
)
_SUBJECT = re.compile(
    r"(?:(?:and|but|meanwhile|however|instead|earlier|later|also|now|today|yesterday),?\s+)?"
    r"((?:[^\W_]+(?:['’-][^\W_]+)*,?\s+){1,14}?)" + _VERB,
    re.IGNORECASE,
)
_LED_IN = re.compile(
    r"(?:in|on|at|after|before|when|while|as|with|for|from|by|since|during|following|under|over|because)\b[^,]{1,200},\s+",
    re.IGNORECASE,
)
_NO_SUBJECT = re.compile(
    r"(?:he|she|it|they|we|i|you|there|this|that|these|those|in|on|at|after|before|when|while|as|if|with|for|from|by"
    r"|since|during|following|under|over|because|who|which)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NounRow:
    """One row of `descriptions.tsv`."""

    kind: Noun
    words: tuple[str, ...]
    reason: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What the words that name a speaker are made of."""

    pronoun: Literal["she", "he", "they", "it", ""]
    kind: Noun | Literal[""]
    noun: str
    """The head in lower case, without a possessive ending; empty for a pronoun."""
    determiner: Determiner
    owner: str
    """The possessive pronoun the words start with, in lower case."""
    age: str
    head_end: int
    """Where the head's phrase ends, before "of", "for", "who" or a comma; counted from the start of the words."""


@cache
def noun_rows() -> tuple[NounRow, ...]:
    """Return the rows of `descriptions.tsv`.

    Raises:
        NotReady: If the table is missing or names an unknown kind.
    """
    rows = read_table("descriptions.tsv", ("kind", "words", "reason", "example"))
    for kind, *_ in rows:
        if kind not in get_args(Noun):
            raise NotReady(f"descriptions.tsv: unknown kind {kind}.")
    return tuple(
        NounRow(kind=cast("Noun", kind), words=tuple(words.split(", ")), reason=reason, example=example)
        for kind, words, reason, example in rows
    )


@cache
def _nouns() -> Mapping[str, Noun]:
    return {word: row.kind for row in reversed(noun_rows()) for word in row.words}


def noun_kind(noun: str) -> Noun | Literal[""]:
    """Return the kind of a noun in lower case, "" for one that is not in the table."""
    return _nouns().get(noun, "")


@cache
def is_firm(noun: str) -> bool:
    """Tell whether a noun is one of a firm, whose name need not hold it."""
    return noun in noun_rows()[0].words


def describe(words: str) -> Description:
    """Return what kind of words name a speaker."""
    words = words[:_READ].rstrip(" ,")
    pronoun = _PRONOUN.match(words.strip())
    first = _FIRST.match(words)
    stop = _HEAD_ENDS.search(words, first.end() if first else 1) if words else None
    head_end = stop.start() if stop is not None else len(words)
    found = _WORD.findall(words, 0, head_end) if pronoun is None else []
    noun = re.sub(r"['’]s?$", "", found[-1].lower()) if found else ""
    age = _AGE.search(words)
    years = age[1] if age is not None and age.end() >= head_end else ""
    return Description(
        pronoun=_PRONOUNS[pronoun.lastindex - 1] if pronoun is not None and pronoun.lastindex else "",
        kind="person" if years else _kind(noun),
        noun=noun,
        determiner=_DETERMINERS[first.lastindex - 1] if first is not None and first.lastindex else "none",
        owner=first[3].lower() if first is not None and first[3] else "",
        age=years,
        head_end=head_end,
    )


def _kind(noun: str) -> Noun | Literal[""]:
    known = _nouns().get(noun) or _nouns().get(noun.rpartition("-")[2])
    if known is not None:
        return known
    return "person" if noun.endswith(("woman", "man", "person")) or _OF_TWO.match(noun) else ""


_PRONOUNS: tuple[Literal["she", "he", "they", "it"], ...] = ("she", "he", "they", "it")
_DETERMINERS: tuple[Determiner, ...] = ("definite", "indefinite", "owned")


def has_no_subject(sentence: str) -> bool:
    """Tell whether a sentence starts with a pronoun or a preposition, not with whom it is about."""
    return _NO_SUBJECT.match(sentence) is not None


def find_subject(sentence: str) -> tuple[int, int] | None:
    """Return the words before the first verb of a sentence, (start, end), past an "In 2010, " that leads in."""
    text = sentence[:_READ_SENTENCE]
    led_in = _LED_IN.match(text)
    begin = led_in.end() if led_in is not None else 0
    phrase = _SUBJECT.match(text, begin) if _NO_SUBJECT.match(text, begin) is None else None
    if phrase is None:
        return None
    return phrase.start(1), phrase.start(1) + len(phrase[1].rstrip(" ,"))


def subject_end(sentence: str) -> int:
    """Return where the first verb of a sentence may stand."""
    subject = find_subject(sentence)
    return subject[1] if subject is not None else _OPENING
