"""Excerpts: how they are cut, marked, chosen and withheld."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from corpora.coding import Hit, Mark, PublishedStory
from corpora.records import FRAMES, Aspect, Frame, Span
from reports.counts import count
from reports.evidence import LONGEST, cut, evidence, protects
from reports.weeks import Week
from reports.wording import group_names, times_as_many, withheld

WEEK = Week(2026, 44)


def hit(
    text: str,
    *marked: str,
    offset: int = 100,
    frame: Frame = "blame",
    aspect: Aspect = "active",
    probability: float = 0.9,
    kind: str = "group",
) -> Hit:
    return Hit(
        story_id="s",
        version_id="v",
        version_number=1,
        latest_version=1,
        unit="body",
        sentence=Span(start=offset, end=offset + len(text), text=text),
        frame=frame,
        aspect=aspect,
        probability=probability,
        voice="OUTLET",
        groups=(),
        marks=tuple(
            Mark(kind=kind, code="X", start=offset + text.index(word), end=offset + text.index(word) + len(word))
            for word in marked
        ),
        coder="model:x-1",
        codebook="1",
    )


def test_a_short_sentence_is_whole_and_its_marks_are_segments() -> None:
    found = cut(hit("Rents rose because of the incomers, he wrote.", "incomers", "because of"))
    assert "".join(part.text for part in found) == "Rents rose because of the incomers, he wrote."
    assert [part.text for part in found if part.kind] == ["because of", "incomers"]


@pytest.mark.parametrize("at", [0, 7, 45, 88])
def test_a_long_sentence_keeps_forty_words_around_its_marks(at: int) -> None:
    words = [f"w{number}" for number in range(90)]
    words[at] = "TARGET"
    found = cut(hit(" ".join(words), "TARGET"))
    text = "".join(part.text for part in found)
    assert len([word for word in text.split() if word != "…"]) == LONGEST
    assert [part.text for part in found if part.kind] == ["TARGET"]
    assert text.startswith("… ") == (at > 20)
    assert text.endswith(" …") == (at < 70)


def test_marks_that_overlap_or_lie_outside_do_no_harm() -> None:
    made = hit("The hostel residents again.", "hostel residents", "residents")
    outside = Mark(kind="group", code="X", start=0, end=5)
    strange = Hit(**{**{name: getattr(made, name) for name in made.__slots__}, "marks": (*made.marks, outside)})
    found = cut(strange)
    assert "".join(part.text for part in found) == "The hostel residents again."
    assert [part.text for part in found if part.kind] == ["hostel residents"]


def story(title: str = "Title") -> PublishedStory:
    return PublishedStory(
        story_id="s",
        family_id="f",
        outlet="mail",
        url="https://mail.example/s",
        title=title,
        published=WEEK.start + timedelta(hours=1),
        published_trusted=True,
        text_from="page",
        versions=1,
        judged=True,
    )


def test_at_most_three_sentences_each_frame_first_in_reading_order() -> None:
    hits = [
        hit("First.", offset=0, probability=0.95),
        hit("Second.", offset=20, probability=0.94),
        hit("Third.", offset=40, probability=0.93),
        hit("Fourth.", offset=60, frame="shared_story", probability=0.6),
        hit("Fourth.", offset=60, frame="us_them", probability=0.7),
    ]
    counts = count([story()], hits, [WEEK])
    (made,) = evidence(counts, hits, [WEEK], titles={"mail": "Mail"}, latest={})
    assert [one.text for one in made.excerpts] == ["First.", "Second.", "Fourth."]
    assert {flag.frame for flag in made.excerpts[2].flags} == {"us_them", "shared_story"}
    assert made.more == 1
    assert made.frames == FRAMES


def test_a_protected_person_s_sentence_is_counted_but_not_shown() -> None:
    hits = [hit("The boy appeared before the youth court on Monday.", "boy")]
    counts = count([story()], hits, [WEEK])
    (made,) = evidence(counts, hits, [WEEK], titles={}, latest={})
    assert made.excerpts[0].segments == ()
    assert counts.hits([WEEK], "blame", "any") == {"f"}
    assert protects("A plain sentence.", "Man denies rape")
    assert not protects("Grapes and rapeseed oil were on the stall.", "Harvest fair")


def test_tables_of_words_are_whole() -> None:
    assert len(group_names()) == 22
    assert withheld().flags & re.IGNORECASE
    assert times_as_many(2.0) == ("about twice as many", "as")
    assert times_as_many(6.2) == ("about 6 times as many", "as")
    assert times_as_many(0.5) == ("about half as many", "as")
