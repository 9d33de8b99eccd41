"""The functional suite itself: closed values, five cases for each functionality, nothing borrowed from the corpus."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from corpora.annotated import shipped
from corpora.codebook import load_codebook
from corpora.errors import BadInput
from corpora.overlap import near_copies, shared_with
from corpora.records import FRAMES
from corpora.spec_cases import SpecCase, load_spec

SPEC = Path(__file__).parent / "spec" / "functional.jsonl"

ALLOWED: dict[tuple[str, ...], list[tuple[object, object, object]]] = {
    ("F01", "F02", "F04", "F05", "F06", "F07"): [(1, 0, 0)],
    ("F03",): [(1, 0, 0), (1, 1, 0)],
    ("F08", "F09", "F10", "F11", "F12", "F13", "F14", "F15", "F16", "F17", "F18", "F21", "F24"): [(0, 0, 0)],
    ("F19",): [(0, 1, 0), (1, 1, 0)],
    ("F20", "F22", "F35"): [(0, "C", 0)],
    ("F23", "F25"): [(0, 1, 0)],
    ("F26",): [(0, 1, 0), (0, 0, 0)],
    ("F27", "F28"): [(0, 0, 1)],
    ("F29", "F30", "F31"): [(0, 0, 1), (0, 0, 0)],
    ("F32",): [(1, 0, 0), (0, 0, 1)],
    ("F33",): [(0, "C", 0), ("C", 0, 0), ("C", 0, 1)],
    ("F34",): [(1, 0, 0), (0, 1, 0)],
}
"""Labels each functionality allows (us_them, blame, shared_story); F36 keeps the label of the plain form."""


@pytest.fixture(scope="module")
def cases() -> tuple[SpecCase, ...]:
    return load_spec(SPEC, load_codebook())


def test_each_functionality_has_five_cases(cases: tuple[SpecCase, ...]) -> None:
    counted = Counter(one.fn for one in cases)
    assert counted == dict.fromkeys(load_codebook().lists["functionalities"], 5)
    assert len({one.id for one in cases}) == len({one.text for one in cases}) == len(cases)


def test_labels_are_those_the_functionality_allows(cases: tuple[SpecCase, ...]) -> None:
    allowed = {code: marks for codes, marks in ALLOWED.items() for code in codes}
    assert [(one.id, one.marks) for one in cases if one.fn in allowed and one.marks not in allowed[one.fn]] == []


def test_every_frame_is_asked_for_and_withheld(cases: tuple[SpecCase, ...]) -> None:
    for frame in FRAMES:
        assert {one.mark(frame) for one in cases} >= {0, 1}


def test_every_group_occurs(cases: tuple[SpecCase, ...]) -> None:
    assert {code for one in cases for code in one.groups} == load_codebook().codes("groups")


def test_twins_have_other_labels(cases: tuple[SpecCase, ...]) -> None:
    twins: dict[str, list[SpecCase]] = {}
    for one in cases:
        if one.pair:
            twins.setdefault(one.pair, []).append(one)
    assert all(len({one.marks for one in pair}) > 1 for pair in twins.values())


def test_no_case_is_in_the_corpus(cases: tuple[SpecCase, ...]) -> None:
    texts = [one.text for one in cases]
    corpus = [one.text for one in shipped()]
    found = shared_with(texts, corpus)
    assert [(cases[a].id, shipped()[b].id) for a, b in found] == []


def test_cases_are_not_copies_of_one_another(cases: tuple[SpecCase, ...]) -> None:
    pairs = [(cases[a], cases[b]) for a, b, _ in near_copies([one.text for one in cases])]
    # Twins are meant to be alike; F36 is a plain case in other letters.
    odd = [(a.id, b.id) for a, b in pairs if b.fn != "F36" and not (a.pair and a.pair == b.pair)]
    assert odd == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"id": "a"}', "lacks 'fn'"),
        (
            '{"id": "a", "fn": "F99", "title": "t", "text": "x", "us_them": 0, "blame": 0, "shared_story": 0, '
            '"groups": []}',
            "fn=F99",
        ),
        (
            '{"id": "a", "fn": "F01", "title": "t", "text": "x", "us_them": 3, "blame": 0, "shared_story": 0, '
            '"groups": []}',
            "does not know",
        ),
    ],
)
def test_a_wrong_case_is_refused(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "functional.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(BadInput, match=words):
        load_spec(path, load_codebook())
