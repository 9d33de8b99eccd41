"""Flow `judge`: read and label every story the current model has not read, one task a batch."""

from __future__ import annotations

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact

from flows import stages
from flows.progress import bar
from flows.retrying import RETRY, may_retry


@task(name="judge batch", retry_condition_fn=may_retry, **RETRY)
def judge_batch(home: str, version_ids: list[str]) -> int:
    """Read and label one batch."""
    return stages.judge_batch(home, version_ids)


@flow(name="judge")
def judge(home: str) -> int:
    """Read and label what the workspace in `home` has collected; return how many stories.

    Batches run one after the other: the encoder already uses all cores.
    """
    batches = stages.batches_to_judge(home)
    done = sum(judge_batch(home, batch) for batch in bar(batches, "Reading", len(batches)))
    stages.remember_coder(home)
    create_markdown_artifact(key="judged-stories", markdown=f"{done} stories read and labelled.")
    return done
