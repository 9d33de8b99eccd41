"""How the weekly run is served on one machine: a Prefect server of its own and a deployment with a London clock."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from corpora.errors import NotReady, UserError

LONDON = "Europe/London"
PATIENCE = 300.0
"""Seconds a cold server may take on a small machine."""


@contextmanager
def prefect_server() -> Iterator[str]:
    """Give the address of a Prefect server: the user's (`PREFECT_API_URL`), or one that lives as long as we do.

    Runs are only scheduled by a server that stays; the ephemeral one that a single run gets does not schedule.

    Raises:
        NotReady: The server does not come up.
    """
    named = os.environ.get("PREFECT_API_URL")
    if named:
        yield named
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/api"
    command = [
        sys.executable,
        "-m",
        "prefect",
        "server",
        "start",
        "--no-ui",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 (fixed words)
    try:
        _wait_for(url, server)
        os.environ["PREFECT_API_URL"] = url
        yield url
    finally:
        os.environ.pop("PREFECT_API_URL", None)
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            if httpx.get(f"{url}/health", timeout=2.0, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.5)
    raise NotReady("Prefect's server did not start.", what_next="Try again, or name a server with PREFECT_API_URL.")


def serve(home: str, cron: str) -> None:
    """Serve the flow `run` until interrupted.

    Args:
        home: Folder of the workspace.
        cron: Five fields, read in Europe/London, so that summer time moves with the clocks.

    Raises:
        UserError: `cron` cannot be read.
        NotReady: Prefect's server does not come up.
    """
    if len(cron.split()) != 5:
        raise UserError(f"{cron!r} is not a schedule.", what_next="Give five fields, as in '30 6 * * 1'.")
    # Prefect reads its settings when it is imported, so the server's address must be known by then.
    with prefect_server():
        from prefect.schedules import Cron
        from prefect.types.entrypoint import EntrypointType

        from flows.run import run

        try:
            when = Cron(cron, timezone=LONDON)
        except ValueError as error:
            raise UserError(f"{cron!r} is not a schedule: {error}.", what_next="Five fields: '30 6 * * 1'.") from error
        # pause_on_shutdown off: a restarted machine takes its schedule up again by itself. A module entrypoint fails
        # loudly where an import is broken; a path one would load all the same.
        run.serve(
            name="weekly",
            schedule=when,
            parameters={"home": home},
            pause_on_shutdown=False,
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
