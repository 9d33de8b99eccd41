"""How parsers of strangers' bytes are kept killable: they run in another process, with a time limit."""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import TimeoutError as TooLate
from typing import Any

from corpora.errors import NotAFeed, NotAStory, SharedStoryError
from corpora.feeds import ParsedFeed, parse_feed, refuse_what_is_no_feed
from corpora.pages import Page, extract_page

SECONDS = 20.0
"""Most time one feed or page may take. Typical: 0.01-0.05 s."""

PROCESSES = min(4, os.cpu_count() or 1)
"""Parsers that work side by side; each may take a few hundred MiB on a bad page."""

JOBS = 2000
"""Jobs after which a process is replaced by a new one, lest what libraries keep adds up over years."""


def _limit_memory() -> None:
    """Cap the worker's address space where the system can (Linux), so that a bomb kills only the worker."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (4 * 1024**3, 4 * 1024**3))
    except (ImportError, ValueError, OSError):
        return


class ParserWorker:
    """Runs `parse_feed` and `extract_page` in processes that can be killed. Safe to share between threads."""

    def __init__(self, *, seconds: float = SECONDS, processes: int = PROCESSES) -> None:
        self.seconds = seconds
        self.processes = processes
        self._pool: Any = None
        self._lock = threading.Lock()

    def _run(self, function: Any, body: bytes, **options: str) -> Any:
        from pebble import ProcessPool

        with self._lock:
            if self._pool is None:
                # spawn, not fork: the parent has threads (Prefect, ONNX) that do not survive a fork.
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPool(
                    max_workers=self.processes, max_tasks=JOBS, context=context, initializer=_limit_memory
                )
        return self._pool.schedule(function, args=(body,), kwargs=options, timeout=self.seconds).result()

    def parse_feed(self, body: bytes, *, content_type: str, url: str) -> ParsedFeed:
        """`corpora.feeds.parse_feed`, killable.

        Raises:
            NotAFeed: Not a feed, or one that took too long or broke the parser.
        """
        refuse_what_is_no_feed(body)
        try:
            parsed: ParsedFeed = self._run(parse_feed, body, content_type=content_type, url=url)
        except TooLate as error:
            raise NotAFeed(f"The feed took longer than {self.seconds:g} s to parse.") from error
        except SharedStoryError:
            raise
        except Exception as error:  # whatever a parser raised on a stranger's bytes, or the worker's sudden end
            raise NotAFeed("The feed broke the parser.") from error
        return parsed

    def extract_page(self, body: bytes, *, url: str) -> Page:
        """`corpora.pages.extract_page`, killable.

        Raises:
            NotAStory: No article, or a page that took too long or broke the parser.
        """
        try:
            page: Page = self._run(extract_page, body, url=url)
        except TooLate as error:
            raise NotAStory(f"The page took longer than {self.seconds:g} s to read.") from error
        except SharedStoryError:
            raise
        except Exception as error:  # as above
            raise NotAStory("The page broke the parser.") from error
        return page

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            if self._pool is not None:
                self._pool.stop()
                self._pool.join()
                self._pool = None
