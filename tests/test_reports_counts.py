"""Distinct stories: copies, late copies, edits, voices and groups."""

from __future__ import annotations

from datetime import timedelta

from corpora.coding import Hit, PublishedStory
from corpora.records import Aspect, Frame, Span, Voice
from reports.counts import count
from reports.weeks import Week, weeks_back

WEEK = Week(2026, 44)
BEFORE = WEEK.minus(1)


def story(name: str, week: Week = WEEK, *, family: str = "", outlet: str = "a", judged: bool = True) -> PublishedStory:
    return PublishedStory(
        story_id=name,
        family_id=family or name,
        outlet=outlet,
        url=f"https://{outlet}.example/{name}",
        title=name,
        published=week.start + timedelta(hours=5),
        published_trusted=True,
        text_from="page",
        versions=1,
        judged=judged,
    )


def hit(
    name: str,
    frame: Frame = "blame",
    *,
    aspect: Aspect = "active",
    voice: Voice = "DIRECT",
    groups: tuple[str, ...] = (),
    version: int = 1,
) -> Hit:
    return Hit(
        story_id=name,
        version_id=f"{name}-{version}",
        version_number=version,
        latest_version=2,
        unit="body",
        sentence=Span(start=0, end=5, text="Words"),
        frame=frame,
        aspect=aspect,
        probability=0.9,
        voice=voice,
        groups=groups,
        marks=(),
        coder="model:x-1",
        codebook="1",
    )


def test_copies_count_once_and_any_flagged_copy_or_version_is_enough() -> None:
    stories = [story("one", family="f"), story("two", family="f", outlet="b"), story("three")]
    counts = count(stories, [hit("two"), hit("two", version=2)], [WEEK])
    assert counts.stories([WEEK]) == {"f", "three"}
    assert counts.hits([WEEK], "blame", "any") == {"f"}
    assert counts.outlets([WEEK], "blame", "any") == {"b"}


def test_a_late_copy_belongs_to_the_week_of_the_first() -> None:
    stories = [story("one", BEFORE, family="f"), story("two", family="f"), story("three")]
    counts = count(stories, [hit("two")], weeks_back(WEEK, 2))
    assert counts.hits([BEFORE], "blame", "any") == {"f"}
    assert counts.stories([WEEK]) == {"three"}
    assert count(stories, [hit("two")], [WEEK]).hits([WEEK], "blame", "any") == set()


def test_voices() -> None:
    stories = [story(name) for name in ("quoted", "own", "headline", "denied", "both")]
    hits = [
        hit("quoted"),
        hit("own", voice="OUTLET"),
        hit("headline", voice="HEADLINE"),
        hit("denied", aspect="contested", voice="OUTLET"),
        hit("both", voice="MIXED"),
        hit("both", aspect="contested"),
    ]
    counts = count(stories, hits, [WEEK])
    assert counts.hits([WEEK], "blame", "any") == {"quoted", "own", "headline", "both"}
    assert counts.hits([WEEK], "blame", "outlet") == {"own", "headline"}
    assert counts.hits([WEEK], "blame", "contested") == {"denied", "both"}
    assert counts.hits([WEEK], "us_them", "any") == set()


def test_unread_families_are_in_no_figure() -> None:
    stories = [story("one", judged=False), story("two", family="f", judged=False), story("three", family="f")]
    counts = count(stories, [], [WEEK])
    assert counts.stories([WEEK]) == {"f"}
    assert counts.unread[WEEK] == {"one"}


def test_groups_stand_apart_and_contested_sentences_are_not_in_them() -> None:
    stories = [story("one"), story("two")]
    hits = [hit("one", groups=("MUS", "REF")), hit("two", groups=("MUS",), aspect="contested")]
    counts = count(stories, hits, [WEEK])
    assert counts.of_group([WEEK], "blame", "MUS") == {"one"}
    assert counts.of_group([WEEK], "blame", "REF") == {"one"}


def test_a_panel_counts_only_its_outlets() -> None:
    stories = [story("one", family="f"), story("two", family="f", outlet="b"), story("three", outlet="b")]
    counts = count(stories, [hit("two"), hit("three")], [WEEK], outlets={"a"})
    assert counts.stories([WEEK]) == {"f"}
    assert counts.hits([WEEK], "blame", "any") == set()
