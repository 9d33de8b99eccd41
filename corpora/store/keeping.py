"""How long words are kept: the text of a story for a while, then only the sentences that reports rest on.

What stays when a text goes: title, address, hashes (the version's id, by which an unchanged story is known), labels,
and the wording of sentences that are flagged or name a group. Two things that reports and the search for copies would
else read from the text are worked out while it is still there: whether an earlier wording still stood in this version,
and, for as long as copies may yet appear, the story's fingerprint.
"""

from __future__ import annotations

import json
import secrets
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from corpora.families import Fingerprint, fingerprint
from corpora.store.base import HasTransaction, put
from corpora.store.schema import coder, family, forgotten, label, meta, reading, sentence, story, version

FOR_EVER = -1
DEFAULT_DAYS = 90
"""Days a full text is kept unless the settings say otherwise."""

COPIES_DAYS = 28
"""Days after which no copy of a story is awaited any more; as long as reports look back for the original of a copy."""

FLAGGED_FROM = 0.25
"""A sentence is kept from this probability on: where it is put before a reader. Lower where a coder's threshold is."""

UNREAD_DAYS = DEFAULT_DAYS
"""Where texts go once they are read: days after which one that was never read goes too."""

AT_ONCE = 100
"""Texts let go in one transaction: others wait for that long."""

COMPACT = "compact"
"""Note of the workspace: something was deleted, and the file has not been written anew since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What the store holds of other people's words."""

    versions: int
    texts: int
    """Versions whose full text is kept."""
    oldest: datetime | None
    """When the oldest of these was seen."""
    sentences: int
    """Single sentences kept of texts that are gone."""
    forgotten: int
    """Stories and entries that were taken out."""


def note_compaction(connection: sa.Connection) -> None:
    """Remember that the file has to be written anew."""
    # A new value each time, so that whoever has just written the file anew sees that more was deleted meanwhile.
    put(connection, meta, {"key": COMPACT, "value": secrets.token_hex(4)})


def level(connection: sa.Connection) -> float:
    """Probability from which a sentence is kept: `FLAGGED_FROM`, or the lowest threshold of any coder."""
    rows = connection.execute(sa.select(coder.c.thresholds)).scalars()
    return min([FLAGGED_FROM, *(float(value) for row in rows for value in json.loads(row).values())])


class KeepingPart:
    """Letting go of texts, and what stays of them."""

    def let_texts_go(self: HasTransaction, *, now: datetime, days: int) -> int:
        """Let go of up to `AT_ONCE` texts that have been kept long enough; return how many went.

        Call it until it returns 0. Each call is one transaction.

        Args:
            now: The clock, UTC.
            days: Days a text is kept after it was seen; 0: until the coder that reports go by has read it;
                -1: for ever.
        """
        if days == FOR_EVER:
            return 0
        with self.transaction() as connection:
            due = connection.execute(_due(connection, now, days)).all()
            least = level(connection) if due else 0.0
            for one in due:
                _let_go(connection, one, least, now)
            if due:
                note_compaction(connection)
        return len(due)

    def settle(self: HasTransaction, *, now: datetime) -> int:
        """Drop fingerprints of stories of which no copy is awaited any more; return how many."""
        with self.transaction() as connection:
            gone = connection.execute(
                story.update()
                .where(story.c.fingerprint.is_not(None), story.c.first_seen < now - timedelta(days=COPIES_DAYS))
                .values(fingerprint=None)
            ).rowcount
            if gone:
                note_compaction(connection)
        return gone

    def fingerprints(self: HasTransaction) -> dict[str, Fingerprint]:
        """Fingerprint of each story's first wording, for those whose text or stored fingerprint is there."""
        statement = (
            sa.select(story.c.story_id, story.c.fingerprint, version.c.title, version.c.text, version.c.text_gone)
            .join(version, version.c.story_id == story.c.story_id)
            .where(version.c.number == 1)
            .where(sa.or_(version.c.text_gone.is_(None), story.c.fingerprint.is_not(None)))
        )
        with self.transaction() as connection:
            rows = connection.execute(statement).all()
        return {
            row.story_id: fingerprint(row.title, row.text) if row.text_gone is None else unpacked(row.fingerprint)
            for row in rows
        }

    def settled_families(self: HasTransaction) -> dict[str, str]:
        """Story id to family id of families with a member that has neither text nor fingerprint any more."""
        closed = (
            sa.select(family.c.family_id)
            .join(story, story.c.story_id == family.c.story_id)
            .join(version, version.c.story_id == family.c.story_id)
            .where(version.c.number == 1, version.c.text_gone.is_not(None), story.c.fingerprint.is_(None))
        )
        statement = sa.select(family.c.story_id, family.c.family_id).where(family.c.family_id.in_(closed))
        with self.transaction() as connection:
            return {row.story_id: row.family_id for row in connection.execute(statement)}

    def compaction_due(self: HasTransaction) -> bool:
        """Whether something was deleted since the file was last written anew."""
        with self.transaction() as connection:
            return connection.execute(sa.select(meta.c.value).where(meta.c.key == COMPACT)).first() is not None

    def holdings(self: HasTransaction) -> Holdings:
        """Count what is held."""
        here = version.c.text_gone.is_(None)
        with self.transaction() as connection:
            versions, texts, oldest = connection.execute(
                sa.select(
                    sa.func.count(),
                    sa.func.sum(sa.case((here, 1), else_=0)),
                    sa.func.min(sa.case((here, version.c.seen_at))),
                ).select_from(version)
            ).one()
            kept = sa.select(sa.func.count()).select_from(sentence).where(sentence.c.wording.is_not(None))
            buried = sa.select(sa.func.count()).select_from(forgotten)
            return Holdings(
                versions=versions,
                texts=texts or 0,
                oldest=oldest,
                sentences=connection.execute(kept).scalar_one(),
                forgotten=connection.execute(buried).scalar_one(),
            )


def _due(connection: sa.Connection, now: datetime, days: int) -> sa.Select[tuple[object, ...]]:
    """Versions whose text is to go, earlier ones first. A bare headline has no text that could go."""
    long_ago = version.c.seen_at < now - timedelta(days=days or UNREAD_DAYS)
    ripe: sa.ColumnElement[bool] = long_ago
    if days == 0:
        who = connection.execute(sa.select(meta.c.value).where(meta.c.key == "coder")).scalar_one_or_none()
        done = sa.select(reading.c.version_id).where(reading.c.coder == (who or ""))
        other = version.alias("other")
        # All versions of a story are read first: what became of an earlier wording is seen in the later text.
        unread = (
            sa.select(other.c.version_id)
            .where(other.c.story_id == version.c.story_id, other.c.text_gone.is_(None), other.c.version_id.not_in(done))
            .exists()
        )
        ripe = sa.or_(long_ago, ~unread)
    return (
        sa.select(version, story.c.first_seen)
        .join(story, story.c.story_id == version.c.story_id)
        .where(version.c.text_gone.is_(None), version.c.text_from != "headline", ripe)
        .order_by(version.c.story_id, version.c.number)
        .limit(AT_ONCE)
    )


def _let_go(connection: sa.Connection, one: sa.Row[tuple[object, ...]], least: float, now: datetime) -> None:
    _mark_earlier(connection, one)
    likely = {
        row.start
        for row in connection.execute(
            sa.select(label.c.start)
            .where(label.c.version_id == one.version_id, label.c.unit == "body", label.c.probability >= least)
            .distinct()
        )
    }
    mine = sa.and_(sentence.c.version_id == one.version_id, sentence.c.unit == "body")
    for row in connection.execute(sa.select(sentence).where(mine)).all():
        kept = row.start in likely or row.groups != "[]"
        change = {"wording": one.text[row.start : row.end]} if kept else {"detail": ""}
        connection.execute(sentence.update().where(mine, sentence.c.start == row.start).values(change))
    connection.execute(version.update().where(version.c.version_id == one.version_id).values(text="", text_gone=now))
    if one.number == 1 and one.first_seen >= now - timedelta(days=COPIES_DAYS):
        taken = packed(fingerprint(one.title, one.text))
        connection.execute(story.update().where(story.c.story_id == one.story_id).values(fingerprint=taken))


def _mark_earlier(connection: sa.Connection, one: sa.Row[tuple[object, ...]]) -> None:
    """Note which sentences of earlier versions still stand in this one, whose text is about to go."""
    earlier = connection.execute(
        sa.select(sentence, version.c.title, version.c.text)
        .join(version, version.c.version_id == sentence.c.version_id)
        .where(version.c.story_id == one.story_id, version.c.number < one.number)
    ).mappings()
    whole = f"{one.title}\n{one.text}"
    for row in earlier.all():
        if (wording := wording_of(row)) is not None and wording in whole:
            connection.execute(
                sentence.update()
                .where(*(sentence.c[name] == row[name] for name in ("version_id", "unit", "start")))
                .values(stands_in=one.number)
            )


def wording_of(row: Mapping[Any, Any]) -> str | None:
    """Words of a sentence, from what there is: itself, or the title or text it stands in; None where they are gone.

    Args:
        row: `wording`, `unit`, `start` and `end` of the sentence, `title` and `text` of its version.
    """
    if row["wording"] is not None:
        return str(row["wording"])
    whole = str(row["title"] if row["unit"] == "headline" else row["text"])
    return whole[row["start"] : row["end"]] or None


def packed(one: Fingerprint) -> bytes:
    """Write a fingerprint as bytes."""
    if one.brief:
        return b"b" + one.brief.encode()
    return b"h" + zlib.compress(struct.pack(f"<{len(one.hashes)}I", *sorted(one.hashes)), 6)


def unpacked(raw: bytes) -> Fingerprint:
    """Read a fingerprint back."""
    if raw[:1] == b"b":
        return Fingerprint(brief=raw[1:].decode())
    numbers = zlib.decompress(raw[1:])
    return Fingerprint(hashes=frozenset(struct.unpack(f"<{len(numbers) // 4}I", numbers)))
