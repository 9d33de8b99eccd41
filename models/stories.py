"""Whole stories read and judged, as plain objects: who says it, of whom, for what, and how sure the model is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from corpora.coding import Unit
from corpora.records import FRAMES
from models.findings import Finding, Levels, Said, contexts, each, find, for_story
from models.frames import FrameModel
from models.layout import CODEBOOK
from nlp.quads import Quad
from nlp.reading import Reader, Reading
from nlp.story_level import StoryLevel, story_level


class StoryReader:
    """Reads stories in full."""

    def __init__(self, reader: Reader, model: FrameModel) -> None:
        self._reader, self._model = reader, model
        self._levels = Levels.of(model.manifest)
        self.coder = model.manifest.coder

    def read(self, rows: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
        """Read stories (`id`, `text`, `title`), in order; one JSON-ready object each.

        Offsets count characters of the story's `text`, or of its `title` for the headline. The fields are described in
        `models/README.md`.
        """
        readings = list(self._reader.read_stories((row["title"], row["text"]) for row in rows))
        said = each(self._model.judge([read for reading in readings for read in reading.sentences]))
        done, at = [], 0
        for row, reading in zip(rows, readings, strict=True):
            done.append(self._story(row["id"], reading, said[at : at + len(reading.sentences)]))
            at += len(reading.sentences)
        return done

    def _story(self, story_id: str, reading: Reading, said: Sequence[Said]) -> dict[str, Any]:
        around = contexts(reading.sentences)
        findings = [
            find(read, one, self._levels, before=before, after=after)
            for read, one, (before, after) in zip(reading.sentences, said, around, strict=True)
        ]
        level = story_level([for_story(finding, self._levels) for finding in findings])
        headline = [self._sentence(one) for one in findings if one.read.unit == "headline"]
        return {
            "id": story_id,
            "coder": self.coder,
            "codebook": CODEBOOK,
            "capped": reading.capped,
            "headline": headline[0] if headline else None,
            "sentences": [self._sentence(one) for one in findings if one.read.unit == "body"],
            "story": _story_level(level),
        }

    def _sentence(self, finding: Finding) -> dict[str, Any]:
        read = finding.read
        content, speaker, base = read.attribution.content, read.speaker, read.span.start
        named = [(one.start, one.end, one.text, one.group, "name") for one in read.mentions]
        named += [(one.start, one.end, one.text, one.group, "reference") for one in read.references]
        frames: dict[str, Any] = {}
        for frame in FRAMES:
            frames[frame] = {
                "probability": finding.said[f"{frame}.active"],
                "contested": finding.said.get(f"{frame}.contested", 0.0),
                "flag": finding.levels[frame],
                "subtypes": [one.code for one in finding.subtypes.get(frame, ())],
                "voice": finding.voice,
                "stance": finding.appraisal.handling.stance,
            }
        evidence = [(one.kind, one.start, one.end, one.text) for one in finding.appraisal.evidence]
        for subtypes in finding.subtypes.values():
            evidence += [
                ("subtype", one.start, one.end, read.span.text[one.start - base : one.end - base])
                for one in subtypes
                if one.start >= 0
            ]
        return {
            "start": base,
            "end": read.span.end,
            "voice": read.voice,
            "content": None if content is None else [base + content[0], base + content[1]],
            "speaker": None
            if speaker is None
            else {
                **_stretch(speaker.start, speaker.end, speaker.text),
                "resolved": speaker.resolved,
                "role": speaker.role,
                "groups": list(speaker.groups),
            },
            "groups": [
                {"start": start, "end": end, "text": text, "group": group, "by": by}
                for start, end, text, group, by in sorted(named)
            ],
            "quads": [self._quad(quad, finding) for quad in finding.quads],
            "frames": frames,
            "neighbours": [one.code for one in finding.neighbours],
            "evidence": [
                {"kind": kind, "start": start, "end": end, "text": text}
                for kind, start, end, text in sorted(set(evidence), key=lambda one: (one[1], one[2], one[0]))
            ],
        }

    @staticmethod
    def _quad(quad: Quad, finding: Finding) -> dict[str, Any]:
        text, base = finding.read.span.text, finding.read.span.start

        def cut(start: int, end: int) -> dict[str, Any]:
            return _stretch(start, end, text[start - base : end - base] if start >= 0 else "")

        blamer, structure = quad.blamer, quad.structure
        return {
            "blamer": {
                "kind": blamer.kind,
                **_stretch(blamer.start, blamer.end, blamer.text),
                "resolved": blamer.resolved,
                "role": blamer.role,
            },
            "target": {"group": quad.target.group, **_stretch(quad.target.start, quad.target.end, quad.target.text)},
            "problem": {"code": quad.problem.code, **cut(quad.problem.start, quad.problem.end)},
            "link": {"kind": quad.link_kind, **(cut(*quad.link) if quad.link else _stretch(-1, -1, ""))},
            "remedy": cut(*quad.remedy) if quad.remedy else None,
            "structural_cause": {
                "value": structure.cause,
                "type": structure.type,
                **cut(structure.start, structure.end),
            },
            "stance": quad.stance,
            "probability": finding.said["blame.active"],
            "flag": finding.levels["blame"],
        }


def _stretch(start: int, end: int, text: str) -> dict[str, Any]:
    """Return a span as JSON has it; null offsets where no words stand for it."""
    return {"start": start, "end": end, "text": text} if start >= 0 else {"start": None, "end": None, "text": ""}


def _story_level(level: StoryLevel) -> dict[str, Any]:
    return {
        "frames": {
            frame: {
                "active": one.active,
                "outlet_voice": one.outlet_voice,
                "source_voice": one.source_voice,
                "contested": one.contested,
                "first_position": one.first_position,
                "headline_active": one.headline_active,
            }
            for frame, one in level.frames.items()
        },
        "structural_anywhere": {
            "named": level.structural_named,
            "types": list(level.structural_types),
            "sentence": level.structural_index,
        },
        "blamed_groups": list(level.blamed_groups),
        "target_group_quoted": level.target_group_quoted,
        "headline_body_gap": level.headline_body_gap,
        "episodic_thematic": level.episodic_thematic,
    }


def load_story_reader() -> StoryReader:
    """Load reader and model.

    Raises:
        NotReady: Set-up has not been run, or files are damaged.
    """
    return StoryReader(Reader(), FrameModel())


__all__ = ["StoryReader", "Unit", "load_story_reader"]
