"""Texts go when they should, from every file; what reports and the search for copies rest on stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest

from corpora.coding import CodedStory, Coder, SentenceDetail
from corpora.families import Fingerprint, families_of, find_families, fingerprint
from corpora.records import Story
from corpora.store import Store, keeping
from corpora.store.keeping import AT_ONCE, COPIES_DAYS, packed, unpacked
from corpora.store.published import NOT_KEPT

sys.path.append(str(Path(__file__).parent / "support"))
from storing import (
    CODER,
    DETAIL,
    SEEN,
    STORY,
    coded,
    coding,
    dump,
    files_with,
    hits,
    save,
    sentence,
    traces,
)

FLAGGED = "Newcomers broke the old weir, says the parish."
NAMING = "Many newcomers live by the mill."
LIKELY = "They should be sent away at once."
PLAIN = "The mill stands beside the river Orr, and has done so for three hundred years or more."
LONG = replace(STORY, text=f"{FLAGGED} {NAMING}\n{LIKELY} {PLAIN}")
LATER = SEEN + timedelta(days=91)


def full(story: Story = LONG) -> CodedStory:
    """One flagged sentence, one that names a group, one a reader should look at, one that says little."""
    return coding(
        story,
        {
            sentence(story, story.title): 0.7,
            sentence(story, FLAGGED): 0.9,
            sentence(story, NAMING, groups=("NEWCOMERS",), detail=SentenceDetail()): 0,
            sentence(story, LIKELY): 0.3,
            sentence(story, PLAIN): 0.1,
        },
    )


@pytest.fixture
def store(where: Path | str) -> Iterator[Store]:
    with Store(where) as opened:
        opened.save_coder(CODER)
        opened.set_note("coder", CODER.name)
        yield opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "store.sqlite"


def let_go(store: Store, *, now: object = LATER, days: int = 90) -> int:
    return store.let_texts_go(now=now, days=days)  # type: ignore[arg-type]


# When


def test_a_text_goes_after_its_days_and_not_before(store: Store) -> None:
    save(store)
    assert let_go(store, now=SEEN + timedelta(days=90)) == 0
    assert store.holdings().texts == 1
    assert let_go(store, now=SEEN + timedelta(days=90, seconds=1)) == 1
    assert let_go(store) == 0, "once is enough"
    held = store.holdings()
    assert (held.versions, held.texts, held.oldest) == (1, 0, None)


def test_for_ever_is_for_ever(store: Store) -> None:
    save(store)
    assert let_go(store, now=SEEN + timedelta(days=40_000), days=-1) == 0
    assert store.all_story_texts()


def test_none_kept_beyond_reading_goes_when_it_is_read(store: Store) -> None:
    save(store)
    assert let_go(store, now=SEEN, days=0) == 0
    store.save_coded([replace(coded(STORY), coder="human:ab")])
    assert let_go(store, now=SEEN, days=0) == 0, "another coder's reading is not the one reports go by"
    store.save_coded([coded(STORY)])
    assert let_go(store, now=SEEN, days=0) == 1


def test_none_kept_beyond_reading_waits_for_all_versions(store: Store) -> None:
    edited = replace(STORY, title="Weir falls", first_seen=SEEN + timedelta(hours=2))
    save(store)
    save(store, edited, wording="w2")
    store.save_coded([coded(STORY)])
    assert let_go(store, now=SEEN, days=0) == 0
    store.save_coded([coded(edited)])
    assert let_go(store, now=SEEN, days=0) == 2


def test_none_kept_beyond_reading_goes_in_time_even_if_never_read(store: Store) -> None:
    save(store)
    assert let_go(store, now=SEEN + timedelta(days=89), days=0) == 0
    assert let_go(store, now=LATER, days=0) == 1


def test_a_bare_headline_has_no_text_to_go(store: Store) -> None:
    save(store, replace(STORY, text="", text_from="headline"))
    assert let_go(store) == 0
    assert len(store.unjudged("model:next-1")) == 1


def test_many_go_in_several_transactions(store: Store) -> None:
    for n in range(AT_ONCE + 5):
        save(store, replace(STORY, url=f"{STORY.url}/{n}"), key=str(n))
    assert [let_go(store), let_go(store), let_go(store)] == [AT_ONCE, 5, 0]


# What stays


def test_reports_find_what_they_found(store: Store) -> None:
    save(store, LONG)
    store.save_coded([full()])
    sure = replace(CODER, thresholds={"blame.active": 0.25})
    before, day = hits(store, sure), {"since": SEEN, "until": SEEN + timedelta(days=1)}
    stories = store.published(["Z07000001"], **day, coder=CODER.name)
    details = store.story_details(["Z07000001"], **day, coder=CODER)
    assert [hit.sentence.text for hit in before] == [LONG.title, FLAGGED, LIKELY]
    assert let_go(store) == 1
    assert hits(store, sure) == before
    assert before[1].detail == DETAIL
    assert store.published(["Z07000001"], **day, coder=CODER.name) == stories
    assert store.story_details(["Z07000001"], **day, coder=CODER) == details
    assert store.holdings().sentences == 3


def test_only_sentences_that_are_flagged_or_name_a_group_stay(path: Path) -> None:
    with Store(path) as store:
        save(store, LONG)
        store.save_coded([full()])
        let_go(store)
        rows = dump(store)
        assert store.compact()
    words = [row[8] for row in rows["sentence"] if row[1] == "body"]
    assert sorted(filter(None, words)) == sorted([FLAGGED, NAMING, LIKELY])
    plain = [row for row in rows["sentence"] if row[8] is None and row[1] == "body"]
    assert [row[7] for row in plain] == [""], "its detail quotes words, so it goes too"
    assert len(rows["label"]) == 4, "what it was labelled stays: it says nothing of the words"


def test_a_threshold_lowered_later_counts_what_it_cannot_show(store: Store) -> None:
    save(store, LONG)
    store.save_coded([full()])
    let_go(store)
    found = hits(store, replace(CODER, thresholds={"blame.active": 0.05}))
    assert [hit.sentence.text.strip() for hit in found] == [LONG.title, FLAGGED, LIKELY, NOT_KEPT]
    assert all(hit.sentence.end - hit.sentence.start == len(hit.sentence.text) for hit in found)


def test_a_low_threshold_of_any_coder_keeps_its_sentences(store: Store) -> None:
    low = Coder(name="model:low-1", kind="model", digest="1", codebook="1", thresholds={"blame.active": 0.1})
    store.save_coder(low)
    save(store, LONG)
    store.save_coded([full()])
    let_go(store)
    assert PLAIN in [hit.sentence.text for hit in hits(store, replace(CODER, thresholds={"blame.active": 0.05}))]


def test_a_story_without_text_is_not_read_again_and_not_taken_for_edited(store: Store) -> None:
    save(store, LONG)
    let_go(store)
    assert store.unjudged("model:next-1") == []
    assert store.stories([LONG.version_id]) == []
    assert store.all_story_texts() == []
    assert save(store, LONG) == "same", "the version's id is a hash of its wording"
    assert store.holdings().texts == 0, "and it does not come back"
    assert save(store, replace(LONG, title="Weir falls")) == "edited"


def test_a_text_that_goes_while_it_is_read_leaves_what_it_would_have_left(store: Store) -> None:
    save(store, LONG)
    let_go(store)
    store.save_coded([full()])
    late = dump(store)["sentence"]
    assert sorted(row[8] for row in late if row[8]) == sorted([FLAGGED, NAMING, LIKELY])
    assert hits(store)[1].sentence.text == FLAGGED


# Edits


@pytest.mark.parametrize("days", [0, 90])
@pytest.mark.parametrize("apart", [timedelta(hours=2), timedelta(days=60)])
def test_what_became_of_an_earlier_wording_is_known_after_the_texts_are_gone(
    days: int, apart: timedelta, store: Store
) -> None:
    """One sentence stays, one is taken out, one comes back in the third version."""
    second = replace(LONG, text=f"{NAMING}\n{LIKELY}", first_seen=SEEN + apart)
    third = replace(LONG, title="Weir falls", text=f"{FLAGGED} {NAMING}", first_seen=SEEN + 2 * apart)
    whole = {}
    for story in (LONG, second, third):
        save(store, story, wording=story.version_id)
        words = [one for one in (FLAGGED, NAMING, LIKELY) if one in story.text]
        store.save_coded([coding(story, {sentence(story, one): 0.9 for one in [story.title, *words]})])
        whole[story.version_id] = store.latest_wordings([story.id])[story.id]

        def stands(wording: str) -> bool:
            return wording in store.latest_wordings([STORY.id])[STORY.id]

        before = [stands(one) for one in (FLAGGED, NAMING, LIKELY, LONG.title)]
        let_go(store, now=story.first_seen + timedelta(seconds=1) if days == 0 else LATER, days=days)
        assert [stands(one) for one in (FLAGGED, NAMING, LIKELY, LONG.title)] == before
    let_go(store, now=LATER + 2 * apart, days=days)
    assert store.holdings().texts == 0
    assert [stands(one) for one in (FLAGGED, NAMING, LIKELY, LONG.title)] == [True, True, False, False]
    assert store.latest_wordings(["none"]) == {}


# Copies


def story(texts: ModuleType, n: int, text: str) -> Story:
    return replace(STORY, url=f"{STORY.url}/{n}", text=text, title=f"Title {n}")


def group(store: Store) -> dict[str, str]:
    families = families_of(store.fingerprints(), store.settled_families())
    store.save_families(families)
    return families


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_copies_are_found_by_what_is_left_of_a_text(gone: int, store: Store, texts: ModuleType) -> None:
    """The same families whether the texts are there or not: of long texts, and of brief ones."""
    agency = texts.story(1, words=300)
    brief = "The footbridge over the Orr is shut until the spring."
    bodies = [agency, " ".join(agency.split()[:200]), texts.story(2, words=300), brief, brief]
    stories = [story(texts, n, body) for n, body in enumerate(bodies)]
    stories[4] = replace(stories[4], title=stories[3].title)
    expected = find_families([(one.id, one.outlet, one.title, one.text) for one in stories])
    assert len(set(expected.values())) == 3
    for n, one in enumerate(stories):
        save(store, one, key=str(n))
        store.save_coded([coding(one, {})])
        if n <= gone:
            let_go(store, now=SEEN, days=0)
            assert store.holdings().texts == 0
        group(store)
    assert group(store) == expected
    if gone:
        assert store.fingerprints()[stories[0].id] == fingerprint(stories[0].title, stories[0].text)


def test_a_family_stays_when_no_copy_is_awaited_any_more(store: Store, texts: ModuleType) -> None:
    agency = texts.story(1, words=300)
    first, second = story(texts, 1, agency), story(texts, 2, agency)
    for one in (first, second):
        save(store, one, key=one.url)
        store.save_coded([coding(one, {})])
    expected = group(store)
    let_go(store, now=SEEN, days=0)
    assert len(store.fingerprints()) == 2
    assert store.settle(now=SEEN + timedelta(days=COPIES_DAYS)) == 0
    settled = SEEN + timedelta(days=COPIES_DAYS, seconds=1)
    assert store.settle(now=settled) == 2
    assert store.fingerprints() == {}
    assert group(store) == expected, "families outlive the fingerprints"
    # Half a year later the same text is another story; found again it would count for a week long past.
    late = replace(story(texts, 3, agency), first_seen=settled, published=settled)
    save(store, late, key="late")
    assert group(store) == {**expected, late.id: late.id}


def test_a_newcomer_joins_a_family_whose_older_member_is_settled(store: Store, texts: ModuleType) -> None:
    agency = texts.story(1, words=300)
    old, copy = story(texts, 1, agency), replace(story(texts, 2, agency), first_seen=SEEN + timedelta(days=27))
    for one in (old, copy):
        save(store, one, key=one.url)
        store.save_coded([coding(one, {})])
    group(store)
    let_go(store, now=SEEN, days=0)
    store.settle(now=SEEN + timedelta(days=29))
    late = replace(story(texts, 3, agency), first_seen=SEEN + timedelta(days=30))
    save(store, late, key="late")
    found = group(store)
    assert set(found.values()) == {min(old.id, copy.id, late.id)}


def test_a_text_kept_longer_than_copies_are_awaited_leaves_no_fingerprint(store: Store, texts: ModuleType) -> None:
    save(store, story(texts, 1, texts.story(1, words=300)))
    let_go(store)
    assert store.fingerprints() == {}


@pytest.mark.parametrize(
    "one", [Fingerprint(), Fingerprint(brief="ab12"), Fingerprint(hashes=frozenset({0, 7, 2**32 - 1}))]
)
def test_a_fingerprint_is_read_as_it_was_written(one: Fingerprint) -> None:
    assert unpacked(packed(one)) == one


# From every file


def test_words_that_went_are_in_no_file_any_more(path: Path) -> None:
    canary = "Seventeen purple herons nested upon the gasworks chimney that spring, the warden noted."
    text = f"{FLAGGED} " + " ".join(f"{canary} {n}" for n in range(300))
    long = replace(STORY, text=text)
    with Store(path) as store:
        for n in range(40):  # neighbours, so that pages are shared and split
            save(store, replace(STORY, url=f"{STORY.url}/{n}", text=f"Nothing {n}. " * 50), key=str(n))
        save(store, long, key="canary")
        store.save_coder(CODER)
        store.save_coded([coding(long, {sentence(long, FLAGGED): 0.9, sentence(long, f"{canary} 7"): 0.1})])
        assert files_with(path.parent, *traces(text))
        assert let_go(store) > 0
        assert store.compaction_due()
        assert store.compact()
        assert not store.compaction_due()
        assert files_with(path.parent, *traces(text), canary.encode(), b"purple herons") == []
        assert path.with_name("store.sqlite-wal").stat().st_size < 20_000
        assert store.integrity() == ""
        assert hits(store)[0].sentence.text == FLAGGED


def test_a_reader_holds_the_log_back_and_it_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from corpora.store import engine

    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    with Store(path) as store:
        save(store, LONG)
        with Store(path, read_only=True) as reader, reader.transaction() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM story")
            let_go(store)
            assert not store.compact()
            assert store.compaction_due(), "it is remembered"
        assert store.compact()
        assert files_with(path.parent, *traces(LONG.text)) == []


def test_deleted_words_are_zeros_even_before_the_file_is_written_anew(path: Path) -> None:
    with Store(path) as store:
        save(store, LONG)
        let_go(store)
    assert files_with(path.parent, *traces(LONG.text)) == []


CHILD = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from corpora.store import Store, keeping
place, nth = sys.argv[2], int(sys.argv[3])
seen = 0
real = getattr(keeping, place)
def counted(*them):
    global seen
    seen += 1
    done = real(*them)
    if seen == nth:
        os.kill(os.getpid(), signal.SIGKILL)
    return done
setattr(keeping, place, counted)
with Store(Path(sys.argv[1])) as store:
    while store.let_texts_go(now=datetime.fromisoformat(sys.argv[4]), days=90):
        pass
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_killed_while_texts_go_it_ends_as_if_nothing_had_happened(path: Path, tmp_path: Path) -> None:
    def filled(at: Path) -> None:
        with Store(at) as store:
            store.save_coder(CODER)
            for n in range(AT_ONCE + 20):
                one = replace(LONG, url=f"{STORY.url}/{n}")
                save(store, one, key=str(n))
                store.save_coded([full(one)])

    def finish(at: Path) -> dict[str, object]:
        with Store(at) as store:
            while let_go(store):
                pass
            store.compact()
            return dict(dump(store))

    filled(path)
    whole = tmp_path / "whole.sqlite"
    filled(whole)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    for place, nth, left in (("_let_go", 7, 120), ("note_compaction", 1, 120), ("_let_go", AT_ONCE + 3, 20)):
        command = [sys.executable, "-c", CHILD, str(path), place, str(nth), LATER.isoformat()]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        with Store(path) as store:
            assert store.integrity() == ""
            assert store.holdings().texts == left
            assert store.compaction_due() == (left < 120)
    assert finish(path) == finish(whole)
    assert files_with(path.parent, *traces(LONG.text)) == []


def test_how_much_is_held_is_told(store: Store) -> None:
    save(store, LONG)
    save(store, replace(STORY, url=f"{STORY.url}/2", first_seen=SEEN + timedelta(days=1)), key="2")
    held = store.holdings()
    assert held == keeping.Holdings(versions=2, texts=2, oldest=SEEN, sentences=0, forgotten=0)
