"""Asking every feed once: what each kind of answer is called, and that nothing a stranger does ends the survey."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.fetch import Fetcher
from corpora.probe import (
    FAILED,
    READABLE,
    SILENT_AFTER,
    STATES,
    FeedProbe,
    ProbeTools,
    probe_all,
    probe_feed,
    read_probes,
    write_probes,
)
from corpora.records import Feed
from corpora.robots import Robots
from corpora.workers import ParserWorker

NOW = datetime(2026, 10, 5, 8, tzinfo=UTC)
AGENT = "sharedstory-test/0 (+https://example.org)"


def feed_of(url: str, outlet: str = "orren-echo") -> Feed:
    return Feed(url=url, outlet=outlet, certainty="A")


def rss(*dates: datetime | str | None) -> str:
    items = []
    for number, moment in enumerate(dates):
        written = format_datetime(moment) if isinstance(moment, datetime) else moment
        date = f"<pubDate>{written}</pubDate>" if written else ""
        link = f"http://www.orren-echo.test/{number}"
        items.append(f"<item><title>Story {number}</title><link>{link}</link>{date}</item>")
    return f"<rss version='2.0'><channel><title>Orren Echo</title>{''.join(items)}</channel></rss>"


@pytest.fixture
def tools(make_fetcher: Callable[..., Fetcher], parser: ParserWorker) -> ProbeTools:
    fetcher = make_fetcher(seconds=2.0)
    return ProbeTools(fetcher=fetcher, robots=Robots(fetcher, user_agent=AGENT), parser=parser, clock=lambda: NOW)


def ask(internet: Any, tools: ProbeTools, answer: Any, before: FeedProbe | None = None) -> FeedProbe:
    internet.answers["/rss"] = answer
    return probe_feed(feed_of(internet.url("/rss")), tools, before)


# One feed


def test_a_feed_with_fresh_items_is_alive(internet: Any, servers: ModuleType, tools: ProbeTools) -> None:
    body = rss(NOW - timedelta(hours=3), NOW - timedelta(days=2))
    found = ask(internet, tools, servers.http(body, content_type="application/rss+xml", etag='"7"'))
    assert (found.state, found.detail, found.items, found.dated) == ("alive", "", 2, 2)
    assert found.newest == NOW - timedelta(hours=3)
    assert found.last_check == NOW
    assert found.dates_trusted
    assert found.etag == '"7"'


def test_the_next_time_costs_a_304_and_keeps_what_was_known(
    internet: Any, servers: ModuleType, tools: ProbeTools
) -> None:
    def answer(connection: Any, request: Any) -> None:
        same = request.headers.get("if-none-match") == '"7"'
        body = servers.http(status="304 Not Modified") if same else servers.http(rss(NOW), etag='"7"')
        connection.sendall(body)

    first = ask(internet, tools, answer)
    later = replace(tools, clock=lambda: NOW + timedelta(days=1))
    second = ask(internet, later, answer, first)
    assert (first.state, second.state) == ("alive", "unchanged")
    assert (second.items, second.newest, second.etag) == (first.items, first.newest, first.etag)
    assert second.last_check == NOW + timedelta(days=1)


def test_a_304_nobody_asked_for_is_no_sign_of_life(internet: Any, servers: ModuleType, tools: ProbeTools) -> None:
    found = ask(internet, tools, servers.http(status="304 Not Modified"))
    assert found.state == "refused"
    assert found.state in FAILED


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("403 Forbidden", "blocked"),
        ("401 Unauthorized", "blocked"),
        ("451 Unavailable", "blocked"),
        ("404 Not Found", "gone"),
        ("410 Gone", "gone"),
        ("429 Too Many Requests", "unreachable"),
        ("500 Oops", "unreachable"),
        ("503 Busy", "unreachable"),
    ],
)
def test_refusals_have_their_names(
    status: str, state: str, internet: Any, servers: ModuleType, tools: ProbeTools
) -> None:
    found = ask(internet, tools, servers.http(rss(NOW), status=status))
    assert found.state == state
    assert status.split(maxsplit=1)[0] in found.detail
    assert (found.items, found.newest) == (0, None)


@pytest.mark.parametrize("code", [301, 308])
def test_a_feed_that_moved_says_where_to(code: int, internet: Any, servers: ModuleType, tools: ProbeTools) -> None:
    internet.answers["/new"] = servers.http(rss(NOW))
    found = ask(internet, tools, servers.moved("/new", code))
    assert (found.state, found.moved_to, found.items) == ("moved", internet.url("/new"), 1)
    assert internet.url("/new") in found.detail


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ("<!DOCTYPE html><html><body><h1>Welcome</h1></body></html>", "not_a_feed"),
        ('{"items": []}', "not_a_feed"),
        ("", "not_a_feed"),
        ("<?xml version='1.0'?><sitemap></sitemap>", "not_a_feed"),
        ("<!DOCTYPE x [<!ENTITY a 'aaa'>]><rss version='2.0'></rss>", "not_a_feed"),
        (rss(), "silent"),
    ],
)
def test_what_is_no_feed_and_what_is_an_empty_one(
    body: str, state: str, internet: Any, servers: ModuleType, tools: ProbeTools
) -> None:
    found = ask(internet, tools, servers.http(body))
    assert found.state == state
    assert found.detail


def test_a_page_that_a_feed_was_moved_to_is_no_feed(internet: Any, servers: ModuleType, tools: ProbeTools) -> None:
    internet.answers["/"] = servers.http("<html><body>Home</body></html>")
    assert ask(internet, tools, servers.moved("/", 301)).state == "not_a_feed"


@pytest.mark.parametrize(
    ("age", "state"), [(SILENT_AFTER - timedelta(hours=1), "alive"), (SILENT_AFTER + timedelta(hours=1), "silent")]
)
def test_a_feed_left_behind_is_silent(
    age: timedelta, state: str, internet: Any, servers: ModuleType, tools: ProbeTools
) -> None:
    assert ask(internet, tools, servers.http(rss(NOW - age))).state == state


@pytest.mark.parametrize(
    ("dates", "dated", "trusted"),
    [
        ([NOW] * 10, 10, True),
        ([NOW] * 9 + [None], 9, True),
        ([NOW] * 8 + [None] * 2, 8, False),
        ([None, "soon", "Thu, 01 Jan 1970 00:00:00 GMT", NOW + timedelta(days=3)], 0, False),
    ],
)
def test_dates_are_trusted_only_where_nearly_all_can_be_believed(  # noqa: PLR0917 (fixtures)
    dates: list[Any], dated: int, trusted: bool, internet: Any, servers: ModuleType, tools: ProbeTools
) -> None:
    found = ask(internet, tools, servers.http(rss(*dates)))
    assert (found.items, found.dated, found.dates_trusted) == (len(dates), dated, trusted)
    assert found.state == "alive"


@pytest.mark.parametrize("kind", ["silence", "drip", "hang_up", "garbage"])
def test_slow_and_broken_servers_are_unreachable_in_time(
    kind: str, internet: Any, servers: ModuleType, tools: ProbeTools
) -> None:
    answers = {
        "silence": servers.silence,
        "drip": servers.drip(b"x" * 500, before=b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
        "hang_up": servers.hang_up,
        "garbage": servers.chunked_garbage,
    }
    assert ask(internet, tools, answers[kind]).state == "unreachable"


def test_robots_are_asked_and_obeyed(internet: Any, servers: ModuleType, tools: ProbeTools) -> None:
    internet.answers["/robots.txt"] = servers.http("User-agent: *\nDisallow: /rss", content_type="text/plain")
    found = ask(internet, tools, servers.http(rss(NOW)))
    assert (found.state, "robots" in found.detail) == ("refused", True)
    assert internet.hits["/rss"] == 0


def test_an_address_inside_is_refused(intranet: Any, tools: ProbeTools) -> None:
    assert probe_feed(feed_of(intranet.url("/rss")), tools).state == "refused"


def test_a_parser_that_breaks_is_one_line_of_the_table(internet: Any, servers: ModuleType, tools: ProbeTools) -> None:
    class Broken:
        def parse_feed(self, body: bytes, *, content_type: str, url: str) -> Any:
            raise RecursionError(content_type)

        def extract_page(self, body: bytes, *, url: str) -> Any:
            raise NotImplementedError

    found = ask(internet, replace(tools, parser=Broken()), servers.http(rss(NOW)))
    assert (found.state, found.detail) == ("refused", "It broke the program (RecursionError).")


# All feeds


def test_every_feed_has_one_answer_and_is_asked_once(internet: Any, servers: ModuleType, tools: ProbeTools) -> None:
    for number in range(12):
        internet.answers[f"/{number}"] = servers.http(rss(NOW))
    internet.answers["/3"] = servers.hang_up
    internet.answers["/4"] = servers.http(status="410 Gone")
    feeds = [feed_of(internet.url(f"/{number}"), f"outlet-{number}") for number in range(12)]
    found = {one.url: one for one in probe_all(feeds, tools, {}, publisher=lambda feed: feed.url[-1], at_once=4)}
    assert found.keys() == {feed.url for feed in feeds}
    assert [internet.hits[f"/{number}"] for number in range(12)] == [1] * 12
    assert internet.hits["/robots.txt"] == 1
    states = [found[feed.url].state for feed in feeds]
    assert states[3:5] == ["unreachable", "gone"]
    assert set(states[:3] + states[5:]) == {"alive"}


def test_one_publisher_is_asked_one_feed_at_a_time(internet: Any, servers: ModuleType, tools: ProbeTools) -> None:
    inside, most = set[str](), list[int]()
    lock = threading.Lock()

    def slow(connection: Any, request: Any) -> None:
        with lock:
            inside.add(request.target)
            most.append(len(inside))
        threading.Event().wait(0.05)
        with lock:
            inside.discard(request.target)
        connection.sendall(servers.http(rss(NOW)))

    feeds = []
    for number in range(4):
        internet.answers[f"/{number}"] = slow
        feeds.append(feed_of(internet.url(f"/{number}")))
    assert len(list(probe_all(feeds, tools, {}, publisher=lambda _: "one publisher"))) == 4
    assert max(most) == 1


def test_the_pause_between_two_requests_to_a_host_is_kept(
    internet: Any, servers: ModuleType, make_fetcher: Callable[..., Fetcher], parser: ParserWorker
) -> None:
    from corpora.fetch import Limits

    waits: list[float] = []
    fetcher = make_fetcher(limits=Limits(pause_seconds=2.0), sleep=waits.append)
    polite = ProbeTools(fetcher=fetcher, robots=Robots(fetcher, user_agent=AGENT), parser=parser, clock=lambda: NOW)
    feeds = []
    for number in range(3):
        internet.answers[f"/{number}"] = servers.http(rss(NOW))
        feeds.append(feed_of(internet.url(f"/{number}")))
    assert [one.state for one in probe_all(feeds, polite, {})] == ["alive"] * 3
    assert len(waits) == 3, "three feeds after one robots.txt"
    assert all(wait > 1.0 for wait in waits)


def test_closed_early_it_asks_no_further_feed(internet: Any, servers: ModuleType, tools: ProbeTools) -> None:
    feeds = []
    for number in range(50):
        internet.answers[f"/{number}"] = servers.http(rss(NOW))
        feeds.append(feed_of(internet.url(f"/{number}")))
    with closing(probe_all(feeds, tools, {}, publisher=lambda _: "one")) as asking:
        next(asking)
    asked = sum(internet.hits[f"/{number}"] for number in range(50))
    assert asked < 50
    assert not [one for one in threading.enumerate() if one.name.startswith("probe")]


# The file


def test_answers_survive_the_file(tmp_path: Path) -> None:
    one = FeedProbe(
        url="http://x.test/rss",
        outlet="x",
        last_check=NOW,
        state="moved",
        detail="It answers from “elsewhere”.",
        moved_to="http://y.test/rss",
        items=3,
        newest=NOW,
        dated=2,
        etag='W/"1"',
    )
    other = FeedProbe(url="http://z.test/rss", outlet="z", last_check=NOW, state="gone")
    path = tmp_path / "deep" / "probe.json"
    write_probes(path, {item.url: item for item in (one, other)})
    assert read_probes(path) == {one.url: one, other.url: other}
    assert [item.name for item in path.parent.iterdir()] == ["probe.json"]
    row = json.loads(path.read_text(encoding="utf-8"))["feeds"][0]
    assert (row["last_check"], row["dates_trusted"]) == ("2026-10-05T08:00:00+00:00", False)


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "null", "{}", '{"version": 2, "feeds": []}', '{"version": 1, "feeds": [1]}', '{"version": 1}',
        '{"version": 1, "feeds": [{"url": "x"}]}', "[" * 100_000, "\x00",
    ],
)  # fmt: skip
def test_a_damaged_file_is_as_good_as_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "probe.json").write_text(text, encoding="utf-8")
    assert read_probes(tmp_path / "probe.json") == {}


def test_no_file_is_no_memory(tmp_path: Path) -> None:
    assert read_probes(tmp_path / "none.json") == {}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_no_row_whatever_is_in_it_breaks_the_reading(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "hostile.json"
    row = dict.fromkeys(FeedProbe.__dataclass_fields__, value)
    path.write_text(json.dumps({"version": 1, "feeds": [row, value]}), encoding="utf-8")
    assert read_probes(path) == {}


def test_a_state_is_readable_failed_or_silent() -> None:
    assert set(STATES) == READABLE | FAILED | {"silent"}
    assert not READABLE & FAILED
