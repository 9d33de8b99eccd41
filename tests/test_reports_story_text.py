"""One story in a terminal: what is said of it, no wider than the screen, and nothing that commands it; plain names."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpora.codebook import load_codebook
from reports.story_names import capital, name, names, rows
from reports.story_notes import ALWAYS, Own, flags_of, notes, speaker_of
from reports.story_sayings import found, not_told, places
from reports.story_text import NARROWEST, columns, screen, story_text

HERE = Path(__file__).resolve().parent
CODE = re.compile("\x1b\\[[0-9;]*m")
HOSTILE = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("\x1b[]0m;\x07\x9b\u202e\u200b\u0301\r\n\x08 ")))


def load_sample() -> ModuleType:
    spec = importlib.util.spec_from_file_location("_tests_story_sample_text", HERE / "support" / "story_sample.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


SAMPLE = load_sample()


def said(parts: tuple[Any, ...]) -> str:
    return "".join(str(part) for part in parts)


def all_said(story: dict[str, str], reading: dict[str, Any]) -> list[str]:
    return [said(one) for _, some in found(reading) for one in some] + [said(one) for one in not_told(story, reading)]


# The terminal


def test_the_whole_story_is_there_in_order() -> None:
    text = story_text(*SAMPLE.sample(), width=88, colour=False)
    at = 0
    for word in SAMPLE.TEXT.split():
        at = text.index(word, at)


def test_flags_are_told_without_colour() -> None:
    text = story_text(*SAMPLE.sample(), width=88, colour=False)
    assert "\x1b" not in text
    assert re.search(r"^U\*\*\* B\*\*\* +2 “They come here", text, re.MULTILINE)
    assert re.search(r"^ +Bx +7 Cllr Ned Averill", text, re.MULTILINE)
    assert "Blame: less sure, probability about 6 in 10 (0.62)" in text
    assert "May be wrong: " in text
    assert re.search(r"^ +8 The tip at Owl Cross", text, re.MULTILINE)


def test_colour_adds_codes_their_key_and_no_other_words() -> None:
    plain = story_text(*SAMPLE.sample(), width=88, colour=False)
    coloured = story_text(*SAMPLE.sample(), width=88, colour=True)
    key = "a group named, a word taken to mean one, somebody’s words, words behind a flag, a\nstructural cause\n"
    assert CODE.sub("", coloured).replace(key, "") == plain
    assert len(CODE.findall(coloured)) > 50
    assert coloured.count("\x1b[0m") * 2 == len(CODE.findall(coloured))


@pytest.mark.parametrize("width", [10, 40, 61, 88, 100])
@pytest.mark.parametrize("colour", [False, True])
def test_no_line_is_wider_than_the_terminal(width: int, colour: bool) -> None:
    story, reading = SAMPLE.sample()
    story["title"] += " " + "unbroken" * 40
    for line in story_text(story, reading, width=width, colour=colour).split("\n"):
        assert columns(CODE.sub("", line)) <= max(width, NARROWEST)


@given(text=HOSTILE)
@example(text="\x1b]0;title\x07\x1b[2J\x9b31m")
def test_no_command_of_the_story_reaches_the_terminal(text: str) -> None:
    story, reading = SAMPLE.plain(text, title=text[:30].strip())
    for colour in (False, True):
        shown = story_text(story, reading, width=60, colour=colour)
        rest = CODE.sub("", shown) if colour else shown
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b-\u200f\ud800-\udfff]", rest)
        assert all(columns(line) <= 60 for line in rest.split("\n"))
        shown.encode("utf-8")


@given(text=HOSTILE)
def test_names_the_story_gives_cannot_command_either(text: str) -> None:
    story, reading = SAMPLE.sample()
    speaker = reading["sentences"][5]["speaker"]
    speaker["resolved"] = speaker["text"] = reading["sentences"][5]["evidence"][0]["text"] = text
    shown = story_text(story, reading, width=60, colour=False)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b-\u200f\ud800-\udfff]", shown)


def test_wide_letters_and_accents_are_counted_as_they_are_seen() -> None:
    assert columns("abc") == 3
    assert columns("e\u0301") == 1
    assert columns("東京") == 4
    assert screen("a\x1b[0m\u202e\u200bb") == "a\u241b[0m\ufffdb"


def test_empty_capped_and_unflagged_stories_are_told() -> None:
    assert "There is no text below the headline." in story_text(*SAMPLE.empty(), width=80, colour=False)
    story, reading = SAMPLE.plain("The ferry is green.")
    assert "That is no proof that there is nothing." in story_text(story, reading, width=80, colour=False)
    story["text"] += "\nMore of it. " + "word " * 1_000
    reading["capped"] = True
    text = story_text(story, reading, width=80, colour=False)
    assert "(not read) More of it." in text
    assert "more characters of the story were not read" in text
    assert "longer than what is read" in text


# What is said of a story


def test_the_summary_of_the_sample() -> None:
    sayings = all_said(*SAMPLE.sample())
    for one in (
        "“Blame” is flagged in sentences 1 and 2: fairly sure of sentence 2, less of the rest; in the outlet’s own "
        "words in sentence 1, in a source’s in the rest.",
        "“Blame” is put into words and rejected in sentence 7. That is no flag.",
        "As read, sentence 2 has Delia Harrow (trader) blaming Gypsy, Roma and Traveller people over public money.",
        "A structural cause (policy, funding, supply) is left out of sentences 1, 2 and 3.",
        "The story names a structural cause first in sentence 8: cuts or missing investment.",
        "Somebody of the group blamed or set apart is quoted or reported.",
        "It is told through single events or cases, not as a wider issue.",
    ):
        assert one in sayings
    assert not any("That is no proof" in one for one in sayings)


def test_what_the_story_lacks_is_said() -> None:
    story, reading = SAMPLE.sample()
    level = reading["story"]
    level["structural_anywhere"] = {"named": False, "types": [], "sentence": None}
    reading["sentences"][7]["neighbours"] = []
    level |= {"target_group_quoted": False, "headline_body_gap": True, "episodic_thematic": "cannot_tell"}
    sayings = all_said(story, reading)
    assert "No structural cause was found anywhere in the story." in sayings
    assert "Nobody of the group blamed or set apart was found to be quoted or reported." in sayings
    assert "Headline and body differ: the headline carries a frame that the body lacks or rejects." in sayings
    assert any(one.startswith("Whether it is told through single cases") for one in sayings)
    level["target_group_quoted"] = None
    assert "Whether anybody of the group concerned is heard: no such group could be told." in all_said(story, reading)


def test_a_cause_that_was_not_looked_for_is_not_said_to_be_missing() -> None:
    _, reading = SAMPLE.sample()
    reading["story"]["structural_anywhere"] = {"named": False, "types": [], "sentence": None}
    missing = "No structural cause was found anywhere in the story."
    alone = "A problem put down to policy, funding or firms alone may stand in sentence 8."
    sayings = [said(one) for _, some in found(reading) for one in some]
    assert alone in sayings
    assert missing not in sayings
    reading["sentences"][7]["neighbours"] = []
    assert missing in [said(one) for _, some in found(reading) for one in some]
    for one in reading["sentences"]:
        one["frames"]["blame"]["contested"] = 0.0
        if one["frames"]["blame"]["flag"]:
            one["frames"]["blame"]["flag"] = "triage"
    assert missing not in [said(one) for _, some in found(reading) for one in some]


def test_a_position_counts_from_the_headline_where_there_is_one() -> None:
    _, reading = SAMPLE.sample()
    reading["headline"] = None
    reading["story"]["structural_anywhere"]["sentence"] = 7
    assert any("first in sentence 8" in said(one) for _, some in found(reading) for one in some)


def test_places_are_listed_as_people_say_them() -> None:
    assert places([0]) == (0,)
    assert said(places([4])) == "sentence 4"
    assert said(places([4, 7, 9])) == "sentences 4, 7 and 9"
    assert places([0, 4]) == (0, " and ", "sentence ", 4)
    assert said(places(list(range(1, 15)))).endswith("9, 10 and 4 more")


def test_a_level_below_worth_a_look_is_not_told() -> None:
    _, reading = SAMPLE.plain("The ferry is green.")
    reading["sentences"][0]["frames"]["blame"] |= {"probability": 0.2, "contested": 0.49}
    assert flags_of(reading["sentences"][0]) == ()
    assert notes(reading) == {}


def test_a_note_always_says_why_it_may_be_wrong() -> None:
    _, reading = SAMPLE.plain("The ferry is green.")
    reading["sentences"][0]["frames"]["shared_story"] |= {"probability": 0.9, "flag": "display"}
    assert notes(reading)[1].doubts == (ALWAYS,)
    assert all(note.doubts for note in notes(SAMPLE.sample()[1]).values())


def test_a_blamer_nobody_names_is_said_to_be_none() -> None:
    _, reading = SAMPLE.sample()
    reading["sentences"][0]["quads"][0]["blamer"] = SAMPLE.nobody("UNNAMED")
    assert said(notes(reading)[1].gist).startswith(
        "As read: Gypsy, Roma and Traveller people are blamed by somebody it does not name over litter"
    )


def test_who_speaks_is_told_by_name_role_and_group() -> None:
    _, reading = SAMPLE.sample()
    sentences = reading["sentences"]
    assert speaker_of(sentences[0]) == ()
    assert said(speaker_of(sentences[2])) == "Delia Harrow (trader), quoted"
    assert said(speaker_of(sentences[10], alias=True)) == (
        "Bridget Doran (one of: Gypsy, Roma and Traveller people), quoted, here “she”"
    )
    assert isinstance(speaker_of(sentences[2])[0], Own)
    sentences[2]["speaker"] = None
    assert said(speaker_of(sentences[2])) == "Someone it does not name, quoted"


# Plain names

LISTS = {"problem": "problems", "neighbour": "neighbours", "subtype": "subtypes", "structural_type": "structural_types",
         "stance": "stances", "structural_cause": "structural"}  # fmt: skip


@pytest.mark.parametrize("table", sorted(LISTS))
def test_no_code_of_the_codebook_is_without_a_plain_name(table: str) -> None:
    codes = set(load_codebook().codes(LISTS[table]))
    assert set(names(table)) == codes | ({"NA"} if table == "structural_cause" else set())


def test_no_code_of_a_reading_is_without_a_plain_name() -> None:
    from corpora.records import Voice
    from nlp.attributions import ROLES
    from nlp.links import LinkKind

    assert set(names("voice")) == set(get_args(Voice))
    assert set(names("role")) == set(ROLES)
    assert set(names("link")) == set(get_args(LinkKind))


def test_no_kind_of_evidence_is_without_a_plain_name() -> None:
    from nlp import evidence

    kinds = {"group", "problem", "structural", "stance", "we", "subtype", *evidence._SHOWN}
    assert set(names("evidence")) == kinds


def test_names_are_plain_and_said_once() -> None:
    keys = [(row["list"], row["code"]) for row in rows()]
    assert len(keys) == len(set(keys))
    for row in rows():
        assert "_" not in row["name"]
        assert row["name"] == row["name"].strip()
        assert "hate" not in row["name"].lower()
    assert name("subtype", "SOME_NEW_ONE") == "some new one"
    assert capital("") == ""
