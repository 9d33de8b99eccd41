"""How the model codes: reader and frame model together, as one more coder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from corpora.coding import CodedSentence, CodedStory, Coder, Mark, SentenceDetail, StoryDetail
from corpora.records import FRAMES, Label, Story
from models.findings import Finding, Levels, contexts, each, find, for_story
from models.frames import FrameModel
from models.layout import CODEBOOK
from models.outputs import NAMES, OUTPUTS
from nlp.reading import Reader, ReadSentence, UnitText
from nlp.story_level import StoryLevel, story_level

KEPT_FROM = 0.05
"""Labels below this probability are not stored: they are nearly all of them and say nothing. A story's reading
record says how many sentences were judged, so an absent label means 'below 0.05'."""


class Judge:
    """One coder: reads, then says how likely each frame is."""

    def __init__(self, reader: Reader, model: FrameModel) -> None:
        self._reader, self._model = reader, model
        manifest = model.manifest
        self._levels = Levels.of(manifest)
        self.coder = Coder(
            name=manifest.coder,
            kind="model",
            digest=manifest.digest,
            codebook=manifest.codebook,
            thresholds=manifest.counting or manifest.thresholds,
            quality=manifest.quality,
        )

    def code(self, stories: Sequence[Story]) -> list[CodedStory]:
        """Code stories, in order."""
        readings = list(self._reader.read_stories((story.title, story.text) for story in stories))
        findings = self._find(
            [read for reading in readings for read in reading.sentences],
            [context for reading in readings for context in contexts(reading.sentences)],
        )
        coded, at = [], 0
        for story, reading in zip(stories, readings, strict=True):
            own = findings[at : at + len(reading.sentences)]
            at += len(reading.sentences)
            labels = tuple(label for one in own for label in self._labels(story.version_id, one))
            labelled = {(label.unit, label.span.start) for label in labels}
            coded.append(
                CodedStory(
                    version_id=story.version_id,
                    coder=self.coder.name,
                    n_sentences=len(reading.sentences),
                    capped=reading.capped,
                    labels=labels,
                    sentences=tuple(
                        _sentence(one)
                        for one in own
                        if one.read.groups or (one.read.unit, one.read.span.start) in labelled
                    ),
                    detail=_story(story_level([for_story(one, self._levels) for one in own])),
                )
            )
        return coded

    def _find(self, sentences: Sequence[ReadSentence], around: Sequence[tuple[str, str]]) -> list[Finding]:
        return [
            find(read, said, self._levels, before=before, after=after)
            for read, said, (before, after) in zip(sentences, each(self._model.judge(sentences)), around, strict=True)
        ]

    def _labels(self, version_id: str, found: Finding) -> list[Label]:
        return [
            Label(
                story=version_id,
                unit=found.read.unit,
                span=found.read.span,
                frame=frame,
                aspect=aspect,
                probability=found.said[name],
                coder=self.coder.name,
                codebook=CODEBOOK,
            )
            for (frame, aspect), name in zip(OUTPUTS, NAMES, strict=True)
            if found.said[name] >= KEPT_FROM
        ]

    def code_units(self, rows: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
        """Code rows whose `text` is one sentence each (`title`, `before` and `after` give context)."""
        units = [
            UnitText(
                text=row["text"],
                before=row["before"],
                headline=row["title"],
                is_headline=row.get("unit") == "headline",
            )
            for row in rows
        ]
        read = list(self._reader.read_units(units))
        around = [(row["before"], row.get("after", "")) for row in rows]
        return self._rows([row["id"] for row in rows], self._find(read, around))

    def code_texts(self, rows: Sequence[dict[str, str]], *, headlines: bool) -> list[dict[str, Any]]:
        """Code rows whose `text` is a story each: one result a sentence, with a row for the title if asked."""
        readings = self._reader.read_stories((row["title"], row["text"]) for row in rows)
        ids, sentences, around = [], [], []
        for row, reading in zip(rows, readings, strict=True):
            for read, context in zip(reading.sentences, contexts(reading.sentences), strict=True):
                if headlines or read.unit == "body":
                    ids.append(row["id"])
                    sentences.append(read)
                    around.append(context)
        return self._rows(ids, self._find(sentences, around))

    def _rows(self, ids: Sequence[str], findings: Sequence[Finding]) -> list[dict[str, Any]]:
        return [self._row(row_id, found) for row_id, found in zip(ids, findings, strict=True)]

    def _row(self, row_id: str, found: Finding) -> dict[str, Any]:
        read, appraisal = found.read, found.appraisal
        row: dict[str, Any] = {"id": row_id, "unit": read.unit, "start": read.span.start, "end": read.span.end}
        for frame in FRAMES:
            row[frame] = found.said[f"{frame}.active"]
        for frame in FRAMES:
            # What is counted in reports is likelier than not, and still below what may stand beside an outlet's name.
            row[f"{frame}_flag"] = "triage" if found.levels[frame] == "count" else found.levels[frame]
        for frame in FRAMES:
            row[f"{frame}_contested"] = found.said.get(f"{frame}.contested", 0.0)
        row["groups"] = list(read.groups)
        row["problems"] = [problem.code for problem in appraisal.problems]
        row["voice"] = read.voice
        row["frame_voice"] = found.voice
        row["stance"] = appraisal.handling.stance
        row["structural_cause"] = appraisal.structure.cause
        row["evidence"] = [
            {"kind": one.kind, "start": one.start, "end": one.end, "text": one.text} for one in appraisal.evidence
        ]
        row["coder"] = self.coder.name
        return row


def _sentence(found: Finding) -> CodedSentence:
    read = found.read
    groups = tuple(Mark(kind="group", code=one.group, start=one.start, end=one.end) for one in read.mentions)
    return CodedSentence(
        unit=read.unit,
        span=read.span,
        voice=read.voice,
        groups=read.groups,
        marks=tuple(sorted({*groups, *read.cues}, key=lambda mark: (mark.start, mark.end, mark.kind))),
        detail=_detail(found),
    )


def _detail(found: Finding) -> SentenceDetail:
    """Return what is kept of a sentence beyond its labels; of blame only where the model holds that it may be there."""
    read, appraisal = found.read, found.appraisal
    blames = found.quads if found.levels["blame"] else ()
    first = blames[0] if blames else None
    remedy = first.remedy if first is not None else None
    base = read.span.start
    return SentenceDetail(
        role=read.speaker.role if read.speaker else "",
        stance=appraisal.handling.stance if any(found.levels.values()) else "",
        blamer=first.blamer.kind if first is not None else "",
        targets=tuple(dict.fromkeys(quad.target.group for quad in blames)),
        problems=tuple(dict.fromkeys(quad.problem.code for quad in blames)),
        structural_cause=first.structure.cause if first is not None else "",
        remedy=read.span.text[remedy[0] - base : remedy[1] - base] if remedy is not None else "",
        subtypes=tuple(one.code for some in found.subtypes.values() for one in some),
        neighbours=tuple(one.code for one in found.neighbours),
        frame_voice=found.voice if any(found.levels.values()) else "",
    )


def _story(level: StoryLevel) -> StoryDetail:
    return StoryDetail(
        blamed_groups=level.blamed_groups,
        target_group_quoted=level.target_group_quoted,
        structural_named=level.structural_named,
        headline_body_gap=level.headline_body_gap,
        episodic_thematic=level.episodic_thematic,
    )


def load_judge() -> Judge:
    """Load reader and model.

    Raises:
        NotReady: Set-up has not been run, or files are damaged.
    """
    return Judge(Reader(), FrameModel())
