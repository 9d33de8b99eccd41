"""Who blames whom for what: a sentence read as blamer, target, problem and link, with the remedy it asks for.

A quad is a reading of the sentence *if* it blames. It holds for every sentence that has a group and a problem, or a
group and words that link; whether it blames is for a coder to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nlp.attributions import Speaker
from nlp.blamers import Blamer, BlamerKind, find_blamer
from nlp.evidence import LINKS, Appraisal
from nlp.groups import Mention
from nlp.links import Link, LinkKind, find_links, find_remedy
from nlp.problems import NamedProblem, Problem, name_problems
from nlp.reading import ReadSentence
from nlp.stances import Stance
from nlp.structures import Structure
from nlp.ties import Tie, find_targets, tie_targets

__all__ = ["MOST", "Blamer", "BlamerKind", "LinkKind", "Quad", "find_quads"]

MOST = 3
"""Quads of one sentence."""
_READ = 4_000
_BEFORE = 600
_ALSO = 1.5
"""A further target is read where it falls behind the first by no more than this."""
_WORTH = {"problem": 2.0, "setting": 1.0}
_APPRAISED, _RANK, _SIDE = 1.5, 0.4, 0.5
_FAR, _PER_CHARACTERS = 90, 60.0
_PLURAL = re.compile(r"(?:s|people|men|women|children|folk)$", re.IGNORECASE)
_BESIDE = re.compile(r"[\s-]+(?:[\w’']+[\s-]+)?")
_TROUBLE = re.compile(
    r"\s+(?:problems?|nuisance|crisis|menace|epidemic|wave|spree|chaos|misery|row|nightmare|blight)\b", re.IGNORECASE
)
_CUE_KINDS: dict[str, LinkKind] = {
    "cause": "active",
    "strain": "active",
    "time_cause": "time",
    "remedy": "remedy",
    "zero_sum": "zero_sum",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quad:
    """One reading of a sentence as blame; offsets in the unit's text."""

    blamer: Blamer
    target: Mention
    """Its `start` is -1 and its `text` empty where only the sentence before names the group."""
    problem: Problem
    """Code OTHER over the words of the link where the sentence names no problem."""
    link_kind: LinkKind
    link: tuple[int, int] | None
    remedy: tuple[int, int] | None
    structure: Structure
    stance: Stance


def find_quads(
    read: ReadSentence,
    *,
    appraisal: Appraisal,
    speaker: Speaker | None,
    references: tuple[Mention, ...] = (),
    before: str = "",
) -> tuple[Quad, ...]:
    """Return the readings of a sentence as blame, the likeliest first, at most `MOST`.

    No two have both target and problem in common.

    Args:
        read: The sentence.
        appraisal: What `nlp.evidence.appraise` says of it.
        speaker: Who says it, None for the outlet.
        references: Groups that words of the sentence refer to without naming them ("they", "the camp").
        before: What stands before it in its paragraph, for groups it carries.
    """
    base, text = read.span.start, read.span.text[:_READ]
    mentions = (*read.mentions, *references)
    links = _links(read, text)
    named = [(m.start - base, m.end - base) for m in mentions if m.start - base >= 0]
    problems = name_problems(text, taken=named)
    if not (links or problems) and appraisal.structure.cause == "NA":
        return ()
    # Without words that link or any "they", the group of the sentence before is no part of this one.
    earlier = before[-_BEFORE:] if links or read.carried else ""
    targets = find_targets(text, mentions, read.carried, earlier, offset=base)
    speaking = (speaker.start - base, speaker.end - base) if speaker and speaker.start >= 0 else None
    remedy = find_remedy(text, [(m.start - base, m.end - base) for m in targets if m.start >= 0])
    links += _compounds(text, targets, problems, base)
    links += _as_link(remedy, links)
    ties = tie_targets(text, targets, links, speaking=speaking, offset=base)
    quads: dict[tuple[str, str], Quad] = {}
    likely = [one for one in problems if remedy is None or one.end <= remedy[0] or remedy[1] <= one.start]
    for tie, problem in _pairs(ties, likely or problems, appraisal, base):
        key = (tie.target.group, problem.code)
        if key not in quads and len(quads) < MOST:
            quads[key] = Quad(
                blamer=find_blamer(read, text, tie.link, speaker),
                target=tie.target,
                problem=problem,
                link_kind=tie.link.kind if tie.link else "juxtaposed",
                link=(tie.link.start + base, tie.link.end + base) if tie.link else None,
                remedy=(remedy[0] + base, remedy[1] + base) if remedy else None,
                structure=appraisal.structure,
                stance=appraisal.handling.stance,
            )
    return tuple(quads.values())


def _links(read: ReadSentence, text: str) -> list[Link]:
    """Return the links of a sentence; its cue words stand in, a little, where they say more than the table."""
    links = list(find_links(text))
    for cue in read.cues:
        start, end = cue.start - read.span.start, cue.end - read.span.start
        if cue.kind in LINKS and end <= len(text) and all(end <= one.start or one.end <= start for one in links):
            kind = _CUE_KINDS[cue.kind]
            links.append(Link(kind=kind, before="any", after="any", blamer="speaker", points=1, start=start, end=end))
    return links


def _compounds(text: str, targets: Sequence[Mention], problems: Sequence[NamedProblem], base: int) -> list[Link]:
    """Return the nouns that presuppose who is to blame: "the Traveller litter problem", "student rubbish"."""
    links = []
    for target in targets:
        start, end = target.start - base, target.end - base
        if target.start < 0 or _PLURAL.search(target.text):
            continue
        for one in problems:
            if one.weight == "problem" and end < one.start <= end + 20 and _BESIDE.fullmatch(text, end, one.start):
                more = _TROUBLE.match(text, one.end)
                stop = more.end() if more else one.end
                links.append(
                    Link(
                        kind="nominal", before="any", after="target", blamer="speaker", points=3, start=start, end=stop
                    )
                )
                break
    return links


def _as_link(remedy: tuple[int, int] | None, links: Sequence[Link]) -> list[Link]:
    """Return a remedy as a link, since it implies the cause, where no other words link at the same place."""
    if remedy is None or any(remedy[0] < one.end and one.start < remedy[1] for one in links):
        return []
    start, end = remedy
    return [Link(kind="remedy", before="target", after="target", blamer="speaker", points=1, start=start, end=end)]


def _pairs(
    ties: Sequence[Tie], problems: Sequence[NamedProblem], appraisal: Appraisal, base: int
) -> Iterator[tuple[Tie, Problem]]:
    """Yield target and problem together, the likeliest first: the best target with its problems, then the next."""
    for tie in ties:
        if tie.score < ties[0].score - _ALSO:
            return
        likely = _rank_problems(problems, tie, [p.code for p in appraisal.problems], base)
        if likely:
            yield tie, likely[0]
        elif tie.link:
            yield tie, Problem(code="OTHER", start=tie.link.start + base, end=tie.link.end + base)
        else:
            yield tie, Problem(code="OTHER", start=-1, end=-1)
    for tie in ties[:1]:
        for problem in _rank_problems(problems, tie, [p.code for p in appraisal.problems], base)[1:]:
            yield tie, problem


def _rank_problems(problems: Sequence[NamedProblem], tie: Tie, appraised: Sequence[str], base: int) -> list[Problem]:
    """Return the problems a tie may be about, the likeliest first, each code once.

    What `nlp.evidence` holds likeliest counts; so does standing near the link, on the side where its problem stands.
    """
    target = (tie.target.start - base, tie.target.end - base) if tie.target.start >= 0 else None
    link = tie.link
    best: dict[str, tuple[float, NamedProblem]] = {}
    for one in problems:
        worth = _WORTH[one.weight] * (0.4 if one.of_speaker else 1.0)
        if one.code in appraised:
            worth += _APPRAISED - _RANK * appraised.index(one.code)
        if link is not None:
            gap = max(one.start - link.end, link.start - one.end, 0)
            worth -= min(gap, _FAR) / _PER_CHARACTERS
            side = link.after if one.start >= link.start else link.before
            if side == "problem" or gap == 0:
                worth += _SIDE
        elif target is not None:
            worth -= min(max(one.start - target[1], target[0] - one.end, 0), _FAR) / _PER_CHARACTERS
        if one.code not in best or worth > best[one.code][0]:
            best[one.code] = (worth, one)
    ordered = sorted(best.values(), key=lambda item: (-item[0], item[1].start))
    if any(one.weight == "problem" for _, one in ordered):
        ordered = [item for item in ordered if item[1].weight == "problem"]
    return [Problem(code=one.code, start=one.start + base, end=one.end + base) for _, one in ordered]
