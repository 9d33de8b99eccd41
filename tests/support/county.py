"""Plays the demonstration county for tests: whole runs, what a store holds, what a report says."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from corpora.demo.articles import HERE
from corpora.demo.server import DemoSite
from corpora.fetch import Fetcher, Limits
from flows.bench import Bench, close_benches, put_bench
from flows.demo import WEEK, DemoClock, demo_bench
from flows.main import run_cli

if TYPE_CHECKING:
    from models.judge import Judge

TRUTH: dict[str, Any] = json.loads((HERE / "truth.json").read_text(encoding="utf-8"))
DRAYHOLT = "Z07000004"
"""The smallest district, for tests that need a county but not all of it: 3 of the 9 feeds."""
EARLY_WEEK = "2026-W37"
"""The last full week at the first moment of collection."""


@cache
def judge() -> Judge:
    """Reader and model, loaded once for all tests."""
    from models.frames import FrameModel
    from models.judge import Judge
    from nlp.reading import Reader

    return Judge(Reader(), FrameModel())


_plain: list[tuple[Path, str]] = []


def plain_run(folders: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder and the words of one `sharedstory demo --plain`, run once for all tests; do not write to it."""
    if _plain:
        return _plain[0]
    home = folders.mktemp("county") / "demo"
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(said):
        patch.setattr("models.judge.load_judge", judge)
        patch.setenv("SHAREDSTORY_TRACEBACK", "1")
        assert run_cli(["--home", str(home), "demo", "--plain", "--no-open"]) == 0
    _plain.append((home, said.getvalue()))
    return _plain[0]


@contextmanager
def opened(
    home: Path, *, region: str = "", routes: Mapping[str, tuple[str, int]] | None = None, share: bool = True
) -> Iterator[tuple[Bench, DemoSite, DemoClock]]:
    """The bench of `flows.demo` at the first moment of collection, with the judge all tests share.

    Args:
        home: Folder of the workspace.
        region: One region instead of the whole county.
        routes: Hosts that are served by someone else.
        share: False leaves the judge to be loaded when it is needed.
    """
    with demo_bench(home) as (made, site, clock):
        if share:
            made.__dict__["judge"] = judge()
        if region:
            made.workspace = replace(made.workspace, regions=(region,))
            made.workspace.save()
        if routes:
            assert made.fetcher is not None
            made.fetcher.close()
            made.fetcher = Fetcher(
                user_agent=made.workspace.user_agent,
                clock=clock,
                routes={**site.routes, **routes},
                limits=Limits(pause_seconds=0.0, total_seconds=5.0),
            )
        put_bench(made)
        try:
            yield made, site, clock
        finally:
            close_benches()


def play(
    home: Path, *, collect: Callable[[str], Any], run: Callable[[str, str], Any], region: str = ""
) -> list[list[dict[str, Any]]]:
    """Play all moments; return what each collection said."""
    said = []
    with opened(home, region=region) as (_, site, clock):
        *earlier, last = sorted(clock.moments)
        for moment in earlier:
            clock.moment = site.moment = moment
            said.append(collect(str(home)))
        clock.moment = site.moment = last
        run(str(home), WEEK)
    return said


def dump(home: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table. Nothing in a store depends on the time of day: the clock is the county's."""
    with closing(sqlite3.connect(home / "store.sqlite")) as connection:
        connection.row_factory = sqlite3.Row
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: sorted((dict(row) for row in connection.execute(f"SELECT * FROM {table}")), key=repr)
            for table in sorted(tables)
        }


def report_bytes(home: Path) -> dict[str, bytes]:
    """Every file of all reports of a workspace."""
    folder = home / "reports"
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def table(path: Path) -> list[dict[str, str]]:
    """The rows of one of a report's tables."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
