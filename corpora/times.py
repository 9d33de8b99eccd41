"""What time a feed or a page means, by British habits.

feedparser reads "BST" as UTC and drops times without a zone. British publishers write both, and both
mean local time; an hour decides the day, and at a week's end the week.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""No UK local paper published on the web before; an older date is a default value (1970) or junk."""

AHEAD = timedelta(hours=24)
"""A date further ahead than this is not believed (embargoes and wrong clocks stay inside it)."""

ZONES = {"GMT": 0, "UTC": 0, "UT": 0, "Z": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "CEST": 2} | {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
"""Hours east of Greenwich: British names as the British mean them, the rest by RFC 822 (feeds made on US hosts)."""

_NAMED_ZONE = re.compile(rf"\s*\(?(?<![A-Za-z])({'|'.join(ZONES)})\)?\s*$", re.IGNORECASE)
_LONGEST = 100


def parse_time(raw: str | None) -> datetime | None:
    """Read an RFC 822 or ISO 8601 time as UTC; None where it cannot be read.

    A time without a zone, or with a zone name that is not in `ZONES`, is taken as Europe/London.
    """
    if not raw:
        return None
    text = " ".join(raw[:_LONGEST].split())
    zone: timezone | ZoneInfo | None = None
    named = _NAMED_ZONE.search(text)
    if named:
        zone = timezone(timedelta(hours=ZONES[named.group(1).upper()]))
        text = text[: named.start()].strip()
    moment = _iso(text) or _rfc822(text)
    if moment is None:
        return None
    if moment.tzinfo is None or zone is not None:
        moment = moment.replace(tzinfo=zone or LONDON)
    try:
        return moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _rfc822(text: str) -> datetime | None:
    # parsedate_tz cannot tell "no zone" from "+0000" (it gives 0 for both), so the offset is read here.
    offset = re.search(r"([+-])(\d{2}):?(\d{2})$", text)
    try:
        parts = parsedate(text[: offset.start()] if offset else text)
        if parts is None:
            return None
        naive = datetime(*parts[:6])  # noqa: DTZ001 (the zone is put on below, or by the caller)
        if offset is None:
            return naive
        hours, minutes = int(offset.group(2)), int(offset.group(3))
        if hours > 14 or minutes > 59:
            return None
        shift = timedelta(hours=hours, minutes=minutes)
        return naive.replace(tzinfo=timezone(-shift if offset.group(1) == "-" else shift))
    except (IndexError, ValueError, OverflowError, TypeError):  # the standard library's parser trips over some junk
        return None


def believed(published: datetime | None, first_seen: datetime) -> tuple[datetime, bool]:
    """Return the time to file a story under, and whether it is the outlet's own.

    A missing date, one before `EARLIEST` or more than `AHEAD` of when we saw it is replaced by `first_seen`.
    """
    if published is None or published < EARLIEST or published > first_seen + AHEAD:
        return first_seen, False
    return published, True
