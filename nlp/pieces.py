"""What a story is cut into before anybody is heard: sentences with their quoted stretches and the groups they name."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from corpora.coding import Unit
from corpora.records import Span
from nlp.groups import Mention, carried_groups, find_mentions, groups_of
from nlp.quotes import Quotation, find_quotations
from nlp.references import find_references

MAX_STORY = 100_000
"""Characters of one story that are read; no local news story is as long, hostile or broken pages are."""
_MAX_HEADLINE = 2_000
_MAX_BEFORE = 600
"""Characters before a single sentence that are looked at, for open quotations and for "they"."""
_OTHER_BREAK = re.compile(r"[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_REMEMBERED = 3
"""Sentences before this one in which a group may have been named that "they" refers to."""


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
class Piece:
    """A sentence before its voice is known."""

    unit: Unit
    paragraph: int
    span: Span
    quoted: tuple[tuple[int, int], ...]
    """Stretches between quotation marks, counted from the sentence's start."""
    continues: bool
    """True where it begins inside a quotation that an earlier sentence opened."""
    mentions: tuple[Mention, ...]
    carried: tuple[str, ...]
    references: tuple[Mention, ...]


def capped(text: str) -> str:
    """Return the beginning of a text that is read, cut at a blank."""
    if len(text) <= MAX_STORY:
        return text
    blank = max(text.rfind(" ", 0, MAX_STORY), text.rfind("\n", 0, MAX_STORY))
    return text[: blank if blank > MAX_STORY // 2 else MAX_STORY]


def headline_piece(title: str) -> list[Piece]:
    """Return the headline as one piece, without the blanks around it; none where it is blank."""
    start = len(title) - len(title.lstrip())
    end = min(len(title.rstrip()), start + _MAX_HEADLINE)
    if start >= end:
        return []
    span = Span.of(title, start, end)
    return [
        Piece(
            unit="headline",
            paragraph=0,
            span=span,
            quoted=tuple((q.start, q.end) for q in find_quotations(span.text)),
            continues=False,
            mentions=find_mentions(span.text, offset=start),
            carried=(),
            references=(),
        )
    ]


def body_pieces(text: str, lines: list[tuple[int, list[tuple[int, int]], int]]) -> tuple[list[Piece], int]:
    """Return the pieces of a body and how many sentences had to be cut.

    Args:
        text: The body.
        lines: For each line its start, the sentences in it, and how many of them were cut.
    """
    quotations = find_quotations(_OTHER_BREAK.sub("\n", text))
    starts = [q.start for q in quotations]
    pieces: list[Piece] = []
    paragraph = cut = 0
    named: list[tuple[str, ...]] = []
    for line_start, sentences, cut_here in lines:
        before: tuple[str, ...] = ()
        cut += cut_here
        named = named[-1:]  # codebook 2: the paragraph, and the sentence before it
        for start, end in sentences:
            span = Span.of(text, line_start + start, line_start + end)
            mentions = find_mentions(span.text, offset=span.start)
            carried = carried_groups(span.text, mentions, before, offset=span.start)
            before = groups_of(mentions) or carried
            references = find_references(span.text, mentions, named[: -_REMEMBERED - 1 : -1], offset=span.start)
            named.append(groups_of((*mentions, *references)))
            quoted, continues = _within(quotations, starts, span.start, span.end)
            pieces.append(
                Piece(
                    unit="body",
                    paragraph=paragraph,
                    span=span,
                    quoted=quoted,
                    continues=continues,
                    mentions=mentions,
                    carried=carried,
                    references=references,
                )
            )
        paragraph += bool(sentences)
    return pieces, cut


def _within(
    quotations: Sequence[Quotation], starts: Sequence[int], start: int, end: int
) -> tuple[tuple[tuple[int, int], ...], bool]:
    """Return the quoted stretches of text[start:end], counted from `start`, and whether the first began before it."""
    found = []
    continues = False
    for quotation in quotations[max(0, bisect_right(starts, start) - 1) :]:
        if quotation.start >= end:
            break
        if quotation.end > start:
            continues = continues or quotation.start < start
            found.append((max(quotation.start, start) - start, min(quotation.end, end) - start))
    return tuple(found), continues


def unit_piece(row: UnitText) -> Piece:
    """Return a single sentence as a piece, its span the whole text."""
    span = Span.of(row.text, 0, len(row.text))
    looked_at = row.text[:MAX_STORY]
    mentions = find_mentions(looked_at)
    before = "" if row.is_headline else row.before[-_MAX_BEFORE:]
    whole = _OTHER_BREAK.sub("\n", f"{before} {looked_at}" if before else looked_at)
    offset = len(whole) - len(looked_at)
    quotations = find_quotations(whole)
    quoted, continues = _within(quotations, [q.start for q in quotations], offset, len(whole))
    earlier = groups_of(find_mentions(before)) if before else ()
    return Piece(
        unit="headline" if row.is_headline else "body",
        paragraph=0,
        span=span,
        quoted=quoted,
        continues=continues,
        mentions=mentions,
        carried=carried_groups(looked_at, mentions, earlier),
        references=find_references(looked_at, mentions, [earlier]) if earlier else (),
    )
