"""A parser that dies on a stranger's bytes is recorded, and the next job works."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from corpora.errors import NotAFeed, NotAStory
from corpora.workers import ParserWorker

DEATHS = {
    "segfault": b"import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    "killed": b"import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "exit": b"import os; os._exit(3)",
    "memory error": b"raise MemoryError",
    "too much memory": b"x = bytearray(64 << 30)",
    "recursion": b"def f(): f()\nf()",
    "any other": b"{}['x']",
    "cannot cross the border": b"class E(Exception): pass\nraise E(lambda: 0)",
}


class Sabotaged(ParserWorker):
    """Runs a piece of Python in the worker instead of the parser, as long as `code` is set."""

    code = b""

    def _run(self, function: Any, body: bytes, **options: str) -> Any:
        return super()._run(exec, self.code) if self.code else super()._run(function, body, **options)


@pytest.fixture(scope="module")
def worker() -> Iterator[Sabotaged]:
    made = Sabotaged(seconds=20)
    yield made
    made.close()


def works(worker: ParserWorker, texts: ModuleType) -> None:
    feed = texts.rss(texts.item("Weir mended", "https://www.orren-echo.test/weir"))
    (entry,) = worker.parse_feed(feed, content_type="text/xml", url="https://www.orren-echo.test/rss").entries
    assert entry.title == "Weir mended"


@pytest.mark.parametrize("death", DEATHS)
def test_a_worker_that_dies_is_recorded_and_replaced(death: str, worker: Sabotaged, texts: ModuleType) -> None:
    worker.code = DEATHS[death]
    try:
        with pytest.raises(NotAFeed, match="broke the parser"):
            worker.parse_feed(b"<rss/>", content_type="", url="")
        with pytest.raises(NotAStory, match="broke the parser"):
            worker.extract_page(b"<html>", url="")
    finally:
        worker.code = b""
    works(worker, texts)


def test_an_endless_loop_is_cut(worker: Sabotaged, texts: ModuleType) -> None:
    works(worker, texts)
    worker.code, worker.seconds = b"while True: pass", 0.5
    try:
        with pytest.raises(NotAFeed, match=r"longer than 0\.5 s"):
            worker.parse_feed(b"<rss/>", content_type="", url="")
        with pytest.raises(NotAStory, match=r"longer than 0\.5 s"):
            worker.extract_page(b"<html>", url="")
    finally:
        worker.code, worker.seconds = b"", 20
    works(worker, texts)


def test_parsers_run_elsewhere_and_their_own_refusals_come_back(worker: Sabotaged, texts: ModuleType) -> None:
    with pytest.raises(NotAFeed, match="not a feed"):
        worker.parse_feed(b"hello", content_type="", url="")
    with pytest.raises(NotAFeed, match="web page"):
        worker.parse_feed(b"<html>", content_type="", url="")
    with pytest.raises(NotAStory, match=r"no article text|too little"):
        worker.extract_page(b"<html><p>hello</p></html>", url="")
    page = worker.extract_page(texts.page("Weir mended", texts.story(1)), url="")
    assert (page.title, page.text) == ("Weir mended", texts.story(1))
    worker.code = f"import os\nassert os.getpid() != {os.getpid()}".encode()
    assert worker._run(None, b"") is None
    worker.code = b""


def test_threads_share_a_worker(worker: Sabotaged, texts: ModuleType) -> None:
    failures: list[BaseException] = []

    def job() -> None:
        try:
            works(worker, texts)
        except BaseException as error:  # noqa: BLE001 - handed to the test below
            failures.append(error)

    threads = [threading.Thread(target=job) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failures == []


def test_a_closed_worker_opens_again(texts: ModuleType) -> None:
    worker = ParserWorker()
    worker.close()
    works(worker, texts)
    worker.close()
    worker.close()


def test_two_jobs_run_side_by_side(tmp_path: Path) -> None:
    """Each waits for a file that only the other makes."""
    made = Sabotaged(seconds=60, processes=2)
    meet = "import pathlib as p, time\np.Path({mine!r}).touch()\nwhile not p.Path({other!r}).exists(): time.sleep(.01)"
    files = [str(tmp_path / name) for name in "ab"]
    failures: list[BaseException] = []

    def job(mine: str, other: str) -> None:
        try:
            ParserWorker._run(made, exec, meet.format(mine=mine, other=other).encode())
        except BaseException as error:  # noqa: BLE001 - handed to the test below
            failures.append(error)

    threads = [threading.Thread(target=job, args=pair) for pair in (files, files[::-1])]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    made.close()
    assert failures == []
