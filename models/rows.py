"""What the model learns from: our own annotated corpus and, where a user has them, real sentences with labels."""

from __future__ import annotations

import hashlib
import json
import lzma
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from corpora.errors import BadInput
from models.outputs import OUTPUTS
from nlp.reading import UnitText

CORPUS = Path(str(resources.files("corpora"))) / "annotated" / "sentences"

NEAR = 0.4
"""Share of the shorter sentence's word 4-grams that makes two sentences near-duplicates: such stories share a fold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRow:
    """One labelled sentence."""

    id: str
    unit: UnitText
    fold_key: str
    """Rows with the same key never stand on both sides of a split: the story, or the pair of twins."""
    origin: Literal["gold", "corpus"]
    source: str
    """Where it comes from, for results by source."""
    groups: tuple[str, ...]
    labels: tuple[float, ...]
    """One per output: 1 expressed with that aspect, else 0."""


def _labels(raw: dict[str, Any]) -> tuple[float, ...]:
    wanted = {"active": 1, "contested": "C"}
    return tuple(float(raw.get(frame, 0) == wanted[aspect]) for frame, aspect in OUTPUTS)


def _read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    opener = lzma.open if path.suffix == ".xz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as stream:
            for number, line in enumerate(stream, start=1):
                row = json.loads(line)
                if not isinstance(row, dict) or not isinstance(row.get("text"), str):
                    raise BadInput(f"{path.name} line {number} has no `text`.")
                yield row
    except FileNotFoundError as error:
        raise BadInput(f"There is no file {path}.", what_next="Check the name.") from error
    except (ValueError, lzma.LZMAError, EOFError, OSError) as error:
        raise BadInput(f"{path.name} is not JSON lines: {error}.") from error


def corpus_rows(folder: Path = CORPUS) -> list[TrainingRow]:
    """Read our own annotated corpus."""
    rows = []
    for path in sorted(folder.glob("*.jsonl")):
        for raw in _read_jsonl(path):
            rows.append(  # noqa: PERF401 (a comprehension of this length hides what it does)
                TrainingRow(
                    id=raw["id"],
                    unit=UnitText(
                        text=raw["text"],
                        before=raw.get("before", ""),
                        headline=raw.get("headline", ""),
                        is_headline=raw.get("unit") == "headline",
                    ),
                    fold_key=f"pair:{raw['pair']}" if raw.get("pair") else f"own:{raw['id']}",
                    origin="corpus",
                    source="corpus",
                    groups=tuple(raw.get("groups", ())),
                    labels=_labels(raw),
                )
            )
    if not rows:
        raise BadInput(f"There are no annotated sentences in {folder}.")
    return rows


def gold_rows(path: Path) -> list[TrainingRow]:
    """Read real sentences labelled by the codebook (fields as in the development set's description).

    Near-duplicate sentences of different stories put those stories into one fold.
    """
    raws = list(_read_jsonl(path))
    folds = _joined_folds([str(raw["story"]) for raw in raws], [raw["text"] for raw in raws])
    return [
        TrainingRow(
            id=str(raw["id"]),
            unit=UnitText(text=raw["text"], before=raw.get("before") or "", headline=raw.get("headline") or ""),
            fold_key=fold,
            origin="gold",
            source=str(raw.get("source", "gold")),
            groups=tuple(raw.get("groups", ())),
            labels=_labels(raw),
        )
        for raw, fold in zip(raws, folds, strict=True)
    ]


def _joined_folds(stories: Sequence[str], texts: Sequence[str]) -> list[str]:
    parent = {story: story for story in stories}

    def root(one: str) -> str:
        while parent[one] != one:
            one = parent[one]
        return one

    grams = [_four_grams(text) for text in texts]
    holders: dict[str, list[int]] = defaultdict(list)
    for at, own in enumerate(grams):
        shared = Counter(other for gram in own for other in holders[gram])
        for other, count in shared.items():
            if count >= NEAR * min(len(own), len(grams[other])):
                small, large = sorted((root(stories[at]), root(stories[other])))
                parent[large] = small
        for gram in own:
            holders[gram].append(at)
    return [root(story) for story in stories]


def _four_grams(text: str) -> frozenset[str]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return frozenset(" ".join(words[at : at + 4]) for at in range(len(words) - 3))


def news_units(path: Path, *, most: int | None = None) -> list[UnitText]:
    """Read unlabelled news sentences, in reading order; `before` is the sentence before in the same story."""
    units: list[UnitText] = []
    last_story, last_text = "", ""
    for raw in _read_jsonl(path):
        before = last_text if raw.get("story") == last_story else ""
        units.append(UnitText(text=raw["text"], before=before))
        last_story, last_text = str(raw.get("story", "")), raw["text"]
        if most is not None and len(units) >= most:
            break
    return units


def label_matrix(rows: Sequence[TrainingRow]) -> npt.NDArray[np.float64]:
    """Labels as an array, shape (rows, outputs)."""
    return np.array([row.labels for row in rows], dtype=np.float64).reshape(len(rows), len(OUTPUTS))


def digest(rows: Iterable[TrainingRow]) -> str:
    """Digest of what was learned from, for the card."""
    summed = hashlib.sha256()
    for row in rows:
        summed.update(f"{row.id}|{row.unit.text}|{row.labels}\n".encode("utf-8", "surrogatepass"))
    return summed.hexdigest()[:16]
