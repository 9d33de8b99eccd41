"""What the second coders said of the same sentences, what was decided, and how far the votes agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from corpora.agreement import Agreement, agree
from corpora.annotated import FOLDER, MARKS, Mark, read_lines
from corpora.codebook import Codebook
from corpora.errors import BadInput
from corpora.records import FRAMES, Frame

FILE = FOLDER / "second_coding.jsonl"
SEED = 20261124


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One coder's reading of one sentence."""

    us_them: Mark
    blame: Mark
    shared_story: Mark
    groups: tuple[str, ...]
    voice: str
    """Empty where no frame is expressed."""
    neighbour: str

    def mark(self, frame: Frame) -> Mark:
        """Label for one frame."""
        return {"us_them": self.us_them, "blame": self.blame, "shared_story": self.shared_story}[frame]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondCoding:
    """Both votes on one sentence, kept as they were, and the label that was settled."""

    id: str
    first: Vote
    second: Vote
    adjudicated: tuple[Mark, Mark, Mark]
    """In the order of `FRAMES`."""
    note: str
    """Why, where the votes differed; empty where they agreed."""
    coder: str
    confidence: str


def load_second_coding(path: Path = FILE) -> tuple[SecondCoding, ...]:
    """Read the second coding.

    Raises:
        BadInput: A line lacks a field or has an unknown label, or a disagreement was settled without a reason.
    """
    codings = []
    for where, raw in read_lines(path):
        try:
            decided = tuple(raw["adjudicated"][frame] for frame in FRAMES)
            one = SecondCoding(
                id=raw["id"],
                first=_vote(raw["first"]),
                second=_vote(raw["second"]),
                adjudicated=cast("tuple[Mark, Mark, Mark]", decided),
                note=raw["note"],
                coder=raw["coder"],
                confidence=raw["confidence"],
            )
        except (KeyError, TypeError) as error:
            raise BadInput(f"{where} lacks {error}.") from error
        if set(decided) - set(MARKS):
            raise BadInput(f"{where} has an unknown label.")
        if differing(one) and not one.note:
            raise BadInput(f"{where}: the votes differ but no reason is given.")
        codings.append(one)
    return tuple(codings)


def _vote(raw: dict[str, Any]) -> Vote:
    return Vote(**{**raw, "groups": tuple(raw["groups"])})


def differing(coding: SecondCoding) -> tuple[Frame, ...]:
    """Frames on which the two votes differ."""
    return tuple(frame for frame in FRAMES if coding.first.mark(frame) != coding.second.mark(frame))


def frame_agreement(codings: Sequence[SecondCoding]) -> dict[str, Agreement]:
    """Agreement on each frame: with three values (not there, active, contested), and active against the rest."""
    measured = {}
    for frame in FRAMES:
        pairs = [(one.first.mark(frame), one.second.mark(frame)) for one in codings]
        active = [(first == 1, second == 1) for first, second in pairs]
        contested = [(first == "C", second == "C") for first, second in pairs]
        measured[f"{frame}, three values"] = agree(pairs, seed=SEED)
        measured[f"{frame}, active"] = agree(active, yes=active, seed=SEED)
        measured[f"{frame}, contested"] = agree(contested, yes=contested, seed=SEED)
    return measured


def other_agreement(codings: Sequence[SecondCoding]) -> dict[str, Agreement]:
    """Agreement on voice (where both saw a frame) and on the neighbour (where both saw none)."""
    framed = [one for one in codings if one.first.voice and one.second.voice]
    plain = [one for one in codings if not one.first.voice and not one.second.voice]
    return {
        "voice": agree([(one.first.voice, one.second.voice) for one in framed], seed=SEED),
        "neighbour": agree([(one.first.neighbour, one.second.neighbour) for one in plain], seed=SEED),
    }


def group_agreement(codings: Sequence[SecondCoding], codebook: Codebook) -> dict[str, Agreement]:
    """Agreement on whether a sentence names each group, in the order of the codebook."""
    measured = {}
    for code in codebook.lists["groups"]:
        pairs = [(code in one.first.groups, code in one.second.groups) for one in codings]
        measured[code] = agree(pairs, yes=pairs, seed=SEED)
    return measured
