"""Silence and its reasons: what an outlet's missing stories may and may not mean."""

from __future__ import annotations

from datetime import datetime, timedelta

from corpora.coding import FeedCheck, PublishedStory
from corpora.records import Feed, FeedState, Outlet
from reports.coverage import OutletCoverage, coverage, reporting, silences, week_list
from reports.weeks import Week, weeks_back

WEEKS = weeks_back(Week(2026, 44), 4)


def outlet(slug: str, feeds: int = 1, areas: tuple[str, ...] = ("E07000991",)) -> Outlet:
    return Outlet(
        slug=slug,
        title=slug.title(),
        owner="",
        homepage="",
        areas=areas,
        feeds=tuple(Feed(url=f"https://{slug}.example/{at}", outlet=slug, certainty="A") for at in range(feeds)),
    )


def stories(slug: str, *weeks: Week) -> list[PublishedStory]:
    return [
        PublishedStory(
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
        for week in weeks
    ]


def check(slug: str, at: datetime, state: FeedState, feed: int = 0) -> FeedCheck:
    return FeedCheck(url=f"https://{slug}.example/{feed}", outlet=slug, at=at, state=state)


def one(slug: str, made: list[PublishedStory], checks: list[FeedCheck], feeds: int = 1) -> OutletCoverage:
    return coverage([outlet(slug, feeds)], made, checks, WEEKS, inside=["E07000991"])[0]


def test_a_feed_that_turned_into_a_web_page_is_named_with_its_date() -> None:
    checks = [check("mail", week.start, "alive" if at < 2 else "not_a_feed") for at, week in enumerate(WEEKS)]
    row = one("mail", stories("mail", *WEEKS[:2]), checks)
    assert row.state == "failing"
    assert row.words == ("answered with a web page instead of a feed since 19 October 2026: silence here is not a fall")
    assert row.silent == WEEKS[2:]
    assert row.alive_at == WEEKS[1].start
    assert not row.speaks_for(WEEKS[3])


def test_an_answering_feed_without_stories_is_silent_too_but_said_differently() -> None:
    row = one("mail", stories("mail", *WEEKS[:3]), [check("mail", week.start, "unchanged") for week in WEEKS])
    assert row.silent == (WEEKS[3],)
    assert row.words == "feed answering, but it carried no story dated in this week"


def test_weeks_before_the_first_story_are_not_silence() -> None:
    row = one("mail", stories("mail", WEEKS[2], WEEKS[3]), [check("mail", WEEKS[3].start, "alive")])
    assert row.unheard == WEEKS[:2]
    assert row.silent == ()
    assert not row.speaks_for(WEEKS[0])


def test_a_feed_that_never_worked_is_silent_from_its_first_failed_visit() -> None:
    row = one("mail", [], [check("mail", WEEKS[1].start, "blocked"), check("mail", WEEKS[2].start, "blocked")])
    assert row.silent == WEEKS[1:3]
    assert row.alive_at is None
    assert row.words.startswith("has turned feed readers away since 12 October 2026")


def test_one_broken_feed_of_two_is_said_as_partly() -> None:
    checks = [check("mail", WEEKS[3].start, "alive"), check("mail", WEEKS[3].start, "gone", feed=1)]
    row = one("mail", stories("mail", *WEEKS), checks, feeds=2)
    assert row.state == "partly"
    assert row.words.startswith("1 of its 2 feeds does not work: has held nothing at its address since")


def test_a_mended_feed_is_not_called_broken() -> None:
    checks = [check("mail", WEEKS[1].start, "unreachable"), check("mail", WEEKS[2].start, "alive")]
    assert one("mail", stories("mail", *WEEKS), checks).words == "feed answering"


def test_the_panel_is_the_outlets_that_speak_for_every_week() -> None:
    both = [outlet("mail"), outlet("echo")]
    rows = coverage(both, [*stories("mail", *WEEKS), *stories("echo", *WEEKS[:3])], [], WEEKS, inside=["E07000991"])
    assert [row.title for row in rows] == ["Echo", "Mail"]
    assert reporting(rows, WEEKS) == {"mail"}
    assert reporting(rows, WEEKS[:3]) == {"mail", "echo"}
    assert [said.split(":")[0] for said in silences(rows, WEEKS[3])] == ["Echo"]


def test_wide_outlets_are_counted_by_the_areas_outside() -> None:
    wide = coverage([outlet("mail", areas=("E07000991", "E07000995"))], [], [], WEEKS, inside=["E07000991"])
    assert wide[0].wide == 1


def test_weeks_in_words() -> None:
    assert week_list([WEEKS[3]]) == "week 44"
    assert week_list(WEEKS) == "weeks 41 to 44"
    assert week_list([WEEKS[0], WEEKS[2], WEEKS[3]]) == "weeks 41 and 43 to 44"
    assert week_list([]) == "none"
