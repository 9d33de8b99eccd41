"""Codings of real sentences: closed values, no text, agreement that is measured."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from corpora.codebook import load_codebook
from corpora.errors import BadInput
from corpora.field_codings import CODINGS, field_agreement, load_codings, text_digest

HEAD = "set,key,digest,codings,groups,problems,hard\n"


def test_shipped_codings_are_closed_values_and_hold_no_text() -> None:
    codings, codebook = load_codings(), load_codebook()
    assert len(codings) > 12_000
    assert len({(one.source, one.key) for one in codings}) == len(codings)
    assert {one.source for one in codings} == {"news", "news-audit", "emona", "group_mentions"}
    for one in codings:
        assert re.fullmatch(r"[0-9a-f]{12}", one.digest)
        assert re.fullmatch(r"[A-Za-z0-9_.:-]+", one.key), one.key
        assert set(one.groups) <= codebook.codes("groups"), one
        assert set(one.problems) <= codebook.codes("problems"), one
        assert len(one.codings) in {1, 2}
    assert CODINGS.stat().st_size / len(codings) < 80, "a row has no room for a sentence"


def test_two_codings_are_read_apart(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text(HEAD + "news,a:1,0123456789ab,0 0 1|0 C 1,ALL MUS,JOBS,1\n", encoding="utf-8")
    (one,) = load_codings(path)
    assert one.codings == ((0, 0, 1), (0, "C", 1))
    assert (one.groups, one.problems, one.hard) == (("ALL", "MUS"), ("JOBS",), True)


@pytest.mark.parametrize("line", ["news,a:1,0,0 0,,,1", "news,a:1,0,0 0 2,,,1", "news"])
def test_a_row_that_is_none_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text(HEAD + line + "\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"c\.csv"):
        load_codings(path)
    with pytest.raises(BadInput):
        load_codings(tmp_path / "none.csv")


def test_the_second_coders_agree_with_the_first() -> None:
    found = field_agreement(load_codings())
    assert {name: one.alpha > 0.7 for name, one in found.items()} == dict.fromkeys(found, True)
    assert all(one.units > 1000 for one in found.values())


def test_a_digest_tells_one_sentence_from_another() -> None:
    assert text_digest("Rain.") != text_digest("Rain")
    assert len(text_digest("\ud800")) == 12
