"""Cells that a spreadsheet would run, and the manifest."""

from __future__ import annotations

import json

import pytest

from reports.tables import manifest, neutral


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+44 20", "-3 degrees", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠x", " =1", '"=1', "\x00=1"],
)
def test_dangerous_cells_get_an_apostrophe(cell: str) -> None:
    assert neutral(cell) == "'" + cell.replace("\x00", "")


@pytest.mark.parametrize("cell", ["Plain words", "a = b", "12 of 140", "", "‘quoted’", "'already"])
def test_plain_cells_stay_as_they_are(cell: str) -> None:
    assert neutral(cell) == cell


def test_manifest_counts_rows_with_line_breaks_inside_cells() -> None:
    made = json.loads(manifest({"a.csv": b'\xef\xbb\xbfx,y\r\n"one\ntwo",2\r\n'}, {"week": "2026-W44"}))
    assert made["files"]["a.csv"]["rows"] == 1
    assert made["week"] == "2026-W44"
