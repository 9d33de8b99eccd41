"""Subtypes of us_them and shared_story: the words that show them, and silence where words do not tell."""

from __future__ import annotations

import pytest

from corpora.errors import NotReady
from nlp import weighted
from nlp.patterns import Matcher
from nlp.subtypes import SUBTYPES, SubtypedFrame, find_subtypes, subtype_words
from nlp.weighted import WeightedWord


@pytest.mark.parametrize("row", subtype_words(), ids=lambda row: f"{row.code}:{row.pattern[:30]}")
def test_every_row_has_a_reason_and_finds_its_example(row: WeightedWord) -> None:
    assert row.reason
    assert Matcher([(row.pattern, 1)]).find(row.example)


@pytest.mark.parametrize(
    ("frame", "text", "code", "words"),
    [
        ("us_them", "Maud Perrin shook her head: not our street any more.", "NOT_BELONGING", "not our street any more"),
        ("us_them", "Parents are frightened of the lads by the flats.", "THREAT", "frightened of"),
        ("us_them", "Newcomers go to the front of the queue every time.", "ZERO_SUM", "front of the queue"),
        ("us_them", "They're all the same, every last one of them.", "GENERALISATION", "every last one of them"),
        ("us_them", "They may stay so long as they keep our ways.", "ONE_WAY_TEST", "so long as they"),
        ("us_them", "Scroungers lie abed while Tarrow goes to work.", "MORAL_CONTRAST", "Scroungers"),
        ("us_them", "A flood of migrants is on its way to Ludmere.", "DEHUMANISING", "flood of"),
        ("us_them", "They lead parallel lives beyond the bridge.", "PARALLEL_LIVES", "parallel lives"),
        ("shared_story", "Whoever you are, this is where you belong.", "BELONG_PLACE", "Whoever you"),
        ("shared_story", "Old hands and new depend on each other here.", "INTERDEPEND", "depend on each other"),
        ("shared_story", "Refugees and pensioners share a garden.", "CONTACT_MIX", "share a garden"),
        ("shared_story", "It has to be a two-way street, she said.", "TWO_WAY", "two-way street"),
        ("shared_story", "Both faiths filled sandbags until dawn.", "COMMUNITY_ACTION", "filled sandbags"),
        ("shared_story", "The dhol players kept the whole street awake.", "CELEBRATE_DIFF", "dhol"),
    ],
)
def test_each_subtype_is_shown_by_its_words(frame: SubtypedFrame, text: str, code: str, words: str) -> None:
    found = find_subtypes(text, frame=frame)
    assert found[0].code == code
    assert text[found[0].start : found[0].end] == words


def test_offsets_are_those_of_the_unit() -> None:
    text = "A flood of migrants is on its way."
    assert (
        find_subtypes(text, frame="us_them", offset=40)[0].start == find_subtypes(text, frame="us_them")[0].start + 40
    )


def test_only_subtypes_of_the_frame_are_looked_for() -> None:
    text = "A flood of them has come, and old and new share a garden."
    assert {s.code for s in find_subtypes(text, frame="us_them")} == {"DEHUMANISING"}
    assert {s.code for s in find_subtypes(text, frame="shared_story")} == {"CONTACT_MIX"}


def test_nothing_is_said_where_words_do_not_tell() -> None:
    assert find_subtypes("Elin has opened a second bakery in Tarrow.", frame="us_them") == ()
    assert find_subtypes("Decent, he called it.", frame="us_them") == ()  # one word that only helps


def test_two_subtypes_with_like_evidence_are_both_named_strongest_first() -> None:
    text = "They have taken over the square and go to the front of the queue, ahead of our own people."
    found = find_subtypes(text, frame="us_them")
    assert found[0].code == "ZERO_SUM"
    assert len({s.code for s in found}) == len(found)


def test_people_on_benefits_lean_towards_the_contrast_of_the_deserving() -> None:
    text = "Those of us who work wait nine weeks while they go without a care."
    assert [s.code for s in find_subtypes(text, frame="us_them")] == ["ZERO_SUM"]
    assert find_subtypes(text, frame="us_them", groups=("BEN",))[0].code == "MORAL_CONTRAST"
    assert find_subtypes("It rained in Tarrow.", frame="us_them", groups=("BEN",)) == ()  # a group alone tells nothing


@pytest.mark.parametrize("text", ["", " ", "\u200b", "queue " * 5_000, "fl\u200bood of", "İ" * 3_000, "(" * 2_500])
def test_any_string_is_read(text: str) -> None:
    for frame in SUBTYPES:
        for found in find_subtypes(text, frame=frame):
            assert 0 <= found.start < found.end <= len(text)


def test_a_damaged_table_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    weighted.weighted_words.cache_clear()
    monkeypatch.setattr(weighted, "read_table", lambda *_: [("THREAT", "3", "siege", "x", "siege")])
    with pytest.raises(NotReady, match="differ"):
        subtype_words()
    monkeypatch.setattr(weighted, "read_table", lambda *_: [("THREAT", "9", "siege", "x", "siege")])
    with pytest.raises(NotReady, match="no weight"):
        subtype_words()
