"""Flow `weekly`: write the pages of one week."""

from __future__ import annotations

from prefect import flow, task
from prefect.artifacts import create_link_artifact

from flows import stages


@task(name="write week", task_run_name="write {week}")
def write_week(home: str, week: str) -> str:
    """Write all pages of one week."""
    return str(stages.write_week(home, week))


@flow(name="weekly")
def weekly(home: str, week: str = "") -> str:
    """Write the report of `week` (default: the last full week) for the workspace in `home`; return its address."""
    path = write_week(home, week or stages.last_full_week(home))
    create_link_artifact(key="weekly-report", link=f"file://{path}", description=f"Report of {week or 'last week'}")
    return path
