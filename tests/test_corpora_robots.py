"""What a site's robots.txt allows (RFC 9309)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from corpora.errors import Refused
from corpora.fetch import Fetcher
from corpora.robots import LARGEST, Robots

AGENT = "sharedstory/0.1 (+https://example.org)"

RULES = """
User-agent: *
Disallow: /search
Disallow: /*?print=
Disallow: /*.pdf$
Allow: /search/help
Crawl-delay: 1

User-agent: sharedstory
Disallow: /members
"""


def allowed(robots: Robots, url: str) -> bool:
    try:
        robots.check(url)
    except Refused:
        return False
    return True


@pytest.fixture
def ask(internet: Any, servers: ModuleType, make_fetcher: Callable[..., Fetcher]) -> Callable[..., dict[str, bool]]:
    def asking(answer: Any, *paths: str, agent: str = AGENT, seconds: float = 5.0) -> dict[str, bool]:
        if answer is not None:
            internet.answers["/robots.txt"] = answer
        robots = Robots(make_fetcher(seconds=seconds), user_agent=agent)
        return {path: allowed(robots, internet.url(path)) for path in paths}

    return asking


def test_rules_for_all_and_for_us(ask: Any, servers: ModuleType) -> None:
    body = servers.http(RULES, content_type="text/plain")
    others = ask(
        body, "/", "/search?q=x", "/search/help", "/a?print=1", "/a.pdf", "/a.pdf?x", "/members", agent="other/1"
    )
    assert others == {
        "/": True,
        "/search?q=x": False,
        "/search/help": True,
        "/a?print=1": False,
        "/a.pdf": False,
        "/a.pdf?x": True,
        "/members": True,
    }
    assert ask(body, "/", "/members/1") == {"/": True, "/members/1": False}


@pytest.mark.parametrize("status", ["400 Bad", "401 Unauthorized", "403 Forbidden", "404 Not Found", "410 Gone"])
def test_a_missing_robots_txt_allows_all(status: str, ask: Any, servers: ModuleType) -> None:
    assert ask(servers.http("", status=status), "/a") == {"/a": True}


@pytest.mark.parametrize("status", ["500 Oops", "502 Bad Gateway", "503 Service Unavailable", "429 Too Many Requests"])
def test_one_that_cannot_be_reached_allows_nothing(status: str, ask: Any, servers: ModuleType) -> None:
    assert ask(servers.http("", status=status), "/a", "/b") == {"/a": False, "/b": False}


def test_one_that_never_answers_allows_nothing(ask: Any, servers: ModuleType) -> None:
    assert ask(servers.silence, "/a", seconds=0.5) == {"/a": False}


def test_redirects_are_followed_five_times(ask: Any, internet: Any, servers: ModuleType) -> None:
    for n in range(6):
        internet.answers[f"/r{n}"] = servers.moved(f"/r{n + 1}")
    internet.answers["/r6"] = servers.http("User-agent: *\nDisallow: /a", content_type="text/plain")
    assert ask(servers.moved("/r2"), "/a", "/b") == {"/a": False, "/b": True}
    assert ask(servers.moved("/r1"), "/a", "/b") == {"/a": False, "/b": False}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00\xff\xfe garbage",
        b"<html>not found</html>",
        b"Disallow: /",
        b"User-agent: *\nDisallow:",
        b"\xef\xbb\xbf# ok",
    ],
)
def test_odd_files_forbid_nothing(body: bytes, ask: Any, servers: ModuleType) -> None:
    assert ask(servers.http(body), "/a") == {"/a": True}


def test_all_is_forbidden(ask: Any, servers: ModuleType) -> None:
    assert ask(servers.http("User-agent: *\nDisallow: /"), "/", "/a") == {"/": False, "/a": False}


def test_a_large_file_is_read_up_to_the_limit_and_beyond_it_nothing_is_allowed(ask: Any, servers: ModuleType) -> None:
    rule = "User-agent: *\nDisallow: /a\n"
    assert ask(servers.http(rule + "#" * (LARGEST - 100)), "/a", "/b") == {"/a": False, "/b": True}
    assert ask(servers.http(rule + "#" * 2_000_000), "/a", "/b") == {"/a": False, "/b": False}


def test_each_site_is_asked_once(internet: Any, servers: ModuleType, make_fetcher: Callable[..., Fetcher]) -> None:
    internet.answers["a.test/robots.txt"] = servers.http("User-agent: *\nDisallow: /x")
    internet.answers["b.test/robots.txt"] = servers.http("User-agent: *\nDisallow: /y")
    robots = Robots(make_fetcher(routes={"a.test": internet.pair, "b.test": internet.pair}), user_agent=AGENT)
    urls = [f"http://{host}/{path}" for host in ("a.test", "b.test") for path in ("x", "y", "x")]
    assert [allowed(robots, url) for url in urls] == [False, True, False, True, False, True]
    assert internet.hits["/robots.txt"] == 2
    with pytest.raises(Refused, match="asks robots not to"):
        robots.check("http://a.test/x")


def test_rules_are_believed_for_a_day_and_an_absent_file_for_an_hour(
    internet: Any, servers: ModuleType, make_fetcher: Callable[..., Fetcher]
) -> None:
    now = [datetime(2026, 8, 3, tzinfo=UTC)]
    internet.answers["/robots.txt"] = servers.http("", status="500 Oops")
    robots = Robots(make_fetcher(), user_agent=AGENT, clock=lambda: now[0])
    asked = []
    for hours in (0, 0.9, 1.1, 24.9, 25.2):
        now[0] = datetime(2026, 8, 3, tzinfo=UTC) + timedelta(hours=hours)
        asked.append((allowed(robots, internet.url("/a")), internet.hits["/robots.txt"]))
        internet.answers["/robots.txt"] = servers.http("User-agent: *\nDisallow: /b")
    assert asked == [(False, 1), (False, 1), (True, 2), (True, 2), (True, 3)]


def test_crawl_delay_slows_us_down_and_more_than_a_minute_keeps_us_out(
    internet: Any, servers: ModuleType, make_fetcher: Callable[..., Fetcher]
) -> None:
    slept: list[float] = []
    internet.answers["/a"] = servers.http("fine")
    internet.answers["/robots.txt"] = servers.http("User-agent: *\nCrawl-delay: 7")
    fetcher = make_fetcher(sleep=slept.append)
    robots = Robots(fetcher, user_agent=AGENT)
    robots.check(internet.url("/a"))
    for _ in range(2):
        fetcher.get(internet.url("/a"))
    assert [round(one) for one in slept] == [7]
    internet.answers["/robots.txt"] = servers.http("User-agent: *\nCrawl-delay: 3600")
    with pytest.raises(Refused, match="wait 3,600 s"):
        Robots(make_fetcher(), user_agent=AGENT).check(internet.url("/a"))


def test_a_site_that_is_slow_with_its_rules_holds_up_no_other(
    internet: Any, servers: ModuleType, make_fetcher: Callable[..., Fetcher]
) -> None:
    served = threading.Event()

    def after_the_other(connection: Any, _request: Any) -> None:
        served.wait(4)
        connection.sendall(servers.http("User-agent: *\nDisallow: /a" if served.is_set() else ""))

    internet.answers["slow.test/robots.txt"] = after_the_other
    internet.answers["quick.test/robots.txt"] = servers.http("")
    routes = dict.fromkeys(("slow.test", "quick.test"), internet.pair)
    robots = Robots(make_fetcher(routes=routes), user_agent=AGENT)
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(allowed(robots, "http://slow.test/a")))
    thread.start()
    while not internet.hits["/robots.txt"]:
        time.sleep(0.01)
    robots.check("http://quick.test/a")
    served.set()
    thread.join()
    assert answers == [False], "its rules came after the other's"
