"""What a reader needs in order to disagree: the words that name group, link, problem and "we", and what they add up to.

Problems, stance and structural cause are read here, sentence by sentence, from tables of words. They describe the
sentence if it carries a frame; whether it does is for a coder to say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from corpora.coding import Mark
from nlp.patterns import Matcher
from nlp.problems import Problem, find_problems
from nlp.reading import ReadSentence
from nlp.stances import Handling, find_stance
from nlp.structures import Structure, find_structure

LINKS: frozenset[str] = frozenset({"cause", "strain", "time_cause", "remedy", "zero_sum"})
"""Kinds of cues by which a group may be tied to a problem."""
_NO_GROUPS = frozenset({"ALL", "ELITE"})
_SHOWN: frozenset[str] = LINKS | {
    "boundary",
    "metaphor",
    "weak_metaphor",
    "desert",
    "generalise",
    "one_way",
    "join",
    "inclusive_all",
    "belonging",
    "two_way",
}
_READ = 4_000
"""Characters of one sentence that are read: no sentence is as long, broken pages are."""

_TO_BLAME = re.compile(
    r"\b(?:because of|due to|owing to|thanks to|caused by|down to|blam\w+(?: on)?|the fault of|driven by|brought by)"
    r"\s+(?:[\w'’-]+\s+){0,2}$",
    re.IGNORECASE,
)
"""What stands right before a group that is named as the cause."""
_BLAMED = re.compile(
    r"\W+(?:who \w+ )?(?:(?:are|were|is|was) (?:to blame|the (?:cause|reason|problem)|responsible for|behind)"
    r"|(?:have|has|had) (?:caused|ruined|wrecked|driven|brought|pushed|turned|filled|cost|destroyed|swamped))\b",
    re.IGNORECASE,
)
"""What stands right after one."""

_WE = (
    "we; us; our; ours; ourselves; we're; we've; we'll; we'd",
    "local[s]; local (people/residents/families/lads/folk); everyone; everybody; all of us; together; each other",
    "(ordinary/decent/normal/hard working/working/british/english/scottish/welsh) (people/families/folk/households)",
    "(villagers/townsfolk/residents/neighbours/taxpayers/patients/parents); the (whole/entire) ~ (town/village/street)",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Words of a sentence and what they are evidence of."""

    kind: str
    """`group`, `problem`, `structural`, `stance`, `we`, or a kind of cue (`cause`, `boundary` ...)."""
    start: int
    """Offset in the unit's text (the title, or the body); `text` is what stands there."""
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """What the words of one sentence say about blame, whoever may carry it."""

    problems: tuple[Problem, ...]
    """The likeliest first; empty where no group is named or carried and nothing links."""
    handling: Handling
    structure: Structure
    evidence: tuple[Evidence, ...]
    """In order of their start."""


@cache
def _we_matcher() -> Matcher[str]:
    return Matcher((pattern, "we") for pattern in _WE)


def appraise(
    read: ReadSentence, *, before: str = "", after: str = "", blamed: bool | None = None, leaning: float = 0.0
) -> Appraisal:
    """Return what the words of a read sentence say about blame.

    Args:
        read: The sentence.
        before: What stands before it in its paragraph.
        after: What stands after it in its paragraph.
        blamed: Whether a coder holds that it may carry blame; None leaves it to its words (group, problem and link).
            Words that name a group as the cause outright stand whatever the coder holds.
        leaning: Points for `CONTESTS` from elsewhere; see `nlp.stances.find_stance`.
    """
    text, base = read.span.text[:_READ], read.span.start
    groups = [(m.start - base, m.end - base) for m in read.mentions if m.group not in _NO_GROUPS]
    links = [(cue.start - base, cue.end - base) for cue in read.cues if cue.kind in LINKS]
    has_group = bool(groups or read.carried)
    problems: tuple[Problem, ...] = ()
    if has_group or blamed:
        problems = find_problems(text, anchors=[*groups, *links], taken=groups, offset=base)
    outright = bool(problems) and _named_as_cause(text, groups)
    may_blame = outright or (blamed if blamed is not None else has_group and bool(links) and bool(problems))
    handling = find_stance(
        text, voice=read.voice, before=before, after=after, groups=groups, leaning=leaning, offset=base
    )
    structure = find_structure(
        text,
        stance=handling.stance,
        blaming=may_blame,
        certain=blamed is True or outright,
        has_group=has_group,
        offset=base,
    )
    return Appraisal(
        problems=problems,
        handling=handling,
        structure=structure,
        evidence=_evidence(read, text, problems, handling, structure),
    )


def _named_as_cause(text: str, groups: Sequence[tuple[int, int]]) -> bool:
    return any(_TO_BLAME.search(text[max(0, s - 60) : s]) or _BLAMED.match(text, e) for s, e in groups)


def _evidence(
    read: ReadSentence, text: str, problems: tuple[Problem, ...], handling: Handling, structure: Structure
) -> tuple[Evidence, ...]:
    base = read.span.start
    marks = [Mark(kind="group", code=m.group, start=m.start, end=m.end) for m in read.mentions]
    marks += [cue for cue in read.cues if cue.kind in _SHOWN]
    marks += [Mark(kind="problem", code=p.code, start=p.start, end=p.end) for p in problems]
    marks += [Mark(kind="we", code="we", start=m.start + base, end=m.end + base) for m in _we_matcher().find(text)]
    for kind, one in (("stance", handling), ("structural", structure)):
        if one.start >= 0:
            marks.append(Mark(kind=kind, code=kind, start=one.start, end=one.end))
    spans = sorted({(mark.start, mark.end, mark.kind) for mark in marks if mark.end - base <= len(read.span.text)})
    return tuple(
        Evidence(kind=kind, start=start, end=end, text=read.span.text[start - base : end - base])
        for start, end, kind in spans
    )
