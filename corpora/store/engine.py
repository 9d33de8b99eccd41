"""How the database is opened: SQLite in WAL mode or PostgreSQL, one writer, readers that cannot write."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from corpora.errors import StoreError
from corpora.store.faults import Place, translated
from corpora.store.migrations import migrate
from corpora.store.schema import SCHEMA_VERSION, meta, metadata

BUSY_SECONDS: float = 30
"""How long a writer waits for another one before it gives up."""

CONNECT_SECONDS = 10
"""How long a PostgreSQL server may take to answer."""

BARE = "bare"
"""Execution option of a connection that begins no transaction: VACUUM refuses to run inside one."""

LOCK = 0x53746F72
"""First half of the advisory lock by which writers of one PostgreSQL store wait for each other; the second is the
schema's, so that two stores in one database do not."""


def open_engine(place: Place, *, read_only: bool = False) -> sa.Engine:
    """Open (and, for a writer, create or bring up to date) a store.

    Raises:
        StoreError: It is not a store of ours, is of another layout, or cannot be opened.
        Retryable: Another run holds it.
    """
    try:
        engine = _sqlite(place, read_only=read_only) if place.path else _postgresql(place, read_only=read_only)
        try:
            with translated(place):
                _take_up(engine, place, read_only=read_only)
        except BaseException:
            engine.dispose()
            raise
    except OSError as error:
        raise StoreError(
            f"The folder for the store {place.name} cannot be used: {error.strerror}.",
            what_next="Choose another folder with --home, or mend its permissions.",
        ) from error
    return engine


def _take_up(engine: sa.Engine, place: Place, *, read_only: bool) -> None:
    """See that the store is of today's layout; a writer sees to it."""
    if read_only:
        with engine.connect() as connection:
            _refuse_other(_layout(connection), place)
        return
    with engine.begin() as connection:
        layout = _layout(connection, create=place)
    _refuse_other(layout, place, older=False)
    if int(layout) < SCHEMA_VERSION:
        migrate(engine, place)


def _sqlite(place: Place, *, read_only: bool) -> sa.Engine:
    path = place.path
    assert path is not None
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
    # Parameters are hidden, here and below: they are people's texts, and end up in logs with an error's traceback.
    engine = sa.create_engine(address, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        # The driver must not open transactions by itself: we send BEGIN IMMEDIATE ourselves (SQLAlchemy docs,
        # "Serializable isolation / Savepoints / Transactional DDL" for pysqlite).
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
        if not read_only:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")
            # What is deleted is overwritten with zeros at once, and not only when its page is used again.
            cursor.execute("PRAGMA secure_delete = ON")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        if not connection.get_execution_options().get(BARE):
            connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def sqlite_is_locked(path: Path) -> bool:
    """Whether somebody holds the writer's lock of an SQLite file at this moment."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=rw", uri=True, timeout=0)) as connection:
            connection.isolation_level = None
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    return False


def _check_header(path: Path) -> None:
    """Refuse a file that is no database before SQLite sees it: a very short one it would take for an empty store."""
    if path.is_file() and path.stat().st_size:
        with path.open("rb") as file:
            if file.read(16) != b"SQLite format 3\x00":
                raise StoreError(
                    f"The file {path} is not a store of this program.", what_next="Name another folder with --home."
                )


def _postgresql(place: Place, *, read_only: bool) -> sa.Engine:
    options = {"connect_timeout": CONNECT_SECONDS, "application_name": "sharedstory"}
    try:
        # A connection that broke while it lay idle is replaced before it is used.
        engine = sa.create_engine(place.url, connect_args=options, hide_parameters=True, pool_pre_ping=True)
    except ModuleNotFoundError:
        raise StoreError(
            "The driver for PostgreSQL is not installed.", what_next="Run `pip install 'sharedstory[postgres]'`."
        ) from None

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        if connection.get_execution_options().get(BARE):
            return
        if read_only:
            # One method is one picture of the store, as it is in SQLite.
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        else:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, int(BUSY_SECONDS * 1000))}")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK}, hashtext(current_schema()))")

    return engine


def _layout(connection: sa.Connection, *, create: Place | None = None) -> str:
    """Return the layout written in the store; a writer fills an empty database first."""
    if create is not None:
        there = set(sa.inspect(connection).get_table_names())
        if meta.name not in there:
            # In PostgreSQL others may have tables beside ours, but not ones of the same names.
            if there if create.path else there & set(metadata.tables):
                raise StoreError(
                    f"The store {create.name} holds tables of another program.",
                    what_next="Name another folder with --home, or another database.",
                )
            metadata.create_all(connection)
            connection.execute(meta.insert().values(key="schema", value=str(SCHEMA_VERSION)))
    found = connection.execute(sa.select(meta.c.value).where(meta.c.key == "schema")).scalar_one_or_none()
    return "none" if found is None else str(found)


def _refuse_other(layout: str, place: Place, *, older: bool = True) -> None:
    """Refuse layouts that cannot be used: unknown and newer ones, and (for readers) older ones."""
    if layout == str(SCHEMA_VERSION):
        return
    known = layout.isascii() and layout.isdecimal() and 0 < int(layout) < SCHEMA_VERSION
    if known and not older:
        return
    raise StoreError(
        f"The store {place.name} has layout {layout}, this program works with layout {SCHEMA_VERSION}.",
        what_next="Run a command that writes once, such as `sharedstory keep --now`: it brings the store up to date."
        if known
        else "Use the program version that made it, or start a new store with `sharedstory init`.",
    )
