"""An invented outlet on loopback, a clock, and the real tools of a visit."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from corpora.catalogue import Catalogue
from corpora.coding import FeedCheck, PublishedStory
from corpora.collect import Tools, collect_feed
from corpora.fetch import Fetcher, Limits
from corpora.records import Feed, Outlet, Region, Story
from corpora.robots import Robots
from corpora.store import Store

HOST = "www.orren-echo.test"
FEED = Feed(url=f"http://{HOST}/rss", outlet="orren-echo", certainty="A")
OTHER = Feed(url="http://www.orren-post.test/rss", outlet="orren-post", certainty="A")
SEEN = datetime(2026, 8, 5, 6, tzinfo=UTC)
AGENT = "sharedstory-test/0 (+https://example.org)"


def catalogue() -> Catalogue:
    regions = [
        Region(gss="Z92000001", name="Orrenland", tier="nation", parent=""),
        Region(gss="TLZ", name="Orr Valley", tier="itl1", parent="Z92000001"),
        Region(gss="Z07000001", name="Kelderby", tier="lad", parent="TLZ"),
    ]
    outlets = [
        Outlet(slug=feed.outlet, title=feed.outlet, owner="", homepage="", areas=("Z07000001",), feeds=(feed,))
        for feed in (FEED, OTHER)
    ]
    return Catalogue(
        regions={one.gss: one for one in regions},
        counties={},
        outlets={one.slug: one for one in outlets},
        old_codes={},
    )


@dataclass
class World:
    """The internet, a clock, and the tools of a visit."""

    internet: Any
    servers: ModuleType
    texts: ModuleType
    tools: Tools
    path: Path
    now: datetime = SEEN
    feeds: tuple[Feed, Feed] = (FEED, OTHER)

    def serve(self, target: str, body: bytes | str, *, host: str = HOST, **options: str) -> None:
        options.setdefault("content_type", "application/rss+xml" if target == "/rss" else "text/html")
        self.internet.answers[host + target] = self.servers.http(body, **options)

    def feed(self, *items: str) -> None:
        self.serve("/rss", self.texts.rss(*items))

    def item(self, n: int | str, **more: str) -> str:
        more = {
            "title": f"Story {n}",
            "link": f"http://{HOST}/news/{n}?utm_source=rss",
            "summary": f"About {n}.",
        } | more
        return str(self.texts.item(more.pop("title"), more.pop("link"), **more))

    def visit(self, feed: Feed = FEED, *, pages: bool = False, later: timedelta = timedelta(hours=1)) -> FeedCheck:
        self.now += later
        return collect_feed(feed, replace(self.tools, pages=pages))

    def stories(self) -> list[PublishedStory]:
        far = timedelta(days=40_000)
        return self.tools.store.published(["Z07000001"], since=SEEN - far, until=SEEN + far, coder="model:x-0")

    def versions(self) -> list[Story]:
        store = self.tools.store
        return sorted(store.stories(store.unjudged("model:x-0")), key=lambda one: (one.url, one.first_seen, one.title))

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        connection = sqlite3.connect(self.path)
        tables = ("story", "version", "place", "entry")
        found = {one: sorted(connection.execute(f"SELECT * FROM {one}").fetchall()) for one in tables}
        connection.close()
        return found


@contextmanager
def opened(internet: Any, servers: ModuleType, texts: ModuleType, parser: Any, path: Path) -> Iterator[World]:
    """A world with an empty store at `path`."""
    routes = {HOST: internet.pair, "www.orren-post.test": internet.pair}
    fetcher = Fetcher(
        user_agent=AGENT, clock=lambda: made.now, routes=routes, limits=Limits(total_seconds=3, pause_seconds=0)
    )
    try:
        with Store(path) as store:
            tools = Tools(
                fetcher=fetcher,
                robots=Robots(fetcher, user_agent=AGENT),
                parser=parser,
                store=store,
                catalogue=catalogue(),
                clock=lambda: made.now,
                pages=False,
            )
            made = World(internet=internet, servers=servers, texts=texts, tools=tools, path=path)
            yield made
    finally:
        fetcher.close()
