"""One training run: read, encode, cross-validate, fit, measure, and write model and card together."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models import evaluate as ev
from models.card import write_card
from models.encoder import Encoder
from models.features import normalise, reading_features
from models.fit import HeldOut, Material, cross_validate, fit_first_level, fit_mix, score
from models.frames import Heads
from models.layout import ARTEFACTS, CODEBOOK, FRAMES_FORMAT, FramesLayout, FramesManifest, sha256_of
from models.outputs import NAMES
from models.rows import TrainingRow, corpus_rows, digest, gold_rows, news_units
from nlp.reading import Reader, UnitText

FloatArray = npt.NDArray[np.float64]

NAME = "linear"
WANTED_PRECISION = 0.6
"""A flag should be right more often than not on held-out real sentences before a report shows it."""
FEWEST_FLAGS = 20
FLOOR = 0.2
"""No threshold below this: the flags of a rare frame would drown in mistakes at natural frequency."""
NATURAL = 0.015
"""Frequency assumed when precision on ordinary news is worked out: frames stand in 1-2 % of local news sentences."""

Tell = Callable[[str, int, int], None]
"""Called with what is being done, how far, and out of how much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a training run goes by."""

    gold: Path | None
    """Real sentences labelled by the codebook; without them nothing real is measured and the card says so."""
    news: Path | None
    """Unlabelled news, for flag rates."""
    output: Path = ARTEFACTS / "frames"
    seed: int = 20261101
    most_news: int | None = None


def train(options: Options, tell: Tell) -> FramesManifest:
    """Train and write a model.

    Raises:
        BadInput: A data file cannot be used.
        NotReady: The encoder is not built.
    """
    rows = ([] if options.gold is None else gold_rows(options.gold)) + corpus_rows()
    encoder, reader = Encoder(), Reader()
    material = look_at(rows, encoder, reader, tell)
    judged = material.is_gold if options.gold is not None else np.ones(len(rows), bool)
    held = cross_validate(material, options.seed, judged=judged, tell=lambda done: tell("Cross-validating", done, 5))
    tell("Fitting the final heads", 0, 1)
    heads, vectorizer = fit_first_level(material, np.arange(len(rows)))
    mix, mix_bias = fit_mix(held.scores[judged], material.labels[judged])
    heads = Heads(**{**_fields(heads), "mix": mix, "mix_bias": mix_bias})
    measured = measure(material, held, judged, options.seed)
    if options.news is not None:
        units = news_units(options.news, most=options.most_news)
        measured["news"] = on_news(
            units,
            heads=heads,
            vectorizer=vectorizer,
            encoder=encoder,
            reader=reader,
            thresholds=measured["thresholds"],
            tell=tell,
        )
        add_natural_precision(measured)
    measured["data"] = describe_data(rows)
    return _write(options, heads, vectorizer, encoder, measured)


def _fields(heads: Heads) -> dict[str, Any]:
    return {name: getattr(heads, name) for name in ("weights", "bias", "mix", "mix_bias", "idf")}


def look_at(rows: Sequence[TrainingRow], encoder: Encoder, reader: Reader, tell: Tell) -> Material:
    """Read and encode all rows."""
    texts = [row.unit.text for row in rows]
    readings = list(reader.read_units(row.unit for row in rows))
    meaning = np.zeros((len(rows), encoder.manifest.width))
    for at in range(0, len(rows), 512):
        meaning[at : at + 512] = encoder.encode([normalise(text) for text in texts[at : at + 512]])
        tell("Encoding", min(at + 512, len(rows)), len(rows))
    return Material(rows=list(rows), texts=texts, meaning=meaning, reading=reading_features(readings))


def measure(material: Material, held: HeldOut, judged: npt.NDArray[np.bool_], seed: int) -> dict[str, Any]:
    """All figures on held-out sentences; thresholds are chosen here, from the same held-out probabilities."""
    rows = [row for row, wanted in zip(material.rows, judged, strict=True) if wanted]
    truth, said = material.labels[judged], held.probabilities[judged]
    clusters = [row.fold_key for row in rows]
    thresholds: dict[str, float] = {}
    outputs: dict[str, Any] = {}
    for k, name in enumerate(NAMES):
        y, p = truth[:, k], said[:, k]
        t = ev.choose_threshold(y, p, WANTED_PRECISION, FEWEST_FLAGS, FLOOR)
        thresholds[name] = t
        outputs[name] = {
            "positives": int(y.sum()),
            "threshold": t,
            "flags": int((p >= t).sum()),
            "average_precision": ev.bootstrapped(ev.average_precision, y, p, clusters, seed).as_dict(),
            "precision": ev.bootstrapped(ev.precision_at(t), y, p, clusters, seed).as_dict(),
            "recall": ev.bootstrapped(ev.recall_at(t), y, p, clusters, seed).as_dict(),
            "f1": ev.bootstrapped(ev.f1_at(t), y, p, clusters, seed).as_dict(),
            "calibration_error": round(ev.calibration_error(y, p), 4),
            "brier": round(ev.brier(y, p), 4),
            "views": {
                view: round(ev.average_precision(y, held.scores[judged][:, k, v]), 4)
                for v, view in enumerate(("words", "meaning", "reading"))
            },
            "by_group": ev.by_group(y, p, [row.groups for row in rows], t),
        }
    own = ~material.is_gold
    on_corpus = {
        name: round(ev.average_precision(material.labels[own, k], held.probabilities[own, k]), 4)
        for k, name in enumerate(NAMES)
    }
    return {
        "seed": seed,
        "real": bool(material.is_gold.any()),
        "sentences": len(rows),
        "stories": len(set(clusters)),
        "thresholds": thresholds,
        "outputs": outputs,
        "on_corpus": on_corpus,
    }


def on_news(
    units: Sequence[UnitText],
    *,
    heads: Heads,
    vectorizer: Any,
    encoder: Encoder,
    reader: Reader,
    thresholds: dict[str, float],
    tell: Tell,
) -> dict[str, Any]:
    """How often the model flags ordinary news, per 1,000 sentences in reading order."""
    flags = np.zeros(len(NAMES), int)
    limits = np.array([thresholds[name] for name in NAMES])
    for at in range(0, len(units), 1000):
        some = units[at : at + 1000]
        texts = [unit.text for unit in some]
        scores = score(
            heads,
            vectorizer,
            texts,
            np.asarray(encoder.encode([normalise(text) for text in texts]), float),
            reading_features(list(reader.read_units(some))),
        )
        flags += (heads.probabilities(scores) >= limits).sum(0)
        tell("Flagging news", min(at + 1000, len(units)), len(units))
    per_thousand = 1000.0 * flags / max(1, len(units))
    return {
        "sentences": len(units),
        "flags_per_1000": {name: round(float(value), 2) for name, value in zip(NAMES, per_thousand, strict=True)},
    }


def add_natural_precision(measured: dict[str, Any]) -> None:
    """Work out what share of flags can be right at natural frequency: frequency x recall / flag rate, at most 1."""
    implied = {}
    for name in NAMES:
        rate = measured["news"]["flags_per_1000"][name] / 1000.0
        recall = measured["outputs"][name]["recall"]["value"] or 0.0
        implied[name] = round(min(1.0, NATURAL * recall / rate), 3) if rate else None
    measured["news"]["assumed_frequency"] = NATURAL
    measured["news"]["implied_precision"] = implied


def describe_data(rows: Sequence[TrainingRow]) -> dict[str, Any]:
    """Counts and digest of what was learned from."""
    origins = {}
    for origin in ("gold", "corpus"):
        some = [row for row in rows if row.origin == origin]
        origins[origin] = {
            "sentences": len(some),
            "positives": {name: int(sum(row.labels[k] for row in some)) for k, name in enumerate(NAMES)},
        }
    return {"digest": digest(rows), **origins}


def _write(
    options: Options, heads: Heads, vectorizer: Any, encoder: Encoder, measured: dict[str, Any]
) -> FramesManifest:
    from safetensors.numpy import save_file

    target = options.output
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        layout = FramesLayout(Path(scratch) / "frames")
        layout.folder.mkdir()
        save_file(heads.arrays(), layout.weights)
        terms = sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)
        layout.vocabulary.write_text("\n".join(terms), encoding="utf-8")
        files = {path.name: sha256_of(path) for path in (layout.weights, layout.vocabulary)}
        short = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:10]
        manifest = FramesManifest(
            format=FRAMES_FORMAT,
            coder=f"model:{NAME}-{short}",
            encoder=encoder.manifest.identity,
            codebook=CODEBOOK,
            thresholds=measured["thresholds"],
            quality=_quality(measured),
            files=files,
        )
        layout.manifest.write_text(json.dumps(asdict(manifest), indent=2, sort_keys=True) + "\n", encoding="utf-8")
        layout.metrics.write_text(json.dumps(measured, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        layout.card.write_text(write_card(manifest, measured), encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        layout.folder.rename(target)
    return manifest


def _quality(measured: dict[str, Any]) -> dict[str, float]:
    """The few figures reports quote; none where nothing real was measured."""
    if not measured["real"]:
        return {}
    quoted: dict[str, float] = {}
    for name, found in measured["outputs"].items():
        for figure in ("precision", "recall"):
            if found[figure]["value"] is not None:
                quoted[f"{name}.{figure}"] = found[figure]["value"]
                quoted[f"{name}.{figure}.low"] = found[figure]["low"]
                quoted[f"{name}.{figure}.high"] = found[figure]["high"]
    for name, rate in measured.get("news", {}).get("flags_per_1000", {}).items():
        quoted[f"{name}.flags_per_1000"] = rate
    return quoted
