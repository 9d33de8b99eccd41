"""Which failed tasks Prefect tries again: those whose error's type says so."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from corpora.errors import Retryable
from flows.stages import RETRY_SECONDS

RETRY: dict[str, Any] = {
    "retries": len(RETRY_SECONDS),
    "retry_delay_seconds": list(RETRY_SECONDS),
    "retry_jitter_factor": 1.0,
}


def may_retry(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """True for `Retryable` failures only; a refused or quarantined input fails once and for all."""
    try:
        state.result()
    except Retryable:
        return True
    except Exception:  # noqa: BLE001 (any other failure, of whatever type, is not tried again)
        return False
    return False
