"""Flow `run`: collect, judge and report, the parent of the other three."""

from __future__ import annotations

from prefect import flow, task

from flows import stages
from flows.collect import collect
from flows.judge import judge
from flows.retrying import RETRY, may_retry
from flows.weekly import weekly


@task(name="tidy", retry_condition_fn=may_retry, **RETRY)
def tidy(home: str) -> int:
    """Let go of texts that were kept long enough."""
    return stages.tidy(home)


@flow(name="run")
def run(home: str, week: str = "") -> str:
    """Do a whole week's work for the workspace in `home`; return the address of the overview page."""
    collect(home)
    judge(home)
    page: str = weekly(home, week)
    tidy(home)
    return page
