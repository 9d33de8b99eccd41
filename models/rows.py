"""What the model learns from: our own annotated corpus and, where a user has them, real sentences with labels."""

from __future__ import annotations

import hashlib
import json
import lzma
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from corpora.errors import BadInput
from corpora.field_codings import CODINGS, FieldCoding, load_codings, text_digest
from corpora.records import FRAMES
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
    origin: Literal["gold", "coded", "corpus"]
    """Real with adjudicated labels, real with our own codings, or composed."""
    source: str
    """Where it comes from, for results by source."""
    groups: tuple[str, ...]
    labels: tuple[float, ...]
    """One per output: 1 expressed with that aspect, else 0; the mean where there were several codings."""
    hard: bool = True
    """False for a real sentence that a coder passed over without hesitation: there are thousands of those, and a sample
    of them teaches as much (see `models.fit.learned_from`)."""


def _labels(raw: Mapping[str, Any]) -> tuple[float, ...]:
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


EVERYDAY = "everyday_"
"""Files of the corpus that are never learned from: an ordinary day's sentences, to see how often the model is wrong."""


def corpus_rows(folder: Path = CORPUS) -> list[TrainingRow]:
    """Read what may be learned from of our own annotated corpus."""
    return _own_rows(path for path in sorted(folder.glob("*.jsonl")) if not path.name.startswith(EVERYDAY))


def everyday_rows(folder: Path = CORPUS) -> list[TrainingRow]:
    """Read the corpus's ordinary sentences without any frame, which are kept out of training."""
    return _own_rows(sorted(folder.glob(f"{EVERYDAY}*.jsonl")))


def _own_rows(paths: Iterable[Path]) -> list[TrainingRow]:
    rows = []
    for path in paths:
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
        raise BadInput("There are no annotated sentences in the corpus.")
    return rows


def gold_rows(path: Path) -> list[TrainingRow]:
    """Read real sentences labelled by the codebook (fields as in the development set's description)."""
    return [
        TrainingRow(
            id=str(raw["id"]),
            unit=UnitText(text=raw["text"], before=raw.get("before") or "", headline=raw.get("headline") or ""),
            fold_key=str(raw["story"]),
            origin="gold",
            source=str(raw.get("source", "gold")),
            groups=tuple(raw.get("groups", ())),
            labels=_labels(raw),
        )
        for raw in _read_jsonl(path)
    ]


def coded_rows(codings: Path, units: Mapping[str, tuple[str, UnitText]]) -> list[TrainingRow]:
    """Read our own codings of real sentences; their text is not ours to keep, so it is looked up.

    Args:
        codings: Table as `corpora.field_codings` reads it.
        units: `set:key` to story and sentence, from files a user has; codings without a sentence are left out.
    """
    rows = []
    for one in load_codings(codings):
        found = units.get(f"{one.source}:{one.key}")
        if found is None or text_digest(found[1].text) != one.digest:
            continue
        rows.append(
            TrainingRow(
                id=f"{one.source}:{one.key}",
                unit=found[1],
                fold_key=found[0],
                origin="coded",
                source=one.source,
                groups=one.groups,
                labels=_mean_labels(one),
                hard=one.hard,
            )
        )
    return rows


def _mean_labels(coding: FieldCoding) -> tuple[float, ...]:
    """The mean of a sentence's codings, one value an output."""
    votes = [_labels(dict(zip(FRAMES, marks, strict=True))) for marks in coding.codings]
    return tuple(float(value) for value in np.mean(votes, axis=0))


def audited(source: str, news: Sequence[NewsSentence], codings: Path = CODINGS) -> dict[str, tuple[float, ...]]:
    """Labels, one an output, of news sentences that were coded under `source`, by the sentence's key."""
    by_key = {one.key: one.unit.text for one in news}
    found = {}
    for one in load_codings(codings):
        if one.source == source and text_digest(by_key.get(one.key, "")) == one.digest:
            found[one.key] = _mean_labels(one)
    return found


def with_common_folds(rows: Sequence[TrainingRow]) -> list[TrainingRow]:
    """The same rows, stories that hold near-duplicate sentences sharing a fold."""
    folds = _joined_folds([row.fold_key for row in rows], [row.unit.text for row in rows])
    return [replace(row, fold_key=fold) for row, fold in zip(rows, folds, strict=True)]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsSentence:
    """One sentence of unlabelled news."""

    key: str
    """Story and place in it, `<story>:<i>`."""
    story: str
    source: str
    unit: UnitText
    """With the sentence before it, where that is the same story's."""


def news_sentences(path: Path, *, most: int | None = None) -> list[NewsSentence]:
    """Read unlabelled news sentences, in reading order."""
    found: list[NewsSentence] = []
    for raw in _read_jsonl(path):
        story = str(raw.get("story", ""))
        before = found[-1].unit.text if found and found[-1].story == story else ""
        unit = UnitText(text=raw["text"], before=before)
        key = f"{story}:{raw.get('i', len(found))}"
        found.append(NewsSentence(key=key, story=story, source=str(raw.get("source", "")), unit=unit))
        if most is not None and len(found) >= most:
            break
    return found


def label_matrix(rows: Sequence[TrainingRow]) -> npt.NDArray[np.float64]:
    """Labels as an array, shape (rows, outputs)."""
    return np.array([row.labels for row in rows], dtype=np.float64).reshape(len(rows), len(OUTPUTS))


def digest(rows: Iterable[TrainingRow]) -> str:
    """Digest of what was learned from, for the card."""
    summed = hashlib.sha256()
    for row in rows:
        summed.update(f"{row.id}|{row.unit.text}|{row.labels}\n".encode("utf-8", "surrogatepass"))
    return summed.hexdigest()[:16]
