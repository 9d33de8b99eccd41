"""Turns: one request at a time per host, two per publisher, pauses between them, and patience where a server asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.errors import NotNow
from corpora.fetch import Fetcher, Limits, site_of
from corpora.pace import LONGEST_DELAY, LONGEST_WAIT, OWNER_AT_ONCE, OWNER_SHARE, Pace, asked_to_wait, publisher

NOW = datetime(2026, 8, 3, 6, tzinfo=UTC)


def together(jobs: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=job) for job in jobs]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


class Watched:
    """Notes when turns begin and end."""

    def __init__(self, pace: Pace, *, work: float = 0.02) -> None:
        self.pace, self.work = pace, work
        self.spans: list[tuple[str, float, float]] = []

    def job(self, host: str) -> Callable[[], None]:
        def run() -> None:
            with self.pace.turn(host):
                began = time.monotonic()
                time.sleep(self.work)
                self.spans.append((host, began, time.monotonic()))

        return run


def test_requests_to_one_host_come_one_at_a_time_with_the_whole_pause_between() -> None:
    watched = Watched(Pace(pause=0.05))
    together([watched.job(host) for host in ("a", "b") for _ in range(5)])
    for host in ("a", "b"):
        spans = sorted(span[1:] for span in watched.spans if span[0] == host)
        assert len(spans) == 5
        gaps = [after[0] - before[1] for before, after in pairwise(spans)]
        assert min(gaps) >= 0.05


def test_hosts_of_one_publisher_share_its_pace_and_independent_titles_do_not() -> None:
    pace = Pace(pause=0.2)
    pace.group({f"title-{n}": "Group" for n in range(8)} | {f"village-{n}": "Independent (ICNN)" for n in range(8)})
    watched = Watched(pace, work=0.12)
    together([watched.job(f"{kind}-{n}") for kind in ("title", "village") for n in range(8)])
    ours = sorted(span[1:] for span in watched.spans if span[0].startswith("title"))
    starts = [began for began, _ in ours]
    assert min(b - a for a, b in pairwise(starts)) >= 0.2 * OWNER_SHARE - 0.02
    most = max(sum(began <= at < ended for began, ended in ours) for at in starts)
    assert most <= OWNER_AT_ONCE
    others = sorted(span[1] for span in watched.spans if span[0].startswith("village"))
    assert others[-1] - others[0] < ours[-1][0] - ours[0][0], "strangers do not wait for each other"


def test_a_turn_is_given_back_whatever_happens() -> None:
    pace = Pace(pause=0.0)
    pace.group({"a": "Group"})
    for _ in range(2 * OWNER_AT_ONCE):
        with pytest.raises(OSError, match="x"), pace.turn("a"):
            raise OSError("x")
    with pace.turn("a"):
        pass


def test_independent_is_no_publisher() -> None:
    assert [publisher(name) for name in ("Reach", "Independent", "Independent (ICNN)", "")] == ["Reach", "", "", ""]


def test_sites_are_told_apart_by_host_and_odd_port() -> None:
    urls = ("http://a.test/x", "https://a.test:443/y", "http://A.test:80/", "http://a.test:8080/", "http://b.test/")
    assert [site_of(url) for url in urls] == ["a.test", "a.test", "a.test", "a.test:8080", "b.test"]


# What servers ask for


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Mon, 03 Aug 2026 07:00:00 GMT", 3600.0),
        ("Mon, 03 Aug 2026 08:00:00 +0100", 3600.0),
        ("Mon, 03 Aug 2026 07:00:00", 3600.0),
        ("Sun, 02 Aug 2026 07:00:00 GMT", 0.0),
        ("316800", LONGEST_WAIT.total_seconds()),
        ("9" * 400, LONGEST_WAIT.total_seconds()),
        ("Fri, 01 Jan 9999 00:00:00 GMT", LONGEST_WAIT.total_seconds()),
        ("soon", 0.0),
        ("", 0.0),
        ("-5", 0.0),
        ("1.5", 0.0),
        ("٣", 0.0),
    ],
)
def test_how_long_a_server_asks_to_wait(header: str, seconds: float) -> None:
    assert asked_to_wait(header, NOW) == seconds


@given(st.text(max_size=80))
def test_no_header_breaks_the_reading_of_it(header: str) -> None:
    assert 0.0 <= asked_to_wait(header, NOW) <= LONGEST_WAIT.total_seconds()


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Busy"])
def test_a_server_that_asks_for_patience_is_left_alone_for_so_long(
    status: str, internet: Any, servers: ModuleType, make_fetcher: Callable[..., Fetcher]
) -> None:
    now = [NOW]
    internet.answers["/a"] = servers.http("", status=status, retry_after="3600")
    internet.answers["/b"] = servers.http("fine")
    fetcher = make_fetcher(clock=lambda: now[0], routes={"other.test": internet.pair})
    with pytest.raises(NotNow) as caught:
        fetcher.get(internet.url("/a"))
    assert caught.value.seconds == 3600
    now[0] += timedelta(minutes=59)
    with pytest.raises(NotNow, match="left alone for 60 s"):
        fetcher.get(internet.url("/b"))
    assert internet.hits["/b"] == 0
    fetcher.get("http://other.test/b")
    now[0] += timedelta(minutes=1)
    fetcher.get(internet.url("/b"))
    assert internet.hits["/b"] == 2


def test_too_many_requests_without_a_time_means_ten_minutes(
    internet: Any, servers: ModuleType, make_fetcher: Callable[..., Fetcher]
) -> None:
    now = [NOW]
    internet.answers["/a"] = servers.http("", status="429 Too Many Requests")
    fetcher = make_fetcher(clock=lambda: now[0])
    for minutes in (0, 9):
        now[0] = NOW + timedelta(minutes=minutes)
        with pytest.raises(NotNow):
            fetcher.get(internet.url("/a"))
    assert internet.hits["/a"] == 1


def test_a_clock_that_was_put_back_does_not_close_a_host_for_good() -> None:
    now = [NOW]
    pace = Pace(pause=0.0, clock=lambda: now[0])
    pace.close("a", 3600)
    assert pace.closed_for("a") == 3600
    now[0] = NOW - timedelta(days=300)
    assert pace.closed_for("a") == 0.0


def test_crawl_delay_is_kept_and_bounded() -> None:
    slept: list[float] = []
    pace = Pace(pause=1.0, sleep=slept.append)
    for asked in (7.0, 1e9, -3.0, 0.0):
        pace = Pace(pause=1.0, sleep=slept.append)
        pace.slow_down("a", asked)
        for _ in range(2):
            with pace.turn("a"):
                pass
    assert [round(one) for one in slept] == [7, LONGEST_DELAY, 1, 1]


def test_a_redirect_to_another_host_waits_for_that_hosts_turn(
    internet: Any, servers: ModuleType, make_fetcher: Callable[..., Fetcher]
) -> None:
    internet.answers["a.test/x"] = servers.moved("/y")
    internet.answers["a.test/y"] = servers.moved("http://b.test/z")
    internet.answers["b.test/z"] = servers.http("fine")
    slept: list[float] = []
    fetcher = make_fetcher(
        routes={"a.test": internet.pair, "b.test": internet.pair}, limits=Limits(pause_seconds=2.0), sleep=slept.append
    )
    fetcher.get("http://b.test/z")
    assert slept == []
    fetcher.get("http://a.test/x")
    assert len(slept) == 1
    assert 1.0 < slept[0] <= 2.0
