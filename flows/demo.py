"""The demonstration: an invented county, served on loopback and collected through the very same path as real feeds."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

from corpora.demo.server import DemoSite
from corpora.errors import UserError
from corpora.fetch import Fetcher, Limits
from corpora.store import Store
from flows.bench import Bench, put_bench
from flows.settings import Workspace, load_workspace

HERE = Path(str(resources.files("corpora"))) / "demo"
COUNTY = "Z10000001"
WEEK = "2026-W44"


@dataclass
class DemoClock:
    """A clock that stands at the moment being played."""

    moments: dict[int, datetime] = field(default_factory=dict)
    moment: int = 1

    def __call__(self) -> datetime:
        """The time, UTC."""
        return self.moments[self.moment]

    @property
    def day(self) -> str:
        """The day being played, for people."""
        return f"{self():%d %B %Y}".lstrip("0")


def demo_clock() -> DemoClock:
    """A clock that knows the three moments of collection."""
    raw = json.loads((HERE / "site" / "moments.json").read_text(encoding="utf-8"))
    return DemoClock(moments={int(key): datetime.fromisoformat(value) for key, value in raw.items()})


def clear(home: Path) -> None:
    """Make room for a fresh demonstration in `home`.

    Raises:
        UserError: The folder holds something that is not an earlier demonstration; it is left alone.
    """
    if not home.exists() or not any(home.iterdir()):
        return
    if not _is_demo(home):
        raise UserError(
            f"{home} is not empty and holds no earlier demonstration.", what_next="Name another folder with --home."
        )
    for name in ("store.sqlite", "store.sqlite-wal", "store.sqlite-shm"):
        (home / name).unlink(missing_ok=True)
    shutil.rmtree(home / "reports", ignore_errors=True)


def _is_demo(home: Path) -> bool:
    """Whether the workspace in `home` is one of ours: its one region is the county, which nobody else can choose."""
    try:
        return load_workspace(home).regions == (COUNTY,)
    except UserError:
        return False


@contextmanager
def demo_bench(home: Path) -> Iterator[tuple[Bench, DemoSite, DemoClock]]:
    """Serve the county and put a bench in place whose internet it is."""
    workspace = Workspace(
        home=home, regions=(COUNTY,), pages=True, contact="demonstration", catalogue=HERE / "catalogue"
    )
    workspace.save()
    with Store(workspace.store):
        pass
    clock = demo_clock()
    with DemoSite() as site:
        fetcher = Fetcher(
            user_agent=workspace.user_agent, clock=clock, routes=site.routes, limits=Limits(pause_seconds=0.0)
        )
        made = Bench(workspace=workspace, clock=clock, fetcher=fetcher)
        put_bench(made)
        try:
            yield made, site, clock
        finally:
            made.close()


def play(
    home: Path,
    *,
    collect: Callable[[str], list[dict[str, Any]]],
    run: Callable[[str, str], Any],
    tell: Callable[[str], None],
) -> Path:
    """Play the twelve weeks: two collections, then a full run on the last Monday.

    Args:
        home: Folder of the demonstration's workspace.
        collect: The collecting flow (Prefect's, or the plain one).
        run: The flow of a whole week's work.
        tell: Called with one line for each thing that happened.

    Returns:
        The overview page.
    """
    with demo_bench(home) as (_, site, clock):
        *earlier, last = sorted(clock.moments)
        for moment in earlier:
            clock.moment = site.moment = moment
            checks = collect(str(home))
            new = sum(check["new_stories"] for check in checks)
            tell(f"{clock.day}: {len(checks)} feeds visited, {new} new stories.")
        clock.moment = site.moment = last
        path = Path(str(run(str(home), WEEK)))
        tell(f"{clock.day}: collected once more, stories read, report of week {WEEK} written.")
    return path
