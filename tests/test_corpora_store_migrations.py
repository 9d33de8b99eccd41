"""An older store becomes one of today: whole or not at all, with a copy beside it, whoever is killed meanwhile."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from corpora.coding import SentenceDetail, StoryDetail
from corpora.errors import Retryable, StoreError
from corpora.store import Store, engine, migrations
from corpora.store.faults import place_of
from corpora.store.schema import SCHEMA_VERSION, metadata

sys.path.append(str(Path(__file__).parent / "support"))
import layout1
from storing import CODER, HERE, SEEN, STORY, dump, hits


def shape(store: Store) -> dict[str, object]:
    """Columns (type, null, default), keys and indices of every table, as the database tells them."""
    with store.transaction() as connection:
        seen = sa.inspect(connection)
        return {
            name: (
                sorted(
                    (one["name"], str(one["type"]), one["nullable"], one["default"]) for one in seen.get_columns(name)
                ),
                seen.get_pk_constraint(name)["constrained_columns"],
                sorted((one["name"], tuple(one["column_names"])) for one in seen.get_indexes(name)),
            )
            for name in sorted(seen.get_table_names())
        }


def test_migrations_are_numbered_without_a_gap_and_say_why() -> None:
    assert [one.number for one in migrations.MIGRATIONS] == list(range(2, SCHEMA_VERSION + 1))
    assert all(one.what and one.why and one.steps for one in migrations.MIGRATIONS)


def test_an_old_store_becomes_what_a_new_one_is(where: Path | str, request: pytest.FixtureRequest) -> None:
    layout1.make(where)
    with Store(where) as store:
        moved, rows = shape(store), dump(store)
        (hit,) = hits(store)
        assert (hit.sentence.text, hit.detail) == ("The weir fell.", SentenceDetail())
        assert store.stories([STORY.version_id]) == [STORY]
        day = {"since": SEEN, "until": SEEN.replace(day=4), "coder": CODER}
        assert store.story_details([HERE], **day) == {STORY.id: StoryDetail()}
        assert store.integrity() == ""
    fresh = where.with_name("fresh.sqlite") if isinstance(where, Path) else request.getfixturevalue("server").database()
    with Store(fresh) as store:
        assert moved == shape(store)
    assert set(moved) == set(metadata.tables)
    with Store(where) as again:
        assert dump(again) == rows, "a store of today is left as it is"


def test_a_reader_says_who_can_bring_it_up_to_date(where: Path | str) -> None:
    layout1.make(where)
    with pytest.raises(StoreError, match="has layout 1") as caught:
        Store(where, read_only=True)
    assert "sharedstory keep --now" in caught.value.what_next
    with Store(where):
        pass
    with Store(where, read_only=True) as reader:
        assert len(reader.all_story_texts()) == 1


def test_tables_of_another_program_are_left_alone(where: Path | str) -> None:
    url = sa.URL.create("sqlite", database=str(where)) if isinstance(where, Path) else sa.make_url(where)
    if isinstance(where, Path):
        where.parent.mkdir()
    other = sa.create_engine(url, poolclass=sa.NullPool)
    with other.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE label (printed TEXT)")
    with pytest.raises(StoreError, match="tables of another program"):
        Store(where)
    with other.begin() as connection:
        assert sa.inspect(connection).get_table_names() == ["label"]


# The copy


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "store.sqlite"


def test_a_copy_with_the_old_number_lies_beside_it(path: Path) -> None:
    layout1.make(path, filler=20)
    with Store(path) as store:
        (copy,) = store.safety_copies()
    assert copy.name == "store.sqlite.layout-1"
    assert copy.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(copy)) as old:
        assert old.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone() == ("1",)
        assert old.execute("SELECT count(*) FROM version").fetchone() == (21,)
        assert old.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert "detail" not in {row[1] for row in old.execute("PRAGMA table_info(sentence)")}
    with Store(path):
        pass
    assert sorted(one.name for one in path.parent.glob("store.sqlite.*")) == ["store.sqlite.layout-1"]


def test_what_is_still_in_the_log_is_in_the_copy(path: Path) -> None:
    layout1.make(path)
    with closing(sqlite3.connect(path)) as held:  # keeps the log from being folded in
        held.execute("PRAGMA wal_autocheckpoint = 0")
        held.execute("INSERT INTO meta VALUES ('late', 'yes')")
        held.commit()
        assert path.with_name("store.sqlite-wal").stat().st_size
        with Store(path) as store:
            assert store.note("late") == "yes"
    with closing(sqlite3.connect(path.with_name("store.sqlite.layout-1"))) as old:
        assert old.execute("SELECT value FROM meta WHERE key = 'late'").fetchone() == ("yes",)


def test_without_a_copy_nothing_is_changed(path: Path) -> None:
    layout1.make(path)
    path.with_name("store.sqlite.layout-1").mkdir()  # in the way of the copy
    before = path.read_bytes()
    with pytest.raises(StoreError, match="no copy of it could be made") as caught:
        Store(path)
    assert "not touched" in caught.value.what_next
    assert path.read_bytes() == before
    assert sorted(one.name for one in path.parent.iterdir()) == ["store.sqlite", "store.sqlite.layout-1"]


def test_a_writer_at_work_is_waited_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    layout1.make(path)
    with closing(sqlite3.connect(path)) as busy:
        busy.execute("BEGIN IMMEDIATE")
        with pytest.raises(Retryable, match="in use"):
            Store(path)
        busy.rollback()
    with Store(path) as store:
        assert len(store.safety_copies()) == 1


def test_a_step_that_fails_leaves_the_store_as_it_was(where: Path | str, monkeypatch: pytest.MonkeyPatch) -> None:
    layout1.make(where)
    last = migrations.MIGRATIONS[0]
    broken = migrations.Migration(
        number=2, what="x", why="x", steps=(*last.steps[:3], "ALTER TABLE nowhere ADD x TEXT")
    )
    monkeypatch.setattr(migrations, "MIGRATIONS", (broken,))
    with pytest.raises(StoreError):
        Store(where)
    monkeypatch.undo()
    with pytest.raises(StoreError, match="has layout 1"):
        Store(where, read_only=True)
    with Store(where) as store:
        assert len(hits(store)) == 1


def test_a_step_is_not_taken_twice_by_two_writers(where: Path | str) -> None:
    layout1.make(where)
    with Store(where) as store:
        migrations.migrate(store._engine, place_of(where))
        assert store.note("schema") == str(SCHEMA_VERSION)


# Killed

CHILD = """
import os, signal, sys
from pathlib import Path
from corpora.store import Store, migrations

where, place = Path(sys.argv[1]), sys.argv[2]

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

if place == "copy":
    type(where).replace = die
elif place == "end":
    real = migrations.apply
    migrations.apply = lambda *them: (real(*them), die())
else:
    def some(connection, migration):
        for step in migration.steps[: int(place)]:
            connection.exec_driver_sql(step.format(blob="BLOB"))
        die()
    migrations.apply = some
Store(where)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("place", ["copy", "1", "5", "7", "end"])
def test_killed_in_the_middle_it_is_done_again(place: str, path: Path) -> None:
    layout1.make(path, filler=30)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", CHILD, str(path), place]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone() == ("1",)
    with Store(path) as store:
        assert len(hits(store)) == 1
        assert store.integrity() == ""
        (copy,) = store.safety_copies()
        found = shape(store)
    with closing(sqlite3.connect(copy)) as old:
        assert old.execute("SELECT count(*) FROM version").fetchone() == (31,)
    with Store(path.with_name("fresh.sqlite")) as fresh:
        assert shape(fresh) == found
