"""What publishers reserve from text and data mining is left alone, recorded and told; nothing hostile in it matters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.fetch import Fetcher
from corpora.optout import OptOuts, fits, is_reserved, read_tdmrep, reserves_text
from corpora.records import Fetched
from corpora.robots import Robots, miners

AGENT = "sharedstory/0.1 (+https://example.org)"
NOW = datetime(2026, 8, 3, 6, tzinfo=UTC)
ALL = '[{"location": "/*", "tdm-reservation": 1, "tdm-policy": "https://x.test/policy"}]'
KEPT_OUT = "User-agent: *\nAllow: /\n\nUser-agent: GPTBot\nUser-agent: CCBot\nDisallow: /"


@pytest.fixture
def ask(internet: Any, make_fetcher: Callable[..., Fetcher]) -> Callable[..., OptOuts]:
    def made(clock: Callable[[], datetime] = lambda: NOW) -> OptOuts:
        fetcher = make_fetcher(routes={"a.test": internet.pair, "b.test": internet.pair}, clock=clock)
        return OptOuts(fetcher, Robots(fetcher, user_agent=AGENT))

    return made


# The files


@pytest.mark.parametrize(
    ("pattern", "path", "fit"),
    [
        ("/", "/news/1", True),
        ("/news", "/news/1", True),
        ("/news", "/sport", False),
        ("/*", "/a", True),
        ("*", "/a", True),
        ("/*.html", "/a/b.html?x", True),
        ("/*.html$", "/a/b.html?x", False),
        ("/*.html$", "/a/b.html", True),
        ("/rss$", "/rss", True),
        ("/rss$", "/rss/2", False),
        ("/a*b*c$", "/abc", True),
        ("/a*b*c$", "/acb", False),
        ("/ab*ba$", "/aba", False),
        ("", "/x", True),
        ("$", "/x", False),
    ],
)
def test_patterns_of_paths(pattern: str, path: str, fit: bool) -> None:
    assert fits(pattern, path) is fit


def test_the_longest_rule_decides_and_a_tie_reserves() -> None:
    body = (
        '[{"location": "/", "tdm-reservation": 1}, {"location": "/rss", "tdm-reservation": 0},'
        ' {"location": "/rss/x", "tdm-reservation": "1"}, {"location": "/tie", "tdm-reservation": 0},'
        ' {"location": "/tie", "tdm-reservation": 1}]'
    )
    rules = read_tdmrep(body.encode())
    paths = ("/news", "/rss", "/rss/x/1", "/tie")
    assert [is_reserved(rules, path) for path in paths] == [True, False, True, True]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>not here</html>",
        b"{}",
        b'[1, null, [], {}, {"location": 5}, {"tdm-reservation": 1}]',
        b"[" * 100_000,
        b"\xff\xfe\x00",
        b'[{"location": "/x", "tdm-reservation": 0}]',
    ],
)
def test_what_is_no_reservation_reserves_nothing(body: bytes) -> None:
    assert not is_reserved(read_tdmrep(body), "/x")


@given(st.binary(max_size=400))
def test_no_bytes_break_the_readers(body: bytes) -> None:
    is_reserved(read_tdmrep(body), "/x")
    reserves_text(body)


@given(st.text("/*$ab.", max_size=30), st.text("/ab.", max_size=30))
def test_no_pattern_breaks_the_matcher(pattern: str, path: str) -> None:
    fits(pattern, path)


def test_many_stars_cost_nothing() -> None:
    assert not fits("/*a" * 300 + "$", "/" + "/a" * 900 + "b")


@pytest.mark.parametrize(
    ("body", "reserved"),
    [
        ("User-Agent: *\nDisallow: /", True),
        ("user-agent: *\nDisallow: *.txt # words\n", True),
        ("User-Agent: *\nDisallow: *.jpg\nDisallow: *.mp3", False),
        ("User-Agent: other\nDisallow: /", False),
        ("User-Agent: *\nAllow: /", False),
        ("<html>", False),
    ],
)
def test_ai_txt(body: str, reserved: bool) -> None:
    assert reserves_text(body.encode()) is reserved


# Asking


def test_a_feeds_site_is_asked_once_a_day_for_tdmrep_only(ask: Any, internet: Any, servers: ModuleType) -> None:
    now = [NOW]
    internet.answers["a.test/.well-known/tdmrep.json"] = servers.http(ALL)
    optouts = ask(lambda: now[0])
    said = [optouts.of_feed(f"http://{host}.test/rss") for host in ("a", "b", "a")]
    assert said == ["its site's tdmrep.json", "", "its site's tdmrep.json"]
    files = ("/.well-known/tdmrep.json", "/robots.txt", "/ai.txt")
    assert [internet.hits[file] for file in files] == [2, 0, 0]
    internet.answers["a.test/.well-known/tdmrep.json"] = servers.http("[]")
    now[0] += timedelta(hours=23)
    assert optouts.of_feed("http://a.test/rss")
    now[0] += timedelta(hours=2)
    assert not optouts.of_feed("http://a.test/rss")


@pytest.mark.parametrize("answer", ["missing", "busy", "silent", "large", "inside"])
def test_a_file_that_cannot_be_had_reserves_nothing(answer: str, ask: Any, internet: Any, servers: ModuleType) -> None:
    answers = {
        "busy": servers.http("", status="500 Oops"),
        "silent": servers.hang_up,
        "large": servers.http(ALL + " " * 400_000),
        "inside": servers.moved("http://127.0.0.2/"),
    }
    if answer in answers:
        internet.answers["/.well-known/tdmrep.json"] = answers[answer]
    assert ask().of_feed("http://a.test/rss") == ""


def test_pages_are_also_kept_from_those_who_gather_for_ai(ask: Any, internet: Any, servers: ModuleType) -> None:
    internet.answers["a.test/robots.txt"] = servers.http(KEPT_OUT, content_type="text/plain")
    internet.answers["b.test/ai.txt"] = servers.http("User-Agent: *\nDisallow: /", content_type="text/plain")
    optouts = ask()
    assert optouts.of_page("http://a.test/news/1") == "its robots.txt keeps GPTBot, CCBot out"
    assert optouts.of_page("http://b.test/news/1") == "its site's ai.txt"
    assert optouts.of_feed("http://a.test/rss") == "", "a feed is published for syndication"


def test_agents_that_are_treated_as_all_others_are_no_signal(ask: Any, internet: Any, servers: ModuleType) -> None:
    internet.answers["a.test/robots.txt"] = servers.http("User-agent: *\nDisallow: /search\nDisallow: /news/2")
    optouts = ask()
    assert [optouts.of_page(f"http://a.test/news/{n}") for n in (1, 2)] == ["", ""]


def test_each_agent_of_the_list_is_recognised() -> None:
    from protego import Protego

    for agent in miners():
        rules = Protego.parse(f"User-agent: {agent}\nDisallow: /")
        assert not rules.can_fetch("http://a.test/x", agent)
        assert rules.can_fetch("http://a.test/x", "sharedstory")
    assert len(set(miners())) == len(miners()) > 10


def test_the_header_is_read_with_every_answer(
    internet: Any, servers: ModuleType, make_fetcher: Callable[..., Fetcher]
) -> None:
    for value, reserved in (("1", True), (" 1 ", True), ("0", False), ("yes", False)):
        internet.answers["/a"] = servers.http("x", tdm_reservation=value)
        answer = make_fetcher().get(internet.url("/a"))
        assert isinstance(answer, Fetched)
        assert answer.reserved is reserved


# Visits


def respecting(world: Any, *, respect: bool = True) -> None:
    fetcher, robots = world.tools.fetcher, world.tools.robots
    world.tools = replace(world.tools, optouts=OptOuts(fetcher, robots) if respect else None, respect_optouts=respect)


@pytest.mark.parametrize("signal", ["header", "tdmrep"])
def test_a_reserved_feed_is_left_alone_recorded_and_told(signal: str, world: Any) -> None:
    respecting(world)
    if signal == "header":
        world.serve("/rss", world.texts.rss(world.item(1)), tdm_reservation="1")
    else:
        world.feed(world.item(1))
        world.serve("/.well-known/tdmrep.json", ALL)
    check = world.visit()
    assert check.state == "refused"
    assert "reserves it from text and data mining" in check.detail
    assert world.stories() == []
    memory = world.tools.store.feed_memory(world.feeds[0].url)
    assert memory.optout
    assert memory.due_at - world.now >= timedelta(days=1)
    assert world.internet.hits["/rss"] == (signal == "header")
    # Its publisher changes its mind.
    world.feed(world.item(1))
    world.serve("/.well-known/tdmrep.json", "[]")
    assert world.visit(later=timedelta(hours=27)).new_stories == 1
    assert world.tools.store.feed_memory(world.feeds[0].url).optout == ""


@pytest.mark.parametrize("signal", ["header", "robots", "ai.txt"])
def test_of_reserved_pages_only_the_feeds_words_are_kept_and_it_is_told(signal: str, world: Any) -> None:
    respecting(world)
    world.feed(world.item(1))
    more = {"tdm_reservation": "1"} if signal == "header" else {}
    world.serve("/news/1?utm_source=rss", world.texts.page("Story 1", world.texts.story(1)), **more)
    if signal == "robots":
        world.serve("/robots.txt", KEPT_OUT)
    elif signal == "ai.txt":
        world.serve("/ai.txt", "User-Agent: *\nDisallow: /")
    check = world.visit(pages=True)
    assert (check.state, check.new_stories, check.thin) == ("alive", 1, 1)
    assert "1 pages were left alone" in check.detail
    assert [one.text for one in world.versions()] == ["About 1."]
    assert world.internet.hits["/news/1?utm_source=rss"] == (signal == "header")


def test_where_the_workspace_says_so_reservations_are_recorded_and_not_honoured(world: Any) -> None:
    respecting(world, respect=False)
    world.serve("/rss", world.texts.rss(world.item(1)), tdm_reservation="1")
    world.serve("/robots.txt", KEPT_OUT)
    world.serve("/news/1?utm_source=rss", world.texts.page("Story 1", world.texts.story(1)), tdm_reservation="1")
    check = world.visit(pages=True)
    assert (check.state, check.new_stories, check.thin) == ("alive", 1, 0)
    assert "header" in world.tools.store.feed_memory(world.feeds[0].url).optout
    assert world.internet.hits["/.well-known/tdmrep.json"] == 0
