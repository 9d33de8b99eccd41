"""What many tests share: helper modules, loopback servers, and the development data where it is there."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent


def _load(name: str) -> ModuleType:
    """Load a module of tests/support; there are no packages under tests, so that none can shadow a room."""
    known = f"_tests_support_{name}"
    if known not in sys.modules:
        spec = importlib.util.spec_from_file_location(known, HERE / "support" / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[known] = module
        spec.loader.exec_module(module)
    return sys.modules[known]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of development data: SHAREDSTORY_SHARED, or `shared` beside the checkout."""
    named = os.environ.get("SHAREDSTORY_SHARED")
    folder = Path(named) if named else HERE.parent.parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("the development data is not here (set SHAREDSTORY_SHARED to its folder)")
    return folder / "data"


@pytest.fixture(scope="session")
def servers() -> ModuleType:
    """tests/support/servers.py."""
    return _load("servers")


@pytest.fixture(scope="session")
def texts() -> ModuleType:
    """tests/support/texts.py."""
    return _load("texts")


@pytest.fixture(scope="session")
def server() -> Iterator[Any]:
    """A PostgreSQL server of our own (`tests/support/postgres.py`), one for the whole run."""
    postgres = _load("postgres")
    if reason := postgres.missing():
        pytest.skip(reason)
    with postgres.serving() as running:
        running.run(f"CREATE ROLE locked LOGIN PASSWORD '{postgres.PASSWORD}'")  # may connect, and nothing more
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a store may be: a file, or a database of a server."""
    if request.param == "sqlite":
        return tmp_path / "home" / "store.sqlite"
    return str(request.getfixturevalue("server").database())


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """A catalogue of one feed whose address is refused before anything is sent, so that a run needs no network."""
    folder = tmp_path / "catalogue"
    folder.mkdir()
    (folder / "regions.csv").write_text(
        "gss,name,tier,parent,county,aliases\nZ92000001,Orrenland,nation,,,\nTLZ,Orr Valley,itl1,Z92000001,,\n"
        "Z07000001,Kelderby,lad,TLZ,,\n"
    )
    (folder / "sources.csv").write_text(
        "slug,outlet,owner,homepage,feed_url,areas,certainty,evidence\n"
        "orren-echo,Orren Echo,,,http://127.0.0.1/rss,Z07000001,A,\n"
    )
    return folder


@pytest.fixture
def internet(servers: ModuleType) -> Iterator[Any]:
    """A server on 127.0.0.1 that tests allow."""
    with servers.Server() as running:
        yield running


@pytest.fixture(params=["127.0.0.2", "::1"])
def intranet(request: pytest.FixtureRequest, servers: ModuleType) -> Iterator[Any]:
    """A server no test allows. Whatever happens, nobody may have connected to it."""
    try:
        running = servers.Server(request.param).__enter__()
    except OSError:
        pytest.skip(f"{request.param} cannot be listened on here")
    yield running
    running.__exit__()
    assert running.hits["connections"] == 0, "the intranet was reached"


@pytest.fixture
def make_fetcher(internet: Any) -> Iterator[Callable[..., Any]]:
    """Builds fetchers that may ask `internet` only, without pauses; closes them."""
    from corpora.fetch import Fetcher, Limits

    made: list[Fetcher] = []

    def make(*, seconds: float = 5.0, limits: Limits | None = None, **more: Any) -> Fetcher:
        allowed = more.pop("allowed", frozenset({internet.pair}))
        bounds = limits or Limits(total_seconds=seconds, pause_seconds=0)
        made.append(
            Fetcher(user_agent="sharedstory-test/0 (+https://example.org)", allowed=allowed, limits=bounds, **more)
        )
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def parser() -> Iterator[Any]:
    """One killable parser process for all tests that do not kill it."""
    from corpora.workers import ParserWorker

    worker = ParserWorker()
    yield worker
    worker.close()


@pytest.fixture
def world(internet: Any, servers: ModuleType, texts: ModuleType, parser: Any, tmp_path: Path) -> Iterator[Any]:
    """tests/support/world.py, set up."""
    with _load("world").opened(internet, servers, texts, parser, tmp_path / "store.sqlite") as made:
        yield made
