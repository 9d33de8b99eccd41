"""Flow `run`: collect, judge and report, the parent of the other three."""

from __future__ import annotations

from prefect import flow

from flows.collect import collect
from flows.judge import judge
from flows.weekly import weekly


@flow(name="run")
def run(home: str, week: str = "") -> str:
    """Do a whole week's work for the workspace in `home`; return the address of the overview page."""
    collect(home)
    judge(home)
    return weekly(home, week)
