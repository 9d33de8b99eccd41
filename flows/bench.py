"""The tools of a workspace, opened once per process and shared by everything that runs in it.

Flow parameters are plain strings (the workspace's folder), so that they can be scheduled, logged and
re-run; the objects behind them are looked up here. The demonstration and the tests put their own bench
in place with `put_bench`: real use has no other way to change clock, routes or allowed addresses.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from corpora.catalogue import SHIPPED, Catalogue, load_catalogue
from corpora.collect import Tools
from corpora.fetch import Fetcher, site_of
from corpora.optout import OptOuts
from corpora.records import Region
from corpora.robots import Robots
from corpora.store import Store
from corpora.workers import ParserWorker
from flows.settings import Workspace, load_workspace

if TYPE_CHECKING:
    from models.judge import Judge

Clock = Callable[[], datetime]


def now() -> datetime:
    """The system's time, in UTC."""
    return datetime.now(UTC)


@dataclass(kw_only=True)
class Bench:
    """Opened tools of one workspace."""

    workspace: Workspace
    clock: Clock = now
    fetcher: Fetcher | None = None
    """Given by the demonstration and the tests; made from the workspace's settings otherwise."""
    parser: ParserWorker = field(default_factory=ParserWorker)

    @cached_property
    def store(self) -> Store:
        """The store, opened for writing."""
        return Store(self.workspace.store_place)

    @cached_property
    def catalogue(self) -> Catalogue:
        """Regions and outlets."""
        return load_catalogue(self.workspace.catalogue or SHIPPED)

    @cached_property
    def tools(self) -> Tools:
        """What collecting needs."""
        fetcher = self.fetcher or Fetcher(user_agent=self.workspace.user_agent, clock=self.clock)
        self.fetcher = fetcher
        # Titles of one publisher share its servers, and so its pace.
        fetcher.pace.group(
            {
                site_of(url): outlet.owner
                for outlet in self.catalogue.outlets.values()
                for url in [outlet.homepage, *(feed.url for feed in outlet.feeds)]
                if url
            }
        )
        robots = Robots(fetcher, user_agent=self.workspace.user_agent, clock=self.clock)
        respect = self.workspace.respect_tdm_optout
        return Tools(
            fetcher=fetcher,
            robots=robots,
            optouts=OptOuts(fetcher, robots, clock=self.clock) if respect else None,
            respect_optouts=respect,
            parser=self.parser,
            store=self.store,
            catalogue=self.catalogue,
            clock=self.clock,
            pages=self.workspace.pages,
        )

    @cached_property
    def judge(self) -> Judge:
        """Reader and model, loaded when first needed."""
        from models.judge import load_judge

        return load_judge()

    @property
    def regions(self) -> list[Region]:
        """The regions the workspace reports on."""
        return [self.catalogue.region(code) for code in self.workspace.regions]

    def close(self) -> None:
        """Give everything back."""
        self.parser.close()
        if self.fetcher is not None:
            self.fetcher.close()
        if "store" in self.__dict__:
            self.store.close()


_benches: dict[str, Bench] = {}
_lock = threading.RLock()


def bench(home: str) -> Bench:
    """The bench of the workspace in `home`, opened on first use."""
    key = str(Path(home).resolve())
    with _lock:
        if key not in _benches:
            _benches[key] = Bench(workspace=load_workspace(Path(home)))
        return _benches[key]


def put_bench(made: Bench) -> None:
    """Make `made` the bench of its workspace for this process."""
    with _lock:
        _benches[str(made.workspace.home.resolve())] = made


def close_benches() -> None:
    """Close all benches of this process."""
    with _lock:
        for one in _benches.values():
            one.close()
        _benches.clear()
