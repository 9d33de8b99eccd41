"""A read story for a terminal: what can be said of it, its sentences line by line, and a note under every finding.

Nothing of the story can command the screen: its text is made harmless before, and what has no width is left out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from corpora.records import Frame
from reports.story_marks import Mark, Piece, harmless, paragraphs, shown
from reports.story_names import capital
from reports.story_notes import LETTERS, Flag, Level, Note, Own, Saying, notes, speaker_of
from reports.story_sayings import found, not_told, warnings
from reports.wording import FRAME_NAMES

SIGNS: Mapping[Level, str] = {"display": "***", "count": "**", "triage": "*", "contested": "x"}
"""What stands after a frame's letter: the more stars, the surer; a cross where it is rejected."""
NARROWEST = 40
"""Columns below which nothing can be set; a smaller width is taken for this."""

_Run = tuple[str, str]
"""(text, codes of how it is set; empty for plain)."""
_FRAME_CODES: Mapping[Frame, str] = {"us_them": "35", "blame": "33", "shared_story": "32"}
_MARK_CODES: Mapping[str, str] = {"said": "3", "group": "1;36", "reference": "36", "cue": "4", "structural": "4;34"}
_MARK_NAMES: Mapping[str, str] = {
    "group": "a group named", "reference": "a word taken to mean one", "said": "somebody’s words",
    "cue": "words behind a flag", "structural": "a structural cause",
}  # fmt: skip
_GUTTER = 14
_TOLD = frozenset({"Kind", "Could also be", "Words behind it", "Remedy asked for"})
"""Rows of a note that a terminal shows; the page has them all."""
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})


def story_text(story: Mapping[str, str], reading: Mapping[str, Any], *, width: int, colour: bool) -> str:
    """Set one story for a terminal.

    Args:
        story: `id`, `title` and `text` as they were read.
        reading: The object that `sharedstory read` writes for it.
        width: Columns of the terminal.
        colour: Whether it shows colours; without them letters and signs say the same.
    """
    page = _Terminal(max(width, NARROWEST), colour=colour)
    return "\n".join(page.whole(story, reading)) + "\n"


def screen(text: str) -> str:
    """Return strangers' text as a terminal may have it: harmless, and without characters that have no width or name."""
    clean = harmless(text)
    if clean.isascii():
        return clean
    return "".join(one for one in clean if unicodedata.category(one) not in _UNSEEN)


def columns(text: str) -> int:
    """Columns that a text takes up."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(one) in {"W", "F"} for one in text)
    return len(text) + wide - sum(unicodedata.category(one) in {"Mn", "Me"} for one in text)


class _Terminal:
    """Sets runs of text in lines of one width."""

    def __init__(self, width: int, *, colour: bool) -> None:
        self._width, self._colour = width, colour

    def whole(self, story: Mapping[str, str], reading: Mapping[str, Any]) -> Iterator[str]:
        beside = notes(reading)
        yield from self._title(story, reading, beside)
        yield ""
        yield from self._lines([("A computer model flagged these sentences and no person has checked them.", "")])
        yield from self._lines([(" ".join(warnings(story)), "")])
        yield from self._heading("What was found")
        for label, sayings in found(reading):
            yield from self._lines([(label, "1")])
            for saying in sayings:
                yield from self._lines(_runs(saying), first="  - ", rest="    ")
        yield from self._heading("What cannot be told")
        for saying in not_told(story, reading):
            yield from self._lines(_runs(saying), first="  - ", rest="    ")
        yield from self._heading("The story")
        yield from self._story(story, reading, beside)

    def _title(self, story: Mapping[str, str], reading: Mapping[str, Any], beside: Mapping[int, Note]) -> Iterator[str]:
        yield from self._lines([(screen(story["title"]).strip() or "Story without a headline", "1")])
        if 0 in beside:
            yield from self._note(beside[0])

    def _story(self, story: Mapping[str, str], reading: Mapping[str, Any], beside: Mapping[int, Note]) -> Iterator[str]:
        sentences = reading["sentences"]
        text, left_out = shown(story["text"], sentences)
        if not text.strip():
            yield from self._lines([("There is no text below the headline.", "")])
        else:
            yield from self._key()
        last: Saying = ()
        for paragraph in paragraphs(text, sentences, beside):
            yield ""
            for piece in paragraph:
                if piece.number is None:
                    yield from self._unread(piece)
                    continue
                yield from self._sentence(piece, beside.get(piece.number))
                said = () if piece.number in beside else speaker_of(sentences[piece.number - 1])
                if said and said != last:
                    yield from self._aside(_runs(said, "2"))
                last = said
        if left_out:
            yield ""
            yield from self._lines(
                [(f"{left_out:,} more characters of the story were not read and are not shown.", "")]
            )

    def _key(self) -> Iterator[str]:
        letters = ", ".join(f"{LETTERS[frame]} {FRAME_NAMES[frame]}" for frame in LETTERS)
        signs = "*** fairly sure, ** less sure, * worth a look, x put into words and rejected (no flag)"
        yield from self._lines([(f"{letters}. {signs}.", "2")])
        if self._colour:
            marks = [(words, _MARK_CODES[kind]) for kind, words in _MARK_NAMES.items()]
            yield from self._lines([part for mark in marks for part in ((", ", ""), mark)][1:])

    def _sentence(self, piece: Piece, note: Note | None) -> Iterator[str]:
        runs = [(screen(cut.text), _codes(cut.marks)) for cut in piece.segments]
        flags = note.flags if note else ()
        gutter = " ".join(LETTERS[flag.frame] + SIGNS[flag.level] for flag in flags)
        signs = f"{gutter:>{_GUTTER - 5}} {piece.number or '':>3} "
        first = self._set(signs, _of(flags)) if flags else self._set(signs, "2")
        yield from self._lines(runs, first=first, rest=" " * _GUTTER, taken=columns(signs))
        if note:
            yield from self._note(note)

    def _unread(self, piece: Piece) -> Iterator[str]:
        text = "".join(screen(cut.text) for cut in piece.segments)
        if text.strip():
            yield from self._lines([(text, "2")], first="   (not read) ", rest=" " * _GUTTER)

    def _note(self, note: Note) -> Iterator[str]:
        for flag in note.flags:
            yield from self._aside([(f"{FRAME_NAMES[flag.frame]}:", _of([flag])), (f" {_level(flag)}", "")], note)
        rows = dict(note.rows)
        yield from self._aside([*_runs(note.gist), (" ", ""), *_runs(rows["How it is handled"]), (".", "")], note)
        for label, saying in (*note.chain, *note.rows):
            if label in _TOLD:
                yield from self._aside([(f"{label}: ", "2"), *_runs(saying)], note)
        yield from self._aside([("May be wrong: ", "2"), (" ".join(note.doubts), "")], note)

    def _aside(self, runs: Iterable[_Run], note: Note | None = None) -> Iterator[str]:
        bar = self._set("| ", _of(note.flags) if note else "2")
        before = " " * _GUTTER + bar
        yield from self._lines(runs, first=before, rest=before + "  ", taken=_GUTTER + 4)

    def _heading(self, text: str) -> Iterator[str]:
        yield ""
        yield self._set(text.upper(), "1")

    def _set(self, text: str, codes: str) -> str:
        return f"\x1b[{codes}m{text}\x1b[0m" if self._colour and codes and text else text

    def _lines(
        self, runs: Iterable[_Run], *, first: str = "", rest: str = "", taken: int | None = None
    ) -> Iterator[str]:
        """Set runs in lines that are no wider than the terminal; a word that is wider alone is cut."""
        at = taken if taken is not None else columns(first)
        room = max(8, self._width - max(at, columns(rest) if taken is None else at))
        line, used, before = "", 0, first
        for word in _words(runs, room):
            wide = sum(columns(text) for text, _ in word)
            if used and used + 1 + wide > room:
                yield (before + line).rstrip()
                line, used, before = "", 0, rest
            line += (" " if used else "") + "".join(self._set(text, codes) for text, codes in word)
            used += wide + bool(used)
        if line:
            yield (before + line).rstrip()


def _level(flag: Flag) -> str:
    return f"{flag.words.partition(', ')[2]}, {flag.odds}"


def _of(flags: Sequence[Flag]) -> str:
    """How the frame of a sentence is coloured: by its surest flag; a rejected one has no colour of its own."""
    surest = max(flags, key=lambda flag: (flag.level != "contested", flag.probability))
    return "2" if surest.level == "contested" else f"1;{_FRAME_CODES[surest.frame]}"


def _codes(marks: Iterable[Mark]) -> str:
    return ";".join(dict.fromkeys(_MARK_CODES[mark.kind] for mark in marks))


def _runs(saying: Saying, codes: str = "") -> list[_Run]:
    first = saying[0] if saying else ""
    parts = ["the headline" if part == 0 else screen(str(part)) for part in saying]
    if parts and not isinstance(first, Own):
        parts[0] = capital(parts[0])
    return [(part, codes) for part in parts]


def _words(runs: Iterable[_Run], room: int) -> Iterator[list[_Run]]:
    """Cut runs into words, each a list of runs without blanks; none wider than `room` columns."""
    word: list[_Run] = []
    used = 0
    for text, codes in runs:
        for at, part in enumerate(text.split(" ")):
            if at and word:
                yield word
                word, used = [], 0
            for piece in _pieces(part, room):
                wide = columns(piece)
                if used + wide > room and word:
                    yield word
                    word, used = [], 0
                word.append((piece, codes))
                used += wide
    if word:
        yield word


def _pieces(word: str, room: int) -> Iterator[str]:
    if not word:
        return
    if columns(word) <= room:
        yield word
        return
    half = max(1, room // 2)
    yield from (word[at : at + half] for at in range(0, len(word), half))
