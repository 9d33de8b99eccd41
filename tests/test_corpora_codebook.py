"""The codebook as data, and the page that is rendered from it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from corpora.codebook import SHIPPED, TABLES, load_codebook, reviews_due
from corpora.codebook_page import PAGE, main, render
from corpora.errors import BadInput
from corpora.records import FRAMES
from corpora.spec_cases import load_spec
from nlp.groups import GROUPS

SPEC = Path(__file__).parent / "spec" / "functional.jsonl"


def test_every_frame_is_defined_and_every_list_filled() -> None:
    codebook = load_codebook()
    assert tuple(codebook.frames) == FRAMES
    assert all(codebook.lists[table] for table in TABLES)
    assert codebook.codes("functionalities") == {f"F{number:02d}" for number in range(1, 37)}
    assert codebook.blamable() == codebook.codes("groups") - {"ALL", "ELITE"}


def test_groups_are_those_the_reader_of_sentences_knows() -> None:
    assert tuple(load_codebook().lists["groups"]) == GROUPS


def test_an_overdue_review_is_a_warning_that_names_the_frame() -> None:
    codebook = load_codebook()
    due = codebook.frames["blame"].next_review
    assert reviews_due(codebook, due) == ()
    late = reviews_due(codebook, date(due.year + 1, 1, 1))
    assert any("Blame" in line for line in late)
    assert len(late) == len(FRAMES)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('name = "Blame"\n', "", "blame lacks `name`"),
        ('why_it_matters = "Stories', 'why = "Stories', "shared_story lacks `why_it_matters`"),
        ("next_review = 2027-05-24", "next_review = 2026-05-24", "next review before its last"),
        ("next_review = 2027-05-24", 'next_review = "soon"', "lacks the date `next_review`"),
        ('code = "blame"', 'code = "anger"', "'anger', which is none of"),
        ('code = "blame"', 'code = "us_them"', "each of"),
        ("[problems]", "[troubles]", r"lacks the list \[problems\]"),
        (', frame = "us_them" }', " }", "name their frame"),
        ('note = "lists, rents, homes to buy"', 'remark = "x"', "problems.HOUSING needs"),
        ('term = "Active"', 'term = "Zebra"', "alphabetical"),
        ('version = "1"', "", "lacks `version`"),
        ("[[glossary]]", "[[words]]", r"lacks \[\[glossary\]\]"),
        ("includes = [", "included = [", "lacks `includes`"),
        ("[groups]", "[groups", "cannot be read"),
    ],
)
def test_a_missing_field_is_an_error_that_names_it(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    broken = tmp_path / "frames.toml"
    broken.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(BadInput, match=words):
        load_codebook(broken)


def test_the_page_is_the_one_the_data_give(tmp_path: Path) -> None:
    codebook = load_codebook()
    page = render(codebook, load_spec(SPEC, codebook))
    assert PAGE.read_text(encoding="utf-8") == page, "run: python -m corpora.codebook_page tests/spec"
    for term in codebook.glossary:
        assert f"**{term}**" in page
    with pytest.raises(BadInput, match="Name the folder"):
        main([])
    with pytest.raises(BadInput, match="cannot be read"):
        main([str(tmp_path)])
