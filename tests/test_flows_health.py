"""Half a year of an invented valley: what is noted, what is told, and that a dead feed is not taken for a fall."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from corpora.catalogue import Catalogue
from corpora.coding import FeedCheck, FeedMemory
from corpora.errors import BadInput, NotReady, UnknownRegion
from corpora.health import bounds, earlier, in_force, weeks_between
from corpora.records import Feed, FeedState, Outlet, Region, Story
from corpora.store import Store
from corpora.store import health as kept
from flows.bench import Bench, close_benches, put_bench
from flows.cli_health import health
from flows.cli_work import PARTIAL
from flows.health import note_health
from flows.settings import Workspace

WEEKS = weeks_between("2026-W20", "2026-W41")
LAST = WEEKS[-1]
NOW = bounds(LAST)[1] + timedelta(hours=6, minutes=30)
MEMORY = FeedMemory(etag="", last_modified="", body_hash="", alive_at=None)
SLUGS = ("orren-echo", "orren-post", "tarn-mail", "fell-news")
HERE, THERE = "Z07000001", "Z07000002"


def valley() -> Catalogue:
    regions = [
        Region(gss="Z92000001", name="Orrenland", tier="nation", parent=""),
        Region(gss="TLZ", name="Orr Valley", tier="itl1", parent="Z92000001"),
        Region(gss=HERE, name="Kelderby", tier="lad", parent="TLZ"),
        Region(gss=THERE, name="Wexmoor", tier="lad", parent="TLZ"),
    ]
    outlets = [
        Outlet(
            slug=slug,
            title=slug.replace("-", " ").title(),
            owner="",
            homepage="",
            areas=(THERE,) if slug == "fell-news" else (HERE,),
            feeds=(Feed(url=f"https://{slug}.test/rss", outlet=slug, certainty="A"),),
        )
        for slug in SLUGS
    ]
    return Catalogue(
        regions={one.gss: one for one in regions},
        counties={},
        outlets={one.slug: one for one in outlets},
        old_codes={},
    )


class Valley:
    """Fills a store, week by week, through its own methods."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.dice = np.random.default_rng(4)
        self.n = 0

    def visit(self, slug: str, week: str, state: FeedState = "alive", **more: int) -> None:
        start, _ = bounds(week)
        for day in range(0, 7, 2):
            at = start + timedelta(days=day, hours=7)
            check = FeedCheck(url=f"https://{slug}.test/rss", outlet=slug, at=at, state=state, **more)
            self.store.save_check(check, MEMORY)

    def publish(self, slug: str, week: str, count: int, *, box: str = "", outcome: str = "story") -> None:
        start, end = bounds(week)
        for one in range(count):
            self.n += 1
            at = start + (end - start) * (one + 0.5) / count
            at = at.replace(microsecond=0)
            words = " ".join(f"word{int(at)}" for at in self.dice.integers(0, 5000, 150))
            story = Story(
                url=f"https://{slug}.test/{self.n}",
                outlet=slug,
                published=at,
                published_trusted=True,
                first_seen=at + timedelta(minutes=20),
                title=f"Story {self.n}",
                text=f"At the mill number {self.n} was read out.\n{words}.{box}",
                text_from="page" if outcome == "story" else "feed",
            )
            area = THERE if slug == "fell-news" else HERE
            self.store.save_entry(
                key=f"k{self.n}",
                entry_hash="w",
                outlet=slug,
                outcome=outcome,
                found=story,
                areas=[(area, "outlet_area")],
            )

    def usual(self, slug: str, week: str) -> None:
        self.visit(slug, week)
        self.publish(slug, week, 12 + int(self.dice.integers(0, 4)))


BOX = "".join(
    f"\nBox {n} of the new page asks readers to share and subscribe, and to read other stories." for n in range(9)
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dead feed (tarn-mail, since week 39), flood (orren-post, week 41), a new page template (fell-news, week 41)."""
    home = tmp_path_factory.mktemp("valley")
    with Store(home / "store.sqlite") as store:
        made = Valley(store)
        for week in WEEKS:
            made.usual("orren-echo", week)
            if week < "2026-W39":
                made.usual("tarn-mail", week)
            else:
                made.visit("tarn-mail", week, "not_a_feed")
            if week < LAST:
                made.usual("orren-post", week)
                made.usual("fell-news", week)
        made.visit("orren-post", LAST)
        made.publish("orren-post", LAST, 140)
        made.visit("fell-news", LAST, new_stories=14, thin=7)
        made.publish("fell-news", LAST, 14, box=BOX)
        # As if it had been noted each Monday.
        for week in [*WEEKS[1:], earlier(LAST, -1)]:
            note_health(store, valley(), bounds(week)[0] + timedelta(hours=6))
    return home


@pytest.fixture
def home(filled: Path) -> Iterator[Path]:
    workspace = Workspace(home=filled, regions=(HERE,), pages=True, contact="press@example.org")
    made = Bench(workspace=workspace, clock=lambda: NOW)
    made.__dict__["catalogue"] = valley()
    put_bench(made)
    yield filled
    close_benches()


@pytest.fixture
def store(filled: Path) -> Iterator[Store]:
    with Store(filled / "store.sqlite") as opened:
        yield opened


def everything(store: Store) -> list[Any]:
    return [
        kept.feed_weeks(store, WEEKS),
        kept.outlet_weeks(store, first=WEEKS[0], last=LAST),
        kept.region_weeks(store, WEEKS),
        kept.alarms(store, last=LAST),
    ]


def test_what_went_wrong_is_noticed_and_nothing_else(store: Store) -> None:
    told = {(one.outlet, one.kind): one for one in kept.alarms(store, last=LAST)}
    assert told.keys() == {
        ("tarn-mail", "fell_silent"),
        ("orren-post", "flood"),
        ("fell-news", "quality_fell"),
    }
    silent = told["tarn-mail", "fell_silent"]
    assert silent.week == "2026-W39"
    assert silent.since.isoformat() in {"2026-09-20", "2026-09-21", "2026-09-22"}
    assert told["orren-post", "flood"].week == LAST
    assert told["fell-news", "quality_fell"].part == "repeated"
    assert [one.outlet for one in in_force(told.values(), LAST)] == ["fell-news", "orren-post", "tarn-mail"]


def test_every_week_is_there_and_noting_again_changes_nothing(store: Store) -> None:
    before = everything(store)
    feeds, outlets, regions, _ = before
    assert len(feeds) == len(WEEKS) * 4
    assert len(outlets) == len(WEEKS) * 4
    assert {one.gss for one in regions} == {"Z92000001", "TLZ", HERE, THERE}
    note_health(store, valley(), NOW)
    note_health(store, valley(), NOW)
    assert everything(store) == before


def test_a_region_is_the_sum_of_what_was_heard_of_it(store: Store) -> None:
    here = {one.gss: one for one in kept.region_weeks(store, [LAST])}
    assert (here[HERE].outlets, here[HERE].reporting, here[HERE].silent) == (3, 2, 1)
    assert (here[HERE].feeds, here[HERE].failing) == (3, 1)
    assert (here[THERE].outlets, here[THERE].silent) == (1, 0)
    assert here["TLZ"].stories == here["Z92000001"].stories == here[HERE].stories + here[THERE].stories


def test_what_was_measured_stays_when_texts_are_gone(tmp_path: Path) -> None:
    with Store(tmp_path / "store.sqlite") as store:
        made = Valley(store)
        for week in WEEKS[:3]:
            made.usual("orren-echo", week)
        until = bounds(WEEKS[3])[0] + timedelta(hours=6)
        note_health(store, valley(), until)
        before = kept.outlet_weeks(store, first=WEEKS[0], last=WEEKS[2])
        assert all(one.measured == one.stories for one in before)
        while store.let_texts_go(now=until + timedelta(days=365), days=90):
            pass
        note_health(store, valley(), until)
        assert kept.outlet_weeks(store, first=WEEKS[0], last=WEEKS[2]) == before


def test_a_store_without_visits_is_left_alone(tmp_path: Path) -> None:
    with Store(tmp_path / "store.sqlite") as store:
        assert note_health(store, valley(), NOW) == []
        assert store.note(kept.NOTED) is None


def test_weeks_in_which_nobody_asked_are_not_noted_as_silent(tmp_path: Path) -> None:
    with Store(tmp_path / "store.sqlite") as store:
        made = Valley(store)
        for week in [*WEEKS[:12], *WEEKS[15:]]:
            made.usual("orren-echo", week)
        for week in WEEKS[1:]:
            note_health(store, valley(), bounds(week)[0] + timedelta(hours=6))
        noted = [one.week for one in kept.outlet_weeks(store, first=WEEKS[0], last=WEEKS[-2])]
        assert [week for week in WEEKS[:-1] if week not in noted] == WEEKS[12:15]
        assert kept.alarms(store, last=LAST) == []


def test_a_pause_of_the_program_is_made_up_for(tmp_path: Path) -> None:
    with Store(tmp_path / "store.sqlite") as store:
        made = Valley(store)
        for week in WEEKS[:8]:
            made.usual("orren-echo", week)
        note_health(store, valley(), bounds(WEEKS[1])[0] + timedelta(hours=30))
        note_health(store, valley(), bounds(WEEKS[8])[0] + timedelta(hours=6))
        rows = kept.outlet_weeks(store, first=WEEKS[0], last=WEEKS[7])
        assert [one.week for one in rows] == WEEKS[:8]
        assert all(one.stories >= 12 for one in rows)


# The command


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(health, arguments, obj=home, standalone_mode=False)


def test_the_page_says_what_is_wrong_and_what_to_do(home: Path) -> None:
    ended = run(home)
    assert ended.exception is None
    assert ended.return_value == PARTIAL
    said = ended.output
    assert "Week 2026-W41, 5 to 11 October 2026" in said
    assert "Kelderby: 2 of 3 outlets reported, 2 of 3 feeds that were asked worked" in said
    assert "Tarn Mail: Its feed answered with a web page instead of a feed (all 4 times it was asked)." in said
    assert "Find the feed's new address" in said
    assert "Tarn Mail: It has sent no story since about 2" in said
    assert "Orren Post: Since about 5 October 2026 it has sent about 140 stories a week, where about 1" in said
    assert "Fell News" not in said
    row = next(line for line in said.splitlines() if line.startswith("Orren Post"))
    assert row.split()[2:6] == ["orren-post.test/rss", "4", "4", "0"]


def test_another_region_and_week_may_be_asked_for(home: Path) -> None:
    there = run(home, "--region", "Wexmoor")
    assert there.return_value == PARTIAL
    assert "the same paragraphs stand in story after story" in there.output
    assert "14 new stories" not in there.output.replace("56 new stories", "")
    assert "pages held no article text" in there.output
    before = run(home, "--week", "2026-W30")
    assert before.return_value == 0
    assert "Nothing is wrong." in before.output
    several = run(home, "--week", "2026-W40", "--weeks", "3")
    assert [line[:13] for line in several.output.splitlines() if line.startswith("Week ")] == [
        "Week 2026-W38",
        "Week 2026-W39",
        "Week 2026-W40",
    ]
    assert several.return_value == PARTIAL


def test_what_cannot_be_shown_is_said(home: Path) -> None:
    unknown = run(home, "--week", "2026-W02").exception
    assert isinstance(unknown, NotReady)
    assert unknown.message == "Nothing is known of week 2026-W02: no feed was asked in time."
    assert "2026-W01 to 2026-W02" in str(run(home, "--week", "2026-W02", "--weeks", "2").exception)
    assert isinstance(run(home, "--week", "2026-W99").exception, BadInput)
    assert isinstance(run(home, "--region", "Atlantis").exception, UnknownRegion)


# The report


def test_the_report_says_what_the_week_cannot_say(store: Store) -> None:
    from reports.coverage import coverage, silences
    from reports.weeks import Week, weeks_back

    catalogue, week = valley(), Week.parse(LAST)
    region = catalogue.regions["TLZ"]
    shown = weeks_back(week, 6)
    since, until = shown[0].start, shown[-1].end
    rows = coverage(
        catalogue.outlets_for(region),
        store.published([HERE, THERE], since=since, until=until, coder="model:x-0"),
        store.checks([feed for one in catalogue.outlets.values() for feed in one.feeds], since=since, until=until),
        shown,
        inside=[HERE, THERE],
        alarms=kept.alarms(store, last=week.label),
    )
    said = {one.split(":")[0]: one for one in silences(rows, week)}
    assert "silence here is not a fall" in said["Tarn Mail"]
    assert "It has sent no story since about 2" in said["Tarn Mail"]
    assert "may be this one outlet" in said["Orren Post"]
    assert "read less well since about 5 October 2026" in said["Fell News"]
    assert "Orren Echo" not in said
    assert replace(rows[0], findings=()).found_in(week) == ""
