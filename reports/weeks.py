"""A report's week is the ISO week, Monday 00:00 to Monday 00:00, by the clock in Europe/London.

The store keeps UTC. In summer a story of Sunday 23:30 UTC was published on Monday in Britain and belongs
to the next week; and a week in which the clocks change has 167 or 169 hours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from corpora.errors import BadInput
from corpora.times import LONDON

_WRITTEN = re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """One ISO week; weeks sort by time."""

    year: int
    """ISO year: 1 January may belong to the year before."""
    number: int
    """1 to 52, or 53 where the year has one (2026 does)."""

    def __post_init__(self) -> None:
        try:
            date.fromisocalendar(self.year, self.number, 1)
        except ValueError as error:
            raise BadInput(
                f"There is no week {self.number} in {self.year}.",
                what_next="Weeks are ISO weeks, written like 2026-W44.",
            ) from error

    @classmethod
    def parse(cls, written: str) -> Week:
        """Read `2026-W44`.

        Raises:
            BadInput: The text is not a week, or the year has no such week.
        """
        found = _WRITTEN.fullmatch(written.strip())
        if found is None:
            raise BadInput(f"{written[:40]!r} is not a week.", what_next="Write the ISO week, like 2026-W44.")
        return cls(int(found.group(1)), int(found.group(2)))

    @property
    def monday(self) -> date:
        """First day of the week."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def start(self) -> datetime:
        """First moment of the week, in UTC."""
        return _midnight(self.monday)

    @property
    def end(self) -> datetime:
        """First moment after the week, in UTC (the week is half-open)."""
        return _midnight(self.monday + timedelta(days=7))

    @property
    def label(self) -> str:
        """The week as files and addresses name it: `2026-W44`."""
        return f"{self.year}-W{self.number:02d}"

    @property
    def dates(self) -> str:
        """First and last day in words: `26 October to 1 November 2026`."""
        return day_range(self.monday, self.monday + timedelta(days=6))

    def minus(self, n: int) -> Week:
        """The week `n` weeks earlier (later, for a negative `n`)."""
        return _week_with(self.monday - timedelta(days=7 * n))


def week_of(moment: datetime) -> Week:
    """Return the week a moment falls in, by the London clock.

    Raises:
        ValueError: The time carries no zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without a zone belongs to no week")
    return _week_with(moment.astimezone(LONDON).date())


def weeks_back(last: Week, n: int) -> tuple[Week, ...]:
    """The `n` weeks that end with `last`, oldest first."""
    return tuple(last.minus(back) for back in range(n - 1, -1, -1))


def day(moment: date | datetime) -> str:
    """A London day in words: `5 October 2026`."""
    on = moment.astimezone(LONDON).date() if isinstance(moment, datetime) else moment
    return f"{on.day} {on:%B} {on.year}"


def day_range(first: date, last: date) -> str:
    """Two days in words, each part said once: `2 to 8 November 2026`."""
    if first.year != last.year:
        return f"{day(first)} to {day(last)}"
    if first.month != last.month:
        return f"{first.day} {first:%B} to {day(last)}"
    return f"{first.day} to {day(last)}"


def _week_with(on: date) -> Week:
    year, number, _ = on.isocalendar()
    return Week(year, number)


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(), tzinfo=LONDON).astimezone(UTC)
