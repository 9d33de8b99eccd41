"""The demonstration county through the plain pipeline: planted facts come out, and nothing twice."""

from __future__ import annotations

import re
import shutil
import sys
from collections import defaultdict
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import html

from flows import plain, stages
from flows.demo import COUNTY, WEEK, clear
from flows.main import run_cli

sys.path.append(str(Path(__file__).parent / "support"))
import county

TRUTH = county.TRUTH
FRAMES = ("us_them", "blame", "shared_story")
PLACES = ("orrenshire", "kelderby", "sallowmere", "wexmoor", "drayholt")


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    return county.plain_run(tmp_path_factory)


@pytest.fixture(scope="session")
def home(played: tuple[Path, str]) -> Path:
    return played[0]


@pytest.fixture(scope="session")
def rows(home: Path) -> dict[str, list[dict[str, object]]]:
    return county.dump(home)


@pytest.fixture(scope="session")
def week(home: Path) -> Path:
    return home / "reports" / WEEK


# What was collected


def test_the_demonstration_says_what_it_did_and_where_the_report_is(played: tuple[Path, str]) -> None:
    home, said = played
    lines = said.splitlines()
    assert lines[-1] == f"Report: {(home / 'reports' / WEEK / 'index.html').resolve()}"
    assert Path(lines[-1].removeprefix("Report: ")).is_file()
    assert [line.split(":")[0] for line in lines[1:4]] == ["16 September 2026", "5 October 2026", "2 November 2026"]
    assert sum(int(found) for found in re.findall(r"(\d+) new stories", said)) < len(TRUTH["stories"])


def test_every_planted_story_is_there_once_in_its_first_wording(rows: dict[str, list[dict[str, object]]]) -> None:
    assert {row["url"]: row["outlet"] for row in rows["story"]} == {
        one["url"]: one["outlet"] for one in TRUTH["stories"].values()
    }
    url_of = {row["story_id"]: row["url"] for row in rows["story"]}
    first = {url_of[row["story_id"]]: row["title"] for row in rows["version"] if row["number"] == 1}
    assert first == {one["url"]: one["title"] for one in TRUTH["stories"].values()}
    assert {row["text_from"] for row in rows["version"]} == {"page"}


def test_times_are_those_the_papers_printed(rows: dict[str, list[dict[str, object]]]) -> None:
    printed = {one["url"]: one["published"].replace("Z", "+00:00") for one in TRUTH["stories"].values()}
    assert {row["url"]: row["published"] for row in rows["story"]} == printed


def test_only_the_edited_story_has_two_wordings(rows: dict[str, list[dict[str, object]]]) -> None:
    wordings = defaultdict(list)
    url_of = {row["story_id"]: row["url"] for row in rows["story"]}
    for row in sorted(rows["version"], key=lambda one: int(str(one["number"]))):
        wordings[url_of[row["story_id"]]].append(row["title"])
    edited = {url: titles for url, titles in wordings.items() if len(titles) > 1}
    assert edited == {one["url"]: one["titles"] for one in TRUTH["edited"].values()}


def test_copies_are_found_and_nothing_else_is_taken_for_one(rows: dict[str, list[dict[str, object]]]) -> None:
    url_of = {row["story_id"]: row["url"] for row in rows["story"]}
    families = defaultdict(set)
    for row in rows["family"]:
        families[row["family_id"]].add(url_of[row["story_id"]])
    found = {frozenset(urls) for urls in families.values() if len(urls) > 1}
    assert found == {frozenset(urls) for urls in TRUTH["families"].values()}
    assert len(rows["family"]) == len(rows["story"])


def test_every_wording_was_read_and_the_labels_stand_on_its_text(rows: dict[str, list[dict[str, object]]]) -> None:
    assert {row["version_id"] for row in rows["reading"]} == {row["version_id"] for row in rows["version"]}
    assert {row["coder"] for row in rows["label"]} <= {row["coder"] for row in rows["coder"]}
    known = {(row["version_id"], row["unit"], row["start"], row["end"]) for row in rows["sentence"]}
    for row in rows["label"]:
        assert (row["version_id"], row["unit"], row["start"], row["end"]) in known
        assert 0.05 <= float(str(row["probability"])) <= 1.0


# What is reported


def test_the_dead_feed_is_named_and_not_taken_for_a_fall(week: Path) -> None:
    dead = TRUTH["dead_feed"]["outlet"]
    text = html.fromstring((week / "drayholt.html").read_bytes()).text_content()
    assert "Drayholt Echo" in text
    assert re.search(r"Drayholt Echo[^.]*(web page|not a feed|no feed|stopped|silent|not answer)", text), text[:3000]
    states = {row["state_now"] for row in county.table(week / "drayholt-coverage.csv") if row["outlet"] == dead}
    assert len(states) == 1
    assert states.isdisjoint({"answering", "alive", "ok"})
    heard = [row["heard"] for row in county.table(week / "drayholt-coverage.csv") if row["outlet"] == dead]
    assert heard[0] == "yes"
    assert heard[-1] != "yes"


@pytest.mark.parametrize("place", PLACES)
def test_a_figures_rows_are_its_numerator(place: str, week: Path) -> None:
    figures, evidence = (county.table(week / f"{place}-{name}.csv") for name in ("figures", "evidence"))
    families = defaultdict(set)
    for row in evidence:
        for spoken in row["counts_in"].split():
            families[row["week"], row["frame"], spoken].add(row["family_id"])
    weekly = [row for row in figures if row["window"] == "week"]
    assert {(row["frame"], row["voice"]) for row in weekly} == {
        (frame, voice) for frame in FRAMES for voice in ("any", "outlet", "contested")
    }
    assert families
    for row in weekly:
        key = row["week"], row["frame"], row["voice"]
        assert int(row["n"]) == len(families[key]) <= int(row["of"]), key
    assert set(families) <= {(row["week"], row["frame"], row["voice"]) for row in weekly}


def test_a_story_in_several_papers_is_counted_once(week: Path) -> None:
    figures = county.table(week / "orrenshire-figures.csv")
    shown = {row["week"]: int(row["of"]) for row in figures if row["window"] == "week"}
    # Not every story of a county-wide paper is placed in a district, but all are in the county.
    first_week: dict[str, str] = {}
    for row in sorted(TRUTH["stories"].values(), key=lambda one: one["published"]):
        family = next((key for key, urls in TRUTH["families"].items() if row["url"] in urls), row["url"])
        first_week.setdefault(family, row["week"])
    expected = defaultdict(int)
    for one in first_week.values():
        expected[one] += 1
    assert {week: count for week, count in shown.items() if count} == dict(expected)


def test_the_district_where_blame_doubled_is_found(week: Path) -> None:
    planted = TRUTH["blame"]["Z07000001"]
    assert planted["W39-W44"]["blame_stories"] >= 2 * planted["W33-W38"]["blame_stories"]
    found: dict[str, int] = dict.fromkeys(planted, 0)
    for row in county.table(week / "kelderby-figures.csv"):
        if (row["window"], row["frame"], row["voice"]) == ("week", "blame", "any") and row["week"] >= "2026-W33":
            found["W33-W38" if row["week"] <= "2026-W38" else "W39-W44"] += int(row["n"])
    # A coder that misses half of what was planted still shows the rise; one that finds next to nothing cannot.
    assert found["W39-W44"] >= planted["W39-W44"]["blame_stories"] / 2, found
    assert found["W39-W44"] >= 1.5 * found["W33-W38"], found


def test_an_edited_headline_is_shown_as_edited(week: Path, rows: dict[str, list[dict[str, object]]]) -> None:
    url = TRUTH["edited"]["sg-20"]["url"]
    story = next(row["story_id"] for row in rows["story"] if row["url"] == url)
    found = [row for row in county.table(week / "sallowmere-evidence.csv") if row["story_id"] == story]
    if not found:
        pytest.skip("this model does not flag the edited headline")
    assert {row["version"] for row in found} == {"1"}
    page = html.fromstring((week / "sallowmere.html").read_bytes()).text_content()
    assert re.search(r"(edited|changed|no longer)", page)


def test_pages_load_nothing_from_outside_and_link_only_to_stories(
    week: Path, rows: dict[str, list[dict[str, object]]]
) -> None:
    stories = {str(row["url"]) for row in rows["story"]}
    feeds = {str(row["url"]) for row in rows["feed"]}
    for path in week.glob("*.html"):
        tree = html.fromstring(path.read_bytes())
        assert not tree.xpath("//script | //iframe | //object | //embed | //link[@rel='stylesheet'] | //form")
        assert "default-src 'none'" in tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
        for element, attribute, link, _ in tree.iterlinks():
            if not urlsplit(link).scheme:
                assert (week / link.partition("#")[0]).exists() or link.startswith("#"), link
            elif urlsplit(link).scheme != "data":
                assert (element.tag, attribute) == ("a", "href")
                assert link in stories | feeds, link
        assert not tree.xpath("//@*[starts-with(name(), 'on')]")


def test_pages_are_cautious(week: Path) -> None:
    for path in week.glob("*.html"):
        words = html.fromstring(path.read_bytes()).text_content()
        assert "uncorrected" in words.casefold()
        assert not re.search(r"\bhate\b|\bbreach", words.casefold())


def test_no_quotation_is_longer_than_forty_words(week: Path) -> None:
    for path in week.glob("*-evidence.csv"):
        for row in county.table(path):
            words = [word for word in row["sentence"].split() if word != "…"]
            assert len(words) <= 40, path.name


# Again


def test_everything_again_adds_nothing_and_changes_no_byte(home: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    shutil.copytree(home, again)
    before, pages = county.dump(again), county.report_bytes(again)
    with county.opened(again) as (_, site, clock):
        clock.moment = site.moment = 3
        for check in plain.collect(str(again)):
            assert (check["new_stories"], check["new_versions"]) == (0, 0)
        assert plain.judge(str(again)) == 0
        stages.write_week(str(again), WEEK)
    after = county.dump(again)
    # A feed that gives the same answer a second time is "unchanged"; its visit at that moment is already noted.
    for tables in (before, after):
        for row in tables["feed"]:
            row["state"] = str(row["state"]).replace("unchanged", "alive")
    assert after == before
    assert county.report_bytes(again) == pages


def test_a_second_demonstration_takes_the_place_of_the_first(home: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    shutil.copytree(home, again)
    (again / "notes.txt").write_text("mine")
    clear(again)
    assert not (again / "store.sqlite").exists()
    assert not (again / "reports").exists()
    assert (again / "notes.txt").read_text() == "mine"
    with county.opened(again, region=county.DRAYHOLT) as (_, site, clock):
        clock.moment = site.moment = 1
        assert sum(check["new_stories"] for check in plain.collect(str(again))) > 0


def test_a_folder_of_someone_elses_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work")
    assert run_cli(["--home", str(tmp_path), "demo", "--plain", "--no-open"]) == 2
    assert "holds no earlier demonstration" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["thesis.txt"]


def test_a_real_workspace_is_not_wiped_by_the_demonstration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["--home", str(tmp_path), "init", "Leeds", "--no-pages", "--contact", COUNTY]) == 0
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert run_cli(["--home", str(tmp_path), "demo", "--plain", "--no-open"]) == 2
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    capsys.readouterr()
