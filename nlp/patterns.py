"""A phrase table is compiled into one index by first word, so a sentence is scanned once however long the table is.

The tables in `nlp/data` are written in a small notation that a person who does not program can read and extend:

==============  ==========================================================================
notation        means
==============  ==========================================================================
``seeker[s]``   an optional ending; ``[new]`` as a whole word: an optional word
``blam(e/ed)``  one of these endings; ``mum/mother`` one of these words
``invad*``      any ending
``{people}``    any word of the list `people` in ``words.tsv``
``a b; c d``    either of two phrases
``~``           up to three words
``&``           the rest of a list of adjectives: "Polish, Syrian and Afghan families"
``Traveller``   a capital in the table must be a capital in the text; everything else is
                matched in any case, since some archives are all lower case
==============  ==========================================================================

A space in a pattern stands for spaces or hyphens in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Generic, TypeVar

from corpora.errors import NotReady

Payload = TypeVar("Payload")

_WORD = re.compile(r"[^\W_]+(?:['’‘][^\W_]+)*")
_SEPARATOR = r"['’‘]?[\s\-‐‑–]+"
_GAP = r"(?:[^\W_]+(?:['’‘][^\W_]+)*,?" + _SEPARATOR + r"){0,3}"
_CHAIN = r"(?:(?:\s*,\s*|\s*/\s*|\s+(?:and|or|&)\s+)[^\W_]+(?:[-'’][^\W_]+)*){0,4}"

# Letters of other alphabets that look like Latin ones, used to slip words past filters.
_LOOKALIKES = str.maketrans("аеорсухікАЕОРСУХІКМТВН", "aeopcyxikAEOPCYXIKMTBH")
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")


def read_table(name: str, columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the rows of `nlp/data/<name>` (tab-separated, first line names the columns, `#` starts a remark).

    Raises:
        NotReady: If the table is missing, empty or a row has the wrong number of cells: a list that silently
            lost its rows would make every count built on it silently smaller.
    """
    what_next = f"Restore nlp/data/{name} from the repository."
    try:
        lines = files("nlp").joinpath("data", name).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise NotReady(f"The table {name} is missing.", what_next=what_next) from None
    rows = [tuple(line.split("\t")) for line in lines if line.strip() and not line.startswith("#")]
    if not rows or rows[0] != columns or len(rows) < 2:
        raise NotReady(f"The table {name} is empty or does not start with {columns}.", what_next=what_next)
    for row in rows[1:]:
        if len(row) != len(columns):
            raise NotReady(f"{name}: {len(row)} cells where {len(columns)} belong: {row[:3]}", what_next=what_next)
    return rows[1:]


@cache
def word_lists() -> Mapping[str, tuple[str, ...]]:
    """Return the named word lists of `words.tsv`, written in the same notation as the patterns."""
    lists: dict[str, list[str]] = {}
    for name, words, _reason in read_table("words.tsv", ("list", "words", "reason")):
        lists.setdefault(name, []).extend(words.split(", "))
    return {name: tuple(words) for name, words in lists.items()}


def fold(text: str) -> tuple[str, list[int] | None]:
    """Return `text` without invisible characters and look-alike letters, and where each kept character stood.

    The second value is None where nothing was removed, so that offsets are those of `text`.
    """
    if text.isascii():
        return text, None
    if _CYRILLIC.search(text):
        text = text.translate(_LOOKALIKES)
    if not _INVISIBLE.search(text):
        return text, None
    kept = [i for i, character in enumerate(text) if not _INVISIBLE.match(character)]
    return "".join(text[i] for i in kept), kept


def _split(part: str, mark: str) -> list[str]:
    """Split at `mark` outside brackets."""
    pieces, depth, start = [], 0, 0
    for i, character in enumerate(part):
        depth += (character in "([{") - (character in ")]}")
        if character == mark and depth == 0:
            pieces.append(part[start:i])
            start = i + 1
    pieces.append(part[start:])
    return pieces


_BRACKET = re.compile(r"([(\[{])([^()\[\]{}]*)[)\]}]")


def _closing(piece: str, opening: int) -> int:
    """Return where the bracket that opens at `opening` closes.

    Raises:
        ValueError: If it never does.
    """
    depth = 0
    for i in range(opening, len(piece)):
        depth += (piece[i] in "([{") - (piece[i] in ")]}")
        if depth == 0:
            return i
    raise ValueError(f"a bracket is left open: {piece[:80]!r}")


def _spellings(part: str) -> list[str]:
    """Return every word (or words) one part of a pattern stands for; `*` is left in place.

    Brackets are taken from the outside in, so that a long list of words with optional endings inside brackets is as
    many spellings as it has, and not every combination of them.
    """
    spellings: list[str] = []
    for piece in _split(part, "/"):
        opening = next((i for i, character in enumerate(piece) if character in "([{"), -1)
        if opening < 0:
            spellings.append(piece)
            continue
        closing = _closing(piece, opening)
        inner = piece[opening + 1 : closing]
        if piece[opening] == "{":
            choices = [s for word in word_lists()[inner] for s in _spellings(word)]
        else:
            choices = _spellings(inner)
            if piece[opening] == "[":
                choices.append("")
        before, rest = piece[:opening], _spellings(piece[closing + 1 :])
        spellings += [before + choice + after for choice in choices for after in rest]
    return spellings


def _literal(spelling: str) -> str:
    """Return a regular expression for one spelling, capitals binding, everything else in any case."""
    words = []
    for word in re.split(r"[ \-]", spelling):
        stem = word.rstrip("*").removesuffix("'")
        letters = "".join(c if c.isupper() else f"(?i:{re.escape(c)})" for c in stem)
        if stem == stem.lower():
            letters = f"(?i:{re.escape(stem)})"
        words.append(letters.replace("'", "['’‘]") + (r"\w*" if word.endswith("*") else ""))
    return _SEPARATOR.join(words)


def _first_word(spelling: str) -> str:
    return re.split(r"[ \-&]", spelling)[0].lower().removesuffix("'")


def compile_pattern(pattern: str) -> list[tuple[str, tuple[str, ...], str]]:
    """Return (first word in lower case, heads, tail) for every first word `pattern` can start with.

    `heads` are regular expressions for what may stand at the start, to be tried in this order; `tail` is one for what
    must follow, the same for all first words, so that it is compiled once. Several phrases separated by semicolons
    share one table row because they share its reason.

    Raises:
        ValueError: If the pattern starts with a gap, an optional word or a stem, which could start anywhere.
    """
    phrases = _split(pattern, ";")
    if len(phrases) > 1:
        return [one for phrase in phrases for one in compile_pattern(phrase.strip())]
    parts = _split(pattern, " ")
    starts = _spellings(parts[0])
    if not pattern or parts[0] in {"~", "&"} or parts[0].startswith("[") or any("*" in s for s in starts):
        raise ValueError(f"a pattern must start with a whole word: {pattern!r}")
    tail, joined = "", False
    for part in parts[1:]:
        separator = "" if joined else _SEPARATOR
        joined = False
        if part == "~":
            tail += separator + _GAP
            joined = True
        elif part == "&":
            tail += _CHAIN
        elif part.startswith("[") and part.endswith("]") and _BRACKET.fullmatch(part):
            options = "|".join(_literal(s) for s in _spellings(part[1:-1]))
            tail += f"(?:{separator}(?:{options}))?" if separator else f"(?:(?:{options}){_SEPARATOR})?"
            joined = not separator
        else:
            longest_first = sorted(set(_spellings(part)), key=len, reverse=True)
            tail += separator + "(?:" + "|".join(_literal(s) for s in longest_first) + ")"
    by_first: dict[str, list[str]] = {}
    for spelling in sorted(set(starts), key=len, reverse=True):
        by_first.setdefault(_first_word(spelling), []).append(_literal(spelling))
    return [(word, tuple(heads), tail + r"(?!\w)") for word, heads in by_first.items()]


_Begins = Callable[[str, int], re.Match[str] | None]


@cache
def _compiled(expression: str) -> _Begins:
    return re.compile(expression).match


def _end_of(heads: Sequence[_Begins], tail: _Begins, text: str, position: int) -> int:
    """Return where a phrase that begins at `position` ends, -1 where it does not."""
    for head in heads:
        begun = head(text, position)
        if begun is not None:
            ended = tail(text, begun.end())
            if ended is not None:
                return ended.end()
    return -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Match(Generic[Payload]):
    """One place where a pattern of a table matched; offsets in the text that was scanned."""

    start: int
    end: int
    payload: Payload


class Matcher(Generic[Payload]):
    """Finds all phrases of a table in a text in one pass over its words.

    Args:
        rules: (pattern in the notation above, what to return where it matches).
    """

    def __init__(self, rules: Iterable[tuple[str, Payload]]) -> None:
        # Compiled when the word is first met: most of some five thousand expressions are never needed in a run.
        self._waiting: dict[str, list[tuple[tuple[str, ...], str, Payload]]] = {}
        self._ready: dict[str, list[tuple[list[_Begins], _Begins, Payload]]] = {}
        for pattern, payload in rules:
            for word, heads, tail in compile_pattern(pattern):
                self._waiting.setdefault(word, []).append((heads, tail, payload))
        if not self._waiting:
            raise ValueError("a matcher without patterns would find nothing, silently")

    def _rules(self, word: str) -> list[tuple[list[_Begins], _Begins, Payload]] | None:
        rules = self._ready.get(word)
        if rules is None and word in self._waiting:
            rules = [
                ([_compiled(head) for head in heads], _compiled(tail), payload)
                for heads, tail, payload in self._waiting[word]
            ]
            self._ready[word] = rules
        return rules

    def find(self, text: str) -> list[Match[Payload]]:
        """Return all matches in order of their start; matches of different patterns may overlap."""
        folded, kept = fold(text)
        found: list[Match[Payload]] = []
        ready, waiting, lookup = self._ready.get, self._waiting, self._rules
        lowered = folded.lower()
        if len(lowered) != len(folded):  # a few letters (Turkish capital I with a dot) grow when made small
            lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in folded)
        for word in _WORD.finditer(lowered):
            key = word[0]
            rules = ready(key) or (lookup(key) if key in waiting else None)
            if rules is None:
                if key.isalnum():
                    continue
                # "council's" starts like "council"; a curly apostrophe is a straight one
                key = key.replace("’", "'").replace("‘", "'")
                rules = lookup(key) or (lookup(key.partition("'")[0]) if "'" in key else None)
                if rules is None:
                    continue
            position = word.start()
            for heads, tail, payload in rules:
                end = _end_of(heads, tail, folded, position)
                if end >= 0:
                    start = position
                    if kept is not None:
                        start, end = kept[start], kept[end - 1] + 1
                    found.append(Match(start=start, end=end, payload=payload))
        return found
