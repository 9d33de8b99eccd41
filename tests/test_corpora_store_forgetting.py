"""A story that is taken out is in no table and no file any more, and does not come back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from corpora.store import FORGOTTEN, Store
from corpora.store.forgetting import tombstone

sys.path.append(str(Path(__file__).parent / "support"))
import layout1
from storing import CODER, HERE, SEEN, STORY, coded, coding, dump, files_with, hits, save, sentence, traces

OTHER = replace(STORY, url="https://www.orren-echo.test/mill", title="Mill reopens", text="The mill is open again.")


@pytest.fixture
def store(where: Path | str) -> Iterator[Store]:
    with Store(where) as opened:
        opened.save_coder(CODER)
        yield opened


def fill(store: Store, *, stories: tuple[Any, ...] = (STORY, OTHER)) -> None:
    for one in stories:
        save(store, one, key=one.url, wording="w")
        store.save_coded([coded(one)])


def test_nothing_but_a_hash_is_left(store: Store) -> None:
    fill(store, stories=(OTHER,))
    before = dump(store)
    edited = replace(STORY, title="Weir falls", first_seen=SEEN + timedelta(hours=2))
    fill(store, stories=(STORY, edited))
    save(store, STORY, key="in another feed", outlet="orren-post")
    store.save_families({STORY.id: STORY.id, OTHER.id: OTHER.id})
    store.forget(STORY.id, at=SEEN)
    after = dump(store)
    stones = {row[0] for row in after.pop("forgotten")}
    assert stones == {tombstone(STORY.id), tombstone(STORY.url), tombstone("in another feed")}
    del before["forgotten"]
    assert after.pop("family") == [(OTHER.id, OTHER.id, "")]
    del before["family"]
    assert [row[0] for row in after.pop("meta")] == ["compact", "schema"]
    del before["meta"]
    assert after == before
    whole = repr(after)
    assert STORY.id not in whole
    assert STORY.url not in whole
    assert [hit.story_id for hit in hits(store)] == [OTHER.id]


def test_twice_is_as_once(store: Store) -> None:
    fill(store)
    store.forget(STORY.id, at=SEEN)
    before = {name: rows for name, rows in dump(store).items() if name != "meta"}
    store.forget(STORY.id, at=SEEN + timedelta(days=1))
    assert {name: rows for name, rows in dump(store).items() if name != "meta"} == before
    assert store.forgotten_at(STORY.url) == SEEN
    assert store.forgotten_at(OTHER.url) is None
    assert store.find_story(STORY.url) is None


def test_it_does_not_come_back(store: Store) -> None:
    fill(store)
    store.forget(STORY.id, at=SEEN)
    assert store.known_entries([STORY.url, OTHER.url, "new"]) == {STORY.url: FORGOTTEN, OTHER.url: "w"}
    before = dump(store)
    assert save(store, STORY, key=STORY.url) == "same"
    assert dump(store) == before
    # From another feed, and reworded: remembered by its hash, so that its page is not fetched at each visit.
    assert save(store, replace(STORY, title="Weir falls"), key="another feed's") == "same"
    assert store.known_entries(["another feed's"]) == {"another feed's": FORGOTTEN}
    store.save_coded([coded(STORY)])  # a reading that was under way meanwhile
    assert store.find_story(STORY.url) is None
    assert dump(store)["story"] == before["story"]
    assert dump(store)["sentence"] == before["sentence"]


def test_what_is_known_of_a_story_names_where_its_words_may_be(store: Store) -> None:
    text = "The weir fell in the night, nobody knows why. Ask.\nNeighbours mended it together, all of them."
    whole = replace(STORY, text=text)
    fill(store, stories=(whole, OTHER))
    store.save_families({STORY.id: min(STORY.id, OTHER.id), OTHER.id: min(STORY.id, OTHER.id)})
    known = store.find_story(STORY.url)
    assert known is not None
    assert (known.title, known.versions, known.copies) == (STORY.title, 1, (OTHER.url,))
    assert known.quotes == (
        STORY.url,
        STORY.title,
        "The weir fell in the night, nobody knows why",
        "Neighbours mended it together, all of them",
    )
    assert store.find_story("https://www.orren-echo.test/none") is None


def test_what_is_known_of_a_story_whose_text_is_gone(store: Store) -> None:
    save(store)
    words = "Neighbours mended it together."
    store.save_coded([coding(STORY, {sentence(STORY, words): 0.9})])
    store.let_texts_go(now=SEEN + timedelta(days=100), days=90)
    known = store.find_story(STORY.url)
    assert known is not None
    assert known.quotes == (STORY.url, STORY.title, words)


def test_a_family_whose_name_goes_gets_the_next(store: Store) -> None:
    stories = sorted((replace(STORY, url=f"{STORY.url}/{n}") for n in range(3)), key=lambda one: one.id)
    fill(store, stories=tuple(stories))
    store.save_families({one.id: stories[0].id for one in stories})
    store.forget(stories[0].id, at=SEEN)
    day = {"since": SEEN, "until": SEEN + timedelta(days=1)}
    assert {one.family_id for one in store.published([HERE], **day, coder=CODER.name)} == {stories[1].id}
    assert store.settled_families() == {}


def test_its_words_are_in_no_file(tmp_path: Path) -> None:
    path = tmp_path / "home" / "store.sqlite"
    layout1.make(path, filler=5)
    text = " ".join(f"Seventeen purple herons nested upon chimney number {n}." for n in range(400))
    long = replace(STORY, url=f"{STORY.url}/long", title="Herons on the gasworks", text=text)
    with Store(path) as store:
        store.save_coder(CODER)
        fill(store, stories=(long, OTHER))
        store.save_coded([coding(long, {sentence(long, "Seventeen purple herons nested upon chimney number 7."): 0.9})])
        store.let_texts_go(now=SEEN + timedelta(days=100), days=90)
        wanted = (*traces(text), b"purple herons", b"Herons on the gasworks", long.url.encode(), long.id.encode())
        assert files_with(path.parent, *wanted)
        store.forget(long.id, at=SEEN)
        assert store.compact()
        assert files_with(path.parent, *wanted) == []
        assert files_with(path.parent, STORY.url.encode()) == ["store.sqlite", "store.sqlite.layout-1"]


def test_a_forgotten_story_is_not_asked_for_again(world: Any) -> None:
    """The feed still lists it, reworded: its page is not fetched, and that of the other story is."""
    world.feed(world.item(1), world.item(2))
    assert world.visit().new_stories == 2
    first, second = sorted(world.stories(), key=lambda one: str(one.url))
    world.tools.store.forget(first.story_id, at=world.now)
    world.feed(world.item(1, title="Story 1, corrected"), world.item(2, title="Story 2, corrected"))
    check = world.visit(pages=True)
    assert (check.new_stories, check.new_versions) == (0, 1)
    assert [one.url for one in world.stories()] == [second.url]
    asked = {target for target in world.internet.hits if "/news/" in target}
    assert asked == {"/news/2?utm_source=rss"}
