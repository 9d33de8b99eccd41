"""How stages read and write what is kept: one object, one database, every write safe to repeat."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import sqlalchemy as sa

from corpora.errors import StoreError
from corpora.store.collected import CollectedPart
from corpora.store.engine import BARE, LOCK, open_engine, sqlite_is_locked
from corpora.store.faults import place_of, translated
from corpora.store.forgetting import ForgettingPart
from corpora.store.judged import JudgedPart
from corpora.store.keeping import COMPACT, KeepingPart
from corpora.store.migrations import copies
from corpora.store.published import PublishedPart
from corpora.store.schema import SCHEMA_VERSION, meta, metadata

EMPTIED = ("story", "version", "sentence", "label", "reading", "entry", "family", "place")
"""Tables that are deleted from."""

ADVISORY = sa.text(
    "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database "
    "WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid() AND datname = current_database() "
    "AND classid::bigint = :lock AND objid::bigint = (hashtext(current_schema())::bigint & 4294967295)"
)
"""Counts the writer's lock of `corpora.store.engine`; PostgreSQL shows its two halves as unsigned numbers."""


class Store(CollectedPart, JudgedPart, PublishedPart, KeepingPart, ForgettingPart):
    """The store of one workspace.

    Writers wait for each other (one at a time); readers never block. Each method is one transaction: after a
    kill either all of it is there or none.
    """

    def __init__(self, where: Path | str, *, read_only: bool = False) -> None:
        """Open the store, creating it or bringing it up to date unless `read_only`.

        Args:
            where: Path of an SQLite file, or address of a PostgreSQL database.
            read_only: Whether nothing may be written.

        Raises:
            StoreError: See `open_engine`.
            Retryable: Another run holds the store.
        """
        self.place = place_of(where)
        # Threads of one process wait here, in turn: the database's own lock is for other processes, and lets the
        # quickest go first, not the next.
        self._turn: AbstractContextManager[object] = nullcontext() if read_only else threading.RLock()
        self._engine = open_engine(self.place, read_only=read_only)

    @property
    def path(self) -> Path:
        """The file of an SQLite store.

        Raises:
            StoreError: It is not a file.
        """
        if self.place.path is None:
            raise StoreError(f"The store {self.place.name} is not a file.")
        return self.place.path

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """One transaction: commits at the end, rolls back on any exception."""
        with self._turn, translated(self.place), self._engine.begin() as connection:
            yield connection

    layout = SCHEMA_VERSION
    """Number of the layout of its tables."""

    def database(self) -> str:
        """Name and version of the database, for people."""
        with self.transaction() as connection:
            version = ".".join(map(str, connection.dialect.server_version_info or ()))
            return f"{'SQLite' if self.place.path else 'PostgreSQL'} {version}"

    def writer_at_work(self) -> bool:
        """Whether another process is writing at this moment; nothing is waited for, and nothing written."""
        if self.place.path is None:
            with self.transaction() as connection:
                return bool(connection.execute(ADVISORY, {"lock": LOCK}).scalar_one())
        return sqlite_is_locked(self.place.path)

    def integrity(self) -> str:
        """What the database's own check finds wrong; empty where it is sound.

        PostgreSQL checks itself; there it is asked for every table.
        """
        with self.transaction() as connection:
            if self.place.path is None:
                there = set(sa.inspect(connection).get_table_names())
                missing = sorted(set(metadata.tables) - there)
                return f"missing tables: {', '.join(missing)}" if missing else ""
            rows = connection.exec_driver_sql("PRAGMA quick_check(5)").scalars().all()
        return "" if list(rows) == ["ok"] else "; ".join(str(row) for row in rows)[:300]

    def compact(self) -> bool:
        """Write the database anew, so that what was deleted is in no file of it any more.

        Returns:
            False where another process still reads old pages: SQLite's log could not be emptied. Try again later.

        Raises:
            StoreError: There is no room (it takes as much again as the store).
            Retryable: Another run holds the store.
        """
        with self.transaction() as connection:
            due = sa.select(meta.c.value).where(meta.c.key == COMPACT)
            seen = connection.execute(due).scalar_one_or_none()
        with translated(self.place), self._engine.connect() as connection:
            if self.place.path is None:
                bare = connection.execution_options(isolation_level="AUTOCOMMIT", **{BARE: True})
                bare.exec_driver_sql(f"VACUUM (FULL) {', '.join(EMPTIED)}")
            else:
                bare = connection.execution_options(**{BARE: True})
                bare.exec_driver_sql("VACUUM")
                if bare.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]:
                    return False
        with self.transaction() as connection:
            # Only if nothing was deleted meanwhile: that would be in the file still.
            connection.execute(meta.delete().where(meta.c.key == COMPACT, meta.c.value == seen))
        return True

    def safety_copies(self) -> list[Path]:
        """Copies this program made of the store before it changed its layout."""
        return [] if self.place.path is None else copies(self.place.path)

    def close(self) -> None:
        """Give back the file handles (WAL is folded in by the last one to leave)."""
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
