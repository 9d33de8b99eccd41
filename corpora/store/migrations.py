"""How an older store becomes one of today: numbered steps, each whole or not at all, after a copy was made."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from corpora.errors import StoreError
from corpora.store.faults import Place, translated

COPY_MARK = ".layout-"
"""Between the name of a store's file and the number of the layout that a copy of it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One step from a layout to the next. Steps are never changed once they are published, only added."""

    number: int
    """The layout it leads to."""
    what: str
    why: str
    steps: tuple[str, ...]
    """SQL for both databases; `{blob}` stands for their type of bytes."""


MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        number=2,
        what="Details of sentences and stories, texts that may go, stories that are forgotten.",
        why="Reports show stance, blamer and remedy; full text is kept for a while only; a story can be taken out.",
        steps=(
            "ALTER TABLE story ADD COLUMN fingerprint {blob}",
            "ALTER TABLE version ADD COLUMN text_gone VARCHAR(32)",
            "ALTER TABLE reading ADD COLUMN detail TEXT DEFAULT '' NOT NULL",
            "ALTER TABLE sentence ADD COLUMN detail TEXT DEFAULT '' NOT NULL",
            "ALTER TABLE sentence ADD COLUMN wording {blob}",
            "ALTER TABLE sentence ADD COLUMN stands_in INTEGER DEFAULT 0 NOT NULL",
            "CREATE TABLE forgotten (key VARCHAR(64) NOT NULL, at VARCHAR(32) NOT NULL, PRIMARY KEY (key))",
        ),
    ),
    Migration(
        number=3,
        what="When and where each feed is asked next, and what its publisher reserves from text and data mining.",
        why="Feeds are left alone for their interval, followed where they move, and opt-outs are honoured and shown.",
        steps=(
            "ALTER TABLE feed ADD COLUMN full_at VARCHAR(32)",
            "ALTER TABLE feed ADD COLUMN validators_lie INTEGER DEFAULT 0 NOT NULL",
            "ALTER TABLE feed ADD COLUMN interval_minutes INTEGER DEFAULT 60 NOT NULL",
            "ALTER TABLE feed ADD COLUMN due_at VARCHAR(32)",
            "ALTER TABLE feed ADD COLUMN failures FLOAT DEFAULT 0 NOT NULL",
            "ALTER TABLE feed ADD COLUMN moved_to TEXT DEFAULT '' NOT NULL",
            "ALTER TABLE feed ADD COLUMN moving_to TEXT DEFAULT '' NOT NULL",
            "ALTER TABLE feed ADD COLUMN moving_since VARCHAR(32)",
            "ALTER TABLE feed ADD COLUMN moving_times INTEGER DEFAULT 0 NOT NULL",
            "ALTER TABLE feed ADD COLUMN optout TEXT DEFAULT '' NOT NULL",
            "ALTER TABLE feed ADD COLUMN optout_at VARCHAR(32)",
        ),
    ),
    Migration(
        number=4,
        what="What each feed, outlet and region did in each week, and what was not as usual.",
        why="Reports say what a week cannot say; this stays known when texts are gone and visits long past.",
        steps=(
            "CREATE TABLE health_feed (url TEXT NOT NULL, week VARCHAR(8) NOT NULL, outlet VARCHAR(120) NOT NULL, "
            "visits INTEGER NOT NULL, answered INTEGER NOT NULL, silent INTEGER NOT NULL, blocked INTEGER NOT NULL, "
            "failed INTEGER NOT NULL, entries INTEGER NOT NULL, new INTEGER NOT NULL, edited INTEGER NOT NULL, "
            "thin INTEGER NOT NULL, last_state VARCHAR(20) NOT NULL, PRIMARY KEY (url, week))",
            "CREATE INDEX health_feed_by_week ON health_feed (week)",
            "CREATE TABLE health_outlet (outlet VARCHAR(120) NOT NULL, week VARCHAR(8) NOT NULL, "
            "days VARCHAR(80) NOT NULL, copies INTEGER NOT NULL, measured INTEGER NOT NULL, parts TEXT NOT NULL, "
            "quality FLOAT, PRIMARY KEY (outlet, week))",
            "CREATE TABLE health_region (gss VARCHAR(12) NOT NULL, week VARCHAR(8) NOT NULL, outlets INTEGER NOT NULL, "
            "reporting INTEGER NOT NULL, silent INTEGER NOT NULL, feeds INTEGER NOT NULL, failing INTEGER NOT NULL, "
            "stories INTEGER NOT NULL, PRIMARY KEY (gss, week))",
            "CREATE TABLE health_alarm (outlet VARCHAR(120) NOT NULL, week VARCHAR(8) NOT NULL, "
            "kind VARCHAR(20) NOT NULL, since VARCHAR(10) NOT NULL, before FLOAT NOT NULL, after FLOAT NOT NULL, "
            "p FLOAT NOT NULL, part VARCHAR(20) NOT NULL, PRIMARY KEY (outlet, week, kind))",
        ),
    ),
)


def migrate(engine: sa.Engine, place: Place) -> None:
    """Apply what is missing, each step in a transaction of its own under the writer's lock.

    Raises:
        StoreError: The copy or a step failed; the store is as it was before that step.
    """
    copied = False
    for one in MIGRATIONS:
        with translated(place), engine.begin() as connection:
            # Asked again under the lock: another process may have been faster.
            layout = int(connection.execute(sa.text("SELECT value FROM meta WHERE key = 'schema'")).scalar_one())
            if layout >= one.number:
                continue
            if place.path and not copied:
                _copy(place.path, layout)
                copied = True
            apply(connection, one)


def apply(connection: sa.Connection, one: Migration) -> None:
    """Take one step in the transaction of `connection`."""
    blob = "BYTEA" if connection.dialect.name == "postgresql" else "BLOB"
    for step in one.steps:
        connection.exec_driver_sql(step.format(blob=blob))
    connection.execute(sa.text("UPDATE meta SET value = :to WHERE key = 'schema'"), {"to": str(one.number)})


def copies(path: Path) -> list[Path]:
    """Copies that were made of the store at `path`, by layout; also one that was cut off while it was written."""
    return sorted(one for one in path.parent.glob(f"{path.name}{COPY_MARK}*") if one.is_file())


def _copy(path: Path, layout: int) -> Path:
    """Copy the store beside itself, whole or not at all; the caller holds the writer's lock."""
    target = path.with_name(f"{path.name}{COPY_MARK}{layout}")
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        with (
            closing(sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(part)) as copy,
        ):
            source.backup(copy)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(target)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        raise StoreError(
            f"The store {path} is of layout {layout}, and no copy of it could be made before changing it: {error}.",
            what_next="Free some space and run the same command again; the store was not touched.",
        ) from error
    return target
