"""Words that name a group in one sense and no group in another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp import groups
from nlp.groups import GROUPS, Mention, Sense, Term, find_mentions, groups_of, senses, terms
from nlp.patterns import Matcher

SENTENCES: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "spec" / "sense_traps.jsonl").read_text(encoding="utf-8").splitlines()
]
TRAPS = [row for row in SENTENCES if not row["groups"]]
NAMING = [row for row in SENTENCES if row["groups"]]


@pytest.mark.parametrize("row", TRAPS, ids=lambda row: row["id"])
def test_a_word_in_another_sense_names_no_group(row: dict[str, Any]) -> None:
    assert row["term"]
    assert row["why"]
    assert find_mentions(row["text"]) == ()


@pytest.mark.parametrize("row", NAMING, ids=lambda row: row["id"])
def test_the_same_words_still_name_the_group_they_name(row: dict[str, Any]) -> None:
    assert set(row["groups"]) <= set(groups_of(find_mentions(row["text"])))


def test_there_are_enough_sentences_and_none_twice() -> None:
    assert len(TRAPS) >= 800
    assert len(NAMING) >= 300
    assert len({row["id"] for row in SENTENCES}) == len({row["text"] for row in SENTENCES}) == len(SENTENCES)
    assert {code for row in NAMING for code in row["groups"]} == set(GROUPS) - {"ALL", "ELITE"}


def test_without_the_table_of_senses_the_traps_would_catch(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing: Matcher[Sense] = Matcher([("zzyzx", senses()[0])])
    monkeypatch.setattr(groups, "_sense_matcher", lambda: nothing)
    caught = [groups_of(find_mentions(row["text"])) for row in TRAPS]
    assert sum(map(bool, caught)) >= 280
    assert {sense.group for sense in senses()} - {"*", "ALL"} <= {code for codes in caught for code in codes}


@pytest.mark.parametrize("row", [*terms(), *senses()], ids=lambda row: f"{row.group}: {row.example}")
def test_the_example_of_a_row_is_matched_by_its_own_row(row: Term | Sense) -> None:
    assert row.reason
    assert Matcher([(row.pattern, None)]).find(row.example)


def test_a_sense_of_any_scope_but_needs_takes_out_what_is_written_small() -> None:
    for sense in senses():
        assert sense.scope == "needs" or all(start == start.lower() for start in sense.cancels), sense.example


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Cllr Black and local residents toured the pumping station.", ()),
        ("Black and Asian residents toured the pumping station.", ("BLK", "SAS")),
        ("Ruth Young and friends swam to the buoy.", ()),
        ("Will Young people vote?", ("YNG",)),
        ("The Outsiders is on at the Regal.", ()),
        ("The Outsiders are buying the pub, he said.", ("OUT",)),
        ("Gypsy Lane is closed.", ()),
        ("GYPSY LANE FAMILIES MEET", ("GRT",)),
        ("A pony called Gypsy won.", ()),
        ("A Romanian was hurt in the crash.", ("EUM",)),
        ("She gave it a polish and left.", ()),
        ("Poles came to work here, and immigration was debated.", ("EUM",)),
        ("Poles came to work here, and asylum seekers were moved in.", ("EUM", "MIG_ASY")),
        ("Syrian asylum seekers sang.", ("MIG_ASY",)),
        ("Syrian and Iranian men sang.", ("MIG_ASY", "REF")),
        ("Most of the pickers are Romanian.", ("EUM",)),
        ("Most of the wines are Romanian.", ()),
        ("The staff are Romanian wines' best friends.", ()),
        ("Women, a new play by Ann Lee, is on at the Regal.", ()),
        ("Gypsy, a ten-year-old cob, was champion.", ()),
        ("Ann Lee's Refugee closed the first set.", ()),
        ("She works for the Refugee Council.", ("ELITE", "REF")),
        ("The Black family have farmed here since 1820.", ()),
        ("SEND NOW for your free seeds.", ()),
        ("Windrush passengers were honoured by the river.", ("BLK",)),
    ],
)
def test_names_titles_and_people_named_twice(sentence: str, expected: tuple[str, ...]) -> None:
    assert groups_of(find_mentions(sentence)) == expected


def _holds(text: str, offset: int, found: tuple[Mention, ...]) -> None:
    for mention in found:
        assert text[mention.start - offset : mention.end - offset] == mention.text
        assert mention.text
        assert mention.group in GROUPS


PIECES = st.sampled_from(
    [
        "Travellers", "travellers'", "polish", "Polish", "black,", "and", "families", "the deaf", "ears", "Roma",
        "women", "'s", "Мигрants", "mig\u200brants", "migrants", "-", "\u00ad", "İstanbul", "asylum", "seekers",
        "…", "\n", "“",
        "the Chinese", "Mr", "Young", "people", "Lane", "gypsy", "moth", "\ud7ff", "\U0001f600", "on benefits", "12",
    ]
)  # fmt: skip


@given(st.text(max_size=300), st.integers(min_value=0, max_value=9_000))
def test_any_text_is_read_without_an_error_and_spans_are_its_own(text: str, offset: int) -> None:
    _holds(text, offset, find_mentions(text, offset=offset))


@given(st.lists(PIECES, max_size=60).map(" ".join))
def test_spans_hold_where_terms_and_hidden_characters_meet(text: str) -> None:
    _holds(text, 0, find_mentions(text))


@given(st.lists(PIECES, max_size=30).map(" ".join))
def test_the_same_text_is_read_the_same_way_twice(text: str) -> None:
    assert find_mentions(text) == find_mentions(text)


@settings(max_examples=25)
@given(st.sampled_from(NAMING), st.integers(min_value=1, max_value=40))
def test_a_group_is_named_wherever_in_a_long_text_it_stands(row: dict[str, Any], times: int) -> None:
    padding = "The clerk read out the minutes. " * times * 20
    assert set(row["groups"]) <= set(groups_of(find_mentions(padding + row["text"])))


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        " ",
        "-",
        "polish ",
        "Polish, ",
        "migrants and ",
        "the ",
        "\u200b",
        "travellers ",
        "black and ",
        "Mr Young ",
        "İ",
    ],
)
def test_hostile_lengths_are_read_to_the_end(unit: str) -> None:
    text = (unit * 60_000)[:60_000] + " Asylum seekers sang."
    found = find_mentions(text)
    _holds(text, 0, found)
    assert "MIG_ASY" in groups_of(found)
