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
from collections.abc import Callable, Iterable, Mapping
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


def _spellings(part: str) -> list[str]:
    """Return every word (or words) one part of a pattern stands for; `*` is left in place."""
    spellings: list[str] = []
    waiting = _split(part, "/")
    while waiting:
        piece = waiting.pop(0)
        found = _BRACKET.search(piece)
        if found is None:
            spellings.append(piece)
            continue
        before, after = piece[: found.start()], piece[found.end() :]
        if found[1] == "{":
            choices = [s for word in word_lists()[found[2]] for s in _spellings(word)]
        else:
            choices = found[2].split("/")
            if found[1] == "[":
                choices.append("")
        waiting = [before + choice + after for choice in choices] + waiting
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


def compile_pattern(pattern: str) -> list[tuple[str, str]]:
    """Return (first word in lower case, regular expression) for every first word `pattern` can start with.

    Several phrases separated by semicolons share one table row because they share its reason.

    Raises:
        ValueError: If the pattern starts with a gap, an optional word or a stem, which could start anywhere.
    """
    phrases = _split(pattern, ";")
    if len(phrases) > 1:
        return [pair for phrase in phrases for pair in compile_pattern(phrase.strip())]
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
    return [(word, "(?:" + "|".join(heads) + ")" + tail + r"(?!\w)") for word, heads in by_first.items()]


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
        self._waiting: dict[str, list[tuple[str, Payload]]] = {}
        self._ready: dict[str, list[tuple[Callable[[str, int], re.Match[str] | None], Payload]]] = {}
        for pattern, payload in rules:
            for word, expression in compile_pattern(pattern):
                self._waiting.setdefault(word, []).append((expression, payload))
        if not self._waiting:
            raise ValueError("a matcher without patterns would find nothing, silently")

    def _rules(self, word: str) -> list[tuple[Callable[[str, int], re.Match[str] | None], Payload]] | None:
        rules = self._ready.get(word)
        if rules is None and word in self._waiting:
            rules = [(re.compile(expression).match, payload) for expression, payload in self._waiting[word]]
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
            for match, payload in rules:
                hit = match(folded, position)
                if hit is not None:
                    start, end = position, hit.end()
                    if kept is not None:
                        start, end = kept[start], kept[end - 1] + 1
                    found.append(Match(start=start, end=end, payload=payload))
        return found
