"""Days of polling hundreds of feeds, a tenth of them hostile or broken, on a clock that runs fast.

    python -m tests.soak.polling [--hours 48] [--feeds 400] [--step 10]

Real fetcher, killable parsers, store and rules of collecting; the farm of papers is another process on loopback. Prints
its figures and returns 1 where a story was lost or kept twice, a feed was asked within its interval, the intranet was
reached, or memory or open files grew.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parent.parent / "support"))
import farm
import servers

from corpora.errors import Retryable
from corpora.fetch import Fetcher, Limits
from corpora.intervals import SHORTEST, is_due
from flows import stages
from flows.bench import Bench, close_benches, put_bench
from flows.settings import Workspace

TRIES = 3
LIMITS = Limits(connect_seconds=1.0, total_seconds=0.5, pause_seconds=0.0)
GROWTH = 40.0
"""MiB that memory may grow by from the first quarter (all caches filled) to the last."""


@dataclass
class Found:
    """What a soak found."""

    hours: int
    feeds: int
    hostile: int
    seconds: float = 0.0
    visits: int = 0
    requests: int = 0
    published: int = 0
    """Stories that good feeds listed, up to each one's last visit."""
    kept: int = 0
    lost: int = 0
    twice: int = 0
    too_soon: int = 0
    """Visits before the interval was over, or less than the shortest one after the last."""
    inside: int = 0
    """Connections to the intranet."""
    foreign: int = 0
    """Stories of feeds that are reserved, or that carry none."""
    memory: list[float] = field(default_factory=list)
    """MiB of this process after each hour."""
    files: list[int] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    lost_by: Counter[str] = field(default_factory=Counter)
    mean_interval: float = 0.0

    @property
    def growth(self) -> float:
        """MiB between the means of the second and the last quarter."""
        quarter = max(1, len(self.memory) // 4)
        early, late = self.memory[quarter : 2 * quarter] or self.memory[:1], self.memory[-quarter:]
        return sum(late) / len(late) - sum(early) / len(early)

    @property
    def sound(self) -> bool:
        steady = max(self.files) - min(self.files[len(self.files) // 4 :]) <= 40
        return not (self.lost or self.twice or self.too_soon or self.inside or self.foreign) and (
            self.growth < GROWTH and steady
        )

    def __str__(self) -> str:
        return "\n".join(
            [
                f"{self.hours} h of {self.feeds} feeds ({self.hostile} hostile or broken) in {self.seconds:.0f} s: "
                f"{self.visits} visits, {self.requests} requests, last states {dict(sorted(self.states.items()))}",
                f"stories: {self.published} published, {self.kept} kept, {self.lost} lost {dict(+self.lost_by) or ''}, "
                f"{self.twice} kept twice, "
                f"{self.foreign} of feeds that are reserved",
                f"intervals: {self.too_soon} requests too soon, {self.mean_interval:.0f} minutes between visits to "
                "good feeds",
                f"intranet: {self.inside} connections",
                f"memory: {min(self.memory):.0f}-{max(self.memory):.0f} MiB, {self.growth:+.1f} MiB from the second to "
                f"the last quarter; open files {min(self.files)}-{max(self.files)}",
            ]
        )


def papers(feeds: int) -> list[farm.Paper]:
    """A tenth hostile; of the others most are honest, some send no validators, some lie."""
    made = []
    for n in range(feeds):
        kind = "plain" if n % 10 == 3 else "liar" if n % 40 == 7 else "good"
        if n % 10 == 0:
            kind = farm.HOSTILE[n // 10 % len(farm.HOSTILE)]
        # A liar's window has to outlast the day until its body is asked for whatever its validators say.
        per_day = farm.LEAST + n * 7 % (20 if kind == "liar" else farm.MOST)
        made.append(farm.Paper(number=n, kind=kind, owner=f"Publisher {n % 37}", per_day=per_day))
    return made


def soak(folder: Path, *, hours: int, feeds: int, step: int, tell: Any = None) -> Found:
    """Poll for `hours`, looking every `step` minutes which feeds are due."""
    titles = papers(feeds)
    found = Found(hours=hours, feeds=feeds, hostile=sum(one.kind in farm.HOSTILE for one in titles))
    began = time.monotonic()
    with farm.running(titles) as running, servers.Server("127.0.0.2") as intranet:
        farm.write_catalogue(folder / "catalogue", titles)
        workspace = Workspace(
            home=folder / "home", regions=("Z07000001",), pages=False, contact="test", catalogue=folder / "catalogue"
        )
        workspace.save()
        now = [farm.START]
        fetcher = Fetcher(user_agent=workspace.user_agent, clock=lambda: now[0], routes=running.routes, limits=LIMITS)
        made = Bench(workspace=workspace, clock=lambda: now[0], fetcher=fetcher)
        put_bench(made)
        try:
            _play(made, running, now, found, step=step, tell=tell)
            _judge(made, running, found)
        finally:
            close_benches()
        found.inside = intranet.hits["connections"]
    found.seconds = time.monotonic() - began
    return found


def _play(made: Bench, running: farm.Farm, now: list[datetime], found: Found, *, step: int, tell: Any) -> None:
    home = str(made.workspace.home)
    urls = stages.feeds_to_visit(home)
    end = farm.START + timedelta(hours=found.hours)
    with ThreadPoolExecutor(stages.AT_ONCE) as pool:
        while now[0] < end:
            running.set_clock(now[0])
            known = made.store.feed_standings(urls)
            due = [url for url in urls if is_due(known[url][1] if url in known else None, now[0])]
            stages.ask_sites(home, due)
            found.visits += len(list(pool.map(lambda url: _visit(home, url), due)))
            before, now[0] = now[0], now[0] + timedelta(minutes=step)
            if before.hour != now[0].hour:
                found.memory.append(resident())
                found.files.append(len(os.listdir("/proc/self/fd")))  # noqa: PTH208
                if tell is not None and now[0].hour % 6 == 0:
                    tell(f"{now[0]:%a %H:%M}  {found.visits} visits, {found.memory[-1]:.0f} MiB")


def _visit(home: str, url: str) -> None:
    """What the plain runner does, without the waiting."""
    for attempt in range(1, TRIES + 1):
        try:
            stages.visit_feed(home, url)
        except Retryable as failure:
            if attempt == TRIES:
                stages.give_up_on_feed(home, url, failure.message)
        else:
            return


def _judge(made: Bench, running: farm.Farm, found: Found) -> None:
    """Compare what was kept with what was published, and the farm's log with the rules."""
    hits = [hit for hit in running.log() if hit.target == "/rss"]
    found.requests = len(hits)
    asked: dict[str, list[datetime]] = defaultdict(list)
    for hit in hits:
        if not asked[hit.host] or asked[hit.host][-1] != hit.now:  # tries of one visit come at one moment
            asked[hit.host].append(hit.now)
    feeds = [feed for outlet in stages.workspace_outlets(str(made.workspace.home)) for feed in outlet.feeds]
    checks = made.store.checks(feeds, since=farm.START, until=farm.START + timedelta(days=400))
    noted = Counter((check.url, check.at) for check in checks)
    found.too_soon = sum(count - 1 for count in noted.values())
    gaps = []
    with made.store.transaction() as connection:
        rows = connection.exec_driver_sql("SELECT url FROM story").fetchall()
    stories = Counter(url for (url,) in rows)
    found.kept, found.twice = sum(stories.values()), sum(count - 1 for count in stories.values())
    for paper in running.papers:
        moments = asked[paper.host]
        for before, after in pairwise(moments):
            found.too_soon += after - before < timedelta(minutes=SHORTEST)
            if paper.kind not in farm.HOSTILE:
                gaps.append((after - before).total_seconds() / 60)
        if paper.kind in farm.HOSTILE:
            found.foreign += paper.kind != "flaky" and any(f"//{paper.host}/" in url for url in stories)
            continue
        # What had left the feed before the first visit was never there to be seen.
        unseen = len(paper.published(moments[0])) - paper.items
        said = [f"http://{paper.host}/news/{n}" for n, _ in paper.published(moments[-1])[max(0, unseen) :]]
        found.published += len(said)
        # What a liar hides behind its ETag still stands in its feed, and is found when its body is asked for again.
        reach = said[: -paper.items] if paper.kind == "liar" else said
        missing = len(set(reach) - stories.keys())
        found.lost += missing
        found.lost_by[f"{paper.kind}, {paper.per_day} a day"] += missing
    found.mean_interval = sum(gaps) / max(1, len(gaps))
    found.states = Counter(check.state for check, _ in made.store.feed_standings([one.url for one in feeds]).values())


def resident() -> float:
    """MiB this process holds now."""
    with Path("/proc/self/statm").open(encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1048576


def main() -> int:
    """Soak and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=int, default=48)
    parser.add_argument("--feeds", type=int, default=400)
    parser.add_argument("--step", type=int, default=10, help="minutes between looks at what is due")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = soak(Path(folder), hours=given.hours, feeds=given.feeds, step=given.step, tell=print)
    print(found)  # noqa: T201
    return 0 if found.sound else 1


if __name__ == "__main__":
    sys.exit(main())
