"""The store as a file: who may open it, what is refused, what a damaged or full disk does."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from corpora.errors import Retryable, StoreError
from corpora.store import Store, engine
from corpora.store.schema import SCHEMA_VERSION

sys.path.append(str(Path(__file__).parent / "support"))
from storing import STORY, save


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "store.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store(path) as opened:
        yield opened


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)


def test_a_reader_creates_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store at") as caught:
        Store(tmp_path / "none.sqlite", read_only=True)
    assert "sharedstory init" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a #1", "what?", "50 %", "a&b=c", "ünï", "it's"])
def test_any_folder_name_will_do(name: str, tmp_path: Path) -> None:
    path = tmp_path / name / "store.sqlite"
    with Store(path) as store:
        save(store)
    assert path.is_file()
    with Store(path, read_only=True) as reader:
        assert len(reader.all_story_texts()) == 1


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StoreError, match="file"):
        Store(tmp_path / "file" / "store.sqlite")
    with pytest.raises(StoreError):
        Store(tmp_path)  # a folder where the file should be


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_store_that_may_not_be_written_is_named(store: Store, path: Path) -> None:
    store.close()
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="permissions"):
            Store(path)
    finally:
        path.parent.chmod(0o700)


def test_the_folder_is_for_its_owner_only(store: Store, path: Path) -> None:
    assert path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("content", [b"not a database at all " * 50, b"SQLite format 3\x00" + b"\xff" * 4096, b"x"])
def test_a_file_that_is_no_store_is_refused_and_left_alone(content: bytes, read_only: bool, tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        Store(path, read_only=read_only)
    assert str(path) in caught.value.message
    assert path.read_bytes() == content
    assert [one.name for one in tmp_path.iterdir()] == ["store.sqlite"]


def test_somebody_elses_database_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE photographs (name TEXT)")
    connection.close()
    with pytest.raises(StoreError):
        Store(path, read_only=True)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_a_damaged_page_is_told_and_the_file_left_alone(share: float, store: Store, path: Path) -> None:
    for n in range(60):
        story = replace(STORY, url=f"https://www.orren-echo.test/{n}", text=STORY.text + str(n) * 400)
        save(store, story, key=str(n))
    store.close()
    whole = bytearray(path.read_bytes())
    start = int(len(whole) * share)
    whole[start : start + 8192] = b"\xa5" * 8192
    path.write_bytes(whole)

    def read_all() -> None:
        with Store(path, read_only=True) as reader:
            reader.all_story_texts()
            reader.stories(reader.unjudged("model:x-1"))
            reader.known_entries(str(n) for n in range(60))
            if fault := reader.integrity():
                raise StoreError(fault)

    with pytest.raises(StoreError):
        read_all()
    assert path.read_bytes() == bytes(whole)


@pytest.mark.usefixtures("hasty")
def test_a_lock_held_by_a_stranger_is_retryable(store: Store, path: Path) -> None:
    save(store)
    stranger = sqlite3.connect(path)
    stranger.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Retryable):
        store.set_note("a", "b")
    stranger.rollback()
    stranger.close()
    store.set_note("a", "b")


def test_a_full_disk_is_told_and_earlier_rows_are_intact(store: Store, path: Path) -> None:
    save(store)
    big = os.urandom(60_000).hex()

    def fill() -> None:
        for n in range(50):
            with store.transaction() as connection:
                pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
                connection.exec_driver_sql(f"PRAGMA max_page_count = {min(pages + 8, 60)}")
            save(store, replace(STORY, url=f"https://www.orren-echo.test/{n}", text=big), key=str(n))

    with pytest.raises(StoreError, match="is full") as caught:
        fill()
    assert "run the same command again" in str(caught.value)
    kept = store.all_story_texts()
    assert kept[0][0] == STORY.id or STORY.id in {row[0] for row in kept}
    known = store.known_entries(str(n) for n in range(50))
    assert len(known) == len(kept) - 1, "an entry is there exactly if its story is"
    assert store.integrity() == ""
    with store.transaction() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 100000")
    assert save(store, replace(STORY, url="https://www.orren-echo.test/after", text=big), key="after") == "new"


def test_another_layout_leaves_the_file_as_it_was(store: Store, path: Path) -> None:
    store.set_note("schema", str(SCHEMA_VERSION + 1))
    store.close()
    before = path.read_bytes()
    for read_only in (True, False):
        with pytest.raises(StoreError, match=f"has layout {SCHEMA_VERSION + 1}"):
            Store(path, read_only=read_only)
    assert path.read_bytes() == before


def test_a_writer_at_work_is_seen_without_waiting(store: Store, path: Path) -> None:
    with Store(path, read_only=True) as reader:
        assert not reader.writer_at_work()
        with store.transaction():
            assert reader.writer_at_work()
        assert not reader.writer_at_work()
