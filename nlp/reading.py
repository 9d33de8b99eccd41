"""A story read: its sentences, each with voice, groups named and carried, and cue words.

The records can be imported without spaCy; `Reader` loads it when it reads for the first time.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from corpora.coding import Mark, Unit
from corpora.records import Span, Voice
from nlp.cues import find_cues
from nlp.groups import Mention, carried_groups, find_mentions, groups_of
from nlp.quotes import Quotation, find_quotations
from nlp.voices import headline_voice, needs_parse, sentence_voice

if TYPE_CHECKING:
    from nlp.english import English

__all__ = ["MAX_STORY", "Mention", "ReadSentence", "Reader", "Reading", "Unit", "UnitText"]

MAX_STORY = 100_000
"""Characters of one story that are read; no local news story is as long, hostile or broken pages are."""
_MAX_HEADLINE = 2_000
_MAX_BEFORE = 600
"""Characters before a single sentence that are looked at, for open quotations and for "they"."""
_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_OTHER_BREAK = re.compile(r"[\r\v\f\x1c-\x1e\x85\u2028\u2029]")


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
    mentions: tuple[Mention, ...]
    groups: tuple[str, ...]
    """Codes of `mentions`, sorted, each once."""
    carried: tuple[str, ...]
    """Codes that "they" or "these people" may inherit from the sentence before in the same paragraph."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitText:
    """One sentence from a researcher's file, with what is known of its surroundings."""

    text: str
    before: str = ""
    """What stood before it in the same paragraph; may be empty."""
    headline: str = ""
    is_headline: bool = False

    def __post_init__(self) -> None:
        if not self.text:
            raise ValueError("a unit must have text")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A sentence before its voice is known."""

    unit: Unit
    paragraph: int
    span: Span
    quoted: tuple[tuple[int, int], ...]
    mentions: tuple[Mention, ...]
    carried: tuple[str, ...]


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

        Quotations opened in `before` go on, and groups named there may be carried.
        """
        waiting = iter(rows)
        while units := list(islice(waiting, batch)):
            pieces = [_unit_piece(row) for row in units]
            with self.english.memory():
                yield_ready = self._finish(pieces, [0] * len(pieces))
            yield from yield_ready

    def _read_batch(self, stories: Sequence[tuple[str, str]]) -> list[Reading]:
        texts = [_capped(text) for _, text in stories]
        lines = [list(_LINE.finditer(text)) for text in texts]
        with self.english.memory():
            split = iter(list(self.english.sentences(line[0] for found in lines for line in found)))
            pieces: list[_Piece] = []
            indexes: list[int] = []
            sizes: list[tuple[int, int]] = []
            for (title, _), text, found in zip(stories, texts, lines, strict=True):
                own = _headline_piece(title)
                body, cut = _body_pieces(text, [(line.start(), *next(split)) for line in found])
                own += body
                pieces += own
                indexes += range(len(own))
                sizes.append((len(own), cut))
            sentences = iter(self._finish(pieces, indexes))
        return [
            Reading(sentences=tuple(islice(sentences, size)), capped=len(text) < len(whole), cut=cut)
            for (size, cut), text, (_, whole) in zip(sizes, texts, stories, strict=True)
        ]

    def _finish(self, pieces: Sequence[_Piece], indexes: Sequence[int]) -> list[ReadSentence]:
        """Decide the voices, parsing where only a parse can tell, and build the records."""
        asked = [i for i, p in enumerate(pieces) if p.unit == "body" and needs_parse(p.span.text, p.quoted)]
        voices: dict[int, Voice] = {}
        for i, doc in zip(asked, self.english.parse(pieces[i].span.text for i in asked), strict=True):
            voices[i] = sentence_voice(pieces[i].span.text, pieces[i].quoted, doc)
        done = []
        for i, (piece, index) in enumerate(zip(pieces, indexes, strict=True)):
            sentence = piece.span.text
            if piece.unit == "headline":
                voice = headline_voice(sentence, piece.quoted)
            else:
                voice = voices.get(i) or sentence_voice(sentence, piece.quoted)
            done.append(
                ReadSentence(
                    unit=piece.unit,
                    index=index,
                    paragraph=piece.paragraph,
                    span=piece.span,
                    voice=voice,
                    mentions=piece.mentions,
                    groups=groups_of(piece.mentions),
                    carried=piece.carried,
                    cues=find_cues(sentence, offset=piece.span.start),
                )
            )
        return done


def _capped(text: str) -> str:
    """Return the beginning of a text that is read, cut at a blank."""
    if len(text) <= MAX_STORY:
        return text
    blank = max(text.rfind(" ", 0, MAX_STORY), text.rfind("\n", 0, MAX_STORY))
    return text[: blank if blank > MAX_STORY // 2 else MAX_STORY]


def _headline_piece(title: str) -> list[_Piece]:
    start = len(title) - len(title.lstrip())
    end = min(len(title.rstrip()), start + _MAX_HEADLINE)
    if start >= end:
        return []
    span = Span.of(title, start, end)
    return [
        _Piece(
            unit="headline",
            paragraph=0,
            span=span,
            quoted=tuple((q.start, q.end) for q in find_quotations(span.text)),
            mentions=find_mentions(span.text, offset=start),
            carried=(),
        )
    ]


def _body_pieces(text: str, lines: list[tuple[int, list[tuple[int, int]], int]]) -> tuple[list[_Piece], int]:
    """Return the pieces of a body and how many sentences had to be cut.

    Args:
        text: The body.
        lines: For each line its start, the sentences in it, and how many of them were cut.
    """
    quotations = find_quotations(_OTHER_BREAK.sub("\n", text))
    starts = [q.start for q in quotations]
    pieces: list[_Piece] = []
    paragraph = cut = 0
    for line_start, sentences, cut_here in lines:
        before: tuple[str, ...] = ()
        cut += cut_here
        for start, end in sentences:
            span = Span.of(text, line_start + start, line_start + end)
            mentions = find_mentions(span.text, offset=span.start)
            carried = carried_groups(span.text, mentions, before, offset=span.start)
            before = groups_of(mentions) or carried
            pieces.append(
                _Piece(
                    unit="body",
                    paragraph=paragraph,
                    span=span,
                    quoted=_within(quotations, starts, span.start, span.end),
                    mentions=mentions,
                    carried=carried,
                )
            )
        paragraph += bool(sentences)
    return pieces, cut


def _within(
    quotations: Sequence[Quotation], starts: Sequence[int], start: int, end: int
) -> tuple[tuple[int, int], ...]:
    """Return the quoted stretches of text[start:end], counted from `start`."""
    found = []
    for quotation in quotations[max(0, bisect_right(starts, start) - 1) :]:
        if quotation.start >= end:
            break
        if quotation.end > start:
            found.append((max(quotation.start, start) - start, min(quotation.end, end) - start))
    return tuple(found)


def _unit_piece(row: UnitText) -> _Piece:
    span = Span.of(row.text, 0, len(row.text))
    looked_at = row.text[:MAX_STORY]
    mentions = find_mentions(looked_at)
    before = "" if row.is_headline else row.before[-_MAX_BEFORE:]
    whole = _OTHER_BREAK.sub("\n", f"{before} {looked_at}" if before else looked_at)
    offset = len(whole) - len(looked_at)
    quotations = find_quotations(whole)
    return _Piece(
        unit="headline" if row.is_headline else "body",
        paragraph=0,
        span=span,
        quoted=_within(quotations, [q.start for q in quotations], offset, len(whole)),
        mentions=mentions,
        carried=carried_groups(looked_at, mentions, groups_of(find_mentions(before))) if before else (),
    )
