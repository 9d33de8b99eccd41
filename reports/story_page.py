"""A page for one read story: its whole text with the frames marked, what can be said of it, and why that may be wrong.

One self-contained HTML file like the weekly report: no script, no outside asset, no link made from the story, every
string of it escaped and harmless.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from corpora.records import FRAMES, Frame
from reports import page, wording
from reports.sayings import MEANING
from reports.story_marks import Mark, Piece, Segment, harmless, marks_of, paragraphs, segments, shown
from reports.story_names import capital, name
from reports.story_notes import LETTERS, LEVELS, Flag, Note, Own, Saying, notes, speaker_of
from reports.story_sayings import found, not_told, warnings

_MOST_TICKS = 600
"""Flagged sentences drawn in a lane of the strip; more could not be told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """Who says some sentences in a row."""

    numbers: tuple[int, ...]
    saying: Saying


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One paragraph and what stands beside it."""

    text: Markup
    beside: tuple[Note | Spoken, ...]
    """Notes, and who is quoted in sentences that have none; in the order of their sentences."""
    unread: bool
    """True where no sentence of it was read."""


def story_html(story: Mapping[str, str], reading: Mapping[str, Any]) -> str:
    """Render one story.

    Args:
        story: `id`, `title` and `text` as they were read.
        reading: The object that `sharedstory read` writes for it.
    """
    beside = notes(reading)
    text, left_out = shown(story["text"], reading["sentences"])
    css, digest = style()
    return (
        _environment()
        .get_template("story.html")
        .render(
            css=Markup(css),  # noqa: S704  our own files
            policy=page_policy(digest),
            title=_title(story, reading, beside),
            name=" ".join(harmless(story["title"]).split()) or "Story without a headline",
            headline_note=beside.get(0),
            coder=reading["coder"],
            codebook=reading["codebook"],
            count=len(reading["sentences"]),
            warnings=warnings(story),
            found=found(reading),
            not_told=not_told(story, reading),
            rows=tuple(_rows(text, reading["sentences"], beside)),
            left_out=left_out,
            strip=_strip(beside, len(reading["sentences"])),
            frames=FRAMES,
            letters=LETTERS,
            levels=LEVELS,
            wording=wording,
            meaning=MEANING,
        )
    )


def page_policy(digest: str) -> str:
    """The content security policy of the page: its own style sheet and nothing else."""
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def style() -> tuple[str, str]:
    """The report's style sheet with what a story adds, and its base64 SHA-256."""
    own = (resources.files("reports") / "templates" / "story.css").read_text(encoding="utf-8")
    css = page.style()[0] + own
    return css, base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()


@cache
def _environment() -> Environment:
    environment = page.environment_of_pages()
    environment.filters["said"] = _said
    return environment


_BDI, _PLACE = Markup("<bdi>{}</bdi>"), Markup('<a href="#s{}">{}</a>')


def _said(saying: Saying) -> Markup:
    """Write a saying: sentences of the story become links to them, the story's words are isolated."""
    done = Markup("")
    for part in saying:
        if isinstance(part, int):
            done += _PLACE.format(part, part or "the headline")
        else:
            done += _BDI.format(part) if isinstance(part, Own) and part else Markup("{}").format(part)
    return done


# The text


def _title(story: Mapping[str, str], reading: Mapping[str, Any], beside: Mapping[int, Note]) -> Markup:
    clean = harmless(story["title"])
    if reading["headline"] is None:
        return Markup("{}").format(clean.strip() or "Story without a headline")
    cut = segments(clean, 0, len(clean), marks_of(reading["headline"], noted=0 in beside))
    return _piece(Piece(number=0, segments=cut), beside)


def _rows(text: str, sentences: Sequence[Mapping[str, Any]], beside: Mapping[int, Note]) -> Iterator[Row]:
    for paragraph in paragraphs(text, sentences, beside):
        numbers = [piece.number for piece in paragraph if piece.number is not None]
        yield Row(
            text=Markup("").join(_piece(piece, beside) for piece in paragraph),
            beside=tuple(_beside(numbers, sentences, beside)),
            unread=not numbers,
        )


def _beside(
    numbers: Sequence[int], sentences: Sequence[Mapping[str, Any]], beside: Mapping[int, Note]
) -> Iterator[Note | Spoken]:
    said = {number: speaker_of(sentences[number - 1]) for number in numbers if number not in beside}
    for saying, run in itertools.groupby(numbers, key=said.get):
        if saying is None:
            yield from (beside[number] for number in run)
        elif saying:
            yield Spoken(numbers=tuple(run), saying=saying)


_SENTENCE = Markup('<span class="{}" id="s{}">{}{}</span>')
_NUMBER = Markup('<span class="verse" aria-hidden="true">{}</span>')
_REF = Markup('<a class="ref" href="#note-{}" aria-label="{}">{}{}</a>')
_LETTER = Markup('<span class="letter {} {}">{}</span>')
_OPEN = Markup('<span class="{}"{}>')
_OPEN_MARK = Markup('<mark class="{}"{}>')
_TITLE = Markup(' title="{}"')


def _piece(piece: Piece, beside: Mapping[int, Note]) -> Markup:
    inside = _nested(piece.segments)
    if piece.number is None:
        return inside
    note = beside.get(piece.number)
    if note is None:
        number = _NUMBER.format(piece.number) if piece.number else Markup("")
        return _SENTENCE.format("sentence", piece.number, number, inside)
    surest = max(note.flags, key=lambda flag: (flag.level != "contested", flag.probability))
    where = f"Sentence {note.number}" if note.number else "Headline"
    label = f"{where}: {'; '.join(flag.words for flag in note.flags)}. To its note."
    letters = Markup("").join(letter(flag) for flag in note.flags)
    ref = _REF.format(note.number, label, note.number or "", letters)
    return _SENTENCE.format(f"sentence noted {surest.frame} {surest.level}", piece.number, ref, inside)


def letter(flag: Flag) -> Markup:
    """The letter of a frame in a frame of lines, so that it is told without colour; crossed where it is rejected."""
    sign = LETTERS[flag.frame] + ("×" if flag.level == "contested" else "")
    return _LETTER.format(flag.frame, flag.level, sign)


def _nested(cut: Sequence[Segment]) -> Markup:
    """Write segments so that elements nest whatever their marks do: what crosses is closed and opened again."""
    done = Markup("")
    parts: list[Markup] = []
    standing: tuple[Mark, ...] = ()
    for segment in cut:
        kept = 0
        while kept < min(len(standing), len(segment.marks)) and standing[kept] == segment.marks[kept]:
            kept += 1
        parts += [_close(mark) for mark in reversed(standing[kept:])]
        parts += [_open(mark) for mark in segment.marks[kept:]]
        parts.append(Markup("{}").format(segment.text))
        standing = segment.marks
    parts += [_close(mark) for mark in reversed(standing)]
    return done.join(parts)


def _open(mark: Mark) -> Markup:
    if mark.kind == "said":
        return _OPEN.format("said", Markup(""))
    told = {
        "group": f"group: {wording.group_name(mark.code)}",
        "reference": f"taken to mean: {wording.group_name(mark.code)}",
        "cue": f"evidence: {name('evidence', mark.code)}",
        "structural": "structural cause",
    }[mark.kind]
    kinds = {"reference": "group reference", "structural": "structural"}
    return _OPEN_MARK.format(kinds.get(mark.kind, mark.kind), _TITLE.format(capital(told)))


def _close(mark: Mark) -> Markup:
    return Markup("</span>") if mark.kind == "said" else Markup("</mark>")


# Where in the story

_STRIP = Markup('<svg class="strip" viewBox="0 0 1000 14" preserveAspectRatio="none" aria-hidden="true">{}</svg>')
_LANE = Markup('<rect class="lane" x="0" y="0" width="1000" height="14"/>')
_TICK = Markup('<rect class="tick {} {}" x="{}" y="0" width="{}" height="14"/>')


def _strip(beside: Mapping[int, Note], count: int) -> tuple[tuple[Frame, Markup], ...]:
    """Draw where the flags stand in the story, one lane a frame; decoration, the words stand beside it."""
    flags = [(note.number, flag) for note in beside.values() for flag in note.flags if note.number]
    if not flags or not count:
        return ()
    wide = max(6.0, round(1000 / count, 1))
    lanes = []
    for frame in FRAMES:
        ticks = [
            _TICK.format(frame, flag.level, min(1000 - wide, round((number - 1) * 1000 / count, 1)), wide)
            for number, flag in flags
            if flag.frame == frame
        ]
        lanes.append((frame, _STRIP.format(_LANE + Markup("").join(ticks[:_MOST_TICKS]))))
    return tuple(lanes)
