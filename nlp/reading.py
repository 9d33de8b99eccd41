"""A story read: its sentences, each with voice, speaker, groups named and referred to, and cue words.

The records can be imported without spaCy; `Reader` loads it when it reads for the first time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from corpora.coding import Mark, Unit
from corpora.records import Span, Voice
from nlp.attribute import attribute, attribute_headline, needs_parse
from nlp.attributions import Attribution, Speaker
from nlp.cues import find_cues
from nlp.groups import Mention, groups_of
from nlp.pieces import MAX_STORY, Piece, UnitText, body_pieces, capped, headline_piece, unit_piece
from nlp.speakers import Said, resolve_speakers

if TYPE_CHECKING:
    from nlp.english import English

__all__ = ["MAX_STORY", "Mention", "ReadSentence", "Reader", "Reading", "Unit", "UnitText"]

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSentence:
    """One sentence or headline with what its words say."""

    unit: Unit
    index: int
    """0 is the headline; body sentences count on from 1 (from 0 where the story has no title)."""
    paragraph: int
    """Number of the body's line, from 0, blank lines not counted; the headline's is 0."""
    span: Span
    """Offsets in the title (unit `headline`) or the text (unit `body`)."""
    voice: Voice
    attribution: Attribution
    """What is attributed and the words that name who says it, counted from the sentence's start."""
    speaker: Speaker | None
    """Who says it, as far as the story tells; None for the outlet's own words, and for single sentences."""
    mentions: tuple[Mention, ...]
    groups: tuple[str, ...]
    """Codes of `mentions`, sorted, each once."""
    carried: tuple[str, ...]
    """Codes that "they" or "these people" may inherit from the sentence before in the same paragraph."""
    references: tuple[Mention, ...]
    """Words ("they", "such families") that refer to a group named before, with its code."""
    cues: tuple[Mark, ...]
    """Cue words; `start` and `end` are offsets in the unit's text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One story, read."""

    sentences: tuple[ReadSentence, ...]
    capped: bool
    """True where the text was longer than `MAX_STORY` and only its beginning was read."""
    cut: int = 0
    """How many sentences were so long that they had to be cut at a space."""


class Reader:
    """Reads stories and single sentences.

    Args:
        english: The pipeline of `nlp.english`; loaded at the first reading when None.
    """

    def __init__(self, english: English | None = None) -> None:
        self._english = english

    @property
    def english(self) -> English:
        """The pipeline.

        Raises:
            NotReady: If the language package is not installed.
        """
        if self._english is None:
            from nlp import english

            self._english = english.load()
        return self._english

    def read_stories(self, items: Iterable[tuple[str, str]], *, batch: int = 64) -> Iterator[Reading]:
        """Read stories, in order.

        Args:
            items: (title, text) pairs; paragraphs of a text are separated by line breaks.
            batch: Stories read at once; bounds the memory taken.
        """
        waiting = iter(items)
        while stories := list(islice(waiting, batch)):
            yield from self._read_batch(stories)

    def read_units(self, rows: Iterable[UnitText], *, batch: int = 512) -> Iterator[ReadSentence]:
        """Read single sentences, unsplit: one record per row in order, its span the whole text, its index 0.

        Quotations opened in `before` go on, and groups named there may be carried. Nobody is resolved: a single
        sentence has no story to resolve its speaker in.
        """
        waiting = iter(rows)
        while units := list(islice(waiting, batch)):
            pieces = [unit_piece(row) for row in units]
            with self.english.memory():
                attributions = self._attributions(pieces)
            yield from (_read(piece, 0, said, None) for piece, said in zip(pieces, attributions, strict=True))

    def _read_batch(self, stories: Sequence[tuple[str, str]]) -> list[Reading]:
        texts = [capped(text) for _, text in stories]
        lines = [list(_LINE.finditer(text)) for text in texts]
        cut_up: list[tuple[list[Piece], int]] = []
        with self.english.memory():
            split = iter(list(self.english.sentences(line[0] for found in lines for line in found)))
            for (title, _), text, found in zip(stories, texts, lines, strict=True):
                body, cut = body_pieces(text, [(line.start(), *next(split)) for line in found])
                cut_up.append((headline_piece(title) + body, cut))
            attributions = iter(self._attributions([piece for pieces, _ in cut_up for piece in pieces]))
        done = []
        for (pieces, cut), text, (_, whole) in zip(cut_up, texts, stories, strict=True):
            own = list(islice(attributions, len(pieces)))
            speakers = resolve_speakers([_said(piece, said) for piece, said in zip(pieces, own, strict=True)])
            sentences = tuple(map(_read, pieces, range(len(pieces)), own, speakers))
            done.append(Reading(sentences=sentences, capped=len(text) < len(whole), cut=cut))
        return done

    def _attributions(self, pieces: Sequence[Piece]) -> list[Attribution]:
        """Tell what each piece attributes, parsing where only a parse can tell."""
        asked = [i for i, p in enumerate(pieces) if p.unit == "body" and needs_parse(p.span.text, p.quoted)]
        parsed: dict[int, Attribution] = {}
        for i, doc in zip(asked, self.english.parse(pieces[i].span.text for i in asked), strict=True):
            parsed[i] = attribute(pieces[i].span.text, pieces[i].quoted, doc)
        return [
            attribute_headline(piece.span.text, piece.quoted)
            if piece.unit == "headline"
            else parsed.get(i) or attribute(piece.span.text, piece.quoted)
            for i, piece in enumerate(pieces)
        ]


def _said(piece: Piece, attribution: Attribution) -> Said:
    return Said(
        text=piece.span.text,
        start=piece.span.start,
        paragraph=piece.paragraph,
        headline=piece.unit == "headline",
        attribution=attribution,
        continues=piece.continues,
        mentions=piece.mentions,
    )


def _read(piece: Piece, index: int, attribution: Attribution, speaker: Speaker | None) -> ReadSentence:
    return ReadSentence(
        unit=piece.unit,
        index=index,
        paragraph=piece.paragraph,
        span=piece.span,
        voice=attribution.voice,
        attribution=attribution,
        speaker=speaker,
        mentions=piece.mentions,
        groups=groups_of(piece.mentions),
        carried=piece.carried,
        references=piece.references,
        cues=find_cues(piece.span.text, offset=piece.span.start),
    )
