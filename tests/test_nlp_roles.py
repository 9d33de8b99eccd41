"""Roles: every row's example is matched by its own row, and the words that tell more win."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.attributions import ROLES, Role
from nlp.patterns import Matcher
from nlp.roles import WEIGHTS, RoleRow, memberships_of, role_of, role_rows


@pytest.mark.parametrize("row", role_rows(), ids=lambda row: f"{row.role} {row.weight} {row.example}")
def test_the_example_of_each_row_is_matched_by_its_own_row(row: RoleRow) -> None:
    assert Matcher([(row.pattern, None)]).find(row.example)
    if row.role == "group_member":
        assert row.weight in memberships_of(row.example)
    else:
        assert role_of(row.example) == row.role
    assert row.reason


def test_every_role_of_the_codebook_has_a_row() -> None:
    assert {row.role for row in role_rows()} == set(ROLES)
    assert {row.weight for row in role_rows() if row.role != "group_member"} == set(WEIGHTS)


@pytest.mark.parametrize(
    ("words", "role"),
    [
        ("the leader of Tarnholt Borough Council", "councillor"),
        ("a council spokeswoman", "official"),
        ("Labour leader Owen Fairley", "politician"),
        ("Cllr Delia Harrow, Conservative member for Mill ward", "councillor"),
        ("PC Tom Vale", "police_court"),
        ("police and crime commissioner Owen Fairley", "police_court"),
        ("a spokesman for the charity", "charity"),
        ("a campaigner who asked not to be named", "anonymous"),
        ("the vicar of St Wilfrid's", "faith_leader"),
        ("Father Philip Orr", "faith_leader"),
        ("father of two Philip Orr", "resident"),
        ("Professor Lena Voss of Eskwith University", "expert"),
        ("the head teacher", "official"),
        ("the landlady of the Anchor", "trader"),
        ("a mother-of-three from Mill Street", "resident"),
        ("head coach Warren Orr", "other"),
        ("a post on Facebook", "anonymous"),
        ("Jess Arden", ""),
        ("", ""),
    ],
)
def test_the_most_telling_words_decide(words: str, role: Role) -> None:
    assert role_of(words) == role


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("who fled Afghanistan in 2021", ("REF",)),
        ("who is deaf", ("DIS",)),
        ("a Traveller grandmother", ("GRT",)),
        ("who sells tiles", ()),
    ],
)
def test_membership_is_told_by_what_somebody_is_said_to_be(words: str, codes: tuple[str, ...]) -> None:
    assert memberships_of(words) == codes


@settings(max_examples=80)
@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    assert role_of(text) in {*ROLES, ""}
    assert isinstance(memberships_of(text), tuple)
