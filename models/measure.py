"""What a training run measures: held-out sentences, ordinary news, each view by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from models import evaluate as ev
from models.fit import AGREED, FOLDS, HeldOut, Material
from models.frames import VIEWS, FrameModel
from models.outputs import NAMES
from models.rows import NewsSentence, TrainingRow, digest
from nlp.reading import Reader

FloatArray = npt.NDArray[np.float64]
Tell = Callable[[str, int, int], None]

DISPLAY = 0.80
"""A sentence shown beside an outlet's name: a false accusation costs four times what a miss costs, and the threshold of
least expected cost on a calibrated probability is 4 / (4 + 1)."""
COUNT = 0.50
"""A sentence that is counted: too many and too few are equally bad, so it is counted where it is likelier than not."""
TRIAGE = 0.25
"""A queue that a person reads: a miss costs three times what a vain look costs, 1 / (1 + 3)."""
LEVELS = {"display": DISPLAY, "count": COUNT, "triage": TRIAGE}


def measure(material: Material, held: HeldOut, judged: npt.NDArray[np.bool_], seed: int) -> dict[str, Any]:
    """All figures on held-out sentences.

    Args:
        material: All rows.
        held: What folds that had not seen a row said of it.
        judged: The rows that the main figures rest on: real ones with adjudicated labels, or all where there are none.
        seed: For the intervals.
    """
    rows = [row for row, wanted in zip(material.rows, judged, strict=True) if wanted]
    truth, said = (material.labels[judged] >= AGREED).astype(float), held.probabilities[judged]
    clusters = [row.fold_key for row in rows]
    outputs: dict[str, Any] = {}
    for k, name in enumerate(NAMES):
        y, p = truth[:, k], said[:, k]
        outputs[name] = {
            "positives": int(y.sum()),
            "average_precision": ev.bootstrapped(ev.average_precision, y, p, clusters, seed).as_dict(),
            **{level: at_level(y, p, clusters, seed, limit) for level, limit in LEVELS.items()},
            "calibration_error": round(ev.calibration_error(y, p), 4),
            "brier": round(ev.brier(y, p), 4),
            "views": {
                view: round(ev.average_precision(y, held.scores[judged][:, k, v]), 4) for v, view in enumerate(VIEWS)
            },
            "by_group": ev.by_group(y, p, [row.groups for row in rows], TRIAGE),
        }
    found: dict[str, Any] = {
        "seed": seed,
        "folds": FOLDS,
        "real": bool(material.is_gold.any()),
        "sentences": len(rows),
        "stories": len(set(clusters)),
        "outputs": outputs,
        "on_corpus": _ranking(material, held, material.composed),
    }
    natural = ~material.composed & np.array([row.source not in _NOT_NEWS for row in material.rows])
    if (natural & ~material.is_gold).any():
        found["natural"] = on_whole_stories(material, held, natural, seed)
    return found


_NOT_NEWS = frozenset({"emona", "group_mentions"})
"""Sets whose coded sentences were picked by score, so that they say nothing of how often a frame occurs."""


def at_level(y: FloatArray, p: FloatArray, clusters: Sequence[str], seed: int, level: float) -> dict[str, Any]:
    """Precision, recall and F1 of flags from a level on, with intervals by stories."""
    return {
        "threshold": level,
        "flags": int((p >= level).sum()),
        "precision": ev.bootstrapped(ev.precision_at(level), y, p, clusters, seed).as_dict(),
        "recall": ev.bootstrapped(ev.recall_at(level), y, p, clusters, seed).as_dict(),
        "f1": ev.bootstrapped(ev.f1_at(level), y, p, clusters, seed).as_dict(),
    }


def on_whole_stories(material: Material, held: HeldOut, natural: npt.NDArray[np.bool_], seed: int) -> dict[str, Any]:
    """Figures on nearly all sentences of real stories, so at the frequency frames have in them."""
    clusters = [row.fold_key for row, wanted in zip(material.rows, natural, strict=True) if wanted]
    found: dict[str, Any] = {"sentences": int(natural.sum()), "stories": len(set(clusters)), "outputs": {}}
    for k, name in enumerate(NAMES):
        y, p = (material.labels[natural, k] >= AGREED).astype(float), held.probabilities[natural, k]
        found["outputs"][name] = {
            "positives": int(y.sum()),
            "frequency": round(float(y.mean()), 4),
            "mean_probability": round(float(p.mean()), 4),
            "average_precision": ev.bootstrapped(ev.average_precision, y, p, clusters, seed).as_dict(),
            **{level: at_level(y, p, clusters, seed, limit) for level, limit in LEVELS.items()},
            "calibration_error": round(ev.calibration_error(y, p), 4),
        }
    return found


def _ranking(material: Material, held: HeldOut, chosen: npt.NDArray[np.bool_]) -> dict[str, float]:
    truth = material.labels >= AGREED
    return {
        name: round(ev.average_precision(truth[chosen, k].astype(float), held.probabilities[chosen, k]), 4)
        for k, name in enumerate(NAMES)
    }


def on_everyday(rows: Sequence[TrainingRow], model: FrameModel, reader: Reader) -> dict[str, Any]:
    """False flags on an ordinary day's sentences of the corpus, none of which carries a frame or was learned from."""
    said = model.predict(list(reader.read_units(row.unit for row in rows)))
    found = _flags_per_1000(said, np.ones(len(rows), bool))
    named = np.array([bool(row.groups) for row in rows])
    return {**found, "naming_a_group": _flags_per_1000(said, named)}


AUDIT = "news-audit"
"""Source under which codings of news the model has not learned from are kept; never learned from either."""


def on_news(
    news: Sequence[NewsSentence],
    audited: Mapping[str, Sequence[float]],
    model: FrameModel,
    reader: Reader,
    tell: Tell,
) -> dict[str, Any]:
    """How often the model flags ordinary news, per 1,000 sentences in reading order, and how often it is right.

    Args:
        news: Sentences in reading order, of stories the model has not learned from.
        audited: Labels, one an output, of those that were coded afterwards, without sight of what the model said; by
            key.
        model: The model.
        reader: Reads them.
        tell: Progress.
    """
    said = np.zeros((len(news), len(NAMES)))
    for at in range(0, len(news), 500):
        some = news[at : at + 500]
        said[at : at + 500] = model.predict(list(reader.read_units(one.unit for one in some)))
        tell("Flagging news", at + len(some), len(news))
    sources = np.array([one.source for one in news])
    known = np.array([one.key in audited for one in news], bool)
    truth = np.array([audited.get(one.key, [0.0] * len(NAMES)) for one in news]) >= AGREED
    audit = {
        name: {
            level: {
                "flags": int((said[:, k] >= limit).sum()),
                "audited": int((known & (said[:, k] >= limit)).sum()),
                "right": int((known & truth[:, k] & (said[:, k] >= limit)).sum()),
            }
            for level, limit in LEVELS.items()
        }
        for k, name in enumerate(NAMES)
    }
    return {
        **({"audit": audit} if known.any() else {}),
        **_flags_per_1000(said, np.ones(len(news), bool)),
        "by_source": {source: _flags_per_1000(said, sources == source) for source in sorted(set(sources.tolist()))},
    }


def _flags_per_1000(said: FloatArray, chosen: npt.NDArray[np.bool_]) -> dict[str, Any]:
    per = 1000.0 / max(1, int(chosen.sum()))
    found: dict[str, Any] = {"sentences": int(chosen.sum())}
    for level, limit in LEVELS.items():
        flags = (said[chosen] >= limit).sum(0)
        found[level] = {name: round(float(flags[k] * per), 2) for k, name in enumerate(NAMES)}
    return found


def describe_data(rows: Sequence[TrainingRow]) -> dict[str, Any]:
    """Counts and digest of what was learned from."""
    found: dict[str, Any] = {"digest": digest(rows)}
    for source in sorted({_set_of(row) for row in rows}):
        some = [row for row in rows if _set_of(row) == source]
        found[source] = {
            "sentences": len(some),
            "positives": {name: sum(row.labels[k] >= AGREED for row in some) for k, name in enumerate(NAMES)},
        }
    return found


def _set_of(row: TrainingRow) -> str:
    return row.source if row.origin == "coded" else row.origin
