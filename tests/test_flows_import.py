"""`sharedstory import`: the same store from every format, once and for all, whatever happens on the way."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from corpora.errors import BadInput
from corpora.pages import extract_page
from flows import import_archive as importing
from flows.cli_import import import_archives
from flows.import_archive import import_archive

sys.path.append(str(Path(__file__).parent / "support"))
import archives
import county

CHILD = Path(__file__).parent / "support" / "archives.py"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    with archives.opened(tmp_path / "home"):
        yield tmp_path / "home"


def contents(home: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table but the notes."""
    found = county.dump(home)
    del found["meta"]
    return found


def run(home: Path, *words: str | Path) -> int:
    code: int = import_archives.main(args=[str(one) for one in words], standalone_mode=False, obj=home)
    return code


def told(home: Path, path: Path, **more: Any) -> tuple[dict[str, int], list[str]]:
    said: list[str] = []
    report, _ = import_archive(str(home), path, tell=said.append, **more)
    return report.counts, said


# The same from every format


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("wanted")
    with archives.opened(folder / "home"):
        counts, said = told(folder / "home", archives.jsonl(folder / "a.jsonl", archives.stories(9)))
    assert (counts, said) == ({"rows": 9, "new": 9}, [])
    return contents(folder / "home")


@pytest.mark.parametrize(
    "name", ["a.jsonl.gz", "a.csv", "a.tsv", "a.parquet", "a.warc", "a.warc.gz", "whole.warc.gz", "pages"]
)
def test_the_store_is_the_same_from_every_format(
    name: str, home: Path, tmp_path: Path, wanted: dict[str, list[dict[str, Any]]]
) -> None:
    some = archives.stories(9)
    path = tmp_path / name
    if "warc" in name:
        archives.warc(path, archives.records(some), whole="whole" in name)
    elif name == "a.parquet":
        archives.parquet(path, some)
    elif name.endswith("sv"):
        archives.table(path, some)
    else:
        (archives.folder if name == "pages" else archives.jsonl)(path, some)
    counts, _ = told(home, path)
    assert (counts["rows"], counts["new"]) == (9, 9)
    assert contents(home) == wanted
    assert {one["outcome"] for one in wanted["entry"]} == {"archive"}
    assert {one["text_from"] for one in wanted["version"]} == {"page"}
    assert {one["byline"] for one in wanted["version"]} == {"Local Democracy Reporting Service"}
    # Again, or the same stories from another file: nothing happens.
    told(home, path, again=True)
    told(home, archives.jsonl(tmp_path / "other.jsonl", some))
    assert contents(home) == wanted


# What is left out, and what is said of it


def test_what_is_left_out_is_counted_and_named(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, undated, wall, far, strange, odd = archives.stories(6)
    undated |= {"published": "", "captured": ""}
    wall |= {"text": "Please enable JavaScript and cookies to continue. " * 3}
    far["url"] = "https://www.farhaven-post.test/1"
    strange["url"] = "https://strange.test/1"
    odd["url"] = "javascript:alert(1)"
    path = archives.jsonl(tmp_path / "a.jsonl", [good, undated, wall, far, strange, strange, odd, "{"])
    assert run(home, path) == 3
    out, err = capsys.readouterr()
    assert "a.jsonl: 8 rows read, 1 new stories" in out
    assert "2 left out: from sites that no outlet of the catalogue is at (strange.test 2)" in out
    assert "1 left out: of outlets that cover no region of this workspace" in out
    assert "1 left out: pages without a story" in out
    assert "Published in weeks 2026-W31 to 2026-W31." in out
    assert "a.jsonl line 2 does not say when it was published" in err
    assert "a.jsonl line 7 has no web address; set aside." in err
    assert "3 rows could not be read" in err
    (listed,) = (home / "imports").iterdir()
    assert [json.loads(line)["place"] for line in listed.read_text().splitlines()] == [
        "line 7", "line 8", "line 2", "line 3",
    ]  # fmt: skip
    assert str(listed) in err
    assert good["title"] not in listed.read_text()
    # Once more: it is told the same, and nothing is read.
    before = contents(home)
    assert run(home, path) == 3
    assert capsys.readouterr().out == out
    assert contents(home) == before


def test_an_outlet_may_be_named_for_those_of_none(home: Path, tmp_path: Path) -> None:
    ours, far, strange = archives.stories(3)
    far["url"] = "https://www.farhaven-post.test/1"
    strange["url"] = "https://strange.test/1"
    path = archives.jsonl(tmp_path / "a.jsonl", [ours, far, strange])
    counts, _ = told(home, path, outlet="Orren Echo")
    assert counts == {"rows": 3, "new": 2, "elsewhere": 1}
    assert {one["outlet"] for one in contents(home)["story"]} == {"orren-echo"}
    strange["outlet"] = "farhaven-post"
    counts, _ = told(home, archives.jsonl(tmp_path / "b.jsonl", [strange]), outlet="orren-echo")
    assert counts == {"rows": 1, "elsewhere": 1}
    with pytest.raises(BadInput, match="no outlet 'nobody'"):
        told(home, path, outlet="nobody")


def test_other_regions_are_another_import(tmp_path: Path) -> None:
    ours, far = archives.stories(2)
    far["url"] = "https://www.farhaven-post.test/1"
    path = archives.jsonl(tmp_path / "a.jsonl", [ours, far])
    home = tmp_path / "home"
    with archives.opened(home):
        assert told(home, path)[0] == {"rows": 2, "new": 1, "elsewhere": 1}
    with archives.opened(home, regions=("TLZ",)):
        assert told(home, path)[0] == {"rows": 2, "new": 1, "same": 1}
        path.write_text(path.read_text() + json.dumps(archives.stories(3)[2]) + "\n")
        assert told(home, path)[0] == {"rows": 3, "new": 1, "same": 2}


@pytest.mark.parametrize("respect", [True, False])
def test_a_reserved_page_is_left_alone_as_it_is_when_collected(respect: bool, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (row,) = archives.stories(1)
    answer = archives.answer(archives.page(row), more=["TDM-Reservation: 1"])
    path = archives.warc(tmp_path / "a.warc", [archives.record(answer, row["url"])])
    with archives.opened(home, respect_tdm_optout=respect):
        assert told(home, path)[0] == {"rows": 1, "reserved" if respect else "new": 1}


def test_old_texts_are_said_to_go(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    some = [one | {"captured": "2019-08-09", "published": "2019-08-08"} for one in archives.stories(3)]
    assert run(home, archives.jsonl(tmp_path / "a.jsonl", some)) == 0
    assert "3 texts are older than this workspace keeps full texts" in capsys.readouterr().out


def test_rows_without_end_that_cannot_be_read_are_given_up(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "GIVE_UP", 50)
    path = archives.jsonl(tmp_path / "a.jsonl.gz", [archives.stories(1)[0], *["{}"] * 5_000])
    counts, said = told(home, path)
    assert counts == {"rows": 51, "new": 1, "bad": 51}
    assert len(said) == importing.MOST_TOLD
    assert run(home, path) == 3


@pytest.mark.parametrize("name", ["a.warc.gz", "a.jsonl", "a.csv", "a.parquet"])
def test_a_file_of_junk_ends_plainly(name: str, home: Path, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"\x1f\x8b\x08" + os.urandom(20_000))
    if name.startswith("a.warc") or name == "a.jsonl":
        assert run(home, tmp_path / name) == 3
    else:
        with pytest.raises(BadInput):
            run(home, tmp_path / name)
    assert contents(home)["story"] == []


def test_without_a_source_the_command_says_how_it_is_used(home: Path) -> None:
    with pytest.raises(click.UsageError):
        run(home)
    with pytest.raises(BadInput, match="no file or folder"):
        run(home, home / "nothing.jsonl")


# Killed


def child(home: Path, source: Path, number: int) -> int:
    """Import in a process group of its own; nothing of it may be left when it is gone."""
    running = subprocess.Popen(
        [sys.executable, str(CHILD), str(home), str(source), str(number)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    running.wait(timeout=120)
    for _ in range(200):
        try:
            os.killpg(running.pid, 0)
        except ProcessLookupError:
            return running.returncode
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGKILL)
    pytest.fail("the parser's process outlived the one that was killed")


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["a.warc.gz", "a.csv", "pages"])
def test_killed_again_and_again_it_ends_as_if_nothing_had_happened(name: str, tmp_path: Path) -> None:
    some = archives.stories(18)
    path = tmp_path / name
    if name == "pages":
        archives.folder(path, some)
        (path / "part0" / "1.html").write_bytes(b"<p>no address")
    elif name == "a.csv":
        some[2]["url"] = some[11]["url"] = "nowhere"
        archives.table(path, some)
    else:
        made = archives.records(some)
        archives.warc(path, [*made[:9], b"junk\r\n\r\n", *made[9:]])
    whole, home = tmp_path / "whole", tmp_path / "home"
    assert child(whole, path, 0) == 0
    sizes = []
    for number in (1, 2, 3):
        assert child(home, path, number) == -signal.SIGKILL
        found = contents(home)
        assert len(found["story"]) == len(found["version"]) == len(found["entry"])
        sizes.append(len(found["story"]))
    assert sizes == [0, 4, 12]
    assert child(home, path, 0) == 0
    assert county.dump(home) == county.dump(whole)
    lists = [sorted((one / "imports").iterdir()) for one in (home, whole)]
    assert [[one.read_bytes() for one in some] for some in lists[:1]] == [
        [one.read_bytes() for one in some] for some in lists[1:]
    ]


# Judged and reported


@pytest.mark.timeout(300)
def test_an_archive_can_be_judged_and_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from flows import plain

    home = tmp_path / "home"
    some = archives.stories(6)
    for number, one in enumerate(some):
        one |= {"captured": "2019-10-31T12:00:00Z", "published": f"2019-10-{28 + number % 3}"}
    with archives.opened(home) as bench:
        bench.__dict__["judge"] = county.judge()
        assert run(home, archives.warc(tmp_path / "old.warc.gz", archives.records(some))) == 0
        assert "Published in weeks 2019-W44 to 2019-W44." in capsys.readouterr().out
        assert plain.judge(str(home)) == 6
        page = plain.weekly(str(home), "2019-W44")
    assert page.is_file()
    said = " ".join(one.read_text(encoding="utf-8") for one in page.parent.rglob("*.html"))
    assert "Kelderby" in said
    assert "6 stories" in said or ">6<" in said


# Real pages


@pytest.mark.shared
@pytest.mark.timeout(300)
def test_real_pages_become_the_stories_that_extraction_finds(shared: Path, home: Path) -> None:
    folder = shared / "pages" / "uk"
    counts, said = told(home, folder, outlet="orren-echo")
    pages = sorted(folder.glob("*.html.gz"))
    assert counts["rows"] == len(pages)
    assert counts["new"] >= 0.9 * len(pages)
    assert counts["new"] + counts.get("no_story", 0) + counts.get("bad", 0) + counts.get("same", 0) == len(pages)
    texts = {one["title"]: one for one in contents(home)["version"]}
    page = extract_page(gzip.decompress(pages[-1].read_bytes()))
    assert page.title in texts
    assert said == [] or len(said) == counts["bad"]
