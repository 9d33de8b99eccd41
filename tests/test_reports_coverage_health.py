"""What was noticed of an outlet stands among what cannot be said, in words that do not call it a change of content."""

from __future__ import annotations

import re
from datetime import date, timedelta
from types import SimpleNamespace
from typing import get_args

import pytest

from corpora.coding import FeedCheck, PublishedStory
from corpora.health import Alarm, AlarmKind
from corpora.records import Feed, Outlet
from reports.coverage import OutletCoverage, coverage, finding_words, silences
from reports.page import _environment
from reports.weeks import Week, weeks_back

WEEKS = weeks_back(Week(2026, 44), 6)
LAST = WEEKS[-1]
KINDS: tuple[AlarmKind, ...] = ("fell_silent", "fell", "rose", "flood", "came_back", "quality_fell")


def alarm(kind: AlarmKind, *, outlet: str = "mail", week: Week = LAST, **more: object) -> Alarm:
    facts = {"before": 31.2, "after": 12.4, "p": 0.0001, "part": "repeated" if kind == "quality_fell" else ""}
    return Alarm(outlet=outlet, week=week.label, kind=kind, since=date(2026, 10, 14), **{**facts, **more})  # type: ignore[arg-type]


def outlet(slug: str, title: str = "") -> Outlet:
    feed = Feed(url=f"https://{slug}.example/rss", outlet=slug, certainty="A")
    return Outlet(slug=slug, title=title or slug.title(), owner="", homepage="", areas=("E07000991",), feeds=(feed,))


def story(slug: str, week: Week) -> PublishedStory:
    return PublishedStory(
        story_id=f"{slug}{week.label}",
        family_id=f"{slug}{week.label}",
        outlet=slug,
        url="https://x.example/",
        title="t",
        published=week.start + timedelta(hours=3),
        published_trusted=True,
        text_from="page",
        versions=1,
        judged=True,
    )


def rows(
    speaking: tuple[str, ...], mute: tuple[str, ...] = (), alarms: tuple[Alarm, ...] = (), title: str = ""
) -> tuple[OutletCoverage, ...]:
    made = [outlet(slug, title if slug == "mail" else "") for slug in (*speaking, *mute)]
    told = [story(slug, week) for slug in speaking for week in WEEKS] + [story(slug, WEEKS[0]) for slug in mute]
    checks = [
        FeedCheck(
            url=f"https://{slug}.example/rss", outlet=slug, at=week.start, state="alive" if slug in speaking else "gone"
        )
        for slug in (*speaking, *mute)
        for week in WEEKS
    ]
    return coverage(made, told, checks, WEEKS, inside=["E07000991"], alarms=alarms)


def test_every_kind_of_alarm_has_its_words() -> None:
    assert set(KINDS) == set(get_args(AlarmKind))
    said = {kind: finding_words(alarm(kind)) for kind in KINDS}
    assert said["fell"] == (
        "Since about 14 October 2026 it has sent about 12 stories a week, where about 31 stories were usual. "
        "Fewer flagged stories may come from that alone."
    )
    assert said["fell_silent"].startswith(
        "It has sent no story since about 14 October 2026, where about 31 stories a week were usual."
    )
    assert "may be this one outlet" in said["flood"]
    assert "the same paragraphs stand in story after story" in said["quality_fell"]
    for one in said.values():
        assert one.endswith(".")
        assert not re.search(r"\b(hate|breach|bias|rank|worst|best|always|proves?|never)\b", one)
        assert re.search(r"\bmay\b", one), "nothing is claimed of what an outlet writes"


@pytest.mark.parametrize(
    ("level", "words"),
    [(0.2, "hardly a story was"), (1.2, "about one story was"), (1234.5, "about 1,234 stories were")],
)
def test_levels_are_said_as_people_say_them(level: float, words: str) -> None:
    assert words in finding_words(alarm("fell", before=level))


def test_an_outlet_that_sends_too_much_is_named_though_it_speaks() -> None:
    heard = rows(("mail", "echo", "post"), alarms=(alarm("flood", after=400.0),))
    (said,) = silences(heard, LAST)
    assert said.startswith("Mail: since about 14 October 2026 it has sent about 400 stories a week, where about 31")
    assert silences(heard, WEEKS[-2]) == (), "the week before knew nothing of it"


def test_silence_and_its_alarm_are_one_sentence_after_the_other() -> None:
    heard = rows(("echo", "post", "herald"), ("mail",), alarms=(alarm("fell_silent"),))
    (said,) = silences(heard, LAST)
    assert said.startswith("Mail: has held nothing at its address since ")
    assert "silence here is not a fall. " in said
    assert said.endswith("A fall of any figure may be that silence.")


def test_where_many_are_silent_the_region_is_told_of_first() -> None:
    first, *others = silences(rows(("echo", "post"), ("mail", "herald")), LAST)
    assert first.startswith("2 of the 4 outlets followed here cannot speak for week 44.")
    assert len(others) == 2
    assert len(silences(rows(("echo", "post", "star", "sun"), ("mail",)), LAST)) == 1, "one of five is named only"


def test_the_table_shows_it_beside_the_outlet_and_escapes_its_name() -> None:
    heard = rows(("mail", "echo"), alarms=(alarm("quality_fell"),), title="<b>Mail</b>")
    report = SimpleNamespace(coverage=heard, weeks=WEEKS, week=LAST)
    template = _environment().from_string("{% from 'parts.html' import coverage_table %}{{ coverage_table(report) }}")
    page = template.render(report=report)
    assert page.count("read less well since about 14 October 2026") == 1
    assert "<b>Mail" not in page
    assert "feed answering. Its pages have been read" in page


def test_without_alarms_nothing_is_added() -> None:
    assert silences(rows(("mail", "echo")), LAST) == ()
    assert all(row.findings == () for row in rows(("mail",)))
