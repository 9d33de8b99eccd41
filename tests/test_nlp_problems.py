"""Problem codes: the words that name a problem outrank those that name a setting, and those near the link the rest."""

from __future__ import annotations

import pytest

from corpora.errors import NotReady
from nlp import problems
from nlp.cues import PROBLEMS
from nlp.groups import find_mentions
from nlp.patterns import Matcher
from nlp.problems import find_problems, problem_words


@pytest.mark.parametrize("row", problem_words(), ids=lambda row: f"{row.code}:{row.pattern[:24]}")
def test_every_row_has_a_reason_and_finds_its_example(row) -> None:  # type: ignore[no-untyped-def]
    assert row.reason
    assert Matcher([(row.pattern, 1)]).find(row.example)
    assert row.code in PROBLEMS


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("It takes a month to see a doctor since the asylum seekers came to Tarrow Bay.", {"HEALTH_SERVICES"}),
        ("Break-ins on Pell Street doubled after the hostel opened.", {"CRIME"}),
        ("Foreign labour has driven down wages on the boats.", {"JOBS"}),
        ("The rubble left by the Travellers will cost taxpayers thousands.", {"ENVIRONMENT_LITTER", "PUBLIC_MONEY"}),
        ("Students have pushed up rents across Orrenmouth.", {"HOUSING"}),
        ("The outbreak of measles was put down to newcomers.", {"DISEASE"}),
        ("The choir sang.", set()),
        ("", set()),
    ],
)
def test_problems_of_plain_sentences(text: str, codes: set[str]) -> None:
    assert {one.code for one in find_problems(text)} == codes


def test_a_problem_outranks_the_police_who_report_it() -> None:
    found = find_problems("Thefts of lead have risen since the fair came, police said.")
    assert [one.code for one in found] == ["CRIME"]


def test_words_of_the_group_name_no_problem() -> None:
    text = "Benefit claimants joined the walk."
    held = [(m.start, m.end) for m in find_mentions(text)]
    assert find_problems(text, taken=held) == ()


def test_a_description_of_the_speaker_weighs_little() -> None:
    text = "Migrants bring crime to the harbour, the housing manager said."
    assert find_problems(text, anchors=[(0, 8)])[0].code == "CRIME"


def test_spans_stand_on_the_text_and_each_code_once() -> None:
    text = "Rents, wages and waits at the surgery: all are worse, rents most."
    found = find_problems(text, offset=100)
    assert len({one.code for one in found}) == len(found) >= 3
    assert text[found[0].start - 100 : found[0].end - 100].lower() == "rents"


def test_a_table_that_lost_a_code_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("CRIME", "problem", "theft", "x", "theft")]
    monkeypatch.setattr(problems, "read_table", lambda *_: rows)
    with pytest.raises(NotReady, match="differ"):
        problem_words.__wrapped__()
    monkeypatch.setattr(problems, "read_table", lambda *_: [("CRIME", "heavy", "theft", "x", "theft")])
    with pytest.raises(NotReady, match="unknown weight"):
        problem_words.__wrapped__()
