"""How the weekly run is served on one machine: a Prefect deployment with a London clock."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from corpora.errors import UserError


def serve(home: str, cron: str) -> None:
    """Serve the flow `run` until interrupted.

    Args:
        home: Folder of the workspace.
        cron: Five fields, read in Europe/London, so that summer time moves with the clocks.

    Raises:
        UserError: `cron` cannot be read.
    """
    from prefect.schedules import Cron

    from flows.run import run

    try:
        when = Cron(cron, timezone=str(ZoneInfo("Europe/London")))
    except ValueError as error:
        raise UserError(
            f"{cron!r} is not a schedule: {error}.", what_next="Five fields, as in '30 6 * * 1'."
        ) from error
    # pause_on_shutdown off: a restarted machine takes its schedule up again by itself.
    run.serve(name="weekly", schedule=when, parameters={"home": home}, pause_on_shutdown=False)
