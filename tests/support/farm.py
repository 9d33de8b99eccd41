"""A farm of invented papers' feeds in a process of its own: hundreds of hosts, some of them hostile, one log.

Each paper publishes by a clock it is told, so that days can pass in seconds. Hosts are told apart by name, and where
addresses are given also by address.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
import multiprocessing
import random
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

START = datetime(2026, 8, 3, tzinfo=UTC)
WINDOW = 25
"""Items a feed lists."""

HOSTILE = (
    "silent", "drip", "bomb", "endless", "html", "inside", "loop", "busy", "gone", "forbidden", "entities", "flaky",
    "hang_up", "garbage", "reserved",
)  # fmt: skip
LEAST, MOST = 2, 60
"""Stories a day of a paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One title with one feed on a host of its own."""

    number: int
    kind: str = "good"
    """good: honest ETag; plain: no validators; liar: one ETag for ever; or one of `HOSTILE`."""
    owner: str = ""
    address: str = "127.0.0.1"
    per_day: int = 10
    items: int = WINDOW

    @property
    def host(self) -> str:
        return f"paper-{self.number}.test"

    def published(self, until: datetime) -> list[tuple[int, datetime]]:
        """Number and time of every story up to a moment: a stock from before the start, then by the clock."""
        gap = timedelta(days=1) / self.per_day
        first = START - gap * self.items + gap * (self.number % 17) / 17
        count = int((until - first) / gap) + 1
        return [(n, first + gap * n) for n in range(max(0, count))]

    def feed(self, now: datetime) -> bytes:
        items = "".join(
            f"<item><title>Paper {self.number} tells of matter {n}</title><link>http://{self.host}/news/{n}</link>"
            f"<guid>{self.number}-{n}</guid><pubDate>{format_datetime(moment)}</pubDate><description>"
            f"The council of ward {self.number} spoke about matter {n} and will speak again.</description></item>"
            for n, moment in reversed(self.published(now)[-self.items :])
        )
        head = f"<rss version='2.0'><channel><title>Paper {self.number}</title><link>http://{self.host}/</link>"
        return f"{head}{items}</channel></rss>".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One request for a feed as the farm saw it."""

    host: str
    target: str
    began: float
    """Of the machine's monotonic clock, which processes share."""
    ended: float
    now: datetime
    """By the farm's clock."""


@dataclass
class Farm:
    """The farm as its visitor sees it."""

    papers: Sequence[Paper]
    port: int
    _clock: Any
    _pipe: Any
    hits: list[Hit] = field(default_factory=list)

    @property
    def routes(self) -> dict[str, tuple[str, int]]:
        return {paper.host: (paper.address, self.port) for paper in self.papers}

    def set_clock(self, now: datetime) -> None:
        self._clock.value = now.timestamp()

    def log(self) -> list[Hit]:
        """Every request so far."""
        self._pipe.send("log")
        self.hits.extend(self._pipe.recv())
        return self.hits


@contextmanager
def running(papers: Sequence[Paper], *, latency: float = 0.0) -> Iterator[Farm]:
    """Serve, from another process."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    clock = context.Value("d", START.timestamp())
    process = context.Process(target=_serve, args=(list(papers), there, clock, latency), daemon=True)
    process.start()
    try:
        yield Farm(papers=papers, port=here.recv(), _clock=clock, _pipe=here)
    finally:
        process.terminate()
        process.join()


def _serve(papers: list[Paper], pipe: Any, clock: Any, latency: float) -> None:
    asyncio.run(_Server(papers, clock, latency).run(pipe))


class _Server:
    def __init__(self, papers: list[Paper], clock: Any, latency: float) -> None:
        self.papers = {paper.host: paper for paper in papers}
        self.clock, self.latency = clock, latency
        self.hits: list[Hit] = []
        self.dice = random.Random(7)
        self.bomb = gzip.compress(bytes(40 * 1024 * 1024))

    async def run(self, pipe: Any) -> None:
        addresses = sorted({paper.address for paper in self.papers.values()})
        with socket.socket() as probe:
            probe.bind((addresses[0], 0))
            port = probe.getsockname()[1]
        servers = [await asyncio.start_server(self.answer, address, port, backlog=256) for address in addresses]
        pipe.send(port)
        while True:
            await asyncio.sleep(0.05)
            if pipe.poll():
                pipe.recv()
                pipe.send(self.hits)
                self.hits = []
            del servers[len(addresses) :]

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).decode("latin-1")
            first, *lines = head.split("\r\n")
            headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
            target = first.split(" ")[1]
            host = headers.get("host", "").split(":")[0]
            began, now = time.monotonic(), datetime.fromtimestamp(self.clock.value, UTC)
            await asyncio.sleep(self.latency)
            paper = self.papers.get(host)
            try:
                if paper is None or target != "/rss":
                    writer.write(_http(b"", "404 Not Found"))
                else:
                    await self.feed(paper, headers, now, writer)
                await writer.drain()
            finally:
                self.hits.append(Hit(host=host, target=target, began=began, ended=time.monotonic(), now=now))
        with contextlib.suppress(OSError):
            writer.close()

    async def feed(self, paper: Paper, headers: dict[str, str], now: datetime, writer: asyncio.StreamWriter) -> None:
        kind = paper.kind
        if kind == "silent":
            await asyncio.sleep(3)
        elif kind == "drip":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
            for _ in range(30):
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.1)
        elif kind == "endless":
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            for _ in range(300):
                writer.write(bytes(65536))
                await writer.drain()
        elif kind in {"good", "plain", "liar", "reserved"} or (kind == "flaky" and self.dice.random() < 0.5):
            writer.write(_good(paper, headers, now))
        elif kind != "hang_up":
            writer.write(self.bad(paper))

    def bad(self, paper: Paper) -> bytes:
        return {
            "bomb": lambda: _http(self.bomb, content_encoding="gzip"),
            "html": lambda: _http(b"<!DOCTYPE html><html><p>Closed for repairs</p></html>"),
            "inside": lambda: _http(b"", "302 Found", location="http://127.0.0.2/secret"),
            "loop": lambda: _http(b"", "302 Found", location="/rss"),
            "busy": lambda: _http(b"", "503 Busy", retry_after="7200"),
            "gone": lambda: _http(b"", "410 Gone"),
            "forbidden": lambda: _http(b"", "403 Forbidden"),
            "entities": lambda: _http(b"<!DOCTYPE r [<!ENTITY a 'b'>]><rss version='2.0'>&a;</rss>"),
            "flaky": lambda: _http(b"", "500 Oops"),
            "garbage": lambda: b"\x00\xff not http at all\r\n\r\n",
        }[paper.kind]()


def _good(paper: Paper, headers: dict[str, str], now: datetime) -> bytes:
    body = paper.feed(now)
    if paper.kind == "reserved":
        return _http(body, tdm_reservation="1")
    if paper.kind == "plain":
        return _http(body)
    etag = '"same-for-ever"' if paper.kind == "liar" else f'"{hashlib.sha256(body).hexdigest()[:12]}"'
    if headers.get("if-none-match") == etag:
        return _http(b"", "304 Not Modified", etag=etag)
    return _http(body, etag=etag)


def _http(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    given = {"Content-Type": "application/rss+xml", "Content-Length": str(len(body)), "Connection": "close"}
    given |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    if status.startswith("304"):
        del given["Content-Length"]
    return (
        f"HTTP/1.1 {status}\r\n{''.join(f'{k}: {v}{chr(13)}{chr(10)}' for k, v in given.items())}\r\n".encode() + body
    )


def write_catalogue(folder: Any, papers: Sequence[Paper], port: int | None = None) -> None:
    """A catalogue of one district and these papers."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "regions.csv").write_text(
        "gss,name,tier,parent,county,aliases\nZ92000001,Orrenland,nation,,,\nTLZ,Orr Valley,itl1,Z92000001,,\n"
        "Z07000001,Kelderby,lad,TLZ,,\n"
    )
    at = f":{port}" if port else ""
    rows = "".join(
        f"paper-{one.number},Paper {one.number},{one.owner},,http://{one.host}{at}/rss,Z07000001,A,\n" for one in papers
    )
    head = "slug,outlet,owner,homepage,feed_url,areas,certainty,evidence\n"
    (folder / "sources.csv").write_text(head + rows)
