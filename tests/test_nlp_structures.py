"""Structural causes: named instead of a group, beside it, left out, or not at issue."""

from __future__ import annotations

import pytest

from corpora.errors import NotReady
from nlp import structures
from nlp.patterns import Matcher
from nlp.stances import Stance
from nlp.structures import find_structure, relations, structure_words


@pytest.mark.parametrize("row", structure_words(), ids=lambda row: f"{row.type}:{row.weight}")
def test_every_row_has_a_reason_and_finds_its_example(row) -> None:  # type: ignore[no-untyped-def]
    assert row.reason
    assert Matcher([(row.pattern, 1)]).find(row.example)


@pytest.mark.parametrize("row", relations(), ids=lambda row: row[0])
def test_every_relation_finds_its_example(row: tuple[str, str, str, str]) -> None:
    assert row[2]
    assert Matcher([(row[1], 1)]).find(row[3])


@pytest.mark.parametrize(
    ("text", "stance", "blaming", "cause", "kind"),
    [
        (
            "It is years of cuts, not the families at the hotel, that have filled the list.",
            "CONTESTS", True, "NAMED_INSTEAD", "underinvestment/austerity",
        ),
        ("The hotel did not fill the list.", "CONTESTS", True, "OMITTED", ""),
        (
            "The newcomers have filled the list, and the budget was cut on top of that.",
            "REPORTS", True, "NAMED_ALSO", "underinvestment/austerity",
        ),
        ("The newcomers have filled the list.", "ENDORSES", True, "OMITTED", ""),
        (
            "Refugees wait years because so few homes have been built.",
            "REPORTS", False, "NAMED_INSTEAD", "housing supply",
        ),
        ("Refugees joined the choir in Tarrow.", "ENDORSES", False, "NA", ""),
    ],
)  # fmt: skip
def test_where_the_cause_is_put(text: str, stance: Stance, blaming: bool, cause: str, kind: str) -> None:
    found = find_structure(text, stance=stance, blaming=blaming)
    assert (found.cause, found.type) == (cause, kind)
    assert (found.start >= 0) == bool(kind)


def test_nothing_is_at_issue_where_no_group_is_named() -> None:
    text = "The surgery shut because of years of cuts."
    assert find_structure(text, stance="ENDORSES", blaming=False, has_group=False).cause == "NA"


def test_a_cause_that_only_the_words_give_can_be_unmade_by_them() -> None:
    text = "Low pay in town has more to do with agencies than with the Poles who are blamed."
    assert find_structure(text, stance="REPORTS", blaming=True).cause == "NAMED_INSTEAD"
    assert find_structure(text, stance="REPORTS", blaming=True, certain=True).cause == "OMITTED"


def test_a_damaged_table_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structures, "read_table", lambda *_: [("other", "cause", "rain", "x", "rain")])
    with pytest.raises(NotReady, match="differ"):
        structure_words.__wrapped__()
    with pytest.raises(NotReady, match="relations"):
        relations.__wrapped__()
    monkeypatch.setattr(structures, "read_table", lambda *_: [("other", "heavy", "rain", "x", "rain")])
    with pytest.raises(NotReady, match="unknown weight"):
        structure_words.__wrapped__()
