"""How fast hundreds of feeds are collected without breaking anybody's pace: real pauses, real store, loopback hosts.

    python tests/benchmarks/feeds.py [--feeds 400] [--owners 40 | --owners catalogue] [--latency 0.1]

Every feed has a host, and an address (127.1.x.y), of its own. The farm, in another process, notes when each request
came and ended. A request breaks the pace that comes within a host's pause, while another one to its host is under way,
within a publisher's pause, or as the third at one publisher.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parent.parent / "support"))
import farm

from corpora.fetch import Fetcher, Limits
from corpora.pace import OWNER_AT_ONCE, OWNER_SHARE
from flows import plain
from flows.bench import Bench, put_bench
from flows.settings import Workspace

SHIPPED_SHARES = (("Newsquest", 153), ("Reach", 67), ("National World", 57), ("BBC", 54), ("Iliffe", 14))
"""Feeds of the largest publishers in the shipped catalogue of 402."""
TOLERANCE = 0.02
"""Seconds by which the farm may see two connections closer together, or one end later, than its visitor does."""

UNEVEN = 0.1
"""Seconds by which two requests to one publisher, half a second apart when they start, may arrive closer together."""


def main() -> int:
    """Print the table; return 1 where a request broke the pace."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=400)
    parser.add_argument("--owners", default="40", help="number of publishers, or `catalogue` for the real shares")
    parser.add_argument("--latency", type=float, default=0.05, help="seconds the farm thinks before it answers")
    given = parser.parse_args()
    papers = [
        farm.Paper(number=n, owner=owner, address=f"127.1.{n // 200}.{n % 200 + 1}", items=20, per_day=24)
        for n, owner in enumerate(_owners(given.owners, given.feeds))
    ]
    broken = 0
    with (
        farm.running(papers, latency=given.latency) as running,
        tempfile.TemporaryDirectory() as folder,
        opened(Path(folder), running) as (home, clock),
    ):
        for title, later in (("first collection", 0), ("an hour and a half later", 90)):
            clock[0] += timedelta(minutes=later)
            running.set_clock(clock[0])
            before = len(running.hits)
            began = time.monotonic()
            checks = plain.visit_all(home)
            seconds = time.monotonic() - began
            hits = running.log()[before:]
            bad = breaks(hits, papers)
            broken += bad
            good = sum(check["state"] in {"alive", "unchanged"} for check in checks)
            new = sum(check["new_stories"] for check in checks)
            print(  # noqa: T201
                f"{title}: {good} of {len(checks)} feeds in {seconds:.1f} s, {len(hits)} requests, {new} stories; "
                f"{bad} requests broke the pace"
            )
    return 1 if broken else 0


@contextmanager
def opened(folder: Path, running: farm.Farm, *, limits: Limits | None = None) -> Any:
    """A workspace whose internet is the farm; gives its folder and a clock in a list."""
    farm.write_catalogue(folder / "catalogue", running.papers, running.port)
    workspace = Workspace(
        home=folder / "home", regions=("Z07000001",), pages=False, contact="test", catalogue=folder / "catalogue"
    )
    workspace.save()
    clock = [farm.START]
    addresses = {paper.host: paper.address for paper in running.papers}
    fetcher = Fetcher(
        user_agent=workspace.user_agent,
        clock=lambda: clock[0],
        resolver=lambda host, _port: [addresses[host]],
        allowed=frozenset((address, running.port) for address in addresses.values()),
        limits=limits,
    )
    made = Bench(workspace=workspace, clock=lambda: clock[0], fetcher=fetcher)
    put_bench(made)
    try:
        yield str(workspace.home), clock
    finally:
        made.close()


def _owners(said: str, feeds: int) -> list[str]:
    if said != "catalogue":
        return [f"Publisher {n % int(said)}" for n in range(feeds)]
    named = [name for name, count in SHIPPED_SHARES for _ in range(count)]
    return (named + ["Independent"] * feeds)[:feeds]


def breaks(hits: Sequence[farm.Hit], papers: Sequence[farm.Paper], limits: Limits | None = None) -> int:
    """How many requests broke the pace."""
    pause = (limits or Limits()).pause_seconds
    owner_of = {paper.host: paper.owner for paper in papers}
    by_host: dict[str, list[farm.Hit]] = defaultdict(list)
    by_owner: dict[str, list[farm.Hit]] = defaultdict(list)
    for hit in sorted(hits, key=lambda one: one.began):
        by_host[hit.host].append(hit)
        if not owner_of[hit.host].startswith("Independent"):
            by_owner[owner_of[hit.host]].append(hit)
    bad = {
        (after.host, after.began)
        for some in by_host.values()
        for before, after in pairwise(some)
        if after.began - before.ended + TOLERANCE < pause
    }
    for some in by_owner.values():
        for at, hit in enumerate(some):
            close = at and hit.began - some[at - 1].began < pause * OWNER_SHARE - UNEVEN
            under_way = sum(one.ended - TOLERANCE > hit.began for one in some[:at])
            if close or under_way >= OWNER_AT_ONCE:
                bad.add((hit.host, hit.began))
    return len(bad)


if __name__ == "__main__":
    sys.exit(main())
