"""One training run: read, encode, fit, cross-validate, measure, and write model and card together."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpora.field_codings import CODINGS
from models.base import NAME, fetch_base
from models.card import write_card
from models.details import DetailHeads
from models.encoder import Encoder
from models.features import normalise, reading_features
from models.fit import (
    OWN_WEIGHT,
    FirstLevel,
    Material,
    cross_validate,
    fit_first_level,
    fit_mix,
    teaching_rows,
)
from models.fit_details import detailed_sentences, fit_details
from models.frames import FrameModel, Heads
from models.layout import ARTEFACTS, CODEBOOK, FRAMES_FORMAT, FramesLayout, FramesManifest, sha256_of
from models.meaning import FrozenMeaning, Meaning, TunedMeaning
from models.measure import AUDIT, COUNT, DISPLAY, TRIAGE, describe_data, measure, on_everyday, on_news
from models.outputs import NAMES
from models.rows import (
    NewsSentence,
    TrainingRow,
    audited,
    coded_rows,
    corpus_rows,
    digest,
    everyday_rows,
    gold_rows,
    news_sentences,
    with_common_folds,
)
from nlp.reading import Reader, UnitText

FloatArray = npt.NDArray[np.float64]
Tell = Callable[[str, int, int], None]
"""Called with what is being done, how far, and out of how much."""

OWN_IN_MIX = 0.1
"""Weight of composed sentences in the second level. Real ones decide how sure the model is, since they alone occur as
often as they do; without any composed ones the local register would be read with too little confidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a training run goes by."""

    gold: Path | None
    """Real sentences labelled by the codebook; without them nothing real is measured and the card says so."""
    news: Path | None
    """Unlabelled news: our own codings of it are learned from, and flag rates are measured on the stories left."""
    public: Mapping[str, UnitText] = field(default_factory=dict)
    """Sentences of public sets by `set:id`; our codings of them are learned from."""
    output: Path = ARTEFACTS / "frames"
    encoder: Path = ARTEFACTS / "encoder"
    """Where the encoder is written, or read from where it is not trained."""
    base: str = NAME
    """The published encoder to start from: the pinned one, or a name on a hub, or a folder."""
    seed: int = 20261101
    tune: bool = True
    """Whether the encoder is trained (needs torch), or only the heads on the encoder as shipped."""
    most_news: int | None = None


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a run has learned beside the encoder."""

    heads: Heads
    details: DetailHeads
    vectorizer: Any


def train(options: Options, tell: Tell) -> FramesManifest:
    """Train and write a model.

    Raises:
        BadInput: A data file cannot be used.
        NotReady: torch is wanted and not installed, or the weights cannot be fetched.
    """
    news = [] if options.news is None else news_sentences(options.news, most=options.most_news)
    rows = gather(options, news)
    reader = Reader()
    material = Material(
        rows=rows,
        texts=[row.unit.text for row in rows],
        reading=reading_features(list(reader.read_units(row.unit for row in rows))),
        teaching=teaching_rows(rows, options.seed),
    )
    importance = np.where(material.composed, OWN_IN_MIX, 1.0) if not material.composed.all() else np.ones(len(rows))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    start = hashlib.sha256(f"{digest(rows)}|{options.seed}|{options.base}|{options.tune}".encode()).hexdigest()[:12]
    cache = options.output.parent / f".training-{start}"
    cache.mkdir(exist_ok=True)
    meaning = _meaning(options, material.texts, cache, tell)
    level = fit_first_level(
        material, meaning, np.arange(len(rows)), partial(tell, "Final fit"), cache / "final.safetensors"
    )
    _write_encoder(options, meaning, level)
    held = cross_validate(material, meaning, seed=options.seed, importance=importance, cache=cache, tell=tell)
    mix, mix_bias = fit_mix(held.scores, material.labels, importance)
    heads = replace(level.heads, mix=mix, mix_bias=mix_bias)
    judged = material.is_gold if material.is_gold.any() else np.ones(len(rows), bool)
    measured = measure(material, held, judged, options.seed)
    encoder = Encoder(options.encoder)
    model = FrameModel.of(heads, level.vectorizer, encoder)
    measured["everyday"] = on_everyday(everyday_rows(), model, reader)
    if news:
        learned = {row.id.split(":")[1] for row in rows if row.source == "news"}
        learned |= set() if options.gold is None else {row.fold_key for row in gold_rows(options.gold)}
        unseen = [one for one in news if one.story not in learned]
        measured["news"] = on_news(unseen, audited(AUDIT, unseen), model, reader, tell)
    measured["data"] = describe_data(rows)
    measured["tuned"] = options.tune
    measured["base"] = encoder.manifest.name
    details, measured["details"] = fit_details(detailed_sentences(), encoder, seed=options.seed, tell=tell)
    manifest = _write(options, Fitted(heads, details, level.vectorizer), encoder, measured)
    shutil.rmtree(cache)
    return manifest


def gather(options: Options, news: Sequence[NewsSentence]) -> list[TrainingRow]:
    """All rows there are for these options, real ones first; near-duplicates across sets share a fold."""
    gold = [] if options.gold is None else gold_rows(options.gold)
    known = {row.unit.text for row in gold}
    units = {f"news:{one.key}": (one.story, one.unit) for one in news if one.unit.text not in known}
    units |= {key: (f"{key}", unit) for key, unit in options.public.items()}
    return [*with_common_folds([*gold, *coded_rows(CODINGS, units)]), *corpus_rows()]


def _meaning(options: Options, texts: Sequence[str], cache: Path, tell: Tell) -> Meaning:
    words = [normalise(text) for text in texts]
    if not options.tune:
        vectors = Encoder(options.encoder).encode(words).astype(np.float64)
        return FrozenMeaning(vectors=vectors, own_weight=OWN_WEIGHT)
    from models.tune import Tuner

    source = fetch_base(cache.parent / ".base") if options.base == NAME else options.base
    return TunedMeaning(tuner=Tuner(source, words), seed=options.seed)


def _write_encoder(options: Options, meaning: Meaning, level: FirstLevel) -> None:
    if isinstance(meaning, TunedMeaning) and level.meaning.tuned is not None:
        from models.export import export_encoder

        export_encoder(meaning.tuner, level.meaning.tuned.layers, options.base, options.encoder)


def _write(options: Options, fitted: Fitted, encoder: Encoder, measured: dict[str, Any]) -> FramesManifest:
    from safetensors.numpy import save_file

    target = options.output
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        layout = FramesLayout(Path(scratch) / "frames")
        layout.folder.mkdir()
        save_file(fitted.heads.arrays(), layout.weights)
        save_file(fitted.details.arrays(), layout.details)
        vocabulary = fitted.vectorizer.vocabulary_
        terms = sorted(vocabulary, key=vocabulary.__getitem__)
        layout.vocabulary.write_text("\n".join(terms), encoding="utf-8")
        for path in (layout.weights, layout.details):
            path.chmod(0o644)  # safetensors writes files that only their owner can read
        files = {path.name: sha256_of(path) for path in (layout.weights, layout.details, layout.vocabulary)}
        everything = json.dumps({**files, "encoder": encoder.manifest.identity}, sort_keys=True)
        short = hashlib.sha256(everything.encode()).hexdigest()[:10]
        manifest = FramesManifest(
            format=FRAMES_FORMAT,
            coder=f"model:{'tuned' if options.tune else 'heads'}-{short}",
            encoder=encoder.manifest.identity,
            codebook=CODEBOOK,
            thresholds=dict.fromkeys(NAMES, DISPLAY),
            counting=dict.fromkeys(NAMES, COUNT),
            triage=dict.fromkeys(NAMES, TRIAGE),
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
    """The few figures reports quote, at the level they count from; none where nothing real was measured."""
    if not measured["real"]:
        return {}
    quoted: dict[str, float] = {}
    for name, found in measured["outputs"].items():
        for figure in ("precision", "recall"):
            one = found["count"][figure]
            if one["value"] is not None:
                quoted[f"{name}.{figure}"] = one["value"]
                quoted[f"{name}.{figure}.low"] = one["low"]
                quoted[f"{name}.{figure}.high"] = one["high"]
    for name, rate in measured.get("news", {}).get("count", {}).items():
        quoted[f"{name}.flags_per_1000"] = rate
    return quoted
