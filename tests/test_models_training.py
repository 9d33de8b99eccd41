"""Training on a small scale: folds, resuming, calibration, and a model that can be loaded from what was written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import evaluate as ev
from models import fit, train
from models.details import CODES
from models.fit_details import detailed_sentences
from models.frames import VIEWS, FrameModel, Heads
from models.layout import FramesLayout
from models.meaning import FrozenMeaning
from models.measure import DISPLAY, TRIAGE
from models.outputs import NAMES, OUTPUTS, settled
from models.rows import TrainingRow, corpus_rows, everyday_rows, label_matrix
from nlp.reading import Reader


def small_rows(count: int = 240) -> list[TrainingRow]:
    """A spread of the corpus, positives of every output first."""
    rows = corpus_rows()
    chosen: dict[str, TrainingRow] = {}
    for k in range(len(OUTPUTS)):
        for row in [row for row in rows if row.labels[k]][:25]:
            chosen[row.id] = row
    for row in rows[:: max(1, len(rows) // count)]:
        chosen.setdefault(row.id, row)
    return list(chosen.values())


def material(rows: list[TrainingRow]) -> tuple[fit.Material, FrozenMeaning]:
    rng = np.random.default_rng(3)
    labels = label_matrix(rows)
    reading = rng.normal(size=(len(rows), 7))
    made = fit.Material(
        rows=rows, texts=[row.unit.text for row in rows], reading=reading, teaching=np.ones(len(rows), bool)
    )
    # Vectors that say something about the labels, so that there is something to learn.
    vectors = np.hstack([labels + rng.normal(scale=0.5, size=labels.shape), rng.normal(size=(len(rows), 6))])
    return made, FrozenMeaning(vectors=vectors, own_weight=1.0)


def quiet(*_: Any) -> None:
    return None


def test_pairs_never_stand_on_both_sides_of_a_split() -> None:
    rows = corpus_rows()
    folds = fit.folds_of(rows, 5)
    sides: dict[str, set[int]] = {}
    for row, fold in zip(rows, folds, strict=True):
        sides.setdefault(row.fold_key, set()).add(int(fold))
    assert all(len(one) == 1 for one in sides.values())
    assert set(folds) == set(range(fit.FOLDS))
    assert any(key.startswith("pair:") for key in sides)


def test_cross_validation_learns_and_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, meaning = material(small_rows())
    weights = np.ones(len(made.rows))
    first = fit.cross_validate(made, meaning, seed=1, importance=weights, cache=tmp_path, tell=quiet)
    truth = made.labels
    assert first.probabilities.shape == truth.shape
    assert ((first.probabilities >= 0) & (first.probabilities <= 1)).all()
    for k in range(3):
        positive, negative = first.probabilities[truth[:, k] > 0, k], first.probabilities[truth[:, k] == 0, k]
        assert positive.mean() > 2 * negative.mean(), NAMES[k]

    def not_again(*_: Any, **__: Any) -> Any:
        raise AssertionError("a finished fold was fitted again")

    monkeypatch.setattr(fit, "fit_first_level", not_again)
    second = fit.cross_validate(made, meaning, seed=1, importance=weights, cache=tmp_path, tell=quiet)
    assert np.array_equal(first.probabilities, second.probabilities)


def test_the_second_level_gives_probabilities_at_the_frequency_it_was_shown() -> None:
    rng = np.random.default_rng(0)
    labels = (rng.random((6000, len(OUTPUTS))) < 0.05).astype(float)
    scores = labels[..., None] * 2.0 + rng.normal(size=(6000, len(OUTPUTS), len(VIEWS)))
    mix, bias = fit.fit_mix(scores, labels, np.ones(6000))
    said = 1 / (1 + np.exp(-((scores * mix).sum(-1) + bias)))
    assert np.allclose(said.mean(0), labels.mean(0), atol=0.005)


def test_the_encoder_is_taught_on_all_but_easy_negatives() -> None:
    rows = corpus_rows()
    teaching = fit.teaching_rows(rows, 7)
    assert (teaching == fit.teaching_rows(rows, 7)).all()
    frames = label_matrix(rows).any(axis=1)
    assert teaching[frames].all()
    assert 0.4 < teaching[~frames].mean() < 0.6


def test_heads_survive_storage() -> None:
    rng = np.random.default_rng(1)
    k = len(OUTPUTS)
    heads = Heads(
        weights={name: rng.normal(size=(4, k)) for name in VIEWS},
        bias={name: rng.normal(size=k) for name in VIEWS},
        mix=rng.normal(size=(k, len(VIEWS))),
        mix_bias=rng.normal(size=k),
        idf=rng.random(9),
    )
    again = Heads.from_arrays(heads.arrays())
    views = {name: rng.normal(size=(3, 4)) for name in VIEWS}
    assert np.allclose(heads.probabilities(heads.scores(views)), again.probabilities(again.scores(views)), atol=1e-5)


def test_a_training_run_writes_a_model_that_loads_and_a_card_that_agrees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = small_rows(150)
    news = tmp_path / "news.jsonl"
    news.write_text(
        "".join(
            json.dumps(
                {"story": "s", "i": at, "text": f"Roadworks on Weir Lane will last {at} days, the council said."}
            )
            + "\n"
            for at in range(3, 23)
        ),
        encoding="utf-8",
    )

    monkeypatch.setattr(train, "corpus_rows", lambda: rows)
    monkeypatch.setattr(train, "everyday_rows", lambda: everyday_rows()[:30])
    monkeypatch.setattr(train, "detailed_sentences", lambda: detailed_sentences()[:200])
    monkeypatch.setattr(ev, "RESAMPLES", 20)
    options = train.Options(gold=None, news=news, output=tmp_path / "out" / "frames", tune=False)
    manifest = train.train(options, quiet)
    layout = FramesLayout(options.output)
    assert layout.check() == manifest
    assert manifest.coder.startswith("model:heads-")
    assert manifest.quality == {}, "nothing real was measured, so nothing may be quoted"
    measured = json.loads(layout.metrics.read_text(encoding="utf-8"))
    card = layout.card.read_text(encoding="utf-8")
    for name in NAMES:
        for level, threshold in (("display", DISPLAY), ("triage", TRIAGE)):
            found = measured["outputs"][name][level]
            assert f"| {level} ({threshold:.2f}) | {found['flags']} |" in card
    assert "no real sentences were given" in card
    assert measured["news"]["sentences"] == 20
    assert not list((tmp_path / "out").glob(".training-*")), "a finished run leaves no cache behind"
    model = FrameModel(options.output)
    reads = list(Reader().read_units(row.unit for row in rows[:12]))
    said, opinion = model.predict(reads), model.judge(reads)
    assert np.array_equal(opinion.frames, said)
    assert opinion.details.shape == (12, len(CODES))
    assert set(measured["details"]) == set(CODES)
    assert said.shape == (12, len(OUTPUTS))
    assert np.isfinite(said).all()


def test_a_contested_frame_is_not_active_as_well() -> None:
    own = np.array([[0.9, 0.8, 0.7, 0.0, 0.5], [0.2, 0.1, 0.1, 1.0, 0.0]])
    np.testing.assert_allclose(settled(own), [[0.9, 0.4, 0.7, 0.0, 0.5], [0.0, 0.1, 0.1, 1.0, 0.0]])
    assert own[0, 1] == 0.8, "what was given stays as it was"
