"""What a story as a whole does with its frames: whose voice, contested or not, causes named, the blamed group heard.

Codebook 10. All is derived from what was found in the story's sentences; nothing is read into it. A blaming sentence
at the top with funding explained in paragraph 14 is not the same as total omission, and a paper that reports and rebuts
is not the same as one that asserts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Literal

from corpora.coding import Unit
from corpora.errors import NotReady
from corpora.records import FRAMES, Frame, Voice
from nlp.neighbours import find_neighbours
from nlp.patterns import Matcher, read_table
from nlp.structures import Structure, find_structure

EpisodicThematic = Literal["episodic", "thematic", "mixed", "cannot_tell"]
EpisodeKind = Literal["episodic", "thematic"]

_NAMED = frozenset({"NAMED_INSTEAD", "NAMED_ALSO"})
_OUTLET: frozenset[Voice] = frozenset({"OUTLET", "HEADLINE"})
_NO_TARGET = frozenset({"ALL", "ELITE"})
"""Codes of codebook 4.1 that are never the ones blamed or set apart."""
_AKIN: dict[str, frozenset[str]] = {
    "MIG_ASY": frozenset({"REF", "EUM"}),
    "REF": frozenset({"MIG_ASY"}),
    "EUM": frozenset({"MIG_ASY"}),
}
_MOST_READ = 400
"""Sentences whose words are read for the kind of story and for causes; no local news story has as many."""
_LIMIT = 2_000
"""Characters of one sentence that are read."""
_PER_SENTENCE = 3
"""Points one sentence can give to a kind, so that one list of figures does not decide for a story."""
_ENOUGH = 4
"""Points from which a kind of story can be told at all."""
_FEWEST = 2
"""Sentences that must speak for it."""
_MOSTLY = 0.7
"""Share of all points from which a story is of one kind rather than mixed."""
_NAMED_WITH_AGE = re.compile(r"\b[A-Z][\w'’-]+,\s\d\d,|\b\d\d[ -]year[ -]old\b")
_FIGURE = re.compile(r"\d%|\b\d{1,3}(?:,\d{3})+ (?:people|homes|households|children|families|pupils|patients|jobs)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceFinding:
    """What was found in one sentence, as far as the story needs it."""

    unit: Unit
    index: int
    """Position in the story: 0 is the headline where there is one."""
    voice: Voice
    speaker_groups: tuple[str, ...] = ()
    """Groups of codebook 4.1 that the story says the speaker belongs to."""
    speaker_resolved: str = ""
    """The fullest name or description of the speaker; empty where nobody speaks or nobody can be told."""
    groups: tuple[str, ...] = ()
    active: frozenset[Frame] = frozenset()
    contested: frozenset[Frame] = frozenset()
    """Frames put into words only to be denied or challenged; not active."""
    targets: tuple[str, ...] = ()
    """Groups that are blamed, where blame is active or contested."""
    structure: Structure
    problems: tuple[str, ...] = ()
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameLevel:
    """One frame in one story."""

    active: int
    """How many sentences carry it actively, the headline included."""
    outlet_voice: bool
    """In the outlet's own words, or in a headline that neither quotes nor attributes, at least once."""
    source_voice: bool
    """In quoted or reported words, at least once."""
    contested: bool
    first_position: int | None
    """Index of the first sentence that carries it actively; None where none does."""
    headline_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLevel:
    """One story, from its sentences."""

    frames: dict[Frame, FrameLevel]
    """All three frames, also those that do not occur."""
    blamed_groups: tuple[str, ...]
    """Groups actively blamed, in the order in which the story comes to them."""
    structural_named: bool
    structural_types: tuple[str, ...]
    """Codebook 4 `structural_type`, each once, in order."""
    structural_index: int | None
    """Index of the first sentence that names a structural cause."""
    target_group_quoted: bool | None
    """Whether anyone of a group blamed or set apart is quoted or reported; None where no such group is known."""
    headline_body_gap: bool | None
    """Whether the headline carries a frame that the body lacks or challenges; None without a headline or a body."""
    episodic_thematic: EpisodicThematic


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeWord:
    """One row of `episodes.tsv`."""

    kind: EpisodeKind
    weight: int
    pattern: str
    reason: str
    example: str


@cache
def episode_words() -> tuple[EpisodeWord, ...]:
    """Return the rows of `episodes.tsv`.

    Raises:
        NotReady: If the table is missing, holds an unknown kind or weight, or leaves a kind without words.
    """
    rows = []
    for kind, weight, pattern, reason, example in read_table(
        "episodes.tsv", ("kind", "weight", "pattern", "reason", "example")
    ):
        if weight not in {"1", "2"} or kind not in {"episodic", "thematic"}:
            raise NotReady(f"episodes.tsv: unknown kind {kind} or weight {weight}.")
        known: EpisodeKind = "episodic" if kind == "episodic" else "thematic"
        rows.append(EpisodeWord(kind=known, weight=int(weight), pattern=pattern, reason=reason, example=example))
    if len({row.kind for row in rows}) != 2:
        raise NotReady("episodes.tsv must hold the kinds episodic and thematic.")
    return tuple(rows)


@cache
def _matcher() -> Matcher[int]:
    return Matcher((row.pattern, number) for number, row in enumerate(episode_words()))


def story_level(sentences: Sequence[SentenceFinding]) -> StoryLevel:
    """Return what a story as a whole does (codebook 10).

    Two codes are the same people only where that is sensible when asking whether the target was heard: a refugee may
    speak for asylum seekers and the other way round, an EU migrant and a migrant may speak for each other, but an EU
    migrant is never taken for a refugee. No other codes stand for one another.

    A structural cause counts wherever in the story it stands. In a story that puts blame into words, sentences that
    name no group are read for one too: those about a problem the group is blamed for, and those about no problem that
    was recognised where their words say outright that policy or money is the reason (`nlp.neighbours`).

    Args:
        sentences: What was found in its sentences, in order, the headline (unit `headline`) included.
    """
    ordered = sorted(sentences, key=lambda sentence: sentence.index)
    frames = {frame: _frame_level(ordered, frame) for frame in FRAMES}
    causes = list(_causes(ordered))
    return StoryLevel(
        frames=frames,
        blamed_groups=_once(code for s in ordered if "blame" in s.active for code in _targets(s.targets)),
        structural_named=bool(causes),
        structural_types=_once(kind for _, kind in causes if kind),
        structural_index=causes[0][0] if causes else None,
        target_group_quoted=_target_quoted(ordered),
        headline_body_gap=_gap(ordered),
        episodic_thematic=_kind(ordered),
    )


def _once(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes))


def _targets(codes: Iterable[str]) -> list[str]:
    return [code for code in codes if code not in _NO_TARGET]


def _frame_level(sentences: Sequence[SentenceFinding], frame: Frame) -> FrameLevel:
    carrying = [s for s in sentences if frame in s.active]
    return FrameLevel(
        active=len(carrying),
        outlet_voice=any(s.voice in _OUTLET for s in carrying),
        source_voice=any(s.voice not in _OUTLET for s in carrying),
        contested=any(frame in s.contested for s in sentences),
        first_position=carrying[0].index if carrying else None,
        headline_active=any(s.unit == "headline" for s in carrying),
    )


def _causes(sentences: Sequence[SentenceFinding]) -> Iterable[tuple[int, str]]:
    """Yield (index, type) of every sentence that names a structural cause."""
    blaming = [s for s in sentences if "blame" in s.active or "blame" in s.contested]
    blamed_for = {problem for s in blaming for problem in s.problems}
    for sentence in sentences[:_MOST_READ]:
        structure = sentence.structure
        if blaming and structure.cause == "NA" and _is_about(sentence, blamed_for):
            structure = find_structure(sentence.text[:_LIMIT], stance="REPORTS", blaming=False)
        if structure.cause in _NAMED:
            yield sentence.index, structure.type


def _is_about(sentence: SentenceFinding, blamed_for: Collection[str]) -> bool:
    """Return whether a sentence that does not blame may give a rival reason for what a group is blamed for."""
    if sentence.problems:
        return any(problem in blamed_for for problem in sentence.problems)
    return any(found.code == "STRUCTURAL_ONLY" for found in find_neighbours(sentence.text))


def _target_quoted(sentences: Sequence[SentenceFinding]) -> bool | None:
    """Return whether anyone blamed or set apart is heard.

    Contested frames count too: a paper that rebuts a charge by asking those charged is what this is to tell.
    """
    targets: set[str] = set()
    for sentence in sentences:
        expressed = sentence.active | sentence.contested
        if "blame" in expressed:
            targets.update(_targets(sentence.targets))
        if "us_them" in expressed:
            targets.update(_targets(sentence.targets) or _targets(sentence.groups))
    if not targets:
        return None
    heard = {code for s in sentences if s.voice not in _OUTLET for code in s.speaker_groups}
    return any(target in heard or heard & _AKIN.get(target, frozenset()) for target in targets)


def _gap(sentences: Sequence[SentenceFinding]) -> bool | None:
    headline = [s for s in sentences if s.unit == "headline"]
    body = [s for s in sentences if s.unit == "body"]
    if not headline or not body:
        return None
    for frame in FRAMES:
        if not any(frame in s.active for s in headline):
            continue
        if not any(frame in s.active for s in body) or any(frame in s.contested for s in body):
            return True
    return False


def _kind(sentences: Sequence[SentenceFinding]) -> EpisodicThematic:
    """Return whether the story tells of one case or of the matter at large (Iyengar), from its words."""
    rows = episode_words()
    points: dict[EpisodeKind, int] = {"episodic": 0, "thematic": 0}
    speaking = 0
    for sentence in islice(sentences, _MOST_READ):
        text = sentence.text[:_LIMIT]
        here: dict[EpisodeKind, int] = {
            "episodic": 2 * (_NAMED_WITH_AGE.search(text) is not None),
            "thematic": 2 * (_FIGURE.search(text) is not None),
        }
        for number in {match.payload for match in _matcher().find(text)}:
            here[rows[number].kind] += rows[number].weight
        for kind, found in here.items():
            points[kind] += min(found, _PER_SENTENCE)
        speaking += any(here.values())
    total = sum(points.values())
    if speaking < _FEWEST or total < _ENOUGH:
        return "cannot_tell"
    share = points["episodic"] / total
    if share >= _MOSTLY:
        return "episodic"
    return "thematic" if share <= 1 - _MOSTLY else "mixed"
