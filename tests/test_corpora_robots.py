"""What a site's robots.txt allows (RFC 9309)."""

from __future__ import annotations

from collections.abc import Callable
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
