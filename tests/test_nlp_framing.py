"""Whose frame it is: a source's where it is reported, the outlet's where it is not, a headline's in a headline."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.errors import NotReady
from nlp import framing
from nlp.framing import FEATURES, frame_voice, framing_features, framing_words
from nlp.patterns import Matcher
from nlp.reading import Reader, ReadSentence, UnitText

READER = Reader()


def read(text: str, before: str = "", *, headline: bool = False) -> ReadSentence:
    return next(iter(READER.read_units([UnitText(text=text, before=before, is_headline=headline)])))


def voice(text: str, before: str = "") -> str:
    return frame_voice(read(text, before), before=before)


@pytest.mark.parametrize("row", framing_words(), ids=lambda row: row.feature)
def test_every_row_has_a_reason_and_finds_its_example(row) -> None:  # type: ignore[no-untyped-def]
    assert row.reason
    assert row.example
    if row.pattern:
        assert Matcher([(row.pattern, 1)]).find(row.example)


@pytest.mark.parametrize(
    ("text", "before", "expected"),
    [
        ("“Migrants have ruined the surgery,” said Mrs Aldous of Tarnwick.", "", "SOURCE"),
        ("Cllr Dunmore told the meeting that Travellers had left the rec a tip.", "", "SOURCE"),
        ("Asylum seekers are filling the wards, according to the minister.", "", "SOURCE"),
        ("mr harrow said immigrants were taking local jobs", "", "SOURCE"),
        ("Migrants are driving down wages in Ollerdale.", "", "OUTLET"),
        ("Travellers have been blamed for the rubble on Mill Lane.", "", "OUTLET"),
        ("Waits at the surgery have doubled since asylum seekers were moved into the hotel.", "", "OUTLET"),
        ("of course it is little wonder that the pot is empty when claimants live so well", "", "OUTLET"),
        ("But who will speak for the families whose jobs go to migrants?", "", "OUTLET"),
        (
            "the leader attacked migrants in his speech and he promised curbs",
            "mr harrow told the party that he was worried",
            "SOURCE",
        ),
        ("freeloading migrants are a burden nobody can afford", "News", "HEADLINE"),
        ("abuse of the rules by bogus students is getting worse", "editorial opinion leading articles", "HEADLINE"),
        ("Migrants are driving down wages in Ollerdale.", "News came late to Ollerdale.", "OUTLET"),
    ],
)
def test_whose_frame_it_is(text: str, before: str, expected: str) -> None:
    assert voice(text, before) == expected


def test_a_headline_is_a_headline_whoever_it_quotes() -> None:
    assert frame_voice(read("'Migrants ruined us', says trader", headline=True)) == "HEADLINE"


def test_only_what_is_attributed_counts_as_inside() -> None:
    text = "Migrants are wrecking the surgery, Ms Harrow said."
    own, name = text.index("wrecking"), text.index("Harrow")
    assert framing_features(read(text), spans=[(own, own + 8)])["inside"] == 1.0
    assert framing_features(read(text), spans=[(name, name + 6)])["inside"] == 0.0
    assert framing_features(read(text), spans=[(own, own + 8), (name, name + 6)])["inside"] == 0.5


def test_everything_that_is_weighed_is_in_the_table() -> None:
    assert set(framing_features(read("Migrants came."))) == set(FEATURES)


def test_a_table_without_weights_is_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    for rows in ([("bias", "much", "-", "r", "e")], [("bias", "1", "-", "r", "e")]):
        framing_words.cache_clear()
        monkeypatch.setattr(framing, "read_table", lambda *_, rows=rows: rows)
        with pytest.raises(NotReady):
            framing_words()
    framing_words.cache_clear()


@given(st.text(min_size=1, max_size=200), st.text(max_size=100), st.tuples(st.integers(-5, 300), st.integers(-5, 300)))
def test_no_text_breaks_it(text: str, before: str, span: tuple[int, int]) -> None:
    sentence = read(text, before)
    assert frame_voice(sentence, spans=[span], before=before) in {"OUTLET", "SOURCE", "HEADLINE"}
    assert all(math.isfinite(value) and 0 <= value <= 2 for value in framing_features(sentence, before=before).values())


@pytest.mark.parametrize("text", ["he said " * 4_000, "news " * 9_000, "a" * 40_000])
def test_endless_text_comes_to_an_end(text: str) -> None:
    assert voice(text, text) in {"OUTLET", "SOURCE"}
