"""Which words of a sentence say that somebody says something: verbs of saying, of charging, and "according to".

The words are rows of `nlp/data/reporting_verbs.tsv`, `charge_verbs.tsv` and `saying_nouns.tsv`. A word found here may
still be something else ("a claim form", "the firm claimed the title"); `nlp.contents` looks at the grammar around it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from corpora.errors import NotReady
from nlp.patterns import Match, Matcher, read_table

Stance = Literal["neutral", "distancing", "endorsing", "denying"]
STANCES: frozenset[str] = frozenset({"neutral", "distancing", "endorsing", "denying"})

Pieces = Sequence[tuple[int, int]]
"""Quoted stretches of a sentence in order, (start, end) in the sentence, marks included."""

WORDS = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
ACCORDING = re.compile(
    r"\b(?:according to (?!plan\b|schedule\b|age\b|need\b|taste\b)|in the words of\b|in the (?:opinion|view|eyes) of\b"
    r"|in (?:(?!in\b)\w+\s){0,4}\w+(?:'s|’s|s'|s’) (?:view|words|opinion|eyes|judgment)\b"
    r"|as \w+ \w+ (?:put|puts) it\b)",
    re.IGNORECASE,
)
_SO = re.compile(r"\bso[ -]\Z", re.IGNORECASE)
MAX_SAYINGS = 40
"""Words of saying looked at in one sentence; bounds the work on hostile text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportingVerb:
    """One row of `reporting_verbs.tsv`."""

    verb: str
    forms: str
    stance: Stance
    takes: frozenset[str]
    """that: a clause; to: an infinitive; name: names what is quoted; quote: only beside a quotation."""
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeVerb:
    """One row of `charge_verbs.tsv`: a verb that says something of somebody without a clause."""

    verb: str
    forms: str
    link: frozenset[str]
    """Words that lead to what is said, one of which must stand within reach of the verb: of, for, as, over."""
    reason: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SayingNoun:
    """One row of `saying_nouns.tsv`: a noun that may stand for somebody's words ("his claim that")."""

    noun: str
    forms: str
    reason: str
    example: str


@cache
def reporting_verbs() -> tuple[ReportingVerb, ...]:
    """Return the verbs of saying.

    Raises:
        NotReady: If the table is missing or names an unknown stance.
    """
    rows = read_table("reporting_verbs.tsv", ("verb", "forms", "stance", "takes", "example"))
    for row in rows:
        if row[2] not in STANCES:
            raise NotReady(f"reporting_verbs.tsv: unknown stance {row[2]}.")
    return tuple(
        ReportingVerb(
            verb=verb, forms=forms, stance=cast("Stance", stance), takes=frozenset(takes.split(",")), example=example
        )
        for verb, forms, stance, takes, example in rows
    )


@cache
def charge_verbs() -> tuple[ChargeVerb, ...]:
    """Return the verbs of charging and naming ("accuse of", "blame for").

    Raises:
        NotReady: If the table is missing or broken.
    """
    rows = read_table("charge_verbs.tsv", ("verb", "forms", "link", "reason", "example"))
    return tuple(
        ChargeVerb(verb=verb, forms=forms, link=frozenset(link.split(",")), reason=reason, example=example)
        for verb, forms, link, reason, example in rows
    )


@cache
def saying_nouns() -> tuple[SayingNoun, ...]:
    """Return the nouns that may stand for somebody's words.

    Raises:
        NotReady: If the table is missing or broken.
    """
    rows = read_table("saying_nouns.tsv", ("noun", "forms", "reason", "example"))
    return tuple(
        SayingNoun(noun=noun, forms=forms, reason=reason, example=example) for noun, forms, reason, example in rows
    )


@cache
def _verb_matcher() -> Matcher[ReportingVerb]:
    return Matcher((verb.forms, verb) for verb in reporting_verbs())


@cache
def _charge_matcher() -> Matcher[ChargeVerb]:
    return Matcher((verb.forms, verb) for verb in charge_verbs())


@cache
def _noun_matcher() -> Matcher[SayingNoun]:
    return Matcher((noun.forms, noun) for noun in saying_nouns())


def is_quoted(position: int, quoted: Pieces) -> bool:
    """Tell whether a position lies between quotation marks."""
    i = bisect_right(quoted, position, key=lambda piece: piece[0]) - 1
    return i >= 0 and position < quoted[i][1]


def find_verbs(sentence: str, quoted: Pieces = ()) -> list[Match[ReportingVerb]]:
    """Return forms of verbs of saying outside quotation marks; nouns that look alike are still among them."""
    return [
        m
        for m in _verb_matcher().find(sentence)
        if not is_quoted(m.start, quoted) and _SO.search(sentence, max(0, m.start - 4), m.start) is None
    ]


def find_charges(sentence: str, quoted: Pieces = ()) -> list[Match[ChargeVerb]]:
    """Return forms of verbs of charging outside quotation marks."""
    return [m for m in _charge_matcher().find(sentence) if not is_quoted(m.start, quoted)]


def find_nouns(sentence: str, quoted: Pieces = ()) -> list[Match[SayingNoun]]:
    """Return nouns of saying outside quotation marks."""
    return [m for m in _noun_matcher().find(sentence) if not is_quoted(m.start, quoted)]


def count_words(text: str) -> int:
    """Return the number of words."""
    return sum(1 for _ in WORDS.finditer(text))


def according_to(sentence: str, quoted: Pieces = ()) -> re.Match[str] | None:
    """Return the first "according to" or its like outside quotation marks."""
    return next((m for m in ACCORDING.finditer(sentence) if not is_quoted(m.start(), quoted)), None)
