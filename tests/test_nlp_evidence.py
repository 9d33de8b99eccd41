"""Evidence: everything a reader needs to disagree, on the text it was cut from."""

from __future__ import annotations

import pytest

from nlp.evidence import Appraisal, appraise
from nlp.reading import Reader, ReadSentence, UnitText


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def read(reader: Reader, text: str, before: str = "") -> ReadSentence:
    return next(iter(reader.read_units([UnitText(text=text, before=before)])))


def kinds(found: Appraisal) -> set[str]:
    return {one.kind for one in found.evidence}


def test_a_blaming_sentence_shows_group_link_problem_and_we(reader: Reader) -> None:
    text = "Our doctors in Tarrow are overwhelmed because of the asylum seekers at the Grange."
    found = appraise(read(reader, text))
    assert kinds(found) >= {"group", "cause", "strain", "problem", "we"}
    assert [one.code for one in found.problems] == ["HEALTH_SERVICES"]
    assert found.structure.cause == "OMITTED"
    assert list(found.evidence) == sorted(found.evidence, key=lambda one: (one.start, one.end, one.kind))
    for one in found.evidence:
        assert text[one.start : one.end] == one.text


def test_a_sentence_that_only_names_a_group_is_never_said_to_omit_a_cause(reader: Reader) -> None:
    for text in ("Refugees were given the keys on Friday.", "The bridge is shut because of the wind."):
        assert appraise(read(reader, text)).structure.cause == "NA"


def test_a_coder_may_know_better_than_the_words(reader: Reader) -> None:
    quiet = read(reader, "Ask the lot at the Grange why the surgery is full.")
    assert appraise(quiet).structure.cause == "NA"
    assert appraise(quiet, blamed=True).structure.cause == "OMITTED"
    loud = read(reader, "Rents have risen and refugees have put schools under strain.")
    assert appraise(loud).structure.cause == "OMITTED"
    assert appraise(loud, blamed=False).structure.cause == "NA"


@pytest.mark.parametrize(
    "text",
    ["Waits at the surgery have doubled because of the refugees.", "Migrants are to blame for the rise in thefts."],
)
def test_a_group_named_as_the_cause_outright_is_blamed_whatever_the_coder_holds(reader: Reader, text: str) -> None:
    assert appraise(read(reader, text), blamed=False).structure.cause == "OMITTED"


def test_a_rebuttal_shows_its_words_and_what_it_names_instead(reader: Reader) -> None:
    text = "Refugees are not the reason for the queue; years of cuts to the surgery are to blame."
    found = appraise(read(reader, text))
    assert found.handling.stance == "CONTESTS"
    assert (found.structure.cause, found.structure.type) == ("NAMED_INSTEAD", "underinvestment/austerity")
    assert kinds(found) >= {"stance", "structural"}


def test_they_carry_the_group_of_the_sentence_before(reader: Reader) -> None:
    text = "They have caused nothing but crime."
    assert appraise(read(reader, text)).problems == ()
    carried = appraise(read(reader, text, before="Migrants came to Tarrow in May."))
    assert [one.code for one in carried.problems] == ["CRIME"]


@pytest.mark.parametrize("text", [" ", "\u200b\u200b", "word " * 40_000, "é" * 9_000, "migrants\u200bcause cr\u0456me"])
def test_text_of_any_kind_is_read(reader: Reader, text: str) -> None:
    for one in appraise(read(reader, text), before=text, after=text).evidence:
        assert text[one.start : one.end] == one.text


def test_offsets_count_from_the_start_of_the_body(reader: Reader) -> None:
    body = "Rain fell on Tarrow.\nBreak-ins have doubled since the Travellers came."
    for sentence in next(iter(reader.read_stories([("", body)]))).sentences:
        for one in appraise(sentence).evidence:
            assert body[one.start : one.end] == one.text
