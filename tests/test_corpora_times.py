"""British times: an hour decides the day, and at a week's end the week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.times import AHEAD, EARLIEST, believed, parse_time


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        # summer and winter, by name, by offset, without a zone
        ("Mon, 03 Aug 2026 10:00:00 BST", "2026-08-03T09:00"),
        ("Mon, 03 Aug 2026 10:00:00 +0100", "2026-08-03T09:00"),
        ("Mon, 03 Aug 2026 10:00:00 GMT", "2026-08-03T10:00"),
        ("Mon, 03 Aug 2026 10:00:00 +0000", "2026-08-03T10:00"),
        ("Mon, 03 Aug 2026 10:00:00 -0000", "2026-08-03T10:00"),
        ("Mon, 03 Aug 2026 10:00:00", "2026-08-03T09:00"),
        ("Mon, 02 Feb 2026 10:00:00", "2026-02-02T10:00"),
        ("Mon, 02 Feb 2026 10:00:00 GMT", "2026-02-02T10:00"),
        ("03 Aug 2026 10:00 bst", "2026-08-03T09:00"),
        ("Mon, 03 Aug 2026 10:00:00 (BST)", "2026-08-03T09:00"),
        ("Mon, 03 Aug 2026 10:00:00 UT", "2026-08-03T10:00"),
        ("Monday, 3 August 2026 10:00:00 BST", "2026-08-03T09:00"),
        ("  Mon,  03 Aug 2026\n10:00:00   BST ", "2026-08-03T09:00"),
        # ISO 8601
        ("2026-08-03T10:00:00Z", "2026-08-03T10:00"),
        ("2026-08-03T10:00:00+01:00", "2026-08-03T09:00"),
        ("2026-08-03T10:00:00.000+0100", "2026-08-03T09:00"),
        ("2026-08-03 10:00:00", "2026-08-03T09:00"),
        ("2026-08-03T10:00:00 BST", "2026-08-03T09:00"),
        ("2026-08-03", "2026-08-02T23:00"),
        ("2026-12-31", "2026-12-31T00:00"),
        # the Sundays on which the clocks change: 29 March and 25 October 2026
        ("Sun, 29 Mar 2026 00:59:00", "2026-03-29T00:59"),
        ("Sun, 29 Mar 2026 02:00:00", "2026-03-29T01:00"),
        ("Sun, 25 Oct 2026 00:30:00", "2026-10-24T23:30"),
        ("Sun, 25 Oct 2026 01:30:00 BST", "2026-10-25T00:30"),
        ("Sun, 25 Oct 2026 01:30:00 GMT", "2026-10-25T01:30"),
        ("Sun, 25 Oct 2026 03:00:00", "2026-10-25T03:00"),
        # leap day, year's end, other zones
        ("Tue, 29 Feb 2028 10:00:00 GMT", "2028-02-29T10:00"),
        ("Thu, 31 Dec 2026 23:30:00 GMT", "2026-12-31T23:30"),
        ("Mon, 03 Aug 2026 10:00:00 EDT", "2026-08-03T14:00"),
        ("Mon, 03 Aug 2026 10:00:00 PST", "2026-08-03T18:00"),
        ("Mon, 03 Aug 2026 10:00:00 +0530", "2026-08-03T04:30"),
        ("Mon, 03 Aug 2026 10:00:00 -03:30", "2026-08-03T13:30"),
        ("Mon, 01 Jan 2999 00:00:00 GMT", "2999-01-01T00:00"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00"),
    ],
)
def test_british_dates(raw: str, expected: str) -> None:
    moment = parse_time(raw)
    assert moment is not None
    assert moment.tzinfo is UTC
    assert moment.isoformat(timespec="minutes").removesuffix("+00:00") == expected


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        " ",
        "yesterday",
        "30 Feb 2026 10:00:00 GMT",
        "2026-02-30T10:00:00Z",
        "29 Feb 2026 10:00:00 GMT",
        "Mon, 03 Aug 2026 10:00:00 +9900",
        "Mon, 03 Aug 2026 25:00:00 GMT",
        "Mon, 03 Foo 2026 10:00:00 GMT",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-13-01",
        "BST",
        "\x00",
        "99999999999999999999",
        "Mon, 03 Aug 99999999999 10:00:00 GMT",
        "<b>today</b>",
    ],
)
def test_what_is_no_date_is_none(raw: str | None) -> None:
    assert parse_time(raw) is None


@given(st.one_of(st.text(), st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,6} \d{1,3}:\d\d.{0,9}")))
def test_anything_is_read_or_none(raw: str) -> None:
    moment = parse_time(raw)
    assert moment is None or moment.tzinfo is UTC


SEEN = datetime(2026, 8, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("published", "trusted"),
    [
        (None, False),
        (datetime(1970, 1, 1, tzinfo=UTC), False),
        (EARLIEST - timedelta(seconds=1), False),
        (EARLIEST, True),
        (SEEN - timedelta(days=3650), True),
        (SEEN, True),
        (SEEN + AHEAD, True),
        (SEEN + AHEAD + timedelta(seconds=1), False),
        (SEEN + timedelta(days=3), False),
        (datetime(2999, 1, 1, tzinfo=UTC), False),
    ],
)
def test_impossible_dates_fall_back_on_when_we_saw_the_story(published: datetime | None, trusted: bool) -> None:
    assert believed(published, SEEN) == (published if trusted else SEEN, trusted)
