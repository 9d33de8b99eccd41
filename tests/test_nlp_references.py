"""Which words refer to a group named before, on invented paragraphs of two or three sentences."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.groups import find_mentions
from nlp.pieces import body_pieces
from nlp.references import find_references


def referring(paragraph: str) -> list[tuple[str, str]]:
    """Return the referring words of a paragraph's sentences with the group each refers to."""
    sentences = [(match.start(), match.end()) for match in re.finditer(r"\S[^.]*\.", paragraph)]
    pieces, _ = body_pieces(paragraph, [(0, sentences, 0)])
    return [(one.text, one.group) for piece in pieces for one in piece.references]


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("Polish families have moved into Mill Street. They park on the verge.", [("They", "EUM")]),
        ("Asylum seekers live at the Anchor. Their presence angers some.", [("Their", "MIG_ASY")]),
        ("Teenagers gather at night. People are afraid of them.", [("them", "YNG")]),
        ("Homeless people sleep in doorways. Police moved them on.", [("them", "HML")]),
        ("Romanian workers pick fruit. Local farmers rely on them.", [("them", "EUM")]),
        ("Travellers came on Monday. These families will be moved on.", [("These families", "GRT")]),
        ("Rough sleepers need homes. The council failed these people.", [("these people", "HML")]),
        ("Syrian refugees came in 2016. The group has settled well.", [("The group", "REF")]),
        ("Migrants sleep in tents. That lot get everything.", [("That lot", "MIG_ASY")]),
        ("Refugees and Travellers came. Both groups stayed.", [("Both groups", "GRT"), ("Both groups", "REF")]),
        ("Migrants came. They were cold. They left.", [("They", "MIG_ASY"), ("They", "MIG_ASY")]),
        ("Migrants came. It rained. Such people need help.", [("Such people", "MIG_ASY")]),
    ],
)
def test_words_refer_to_the_group_named_before(paragraph: str, expected: list[tuple[str, str]]) -> None:
    assert referring(paragraph) == expected


@pytest.mark.parametrize(
    "paragraph",
    [
        "Refugees live in the hotel. Neighbours complained. They said it was loud.",
        "Muslims pray here. The plans were approved. They include a car park.",
        "Travellers came on Monday. Councillors met. They voted to evict.",
        "Travellers came on Monday. Residents said they left rubbish.",
        "Migrants came. People lost their jobs.",
        "Asylum seekers came by boat. Boats were left behind and they were burnt.",
        "Neighbours complained. They said it was loud.",
        "The bus was late. These people waited.",
        "Everyone came to the fair. They danced.",
    ],
)
def test_words_that_may_mean_somebody_else_refer_to_nobody(paragraph: str) -> None:
    assert referring(paragraph) == []


def test_a_group_of_its_own_is_what_a_pronoun_means() -> None:
    sentence = "Refugees say they are cold."
    assert find_references(sentence, find_mentions(sentence), [("GRT",)]) == ()


def test_offsets_count_from_the_unit() -> None:
    (one,) = find_references("They left.", (), [("GRT",)], offset=30)
    assert (one.start, one.end, one.text, one.group) == (30, 34, "They", "GRT")


@settings(max_examples=80)
@given(st.text(alphabet=st.sampled_from("they em sufamil,.’é(\n"), max_size=80))
def test_no_text_raises_and_every_reference_stands_where_it_says(text: str) -> None:
    for one in find_references(f"They {text} these people {text}", (), [("GRT", "ALL"), ("REF",)], offset=3):
        assert f"They {text} these people {text}"[one.start - 3 : one.end - 3] == one.text
        assert one.group == "GRT"


def test_a_long_text_is_read_in_one_pass() -> None:
    assert len(find_references("these people " * 20_000, (), [("GRT",)])) < 400
