"""The notation of the phrase tables, and the tables themselves."""

from __future__ import annotations

import pytest

from corpora.errors import NotReady
from nlp import patterns
from nlp.cues import KINDS, cues, find_cues
from nlp.groups import GROUPS, find_mentions, groups_of, senses, terms
from nlp.patterns import Matcher, fold, read_table
from nlp.sayings import find_verbs, reporting_verbs


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("asylum seeker[s]", "Asylum-seekers sang", "asylum seek"),
        ("blam(e/ed)", "they were blamed", "they were blaming"),
        ("since ~ arrived", "ever since the new people arrived", "since the day on which they all arrived"),
        ("polish & {people}", "Polish, Syrian and local families", "Polish, the table"),
        ("Traveller[s]", "TRAVELLERS SANG", "travellers sang"),
        ("our town; our village", "our village", "our street"),
        ("the [old] mill", "the mill", "the older mill"),
        ("don't belong", "they don’t belong", "they do belong"),
        ("travellers' rest", "the Travellers’ Rest", "travellers resting"),
        ("disrupt the invad*", "disrupt the invaders", "disrupt the in"),
    ],
)
def test_notation(pattern: str, yes: str, no: str) -> None:
    matcher = Matcher([(pattern, "x")])
    assert matcher.find(yes)
    assert not matcher.find(no)


@pytest.mark.parametrize("pattern", ["~ came", "[the] mill", "invad*", "& people", ""])
def test_a_pattern_that_could_start_anywhere_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="whole word"):
        Matcher([(pattern, "x")])


def test_a_matcher_without_patterns_is_refused() -> None:
    with pytest.raises(ValueError, match="without patterns"):
        Matcher([])


def test_a_missing_or_damaged_table_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NotReady, match=r"missing.*Restore"):
        read_table("nothing.tsv", ("a",))
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(patterns, "files", lambda _: tmp_path)
    (tmp_path / "data" / "a.tsv").write_text("a\tb\n", encoding="utf-8")
    with pytest.raises(NotReady, match="empty"):
        read_table("a.tsv", ("a", "b"))
    (tmp_path / "data" / "a.tsv").write_text("a\tb\nx\n", encoding="utf-8")
    with pytest.raises(NotReady, match="1 cells where 2 belong"):
        read_table("a.tsv", ("a", "b"))


def test_hidden_characters_and_lookalikes_are_seen_through_with_right_offsets() -> None:
    text = "Some mig\u200brants and rеfugees sang."
    found = find_mentions(text)
    assert groups_of(found) == ("MIG_ASY", "REF")
    assert all(text[m.start : m.end] == m.text for m in found)
    assert fold("plain") == ("plain", None)


@pytest.mark.parametrize("term", terms(), ids=lambda t: f"{t.group}:{t.pattern[:24]}")
def test_every_term_has_a_reason_and_finds_its_example(term) -> None:  # type: ignore[no-untyped-def]
    assert term.reason
    assert Matcher([(term.pattern, 1)]).find(term.example)
    assert term.group in groups_of(find_mentions(term.example))


@pytest.mark.parametrize("sense", senses(), ids=lambda s: f"{s.group}:{s.pattern[:24]}")
def test_every_sense_has_a_reason_and_clears_its_example(sense) -> None:  # type: ignore[no-untyped-def]
    assert sense.reason
    assert Matcher([(sense.pattern, 1)]).find(sense.example)
    if sense.scope != "keeps":  # such a row says where a mention stays one
        assert sense.group not in groups_of(find_mentions(sense.example))


@pytest.mark.parametrize("cue", cues(), ids=lambda c: f"{c.kind}:{c.pattern[:24]}")
def test_every_cue_has_a_reason_and_finds_its_example(cue) -> None:  # type: ignore[no-untyped-def]
    assert cue.reason
    assert Matcher([(cue.pattern, 1)]).find(cue.example)
    assert cue.kind in {mark.kind for mark in find_cues(cue.example)}


@pytest.mark.parametrize("verb", reporting_verbs(), ids=lambda v: v.verb)
def test_every_verb_finds_its_example(verb) -> None:  # type: ignore[no-untyped-def]
    quoted = [(0, verb.example.rindex('"') + 1)] if verb.example.startswith('"') else []
    assert verb.forms in {match.payload.forms for match in find_verbs(verb.example, quoted)}
    assert verb.takes <= {"that", "to", "name", "quote"}


def test_every_code_and_kind_is_served() -> None:
    assert {term.group for term in terms()} == set(GROUPS)
    assert {cue.kind for cue in cues()} == set(KINDS)
