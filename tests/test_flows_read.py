"""`sharedstory read` and `show`: files in, files and pages out, bad rows named, nothing of a stranger's text obeyed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from flows.main import run_cli

sys.path.append(str(Path(__file__).parent / "support"))
import county

STORIES: list[dict[str, Any]] = [
    {"id": "one", "title": "Queue row", "text": "Newcomers jump the queue, said Nell Arkwright.\nThe ferry is late."},
    {"id": "two", "text": "The choir sang.\r\nThe “crowd” sang too, in Kelderby."},
]


@pytest.fixture(autouse=True)
def shared_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    from models.stories import StoryReader

    judge = county.judge()
    monkeypatch.setattr("models.stories.load_story_reader", lambda: StoryReader(judge._reader, judge._model))
    monkeypatch.setenv("SHAREDSTORY_TRACEBACK", "1")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_each_story_becomes_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps(one) + "\n" for one in STORIES), encoding="utf-8")
    assert run_cli(["read", str(source), "--output", str(output)]) == 0
    done = lines(output)
    assert [one["id"] for one in done] == ["one", "two"]
    for story, given in zip(done, STORIES, strict=True):
        for sentence in story["sentences"]:
            for group in sentence["groups"]:
                assert given["text"][group["start"] : group["end"]] == group["text"]
    assert "2 stories with 5 sentences" in capsys.readouterr().out


def test_a_bad_row_is_named_and_the_others_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, output = tmp_path / "in.csv", tmp_path / "out.jsonl"
    rows = ["id,text,title", "a,The choir sang.,", ",No id here.,", "b,The ferry is late.,Ferry", ""]
    source.write_text("\n".join(rows), encoding="utf-8")
    assert run_cli(["read", str(source), "--output", str(output)]) == 3
    assert [one["id"] for one in lines(output)] == ["a", "b"]
    assert "has no `id`" in capsys.readouterr().err


@pytest.mark.parametrize("output", ["out.csv", "in.jsonl", "nowhere/out.jsonl"])
def test_an_output_that_cannot_be_used_is_refused(tmp_path: Path, output: str) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps(STORIES[0]) + "\n", encoding="utf-8")
    before = source.read_bytes()
    assert run_cli(["read", str(source), "--output", str(tmp_path / output)]) == 11
    assert source.read_bytes() == before


def test_a_text_file_is_shown_in_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "story.txt"
    body = "“Newcomers jump the queue,” said Nell Arkwright.\n\n\x1b[31mThe ferry\u202e is late.\n"
    source.write_text(f"Queue row\n\n{body}", encoding="utf-8")
    assert run_cli(["show", str(source)]) == 0
    said = capsys.readouterr().out
    assert "Queue row" in said
    assert "Nell Arkwright" in said
    assert "\x1b" not in said, "neither our colours, since this is no terminal, nor the story's own"
    assert "\u202e" not in said


def test_one_story_of_several_is_written_as_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, page = tmp_path / "in.jsonl", tmp_path / "page.html"
    source.write_text("".join(json.dumps(one) + "\n" for one in STORIES), encoding="utf-8")
    assert run_cli(["show", str(source), "--id", "two", "--html", "--output", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "choir" in text
    assert "Arkwright" not in text
    assert "<script" not in text.casefold()
    assert str(page) in capsys.readouterr().out
    assert run_cli(["show", str(source), "--id", "three"]) == 11


def test_an_empty_or_missing_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text(" \n\n")
    for path in (empty, tmp_path / "nothing.txt"):
        assert run_cli(["show", str(path)]) == 11
    assert "Traceback" not in capsys.readouterr().err
