"""The store: every write safe to repeat, every fault told in plain words, and never a damaged file touched."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from corpora.coding import CodedSentence, CodedStory, Coder, FeedCheck, FeedMemory, Mark
from corpora.errors import Retryable, StoreError
from corpora.records import Feed, Label, Span, Story
from corpora.store import Store, engine

SEEN = datetime(2026, 8, 3, 9, tzinfo=UTC)
STORY = Story(
    url="https://www.orren-echo.test/weir",
    outlet="orren-echo",
    published=SEEN,
    published_trusted=True,
    first_seen=SEEN,
    title="Incomers wreck the weir",
    text="The weir fell. Neighbours mended it together.",
    text_from="page",
)
AREAS = [("Z07000001", "outlet_area")]
CODER = Coder(name="model:frames-0", kind="model", digest="0", codebook="1", thresholds={"blame.active": 0.5})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "store.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store(path) as opened:
        yield opened


def save(store: Store, story: Story | None = STORY, *, key: str = "k", wording: str = "w") -> str:
    return store.save_entry(key=key, entry_hash=wording, outlet="orren-echo", outcome="story", found=story, areas=AREAS)


def dump(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        lines = list(connection.iterdump())
    connection.close()
    return lines


def coded(story: Story, *, probability: float = 0.9) -> CodedStory:
    span = Span.of(story.title, 0, len(story.title))
    label = Label(
        story=story.version_id,
        unit="headline",
        span=span,
        frame="blame",
        aspect="active",
        probability=probability,
        coder=CODER.name,
        codebook="1",
    )
    mark = Mark(kind="group", code="NEWCOMERS", start=0, end=9)
    read = CodedSentence(unit="headline", span=span, voice="HEADLINE", groups=("NEWCOMERS",), marks=(mark,))
    return CodedStory(version_id=story.version_id, coder=CODER.name, sentences=(read,), n_sentences=3, labels=(label,))


# Saving twice


def test_saving_twice_changes_nothing(store: Store, path: Path) -> None:
    check = FeedCheck(url="https://f.test/rss", outlet="orren-echo", at=SEEN, state="alive", entries=1, new_stories=1)
    memory = FeedMemory(etag='"a"', last_modified="", body_hash="h", alive_at=SEEN)

    def everything() -> str:
        saved = save(store)
        store.save_check(check, memory)
        store.save_coder(CODER)
        store.save_coded([coded(STORY)])
        store.save_families({STORY.id: STORY.id})
        store.set_note("last_run", "now")
        return saved

    assert everything() == "new"
    before = dump(path)
    assert everything() == "same"
    assert dump(path) == before


def test_an_edited_story_is_one_story_with_two_versions(store: Store) -> None:
    edited = replace(
        STORY, title="Weir falls", first_seen=SEEN + timedelta(hours=2), published=SEEN + timedelta(hours=2)
    )
    assert [save(store), save(store, edited, wording="w2"), save(store, edited, wording="w2")] == [
        "new",
        "edited",
        "same",
    ]
    (only,) = store.published(["Z07000001"], since=SEEN, until=SEEN + timedelta(days=1), coder=CODER.name)
    assert (only.versions, only.title) == (2, STORY.title)
    assert only.published == SEEN, "the first date stands: a re-dated story must not move to another week"
    assert store.latest_wordings([STORY.id]) == {STORY.id: f"{edited.title}\n{edited.text}"}
    assert store.unjudged(CODER.name) == sorted([STORY.version_id, edited.version_id])
    assert [one.title for one in store.stories([edited.version_id, "gone", STORY.version_id])] == [
        "Weir falls",
        STORY.title,
    ]
    assert store.all_story_texts() == [(STORY.id, "orren-echo", STORY.title, STORY.text)]


def test_what_is_read_is_what_was_written(store: Store) -> None:
    odd = replace(STORY, title="'); DROP TABLE story; --", text="“£5”\n\U0001f986 " * 3, byline="PA Media")
    save(store, odd)
    assert store.stories([odd.version_id]) == [odd]
    store.save_coder(CODER)
    assert store.coder(CODER.name) == CODER
    assert store.coder("model:none-0") is None
    assert store.note("missing") is None


def test_an_entry_without_a_story_is_remembered(store: Store) -> None:
    assert save(store, None, key="nolink") == "same"
    assert store.known_entries(["nolink", "other"]) == {"nolink": "w"}
    assert store.known_entries(str(n) for n in range(1500)) == {}


def test_hits_carry_the_sentence_and_the_version(store: Store) -> None:
    save(store)
    store.save_coder(CODER)
    store.save_coded([coded(STORY)])
    (hit,) = store.hits(["Z07000001"], since=SEEN, until=SEEN + timedelta(days=1), coder=CODER)
    assert (hit.sentence.text, hit.version_number, hit.groups, hit.voice) == (
        STORY.title,
        1,
        ("NEWCOMERS",),
        "HEADLINE",
    )
    assert store.hits(["Z07000002"], since=SEEN, until=SEEN + timedelta(days=1), coder=CODER) == []
    store.save_coded([coded(STORY, probability=0.49)])
    assert store.hits(["Z07000001"], since=SEEN, until=SEEN + timedelta(days=1), coder=CODER) == []


def test_visits_are_listed_in_order_and_by_time(store: Store) -> None:
    feed = Feed(url="https://f.test/rss", outlet="orren-echo", certainty="A")
    memory = FeedMemory(etag="", last_modified="", body_hash="", alive_at=None)
    checks = [
        FeedCheck(url=feed.url, outlet="orren-echo", at=SEEN + timedelta(days=n), state="alive", detail=str(n))
        for n in range(3)
    ]
    for one in reversed(checks):
        store.save_check(one, memory)
    assert store.checks([feed], since=SEEN, until=SEEN + timedelta(days=2)) == checks[:2]
    assert store.feed_memory(feed.url) == memory
    assert store.feed_memory("https://other.test/") is None


def test_a_time_without_a_zone_does_not_enter(store: Store) -> None:
    check = FeedCheck(url="u", outlet="o", at=datetime(2026, 8, 3), state="alive")  # noqa: DTZ001
    with pytest.raises(sa.exc.StatementError, match="without a zone"):
        store.save_check(check, FeedMemory(etag="", last_modified="", body_hash="", alive_at=None))


# Opening


def test_a_reader_cannot_write(store: Store, path: Path) -> None:
    save(store)
    with Store(path, read_only=True) as reader:
        assert reader.stories([STORY.version_id]) == [STORY]
        with pytest.raises(StoreError, match="cannot be used"):
            reader.set_note("a", "b")
        with pytest.raises(StoreError, match="cannot be used"):
            save(reader, replace(STORY, url="https://www.orren-echo.test/other"), key="k2")
    assert len(store.all_story_texts()) == 1


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


@pytest.mark.parametrize("layout", ["0", "2", "x"])
@pytest.mark.parametrize("read_only", [True, False])
def test_another_layout_is_refused(layout: str, read_only: bool, store: Store, path: Path) -> None:
    store.set_note("schema", layout)
    store.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=f"has layout {layout}"):
        Store(path, read_only=read_only)
    assert path.read_bytes() == before


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


# Faults


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


def test_a_damaged_text_is_told(store: Store) -> None:
    save(store)
    with store.transaction() as connection:
        connection.exec_driver_sql("UPDATE version SET text = x'00ff'")
    with pytest.raises(StoreError, match="damaged"):
        store.stories([STORY.version_id])


def test_a_sound_store_has_integrity(store: Store) -> None:
    save(store)
    assert store.integrity() == ""


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)


@pytest.mark.usefixtures("hasty")
def test_a_locked_store_is_retryable(path: Path) -> None:
    with Store(path) as one, Store(path) as other:
        save(one)
        with one.transaction():
            with pytest.raises(Retryable, match="in use by another run"):
                save(other, key="k2")
            # Readers are never in the way, nor is anyone in theirs.
            with Store(path, read_only=True) as reader:
                assert len(reader.all_story_texts()) == 1
        assert save(other, key="k2") == "same"


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


def test_a_failed_transaction_leaves_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from corpora.store import collected

    def fail(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(collected, "put", fail)
    with pytest.raises(KeyboardInterrupt):
        save(store)
    monkeypatch.undo()
    assert store.all_story_texts() == []
    assert save(store) == "new"
