"""Which tables there are. Natural keys everywhere, so that every stage can run twice."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
    types,
)
from sqlalchemy.engine import Dialect

from corpora.errors import StoreError

SCHEMA_VERSION = 4
"""Raised with every change of a table, and with it a step is added to `corpora.store.migrations`."""


class UtcTime(types.TypeDecorator[datetime]):
    """Aware UTC datetimes as sortable ISO text: SQLite has no time type and drops the zone silently."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Python to database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone must not enter the store")
        return value.astimezone(UTC).isoformat(timespec="seconds")

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Database to Python."""
        return None if value is None else datetime.fromisoformat(value)


class Compressed(types.TypeDecorator[str]):
    """Text kept as zlib bytes: article bodies shrink to about 40 %."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Python to database."""
        return None if value is None else zlib.compress(value.encode("utf-8"), 6)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        """Database to Python."""
        try:
            return None if value is None else zlib.decompress(value).decode("utf-8")
        except (zlib.error, UnicodeDecodeError, TypeError) as error:
            raise StoreError(
                "A text in the store is damaged.", what_next="Restore a copy, or run `sharedstory doctor`."
            ) from error


metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

feed = Table(
    "feed",
    metadata,
    Column("url", Text, primary_key=True),
    Column("outlet", String(120), nullable=False),
    Column("state", String(20), nullable=False),
    Column("detail", Text, nullable=False, default=""),
    Column("checked_at", UtcTime, nullable=False),
    Column("alive_at", UtcTime),
    Column("etag", Text, nullable=False, default=""),
    Column("last_modified", Text, nullable=False, default=""),
    Column("body_hash", String(64), nullable=False, default=""),
    # `FeedMemory`: when and where it is asked next, and what its publisher reserves.
    Column("full_at", UtcTime),
    Column("validators_lie", Integer, nullable=False, server_default=text("0")),
    Column("interval_minutes", Integer, nullable=False, server_default=text("60")),
    Column("due_at", UtcTime),
    Column("failures", Float, nullable=False, server_default=text("0")),
    Column("moved_to", Text, nullable=False, server_default=""),
    Column("moving_to", Text, nullable=False, server_default=""),
    Column("moving_since", UtcTime),
    Column("moving_times", Integer, nullable=False, server_default=text("0")),
    Column("optout", Text, nullable=False, server_default=""),
    Column("optout_at", UtcTime),
)

feed_check = Table(
    "feed_check",
    metadata,
    Column("url", Text, primary_key=True),
    Column("at", UtcTime, primary_key=True),
    Column("outlet", String(120), nullable=False),
    Column("state", String(20), nullable=False),
    Column("detail", Text, nullable=False, default=""),
    Column("entries", Integer, nullable=False, default=0),
    Column("new_stories", Integer, nullable=False, default=0),
    Column("new_versions", Integer, nullable=False, default=0),
    Column("thin", Integer, nullable=False, default=0),
)

entry = Table(
    "entry",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("outlet", String(120), nullable=False),
    Column("entry_hash", String(40), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("story_id", String(40), nullable=False, default=""),
)

story = Table(
    "story",
    metadata,
    Column("story_id", String(40), primary_key=True),
    Column("url", Text, nullable=False),
    Column("outlet", String(120), nullable=False),
    Column("published", UtcTime, nullable=False),
    Column("published_trusted", Boolean, nullable=False),
    Column("first_seen", UtcTime, nullable=False),
    # What the search for copies needs once the text is gone; null while it is there, and when no copy is awaited.
    Column("fingerprint", LargeBinary),
    Index("story_by_time", "published"),
    Index("story_by_outlet", "outlet", "published"),
)

version = Table(
    "version",
    metadata,
    Column("version_id", String(40), primary_key=True),
    Column("story_id", String(40), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Compressed, nullable=False),
    Column("text_from", String(10), nullable=False),
    Column("byline", Text, nullable=False, default=""),
    # When the text was let go, or null while it is kept.
    Column("text_gone", UtcTime),
)

family = Table(
    "family",
    metadata,
    Column("story_id", String(40), primary_key=True),
    Column("family_id", String(40), nullable=False, index=True),
    Column("kind", String(20), nullable=False, default=""),
)

place = Table(
    "place",
    metadata,
    Column("story_id", String(40), primary_key=True),
    Column("gss", String(12), primary_key=True),
    Column("method", String(20), nullable=False),
    Index("place_by_region", "gss"),
)

coder = Table(
    "coder",
    metadata,
    Column("coder", String(80), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("codebook", String(20), nullable=False),
    Column("thresholds", Text, nullable=False),
    Column("quality", Text, nullable=False, default="{}"),
)

reading = Table(
    "reading",
    metadata,
    Column("version_id", String(40), primary_key=True),
    Column("coder", String(80), primary_key=True),
    Column("sentences", Integer, nullable=False),
    Column("capped", Boolean, nullable=False, default=False),
    # `StoryDetail` as JSON, without what is not so.
    Column("detail", Text, nullable=False, server_default=""),
)

sentence = Table(
    "sentence",
    metadata,
    Column("version_id", String(40), primary_key=True),
    Column("unit", String(10), primary_key=True),
    Column("start", Integer, primary_key=True),
    Column("end", Integer, nullable=False),
    Column("voice", String(10), nullable=False),
    Column("groups", Text, nullable=False),
    Column("spans", Text, nullable=False),
    # `SentenceDetail` as JSON, without what is empty.
    Column("detail", Text, nullable=False, server_default=""),
    # The sentence itself, once the text it stood in is gone, if it is one that is kept.
    Column("wording", Compressed),
    # Number of the newest version, of those whose text is gone, that still had this wording; 0 for none.
    Column("stands_in", Integer, nullable=False, server_default=text("0")),
)

label = Table(
    "label",
    metadata,
    Column("version_id", String(40), primary_key=True),
    Column("unit", String(10), primary_key=True),
    Column("start", Integer, primary_key=True),
    Column("end", Integer, nullable=False),
    Column("frame", String(20), primary_key=True),
    Column("aspect", String(10), primary_key=True),
    Column("coder", String(80), primary_key=True),
    Column("probability", Float, nullable=False),
    Column("codebook", String(20), nullable=False),
    Index("label_by_frame", "coder", "frame", "aspect", "probability"),
)

forgotten = Table(
    "forgotten",
    metadata,
    # Hash of a story's or an entry's id: enough to know it again, too little to tell what it was.
    Column("key", String(64), primary_key=True),
    Column("at", UtcTime, nullable=False),
)

# What is known of a week's collection, in numbers only (`corpora.health`); it stays when texts go.

health_feed = Table(
    "health_feed",
    metadata,
    Column("url", Text, primary_key=True),
    Column("week", String(8), primary_key=True),
    Column("outlet", String(120), nullable=False),
    Column("visits", Integer, nullable=False),
    Column("answered", Integer, nullable=False),
    Column("silent", Integer, nullable=False),
    Column("blocked", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("edited", Integer, nullable=False),
    Column("thin", Integer, nullable=False),
    Column("last_state", String(20), nullable=False),
    Index("health_feed_by_week", "week"),
)

health_outlet = Table(
    "health_outlet",
    metadata,
    Column("outlet", String(120), primary_key=True),
    Column("week", String(8), primary_key=True),
    # Seven counts, Monday first.
    Column("days", String(80), nullable=False),
    Column("copies", Integer, nullable=False),
    Column("measured", Integer, nullable=False),
    # Shares and lengths by name, as JSON.
    Column("parts", Text, nullable=False),
    Column("quality", Float),
)

health_region = Table(
    "health_region",
    metadata,
    Column("gss", String(12), primary_key=True),
    Column("week", String(8), primary_key=True),
    Column("outlets", Integer, nullable=False),
    Column("reporting", Integer, nullable=False),
    Column("silent", Integer, nullable=False),
    Column("feeds", Integer, nullable=False),
    Column("failing", Integer, nullable=False),
    Column("stories", Integer, nullable=False),
)

health_alarm = Table(
    "health_alarm",
    metadata,
    Column("outlet", String(120), primary_key=True),
    Column("week", String(8), primary_key=True),
    Column("kind", String(20), primary_key=True),
    # A day, like 2026-10-14.
    Column("since", String(10), nullable=False),
    Column("before", Float, nullable=False),
    Column("after", Float, nullable=False),
    Column("p", Float, nullable=False),
    Column("part", String(20), nullable=False),
)
