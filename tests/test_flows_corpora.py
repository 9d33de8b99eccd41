"""`corpora list` and `corpora fetch`: terms first, honest about what could not be done, documented exit codes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from corpora.errors import Quarantined
from corpora.recipes import recipe
from flows.fetch_set import fetch_set
from flows.main import run_cli

SUITE = "functionality,case_id,test_case\nf,1,Nobody in Kelderby should share a bench with a Marrow.\n"


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., tuple[int, str, str]]:
    """Runs `corpora ...` with a cache of its own; gives exit code, output and errors."""

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run_cli(["--home", str(tmp_path / "home"), "corpora", *arguments, "--cache", str(tmp_path / "cache")])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return run


def test_the_list_says_what_each_set_may_be_used_for(said: Any, tmp_path: Path) -> None:
    code, out, err = said("list")
    assert code == 0
    rows = {line.split("\t")[0]: line.split("\t")[1:5] for line in out.splitlines()}
    assert rows["usvsthem"] == ["CC BY-NC 4.0", "training, not of the shipped model", "by hand, then --from", "no"]
    assert rows["group_mentions"][1:] == ["training", "download", "no"]
    assert rows["hatecheck"][1:] == ["evaluation only", "download, --sha256", "no"]
    assert str(tmp_path / "cache") in err
    assert not (tmp_path / "cache").exists()


def test_the_cache_may_be_named_by_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHAREDSTORY_CACHE", str(tmp_path / "elsewhere"))
    assert run_cli(["corpora", "list"]) == 0
    assert str(tmp_path / "elsewhere") in capsys.readouterr().err


def test_terms_come_before_any_refusal(said: Any, tmp_path: Path) -> None:
    code, out, err = said("fetch", "usvsthem")
    assert code == 2
    assert "CC BY-NC 4.0 (the shipped model may not learn from it)" in out
    assert "Non-commercial use only" in out
    assert "figshare.com" in err
    assert "--from FOLDER" in err
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "what"),
    [
        (["fetch", "ballads"], 11, "Known: emona"),
        (["fetch", "hatecheck"], 2, "not pinned"),
        (["fetch", "hatecheck", "--sha256", "12"], 2, "64 hexadecimal"),
        (["fetch", "group_mentions", "--sha256", "0" * 64], 2, "pinned in its recipe"),
        (["fetch", "usvsthem", "--from", "no-such-folder"], 2, "does not exist"),
    ],
)
def test_what_goes_wrong_is_said_with_its_code(said: Any, arguments: list[str], code: int, what: str) -> None:
    status, _, err = said(*arguments)
    assert status == code
    assert what in err


def test_a_copy_without_the_files_or_with_others_is_refused(said: Any, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    folder.mkdir()
    assert said("fetch", "emona", "--from", str(folder))[0] == 11
    (folder / "sentences.jsonl").write_text("{}\n", encoding="utf-8")
    code, _, err = said("fetch", "emona", "--from", str(folder))
    assert code == 11
    assert "checksum differs" in err
    assert not (tmp_path / "cache").exists()


def test_hatecheck_with_a_sum_of_the_users(said: Any, tmp_path: Path) -> None:
    (tmp_path / "test_suite_cases.csv").write_text(SUITE, encoding="utf-8")
    digest = hashlib.sha256(SUITE.encode()).hexdigest()
    code, out, _ = said("fetch", "hatecheck", "--from", str(tmp_path), "--sha256", digest)
    assert code == 0
    assert "never for training" in out
    assert f"Yours is on record ({digest})" in out
    assert "not that it is the authors'" in out
    assert "Rows in our fields" not in out
    code, out, _ = said("fetch", "hatecheck")
    assert code == 0, "the sum on record is enough, and the file is there"
    assert "0 of them new" in out
    assert "hatecheck\tCC BY 4.0\tevaluation only\tdownload, --sha256\tyes" in said("list")[1]


@pytest.mark.shared
def test_a_set_from_a_local_copy_before_and_after_hatecheck_is_there(said: Any, shared: Path, tmp_path: Path) -> None:
    code, out, _ = said("fetch", "usvsthem", "--from", str(shared / "training"))
    assert code == 0
    assert "2 files, 2 of them new" in out
    assert "Rows in our fields: 1,037 (us_them active in 519)" in out
    assert "HateCheck is not in the cache" in out
    (tmp_path / "test_suite_cases.csv").write_text(SUITE, encoding="utf-8")
    digest = hashlib.sha256(SUITE.encode()).hexdigest()
    assert said("fetch", "hatecheck", "--from", str(tmp_path), "--sha256", digest)[0] == 0
    code, out, _ = said("fetch", "usvsthem")
    assert code == 0
    assert "2 files, 0 of them new" in out
    assert "0 HateCheck's, or nearly" in out
    assert "HateCheck is not in the cache" not in out


def test_a_download_by_the_command_s_own_steps(
    internet: Any, servers: ModuleType, make_fetcher: Callable[..., Any], tmp_path: Path
) -> None:
    body = '{"article": "a", "sid": 1, "text": "The mayor of Kelderby opened the new bridge today."}\n'
    wanted = replace(
        recipe("emona"),
        files={"sentences.jsonl": hashlib.sha256(body.encode()).hexdigest()},
        urls={"sentences.jsonl": internet.url("/s")},
    )
    lines: list[str] = []

    def run() -> None:
        fetch_set(
            wanted,
            tmp_path,
            folder=None,
            sha256=None,
            fetcher=make_fetcher(),
            clock=lambda: datetime(2026, 11, 25, tzinfo=UTC),
            say=lines.append,
        )

    internet.answers["/s"] = servers.http(body + " ")
    with pytest.raises(Quarantined):
        run()
    assert list(tmp_path.iterdir()) == []
    assert len(lines) == 1, "the terms"
    internet.answers["/s"] = servers.http(body)
    run()
    run()
    assert internet.hits["/s"] == 2, "once refused, once kept"
    assert "1 files, 0 of them new" in lines[-3]
    assert "none of our frames" in lines[-2]
    (tmp_path / "hatecheck").mkdir()
    (tmp_path / "hatecheck" / "test_suite_cases.csv").write_text("x\n", encoding="utf-8")
    (tmp_path / "hatecheck" / "provenance.json").write_text(
        json.dumps({"test_suite_cases.csv": {"sha256": hashlib.sha256(b"x\n").hexdigest()}}), encoding="utf-8"
    )
    run()
    assert "holds no cases" in lines[-1], "a suite that cannot be read is not passed over"
