"""Flow `collect`: visit every feed of the workspace, one task a feed, then find the copies."""

from __future__ import annotations

from typing import Any

from prefect import flow, task, unmapped
from prefect.artifacts import create_table_artifact
from prefect.futures import as_completed
from prefect.task_runners import ThreadPoolTaskRunner

from corpora.errors import Retryable
from flows import stages
from flows.progress import bar
from flows.retrying import RETRY, may_retry


@task(name="visit feed", task_run_name="visit {url}", retry_condition_fn=may_retry, **RETRY)
def visit(home: str, url: str) -> dict[str, Any]:
    """Collect one feed."""
    return stages.visit_feed(home, url)


@task(name="give up on feed")
def give_up(home: str, url: str, why: str) -> dict[str, Any]:
    """Note a feed that did not answer."""
    return stages.give_up_on_feed(home, url, why)


@task(name="find copies")
def find_copies(home: str) -> int:
    """Group near-identical stories."""
    return stages.group_copies(home)


@flow(name="collect", task_runner=ThreadPoolTaskRunner(max_workers=stages.AT_ONCE))  # type: ignore[arg-type]
def collect(home: str) -> list[dict[str, Any]]:
    """Visit all feeds of the workspace in `home`; one bad feed stops none of the others."""
    urls = stages.feeds_to_visit(home)
    stages.ask_sites(home, urls)
    futures = visit.map(unmapped(home), urls)
    for future in bar(as_completed(list(futures)), "Collecting", len(urls)):
        future.wait()
    checks = []
    for url, future in zip(urls, futures, strict=True):
        answer: Any = future.result(raise_on_failure=False)
        if isinstance(answer, Retryable):
            answer = give_up(home, url, answer.message)
        elif isinstance(answer, BaseException):
            raise answer  # not this feed's fault alone: the store failed, or we did
        checks.append(answer)
    find_copies(home)
    columns = ("outlet", "state", "entries", "new_stories", "new_versions", "thin", "detail")
    create_table_artifact(
        key="collected-feeds",
        table=[{name: check[name] for name in columns} for check in checks],
        description=stages.summary(checks),
    )
    return sorted(checks, key=lambda check: str(check["url"]))
