"""Which social problems a sentence ties to a group: the codes of codebook 4, each with the words that name it.

`nlp/data/problems.tsv` tells words that name a problem ("break-ins") from words that only name its setting
("police"). Problems outrank settings; what stands nearest to the causal words or the group outranks what stands in
the attribution or in a description of the speaker ("the school governor said").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from corpora.errors import NotReady
from nlp.cues import PROBLEMS
from nlp.patterns import Match, Matcher, read_table

Weight = Literal["problem", "setting"]
Stretch = tuple[int, int]

_WORTH: dict[str, float] = {"problem": 2.0, "setting": 1.0}
_NEAR = 60
"""Characters from an anchor within which a word counts in full."""
_FAR = 0.75
"""What a word beyond that distance is worth."""
_AGAIN = 0.5
"""What a second word for the same problem adds."""
_ALSO = 0.65
"""A further code is named where it is worth at least this share of the first."""
_MOST = 4
_SUM = re.compile(r"[£$€]\s?[\d.,]+\s?$")
_ROLE = re.compile(
    r"[\w'’-]*(?:\s[\w'’-]+)?\s(?:manager|convener|officer|spokes\w+|leader|minister|secretary|chief|director|chair\w*"
    r"|governor|trust|board|teacher|owner|agent|executive|association|union|commissioner|inspector|boss(?:es)?"
    r"|authority|campaigners?|watchdog|institute|committee)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem and the words that name it."""

    code: str
    """Code of codebook 4."""
    start: int
    """Offset in the text that was read."""
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedProblem:
    """One place where a text names a problem or its setting; offsets in the text that was read."""

    code: str
    weight: Weight
    start: int
    end: int
    of_speaker: bool
    """The words describe somebody by their office ("the school governor")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemWord:
    """One row of `problems.tsv`."""

    code: str
    weight: Weight
    pattern: str
    reason: str
    example: str


@cache
def problem_words() -> tuple[ProblemWord, ...]:
    """Return the rows of `problems.tsv`.

    Raises:
        NotReady: If the table is missing, names an unknown code or weight, or leaves a code without words.
    """
    rows = []
    for code, weight, pattern, reason, example in read_table(
        "problems.tsv", ("code", "weight", "pattern", "reason", "example")
    ):
        if weight not in _WORTH:
            raise NotReady(f"problems.tsv: unknown weight {weight}.")
        known: Weight = "problem" if weight == "problem" else "setting"
        rows.append(ProblemWord(code=code, weight=known, pattern=pattern, reason=reason, example=example))
    if {row.code for row in rows} != set(PROBLEMS):
        raise NotReady(f"problems.tsv and nlp.cues.PROBLEMS differ: {sorted({r.code for r in rows} ^ set(PROBLEMS))}.")
    return tuple(rows)


@cache
def _matcher() -> Matcher[tuple[str, str]]:
    return Matcher((row.pattern, (row.code, row.weight)) for row in problem_words())


def find_problems(
    text: str, *, anchors: Iterable[Stretch] = (), taken: Iterable[Stretch] = (), offset: int = 0
) -> tuple[Problem, ...]:
    """Return the problems of `text` (one sentence), the likeliest first, each code once.

    Args:
        text: One sentence or headline.
        anchors: Causal words and group mentions (offsets in `text`); words near them count more.
        taken: Group mentions: a word within one names the group, not the problem ("benefit claimants").
        offset: Added to every offset returned.
    """
    found = _matcher().find(text)
    if not found:
        return ()
    held, near = list(taken), list(anchors)
    kept = [match for match in _longest(found) if not _within(match, held) and _is_trouble(text, match)]
    worth: dict[str, float] = {}
    best: dict[str, tuple[float, Match[tuple[str, str]]]] = {}
    for match in kept:
        code, weight = match.payload
        value = _WORTH[weight] * (1.0 if _distance(match, near) <= _NEAR else _FAR)
        if _ROLE.match(text, match.start):
            value *= 0.4
        first = best.get(code)
        if first is None:
            worth[code], best[code] = value, (value, match)
        else:
            worth[code] = max(first[0], value) + _AGAIN * min(first[0], value) if value else worth[code]
            if value > first[0]:
                best[code] = (value, match)
    top = max(worth.values(), default=0.0)
    likely = [code for code in worth if worth[code] >= _ALSO * top]
    ordered = sorted(likely, key=lambda code: (-worth[code], best[code][1].start))
    if any(best[code][1].payload[1] == "problem" for code in ordered):
        ordered = [code for code in ordered if best[code][1].payload[1] == "problem"]
    if len(ordered) > 1 and "OTHER" in ordered and worth["OTHER"] < 2.0:
        ordered.remove("OTHER")
    return tuple(
        Problem(code=code, start=best[code][1].start + offset, end=best[code][1].end + offset)
        for code in ordered[:_MOST]
    )


def name_problems(text: str, *, taken: Iterable[Stretch] = ()) -> tuple[NamedProblem, ...]:
    """Return every place where `text` (one sentence) names a problem or its setting, in order of their start.

    Args:
        text: One sentence or headline.
        taken: Group mentions: a word within one names the group, not the problem.
    """
    held = list(taken)
    return tuple(
        NamedProblem(
            code=match.payload[0],
            weight="problem" if match.payload[1] == "problem" else "setting",
            start=match.start,
            end=match.end,
            of_speaker=_ROLE.match(text, match.start) is not None,
        )
        for match in _longest(_matcher().find(text))
        if not _within(match, held) and _is_trouble(text, match)
    )


def _is_trouble(text: str, match: Match[tuple[str, str]]) -> bool:
    """Tell a sum of money ("£3 million") from a number of people ("a million arrivals")."""
    if not text[match.start : match.start + 7].lower().startswith(("million", "billion")):
        return True
    return _SUM.search(text, max(0, match.start - 20), match.start) is not None


def _longest(found: Sequence[Match[tuple[str, str]]]) -> list[Match[tuple[str, str]]]:
    """Return matches less those that lie within a longer one of the same code, or as a setting within any other."""
    kept: list[Match[tuple[str, str]]] = []
    reach: dict[str, int] = {}
    furthest = 0
    for match in sorted(found, key=lambda m: (m.start, -m.end, m.payload[1])):
        code, weight = match.payload
        if match.end > reach.get(code, 0) and not (weight == "setting" and match.end <= furthest):
            reach[code] = match.end
            furthest = max(furthest, match.end)
            kept.append(match)
    return kept


def _within(match: Match[tuple[str, str]], held: Sequence[Stretch]) -> bool:
    return any(start <= match.start and match.end <= end for start, end in held)


def _distance(match: Match[tuple[str, str]], near: Sequence[Stretch]) -> int:
    return min((max(start - match.end, match.start - end, 0) for start, end in near), default=0)
