"""How the model codes: reader and frame model together, as one more coder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy.typing as npt

from corpora.coding import CodedSentence, CodedStory, Coder, Mark
from corpora.records import FRAMES, Label, Story
from models.frames import FrameModel
from models.layout import CODEBOOK
from models.outputs import NAMES, OUTPUTS
from nlp.evidence import appraise
from nlp.reading import Reader, ReadSentence, UnitText

KEPT_FROM = 0.05
"""Labels below this probability are not stored: they are nearly all of them and say nothing. A story's reading
record says how many sentences were judged, so an absent label means 'below 0.05'."""
MAY_BLAME, NO_BLAME = 0.1, 0.03
"""Probability of blame, active or contested, from which a sentence may carry it, so that a structural cause is looked
for, and below which it does not, whatever its words. In between its words decide."""
LEANS, LEANS_AWAY = 0.3, 0.05
"""Probability of contested from which the model, where it also holds it likelier than active, speaks for CONTESTS
against the words; and its share of both below which a single weak word no longer makes a sentence contested."""


class Judge:
    """One coder: reads, then says how likely each frame is."""

    def __init__(self, reader: Reader, model: FrameModel) -> None:
        self._reader, self._model = reader, model
        manifest = model.manifest
        self._display, self._triage = manifest.thresholds, manifest.triage or manifest.thresholds
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
        every = [read for reading in readings for read in reading.sentences]
        probabilities = self._model.predict(every)
        coded, at = [], 0
        for story, reading in zip(stories, readings, strict=True):
            rows = probabilities[at : at + len(reading.sentences)]
            at += len(reading.sentences)
            labels = tuple(
                label
                for read, row in zip(reading.sentences, rows, strict=True)
                for label in self._labels(story.version_id, read, row)
            )
            labelled = {(label.unit, label.span.start) for label in labels}
            coded.append(
                CodedStory(
                    version_id=story.version_id,
                    coder=self.coder.name,
                    n_sentences=len(reading.sentences),
                    capped=reading.capped,
                    labels=labels,
                    sentences=tuple(
                        _sentence(read)
                        for read in reading.sentences
                        if read.groups or (read.unit, read.span.start) in labelled
                    ),
                )
            )
        return coded

    def _labels(self, version_id: str, read: ReadSentence, row: npt.NDArray[Any]) -> list[Label]:
        return [
            Label(
                story=version_id,
                unit=read.unit,
                span=read.span,
                frame=frame,
                aspect=aspect,
                probability=round(float(value), 4),
                coder=self.coder.name,
                codebook=CODEBOOK,
            )
            for (frame, aspect), value in zip(OUTPUTS, row, strict=True)
            if value >= KEPT_FROM
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
        return self._rows([row["id"] for row in rows], read, around)

    def code_texts(self, rows: Sequence[dict[str, str]], *, headlines: bool) -> list[dict[str, Any]]:
        """Code rows whose `text` is a story each: one result a sentence, with a row for the title if asked."""
        readings = self._reader.read_stories((row["title"], row["text"]) for row in rows)
        ids, sentences, around = [], [], []
        for row, reading in zip(rows, readings, strict=True):
            for read, context in zip(reading.sentences, _contexts(reading.sentences), strict=True):
                if headlines or read.unit == "body":
                    ids.append(row["id"])
                    sentences.append(read)
                    around.append(context)
        return self._rows(ids, sentences, around)

    def _rows(
        self, ids: Sequence[str], sentences: Sequence[ReadSentence], around: Sequence[tuple[str, str]]
    ) -> list[dict[str, Any]]:
        out = []
        probabilities = self._model.predict(sentences)
        for row_id, read, row, (before, after) in zip(ids, sentences, probabilities, around, strict=True):
            said = {output: round(float(row[k]), 4) for k, output in enumerate(NAMES)}
            found = appraise(read, before=before, after=after, blamed=_may_blame(said), leaning=_leaning(said))
            coded: dict[str, Any] = {
                "id": row_id,
                "unit": read.unit,
                "start": read.span.start,
                "end": read.span.end,
            }
            for frame in FRAMES:
                coded[frame] = said[f"{frame}.active"]
            for frame in FRAMES:
                coded[f"{frame}_flag"] = self._flag(f"{frame}.active", said[f"{frame}.active"])
            for frame in FRAMES:
                coded[f"{frame}_contested"] = said.get(f"{frame}.contested", 0.0)
            coded["groups"] = list(read.groups)
            coded["problems"] = [problem.code for problem in found.problems]
            coded["voice"] = read.voice
            coded["stance"] = found.handling.stance
            coded["structural_cause"] = found.structure.cause
            coded["evidence"] = [
                {"kind": one.kind, "start": one.start, "end": one.end, "text": one.text} for one in found.evidence
            ]
            coded["coder"] = self.coder.name
            out.append(coded)
        return out

    def _flag(self, output: str, probability: float) -> str:
        """`display`: sure enough for a page; `triage`: worth a reader's look; empty: neither."""
        display = self._display[output]
        if probability >= display:
            return "display"
        return "triage" if probability >= self._triage.get(output, display) else ""


def _contexts(sentences: Sequence[ReadSentence]) -> list[tuple[str, str]]:
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


def _may_blame(said: dict[str, float]) -> bool | None:
    likeliest = max(said["blame.active"], said.get("blame.contested", 0.0))
    return True if likeliest >= MAY_BLAME else False if likeliest < NO_BLAME else None


def _leaning(said: dict[str, float]) -> float:
    """Return points for `CONTESTS`: none where the model sees no frame, or is of two minds."""
    active = max(said["us_them.active"], said["blame.active"])
    contested = max(said.get("us_them.contested", 0.0), said.get("blame.contested", 0.0))
    if contested >= LEANS and contested > active:
        return 1.0
    return -0.5 if active >= MAY_BLAME and contested < LEANS_AWAY * (active + contested) else 0.0


def _sentence(read: ReadSentence) -> CodedSentence:
    groups = tuple(Mark(kind="group", code=one.group, start=one.start, end=one.end) for one in read.mentions)
    return CodedSentence(
        unit=read.unit,
        span=read.span,
        voice=read.voice,
        groups=read.groups,
        marks=tuple(sorted({*groups, *read.cues}, key=lambda mark: (mark.start, mark.end, mark.kind))),
    )


def load_judge() -> Judge:
    """Load reader and model.

    Raises:
        NotReady: Set-up has not been run, or files are damaged.
    """
    return Judge(Reader(), FrameModel())
