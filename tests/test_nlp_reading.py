"""Whole stories: sentences, offsets, cues, hostile text."""

from __future__ import annotations

import builtins
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.errors import NotReady
from nlp import english
from nlp.cues import find_cues
from nlp.reading import MAX_STORY, Reader, Reading, UnitText


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(english.load())


def _check(title: str, text: str, reading: Reading) -> None:
    for i, sentence in enumerate(reading.sentences):
        whole = title if sentence.unit == "headline" else text
        assert sentence.index == i
        sentence.span.check(whole)
        assert sentence.unit == "headline" or "\n" not in sentence.span.text
        assert len(sentence.span.text) <= english.MAX_SENTENCE
        for mention in sentence.mentions:
            assert whole[mention.start : mention.end] == mention.text
            assert sentence.span.start <= mention.start < mention.end <= sentence.span.end
        for cue in sentence.cues:
            assert sentence.span.start <= cue.start < cue.end <= sentence.span.end
        assert sentence.groups == tuple(sorted({m.group for m in sentence.mentions}))


def test_a_story(reader: Reader) -> None:
    title = "  Waits double, say patients"
    text = (
        "Waits at the surgery have doubled since asylum seekers were moved into the old hotel. They deny it.\n\n"
        "Cllr. Ann Lee of Dock St. said funding was to blame.\n"
        "Newcomers and pensioners cooked side by side, whatever their background."
    )
    (reading,) = reader.read_stories([(title, text)])
    _check(title, text, reading)
    first, second, third, fourth, fifth = reading.sentences
    assert (first.unit, first.voice, first.span.start) == ("headline", "MIXED", 2)
    assert second.groups == ("MIG_ASY",)
    assert {"time_cause", "problem_HEALTH_SERVICES"} <= {cue.kind for cue in second.cues}
    assert third.groups == ()
    assert third.carried == ("MIG_ASY",)
    assert third.paragraph == 0
    assert fourth.span.text.endswith("blame.")
    assert fourth.carried == ()
    assert fourth.voice == "INDIRECT"
    assert {"cause", "structural"} <= {cue.kind for cue in fourth.cues}
    assert fifth.groups == ("ALL", "OLD", "OUT")
    assert {"join", "inclusive_all"} <= {cue.kind for cue in fifth.cues}
    assert not reading.capped


def test_sentences_keep_british_abbreviations_and_their_quotes(reader: Reader) -> None:
    text = (
        'Det. Insp. Roy Pell said: "We are close." Sgt. Lee of Mill Rd. agreed. The No. 5 bus was late. '
        '"Why?" she asked. “It was cold.” “So cold.”'
    )
    (reading,) = reader.read_stories([("", text)])
    assert [s.span.text for s in reading.sentences] == [
        'Det. Insp. Roy Pell said: "We are close."',
        "Sgt. Lee of Mill Rd. agreed.",
        "The No. 5 bus was late.",
        '"Why?" she asked.',
        "“It was cold.”",
        "“So cold.”",
    ]


def test_units_are_not_split_and_use_what_stood_before(reader: Reader) -> None:
    rows = [
        UnitText(text="They sang. They danced.", before="The Travellers came. Roma families came."),
        UnitText(text="TRAVELLERS MOVED ON", headline="ignored", is_headline=True),
        UnitText(text="they are taking our jobs"),
    ]
    one, two, three = reader.read_units(rows)
    assert one.span.text == rows[0].text
    assert one.carried == ("GRT",)
    assert (two.unit, two.voice, two.groups) == ("headline", "HEADLINE", ("GRT",))
    assert "cause" in {cue.kind for cue in three.cues}


def test_a_unit_must_have_text() -> None:
    with pytest.raises(ValueError, match="must have text"):
        UnitText(text="")


def test_batches_keep_stories_in_order(reader: Reader) -> None:
    items = [(f"Title {i}", f"The mayor said that item {i} was late.") for i in range(7)]
    readings = list(reader.read_stories(iter(items), batch=3))
    assert [r.sentences[1].span.text for r in readings] == [text for _, text in items]
    assert {r.sentences[1].voice for r in readings} == {"INDIRECT"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\n \u2028 ",
        "x" * 50_000,
        '"' * 5_000,
        "'“" * 3_000,
        "' a" * 5_000,
        "\u202eigm\u202c \u200b\u200b\u200b",
        "\U0001f600" * 3_000,
        "they said " * 4_000,
        "polish, " * 3_000,
        "a." * 5_000,
        "\r\n".join(["One line.", "Two lines."] * 50),
        "\u0130stanbul migrants \u0130",
    ],
    ids=range(13),
)
def test_hostile_text_is_read(reader: Reader, text: str) -> None:
    (reading,) = reader.read_stories([(text, text)])
    _check(text, text, reading)


def test_long_stories_are_capped_and_long_sentences_cut(reader: Reader) -> None:
    text = "word " * (MAX_STORY // 4)
    (reading,) = reader.read_stories([("", text)])
    assert reading.capped
    assert reading.cut > 0
    _check("", text, reading)


def test_a_word_in_hidden_characters_keeps_its_offsets() -> None:
    text = "be\u200bcause of it"
    (mark,) = find_cues(text)
    assert text[mark.start : mark.end] == "be\u200bcause of"


@settings(deadline=None, max_examples=60)
@given(
    title=st.text(max_size=40),
    words=st.lists(
        st.sampled_from(
            [
                "they",
                "said",
                "Polish",
                "families",
                '"',
                "”",
                "'",
                "\n",
                ".",
                "Cllr.",
                "Travellers",
                "blame",
                "\u200b",
                ",",
            ]
        )
        | st.text(max_size=8),
        max_size=40,
    ),
)
def test_any_text_gives_spans_that_match(title: str, words: list[str]) -> None:
    text = " ".join(words)
    (reading,) = _SHARED.read_stories([(title, text)])
    _check(title, text, reading)


_SHARED = Reader()


def test_a_missing_package_says_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(english, "PACKAGE", "en_no_such_package")
    with pytest.raises(NotReady, match="make setup"):
        _ = Reader().english


def test_records_can_be_imported_without_spacy(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: object, **named: object) -> object:
        assert not name.startswith("spacy"), "nlp.reading imported spaCy"
        return real(name, *rest, **named)  # type: ignore[arg-type]

    for module in [m for m in sys.modules if m in {"nlp.reading", "nlp.english"}]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(builtins, "__import__", refuse)
    __import__("nlp.reading")
    __import__("nlp.english")
