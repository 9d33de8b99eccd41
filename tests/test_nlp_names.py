"""Names of a sentence, and the cast of a story, on invented people and places."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.cast import find_cast
from nlp.descriptions import NounRow, describe, noun_rows
from nlp.names import TitleRow, find_names, first_names, title_rows


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("Delia Harrow said so.", [("Delia Harrow", "person", "f")]),
        ("However Delia Harrow said so.", [("Delia Harrow", "person", "f")]),
        ("On Monday Harrow said so.", [("Harrow", "unknown", "")]),
        ("Mr Harrow's shop", [("Mr Harrow", "person", "m")]),
        ("Cllr Ann Hay and Det Insp Tom Vale", [("Cllr Ann Hay", "person", "f"), ("Det Insp Tom Vale", "person", "m")]),
        ("Tarnholt Borough Council met.", [("Tarnholt Borough Council", "body", "")]),
        ("Isle of Orr Council met.", [("Isle of Orr Council", "body", "")]),
        ("Tarnholt Council leader Delia Harrow", [("Tarnholt Council", "body", ""), ("Delia Harrow", "person", "f")]),
        ("in Mill Street", [("Mill Street", "place", "")]),
        ("Christine Hall of Mill Road", [("Christine Hall", "person", "f"), ("Mill Road", "place", "")]),
        ("in Victoria Park", [("Victoria Park", "place", "")]),
        ("Secretary of State for Health Ann Hay", [("Ann Hay", "person", "f")]),
        ("Owner Zorb Quill opened it.", [("Zorb Quill", "person", "")]),
        ("Labour's Jane Hay", [("Labour", "body", ""), ("Jane Hay", "person", "f")]),
        ("Welsh Lowri Hay", [("Lowri Hay", "person", "f")]),
        ("Parents Television Council", [("Parents Television Council", "body", "")]),
        ("Residents met.", []),
        ("", []),
    ],
)  # fmt: skip
def test_names_are_found_with_kind_and_gender(sentence: str, names: list[tuple[str, str, str]]) -> None:
    found = find_names(sentence)
    assert [(sentence[one.start : one.end], one.kind, one.gender) for one in found] == names


@pytest.mark.parametrize("sentence", ["Tom Vale, 34, said", "Tom Vale (34) said", "Tom Vale, aged 34, said"])
def test_the_age_after_a_name_is_read(sentence: str) -> None:
    assert [one.age for one in find_names(sentence)] == ["34"]


def test_without_capitals_titles_and_first_names_tell_a_name() -> None:
    text = "mr harrow and delia vale said the bridge was shut"
    assert [text[one.start : one.end] for one in find_names(text, cased=False)] == ["mr harrow", "delia vale"]


@pytest.mark.parametrize("row", title_rows(), ids=lambda row: f"{row.kind} {row.reason}")
def test_the_example_of_each_row_holds_a_word_of_its_own_row(row: TitleRow) -> None:
    words = row.example.lower().replace("'s", "").split()
    assert any(word in row.words for word in words)
    assert row.reason


def test_first_names_are_single_words_and_known_in_any_case() -> None:
    names = first_names()
    assert len(names) > 1_500
    assert all(" " not in name and name == name.lower() for name in names)
    assert (names["delia"], names["owen"], names["alex"]) == ("f", "m", "")


@pytest.mark.parametrize("row", noun_rows(), ids=lambda row: f"{row.kind} {row.reason}")
def test_the_example_of_each_noun_row_is_described_by_its_own_row(row: NounRow) -> None:
    assert describe(row.example).kind == row.kind


def test_one_figure_has_all_that_is_told_of_a_person() -> None:
    cast = find_cast([
        "Baker Delia Harrow runs the shop.",
        "Ms Harrow, 43, has two sons.",
        "Delia is tired.",
        "Tom Harrow is her brother.",
    ])  # fmt: skip
    assert [(one.name, one.gender, one.age) for one in cast.figures] == [
        ("Delia Harrow", "f", "43"),
        ("Tom Harrow", "m", ""),
    ]
    assert [[naming.figure for naming in one] for one in cast.namings] == [[0], [0], [0], [1]]


def test_an_age_before_a_name_is_read() -> None:
    assert [one.age for one in find_cast(["The 24-year-old baker Delia Harrow left."]).figures] == ["24"]


def test_short_forms_are_the_body_they_are_of() -> None:
    cast = find_cast(["Orr Valley Buses (OVB) is late.", "Citizens Aid Tarnholt is not.", "OVB and CAT met."])
    assert [one.name for one in cast.figures] == ["Orr Valley Buses (OVB)", "Citizens Aid Tarnholt (CAT)"]


def test_what_is_only_ever_in_a_place_is_one() -> None:
    assert [one.kind for one in find_cast(["He lives in Eskwith.", "It rained in Eskwith."]).figures] == ["place"]


@pytest.mark.parametrize(
    ("sentence", "gender"),
    [
        ("Zorb Quill, a mother of two, left.", "f"),
        ("His wife Zorb Quill left.", "f"),
        ("Zorb Quill, who lives with his dog, left.", "m"),
        ("Grandfather Zorb Quill, 70, left.", "m"),
        ("Zorb Quill, whose son left, sang.", ""),
    ],
)
def test_gender_is_told_by_what_stands_beside_a_name(sentence: str, gender: str) -> None:
    assert [one.gender for one in find_cast([sentence]).figures] == [gender]


@settings(max_examples=80)
@given(st.lists(st.text(alphabet=st.sampled_from("ABab é'’.-&, (1of\u200bİК"), max_size=80), max_size=6))
def test_no_text_raises_and_names_stand_where_they_say(texts: list[str]) -> None:
    cast = find_cast(texts)
    for text, namings in zip(texts, cast.namings, strict=True):
        assert [n.start for n in namings] == sorted(n.start for n in namings)
        assert all(0 <= n.start < n.end <= len(text) for n in namings)
        assert all(0 <= n.figure < len(cast.figures) for n in namings)


def test_a_text_of_nothing_but_names_is_bounded() -> None:
    cast = find_cast([" ".join(f"Ann{i} Hay{j}," for j in range(200)) for i in range(400)])
    assert sum(map(len, cast.namings)) <= 5_000
