"""The store in PostgreSQL: what is told when the server is away, closed or killed, and never a password with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from corpora.errors import Retryable, SharedStoryError, StoreError
from corpora.store import Store, engine
from corpora.store.faults import place_of

sys.path.append(str(Path(__file__).parent / "support"))
import postgres
from storing import STORY, save


@pytest.fixture
def url(server: postgres.Server) -> str:
    return server.database()


def name_of(url: str) -> str:
    """Name of the database of an address."""
    return str(sa.make_url(url).database)


def told(failure: BaseException) -> str:
    """All that could reach a log of it: message, advice, and the traceback with its causes."""
    return "".join(traceback.format_exception(failure)) + str(failure)


# Addresses


@pytest.mark.parametrize(
    "address",
    [
        "mysql://u:a$ecret@h/d",
        "postgresql+asyncpg://u:a$ecret@h/d",
        "postgresql://u:a$ecret@h:port/d",
        "a$ecret",
        "",
        "sqlite:///a$ecret.sqlite",
        "://a$ecret",
    ],
)
def test_an_address_that_is_not_understood_is_not_repeated(address: str) -> None:
    with pytest.raises(StoreError) as caught:
        Store(address)
    assert "a$ecret" not in told(caught.value)
    assert "postgresql+psycopg://" in caught.value.what_next


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_place_is_named_without_its_password(scheme: str) -> None:
    place = place_of(f"{scheme}://council:a$ecret@db.example.org:5433/news?password=another")
    assert place.name == "in the PostgreSQL database news at db.example.org"
    assert place.url.drivername == "postgresql+psycopg"
    assert set(place.secrets) >= {"a$ecret", "another"}


@pytest.mark.usefixtures("server")
def test_a_server_that_is_away_is_told(tmp_path: Path) -> None:
    for address in (f"postgresql://u:a$ecret@/d?host={tmp_path}", "postgresql://u:a$ecret@127.0.0.1:9/d"):
        with pytest.raises(StoreError, match="cannot be reached") as caught:
            Store(address)
        assert "Start the server" in caught.value.what_next
        assert "a$ecret" not in told(caught.value)


def test_a_wrong_password_a_role_and_a_database_that_are_none_are_told(server: postgres.Server, url: str) -> None:
    name = name_of(url)
    for address, words in {
        server.url(name, "locked", "wrong:$word"): "password authentication failed",
        server.url(name, "nobody-here", "wrong:$word"): "does not exist",
        server.url("nowhere", "tester", "wrong:$word"): "does not exist",
    }.items():
        with pytest.raises(StoreError, match="cannot be reached") as caught:
            Store(address)
        assert words in caught.value.message
        assert "wrong:$word" not in told(caught.value)


def test_the_right_password_opens_and_stands_in_no_message(server: postgres.Server, url: str) -> None:
    name = name_of(url)
    address = server.url(name, "locked", postgres.PASSWORD)
    server.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC", name)
    with pytest.raises(StoreError, match="permission denied") as caught:
        Store(address)
    assert postgres.PASSWORD not in told(caught.value)
    assert "permissions of the database's user" in caught.value.what_next
    server.run("GRANT CREATE ON SCHEMA public TO locked", name)
    with Store(address) as store:
        save(store)
        assert postgres.PASSWORD not in repr(store.place.url)
        assert postgres.PASSWORD not in store.place.name
    with Store(address, read_only=True) as reader, pytest.raises(StoreError, match="read-only") as caught:
        reader.set_note("a", "b")
    assert postgres.PASSWORD not in told(caught.value)


# Faults


def test_a_text_that_is_refused_is_not_in_the_message(url: str) -> None:
    refused = replace(STORY, title="Incomers\x00 wreck the weir")
    with Store(url) as store:
        with pytest.raises(StoreError) as caught:
            save(store, refused)
        assert "wreck" not in told(caught.value)
        assert save(store) == "new", "the next one is taken"


def test_a_connection_that_is_cut_is_retryable_and_the_next_call_goes_through(
    server: postgres.Server, url: str
) -> None:
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name_of(url) + "'"
    with Store(url) as store:
        save(store)
        with pytest.raises(Retryable) as caught, store.transaction() as connection:  # noqa: PT012
            server.run(cut)
            connection.exec_driver_sql("SELECT 1")
        assert "Run the same command again" in caught.value.what_next
        assert save(store) == "same"
        server.run(cut)  # while it lies idle
        assert save(store) == "same"


def test_writers_wait_for_each_other(url: str) -> None:
    with Store(url) as store:

        def write(n: int) -> str:
            return save(store, replace(STORY, title=f"Edit {n}"), key=str(n))

        with ThreadPoolExecutor(8) as pool:
            outcomes = sorted(pool.map(write, range(24)))
        assert outcomes == ["edited"] * 23 + ["new"]
        until = STORY.published.replace(year=2027)
        (only,) = store.published(["Z07000001"], since=STORY.published, until=until, coder="x")
        assert only.versions == 24, "each version has a number of its own"


def test_two_stores_in_two_schemas_do_not_wait(
    server: postgres.Server, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.2)
    server.run("CREATE SCHEMA second", name_of(url))
    with Store(url) as one, Store(f"{url}&options=-csearch_path%3Dsecond") as other:
        with one.transaction():
            assert save(other) == "new"
            with Store(url, read_only=True) as reader, Store(f"{url}&options=-csearch_path%3Dsecond") as third:
                assert reader.writer_at_work()
                assert not third.writer_at_work()
        assert one.all_story_texts() == []


def test_a_reader_sees_one_moment(url: str) -> None:
    with Store(url) as store, Store(url, read_only=True) as reader:
        save(store)
        with reader.transaction() as connection:
            count = "SELECT count(*) FROM story"
            before = connection.exec_driver_sql(count).scalar_one()
            writing = threading.Thread(
                target=save, args=(store, replace(STORY, url=f"{STORY.url}/2")), kwargs={"key": "2"}
            )
            writing.start()
            writing.join()
            assert connection.exec_driver_sql(count).scalar_one() == before == 1
        assert len(reader.all_story_texts()) == 2


CHILD = """
import os, signal, sys
from pathlib import Path
sys.path.append(sys.argv[2])
from storing import STORY, save
from corpora.store import Store
store = Store(sys.argv[1])
with store.transaction():
    pass
real = Store.transaction
from contextlib import contextmanager
@contextmanager
def cut(self):
    with real(self) as connection:
        yield connection
        os.kill(os.getpid(), signal.SIGKILL)
Store.transaction = cut
save(store)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_killed_writer_leaves_neither_rows_nor_lock(url: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", CHILD, url, str(Path(__file__).parent / "support")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    with Store(url) as store:
        assert store.all_story_texts() == []
        assert save(store) == "new"


def test_a_missing_table_is_told(server: postgres.Server, url: str) -> None:
    with Store(url) as store:
        assert store.integrity() == ""
        assert store.database().startswith("PostgreSQL 1")
        server.run("DROP TABLE family", name_of(url))
        assert store.integrity() == "missing tables: family"
        with pytest.raises(SharedStoryError, match="cannot be used"):
            store.save_families({})


def test_without_the_driver_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match="driver for PostgreSQL is not installed") as caught:
        Store("postgresql://u:a$ecret@127.0.0.1:9/d")
    assert "sharedstory[postgres]" in caught.value.what_next
