"""Attribution within a sentence: what is attributed, and the words that name who says it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp import english
from nlp.attribute import attribute, attribute_headline, needs_parse
from nlp.attributions import Attribution
from nlp.quotes import find_quotations
from nlp.sayings import charge_verbs, find_charges, find_nouns, saying_nouns

Attribute = Callable[[str], Attribution]


def _quoted(text: str) -> list[tuple[int, int]]:
    return [(q.start, q.end) for q in find_quotations(text)]


@pytest.fixture(scope="module")
def parsed() -> Attribute:
    pipeline = english.load()

    def run(sentence: str) -> Attribution:
        return attribute(sentence, _quoted(sentence), next(iter(pipeline.parse([sentence]))))

    return run


def _cut(text: str, span: tuple[int, int] | None) -> str:
    return text[slice(*span)] if span is not None else ""


CASES = [
    # quotations
    ('Mrs Khan said: "We were here first."', "DIRECT", '"We were here first."', "Mrs Khan"),
    ('"We were here first," said a shopkeeper.', "DIRECT", '"We were here first,"', "a shopkeeper"),
    ('"We stay," he told Harbour Radio.', "DIRECT", '"We stay,"', "he"),
    ("Mrs Khan, 61, who has run the stall since 1990, said: “We stay.”", "DIRECT", "“We stay.”", "Mrs Khan, 61"),
    ('"It is the sea we love," added Pell, who sails on Sunday.', "DIRECT", '"It is the sea we love,"', "Pell"),
    ("Conolly said: 'We lost the match in the mud.'", "DIRECT", "'We lost the match in the mud.'", "Conolly"),
    # indirect reports
    ("The mayor said that the bridge would be closed.", "INDIRECT", "the bridge would be closed", "The mayor"),
    ("The bridge will close in May, the council said.", "INDIRECT", "The bridge will close in May", "the council"),
    ("According to one trader, it is the parking.", "INDIRECT", "it is the parking", "one trader"),
    ("It is the parking, according to one trader.", "INDIRECT", "It is the parking", "one trader"),
    ("Ann Lee, the head of the Marl Trust, believes the pool is safe.", "INDIRECT", "the pool is safe",
     "Ann Lee, the head of the Marl Trust"),
    ("The court heard that he was alone.", "INDIRECT", "he was alone", ""),
    ("The roof, the vicar concludes, will not last.", "INDIRECT", "The roof, the vicar concludes, will not last",
     "the vicar"),
    ("His claim that the bridge would fall was mocked in the square.", "INDIRECT",
     "the bridge would fall was mocked in the square", "His"),
    ("Traders blamed the roadworks for the empty shops.", "INDIRECT", "the roadworks for the empty shops", "Traders"),
    ("The firm closed the pier, citing the state of the roof.", "INDIRECT", "the state of the roof", "The firm"),
    ("The trust said that the ward would reopen, but could not say when.", "INDIRECT", "the ward would reopen",
     "The trust"),
    # fragments
    ('She branded the plan "a leap in the dark".', "MIXED", '"a leap in the dark"', "She"),
    ('Ann Lee said she was "hugely relieved" that it was open.', "MIXED",
     'she was "hugely relieved" that it was open', "Ann Lee"),
    # archives without capitals and commas
    ("the pier is unsafe and should be closed senior engineers have said", "INDIRECT",
     "the pier is unsafe and should be closed", "senior engineers"),
    ("he also said that he wants to mend the pier before the spring", "INDIRECT",
     "he wants to mend the pier before the spring", "he"),
    ("the vicar has regularly attacked the council for closing the ferry", "INDIRECT",
     "the council for closing the ferry", "the vicar"),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "voice", "content", "speaker"), CASES)
def test_attribution(parsed: Attribute, sentence: str, voice: str, content: str, speaker: str) -> None:
    found = parsed(sentence)
    assert (found.voice, _cut(sentence, found.content), _cut(sentence, found.speaker)) == (voice, content, speaker)


@pytest.mark.parametrize(
    "sentence",
    [
        "The bridge has been closed since Monday.",
        "It is claimed that the mill is haunted.",
        "Gulls stand accused of stealing chips on the pier.",
        "The firm refused to say when the pier would open.",
        "In the spring, the firm announced a show.",
        "This helps to explain why the pier is closed.",
        "Do others think the pier should be painted?",
        "The film 'Still Waters' was shown at the hall.",
        "Every morning they find someone standing at the gate.",
        "He is as good a sailor as he thinks he is.",
        "(Image: Eskwith Herald)",
    ],
)
def test_the_outlets_own_words(parsed: Attribute, sentence: str) -> None:
    assert parsed(sentence) == Attribution(voice="OUTLET")


def test_a_quotation_that_runs_on_names_nobody() -> None:
    sentence = "We came here in 1962."
    assert attribute(sentence, [(0, len(sentence))]) == Attribution(voice="DIRECT", content=(0, len(sentence)))
    assert not needs_parse(sentence, [(0, len(sentence))])
    assert not needs_parse("The bridge is red.", [])
    assert needs_parse("The bridge is red, he said.", [])


@pytest.mark.parametrize(
    ("title", "voice", "content", "speaker"),
    [
        ("New bridge opens in Eskwith", "HEADLINE", "", ""),
        ("Mayor says bridge will open in May", "MIXED", "bridge will open in May", "Mayor"),
        ("Bridge will open in May, says mayor", "MIXED", "Bridge will open in May", "mayor"),
        ("'Give us our pier back and do it now', say traders", "DIRECT", "'Give us our pier back and do it now'",
         "traders"),
        ("Fury over 'blight' on the seafront", "MIXED", "'blight'", ""),
        ("'Give us our seafront back and do it before Easter': traders", "DIRECT",
         "'Give us our seafront back and do it before Easter'", "traders"),
        ("Bridge unsafe, according to report", "MIXED", "Bridge unsafe", "report"),
    ],
)  # fmt: skip
def test_headlines(title: str, voice: str, content: str, speaker: str) -> None:
    found = attribute_headline(title, _quoted(title))
    assert (found.voice, _cut(title, found.content), _cut(title, found.speaker)) == (voice, content, speaker)


@pytest.mark.parametrize("verb", charge_verbs(), ids=lambda v: v.verb)
def test_every_verb_of_charging_has_a_reason_and_finds_its_example(parsed: Attribute, verb) -> None:  # type: ignore[no-untyped-def]
    assert verb.reason
    assert verb.forms in {match.payload.forms for match in find_charges(verb.example)}
    assert parsed(verb.example).voice == "INDIRECT"


@pytest.mark.parametrize("noun", saying_nouns(), ids=lambda n: n.noun)
def test_every_noun_of_saying_has_a_reason_and_finds_its_example(parsed: Attribute, noun) -> None:  # type: ignore[no-untyped-def]
    assert noun.reason
    assert noun.forms in {match.payload.forms for match in find_nouns(noun.example)}
    assert parsed(noun.example).voice == "INDIRECT"


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(
    ["said", "says", "that", '"', "'", "“", "”", ",", ".", "he", "accused", "of", "according to", "claim", "his",
     "told", "blames", "for", "the vicar", "ü", "I", ":", "-", "\t", "adding", "has"]), max_size=30))  # fmt: skip
def test_spans_lie_within_any_sentence(parsed: Attribute, words: list[str]) -> None:
    sentence = " ".join(words)
    for found in (attribute(sentence, _quoted(sentence)), attribute_headline(sentence, _quoted(sentence))):
        for span in (found.content, found.speaker):
            assert span is None or 0 <= span[0] < span[1] <= len(sentence)
    if sentence.strip():
        found = parsed(sentence)
        assert found.content is None or 0 <= found.content[0] < found.content[1] <= len(sentence)
        assert (found.voice == "OUTLET") == (found.content is None)


@pytest.mark.parametrize("piece", ["he said ", '"said" ', "accused of ", "in a's ", "the claim that ", "', '", "x"])
def test_long_text_without_a_sentence_end_is_read(piece: str) -> None:
    text = (piece * 40_000)[:40_000]
    for found in (attribute(text, _quoted(text)), attribute_headline(text, _quoted(text))):
        for span in (found.content, found.speaker):
            assert span is None or 0 <= span[0] < span[1] <= len(text)
