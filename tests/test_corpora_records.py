"""Records are checked once, when they are made."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.records import Entry, Feed, Fetched, Label, Region, Span, Story, stable_id, utc

NOON = datetime(2026, 8, 3, 12, tzinfo=UTC)
STORY = Story(
    url="https://www.orren-echo.test/a",
    outlet="orren-echo",
    published=NOON,
    published_trusted=True,
    first_seen=NOON,
    title="Weir mended",
    text="The weir was mended.",
    text_from="feed",
)
LABEL = Label(
    story=STORY.version_id,
    unit="body",
    span=Span.of(STORY.text, 0, 20),
    frame="blame",
    aspect="active",
    probability=1.0,
    coder="human:ab",
    codebook="1",
)
ENTRY = Entry(url=None, guid="1", title="t", summary="", content="", published=NOON, updated=None)
NOT_UTC = [
    datetime(2026, 8, 3, 12),  # noqa: DTZ001
    datetime(2026, 8, 3, 12, tzinfo=ZoneInfo("Europe/London")),
    datetime(2026, 8, 3, 12, tzinfo=timezone(timedelta(hours=2))),
]


@pytest.mark.parametrize("moment", NOT_UTC)
@pytest.mark.parametrize(
    ("record", "field"), [(STORY, "published"), (STORY, "first_seen"), (ENTRY, "published"), (ENTRY, "updated")]
)
def test_times_are_aware_and_utc(record: Any, field: str, moment: datetime) -> None:
    with pytest.raises(ValueError, match=f"{field} must be timezone-aware UTC"):
        replace(record, **{field: moment})


def test_a_fetched_body_is_stamped_in_utc() -> None:
    parts: dict[str, Any] = {"url": "u", "final_url": "u", "status": 200, "content_type": "", "body": b""}
    with pytest.raises(ValueError, match="at must be"):
        Fetched(**parts, etag="", last_modified="", at=NOT_UTC[0])


def test_utc_converts_and_refuses_to_guess() -> None:
    assert utc(NOT_UTC[1]) == datetime(2026, 8, 3, 11, tzinfo=UTC)
    assert utc(NOT_UTC[1]).tzinfo is UTC
    with pytest.raises(ValueError, match="without a zone"):
        utc(NOT_UTC[0])


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x.test/a", "/news/1", "", "data:text/html,x"])
def test_only_web_addresses_enter_records(url: str) -> None:
    with pytest.raises(ValueError, match="http or https"):
        replace(STORY, url=url)
    with pytest.raises(ValueError, match="http or https"):
        replace(ENTRY, url=url)


def test_an_edit_changes_the_version_and_not_the_story() -> None:
    edited = replace(STORY, title="Weir not mended")
    assert edited.id == STORY.id
    assert edited.version_id != STORY.version_id
    assert replace(STORY, first_seen=NOON + timedelta(days=1)).version_id == STORY.version_id


def test_records_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        STORY.title = "x"  # type: ignore[misc]


@given(st.text(min_size=1), st.data())
def test_spans_hold_what_they_point_at(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    span = Span.of(text, start, end)
    assert span.check(text) is span
    assert text[span.start : span.end] == span.text
    with pytest.raises(ValueError, match="no longer matches"):
        span.check(text[:start] + chr(ord(span.text[0]) ^ 1) + text[start + 1 :])


@pytest.mark.parametrize(("start", "end", "text"), [(-1, 1, "ab"), (2, 2, ""), (3, 1, "ab"), (0, 3, "ab"), (0, 1, "")])
def test_spans_that_do_not_fit_are_refused(start: int, end: int, text: str) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        Span(start=start, end=end, text=text)


@pytest.mark.parametrize("probability", [-0.01, 1.01, float("nan"), float("inf")])
def test_probabilities_lie_between_0_and_1(probability: float) -> None:
    with pytest.raises(ValueError, match="out of range"):
        replace(LABEL, probability=probability)


@pytest.mark.parametrize("coder", ["", "ab", "Human:ab", "gpt"])
def test_coders_say_what_they_are(coder: str) -> None:
    with pytest.raises(ValueError, match="coder must be"):
        replace(LABEL, coder=coder)


@pytest.mark.parametrize("gss", ["", "Leeds", "E0800003", "E080000355", "e08000035", "TL1", "E08000035\n"])
def test_region_codes_have_a_shape(gss: str) -> None:
    with pytest.raises(ValueError, match="not a region code"):
        Region(gss=gss, name="x", tier="lad", parent="")


def test_ids_are_stable_and_keep_their_parts_apart() -> None:
    # Pinned: a store made by one version must be readable by the next.
    assert stable_id("story", "https://www.orren-echo.test/a") == STORY.id == "8f88cf50da49581a3b5d"
    assert stable_id("ab", "c") != stable_id("a", "bc")
    assert len(stable_id("\ud800", length=40)) == 40
    assert Feed(url="u", outlet="o", certainty="A").id == stable_id("feed", "u")
