"""The store: every write safe to repeat, every fault told in plain words, and never a damaged file touched."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from corpora.coding import FeedCheck, FeedMemory, SentenceDetail, StoryDetail
from corpora.errors import Retryable, StoreError
from corpora.records import Feed
from corpora.store import Store, engine
from corpora.store.details import read, written
from corpora.store.schema import SCHEMA_VERSION

sys.path.append(str(Path(__file__).parent / "support"))
from storing import CODER, DETAIL, HERE, SEEN, STORY, WHOLE, coded, coding, dump, hits, save, sentence


@pytest.fixture
def store(where: Path | str) -> Iterator[Store]:
    with Store(where) as opened:
        yield opened


# Saving twice


def test_saving_twice_changes_nothing(store: Store) -> None:
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
    before = dump(store)
    assert everything() == "same"
    assert dump(store) == before


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


def test_a_reader_cannot_write(store: Store, where: Path | str) -> None:
    save(store)
    with Store(where, read_only=True) as reader:
        assert reader.stories([STORY.version_id]) == [STORY]
        with pytest.raises(StoreError, match="cannot be used"):
            reader.set_note("a", "b")
        with pytest.raises(StoreError, match="cannot be used"):
            save(reader, replace(STORY, url="https://www.orren-echo.test/other"), key="k2")
    assert len(store.all_story_texts()) == 1


@pytest.mark.parametrize("layout", ["0", str(SCHEMA_VERSION + 1), "x", "-1", "999"])
@pytest.mark.parametrize("read_only", [True, False])
def test_another_layout_is_refused(layout: str, read_only: bool, store: Store, where: Path | str) -> None:
    store.set_note("schema", layout)
    store.close()
    with pytest.raises(StoreError, match=f"has layout {layout}"):
        Store(where, read_only=read_only)


# Faults


def test_a_damaged_text_is_told(store: Store) -> None:
    save(store)
    with store.transaction() as connection:
        connection.execute(sa.text("UPDATE version SET text = :raw"), {"raw": b"\x00\xff"})
    with pytest.raises(StoreError, match="damaged"):
        store.stories([STORY.version_id])


def test_a_sound_store_has_integrity(store: Store) -> None:
    save(store)
    assert store.integrity() == ""


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)


@pytest.mark.usefixtures("hasty")
def test_a_locked_store_is_retryable(where: Path | str) -> None:
    with Store(where) as one, Store(where) as other:
        save(one)
        with one.transaction():
            with pytest.raises(Retryable, match="in use by another run"):
                save(other, key="k2")
            # Readers are never in the way, nor is anyone in theirs.
            with Store(where, read_only=True) as reader:
                assert len(reader.all_story_texts()) == 1
        assert save(other, key="k2") == "same"


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


# Details


def test_details_of_sentences_and_stories_come_back(store: Store) -> None:
    save(store)
    store.save_coder(CODER)
    store.save_coded([coded(STORY)])
    (hit,) = hits(store)
    assert hit.detail == DETAIL
    day = {"since": SEEN, "until": SEEN + timedelta(days=1)}
    assert store.story_details([HERE], **day, coder=CODER) == {STORY.id: WHOLE}
    assert store.story_details([HERE], **day, coder=CODER.name) == {STORY.id: WHOLE}
    assert store.story_details([HERE], **day, coder="model:other-1") == {}
    assert store.story_details(["Z07000002"], **day, coder=CODER) == {}


def test_the_detail_of_a_story_is_that_of_its_newest_version_that_was_read(store: Store) -> None:
    edited = replace(STORY, title="Weir falls", first_seen=SEEN + timedelta(hours=2))
    later = replace(STORY, title="Weir mended", first_seen=SEEN + timedelta(hours=3))
    for story in (STORY, edited, later):
        save(store, story, wording=story.title)
    mild = StoryDetail(episodic_thematic="EPISODIC")
    store.save_coded([replace(coding(edited, {}), detail=mild), coded(STORY)])
    since = {"since": SEEN, "until": SEEN + timedelta(days=1), "coder": CODER}
    assert store.story_details([HERE], **since) == {STORY.id: mild}


def test_only_what_is_said_is_written_down() -> None:
    assert written(SentenceDetail()) == written(StoryDetail()) == ""
    assert written(SentenceDetail(stance="REPORTS", targets=("MUSLIMS",))) == (
        '{"stance": "REPORTS", "targets": ["MUSLIMS"]}'
    )
    # That nobody of the group is quoted is a finding; that no group is blamed is none.
    assert written(StoryDetail(target_group_quoted=False)) == '{"target_group_quoted": false}'
    for detail in (DETAIL, SentenceDetail(), SentenceDetail(remedy='“£5”, "\\')):
        assert read(SentenceDetail, written(detail)) == detail
    for whole in (WHOLE, StoryDetail(), StoryDetail(headline_body_gap=False)):
        assert read(StoryDetail, written(whole)) == whole
    assert read(StoryDetail, '{"of_a_later_version": 1, "structural_named": true}') == StoryDetail(
        structural_named=True
    )


def test_a_coding_of_a_story_that_is_gone_is_passed_over(store: Store) -> None:
    store.save_coder(CODER)
    before = dump(store)
    store.save_coded([coded(STORY)])
    assert dump(store) == before


def test_a_sentence_without_detail_has_none(store: Store) -> None:
    save(store)
    bare = sentence(STORY, STORY.title, detail=SentenceDetail())
    store.save_coded([coding(STORY, {bare: 0.9})])
    (hit,) = hits(store)
    assert hit.detail == SentenceDetail()
