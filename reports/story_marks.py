"""Where the marks of a read story stand in its text: paragraphs, sentences, stretches that nest, and nothing harmful.

A story is strangers' text. What could command a screen, turn the reading direction or pile up over other lines is
replaced one character for one, so that every offset of the reading still holds.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from corpora.codebook import load_codebook

MarkKind = Literal["said", "group", "reference", "cue", "structural"]

MOST_UNREAD = 600
"""Characters shown after the last sentence that was read."""

_BREAK = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_COMMANDS = dict.fromkeys((*range(9, 14), 28, 29, 30, 133, 8232, 8233), " ")
_COMMANDS |= {at: chr(0x2400 + at) for at in range(32) if at not in _COMMANDS}
_COMMANDS |= {0x7F: "\u2421", **{at: "\ufffd" for at in range(0x80, 0xA0) if at != 0x85}}
_TURNS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x2070), *range(0xFFF0, 0xFFFC))
_HARMLESS: Mapping[int, str] = _COMMANDS | dict.fromkeys((*_TURNS, 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)), "\ufffd")
_ACCENT = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"
_PILE = re.compile(f"([{_ACCENT}]{{3}})([{_ACCENT}]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A stretch of the text that is set off."""

    start: int
    end: int
    kind: MarkKind
    code: str = ""
    """Group code of `group` and `reference`, kind of evidence of `cue`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch over which the marks do not change."""

    start: int
    text: str
    """Harmless, as long as what stands in the story."""
    marks: tuple[Mark, ...]
    """From the outermost to the innermost; two neighbours share as many from the outside as they can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A sentence, or what stands between two."""

    number: int | None
    """Of the sentence, counted from 1 (0: the headline); None for what was not read."""
    segments: tuple[Segment, ...]


def harmless(text: str) -> str:
    """Replace control, direction and broken characters and piled accents, one character for one."""
    return _PILE.sub(lambda found: found[1] + "\u2060" * len(found[2]), text.translate(_HARMLESS))


def theirs(text: str, longest: int = 90) -> str:
    """Return words of the story for a note: harmless, on one line, cut at `longest` characters."""
    whole = " ".join(harmless(text[: 4 * longest]).split())
    return whole if len(whole) <= longest else whole[: longest - 1].rstrip() + "…"


@cache
def markable() -> frozenset[str]:
    """Codes of groups that are marked: those that may be blamed, so neither everyone nor the powerful."""
    return load_codebook().blamable()


def marks_of(sentence: Mapping[str, Any], *, noted: bool) -> list[Mark]:
    """Return the marks of one sentence.

    Args:
        sentence: A sentence of a reading.
        noted: True where the sentence has a note; elsewhere words that speak for a frame are not marked, since they
            would look like a finding.
    """
    marks = [
        Mark(
            start=one["start"],
            end=one["end"],
            kind="group" if one["by"] == "name" else "reference",
            code=one["group"],
        )
        for one in sentence["groups"]
        if one["group"] in markable()
    ]
    if sentence["content"] is not None:
        marks.append(Mark(start=sentence["content"][0], end=sentence["content"][1], kind="said"))
    for one in sentence["evidence"]:
        if one["kind"] == "structural":
            marks.append(Mark(start=one["start"], end=one["end"], kind="structural"))
        elif noted and one["kind"] != "group":
            marks.append(Mark(start=one["start"], end=one["end"], kind="cue", code=one["kind"]))
    return marks


def shown(text: str, sentences: Sequence[Mapping[str, Any]]) -> tuple[str, int]:
    """Return the text that is shown, and how many characters after it are not, since nothing of them was read."""
    end = min(len(text), max((one["end"] for one in sentences), default=0) + MOST_UNREAD)
    return text[:end], len(text[end:].strip())


def segments(text: str, start: int, end: int, marks: Sequence[Mark]) -> tuple[Segment, ...]:
    """Cut `text[start:end]` where a mark begins or ends; marks that reach beyond are cut to it.

    Args:
        text: The whole text, harmless.
        start: Where to begin.
        end: Where to stop.
        marks: May overlap in any way.
    """
    inside = sorted(
        (max(one.start, start), -min(one.end, end), one.kind, one.code, at)
        for at, one in enumerate(marks)
        if max(one.start, start) < min(one.end, end)
    )
    cuts = sorted({start, end, *(row[0] for row in inside), *(-row[1] for row in inside)})
    done = []
    for left, right in itertools.pairwise(cuts):
        over = tuple(marks[row[4]] for row in inside if row[0] <= left and -row[1] >= right)
        done.append(Segment(start=left, text=text[left:right], marks=over))
    return tuple(done)


def paragraphs(
    text: str, sentences: Sequence[Mapping[str, Any]], noted: Mapping[int, Any]
) -> Iterator[tuple[Piece, ...]]:
    """Yield the paragraphs of a story with every character of it but line breaks.

    Args:
        text: The story's text as it was read.
        sentences: Of the reading, in order.
        noted: Sentences that have a note, by number.
    """
    clean = harmless(text)
    pieces: list[Piece] = []
    at = 0
    for number, sentence in enumerate(sentences, start=1):
        start, end = max(at, sentence["start"]), min(len(text), sentence["end"])
        if start >= end:
            continue
        for one in _between(text, clean, at, start):
            if one is None:
                yield from _whole(pieces)
                pieces = []
            else:
                pieces.append(one)
        marks = marks_of(sentence, noted=number in noted)
        pieces.append(Piece(number=number, segments=segments(clean, start, end, marks)))
        at = end
    for one in _between(text, clean, at, len(text)):
        if one is None:
            yield from _whole(pieces)
            pieces = []
        else:
            pieces.append(one)
    yield from _whole(pieces)


def _between(text: str, clean: str, start: int, end: int) -> Iterator[Piece | None]:
    """Yield what stands between two sentences; None for a break between paragraphs."""
    at = start
    for found in _BREAK.finditer(text, start, end):
        if found.start() > at:
            yield Piece(number=None, segments=segments(clean, at, found.start(), ()))
        yield None
        at = found.end()
    if at < end:
        yield Piece(number=None, segments=segments(clean, at, end, ()))


def _whole(pieces: list[Piece]) -> Iterator[tuple[Piece, ...]]:
    if any(segment.text.strip() for piece in pieces for segment in piece.segments):
        yield tuple(pieces)
