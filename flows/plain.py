"""The whole pipeline without Prefect: the same stages in the same order, for one machine and one run."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from corpora.errors import Retryable
from corpora.fetch import jittered
from flows import stages
from flows.progress import bar


def collect(
    home: str, *, sleep: Callable[[float], None] = time.sleep, rng: random.Random | None = None
) -> list[dict[str, Any]]:
    """Visit all feeds and find the copies among what they brought; return one row a feed."""
    checks = visit_all(home, sleep=sleep, rng=rng)
    stages.group_copies(home)
    return checks


def visit_all(
    home: str, *, sleep: Callable[[float], None] = time.sleep, rng: random.Random | None = None
) -> list[dict[str, Any]]:
    """Visit all feeds that are due; return one row a feed."""
    urls = stages.feeds_to_visit(home)
    stages.ask_sites(home, urls)
    dice = rng or random.Random()  # noqa: S311 (jitter, not a secret)
    with ThreadPoolExecutor(stages.AT_ONCE) as pool:
        futures = [pool.submit(_visit, home, url, sleep, dice) for url in urls]
        checks = [future.result() for future in bar(as_completed(futures), "Collecting", len(urls))]
    return sorted(checks, key=lambda check: str(check["url"]))


def _visit(home: str, url: str, sleep: Callable[[float], None], dice: random.Random) -> dict[str, Any]:
    tries = len(stages.RETRY_SECONDS) + 1
    for attempt in range(1, tries + 1):
        try:
            return stages.visit_feed(home, url)
        except Retryable as failure:
            if attempt == tries:
                return stages.give_up_on_feed(home, url, failure.message)
            sleep(jittered(stages.RETRY_SECONDS[attempt - 1], 1, dice))
    raise AssertionError("unreachable")


def judge(home: str) -> int:
    """Read and label every story the current model has not read; return how many."""
    batches = stages.batches_to_judge(home)
    done = sum(stages.judge_batch(home, batch) for batch in bar(batches, "Reading", len(batches)))
    stages.remember_coder(home)
    return done


def weekly(home: str, week: str) -> Path:
    """Write the pages of one week; return the overview page."""
    return stages.write_week(home, week)


def run(home: str, week: str = "") -> Path:
    """Collect, judge and report, then let old texts go; `week` defaults to the last full one."""
    collect(home)
    judge(home)
    page = weekly(home, week or stages.last_full_week(home))
    stages.tidy(home)
    return page
