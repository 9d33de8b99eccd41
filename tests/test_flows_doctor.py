"""The doctor looks at the store, its files and its writers, changes nothing, and says what to do next."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from corpora.store import Store
from corpora.store.schema import SCHEMA_VERSION
from flows.doctor import Finding, examine
from flows.settings import Workspace

sys.path.append(str(Path(__file__).parent / "support"))
import layout1
import postgres
from storing import HERE, SEEN, STORY, save


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    Workspace(home=folder, regions=(HERE,), pages=False, contact="x").save()
    return folder


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with Store(home / "store.sqlite") as opened:
        yield opened


def found(home: Path, **options: object) -> dict[str, Finding]:
    findings = examine(home, **options)  # type: ignore[arg-type]
    assert all(one.what_next for one in findings if not one.good), "each fault says what to do"
    return {one.what: one for one in findings}


@pytest.mark.usefixtures("store")
def test_a_sound_store_is_named_with_its_database_and_layout(home: Path) -> None:
    told = found(home)
    assert told["Store"].found.startswith("sound (SQLite 3.")
    assert told["Store"].found.endswith(f"layout {SCHEMA_VERSION})")
    assert told["Files"] == Finding(what="Files", found="in order", good=True)
    assert told["Writers"].found == "none at work"
    assert told["Full texts"].found == "0 of 0, 90 days"
    assert told["XML parser (expat)"].found.count(".") == 2


def test_a_pending_migration_is_told_and_left(home: Path) -> None:
    layout1.make(home / "store.sqlite")
    before = (home / "store.sqlite").read_bytes()
    told = found(home)
    assert not told["Store"].good
    assert f"has layout 1, this program works with layout {SCHEMA_VERSION}" in told["Store"].found
    assert "sharedstory keep --now" in told["Store"].what_next
    assert (home / "store.sqlite").read_bytes() == before
    with Store(home / "store.sqlite"):
        pass
    told = found(home)
    assert told["Store"].good
    assert told["Files"].found == "copies from before a change of layout: store.sqlite.layout-1"


def test_a_store_that_is_not_there_is_told(home: Path) -> None:
    told = found(home)
    assert "There is no store" in told["Store"].found
    assert "sharedstory init" in told["Store"].what_next
    assert not (home / "store.sqlite").exists()
    nowhere = found(home / "none")
    assert not nowhere["Workspace"].good
    assert "Files" not in nowhere


def test_a_writer_at_work_is_no_fault(home: Path, store: Store) -> None:
    with store.transaction():
        told = found(home)
    assert told["Writers"].good
    assert "at work now" in told["Writers"].found


@pytest.mark.skipif(os.name != "posix", reason="needs permission bits")
@pytest.mark.usefixtures("store")
def test_a_folder_that_is_open_to_others_is_told(home: Path) -> None:
    home.chmod(0o755)
    told = found(home)
    assert not told["Files"].good
    assert "open to other users" in told["Files"].found
    assert f"chmod 700 {home}" in told["Files"].what_next


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read and write everything")
@pytest.mark.usefixtures("store")
def test_a_file_that_may_not_be_written_is_named(home: Path) -> None:
    (home / "store.sqlite").chmod(0o400)
    told = found(home)
    assert "store.sqlite" in told["Files"].found
    assert "chmod u+rw" in told["Files"].what_next


def test_texts_that_stayed_too_long_are_told(home: Path, store: Store) -> None:
    save(store)
    assert found(home, now=SEEN + timedelta(days=97))["Full texts"].good
    told = found(home, now=SEEN + timedelta(days=99))["Full texts"]
    assert not told.good
    assert "kept longer" in told.found
    store.let_texts_go(now=SEEN + timedelta(days=99), days=90)
    told = found(home, now=SEEN + timedelta(days=99))["Full texts"]
    assert "may still be on the disk" in told.found
    assert "sharedstory keep --now" in told.what_next
    store.compact()
    assert found(home, now=SEEN + timedelta(days=99))["Full texts"].good


def test_a_server_that_is_away_is_told_without_its_password(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if reason := postgres.missing():
        pytest.skip(reason)
    monkeypatch.setenv("SHAREDSTORY_STORE", "postgresql+psycopg://u:a$ecret@127.0.0.1:9/d")
    told = found(home)
    assert not told["Store"].good
    assert "cannot be reached" in told["Store"].found
    assert "Start the server" in told["Store"].what_next
    assert "a$ecret" not in repr(told)


def test_a_server_that_is_there_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if reason := postgres.missing():
        pytest.skip(reason)
    with postgres.serving() as server:
        monkeypatch.setenv("SHAREDSTORY_STORE", server.database())
        assert "run a command that writes" not in repr(found(home)).lower()
        assert not found(home)["Store"].good, "an empty database is no store yet"
        with Store(os.environ["SHAREDSTORY_STORE"]) as store:
            save(store, STORY)
            told = found(home)
            assert told["Store"].found.startswith("sound (PostgreSQL 1")
            assert told["Full texts"].found.startswith("1 of 1")
            with store.transaction():
                assert "at work now" in found(home)["Writers"].found
