"""Kept out of what is learned from: sentences that equal a test case, or nearly. All cases here are invented."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpora.errors import BadInput
from corpora.hatecheck import contaminated, hatecheck_cases, normalised
from corpora.public_files import from_folder, put_in_cache, sums_of
from corpora.recipes import recipe

CASES = [
    "Nobody in Kelderby should share a bench with a Marrow.",
    "Marrows are fine neighbours.",
    "No Marrows!",
]


def bring(tmp_path: Path, body: str) -> Path:
    """A cache with `body` as the suite."""
    (tmp_path / "test_suite_cases.csv").write_text(body, encoding="utf-8")
    suite, cache = recipe("hatecheck"), tmp_path / "cache"
    sums = sums_of(suite, cache, hashlib.sha256(body.encode()).hexdigest())
    source = from_folder(suite, tmp_path, tuple(suite.files), sums)
    assert list(put_in_cache(suite, cache, source, sums, clock=lambda: datetime(2026, 11, 25, tzinfo=UTC)))
    return cache


@pytest.mark.parametrize(
    ("text", "dropped"),
    [
        ("nobody in KELDERBY should share a bench, with a marrow", True),
        ("Nobody in Kelderby should share a bench with a turnip.", True),  # 6 of 7 word 4-grams
        ("He said that nobody in Kelderby should share a bench with a Marrow, and left.", True),
        ("Nobody in Kelderby would ever share a bench with a stranger.", False),
        ("He thinks marrows are fine neighbours, on the whole.", True),  # a case of four words is one 4-gram
        ("Nó màrrows", True),
        ("There are no marrows at the Kelderby show this year.", False),
        ("The bench in Kelderby was painted green on Tuesday.", False),
        ("…", False),
    ],
)
def test_equal_or_nearly_equal_texts_are_found(text: str, dropped: bool) -> None:
    assert contaminated(["Something quite different about a bus stop.", text], CASES) == ({1} if dropped else set())


def test_an_empty_case_removes_nothing() -> None:
    assert contaminated(["", "?!"], ["", "!"]) == frozenset()


def test_normalised_words() -> None:
    assert normalised("  Café-goers:\nNO\t“way”!") == "cafe goers no way"


def test_cases_come_from_the_cache_or_there_are_none(tmp_path: Path) -> None:
    assert hatecheck_cases(tmp_path) is None
    cache = bring(tmp_path, 'functionality,case_id,test_case\nf,1,"Marrows, again."\nf,2,No more marrows\n')
    assert hatecheck_cases(cache) == ("Marrows, again.", "No more marrows")
    (cache / "hatecheck" / "test_suite_cases.csv").write_text("test_case\nother\n", encoding="utf-8")
    assert hatecheck_cases(cache) is None, "not the file whose checksum is on record"


@pytest.mark.parametrize("body", ["functionality,text\nf,Marrows\n", "test_case\n", ""])
def test_a_suite_without_cases_is_a_fault_not_an_empty_filter(tmp_path: Path, body: str) -> None:
    with pytest.raises(BadInput, match="holds no cases"):
        hatecheck_cases(bring(tmp_path, body))
