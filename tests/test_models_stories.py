"""Whole stories as `sharedstory read` gives them: every span fits its text, every code is known, nothing breaks it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.codebook import load_codebook
from corpora.records import FRAMES
from models.stories import StoryReader
from nlp.attributions import ROLES
from nlp.groups import GROUPS

sys.path.append(str(Path(__file__).parent / "support"))
import county

TITLE = "Travellers ‘blamed for everything’ at Marl Park"
TEXT = "\n".join(
    [
        "Residents in Fallow Heath say Travellers have turned Marl Park into a dump.",
        "“They leave rubbish everywhere and nobody does anything,” said Delia Harrow, who lives opposite.",
        "She added that the council had shut the only tip in the town because of budget cuts.",
        "Cllr Tom Vey said: “It is easy to blame Travellers. Most of the waste comes from traders.",
        "“We shut the tip to save money.”",
        "Mary Doran, 52, an Irish Traveller who stays on the site, said her family pays for a skip every week.",
        "Volunteers from the mosque, the chapel and the camp cleared the park together and shared soup afterwards.",
    ]
)


@pytest.fixture(scope="module")
def reader() -> StoryReader:
    judge = county.judge()
    return StoryReader(judge._reader, judge._model)


@pytest.fixture(scope="module")
def story(reader: StoryReader) -> dict[str, Any]:
    return reader.read([{"id": "a", "title": TITLE, "text": TEXT}])[0]


def spans(value: Any) -> Iterator[dict[str, Any]]:
    """Every object with a start, an end and a text, wherever it stands."""
    if isinstance(value, dict):
        if {"start", "end", "text"} <= set(value) and value["start"] is not None:
            yield value
        for one in value.values():
            yield from spans(one)
    elif isinstance(value, list):
        for one in value:
            yield from spans(one)


def check(story: dict[str, Any], title: str, text: str) -> None:
    units = [(one, text) for one in story["sentences"]]
    units += [(story["headline"], title)] if story["headline"] else []
    for sentence, whole in units:
        assert 0 <= sentence["start"] < sentence["end"] <= len(whole)
        for span in spans(sentence):
            assert whole[span["start"] : span["end"]] == span["text"]
        if sentence["content"] is not None:
            start, end = sentence["content"]
            assert sentence["start"] <= start < end <= sentence["end"]
        assert (sentence["speaker"] is None) == (sentence["voice"] in {"OUTLET", "HEADLINE"})
    starts = [one["start"] for one in story["sentences"]]
    assert starts == sorted(starts)
    json.dumps(story, allow_nan=False).encode("utf-8")


def sentence_with(story: dict[str, Any], words: str) -> dict[str, Any]:
    return next(one for one in story["sentences"] if words in TEXT[one["start"] : one["end"]])


def test_spans_fit_the_text_and_codes_are_the_codebooks(story: dict[str, Any]) -> None:
    check(story, TITLE, TEXT)
    book = load_codebook()
    for one in [story["headline"], *story["sentences"]]:
        assert {group["group"] for group in one["groups"]} <= set(GROUPS)
        assert set(one["frames"]) == set(FRAMES)
        assert set(one["neighbours"]) <= book.codes("neighbours")
        assert one["speaker"] is None or one["speaker"]["role"] in {"", *ROLES}
        for frame in one["frames"].values():
            assert set(frame["subtypes"]) <= book.codes("subtypes")
            assert 0 <= frame["probability"] <= 1
        for quad in one["quads"]:
            assert quad["problem"]["code"] in book.codes("problems")
            assert quad["structural_cause"]["value"] in {"NAMED_INSTEAD", "NAMED_ALSO", "OMITTED", "NA"}
            assert quad["stance"] in {"ENDORSES", "REPORTS", "CONTESTS"}


def test_speakers_are_followed_through_the_story(story: dict[str, Any]) -> None:
    assert sentence_with(story, "She added")["speaker"]["resolved"] == "Delia Harrow"
    runs_on = sentence_with(story, "to save money")["speaker"]
    assert (runs_on["start"], runs_on["text"], runs_on["resolved"]) == (None, "", "Cllr Tom Vey")
    doran = sentence_with(story, "Mary Doran")["speaker"]
    assert (doran["role"], doran["groups"]) == ("group_member", ["GRT"])


def test_who_blames_whom_for_what(story: dict[str, Any]) -> None:
    first = sentence_with(story, "turned Marl Park")["quads"][0]
    assert first["blamer"]["kind"] == "SOURCE"
    assert first["target"] == {"group": "GRT", "start": 30, "end": 40, "text": "Travellers"}
    assert first["structural_cause"]["value"] == "OMITTED"
    assert sentence_with(story, "easy to blame")["quads"][0]["stance"] == "CONTESTS"


def test_the_story_as_a_whole(story: dict[str, Any]) -> None:
    whole = story["story"]
    assert whole["structural_anywhere"]["named"] is True
    assert whole["target_group_quoted"] is True
    assert whole["blamed_groups"] == ["GRT"]


@pytest.mark.parametrize(("title", "text"), [("", "."), ("Only a headline", " "), ("", "\n\n\n"), ("“", "”" * 50)])
def test_next_to_nothing_is_read(reader: StoryReader, title: str, text: str) -> None:
    check(reader.read([{"id": "x", "title": title, "text": text}])[0], title, text)


PIECES = st.sampled_from(
    [
        *("Travellers", "blamed for", "“", "”", '"', "'", "said", "Cllr", "Ms Harrow", "they", "\n", "\r\n", ". "),
        *(
            "\u202e",
            "\u200b",
            "مرحبا",
            "👩‍👩‍👧",
            "İ",
            "\x00",
            "<script>",
            "because of cuts",
            "A. B. C.",
            "mosque",
            "!!!",
        ),
    ]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(PIECES | st.text(max_size=12), min_size=1, max_size=60), st.text(max_size=60))
def test_hostile_text_is_read_without_a_fault(reader: StoryReader, pieces: list[str], title: str) -> None:
    text = " ".join(pieces).encode("utf-8", "replace").decode("utf-8")
    title = title.encode("utf-8", "replace").decode("utf-8")
    check(reader.read([{"id": "x", "title": title, "text": text}])[0], title, text)
