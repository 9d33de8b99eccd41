"""Stance: what is denied is contested, what only looks denied is not, and the voice decides the rest."""

from __future__ import annotations

import pytest

from corpora.errors import NotReady
from corpora.records import Voice
from nlp import stances
from nlp.patterns import Matcher
from nlp.stances import find_stance, leaning_of, stance_words


@pytest.mark.parametrize("row", stance_words(), ids=lambda row: f"{row.kind}:{row.pattern[:24]}")
def test_every_row_has_a_reason_and_finds_its_example(row) -> None:  # type: ignore[no-untyped-def]
    assert row.reason
    assert Matcher([(row.pattern, 1)]).find(row.example)


@pytest.mark.parametrize(
    "text",
    [
        "Students are not the reason rents have gone up in Tarrow.",
        "There is no evidence that the hostel brought the thefts, she said.",
        "It was wrong to blame the newcomers for the queue.",
        "The idea that pensioners fill the wards does not survive a look at the figures.",
        "He falsely claimed that the refugees jumped the queue.",
        "It is a myth that migrants took the jobs.",
        "Police rejected the suggestion that Travellers were behind the fire.",
        "She called the poster racist and told the party to withdraw it.",
        "The closure had nothing to do with the asylum seekers, the board said.",
        "Stop blaming the kids, the vicar told the meeting.",
        "POLES NOT BEHIND BURGLARY RISE",
        "Guilty as charged, I emptied the reservoir, said the man from the camp.",
    ],
)
def test_challenged_claims_are_contested(text: str) -> None:
    assert find_stance(text, voice="INDIRECT").stance == "CONTESTS"


@pytest.mark.parametrize(
    ("text", "voice", "stance"),
    [
        ("There is no doubt that the hostel brought the trouble.", "OUTLET", "ENDORSES"),
        ("It is wrong to say they play no part in the queues.", "OUTLET", "ENDORSES"),
        ("Migrants are to blame for the queue.", "OUTLET", "ENDORSES"),
        ("Refugees blamed as list grows", "HEADLINE", "REPORTS"),
        ("Youths have been blamed for the broken windows.", "OUTLET", "REPORTS"),
        ("“They have taken every place,” said Nell Lee.", "DIRECT", "REPORTS"),
        ("Are migrants to blame for the queue?", "OUTLET", "REPORTS"),
        ("He denied being racist and said the camp had ruined the town.", "INDIRECT", "REPORTS"),
        ("They have never paid a penny, he said.", "INDIRECT", "REPORTS"),
        ("", "OUTLET", "ENDORSES"),
    ],
)
def test_what_is_not_challenged_stays_active(text: str, voice: Voice, stance: str) -> None:
    assert find_stance(text, voice=voice).stance == stance


def test_the_words_that_decided_are_shown() -> None:
    text = "Students are not the reason rents have gone up."
    found = find_stance(text, voice="OUTLET", offset=7)
    assert "not the reason" in text[found.start - 7 : found.end - 7]
    assert find_stance("Rain fell.", voice="OUTLET").start == -1


def test_context_and_leaning_add_up() -> None:
    text = "The leaflet's so-called surge of newcomers has closed the ward, he said."
    bare = find_stance("Newcomers have closed the ward, he said.", voice="INDIRECT")
    assert bare.stance == "REPORTS"
    challenged = "The claim was dismissed as nonsense by the board."
    assert find_stance("Newcomers have closed the ward.", voice="INDIRECT", after=challenged).stance == "REPORTS"
    both = find_stance("Newcomers have closed the ward.", voice="INDIRECT", before=challenged, after=challenged)
    assert both.stance == "CONTESTS"
    assert both.start == -1, "no words of the sentence itself decided"
    assert find_stance("Newcomers have closed the ward.", voice="OUTLET", leaning=1.0).stance == "CONTESTS"
    assert find_stance(text, voice="INDIRECT").stance == "CONTESTS"
    assert find_stance(text, voice="INDIRECT", leaning=-0.5).stance == "REPORTS"


def test_a_damaged_table_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stances, "read_table", lambda *_: [("denial", "3", "both", "untrue", "x", "untrue")])
    with pytest.raises(NotReady, match="differ"):
        stance_words.__wrapped__()
    monkeypatch.setattr(stances, "read_table", lambda *_: [("denial", "many", "both", "untrue", "x", "untrue")])
    with pytest.raises(NotReady, match="no number"):
        stance_words.__wrapped__()


def test_a_model_of_two_minds_says_nothing_and_a_sure_one_counts_as_a_word() -> None:
    assert abs(leaning_of(active=0.4, contested=0.4)) < 1
    assert abs(leaning_of(active=0.0, contested=0.0)) < 1
    assert leaning_of(active=0.1, contested=0.6) >= 1
    assert leaning_of(active=0.9, contested=0.01) == -2
    assert leaning_of(active=0.0, contested=1.0) == 2
    assert find_stance("Migrants took the jobs.", voice="OUTLET", leaning=2.0).stance == "CONTESTS"
