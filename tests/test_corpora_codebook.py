"""The codebook as data, and the page that is rendered from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from corpora.codebook import SHIPPED, TABLES, load_codebook, reviews_due
from corpora.codebook_page import COMMAND, PAGE, main, render
from corpora.errors import BadInput
from corpora.records import FRAMES
from corpora.spec_cases import SpecCase
from corpora.spec_results import FunctionalityResult, GroupResult, SuiteResults, results_of_shipped
from corpora.spec_templates import load_suite, suite_digest
from nlp.groups import GROUPS

SPEC = Path(__file__).parent / "spec"
RESULTS = Path(__file__).resolve().parent.parent / "models" / "artefacts" / "frames" / "spec.json"


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


@pytest.fixture(scope="module")
def cases() -> tuple[SpecCase, ...]:
    return load_suite(SPEC, load_codebook())


@pytest.fixture
def results(cases: tuple[SpecCase, ...]) -> SuiteResults:
    """Invented ones."""
    group = GroupResult(cases=12, pass_rate=0.75, same_templates=0.8)
    one = FunctionalityResult(
        templates=11, cases=50, pass_rate=0.7481, gate=0.75, spread=0.25, spread_groups=3, flip_rate=0.04,
        by_group={"YNG": group},
    )  # fmt: skip
    watched = replace(one, gate=None, spread=None, spread_groups=0, flip_rate=None)
    return SuiteResults(
        coder="model:x-1", suite=suite_digest(cases), level="triage", cases=100, templates=22,
        functionalities_passed=0.5, mean_pass_rate=0.7481, flip_rate=0.04,
        functionalities={"F01": one, "F02": replace(one, pass_rate=0.9), "F35": watched},
        groups={"YNG": group, "MUS": group}, groups_left_alone={"MUS": replace(group, cases=5)},
        groups_flagged={"YNG": group, "MUS": replace(group, cases=7, pass_rate=1.0)},
    )  # fmt: skip


def test_the_page_is_the_one_the_data_give(cases: tuple[SpecCase, ...]) -> None:
    codebook = load_codebook()
    page = render(codebook, cases, results_of_shipped(RESULTS, suite_digest(cases)))
    assert PAGE.read_text(encoding="utf-8") == page, f"run: {COMMAND}"
    for term in codebook.glossary:
        assert f"**{term}**" in page


def test_the_page_shows_the_cases_written_one_by_one_and_counts_the_others(cases: tuple[SpecCase, ...]) -> None:
    page = render(load_codebook(), cases)
    made = [one for one in cases if one.template]
    assert page.count(" → ") == len(cases) - len(made)
    assert f"{len(made)} more are made from {len({one.template for one in made})} templates" in page
    assert "more are made" not in render(load_codebook(), [one for one in cases if not one.template])


def test_the_page_says_what_the_model_makes_of_the_cases(cases: tuple[SpecCase, ...], results: SuiteResults) -> None:
    codebook = load_codebook()
    page = render(codebook, cases, results)
    names = codebook.lists["functionalities"]
    assert f"| F01 | {names['F01'].name} | 11 | 50 | 75 % | 75 % | **no** | 4 % | 0.25 (3) |" in page
    assert f"| F35 | {names['F35'].name} | 11 | 50 | 75 % | – | – | – | – |" in page
    assert "1 of 2 functionalities reach the rate wanted" in page
    # In the codebook's order, never by rate.
    muslims = "| Muslims | 12 | 75 % (80 %) | 5 | 75 % (80 %) | 7 | 100 % (80 %) |"
    young = f"| {codebook.lists['groups']['YNG'].name} | 12 | 75 % (80 %) | 0 | – | 12 | 75 % (80 %) |"
    assert 0 < page.index(muslims) < page.index(young)
    assert "{" not in page.partition("## What the shipped model")[2].partition("## Glossary")[0]


def test_the_page_is_written_with_results_of_the_shipped_model_only(
    cases: tuple[SpecCase, ...],
    results: SuiteResults,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page, kept = tmp_path / "page.md", tmp_path / "spec.json"
    monkeypatch.setattr("corpora.codebook_page.PAGE", page)
    (tmp_path / "manifest.json").write_text('{"coder": "model:x-1"}', encoding="utf-8")
    kept.write_text(results.as_json(), encoding="utf-8")
    assert main([str(SPEC), str(kept)]) == 0
    assert page.read_text(encoding="utf-8") == render(load_codebook(), cases, results)
    assert capsys.readouterr().err == ""
    for other in (replace(results, coder="model:x-2"), replace(results, suite="of old")):
        kept.write_text(other.as_json(), encoding="utf-8")
        assert main([str(SPEC), str(kept)]) == 0
        assert page.read_text(encoding="utf-8") == render(load_codebook(), cases)
        assert "without results" in capsys.readouterr().err
    assert main([str(SPEC)]) == 0


def test_the_page_needs_the_suite(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Name the folder"):
        main([])
    with pytest.raises(BadInput, match="cannot be read"):
        main([str(tmp_path)])
