"""What a flagged sentence is read as, and what holds of stories flagged for blame, said without saying too much."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from corpora.coding import Hit, PublishedStory, SentenceDetail, StoryDetail
from corpora.records import Frame, Span
from reports.counts import count, spoken_of
from reports.reading_notes import BlameFacts, blame_facts, fact_words, notes_of
from reports.weeks import Week

WEEK = Week(2026, 44)
BLAMED = SentenceDetail(
    role="councillor", blamer="SOURCE", targets=("GRT",), problems=("ENVIRONMENT_LITTER",), structural_cause="OMITTED"
)


def story(name: str, family: str = "") -> PublishedStory:
    return PublishedStory(
        story_id=name,
        family_id=family or name,
        outlet="a",
        url=f"https://a.example/{name}",
        title=name,
        published=WEEK.start + timedelta(hours=5),
        published_trusted=True,
        text_from="page",
        versions=1,
        judged=True,
    )


def hit(name: str, detail: SentenceDetail = BLAMED, frame: Frame = "blame") -> Hit:
    return Hit(
        story_id=name,
        version_id=f"{name}-1",
        version_number=1,
        latest_version=1,
        unit="body",
        sentence=Span(start=0, end=5, text="Words"),
        frame=frame,
        aspect="active",
        probability=0.9,
        voice="DIRECT",
        groups=(),
        marks=(),
        coder="model:x-1",
        codebook="1",
        detail=detail,
    )


def test_blame_is_said_with_whom_for_what_and_what_is_left_out() -> None:
    first, speaker = notes_of([hit("one")])
    assert "blamed for litter and surroundings" in first
    assert "no structural cause is named in this sentence" in first
    assert speaker == "Speaker: councillor"


def test_nothing_is_said_of_blame_where_only_another_frame_is_flagged() -> None:
    detail = replace(BLAMED, subtypes=("ZERO_SUM",))
    notes = notes_of([hit("one", detail, "us_them")])
    assert not any("blamed" in note for note in notes)
    assert any(note.startswith("Kind: ") for note in notes)


def test_a_contested_flag_is_not_read_as_blame() -> None:
    assert notes_of([replace(hit("one"), aspect="contested")]) == ("Speaker: councillor",)


def test_copies_count_once_and_what_cannot_be_told_is_left_out() -> None:
    stories = [story("one", "f"), story("two", "f"), story("three"), story("four")]
    counts = count(stories, [hit("one"), hit("three"), hit("four")], [WEEK])
    details = {
        "one": StoryDetail(target_group_quoted=False),
        "two": StoryDetail(target_group_quoted=True, structural_named=True),
        "three": StoryDetail(target_group_quoted=False),
        "four": StoryDetail(target_group_quoted=None),
    }
    facts = blame_facts(counts, [WEEK], details)
    assert facts == BlameFacts(stories=3, unheard=1, heard=1, structural=1)
    told, causes = fact_words(facts)
    assert "2 could be looked through" in told
    assert causes.endswith("was recognised in 1.")


def test_without_flagged_stories_nothing_is_said() -> None:
    assert fact_words(BlameFacts(stories=0, unheard=0, heard=0, structural=0)) == ()


def test_whose_frame_it_is_decides_which_voice_counts() -> None:
    own = replace(hit("one"), detail=replace(BLAMED, frame_voice="OUTLET"))
    assert spoken_of(own) == ("any", "outlet")
    assert spoken_of(hit("one")) == ("any",)
    assert spoken_of(replace(own, voice="OUTLET", detail=replace(BLAMED, frame_voice="SOURCE"))) == ("any",)
