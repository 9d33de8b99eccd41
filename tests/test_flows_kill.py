"""Killed, or out of disk: nothing finished is lost, and the same command run again ends as if nothing had happened."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from corpora.errors import StoreError
from flows import plain

sys.path.append(str(Path(__file__).parent / "support"))
import county

CHILD = Path(__file__).parent / "support" / "kill.py"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")


def child(home: Path, place: str = "", number: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the child in a process group of its own; nothing of it may be left when it is gone."""
    running = subprocess.Popen(
        [sys.executable, str(CHILD), str(home), place, str(number)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    out, err = running.communicate(timeout=240)
    for _ in range(200):
        try:
            os.killpg(running.pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.05)
    else:
        os.killpg(running.pid, signal.SIGKILL)
        pytest.fail("the parser's process outlived the one that was killed")
    return subprocess.CompletedProcess(running.args, running.returncode, out, err)


def whole(home: Path) -> None:
    """The same work, uninterrupted, in this process, and judged in one batch (the child takes many small ones)."""
    with county.opened(home, region=county.DRAYHOLT):
        plain.collect(str(home))
        plain.judge(str(home))
        plain.weekly(str(home), county.EARLY_WEEK)


@pytest.fixture(scope="session")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("whole") / "workspace"
    whole(home)
    return home


def comparable(home: Path) -> dict[str, list[dict[str, Any]]]:
    """The store without what a visit says of itself.

    A visit that was cut off is made again: the second one rightly brings fewer new stories, or finds nothing changed.
    """
    tables = county.dump(home)
    for row in tables["feed_check"]:
        for name in ("new_stories", "new_versions", "thin"):
            del row[name]
    for row in tables["health_feed"]:
        for name in ("new", "edited", "thin"):
            del row[name]
    for row in tables["feed"]:
        row["state"] = row["state"].replace("unchanged", "alive")
    return tables


def assert_same(home: Path, wanted: Path) -> None:
    found, expected = comparable(home), comparable(wanted)
    assert found.keys() == expected.keys()
    for name, rows in expected.items():
        assert found[name] == rows, name
    assert county.report_bytes(home) == county.report_bytes(wanted)


PLACES = (("save_entry", 1), ("save_entry", 9), ("save_check", 1), ("save_coded", 1), ("save_coded", 2))


@pytest.mark.timeout(600)
def test_killed_again_and_again_it_ends_as_if_nothing_had_happened(uninterrupted: Path, tmp_path: Path) -> None:
    home = tmp_path / "workspace"
    sizes = []
    for place, number in PLACES:
        ended = child(home, place, number)
        assert ended.returncode == -signal.SIGKILL, f"{place} {number}: {ended.returncode} {ended.stderr}"
        with closing(sqlite3.connect(home / "store.sqlite")) as connection:
            assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
            (stories,) = connection.execute("SELECT count(*) FROM story").fetchone()
            (read,) = connection.execute("SELECT count(*) FROM reading").fetchone()
        sizes.append((stories, read))
        assert not (home / "reports").exists()
    assert sizes == sorted(sizes), "a later run lost what an earlier one had finished"
    assert sizes[0] == (0, 0)
    assert 0 < sizes[1][0] < sizes[2][0] <= sizes[-1][0]
    assert sizes[-2][1] == 0 < sizes[-1][1]
    ended = child(home)
    assert ended.returncode == 0, ended.stderr
    assert_same(home, uninterrupted)


# A full disk


@pytest.mark.timeout(600)
def test_a_full_disk_is_told_and_the_run_goes_on_afterwards(uninterrupted: Path, tmp_path: Path) -> None:
    home = tmp_path / "workspace"
    ended = child(home, "file-size", 160_000)
    assert ended.returncode in {13, 74}, (ended.returncode, ended.stderr)
    assert "Traceback" not in ended.stderr
    assert str(home) in ended.stderr
    whole(home)
    assert_same(home, uninterrupted)


def test_a_store_that_cannot_grow_keeps_what_it_has(uninterrupted: Path, tmp_path: Path) -> None:
    home = tmp_path / "workspace"
    with county.opened(home, region=county.DRAYHOLT) as (bench, _, _):
        with bench.store.transaction() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        limit = f"PRAGMA max_page_count = {pages + 12}"

        def bounded(connection: Any, _record: Any) -> None:
            connection.execute(limit)

        import sqlalchemy as sa

        sa.event.listen(bench.store._engine, "connect", bounded)
        bench.store._engine.dispose()
        with pytest.raises(StoreError, match=r"disk that holds .* is full") as failure:
            plain.collect(str(home))
        assert failure.value.exit_code == 13
        assert "run the same command again" in failure.value.what_next
    kept = len(county.dump(home)["story"])
    whole(home)
    assert 0 < kept < len(county.dump(home)["story"])
    assert_same(home, uninterrupted)


def test_a_report_that_cannot_be_written_leaves_the_last_one(uninterrupted: Path, tmp_path: Path) -> None:
    import resource

    home = tmp_path / "workspace"
    shutil.copytree(uninterrupted, home)
    before = county.report_bytes(home)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with county.opened(home, region=county.DRAYHOLT) as (bench, _, clock):
        clock.moment = 2  # a later clock: the report would be another one
        bench.store.note("coder")  # opens the store, whose own files have to grow for that
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, hard))
        try:
            with pytest.raises((StoreError, OSError)) as failure:
                plain.weekly(str(home), county.EARLY_WEEK)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert getattr(failure.value, "exit_code", 74) in {13, 74}
        assert "untouched" in str(failure.value)
        assert county.report_bytes(home) == before
        plain.weekly(str(home), county.EARLY_WEEK)
        after = county.report_bytes(home)
        assert after.keys() == before.keys()
        assert after != before
