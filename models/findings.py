"""What is found in one sentence once reading and model are laid side by side: levels, stance, quads, subtypes.

Words say what a sentence would mean *if* it carries a frame; the model says how likely it is that it does. Here, and
only here, the two meet, so that `judge`, `read` and the stored labels cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from corpora.records import FRAMES, Frame
from models.details import CODES, Detail, neighbours_of, subtypes_of
from models.frames import Opinion
from models.layout import FramesManifest
from models.outputs import NAMES
from nlp.evidence import Appraisal, appraise
from nlp.framing import FrameVoice, frame_voice
from nlp.quads import Quad, find_quads
from nlp.reading import ReadSentence
from nlp.stances import leaning_of
from nlp.story_level import SentenceFinding

Level = Literal["", "triage", "count", "display"]
"""How sure: worth a look, likelier than not, sure enough to stand beside an outlet's name. Empty: none of them."""

MAY_BLAME, NO_BLAME = 0.1, 0.03
"""Probability of blame, active or contested, from which a sentence may carry it, so that a structural cause is looked
for, and below which it does not, whatever its words. In between its words decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """From which probability a frame is at which level; each maps `<frame>.<aspect>` to it."""

    display: Mapping[str, float]
    count: Mapping[str, float]
    triage: Mapping[str, float]

    @classmethod
    def of(cls, manifest: FramesManifest) -> Levels:
        """Return the levels a model was shipped with."""
        display = manifest.thresholds
        return cls(display=display, count=manifest.counting or display, triage=manifest.triage or display)

    def level(self, output: str, probability: float) -> Level:
        """Return the highest level a probability of `<frame>.<aspect>` reaches."""
        display = self.display[output]
        if probability >= display:
            return "display"
        if probability >= self.count.get(output, display):
            return "count"
        return "triage" if probability >= self.triage.get(output, display) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One sentence, read and judged."""

    read: ReadSentence
    said: Mapping[str, float]
    """`<frame>.<aspect>` to probability."""
    levels: Mapping[Frame, Level]
    """Of the active aspect."""
    appraisal: Appraisal
    quads: tuple[Quad, ...]
    """The likeliest reading first; what the sentence says *if* it blames."""
    subtypes: Mapping[Frame, tuple[Detail, ...]]
    """For frames at some level only."""
    neighbours: tuple[Detail, ...]
    voice: FrameVoice
    """Whose frame it would be (codebook 4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the model says of one sentence."""

    frames: Mapping[str, float]
    """`<frame>.<aspect>` to probability."""
    details: Mapping[str, float]
    """Subtype or neighbour to probability."""
    shown: Mapping[str, tuple[int, int]]
    """Those of `details` that words show, and where in the unit."""


def each(opinion: Opinion) -> list[Said]:
    """Return what an opinion says of every sentence, rounded as it is stored."""
    return [
        Said(
            frames={name: round(float(value), 4) for name, value in zip(NAMES, frames, strict=True)},
            details={code: round(float(value), 4) for code, value in zip(CODES, details, strict=True)},
            shown=shown,
        )
        for frames, details, shown in zip(opinion.frames, opinion.details, opinion.shown, strict=True)
    ]


def find(read: ReadSentence, opinion: Said, levels: Levels, *, before: str, after: str) -> Finding:
    """Lay reading and model side by side.

    Args:
        read: The sentence.
        opinion: The model's.
        levels: The model's.
        before: What stands before it in its paragraph.
        after: What stands after it there.
    """
    said = opinion.frames
    appraisal = appraise(read, before=before, after=after, blamed=may_blame(said), leaning=leaning(said))
    reached: dict[Frame, Level] = {frame: levels.level(f"{frame}.active", said[f"{frame}.active"]) for frame in FRAMES}
    subtypes: dict[Frame, tuple[Detail, ...]] = {
        frame: subtypes_of(frame, opinion.details, opinion.shown)
        for frame in FRAMES
        if reached[frame] and frame != "blame"
    }
    quads = find_quads(read, appraisal=appraisal, speaker=read.speaker, references=read.references, before=before)
    return Finding(
        read=read,
        said=said,
        levels=reached,
        appraisal=appraisal,
        quads=quads,
        subtypes=subtypes,
        neighbours=neighbours_of(read, opinion.details, opinion.shown),
        voice=_voice(read, quads, before),
    )


def contexts(sentences: Sequence[ReadSentence]) -> list[tuple[str, str]]:
    """Return what stands before and after each sentence in its own paragraph (codebook 2)."""
    around = []
    for at, read in enumerate(sentences):
        here = (read.unit, read.paragraph)
        sides = []
        for other in (at - 1, at + 1):
            near = 0 <= other < len(sentences) and (sentences[other].unit, sentences[other].paragraph) == here
            sides.append(sentences[other].span.text if near else "")
        around.append((sides[0], sides[1]))
    return around


def may_blame(said: Mapping[str, float]) -> bool | None:
    """Tell whether the model holds that a sentence may carry blame; None leaves it to the words."""
    likeliest = max(said["blame.active"], said.get("blame.contested", 0.0))
    return True if likeliest >= MAY_BLAME else False if likeliest < NO_BLAME else None


def leaning(said: Mapping[str, float]) -> float:
    """Return what the model's probabilities say for or against `CONTESTS`, in points."""
    return leaning_of(
        active=max(said["us_them.active"], said["blame.active"]),
        contested=max(said.get("us_them.contested", 0.0), said.get("blame.contested", 0.0)),
    )


_FRAMING_CUES = frozenset({"boundary", "metaphor", "desert", "generalise", "one_way", "zero_sum"})


def _voice(read: ReadSentence, quads: Sequence[Quad], before: str) -> FrameVoice:
    """Return whose frame it is, from where the words that make it stand."""
    spans = [(cue.start, cue.end) for cue in read.cues if cue.kind in _FRAMING_CUES]
    for quad in quads[:1]:
        spans += [(one.start, one.end) for one in (quad.target, quad.problem) if one.start >= 0]
        spans += [quad.link] if quad.link else []
    return frame_voice(read, spans=spans, before=before)


def for_story(finding: Finding, levels: Levels) -> SentenceFinding:
    """Return what the story level needs to know of a sentence; a frame counts from the counting level on."""
    read = finding.read
    counted = {frame for frame, level in finding.levels.items() if level in {"count", "display"}}
    contested = {
        frame
        for frame in FRAMES
        if (p := finding.said.get(f"{frame}.contested")) is not None
        and levels.level(f"{frame}.contested", p) in {"count", "display"}
    }
    return SentenceFinding(
        unit=read.unit,
        index=read.index,
        voice=read.voice,
        speaker_groups=read.speaker.groups if read.speaker else (),
        speaker_resolved=read.speaker.resolved if read.speaker else "",
        groups=tuple(sorted({*read.groups, *(one.group for one in read.references)})),
        active=frozenset(counted),
        contested=frozenset(contested),
        targets=tuple(quad.target.group for quad in finding.quads[:1]) if "blame" in counted else (),
        structure=finding.appraisal.structure,
        problems=tuple(problem.code for problem in finding.appraisal.problems),
        text=read.span.text,
    )
