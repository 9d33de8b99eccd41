"""What the store knows of feeds, entries and stories."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from corpora.coding import FeedCheck, FeedMemory
from corpora.records import Feed, Story
from corpora.store.base import HasTransaction, in_batches, insert_new, put
from corpora.store.forgetting import FORGOTTEN, bury, tombs
from corpora.store.schema import entry, feed, feed_check, meta, place, story, version

Saved = Literal["new", "edited", "same"]

MEMORY = tuple(one.name for one in fields(FeedMemory))
"""Columns of the table `feed` that a `FeedMemory` is kept in."""


class CollectedPart:
    """Reading and writing of what was collected."""

    def feed_memory(self: HasTransaction, url: str) -> FeedMemory | None:
        """What the last visits left behind, or None before the first."""
        with self.transaction() as connection:
            row = connection.execute(sa.select(feed).where(feed.c.url == url)).mappings().first()
        return None if row is None else _memory(row)

    def feed_standings(self: HasTransaction, urls: Iterable[str]) -> dict[str, tuple[FeedCheck, FeedMemory]]:
        """How feeds stood at their last visit, without what that visit brought, and what is remembered of them."""
        found = {}
        with self.transaction() as connection:
            for some in in_batches(urls):
                for row in connection.execute(sa.select(feed).where(feed.c.url.in_(some))).mappings():
                    check = FeedCheck(
                        url=row["url"],
                        outlet=row["outlet"],
                        at=row["checked_at"],
                        state=row["state"],
                        detail=row["detail"],
                    )
                    found[check.url] = (check, _memory(row))
        return found

    def known_entries(self: HasTransaction, keys: Iterable[str]) -> dict[str, str]:
        """Map each known entry key to the hash of its last seen wording, or to `FORGOTTEN`: leave that one alone."""
        known: dict[str, str] = {}
        asked = list(keys)
        with self.transaction() as connection:
            known.update(dict.fromkeys(tombs(connection, asked), FORGOTTEN))
            for some in in_batches(asked):
                rows = connection.execute(sa.select(entry.c.key, entry.c.entry_hash).where(entry.c.key.in_(some)))
                known.update((row.key, row.entry_hash) for row in rows)
        return known

    def save_entry(
        self: HasTransaction,
        *,
        key: str,
        entry_hash: str,
        outlet: str,
        outcome: str,
        found: Story | None,
        areas: Iterable[tuple[str, str]] = (),
    ) -> Saved:
        """Keep one feed entry and the story it led to, in one transaction.

        Args:
            key: Stable key of the entry.
            entry_hash: Hash of its wording, so that an edit is noticed.
            outlet: Slug of the outlet.
            outcome: `story`, or why there is none.
            found: The story, or None.
            areas: (GSS code, method) pairs the story counts for.

        Returns:
            new: first time this story is seen; edited: known story, new wording; same: nothing changed, or the story
            was taken out (`forget`) and stays out.
        """
        saved: Saved = "same"
        with self.transaction() as connection:
            if found is not None and tombs(connection, [found.id]):
                # Another feed leads to it, or a visit was under way while it was taken out.
                bury(connection, [key], found.first_seen)
                return saved
            if found is not None:
                first = insert_new(
                    connection,
                    story,
                    [
                        {
                            "story_id": found.id,
                            "url": found.url,
                            "outlet": found.outlet,
                            "published": found.published,
                            "published_trusted": found.published_trusted,
                            "first_seen": found.first_seen,
                        }
                    ],
                )
                count = sa.select(sa.func.count()).select_from(version).where(version.c.story_id == found.id)
                number = 1 + connection.execute(count).scalar_one()
                fresh = insert_new(
                    connection,
                    version,
                    [
                        {
                            "version_id": found.version_id,
                            "story_id": found.id,
                            "number": number,
                            "seen_at": found.first_seen,
                            "title": found.title,
                            "text": found.text,
                            "text_from": found.text_from,
                            "byline": found.byline,
                        }
                    ],
                )
                rows = [{"story_id": found.id, "gss": gss, "method": method} for gss, method in areas]
                insert_new(connection, place, rows)
                saved = "new" if first else "edited" if fresh else "same"
            put(
                connection,
                entry,
                {
                    "key": key,
                    "outlet": outlet,
                    "entry_hash": entry_hash,
                    "outcome": outcome,
                    "story_id": "" if found is None else found.id,
                },
            )
        return saved

    def save_check(self: HasTransaction, check: FeedCheck, memory: FeedMemory) -> None:
        """Keep the outcome of one visit, last of all: a killed visit is simply made again."""
        row = {
            "url": check.url,
            "at": check.at,
            "outlet": check.outlet,
            "state": check.state,
            "detail": check.detail,
            "entries": check.entries,
            "new_stories": check.new_stories,
            "new_versions": check.new_versions,
            "thin": check.thin,
        }
        with self.transaction() as connection:
            insert_new(connection, feed_check, [row])
            put(
                connection,
                feed,
                {
                    "url": check.url,
                    "outlet": check.outlet,
                    "state": check.state,
                    "detail": check.detail,
                    "checked_at": check.at,
                    **{name: getattr(memory, name) for name in MEMORY},
                    "validators_lie": int(memory.validators_lie),
                },
            )

    def checks(self: HasTransaction, feeds: Iterable[Feed], *, since: datetime, until: datetime) -> list[FeedCheck]:
        """All visits to `feeds` with since <= at < until, oldest first."""
        found: list[FeedCheck] = []
        with self.transaction() as connection:
            for urls in in_batches(one.url for one in feeds):
                rows = connection.execute(
                    sa.select(feed_check).where(
                        feed_check.c.url.in_(urls), feed_check.c.at >= since, feed_check.c.at < until
                    )
                ).mappings()
                found.extend(FeedCheck(**row) for row in rows)
        return sorted(found, key=lambda check: (check.at, check.url))

    def note(self: HasTransaction, key: str) -> str | None:
        """Read one note of the workspace (for example when the last run ended)."""
        with self.transaction() as connection:
            return connection.execute(sa.select(meta.c.value).where(meta.c.key == key)).scalar_one_or_none()

    def set_note(self: HasTransaction, key: str, value: str) -> None:
        """Write one note of the workspace."""
        with self.transaction() as connection:
            put(connection, meta, {"key": key, "value": value})


def _memory(row: sa.RowMapping) -> FeedMemory:
    kept: dict[str, Any] = {name: row[name] for name in MEMORY}
    return FeedMemory(**{**kept, "validators_lie": bool(row["validators_lie"])})
