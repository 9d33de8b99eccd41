"""Neighbours of the frames: rescue, lack, use, offences, listings, and silence where too little points there."""

from __future__ import annotations

import pytest

from corpora.errors import NotReady
from nlp import weighted
from nlp.neighbours import NEEDED, find_neighbours, neighbour_words
from nlp.patterns import Matcher
from nlp.weighted import WeightedWord


@pytest.mark.parametrize("row", neighbour_words(), ids=lambda row: f"{row.code}:{row.pattern[:30]}")
def test_every_row_has_a_reason_and_finds_its_example(row: WeightedWord) -> None:
    assert row.reason
    assert Matcher([(row.pattern, 1)]).find(row.example)


@pytest.mark.parametrize(
    ("text", "groups", "code"),
    [
        ("Big-hearted Ludmere shoppers brought joy to refugee children.", ("REF",), "SAVIOUR"),
        ("Migrants will be taught how to queue and to say good morning.", ("MIG_ASY",), "DEFICIT"),
        ("After years of austerity the youth club in Tarrow is a car park.", ("YNG",), "STRUCTURAL_ONLY"),
        ("Detectives say the broken gate at the gurdwara was a hate crime.", ("OFA",), "HATE_CRIME"),
        ("Traveller mothers told the review they are treated as if they were thieves.", ("GRT",), "GRIEVANCE"),
        ("The wards could not open without nurses from overseas, who are a godsend.", ("MIG_ASY",), "INSTRUMENTAL"),
        ("A Polish film night starts at 7pm on Friday; tickets are £4.", ("EUM",), "CHARITY_LISTING"),
        ("In 1911 mobs drove the Jewish tailors out of Tarrow.", ("JEW",), "HISTORY"),
        ("Somali-born Omar Dirie, 31, was fined £90 by magistrates for speeding.", ("BLK",), "CRIME_IND"),
        ("Gone are the mornings when the pump in Skelby rang with talk.", (), "LOSS"),
        ("Orrenby was crowned the friendliest town in the county.", (), "CIVIC_PRIDE"),
        ("Whitehall never listens to people up here.", ("ELITE",), "VERTICAL"),
        ("Developers have ruined Skelby quay, the harbour clerk said.", (), "BLAME_POWERFUL"),
    ],
)
def test_each_neighbour_is_told_by_its_words(text: str, groups: tuple[str, ...], code: str) -> None:
    found = find_neighbours(text, groups=groups)
    assert found[0].code == code
    assert text[found[0].start : found[0].end].strip()


def test_offsets_are_those_of_the_unit() -> None:
    text = "After years of austerity the youth club in Tarrow is a car park."
    found = find_neighbours(text, offset=9)[0]
    assert text[found.start - 9 : found.end - 9] == "years of austerity"


def test_a_plain_mention_is_no_neighbour() -> None:
    assert find_neighbours("Three Afghan pupils joined the school band in Tarrow.", groups=("REF",)) == ()
    assert find_neighbours("The mayor opened a road in 1974.") == ()  # a year alone is not history


def test_the_powerful_and_everyone_do_not_count_as_a_group() -> None:
    text = "In 1911 mobs drove the tailors out of Tarrow."
    assert find_neighbours(text, groups=("ALL", "ELITE")) == find_neighbours(text)


def test_an_attack_of_long_ago_is_history_and_a_court_report_of_an_attack_is_about_the_attack() -> None:
    long_ago = (
        "In 1911 mobs smashed the windows of Jewish shops; windows were broken and men jailed, the archive tells."
    )
    assert [n.code for n in find_neighbours(long_ago, groups=("JEW",))] == ["HISTORY"]
    now = "A man was jailed for a racist attack on a Sikh driver, magistrates heard."
    assert [n.code for n in find_neighbours(now, groups=("OFA",))] == ["HATE_CRIME"]


@pytest.mark.parametrize("text", ["", "\n", "because " * 4_000, "İ" * 3_000, "1" * 5_000, "£" * 3_000])
def test_any_string_is_read(text: str) -> None:
    for found in find_neighbours(text, groups=("GRT",)):
        assert found.code in NEEDED
        assert 0 <= found.start < found.end <= len(text)


def test_a_damaged_table_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    weighted.weighted_words.cache_clear()
    monkeypatch.setattr(weighted, "read_table", lambda *_: [("LOSS", "3", "gone", "x", "gone")])
    with pytest.raises(NotReady, match="differ"):
        neighbour_words()
    monkeypatch.setattr(weighted, "read_table", lambda *_: [("LOSS", "0", "gone", "x", "gone")])
    with pytest.raises(NotReady, match="no weight"):
        neighbour_words()
