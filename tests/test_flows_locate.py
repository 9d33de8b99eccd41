"""`sharedstory locate`: what goes in, what comes out, and that a bad row is named and the others are placed."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from corpora.errors import BadInput
from flows.cli_places import locate
from flows.cli_work import PARTIAL
from flows.locate_file import locate_file
from flows.tables_io import BadRow, read_rows

ROWS: list[dict[str, Any]] = [
    {"id": "a", "text": "A bench in Newport, near Ryde.", "outlet_areas": "E06000046", "toponym": "Newport"},
    {"id": "b", "text": "A bench in Barnsley.", "outlet_areas": "E08000016|E08000019", "toponym": ""},
    {"id": "c", "text": "The choir flew to Lisbon.", "outlet_areas": "E08000035", "toponym": "Lisbon"},
]


def run(*arguments: Any) -> Result:
    return CliRunner().invoke(locate, [str(one) for one in arguments], standalone_mode=False)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def jsonl(path: Path, *rows: Any) -> Path:
    path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in rows))
    return path


def test_each_row_gets_authorities_with_method_and_score_or_a_reason(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    ended = run(jsonl(tmp_path / "in.jsonl", *ROWS), "--output", out)
    assert ended.exception is None
    assert ended.return_value == 0
    assert "3 rows, 2 of them placed" in ended.output
    first, second, third = lines(out)
    (place,) = first["lads"]
    assert first["toponym"] == "Newport"
    assert (place["code"], place["name"], place["method"]) == ("E06000046", "Isle of Wight", "outlet_prior")
    assert 0.5 < place["score"] <= 1
    assert [one["code"] for one in second["lads"]] == ["E08000038"]
    assert "reason" not in second
    assert third == {"id": "c", "toponym": "Lisbon", "lads": [], "reason": "outside_uk"}


def test_areas_may_be_a_list_or_codes_with_bars_or_absent_and_older_codes_will_do(tmp_path: Path) -> None:
    text = "There is a new bench."
    rows = [
        {"id": "1", "text": text, "outlet_areas": ["E08000016"]},
        {"id": "2", "text": text, "outlet_areas": '["E08000016"]'},
        {"id": "3", "text": text, "outlet_areas": " e08000016 | "},
        {"id": "4", "text": text},
        {"id": "5", "text": text, "outlet_areas": None},
    ]
    out = tmp_path / "out.jsonl"
    locate_file(jsonl(tmp_path / "in.jsonl", *rows), out)
    placed = lines(out)
    assert [[place["code"] for place in one["lads"]] for one in placed] == [["E08000038"]] * 3 + [[], []]
    assert {one["lads"][0]["method"] for one in placed[:3]} == {"outlet_default"}
    assert placed[3]["reason"] == "unresolved"


def test_title_and_address_are_read_too(tmp_path: Path) -> None:
    kent = "E07000113|E07000110"
    rows = [
        {"id": "1", "title": "Sittingbourne has a bench", "text": "It is new.", "outlet_areas": kent},
        {"id": "2", "text": "It is new.", "outlet_areas": kent, "url": "https://example.org/maidstone/news/bench"},
    ]
    out = tmp_path / "out.jsonl"
    locate_file(jsonl(tmp_path / "in.jsonl", *rows), out)
    assert [[(one["code"], one["method"]) for one in row["lads"]] for row in lines(out)] == [
        [("E07000113", "unique_place")],
        [("E07000110", "place_url")],
    ]


def test_bad_rows_are_named_and_the_others_placed(tmp_path: Path) -> None:
    source = jsonl(
        tmp_path / "in.jsonl",
        ROWS[0],
        "{",
        {"id": "x"},
        {"id": "y", "text": "A bench.", "outlet_areas": "Z99"},
        {"id": "z", "text": "A bench.", "outlet_areas": "E92000001"},
        {"id": "w", "text": ["A bench."]},
        {"id": "v", "text": "A bench.", "outlet_areas": "[1"},
        {"id": "u", "text": "A bench.", "outlet_areas": {"a": 1}},
        {"id": "t\ud800", "text": "A \ud800 bench in Leeds."},
    )
    out = tmp_path / "out.jsonl"
    ended = run(source, "--output", out)
    assert ended.exception is None
    assert ended.return_value == PARTIAL
    said = ended.stderr
    for number in range(2, 9):
        assert f"in.jsonl line {number} " in said
    assert "Z99" in said
    assert "7 rows could not be read" in said
    assert [one["id"] for one in lines(out)] == ["a", "t\ufffd"]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_tables_go_in_and_out(tmp_path: Path, suffix: str) -> None:
    source = tmp_path / f"in{suffix}"
    if suffix == ".csv":
        with source.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(ROWS[0]))
            writer.writeheader()
            writer.writerows(ROWS)
    else:
        import polars as pl

        pl.DataFrame(ROWS).write_parquet(source)
    out = tmp_path / f"out{suffix}"
    assert locate_file(source, out).located == 2
    rows = [one[1] for one in read_rows(out) if not isinstance(one, BadRow)]
    codes = [one["codes"] if isinstance(one["codes"], list) else one["codes"].split("|") for one in rows]
    assert codes[:2] == [["E06000046"], ["E08000038"]]
    assert rows[2]["reason"] == "outside_uk"


def test_an_outside_gazetteer_is_used_instead(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("name,kind,lad25cd,lat,lon,population\nKelderby,populated place,E07000113,51.3,0.8,900\n")
    source = jsonl(tmp_path / "in.jsonl", {"id": "1", "text": "A bench in Kelderby.", "toponym": "Kelderby"})
    out = tmp_path / "out.jsonl"
    assert run(source, "--output", out, "--gazetteer", own).return_value == 0
    (row,) = lines(out)
    assert [(one["code"], one["method"]) for one in row["lads"]] == [("E07000113", "unique_place")]
    with pytest.raises(BadInput, match="cannot be read"):
        locate_file(source, out, gazetteer=tmp_path / "missing.csv")


def test_a_file_that_cannot_be_used_is_told_and_nothing_written(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    with pytest.raises(BadInput, match="no rows"):
        locate_file(jsonl(tmp_path / "empty.jsonl"), out)
    with pytest.raises(BadInput, match="no row that can be read"):
        locate_file(jsonl(tmp_path / "bad.jsonl", "{"), out)
    assert not out.exists()
    with pytest.raises(BadInput, match="There is no file"):
        locate_file(tmp_path / "missing.jsonl", out)
    source = jsonl(tmp_path / "in.jsonl", ROWS[0])
    with pytest.raises(BadInput, match="is the file to be read"):
        locate_file(source, source)
    with pytest.raises(BadInput, match="not known"):
        locate_file(source, tmp_path / "out.txt")
