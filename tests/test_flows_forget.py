"""`forget` and `keep`: what a person types, what is gone afterwards, and what is said of what is left."""

from __future__ import annotations

import html
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corpora.records import stable_id
from corpora.store import Store, engine
from flows import stages
from flows.bench import Bench, close_benches, put_bench
from flows.main import run_cli
from flows.settings import Workspace, carried_over, load_workspace

sys.path.append(str(Path(__file__).parent / "support"))
import layout1
import postgres
from storing import CODER, HERE, SEEN, STORY, coded, coding, files_with, save, sentence, traces

Say = Callable[..., tuple[int, str, str]]
CANARY = "Seventeen purple herons nested upon the gasworks chimney that spring."
LONG = replace(
    STORY,
    url="https://www.orren-echo.test/herons?a=1&b=2",
    title="Herons wreck the gasworks & more",
    text=f"{CANARY} Newcomers drove them there, a resident said.\n" + "The chimney is cold. " * 40,
)
OTHER = replace(STORY, url="https://www.orren-echo.test/mill", title="Mill reopens", text="It is open.")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A workspace whose store holds two stories, read."""
    folder = tmp_path / "workspace"
    workspace = Workspace(home=folder, regions=(HERE,), pages=False, contact="x")
    workspace.save()
    with Store(workspace.store) as store:
        fill(store)
    yield folder
    close_benches()


def fill(store: Store) -> None:
    store.save_coder(CODER)
    store.set_note("coder", CODER.name)
    for story in (LONG, OTHER):
        save(store, story, key=stable_id("entry", story.url))
    flagged = sentence(LONG, "Newcomers drove them there, a resident said.", groups=("NEWCOMERS",))
    store.save_coded([coding(LONG, {flagged: 0.9}), coded(OTHER)])


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Say:
    def run(*arguments: str, home: Path) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run_cli(["--home", str(home), *arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return run


WANTED = (
    *traces(LONG.text), CANARY.encode(), b"purple herons", b"Newcomers drove", LONG.title.encode(), LONG.url.encode(),
    html.escape(LONG.url).encode(), LONG.id.encode(),
)  # fmt: skip


def at(home: Path, moment: datetime) -> None:
    """Put the workspace's clock to a moment."""
    put_bench(Bench(workspace=load_workspace(home), clock=lambda: moment))


def report(home: Path, week: str, words: str) -> Path:
    folder = home / "reports" / week
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(f"<p>{html.escape(words)}</p>", encoding="utf-8")
    (folder / "figures.csv").write_text("week,n\n", encoding="utf-8")
    return folder


# forget


@pytest.mark.parametrize(
    "spelling",
    [
        "https://www.orren-echo.test/herons?a=1&b=2",
        "HTTPS://WWW.Orren-Echo.test:443//herons/amp?utm_source=rss&b=2&a=1#comments",
        "  https://amp.orren-echo.test/herons.amp?b=2&a=1&fbclid=x ",
        "www.orren-echo.test/herons?b=2&a=1",
        "http://www.orren-echo.test/herons?a=1&b=2",
    ],
)
def test_any_spelling_of_the_address_takes_it_out_of_every_file(spelling: str, said: Say, home: Path) -> None:
    assert files_with(home, *WANTED)
    status, out, err = said("forget", spelling, home=home)
    assert (status, err) == (0, "")
    assert f"Forgotten: {LONG.title} ({LONG.url}), one version." in out
    assert "no longer count it" in out
    assert files_with(home, *WANTED) == []
    assert files_with(home, OTHER.url.encode()) == ["store.sqlite"]
    with Store(home / "store.sqlite", read_only=True) as store:
        assert [row[0] for row in store.all_story_texts()] == [OTHER.id]
        assert store.integrity() == ""


@pytest.mark.parametrize("typed", ["https://www.orren-echo.test/none", "www.orren-echo.test", "ftp://x.test/a", "weir",
                                   "https://", "https://[x", "https://x.test:port/", ""])  # fmt: skip
def test_an_address_that_is_not_known_is_said_to_be(typed: str, said: Say, home: Path) -> None:
    before = (home / "store.sqlite").read_bytes()
    status, out, err = said("forget", typed, home=home)
    assert (status, out) == (11, "")
    assert "nothing was changed" in err
    assert "address" in err
    close_benches()
    assert (home / "store.sqlite").read_bytes() == before


def test_before_there_is_a_workspace_there_is_nothing_to_forget(said: Say, tmp_path: Path) -> None:
    assert said("forget", LONG.url, home=tmp_path / "none")[0] == 12
    assert said("keep", home=tmp_path / "none")[0] == 12
    assert not (tmp_path / "none").exists()


def test_looking_first_changes_nothing(said: Say, home: Path) -> None:
    report(home, "2026-W31", LONG.url)
    status, out, _ = said("forget", LONG.url, "--dry-run", "--reports", home=home)
    assert status == 0
    assert f"Would forget: {LONG.title}" in out
    assert "2026-W31" in out
    assert (home / "reports" / "2026-W31" / "index.html").is_file()
    with Store(home / "store.sqlite", read_only=True) as store:
        assert len(store.all_story_texts()) == 2


def test_twice_says_when_and_finishes_what_was_left(said: Say, home: Path) -> None:
    assert said("forget", LONG.url, home=home)[0] == 0
    status, out, _ = said("forget", LONG.url, home=home)
    assert status == 0
    assert f"was taken out on {datetime.now(UTC):%d %B %Y} already" in out


def test_killed_before_the_file_was_written_anew_it_is_done_the_next_time(said: Say, home: Path) -> None:
    with Store(home / "store.sqlite") as store:
        store.forget(LONG.id, at=SEEN)
    assert said("forget", LONG.url, home=home)[0] == 0
    assert files_with(home, *WANTED) == []
    with Store(home / "store.sqlite", read_only=True) as store:
        assert not store.compaction_due()


def test_copies_under_other_addresses_are_named(said: Say, home: Path) -> None:
    with Store(home / "store.sqlite") as store:
        store.save_families({LONG.id: min(LONG.id, OTHER.id), OTHER.id: min(LONG.id, OTHER.id)})
    _, out, _ = said("forget", LONG.url, home=home)
    assert f"forget them too if it is to go:\n  {OTHER.url}" in out


# Reports


def test_reports_that_quote_it_are_listed_and_go_when_asked(said: Say, home: Path) -> None:
    quoting = [
        report(home, "2026-W31", f'<a href="{LONG.url}">'),
        report(home, "2026-W32", "Newcomers drove them there, a resident said"),
    ]
    other = report(home, "2026-W33", f"{OTHER.url} {LONG.url}2 {LONG.url}/more {LONG.url}.html")
    elsewhere = home / "reports" / "my notes"
    elsewhere.mkdir()
    (elsewhere / "mine.txt").write_text(LONG.url)
    status, out, _ = said("forget", LONG.url, home=home)
    assert status == 3, "something is left for a person to do"
    assert "  2026-W31\n  2026-W32\n" in out
    assert "2026-W33" not in out
    assert "sharedstory report --week" in out
    assert all(folder.is_dir() for folder in quoting)
    # The text is gone, but the address is known to lead to a story that was taken out.
    status, out, _ = said("forget", LONG.url, "--reports", home=home)
    assert status == 0
    assert "Reports deleted because they quote it:\n  2026-W31" in out
    assert not quoting[0].exists()
    assert other.is_dir()
    assert (elsewhere / "mine.txt").is_file(), "only reports are deleted"


def test_reports_are_deleted_in_one_go(said: Say, home: Path) -> None:
    for week, words in (("2026-W31", LONG.url), ("2026-W32", CANARY)):
        report(home, week, words)
    (home / "reports" / "2026-W30").symlink_to(home / "reports" / "2026-W31")
    assert said("forget", LONG.url, "--reports", home=home)[0] == 0
    assert [one.name for one in (home / "reports").iterdir() if one.is_dir()] == []
    (home / "reports" / "2026-W30").unlink()
    assert files_with(home, *WANTED) == []


# Other files


def test_copies_from_a_change_of_layout_go_too(said: Say, home: Path) -> None:
    (home / "store.sqlite").unlink()
    layout1.make(home / "store.sqlite", filler=3)
    with Store(home / "store.sqlite") as store:
        fill(store)
    assert files_with(home, *traces(STORY.text)) == ["store.sqlite", "store.sqlite.layout-1"]
    status, out, _ = said("forget", STORY.url, home=home)
    assert status == 0
    assert "store.sqlite.layout-1" in out
    wanted = (STORY.url.encode(), STORY.title.encode(), STORY.id.encode())
    # The filler's texts are other stories' and have the same headline; the story itself is gone.
    assert files_with(home, wanted[0], wanted[2]) == []
    assert not (home / "store.sqlite.layout-1").exists()


def prefect_database(home: Path) -> Path:
    database = home / "prefect" / "prefect.db"
    database.parent.mkdir()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE log (message TEXT)")
        connection.execute("INSERT INTO log VALUES (?)", (f"could not read: {CANARY}",))
        connection.commit()
    return database


def test_prefects_history_goes_if_it_quotes_it(said: Say, home: Path) -> None:
    database = prefect_database(home)
    (home / "prefect" / "storage").mkdir()
    (home / "prefect" / "storage" / "result").write_text(f'{{"url": "{LONG.url}"}}')
    status, out, _ = said("forget", LONG.url, home=home)
    assert status == 0
    assert "Removed with it:\n  prefect.db\n  result" in out
    assert not database.exists()
    assert files_with(home, *WANTED) == []


def test_prefects_history_stays_if_it_does_not(said: Say, home: Path) -> None:
    database = prefect_database(home)
    assert said("forget", OTHER.url, home=home)[0] == 0
    assert database.is_file()


def test_what_is_in_use_is_named_and_left(said: Say, home: Path) -> None:
    database = prefect_database(home)
    (home / "notes.txt").write_text(f"See {LONG.url}.\n")
    with closing(sqlite3.connect(database)) as server:
        server.execute("SELECT * FROM log").fetchall()
        status, _, err = said("forget", LONG.url, home=home)
        assert status == 3
        assert "still hold words of it" in err
        assert str(database) in err
        assert str(home / "notes.txt") in err
        assert server.execute("SELECT count(*) FROM log").fetchone() == (1,)
    assert database.exists()


def test_a_reader_that_holds_old_pages_is_told_of(said: Say, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    with Store(home / "store.sqlite", read_only=True) as reader, reader.transaction() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM story")
        status, _, err = said("forget", LONG.url, home=home)
        assert status == 3
        assert "Run this again" in err
    assert said("forget", LONG.url, home=home)[0] == 0
    assert files_with(home, *WANTED) == []


# keep


def test_keep_says_the_rule_and_what_is_held(said: Say, home: Path) -> None:
    status, out, _ = said("keep", home=home)
    assert status == 0
    assert "Full texts go 90 days after they are seen" in out
    assert "Held: 2 full texts of 2, the oldest since 03 August 2026; 0 single sentences." in out
    assert "for ever" in said("keep", "--days", "-1", home=home)[1]
    assert "when they have been read" in said("keep", "--days", "0", home=home)[1]
    assert load_workspace(home).full_text_days == 0
    assert said("keep", "--days", "-2", home=home)[0] == 2
    assert said("keep", "--days", "soon", home=home)[0] == 2


def test_keep_now_lets_go_from_every_file(said: Say, home: Path) -> None:
    at(home, SEEN + timedelta(days=91))
    status, out, _ = said("keep", "--now", home=home)
    assert status == 0
    assert "2 full texts were let go." in out
    assert "Held: 0 full texts of 2; 1 single sentences." in out
    assert files_with(home, *traces(LONG.text), CANARY.encode()) == []
    assert files_with(home, LONG.url.encode()) == ["store.sqlite"]
    assert "0 full texts were let go." in said("keep", "--now", home=home)[1]


def test_tidying_drops_copies_from_a_change_of_layout_in_time(home: Path) -> None:
    copy = home / "store.sqlite.layout-1"
    copy.write_bytes(b"old")
    made = datetime(2026, 8, 1, tzinfo=UTC)
    os.utime(copy, (made.timestamp(), made.timestamp()))
    for days, later, there in ((-1, 400, True), (90, 13, True), (90, 15, False)):
        at(home, made + timedelta(days=later))
        stages.bench(str(home)).workspace = replace(load_workspace(home), full_text_days=days)
        stages.tidy(str(home))
        assert copy.exists() == there
    copy.write_bytes(b"old")
    stages.bench(str(home)).workspace = replace(load_workspace(home), full_text_days=0)
    stages.tidy(str(home))
    assert not copy.exists(), "no text is kept beyond reading, in no file"


def test_without_room_the_store_is_written_anew_another_time(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    at(home, SEEN + timedelta(days=91))
    usage = shutil.disk_usage(home)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    assert stages.tidy(str(home)) == 2
    store = stages.bench(str(home)).store
    assert store.compaction_due()
    monkeypatch.undo()
    assert stages.tidy(str(home)) == 0
    assert not store.compaction_due()


# Settings


def test_settings_of_the_store_and_of_keeping_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = 'postgresql+psycopg://u:a"b\\c@h/d'
    made = Workspace(home=tmp_path, regions=(HERE,), pages=True, contact="x", store_url=url, full_text_days=0)
    made.save()
    assert load_workspace(tmp_path) == made
    assert made.store_place == url
    assert 'a"b' not in repr(made)
    assert (tmp_path / "sharedstory.toml").stat().st_mode & 0o077 == 0
    monkeypatch.setenv("SHAREDSTORY_STORE", "postgresql://env:secret@h/d")
    named = load_workspace(tmp_path)
    assert named.store_place == "postgresql://env:secret@h/d"
    named.save()
    assert "secret" not in (tmp_path / "sharedstory.toml").read_text()
    assert carried_over(tmp_path) == {"store_url": named.store_url, "full_text_days": 0}
    assert carried_over(tmp_path / "none") == {"store_url": named.store_url}


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ("[store]\nurl = 1\n", "store.url"),
        ('store = "postgresql://h/d"\n', "store.url"),
        ("[keep]\nfull_text_days = true\n", "keep.full_text_days"),
        ("[keep]\nfull_text_days = -2\n", "keep.full_text_days"),
        ("[keep]\nfull_text_days = 99999999\n", "keep.full_text_days"),
        ('[keep]\nfull_text_days = "90"\n', "keep.full_text_days"),
    ],
)
def test_a_setting_that_is_none_is_named(more: str, name: str, said: Say, tmp_path: Path) -> None:
    (tmp_path / "sharedstory.toml").write_text(f'regions = ["{HERE}"]\npages = false\ncontact = "x"\n{more}')
    status, _, err = said("keep", home=tmp_path)
    assert status == 2
    assert f"`{name}`" in err


def test_starting_again_keeps_where_the_store_is_and_how_long_texts_stay(said: Say, tmp_path: Path) -> None:
    again = ("init", "Leeds", "--no-pages", "--contact", "x")
    assert said(*again, home=tmp_path)[0] == 0
    assert said("keep", "--days", "30", home=tmp_path)[0] == 0
    assert said(*again, home=tmp_path)[0] == 0
    assert load_workspace(tmp_path).full_text_days == 30


# PostgreSQL


def test_the_commands_work_on_a_server(said: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if reason := postgres.missing():
        pytest.skip(reason)
    with postgres.serving() as server:
        monkeypatch.setenv("SHAREDSTORY_STORE", server.database())
        assert said("init", "Leeds", "--no-pages", "--contact", "x", home=tmp_path)[0] == 0
        assert not (tmp_path / "store.sqlite").exists()
        with Store(os.environ["SHAREDSTORY_STORE"]) as store:
            fill(store)
        status, out, _ = said("forget", LONG.url, home=tmp_path)
        assert status == 0
        assert "server's own write-ahead log and backups" in out
        at(tmp_path, SEEN + timedelta(days=91))
        assert "1 full texts were let go." in said("keep", "--now", home=tmp_path)[1]
        server.run("CHECKPOINT")
        data = server.folder / "data" / "base"
        wanted = (CANARY.encode(), LONG.title.encode(), LONG.url.encode())
        until = time.monotonic() + 20
        while files_with(data, *wanted) and time.monotonic() < until:
            server.run("CHECKPOINT")  # old files of a rewritten table are removed by one
        assert files_with(data, *wanted) == []
        status, out, _ = said("doctor", home=tmp_path)
        assert "Store: sound (PostgreSQL 1" in out
        assert "Writers: none at work" in out
        close_benches()
