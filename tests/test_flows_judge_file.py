"""A researcher's own file: what goes in, what comes out, and that nothing is lost when it is not as it should be."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from corpora.errors import BadInput
from flows.judge_file import COLUMNS, judge_file
from flows.main import run_cli
from flows.tables_io import read_rows, written

sys.path.append(str(Path(__file__).parent / "support"))
import county

FRAMES = ("us_them", "blame", "shared_story")
ROWS: list[dict[str, str]] = [
    {
        "id": "a",
        "title": "Ferry stops for the winter",
        "text": "The Orr ferry stops on Sunday.\nThe council had no choice. “We will be cut off,” said Nell Lee.",
    },
    {"id": "b", "title": "", "text": "Since the hostel opened, the doctor's list has been full, and people know why."},
    {"id": "c", "title": "Harvest", "text": "Old hands and newcomers brought the apples in together, as every year."},
]


@pytest.fixture(autouse=True)
def one_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.judge.load_judge", county.judge)


def put(path: Path, rows: list[dict[str, Any]]) -> Path:
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    elif path.suffix == ".parquet":
        import polars as pl

        pl.DataFrame(rows).write_parquet(path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def got(path: Path) -> list[dict[str, Any]]:
    rows = list(read_rows(path))
    for row in rows:
        if path.suffix == ".csv":
            row["groups"] = row["groups"].split("|") if row["groups"] else []
            for name in COLUMNS:
                if name in {"start", "end"}:
                    row[name] = int(row[name])
                elif name.endswith("_flag"):
                    row[name] = {"True": True, "False": False}[row[name]]
                elif name in FRAMES or name.endswith("_contested"):
                    row[name] = float(row[name])
    return rows


@pytest.mark.parametrize("outside", [".jsonl", ".csv", ".parquet", ".ndjson"])
@pytest.mark.parametrize("inside", [".jsonl", ".csv", ".parquet"])
def test_every_kind_of_file_in_and_out_gives_the_same_rows(inside: str, outside: str, tmp_path: Path) -> None:
    source = put(tmp_path / f"in{inside}", ROWS)
    output = tmp_path / f"out{outside}"
    assert judge_file(source, output, unit="story", headlines=False) == (3, 5)
    found = got(output)
    assert all(list(row) == COLUMNS for row in found)
    judge = county.judge()
    assert found == judge.code_texts([{**row, "before": ""} for row in ROWS], headlines=False)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_columns_are_those_that_are_promised(tmp_path: Path) -> None:
    promised = ["id", "start", "end", *FRAMES, *(f"{one}_flag" for one in FRAMES), "groups", "voice", "coder"]
    assert [name for name in COLUMNS if name in promised] == promised
    judge_file(put(tmp_path / "in.jsonl", ROWS), tmp_path / "out.jsonl", unit="story", headlines=False)
    coder = county.judge().coder
    text_of = {row["id"]: row["text"] for row in ROWS}
    sentences = []
    for row in got(tmp_path / "out.jsonl"):
        sentence = text_of[row["id"]][row["start"] : row["end"]]
        assert sentence == sentence.strip() != ""
        sentences.append(sentence)
        assert row["coder"] == coder.name
        assert row["unit"] == "body"
        assert row["voice"] in {"OUTLET", "DIRECT", "INDIRECT", "MIXED"}
        for frame in FRAMES:
            assert 0.0 <= row[frame] <= 1.0
            assert row[f"{frame}_flag"] == (row[frame] >= coder.thresholds[f"{frame}.active"])
    assert sentences[0] == "The Orr ferry stops on Sunday."
    assert next(row["voice"] for row in got(tmp_path / "out.jsonl")) == "OUTLET"


def test_a_sentence_a_row(tmp_path: Path) -> None:
    source = put(tmp_path / "in.jsonl", ROWS)
    assert judge_file(source, tmp_path / "out.jsonl", unit="sentence", headlines=False) == (3, 3)
    found = got(tmp_path / "out.jsonl")
    assert [(row["id"], row["start"], row["end"]) for row in found] == [
        (row["id"], 0, len(row["text"])) for row in ROWS
    ]


def test_titles_have_rows_when_they_are_asked_for(tmp_path: Path) -> None:
    source = put(tmp_path / "in.jsonl", ROWS)
    judge_file(source, tmp_path / "out.jsonl", unit="story", headlines=True)
    titles = [row for row in got(tmp_path / "out.jsonl") if row["unit"] == "headline"]
    assert [(row["id"], row["start"], row["end"]) for row in titles] == [("a", 0, 26), ("c", 0, 7)]
    assert {row["voice"] for row in titles} <= {"HEADLINE", "DIRECT", "MIXED", "INDIRECT"}


def test_extra_columns_and_numbers_are_no_harm(tmp_path: Path) -> None:
    source = put(tmp_path / "in.jsonl", [{"id": 7, "text": "Rain is on its way.", "author": "x", "likes": None}])
    judge_file(source, tmp_path / "out.jsonl", unit="sentence", headlines=False)
    assert [row["id"] for row in got(tmp_path / "out.jsonl")] == ["7"]


HOSTILE = [
    "\u202eright to left\u202c and back.",
    "zero\u200bwidth\ufeff marks.",
    "\U0001f600 \U0001f9d1\u200d\U0001f33e went home.",
    "a\x00b\x01c",
    "tab\tand\rreturn\x0b\x0c\x85\u2028 end.",
    " ",
    "\n\n\n",
    "e\u0301" * 3000,
    "word " * 60_000,
    "x" * 120_000,
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script> said so.",
    "“" * 500,
    "." * 5000,
    "中文报纸说。",
    "\ud800 alone.",
    "‘’'\"",
]


@pytest.mark.parametrize("outside", [".jsonl", ".csv", ".parquet"])
@pytest.mark.parametrize("unit", ["sentence", "story"])
def test_text_of_any_kind_is_read(unit: str, outside: str, tmp_path: Path) -> None:
    rows = [{"id": f"r{at}", "text": text, "title": text[:80], "before": text[:80]} for at, text in enumerate(HOSTILE)]
    source, output = put(tmp_path / "in.jsonl", rows), tmp_path / f"out{outside}"
    read, sentences = judge_file(source, output, unit=unit, headlines=True)
    assert read == len(rows)
    found = got(output)
    assert len(found) == sentences
    text_of = {row["id"]: row for row in rows}
    for row in found:
        whole = text_of[row["id"]]["title" if row["unit"] == "headline" else "text"]
        assert 0 <= row["start"] < row["end"] <= len(whole)
        assert all(0.0 <= row[frame] <= 1.0 for frame in FRAMES)
    if unit == "sentence":
        assert sentences == len(rows)


# Input that is not as it should be


BAD: dict[str, tuple[str, bytes, str]] = {
    "no id": ("in.jsonl", b'{"id": "1", "text": "A."}\n{"text": "B."}\n', "row 2 has no `id`"),
    "no text": ("in.jsonl", b'{"id": "1", "text": "A."}\n{"id": "2", "text": ""}\n', "row 2 has no `text`"),
    "null": ("in.jsonl", b'{"id": "1", "text": null}\n', "row 1 has no `text`"),
    "not JSON": ("in.jsonl", b'{"id": "1", "text": "A."}\n\n{"id": "2", "text": "B."\n', "line 3 is not JSON"),
    "no object": ("in.jsonl", b'["id", "text"]\n', "line 1 is not a JSON object"),
    "deep": ("in.jsonl", b"[" * 100_000 + b"\n", "line 1 is not JSON"),
    "column missing": ("in.csv", b"id,body\n1,A.\n", "row 1 has no `text`"),
    "short row": ("in.csv", b"id,text\n1,A.\n2\n", "row 2 has no `text`"),
    "no Parquet": ("in.parquet", b"PAR1 not really", "is not a Parquet file"),
    "empty Parquet": ("in.parquet", b"", "is not a Parquet file"),
    "empty": ("in.jsonl", b"", "holds no rows"),
    "blank": ("in.jsonl", b"\n\n  \n", "holds no rows"),
    "head only": ("in.csv", b"id,text\n", "holds no rows"),
    "not UTF-8": ("in.jsonl", b'{"id": "1", "text": "caf\xe9"}\n', "not UTF-8"),
    "UTF-16": ("in.csv", "id,text\n1,A.\n".encode("utf-16"), "not UTF-8"),
    "unknown kind": ("in.xlsx", b"PK\x03\x04", "kind of file is not known"),
    "no kind": ("in", b"id,text\n", "kind of file is not known"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_told_and_the_last_results_stay(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, body, message = BAD[name]
    (tmp_path / file).write_bytes(body)
    (tmp_path / "out.csv").write_text("results of last week")
    status = run_cli(["--home", str(tmp_path), "judge", str(tmp_path / file), "--output", str(tmp_path / "out.csv")])
    err = capsys.readouterr().err
    assert status == 11
    assert message in err
    assert len(err) < 600
    assert (tmp_path / "out.csv").read_text() == "results of last week"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([file, "out.csv"])


def test_a_bad_row_far_down_leaves_no_half_a_file(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"id": str(n), "text": "Rain."} for n in range(600)]
    source = put(tmp_path / "in.jsonl", [*rows, {"id": "601"}])
    for name in ("out.jsonl", "out.csv", "out.parquet"):
        with pytest.raises(BadInput, match="row 601 has no `text`"):
            judge_file(source, tmp_path / name, unit="sentence", headlines=False)
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["in.jsonl"], 2, "Add --output"),
        (["--output", "out.csv"], 2, "--output goes with an INPUT"),
        (["none.jsonl", "--output", "out.csv"], 11, "There is no file"),
        (["in.jsonl", "--output", "out.txt"], 11, "kind of file is not known"),
        (["in.jsonl", "--output", "no/such/out.csv"], 11, "There is no folder"),
        (["in.jsonl", "--output", "folder.csv"], 11, "is a folder"),
        (["folder.csv", "--output", "out.csv"], 11, "There is no file"),
        (["in.jsonl", "--output", "in.jsonl"], 11, "is the file to be read"),
        (["in.jsonl", "--output", "./folder.csv/../in.jsonl"], 11, "is the file to be read"),
    ],
)
def test_what_cannot_be_meant_is_told(  # noqa: PLR0917
    arguments: list[str],
    status: int,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "in.jsonl", ROWS)
    before = (tmp_path / "in.jsonl").read_bytes()
    (tmp_path / "folder.csv").mkdir()
    assert run_cli(["--home", str(tmp_path), "judge", *arguments]) == status
    assert message in capsys.readouterr().err
    assert (tmp_path / "in.jsonl").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.csv", "in.jsonl"]


def test_no_workspace_is_needed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = put(tmp_path / "in.jsonl", ROWS)
    command = ["--home", str(tmp_path / "none"), "judge", str(source), "--output", str(tmp_path / "out.csv")]
    assert run_cli(command) == 0
    assert "3 rows read, 5 sentences written" in capsys.readouterr().out
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
@pytest.mark.parametrize("wrong", [ValueError, KeyboardInterrupt])
def test_a_writer_that_is_interrupted_leaves_what_was_there(
    suffix: str, wrong: type[BaseException], tmp_path: Path
) -> None:
    path = tmp_path / f"out{suffix}"
    path.write_text("before")

    def interrupted() -> None:
        with written(path, ["id"]) as out:
            out.write([{"id": "1"}])
            raise wrong

    with pytest.raises(wrong):
        interrupted()
    assert path.read_text() == "before"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_a_file_without_rows_can_be_written(suffix: str, tmp_path: Path) -> None:
    with written(tmp_path / f"out{suffix}", ["id", "text"]):
        pass
    assert list(read_rows(tmp_path / f"out{suffix}")) == []
