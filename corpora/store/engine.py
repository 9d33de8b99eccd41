"""How the database is opened: SQLite in WAL mode, one writer, readers that cannot write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, OperationalError

from corpora.errors import Retryable, StoreError
from corpora.store.schema import SCHEMA_VERSION, meta, metadata

BUSY_SECONDS = 30
"""How long a writer waits for another one before it gives up."""


def open_engine(path: Path, *, read_only: bool = False) -> sa.Engine:
    """Open (and, for a writer, create) the SQLite store at `path`.

    Raises:
        StoreError: The file is not a store of ours, is of another schema version, or cannot be opened.
    """
    try:
        _check_header(path)
        if read_only:
            if not path.is_file():
                raise StoreError(f"There is no store at {path}.", what_next="Run `sharedstory init` first.")
            # As a URI, since only that can say "read only"; quoted, since a folder's name may hold # or ?.
            file = f"file:{quote(str(path.resolve()))}"
            address = sa.URL.create("sqlite", database=file, query={"mode": "ro", "uri": "true"})
        else:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            address = sa.URL.create("sqlite", database=str(path.resolve()))
        engine = sa.create_engine(address, connect_args={"timeout": BUSY_SECONDS})
        _configure(engine, read_only=read_only)
        with translated(path):
            if read_only:
                with engine.connect() as connection:
                    _check_version(connection, path)
            else:
                with engine.begin() as connection:
                    metadata.create_all(connection)
                    _check_version(connection, path, create=True)
    except OSError as error:
        raise StoreError(
            f"The folder for the store {path} cannot be used: {error.strerror}.",
            what_next="Choose another folder with --home, or mend its permissions.",
        ) from error
    return engine


def _check_header(path: Path) -> None:
    """Refuse a file that is no database before SQLite sees it: a very short one it would take for an empty store."""
    if path.is_file() and path.stat().st_size:
        with path.open("rb") as file:
            if file.read(16) != b"SQLite format 3\x00":
                raise StoreError(
                    f"The file {path} is not a store of this program.", what_next="Name another folder with --home."
                )


def _configure(engine: sa.Engine, *, read_only: bool) -> None:
    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        # The driver must not open transactions by itself: we send BEGIN IMMEDIATE ourselves (SQLAlchemy docs,
        # "Serializable isolation / Savepoints / Transactional DDL" for pysqlite).
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        if not read_only:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _check_version(connection: sa.Connection, path: Path, *, create: bool = False) -> None:
    row = connection.execute(sa.select(meta.c.value).where(meta.c.key == "schema")).first()
    if row is None and create:
        connection.execute(meta.insert().values(key="schema", value=str(SCHEMA_VERSION)))
        return
    found = None if row is None else row[0]
    if found != str(SCHEMA_VERSION):
        raise StoreError(
            f"The store {path} has layout {found}, this program writes layout {SCHEMA_VERSION}.",
            what_next="Use the program version that made it, or start a new store with `sharedstory init`.",
        )


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn database faults into our own: a lock is retryable, the rest is for the user to mend."""
    try:
        yield
    except OperationalError as error:
        text = str(error.orig).lower()
        if "locked" in text or "busy" in text:
            raise Retryable(
                f"The store {path} is in use by another run.", what_next="Wait for it to end and run this again."
            ) from error
        if "full" in text:
            raise StoreError(
                f"The disk that holds {path} is full; nothing of this step was written.",
                what_next="Free some space and run the same command again: it goes on where it stopped.",
            ) from error
        if "readonly" in text or "unable to open" in text or "no such table" in text:
            raise StoreError(
                f"The store {path} cannot be used: {error.orig}.",
                what_next="Check the file's permissions, or name another folder with --home.",
            ) from error
        raise StoreError(f"The store {path} failed: {error.orig}.", what_next="Run `sharedstory doctor`.") from error
    except DatabaseError as error:
        raise StoreError(
            f"The store {path} is damaged or is not a store of this program: {error.orig}.",
            what_next="Move it away and restore a copy, or run `sharedstory init` to begin a new one; "
            "no other file was touched.",
        ) from error
