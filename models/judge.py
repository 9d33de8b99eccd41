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
from nlp.reading import Reader, ReadSentence, UnitText

KEPT_FROM = 0.05
"""Labels below this probability are not stored: they are nearly all of them and say nothing. A story's reading
record says how many sentences were judged, so an absent label means 'below 0.05'."""


class Judge:
    """One coder: reads, then says how likely each frame is."""

    def __init__(self, reader: Reader, model: FrameModel) -> None:
        self._reader, self._model = reader, model
        manifest = model.manifest
        self.coder = Coder(
            name=manifest.coder,
            kind="model",
            digest=manifest.digest,
            codebook=manifest.codebook,
            thresholds=manifest.thresholds,
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
        """Code rows whose `text` is one sentence each (`title` and `before` give context)."""
        units = [UnitText(text=row["text"], before=row["before"], headline=row["title"]) for row in rows]
        read = list(self._reader.read_units(units))
        return self._rows([row["id"] for row in rows], read)

    def code_texts(self, rows: Sequence[dict[str, str]], *, headlines: bool) -> list[dict[str, Any]]:
        """Code rows whose `text` is a story each: one result a sentence, with a row for the title if asked."""
        readings = self._reader.read_stories((row["title"], row["text"]) for row in rows)
        ids, sentences = [], []
        for row, reading in zip(rows, readings, strict=True):
            for read in reading.sentences:
                if headlines or read.unit == "body":
                    ids.append(row["id"])
                    sentences.append(read)
        return self._rows(ids, sentences)

    def _rows(self, ids: Sequence[str], sentences: Sequence[ReadSentence]) -> list[dict[str, Any]]:
        out = []
        for row_id, read, row in zip(ids, sentences, self._model.predict(sentences), strict=True):
            said = {output: round(float(row[k]), 4) for k, output in enumerate(NAMES)}
            thresholds = self.coder.thresholds
            coded: dict[str, Any] = {
                "id": row_id,
                "unit": read.unit,
                "start": read.span.start,
                "end": read.span.end,
            }
            for frame in FRAMES:
                coded[frame] = said[f"{frame}.active"]
            for frame in FRAMES:
                coded[f"{frame}_flag"] = said[f"{frame}.active"] >= thresholds[f"{frame}.active"]
            coded["us_them_contested"] = said["us_them.contested"]
            coded["blame_contested"] = said["blame.contested"]
            coded["groups"] = list(read.groups)
            coded["voice"] = read.voice
            coded["coder"] = self.coder.name
            out.append(coded)
        return out


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
