"""The shipped model may not fall below its pinned floors, and an update may not lower one in silence."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from models import floors
from models.layout import ARTEFACTS, FramesLayout
from models.outputs import NAMES

sys.path.append(str(Path(__file__).parent / "support"))
import county
import suite

METRICS = FramesLayout(ARTEFACTS / "frames").metrics


@pytest.mark.timeout(1200)
def test_the_shipped_model_is_as_good_as_it_was() -> None:
    found = floors.scores(suite.said(), suite.cases()) | floors.measured_on_gold(METRICS)
    pinned = json.loads(floors.FLOORS.read_text(encoding="utf-8"))
    assert pinned.keys() == found.keys(), "run: python -m models.floors --update"
    assert floors.shortfalls(found, pinned) == []


@pytest.fixture
def fallen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Floors above what the model now scores."""
    pinned = tmp_path / "floors.json"
    pinned.write_text(json.dumps({"blame.active": 0.9}), encoding="utf-8")
    monkeypatch.setattr(floors, "FLOORS", pinned)
    monkeypatch.setattr(floors, "load_judge", county.judge)
    monkeypatch.setattr(floors, "suite", tuple)
    monkeypatch.setattr(floors, "scores", lambda *_: {"blame.active": 0.5})
    return pinned


def test_an_update_never_lowers_a_floor_unsaid(fallen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert floors.main([]) == 1
    assert floors.main(["--update"]) == 1
    assert "blame.active would be lowered" in capsys.readouterr().err
    assert json.loads(fallen.read_text(encoding="utf-8")) == {"blame.active": 0.9}
    assert floors.main(["--update", "--allow-lower"]) == 0
    now = json.loads(fallen.read_text(encoding="utf-8"))
    assert now == {"blame.active": 0.5} | floors.measured_on_gold(METRICS)
    assert floors.main([]) == 0


def test_a_floor_that_is_not_measured_any_more_is_not_dropped_unsaid(
    fallen: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fallen.write_text(json.dumps({"blame.active": 0.5, "gold of old": 0.4}), encoding="utf-8")
    assert floors.main(["--update"]) == 1
    assert "gold of old would be lowered" in capsys.readouterr().err


def test_real_sentences_given_are_measured_and_not_pinned(
    fallen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines: list[dict[str, Any]] = [
        {"id": "1", "story": "a", "text": "The trams have been full ever since the incomers came.", "blame": 1},
        {"id": "2", "story": "b", "text": "The tide table is pinned to the harbour office door.", "blame": 0},
    ]
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert floors.main(["--update", "--allow-lower", "--gold", str(path)]) == 0
    printed = capsys.readouterr().out
    assert "mine.jsonl blame.active: 1.000 (not pinned" in printed
    assert "mine.jsonl us_them.active" not in printed  # no sentence of the file has that frame
    assert not any("mine" in name for name in json.loads(fallen.read_text(encoding="utf-8")))


def test_gold_is_read_from_what_the_training_run_measured(tmp_path: Path) -> None:
    outputs = {name: {"positives": 3, "average_precision": {"value": 0.25}} for name in NAMES}
    outputs["us_them.contested"] = {"positives": 0, "average_precision": {"value": float("nan")}}
    metrics = tmp_path / "metrics.json"
    metrics.write_text(json.dumps({"real": True, "outputs": outputs}), encoding="utf-8")
    wanted = {f"gold {name}": 0.25 for name in NAMES if name != "us_them.contested"}
    assert floors.measured_on_gold(metrics) == wanted
    metrics.write_text(json.dumps({"real": False, "outputs": outputs}), encoding="utf-8")
    assert floors.measured_on_gold(metrics) == {}


def test_a_small_slip_is_not_a_fall() -> None:
    assert floors.shortfalls({"a": 0.79}, {"a": 0.80}) == []
    assert floors.shortfalls({"a": 0.70}, {"a": 0.80}) == ["a: 0.700, floor 0.800"]
    assert floors.shortfalls({}, {"a": 0.80}) == ["a: 0.000, floor 0.800"]
    assert floors.shortfalls({"a": float("nan")}, {"a": 0.80}) == ["a: nan, floor 0.800"]
    assert floors.shortfalls({floors.PASSED: 0.75}, {floors.PASSED: 0.80}) == []
    assert floors.shortfalls({floors.PASSED: 0.73}, {floors.PASSED: 0.80}) == [
        "functionalities passed: 0.730, floor 0.800"
    ]
