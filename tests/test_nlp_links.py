"""Links: every row of the tables finds its example, and of two readings the plainer stays."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.errors import NotReady
from nlp import links, ties
from nlp.groups import find_mentions
from nlp.links import REMEDY_KINDS, Link, find_links, find_remedy, link_words, remedy_words
from nlp.patterns import Matcher
from nlp.ties import find_targets, target_words, tie_targets


@pytest.mark.parametrize("row", link_words(), ids=lambda row: f"{row.kind}:{row.pattern[:24]}")
def test_every_link_has_a_reason_and_finds_its_example(row) -> None:  # type: ignore[no-untyped-def]
    assert row.reason
    assert Matcher([(row.pattern, 1)]).find(row.example)


@pytest.mark.parametrize("row", remedy_words(), ids=lambda row: f"{row.kind}:{row.pattern[:24]}")
def test_every_remedy_has_a_reason_and_finds_its_example(row) -> None:  # type: ignore[no-untyped-def]
    assert row.reason
    assert row.kind in REMEDY_KINDS
    assert Matcher([(row.pattern, 1)]).find(row.example)


@pytest.mark.parametrize("row", target_words(), ids=lambda row: f"{row[0]}:{row[1][:24]}")
def test_every_looser_word_for_a_group_has_a_reason_and_finds_its_example(row: tuple[str, str, str, str]) -> None:
    _, pattern, reason, example = row
    assert reason
    assert Matcher([(pattern, 1)]).find(example)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("Travellers have been blamed for the mess.", "passive", "been blamed for"),
        ("The mess was blamed on Travellers.", "passive", "was blamed on"),
        ("Rents doubled thanks to students.", "nominal", "thanks to"),
        ("Parents put the lack of school places down to migrants.", "active", "put the lack of school places"),
        ("Get rid of the hostel.", "remedy", "Get rid of"),
        ("It was quiet until the families moved into the Grange.", "time", "until the families moved into"),
    ],
)
def test_the_plainest_words_are_kept(text: str, kind: str, words: str) -> None:
    first = find_links(text)[0]
    assert first.kind == kind
    assert text[first.start : first.end].startswith(words)


def test_links_do_not_overlap_unless_the_later_is_plainer() -> None:
    text = "They blame migrants, and since they came the mess is due to them because of the hotel."
    found = find_links(text)
    assert list(found) == sorted(found, key=lambda one: one.start)
    assert all(left.end <= right.start or left.points < right.points for left, right in pairwise(found))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Get rid of the Travellers and be done.", "Get rid of the Travellers"),
        ("Migrants who steal should be deported, he said.", "be deported"),
        ("He wants curbs on immigration.", "curbs on immigration"),
        ("Send them back, one sign said.", "Send them back"),
    ],
)
def test_a_remedy_takes_in_the_group_it_is_about(text: str, words: str) -> None:
    groups = [(one.start, one.end) for one in find_mentions(text)]
    found = find_remedy(text, groups)
    assert found is not None
    assert text[found[0] : found[1]] == words


@pytest.mark.parametrize(
    "text",
    ["Migrants cannot be deported.", "The council closed the baths.", "Refugees who were evicted met the mayor.", ""],
)
def test_what_nobody_asks_for_is_no_remedy(text: str) -> None:
    groups = [(one.start, one.end) for one in find_mentions(text)]
    assert find_remedy(text, groups) is None


def test_the_target_is_on_the_side_on_which_its_link_has_it() -> None:
    text = "Pensioners blame teenagers for the noise."
    targets = find_targets(text, find_mentions(text), (), "", offset=0)
    best = tie_targets(text, targets, find_links(text), speaking=None, offset=0)[0]
    assert best.target.text == "teenagers"
    assert best.link is not None


def test_a_named_group_outranks_looser_words_and_the_sentence_before() -> None:
    text = "Refugees fill the hotel."
    assert [one.group for one in find_targets(text, find_mentions(text), (), "Travellers came.", offset=0)] == ["REF"]


def test_they_mean_the_group_before_rather_than_looser_words() -> None:
    found = find_targets("They filled the hotel.", (), (), "The Travellers came on Sunday.", offset=0)
    assert [(one.group, one.text) for one in found] == [("GRT", "They")]


def test_a_table_that_lost_a_kind_is_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    for function in (link_words, remedy_words, target_words):
        function.cache_clear()
    monkeypatch.setattr(links, "read_table", lambda *_: [("active", "nobody", "any", "speaker", "1", "a", "b", "c")])
    with pytest.raises(NotReady):
        link_words()
    monkeypatch.setattr(links, "read_table", lambda *_: [("removal", "a", "b", "c")])
    with pytest.raises(NotReady):
        remedy_words()
    monkeypatch.setattr(ties, "read_table", lambda *_: [("NOBODY", "a", "b", "c")])
    with pytest.raises(NotReady):
        target_words()
    for function in (link_words, remedy_words, target_words):
        function.cache_clear()


@given(st.text(max_size=300))
def test_offsets_lie_in_the_text(text: str) -> None:
    found: tuple[Link, ...] = find_links(text)
    for one in found:
        assert 0 <= one.start < one.end <= len(text)
    remedy = find_remedy(text)
    assert remedy is None or 0 <= remedy[0] < remedy[1] <= len(text)
    for target in find_targets(text, (), (), text, offset=0):
        assert target.start == -1 or text[target.start : target.end] == target.text
