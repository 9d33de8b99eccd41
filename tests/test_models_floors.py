"""The shipped model may not fall below its pinned floors, and an update may not lower one in silence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models import floors
from models.judge import load_judge


def test_the_shipped_model_is_as_good_as_it_was() -> None:
    found = floors.scores(load_judge(), floors.suite())
    pinned = json.loads(floors.FLOORS.read_text(encoding="utf-8"))
    assert pinned.keys() == found.keys()
    assert floors.shortfalls(found, pinned) == []


def test_an_update_never_lowers_a_floor_unsaid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pinned = tmp_path / "floors.json"
    pinned.write_text(json.dumps({"blame.active": 0.9}), encoding="utf-8")
    monkeypatch.setattr(floors, "FLOORS", pinned)
    monkeypatch.setattr(floors, "load_judge", lambda: None)
    monkeypatch.setattr(floors, "suite", tuple)
    monkeypatch.setattr(floors, "scores", lambda *_: {"blame.active": 0.5})
    assert floors.main([]) == 1
    assert floors.main(["--update"]) == 1
    assert "would be lowered" in capsys.readouterr().err
    assert json.loads(pinned.read_text(encoding="utf-8")) == {"blame.active": 0.9}
    assert floors.main(["--update", "--allow-lower"]) == 0
    assert floors.main([]) == 0


def test_a_small_slip_is_not_a_fall() -> None:
    assert floors.shortfalls({"a": 0.79}, {"a": 0.80}) == []
    assert floors.shortfalls({"a": 0.70}, {"a": 0.80}) == ["a: 0.700, floor 0.800"]
    assert floors.shortfalls({}, {"a": 0.80}) == ["a: 0.000, floor 0.800"]
