"""What comes back from strangers: no body outgrows its limits, and every status has a fate."""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest

from corpora.errors import Blocked, Gone, NotNow, Refused, Retryable
from corpora.fetch import Fetcher, Limits
from corpora.records import Fetched, Unchanged

Make = Callable[..., Fetcher]


def got(fetcher: Fetcher, url: str, **options: Any) -> Fetched:
    answer = fetcher.get(url, **options)
    assert isinstance(answer, Fetched)
    return answer


# Bodies


@pytest.mark.parametrize(
    ("raw", "fate"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", Retryable),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", Retryable),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nhello", Retryable),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", Retryable),
        (b"", Retryable),
        (b"hello\r\n\r\n", Retryable),
        (b"HTTP/1.1 999999 OK\r\n\r\n", Retryable),
        (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 200_000 + b"\r\n\r\n", Retryable),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", Retryable),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 5\r\n\r\nhello", Refused),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nContent-Length: 5\r\n\r\nhello", Refused),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else repr(value[:60]),
)
def test_malformed_answers(
    raw: bytes, fate: type[Exception], internet: Any, servers: ModuleType, make_fetcher: Make
) -> None:
    internet.answers["/a"] = raw or servers.hang_up
    with pytest.raises(fate):
        make_fetcher().get(internet.url("/a"))


def test_a_long_content_length_is_bounded_by_what_comes(internet: Any, make_fetcher: Make) -> None:
    internet.answers["/a"] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more"
    assert got(make_fetcher(), internet.url("/a")).body == b"hello"
    internet.answers["/b"] = b"HTTP/1.1 200 OK\r\n\r\nwithout any length"
    assert got(make_fetcher(), internet.url("/b")).body == b"without any length"


def test_chunked_garbage_is_retryable(internet: Any, servers: ModuleType, make_fetcher: Make) -> None:
    internet.answers["/a"] = servers.chunked_garbage
    with pytest.raises(Retryable):
        make_fetcher().get(internet.url("/a"))


def test_an_endless_body_is_cut(internet: Any, servers: ModuleType, make_fetcher: Make) -> None:
    internet.answers["/a"] = servers.endless
    with pytest.raises(Refused, match="larger than 5 MiB"):
        make_fetcher().get(internet.url("/a"))


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP", "deflate"])
def test_packed_bodies_are_unpacked(encoding: str, internet: Any, servers: ModuleType, make_fetcher: Make) -> None:
    text = b"news " * 10_000
    packed = zlib.compress(text) if encoding == "deflate" else gzip.compress(text)
    internet.answers["/a"] = servers.http(packed, content_encoding=encoding)
    assert got(make_fetcher(), internet.url("/a")).body == text
    internet.answers["/b"] = servers.http(packed[:-20], content_encoding=encoding)
    with pytest.raises(Retryable, match="too early"):
        make_fetcher().get(internet.url("/b"))
    assert internet.requests[0].headers["accept-encoding"] == "gzip"


def test_sizes_are_bounded_to_the_byte(internet: Any, servers: ModuleType, make_fetcher: Make) -> None:
    fetcher = make_fetcher(limits=Limits(wire_bytes=2000, body_bytes=5000, pause_seconds=0))
    for size, fits in ((2000, True), (2001, False)):
        internet.answers["/a"] = servers.http(b"x" * size)
        if fits:
            assert len(got(fetcher, internet.url("/a")).body) == size
        else:
            with pytest.raises(Refused, match="larger than"):
                fetcher.get(internet.url("/a"))
    for size, fits in ((5000, True), (5001, False)):
        internet.answers["/a"] = servers.http(gzip.compress(bytes(size)), content_encoding="gzip")
        if fits:
            assert len(got(fetcher, internet.url("/a")).body) == size
        else:
            with pytest.raises(Refused, match="once unpacked"):
                fetcher.get(internet.url("/a"))
    internet.answers["/a"] = servers.http(b"x" * 101)
    with pytest.raises(Refused):
        fetcher.get(internet.url("/a"), max_bytes=100)


BOMB_READER = """
import resource, sys
from corpora.errors import Refused
from corpora.fetch import Fetcher, Limits
address, port = sys.argv[1], int(sys.argv[2])
fetcher = Fetcher(user_agent="t/0", allowed=frozenset({(address, port)}), limits=Limits(pause_seconds=0))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    fetcher.get(f"http://{address}:{port}/bomb")
except Refused as refusal:
    print(refusal.message)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_a_packed_bomb_is_refused_with_little_memory(internet: Any, servers: ModuleType) -> None:
    packed = servers.bomb(300)
    assert len(packed) < 400_000
    internet.answers["/bomb"] = servers.http(packed, content_encoding="gzip")
    command = [sys.executable, "-c", BOMB_READER, internet.address, str(internet.port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    message, grown = done.stdout.strip().splitlines()
    assert "more than 100 times its size" in message
    assert int(grown) < 20  # MiB; unpacked it is 300


def test_what_is_packed_less_tightly_is_cut_at_its_size(internet: Any, servers: ModuleType, make_fetcher: Make) -> None:
    rng = random.Random(5)
    lines = [rng.randbytes(200) for _ in range(100)]
    body = b"".join(rng.choices(lines, k=85_000))
    packed = gzip.compress(body)
    assert len(body) > 15 * 2**20
    assert len(body) < 100 * len(packed)
    internet.answers["/a"] = servers.http(packed, content_encoding="gzip")
    with pytest.raises(Refused, match="larger than 15 MiB once unpacked"):
        make_fetcher().get(internet.url("/a"))
    internet.answers["/b"] = servers.http(gzip.compress(body[:9_000_000]), content_encoding="gzip")
    assert got(make_fetcher(), internet.url("/b")).body == body[:9_000_000]


# Statuses


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        ("401 Unauthorized", Blocked),
        ("403 Forbidden", Blocked),
        ("451 Unavailable", Blocked),
        ("404 Not Found", Gone),
        ("410 Gone", Gone),
        ("429 Too Many Requests", NotNow),
        ("500 Internal Server Error", Retryable),
        ("502 Bad Gateway", Retryable),
        ("503 Service Unavailable", Retryable),
        ("418 Teapot", Blocked),
        ("302 Found", Retryable),
    ],
)
def test_statuses_have_fates(
    status: str, fate: type[Exception], internet: Any, servers: ModuleType, make_fetcher: Make
) -> None:
    internet.answers["/a"] = servers.http("<html>no</html>", status=status)
    with pytest.raises(fate, match=f"HTTP {status[:3]}") as caught:
        make_fetcher().get(internet.url("/a"))
    assert type(caught.value) is fate


@pytest.mark.parametrize("wait", ["120", "Wed, 21 Oct 2026 07:28:00 GMT", "\x1b[31m" + "9" * 500])
def test_a_server_may_name_a_time(wait: str, internet: Any, servers: ModuleType, make_fetcher: Make) -> None:
    internet.answers["/a"] = servers.http("", status="429 Too Many Requests", retry_after=wait)
    with pytest.raises((NotNow, Retryable)) as caught:
        make_fetcher().get(internet.url("/a"))
    assert len(caught.value.message) < 160
    if wait[0] != "\x1b":
        assert isinstance(caught.value, NotNow)


def test_what_did_not_change_is_not_sent_again(internet: Any, servers: ModuleType, make_fetcher: Make) -> None:
    internet.answers["/a"] = b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"
    now = datetime(2026, 8, 3, tzinfo=UTC)
    answer = make_fetcher(clock=lambda: now).get(
        internet.url("/a"), etag='W/"x"', last_modified="Mon, 03 Aug 2026 10:00:00 GMT"
    )
    assert answer == Unchanged(url=internet.url("/a"), at=now)
    sent = internet.requests[0].headers
    assert (sent["if-none-match"], sent["if-modified-since"]) == ('W/"x"', "Mon, 03 Aug 2026 10:00:00 GMT")


@pytest.mark.parametrize("odd", ['"caf\u00e9"', '"a\r\nX-Evil: 1"', "\x00", ""])
def test_odd_validators_are_not_sent_back(odd: str, internet: Any, servers: ModuleType, make_fetcher: Make) -> None:
    internet.answers["/a"] = servers.http("fine")
    assert got(make_fetcher(), internet.url("/a"), etag=odd, last_modified=odd).body == b"fine"
    assert not {"if-none-match", "if-modified-since", "x-evil"} & internet.requests[0].headers.keys()


def test_who_asks_is_said_and_what_came_is_told(internet: Any, servers: ModuleType, make_fetcher: Make) -> None:
    internet.answers["/a"] = servers.http("", content_type="text/xml; charset=utf-8", etag='"e"', last_modified="now")
    answer = got(make_fetcher(), internet.url("/a"), accept="text/xml")
    assert (answer.body, answer.content_type, answer.etag) == (b"", "text/xml; charset=utf-8", '"e"')
    sent = internet.requests[0].headers
    assert sent["user-agent"] == "sharedstory-test/0 (+https://example.org)"
    assert sent["accept"] == "text/xml"
    assert "cookie" not in sent


def test_cookies_are_not_kept(internet: Any, servers: ModuleType, make_fetcher: Make) -> None:
    internet.answers["/a"] = servers.http("fine", set_cookie="id=1; Path=/")
    fetcher = make_fetcher()
    got(fetcher, internet.url("/a"))
    got(fetcher, internet.url("/a"))
    assert "cookie" not in internet.requests[1].headers
