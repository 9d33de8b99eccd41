"""Where quotations begin and end in a text, over sentences and paragraphs, with the marks British papers use.

Papers mix straight and curly, single and double marks; apostrophes look like closing single marks; a quotation that
runs over paragraphs repeats its opening mark and closes only at the end; and some never close. Nothing here raises:
a text made of marks alone has some quotations, or none.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

_MARK = re.compile(r"''|[\"“”„«»]|[‘’'`]")
_ELISION = re.compile(r"(?:em|til|cause|n|tis|twas|bout|cos|appen|av|alf|\d0s)\b", re.IGNORECASE)
_INCHES = re.compile(r"\d\s?(?:ft|foot|feet|')\s?\d{1,2}$")
_STOP = re.compile(r"[.!?…][\"”’']?(?=\s)")
_BEFORE_OPENING = frozenset("([{—–-:/,;\"“‘'«")
_RUN_ON_LINES = 4
"""Lines without a mark that a quotation may run over before a line that opens it again."""
_SPLIT_LINES = 8
"""Lines from which a text can be told to hold one sentence a line."""
_NEXT_SENTENCE = re.compile(r"[a-z]{3}[.!?][\"”’']?[ \t]+[\"“‘']?[A-Z]")
_LINE_STOP = re.compile(r"[.!?…][\"”’')]*\s*$")
_SPEECH = re.compile(
    r"\b(?:i|i['’]\w+|we|we['’]\w+|our|ours|us|my|me|you|you['’]\w+|your|\w+n['’]t|\w+['’](?:ll|ve|re|d)"
    r"|(?:that|it|there|here|what|he|she)['’]s)\b",
    re.IGNORECASE,
)
"""Words that stand in speech, hardly ever in a news paragraph."""
_LOOK_AHEAD = 40
"""Marks looked at to see how a quotation goes on; bounds the work on hostile text."""
_LONGEST_OPEN = 1_500
"""Characters a quotation without a closing mark may run on before a new opening mark is taken for a fresh start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """One stretch between quotation marks, marks included."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Mark:
    start: int
    end: int
    double: bool
    """False for a single mark."""
    opens: bool
    closes: bool
    curly: bool


def _read_mark(text: str, start: int, end: int) -> _Mark | None:
    """Return what a mark can do where it stands, None for an apostrophe or a sign for inches."""
    mark = text[start:end]
    previous = text[start - 1] if start else ""
    following = text[end] if end < len(text) else ""
    after_gap = not previous or previous.isspace()
    before_gap = not following or following.isspace()
    if mark in {"“", "„", "«"}:
        closes = before_gap and not after_gap
        return _Mark(start, end, double=True, opens=not closes, closes=closes, curly=True)
    if mark in {"”", "»"}:
        opens = after_gap and not before_gap
        return _Mark(start, end, double=True, opens=opens, closes=not opens, curly=True)
    if mark in {'"', "''"}:
        if _INCHES.search(text[max(0, start - 12) : start]):
            return None
        opens = not before_gap and (after_gap or previous in _BEFORE_OPENING)
        closes = not after_gap
        if not opens and not closes:
            opens = closes = True
        return _Mark(start, end, double=True, opens=opens, closes=closes, curly=False)
    if previous.isalnum() and following.isalnum():
        return None
    opens = (after_gap or previous in _BEFORE_OPENING) and not before_gap and mark != "’"
    closes = not after_gap and not following.isalnum() and mark != "‘"
    if opens and _ELISION.match(text, end):
        return None
    if not opens and not closes:
        return None
    return _Mark(start, end, double=False, opens=opens, closes=closes, curly=mark == "‘")


def find_quotations(text: str) -> tuple[Quotation, ...]:
    """Return the outermost quotations of `text` in order; quotations within quotations are part of them.

    A quotation that goes on over a line break is cut there, so that no piece holds a line break unless the mark
    that closes it stands in a later line.
    """
    marks = [m for hit in _MARK.finditer(text) if (m := _read_mark(text, hit.start(), hit.end())) is not None]
    breaks = [hit.start() for hit in re.finditer("\n", text)]
    run_on = partial(_run_on, text, breaks, split=_is_split(text, breaks))
    found: list[Quotation] = []
    opened: _Mark | None = None
    for i, mark in enumerate(marks):
        if opened is not None:
            stop = _broken_off(text, marks[i : i + _LOOK_AHEAD], opened, breaks, run_on)
            if stop is not None:
                found.append(Quotation(start=opened.start, end=stop))
                opened = None
        if opened is None:
            if mark.opens and (mark.double or _single_opens(text, marks, i, breaks)):
                opened = mark
        elif (end := _ended_by(text, marks, i, opened, breaks)) is not None:
            found.append(Quotation(start=opened.start, end=end))
            opened = None if mark.closes else mark
    if opened is not None:
        line_end = _line_end(text, opened.start, breaks)
        found.append(Quotation(start=opened.start, end=_reined_in(text, opened.start, line_end)))
    return tuple(q for q in found if q.end > q.start)


def _ended_by(text: str, marks: list[_Mark], i: int, opened: _Mark, breaks: list[int]) -> int | None:
    """Return where an open quotation ends if mark `i` closes it, or opens the next one."""
    mark = marks[i]
    if mark.double != opened.double:
        return None
    if mark.closes:
        return None if not mark.double and _is_possessive(text, marks, i, breaks) else mark.end
    return _end_before_reopening(text, opened, mark) if mark.double else None


def _line_end(text: str, position: int, breaks: list[int]) -> int:
    i = bisect_left(breaks, position)
    return breaks[i] if i < len(breaks) else len(text)


def _reined_in(text: str, start: int, end: int) -> int:
    """Return `end`, or the end of the first sentence where the quotation would be impossibly long."""
    if end - start <= _LONGEST_OPEN:
        return end
    stop = _STOP.search(text, start + 1, end)
    return stop.end() if stop else end


def _broken_off(
    text: str, marks: list[_Mark], opened: _Mark, breaks: list[int], run_on: Callable[[int, _Mark], int]
) -> int | None:
    """Return where an open quotation ended without a mark, if it did not live to the first of `marks`."""
    line_end = _line_end(text, opened.start, breaks)
    if marks[0].start < line_end:
        return None
    following = next((m for m in marks if m.double == opened.double), None)
    if following is None:
        return _reined_in(text, opened.start, line_end)
    if following.opens:
        return _reined_in(text, opened.start, run_on(line_end, following))
    if following.start - opened.start > _LONGEST_OPEN:
        return _reined_in(text, opened.start, line_end)
    return None


def _is_split(text: str, breaks: list[int]) -> bool:
    """Tell whether a text holds one sentence a line, so that its lines are no paragraphs."""
    return len(breaks) >= _SPLIT_LINES - 1 and _NEXT_SENTENCE.search(text) is None


def _run_on(text: str, breaks: list[int], line_end: int, following: _Mark, *, split: bool) -> int:
    """Return where a quotation left open at `line_end` ends, given the mark of its kind that opens next.

    Papers repeat the opening mark at every paragraph. A line without one belongs to the quotation only where the next
    mark opens a line that is nothing but quotation, and the line sounds like speech; or where the text has one sentence
    a line, so that nobody can tell its paragraphs.
    """
    first = bisect_left(breaks, line_end)
    last = bisect_left(breaks, following.start)
    between = range(first, last)
    if len(between) < 2 or text[breaks[last - 1] : following.start].strip():
        return line_end
    closing = text.find("\n", following.end)
    opens_again = text[following.end : closing if closing >= 0 else len(text)].rstrip(" .,")
    closes = re.search(r"[\"”»](?=\s|$)|''(?=\s|$)", opens_again[:-1])
    if following.double and closes:
        return line_end
    end = line_end
    for i in list(between)[: min(len(between) - 1, _RUN_ON_LINES)]:
        line = text[breaks[i] + 1 : breaks[i + 1]]
        if not line.strip():
            continue
        if len(line) > _LONGEST_OPEN or not _LINE_STOP.search(line[-8:]) or line.lstrip().startswith("("):
            break
        if not split and not _SPEECH.search(line):
            break
        end = breaks[i + 1]
    return end


def _single_opens(text: str, marks: list[_Mark], i: int, breaks: list[int]) -> bool:
    """Tell whether a single mark opens a quotation: it must close in its line, or start a line with a capital."""
    mark = marks[i]
    line_end = _line_end(text, mark.start, breaks)
    for later in marks[i + 1 : i + 1 + _LOOK_AHEAD]:
        if later.start >= line_end:
            break
        if not later.double and later.closes:
            return True
    starts_line = not text[max(0, mark.start - 200) : mark.start].rpartition("\n")[2].strip()
    following = text[mark.end : mark.end + 1]
    if following.isupper():
        return mark.curly or starts_line
    # archives without capitals have lost closing marks as well
    return following.isalpha() and text[max(0, mark.start - 300) : mark.end + 300].islower()


def _is_possessive(text: str, marks: list[_Mark], i: int, breaks: list[int]) -> bool:
    """Tell whether a closing single mark is rather the apostrophe of "the traders' stalls" inside a quotation."""
    mark = marks[i]
    if text[mark.start - 1 : mark.start].lower() != "s" or not re.match(r"\s[a-z]", text[mark.end : mark.end + 2]):
        return False
    line_end = _line_end(text, mark.start, breaks)
    for later in marks[i + 1 : i + 1 + _LOOK_AHEAD]:
        if later.start >= line_end or (not later.double and later.opens):
            return False
        if not later.double and later.closes:
            return True
    return False


def _end_before_reopening(text: str, opened: _Mark, mark: _Mark) -> int:
    """Return where a quotation without a closing mark ends, given the opening mark that follows it."""
    before = text[opened.end : mark.start].rstrip()
    introduced = before.endswith((":", ","))
    if introduced or mark.start - opened.start > _LONGEST_OPEN:
        stops = list(_STOP.finditer(text, opened.end, mark.start))
        if stops:
            return (stops[-1] if introduced else stops[0]).end()
    return opened.end + len(before)
