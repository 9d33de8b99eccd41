"""A short soak: hours of polling on a fast clock, a tenth of the feeds hostile (`tests/soak/polling.py` does days)."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_hours_of_polling_lose_nothing_and_ask_nobody_too_soon(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("_soak_polling", HERE / "soak" / "polling.py")
    assert spec is not None
    assert spec.loader is not None
    polling = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = polling
    spec.loader.exec_module(polling)
    found = polling.soak(tmp_path, hours=8, feeds=30, step=15)
    assert found.visits >= 90
    assert found.kept >= found.published > 500
    assert (found.lost, found.twice, found.too_soon, found.inside, found.foreign) == (0, 0, 0, 0, 0), str(found)
    assert found.states["alive"] + found.states["unchanged"] >= 27
