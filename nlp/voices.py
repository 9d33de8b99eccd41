"""Whose words a sentence or a headline is: the voice alone of what `nlp.attribute` finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpora.records import Voice
from nlp.attribute import attribute, attribute_headline, needs_parse
from nlp.sayings import STANCES, Pieces, ReportingVerb, Stance, find_verbs, reporting_verbs

if TYPE_CHECKING:
    from spacy.tokens import Doc

__all__ = [
    "STANCES",
    "Pieces",
    "ReportingVerb",
    "Stance",
    "find_verbs",
    "headline_voice",
    "needs_parse",
    "reporting_verbs",
    "sentence_voice",
]


def sentence_voice(sentence: str, quoted: Pieces, doc: Doc | None = None) -> Voice:
    """Return the voice of one body sentence.

    Args:
        sentence: The sentence.
        quoted: Its quoted stretches.
        doc: Its parse where `needs_parse` asked for one.
    """
    return attribute(sentence, quoted, doc).voice


def headline_voice(title: str, quoted: Pieces) -> Voice:
    """Return the voice of a headline: HEADLINE, or DIRECT or MIXED where it quotes or names who says it."""
    return attribute_headline(title, quoted).voice
