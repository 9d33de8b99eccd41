"""What an outlet puts under every story is learned from counts and dropped; stories stay whole."""

from __future__ import annotations

import random
from datetime import date, timedelta
from types import ModuleType

from hypothesis import given
from hypothesis import strategies as st

from corpora.blocks import (
    ALL,
    LONGEST,
    MOST_DROPPED,
    Sighting,
    Tally,
    block_hash,
    blocks_of,
    first_of_families,
    learn,
    may_be_block,
    packed,
    settled,
    unpacked,
    without_blocks,
)

BOX = "Get the best of the county in your inbox every morning, free of charge."
APPEAL = "Anyone who saw what happened is asked to call the harbour office."
START = date(2026, 8, 3)


def told(texts: ModuleType, number: int, *lines: str, day: int | None = None, family: str = "") -> Sighting:
    text = "\n".join([texts.story(number, words=150), *lines])
    at = START + timedelta(days=number // 4 if day is None else day)
    return Sighting(family=family or f"f{number:03}", day=at, text=text)


def test_a_box_under_every_story_is_learned_and_dropped(texts: ModuleType) -> None:
    seen = [told(texts, number, BOX) for number in range(20)]
    blocks = blocks_of(learn(seen))
    assert blocks == {block_hash(BOX)}
    for one in seen:
        assert f"{without_blocks(one.text, blocks)}\n{BOX}" == one.text
    assert without_blocks(texts.story(99), blocks) == texts.story(99)


def test_case_spaces_and_punctuation_make_no_other_block() -> None:
    assert block_hash("Sign up  here — now!") == block_hash("SIGN UP HERE NOW")
    assert block_hash("Cofrestrwch â ni") != block_hash("Cofrestrwch a ni")


def test_a_paragraph_in_few_stories_or_on_few_days_is_none(texts: ModuleType) -> None:
    assert not blocks_of(learn([told(texts, number, BOX, day=number) for number in range(4)]))
    assert not blocks_of(learn([told(texts, number, BOX, day=number % 2) for number in range(40)]))


def test_a_standing_appeal_in_a_few_of_many_stories_stays(texts: ModuleType) -> None:
    seen = [told(texts, number, *([APPEAL] if number % 20 == 0 else [BOX])) for number in range(160)]
    assert blocks_of(learn(seen)) == {block_hash(BOX)}


def test_a_box_that_is_new_is_learned_although_the_outlet_is_old(texts: ModuleType) -> None:
    seen = [told(texts, number, *([BOX] if number >= 180 else [])) for number in range(200)]
    assert blocks_of(learn(seen)) == {block_hash(BOX)}


def test_copies_of_one_story_count_once(texts: ModuleType) -> None:
    story = texts.story(5, words=60)
    copies = [Sighting(family="one", day=START + timedelta(days=n), text=story) for n in range(30)]
    tallies = learn(copies)
    assert tallies[ALL].stories == 1
    assert not blocks_of(tallies)


def test_quotes_long_paragraphs_and_single_words_are_never_blocks(texts: ModuleType) -> None:
    for line in ("“We will sign up again,” she said.", 'He said: "No."', "x y " * LONGEST, "Gallery", "", "—"):
        assert not may_be_block(line)
    quote = "“We stand together,” the choir said."
    assert not blocks_of(learn([told(texts, number, quote) for number in range(20)]))


def test_never_more_than_a_share_of_a_story_goes() -> None:
    blocks = frozenset({block_hash(BOX)})
    brief = f"The weir was mended on Tuesday.\n{BOX}"
    assert without_blocks(brief, blocks) == brief
    assert without_blocks(BOX, blocks) == BOX


def test_what_came_to_nothing_is_no_longer_counted(texts: ModuleType) -> None:
    tallies = learn([told(texts, number, BOX) for number in range(20)])
    soon = settled(tallies, START + timedelta(days=30))
    assert set(soon) == {ALL, block_hash(BOX)}
    assert blocks_of(soon) == blocks_of(tallies)
    assert set(settled(tallies, START + timedelta(days=400))) == {ALL}


def test_the_first_of_each_family_is_counted() -> None:
    assert first_of_families([("c", "a"), ("a", "a"), ("b", "b")]) == ["c", "b"]


LINES = st.sampled_from(["Sign up here now", "Read our letter", "It rained on the weir", "The mill is shut", "“Yes”"])
SIGHTINGS = st.lists(
    st.builds(
        lambda day, lines: (START + timedelta(days=day), "\n".join(lines)),
        st.integers(0, 6),
        st.lists(LINES, max_size=4),
    ),
    max_size=25,
).map(lambda rows: [Sighting(family=f"f{at:02}", day=day, text=text) for at, (day, text) in enumerate(sorted(rows))])


@given(SIGHTINGS, st.integers(0, 25), st.randoms(use_true_random=False))
def test_order_and_calls_do_not_matter(seen: list[Sighting], cut: int, rng: random.Random) -> None:
    whole = learn(seen)
    mixed = list(seen)
    rng.shuffle(mixed)
    assert learn(mixed) == whole
    assert learn(seen[cut:], learn(seen[:cut])) == whole
    assert unpacked(packed(whole)) == whole
    assert sum(one.stories for key, one in whole.items() if key == ALL) == len(seen)


@given(st.text(), st.lists(st.text(max_size=80), max_size=6))
def test_any_text_keeps_its_share_and_its_order(text: str, block: list[str]) -> None:
    blocks = frozenset(map(block_hash, block + text.split("\n")[::2]))
    left = without_blocks(text, blocks)
    rest = iter(text.split("\n"))
    assert all(any(line == one for one in rest) for line in left.split("\n")) or left == ""
    size = sum(map(len, text.split("\n")))
    assert sum(map(len, left.split("\n"))) >= (1 - MOST_DROPPED) * size - 1e-6


def test_tallies_without_rows_are_survived() -> None:
    assert blocks_of({}) == frozenset()
    assert unpacked(packed({})) == {}
    assert settled({}, START) == {}
    one = {ALL: Tally(stories=1, days=1, first=START, last=START)}
    assert unpacked(packed(one)) == one
