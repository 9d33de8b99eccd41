"""A researcher's own file: what goes in, what comes out, and that nothing is lost when it is not as it should be."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.judge_file import COLUMNS, KINDS, Judged, judge_file
from flows.main import run_cli
from flows.tables_io import ROW_GROUP, BadRow, read_rows, written
from nlp.cues import PROBLEMS

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


def done(rows: int, sentences: int, left_out: int = 0) -> Judged:
    return Judged(rows=rows, sentences=sentences, left_out=left_out)


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


def rows_of(path: Path) -> list[dict[str, Any]]:
    """All rows of a file in which no row is bad."""
    rows = []
    for one in read_rows(path):
        assert not isinstance(one, BadRow)
        rows.append(one[1])
    return rows


def got(path: Path) -> list[dict[str, Any]]:
    rows = rows_of(path)
    read: dict[str, Callable[[str], Any]] = {
        "integer": int,
        "number": float,
        "text": str,
        "texts": lambda cell: cell.split("|") if cell else [],
        "spans": json.loads,
    }
    if path.suffix == ".csv":
        return [{name: read[KINDS[name]](cell) for name, cell in row.items()} for row in rows]
    return rows


@pytest.mark.parametrize("outside", [".jsonl", ".csv", ".parquet", ".ndjson"])
@pytest.mark.parametrize("inside", [".jsonl", ".csv", ".parquet"])
def test_every_kind_of_file_in_and_out_gives_the_same_rows(inside: str, outside: str, tmp_path: Path) -> None:
    source = put(tmp_path / f"in{inside}", ROWS)
    output = tmp_path / f"out{outside}"
    assert judge_file(source, output, unit="story", headlines=False) == done(3, 5)
    found = got(output)
    assert all(list(row) == COLUMNS for row in found)
    judge = county.judge()
    assert found == judge.code_texts([{**row, "before": ""} for row in ROWS], headlines=False)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_columns_are_those_that_are_promised(tmp_path: Path) -> None:
    flags, contested = [f"{one}_flag" for one in FRAMES], [f"{one}_contested" for one in FRAMES]
    told = ["groups", "problems", "voice", "frame_voice", "stance", "structural_cause", "evidence", "coder"]
    assert ["id", "unit", "start", "end", *FRAMES, *flags, *contested, *told] == COLUMNS
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
            assert (row[f"{frame}_flag"] == "display") == (row[frame] >= coder.thresholds[f"{frame}.active"])
            assert row[f"{frame}_flag"] in {"", "triage", "display"}
            assert 0.0 <= row[f"{frame}_contested"] <= 1.0
        assert row["shared_story_contested"] == 0.0
        assert row["stance"] in {"ENDORSES", "REPORTS", "CONTESTS"}
        assert row["structural_cause"] in {"NAMED_INSTEAD", "NAMED_ALSO", "OMITTED", "NA"}
        assert set(row["problems"]) <= set(PROBLEMS)
        for span in row["evidence"]:
            assert list(span) == ["kind", "start", "end", "text"]
            assert row["start"] <= span["start"] < span["end"] <= row["end"]
            assert text_of[row["id"]][span["start"] : span["end"]] == span["text"]
    assert sentences[0] == "The Orr ferry stops on Sunday."
    assert next(row["voice"] for row in got(tmp_path / "out.jsonl")) == "OUTLET"


def test_a_sentence_a_row(tmp_path: Path) -> None:
    source = put(tmp_path / "in.jsonl", ROWS)
    assert judge_file(source, tmp_path / "out.jsonl", unit="sentence", headlines=False) == done(3, 3)
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
    result = judge_file(source, output, unit=unit, headlines=True)
    assert result.rows == len(rows)
    found = got(output)
    assert len(found) == result.sentences
    text_of = {row["id"]: row for row in rows}
    for row in found:
        whole = text_of[row["id"]]["title" if row["unit"] == "headline" else "text"]
        assert 0 <= row["start"] < row["end"] <= len(whole)
        assert all(0.0 <= row[frame] <= 1.0 for frame in FRAMES)
        for span in row["evidence"]:
            assert whole.replace("\ud800", "\ufffd")[span["start"] : span["end"]] == span["text"]
    if unit == "sentence":
        assert result.sentences == len(rows)


# Input that is not as it should be


BAD: dict[str, tuple[str, bytes, str]] = {
    "null": ("in.jsonl", b'{"id": "1", "text": null}\n', "line 1 has no `text`"),
    "nothing usable": ("in.jsonl", b'{"id": "1"}\n', "holds no row that can be read"),
    "no object": ("in.jsonl", b'["id", "text"]\n', "line 1 is not a JSON object"),
    "deep": ("in.jsonl", b"[" * 100_000 + b"\n", "line 1 is not JSON"),
    "column missing": ("in.csv", b"id,body\n1,A.\n", "has no column `text`"),
    "no CSV": ("in.csv", b"PK\x03\x04\xff\xfe", "not UTF-8"),
    "no Parquet": ("in.parquet", b"PAR1 not really", "is not a Parquet file"),
    "empty Parquet": ("in.parquet", b"", "is not a Parquet file"),
    "empty": ("in.jsonl", b"", "holds no rows"),
    "empty CSV": ("in.csv", b"", "holds no rows"),
    "blank": ("in.jsonl", b"\n\n  \n", "holds no rows"),
    "head only": ("in.csv", b"id,text\n", "holds no rows"),
    "not UTF-8": ("in.jsonl", b'{"id": "1", "text": "caf\xe9"}\n', "not UTF-8"),
    "UTF-16": ("in.csv", "id,text\n1,A.\n".encode("utf-16"), "not UTF-8"),
    "unknown kind": ("in.xlsx", b"PK\x03\x04", "kind of file is not known"),
    "no kind": ("in", b"id,text\n", "kind of file is not known"),
}


@pytest.mark.parametrize("name", BAD)
def test_input_that_cannot_be_used_is_told_and_the_last_results_stay(
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


GOOD = b'{"id": "1", "text": "Rain fell."}\n'
BAD_ROWS: dict[str, tuple[str, bytes, str, int]] = {
    "no id": ("in.jsonl", GOOD + b'{"text": "B."}\n' + GOOD, "in.jsonl line 2 has no `id`", 2),
    "no text": ("in.jsonl", GOOD + b'{"id": "2", "text": ""}\n', "in.jsonl line 2 has no `text`", 1),
    "text in a list": ("in.jsonl", GOOD + b'{"id": "2", "text": ["B."]}\n', "line 2 has a `text` that is not text", 1),
    "not JSON": ("in.jsonl", GOOD + b'\n{"id": "2", "text": "B."\n' + GOOD, "in.jsonl line 3 is not JSON", 2),
    "no object": ("in.ndjson", b"7\n" + GOOD, "in.ndjson line 1 is not a JSON object", 1),
    "not UTF-8": ("in.jsonl", GOOD + b'{"id": "2", "text": "caf\xe9"}\n', "line 2 is not UTF-8 text", 1),
    "short row": ("in.csv", b'id,text\n1,"A\nb."\n2\n3,C.\n', "in.csv line 4 has no `text`", 2),
    "CSV not UTF-8": ("in.csv", b"id,text\n1,A.\n2,caf\xe9\n", "in.csv line 3 is not UTF-8 text", 1),
    "long cell": ("in.csv", b"id,text\n1,A.\n2," + b"x" * 10_000_001 + b"\n3,C.\n", "in.csv line 3 is not CSV", 2),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_is_told_with_its_line_and_the_others_are_written(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, body, message, good = BAD_ROWS[name]
    (tmp_path / file).write_bytes(body)
    command = ["--home", str(tmp_path), "judge", str(tmp_path / file), "--output", str(tmp_path / "out.jsonl")]
    assert run_cli([*command, "--unit", "sentence"]) == 3
    said = capsys.readouterr()
    assert message in said.err
    assert "1 rows could not be read and were left out" in said.err
    assert f"{good} rows read, {good} sentences written" in said.out
    assert len(got(tmp_path / "out.jsonl")) == good


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_a_bad_row_far_down_costs_no_other_row(suffix: str, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"id": str(n), "text": "Rain."} for n in range(600)]
    source = put(tmp_path / f"in{suffix}", [*rows, {"id": "601", "text": ""}, {"id": "602", "text": "Sun."}])
    told: list[str] = []
    result = judge_file(source, tmp_path / f"out{suffix}", unit="sentence", headlines=False, tell=told.append)
    assert result == done(601, 601, 1)
    place = {".jsonl": "line 601", ".csv": "line 602", ".parquet": "row 601"}[suffix]
    assert told == [f"in{suffix} {place} has no `text`; left out."]
    assert [row["id"] for row in got(tmp_path / f"out{suffix}")] == [*(row["id"] for row in rows), "602"]


def test_context_tells_what_is_contested(tmp_path: Path) -> None:
    rebuttal = "The board dismissed the claim as nonsense and called it racist."
    row = {"id": "1", "text": "Refugees filled the list.", "before": rebuttal, "after": rebuttal}
    judge_file(put(tmp_path / "in.jsonl", [row]), tmp_path / "out.jsonl", unit="sentence", headlines=False)
    assert got(tmp_path / "out.jsonl")[0]["stance"] == "CONTESTS"


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
        with written(path, {"id": "text"}) as out:
            out.write([{"id": "1"}])
            raise wrong

    with pytest.raises(wrong):
        interrupted()
    assert path.read_text() == "before"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_a_file_without_rows_can_be_written(suffix: str, tmp_path: Path) -> None:
    with written(tmp_path / f"out{suffix}", {"id": "text", "text": "text"}):
        pass
    assert rows_of(tmp_path / f"out{suffix}") == []


def test_parquet_is_written_in_parts_that_read_as_one(tmp_path: Path) -> None:
    import polars as pl

    path, span = tmp_path / "out.parquet", {"kind": "we", "start": 0, "end": 2, "text": "we"}
    with written(path, {"id": "text", "groups": "texts", "evidence": "spans"}) as out:
        for at in range(0, 2 * ROW_GROUP + 5, 500):
            empty = at < ROW_GROUP  # a part in which every list is empty must have the same columns as the others
            out.write(
                {"id": str(n), "groups": [] if empty else ["REF"], "evidence": [] if empty else [span]}
                for n in range(at, min(at + 500, 2 * ROW_GROUP + 5))
            )
            assert not path.exists()
    rows = rows_of(path)
    assert [row["id"] for row in rows] == [str(n) for n in range(2 * ROW_GROUP + 5)]
    assert rows[0] == {"id": "0", "groups": [], "evidence": []}
    assert rows[-1]["evidence"] == [span]
    assert pl.read_parquet_schema(path)["groups"] == pl.List(pl.String)
    assert [one.name for one in tmp_path.iterdir()] == ["out.parquet"]
