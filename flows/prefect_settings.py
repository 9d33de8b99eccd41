"""How Prefect is set up before it is imported: no telemetry, patience on small machines, its own folder."""

from __future__ import annotations

import logging
import os
from pathlib import Path

SETTINGS = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    # The default of 20 s is too short for a cold start on two cores.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    "PREFECT_CLI_PROMPT": "false",
}


def prepare(home: Path) -> None:
    """Set what the user has not set. Call before anything imports Prefect.

    Prefect's own database goes into the workspace, unless a server is named by `PREFECT_API_URL` or a folder by
    `PREFECT_HOME`, so that runs of two workspaces do not wait for each other.
    """
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    if "PREFECT_API_URL" not in os.environ:
        folder = home.resolve() / "prefect"
        folder.mkdir(parents=True, exist_ok=True)
        os.environ.setdefault("PREFECT_HOME", str(folder))
    logging.getLogger("httpx").setLevel(logging.WARNING)
