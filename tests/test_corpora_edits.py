"""Who had a story first, and what the others made of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.edits import Copy, course, edit, sentences

NOON = datetime(2026, 8, 3, 12, tzinfo=UTC)
FIRST = (
    "The weir below the mill will be mended before winter. Cllr. Asha Pell said the work costs £4,000.\n"
    "“We are glad,” she said. “It was high time.” Divers looked at the stones on Monday and found two long cracks."
)


def test_what_was_kept_dropped_added_and_reworded() -> None:
    other = (
        "Our own reporter stood by the water all day. “It was high time.”\n"
        "Divers looked at the stones on Tuesday and found two very long cracks.\n"
        "The weir below the mill will be mended before winter."
    )
    found = edit(FIRST, other, "b")
    assert found.added == ("Our own reporter stood by the water all day.",)
    assert found.dropped == ("Cllr. Asha Pell said the work costs £4,000.", "“We are glad,” she said.")
    assert found.reworded == (
        (
            "Divers looked at the stones on Monday and found two long cracks.",
            "Divers looked at the stones on Tuesday and found two very long cracks.",
        ),
    )
    assert found.kept == pytest.approx((10 + 4 + 11) / 40)


def test_the_first_seen_is_first_whatever_the_order(texts: ModuleType) -> None:
    text = texts.story(3)
    family = [
        Copy(story_id=name, first_seen=NOON + timedelta(hours=hour), text=text)
        for name, hour in (("a", 2), ("c", 0), ("b", 0), ("d", 1))
    ]
    for turn in range(4):
        found = course(family[turn:] + family[:turn])
        assert found.first == "b"
        assert [one.story_id for one in found.edits] == ["c", "d", "a"]
        assert all((one.kept, one.added, one.dropped, one.reworded) == (1.0, (), (), ()) for one in found.edits)


def test_one_story_alone_has_no_edits() -> None:
    assert course([Copy(story_id="a", first_seen=NOON, text="")]).edits == ()


def test_a_cut_copy_keeps_its_share(texts: ModuleType) -> None:
    lines = texts.story(4, words=400).split("\n")
    found = edit("\n".join(lines), "\n".join(lines[: len(lines) // 2]), "b")
    assert 0.4 < found.kept < 0.6
    assert (found.added, found.reworded) == ((), ())
    assert list(found.dropped) == lines[len(lines) // 2 :]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Mr. Pell met Dr. Orr at St. Mary's. They left.", ["Mr. Pell met Dr. Orr at St. Mary's.", "They left."]),
        ("It cost £3.50 at 10.30am. Few paid.", ["It cost £3.50 at 10.30am.", "Few paid."]),
        ("“Stop!” she said. “Now.” He did.", ["“Stop!” she said.", "“Now.”", "He did."]),
        ("One\n\nTwo", ["One", "Two"]),
        ("Mae'r tŵr ar gau. Ŵyn sydd yno. Àite eile.", ["Mae'r tŵr ar gau.", "Ŵyn sydd yno.", "Àite eile."]),
        ("J. Pell won. 12 came.", ["J. Pell won.", "12 came."]),
        ("", []),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


@given(st.text(), st.text())
def test_any_two_texts_are_compared(one: str, other: str) -> None:
    found = edit(one, other, "b")
    assert 0.0 <= found.kept <= 1.0
    assert edit(one, one, "b").dropped == edit(one, one, "b").added == ()
    assert set(found.dropped) <= set(sentences(one))
    assert set(found.added) <= set(sentences(other))
