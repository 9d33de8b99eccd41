"""Quotations and voices: one golden sentence or story for each construction."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.attribute import attribute_headline
from nlp.quotes import find_quotations
from nlp.reading import Reader, UnitText


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def _quotes(text: str) -> list[str]:
    return [text[q.start : q.end] for q in find_quotations(text)]


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ('"It is late," she said. "Go home."', ['"It is late,"', '"Go home."']),
        ("“It is late,” she said.", ["“It is late,”"]),
        ("'It is late,' she said.", ["'It is late,'"]),
        ("‘It’s the traders’ stalls,’ she said.", ["‘It’s the traders’ stalls,’"]),
        ("'The traders' stalls were full,' he said.", ["'The traders' stalls were full,'"]),
        ("The traders' stalls and the lads' boat.", []),
        ("It's the council's fault, they've said.", []),
        ("Rock 'n' roll got 'em dancing in the '60s.", []),
        ('He is 6ft 6" tall and "very loud".', ['"very loud"']),
        ("“Some call it ‘the pit’ here,” he said.", ["“Some call it ‘the pit’ here,”"]),
        ("''Never again,'' she said.", ["''Never again,''"]),
        ('"One.\n"Two." She left.', ['"One.', '"Two."']),
        ('"One.\nShe left the hall at noon.\n"Two."', ['"One.', '"Two."']),
        ('"One\ntwo," he said.', ['"One\ntwo,"']),
        ('"It never closes.', ['"It never closes.']),
        # a line that sounds like speech runs on to the line that opens the quotation again
        ('"One.\nWe don\'t mind.\n"Two."', ["\"One.\nWe don't mind.", '"Two."']),
        ('"One.\nWe don\'t mind.\n"Two," said Mrs Khan.', ['"One.', '"Two,"']),
        ('"One.\n(Image: Eskwith Herald)\n"Two."', ['"One.', '"Two."']),
        # archives without capitals have lost marks
        ("the vicar said 'we will mend the roof", ["'we will mend the roof"]),
        ("", []),
    ],
)
def test_quotations(text: str, quotes: list[str]) -> None:
    assert _quotes(text) == quotes


@pytest.mark.parametrize(
    ("sentence", "voice"),
    [
        ("The bridge has been closed since Monday.", "OUTLET"),
        ("Travellers have been blamed for the rubble on Mill Lane.", "OUTLET"),
        ("It was said that the mill was haunted.", "OUTLET"),
        ("He is accused of taking the keys.", "OUTLET"),
        ("The so-called 'floating bridge' was late again.", "OUTLET"),
        ("A 'mystery' noise woke the street.", "OUTLET"),
        ("I think the bridge should be painted blue.", "OUTLET"),
        ("She found a purse and thought of her mother.", "OUTLET"),
        ("The firm claimed the title for a third year.", "OUTLET"),
        ("The mayor said the bridge would be closed until May.", "INDIRECT"),
        ("One resident claimed that newcomers had ruined the park.", "INDIRECT"),
        ("The bridge will close in May, the council said.", "INDIRECT"),
        ("According to one trader, it is the parking charges.", "INDIRECT"),
        ("It is the parking charges, according to one trader.", "INDIRECT"),
        ("Mrs Khan believes the plan is sound.", "INDIRECT"),
        ("The survey found that one in five pensioners was lonely.", "INDIRECT"),
        ("Bosses apologised and vowed to act.", "INDIRECT"),
        ("The group was told by the clerk that the hall was booked.", "INDIRECT"),
        ("A letter warning that the wall might fall went to every house.", "INDIRECT"),
        ('"We were here first," said a shopkeeper.', "DIRECT"),
        ('Mrs Khan said: "We were here first and we are staying."', "DIRECT"),
        ('Mrs Khan, 61, who has run the stall since 1990, said: "We stay."', "DIRECT"),
        ("‘We were here first,’ said Mrs Khan.", "DIRECT"),
        ('"We were here first and nobody asked us about it."', "DIRECT"),
        ('A spokesman replied by letter saying "we will look into the matter in the spring".', "DIRECT"),
        ('The sign said: "Keep out."', "DIRECT"),
        ('The mayor described the vote as "a sad day for the town".', "MIXED"),
        ('Ann Lee said she was "hugely relieved" that the bridge was open.', "MIXED"),
        ('He added that they were proud of the town, saying: "It is the sea we love, all of us."', "MIXED"),
        ('The square was "a sea of colour and noise from end to end" as the band arrived in the rain.', "MIXED"),
        ("(Image: Eskwith Herald)", "OUTLET"),
    ],
)
def test_voice_of_a_sentence(reader: Reader, sentence: str, voice: str) -> None:
    (read,) = reader.read_units([UnitText(text=sentence)])
    assert read.voice == voice


def test_a_quotation_runs_over_sentences_and_paragraphs(reader: Reader) -> None:
    text = (
        "Mrs Khan has run the stall since 1990.\n"
        "She said: “We came here in 1962. My father mended nets. \n"
        "“He never left. Nor did I.\n"
        "“This is our town.”\n"
        "The stall opens on Monday."
    )
    (reading,) = reader.read_stories([("", text)])
    assert [s.voice for s in reading.sentences] == ["OUTLET", *["DIRECT"] * 5, "OUTLET"]
    assert [s.paragraph for s in reading.sentences] == [0, 1, 1, 2, 2, 3, 4]


def test_a_quotation_without_its_closing_mark_ends_with_its_paragraph(reader: Reader) -> None:
    (reading,) = reader.read_stories([("", 'She said: "We came in 1962. We stayed.\nThe stall opens on Monday.')])
    assert [s.voice for s in reading.sentences] == ["DIRECT", "DIRECT", "OUTLET"]


def test_what_stood_before_opens_the_quotation(reader: Reader) -> None:
    (read,) = reader.read_units([UnitText(text='We never left."', before='She said: "We came here in 1962.')])
    assert read.voice == "DIRECT"


@pytest.mark.parametrize(
    ("title", "voice"),
    [
        ("New bridge opens in Eskwith", "HEADLINE"),
        ("Traders' fury over parking charges", "HEADLINE"),
        ("Rough sleepers have ruined our seafront, say traders", "MIXED"),
        ("Mayor says bridge will open in May", "MIXED"),
        ("'Give us our seafront back': traders want rough sleepers moved on", "MIXED"),
        ("'Give us our seafront back and do it before Easter': traders", "DIRECT"),
        ("“We were here first and we are staying”", "DIRECT"),
        ("Fears grow over bridge", "HEADLINE"),
        ("Fury over 'blight' on the seafront", "MIXED"),
        ("Bridge unsafe, according to report", "MIXED"),
    ],
)
def test_voice_of_a_headline(title: str, voice: str) -> None:
    assert attribute_headline(title, [(q.start, q.end) for q in find_quotations(title)]).voice == voice


def test_lines_of_one_sentence_each_are_no_paragraphs() -> None:
    lines = ["The mill is old.", "It burned.", 'He said: "We came in May.', "The wheel was lost.", '"Nobody knew."']
    text = "\n".join([*lines, "The mill reopens.", "It is free.", "Tickets go fast.", "The mayor comes."])
    assert _quotes(text) == ['"We came in May.\nThe wheel was lost.', '"Nobody knew."']


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="\"'“”‘’«»`.,:; \nabs6I", max_size=120))
def test_quotations_are_in_order_and_apart(text: str) -> None:
    found = find_quotations(text)
    assert all(0 <= q.start < q.end <= len(text) for q in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
