"""What a database's faults mean to the person at the keyboard: the same few errors, whichever database it is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError

from corpora.errors import Retryable, SharedStoryError, StoreError

DRIVER = "postgresql+psycopg"
POSTGRESQL = frozenset({"postgres", "postgresql", DRIVER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a store is, and how messages call it."""

    name: str
    """For messages: never holds a password."""
    url: sa.URL
    path: Path | None
    """The file, where it is one."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not stand in a message."""
        named = [self.url.query.get("password"), self.url.query.get("sslpassword"), os.environ.get("PGPASSWORD")]
        found = [str(self.url.password or ""), *(one for one in named if isinstance(one, str))]
        return tuple(one for one in found if one)


def place_of(where: Path | str) -> Place:
    """Understand where a store is: a path is an SQLite file, a text is a PostgreSQL address.

    Raises:
        StoreError: The address is not understood; it is not repeated, since it may hold a password.
    """
    if isinstance(where, Path):
        return Place(name=str(where), url=sa.URL.create("sqlite", database=str(where)), path=where)
    example = f"Write it as {DRIVER}://user:password@host/database."
    try:
        url = sa.make_url(where)
    except (ArgumentError, ValueError):
        raise StoreError("The address of the store cannot be understood.", what_next=example) from None
    if url.drivername not in POSTGRESQL:
        raise StoreError("The address of the store is not one of PostgreSQL.", what_next=example)
    host = url.host or url.query.get("host")
    where_at = f" at {host}" if isinstance(host, str) and host else ""
    name = f"in the PostgreSQL database {url.database or url.username or ''}{where_at}"
    return Place(name=name, url=url.set(drivername=DRIVER), path=None)


@contextmanager
def translated(place: Place) -> Iterator[None]:
    """Turn database faults into our own: a lock is retryable, the rest is for the user to mend."""
    try:
        yield
    except (sa.exc.IntegrityError, sa.exc.DataError) as error:
        # These quote the row they refuse, and a traceback with its causes ends up in logs.
        raise meaning(error, place) from None
    except DBAPIError as error:
        raise meaning(error, place) from error


def meaning(error: DBAPIError, place: Place) -> SharedStoryError:
    """Say what a database's fault means."""
    said = str(error.orig).strip().splitlines()
    text = said[0] if said else type(error.orig).__name__
    for secret in place.secrets:
        text = text.replace(secret, "***")
    kind = _kind_postgresql(error, text) if place.path is None else _kind_sqlite(error, text)
    if kind == "busy":
        return Retryable(
            f"The store {place.name} is in use by another run.", what_next="Wait for it to end and run this again."
        )
    if kind == "lost":
        return Retryable(f"The store {place.name} broke off: {text}.", what_next="Run the same command again.")
    if kind == "full":
        return StoreError(
            f"The disk that holds {place.name if place.path else 'the store ' + place.name} is full; "
            "nothing of this step was written.",
            what_next="Free some space and run the same command again: it goes on where it stopped.",
        )
    if kind == "away":
        return StoreError(
            f"The store {place.name} cannot be reached: {text}.",
            what_next="Start the server, or mend `store.url` in the settings (or SHAREDSTORY_STORE); "
            "`sharedstory doctor` tries again.",
        )
    if kind == "unusable":
        mend = "the file's permissions" if place.path else "the permissions of the database's user"
        return StoreError(
            f"The store {place.name} cannot be used: {text}.",
            what_next=f"Check {mend}, or name another folder with --home.",
        )
    if kind == "damaged":
        return StoreError(
            f"The store {place.name} is damaged or is not a store of this program: {text}.",
            what_next="Move it away and restore a copy, or run `sharedstory init` to begin a new one; "
            "no other file was touched.",
        )
    return StoreError(f"The store {place.name} failed: {text}.", what_next="Run `sharedstory doctor`.")


def _kind_sqlite(error: DBAPIError, text: str) -> str:
    if not isinstance(error, sa.exc.OperationalError):
        return "damaged" if isinstance(error, sa.exc.DatabaseError) else "other"
    lower = text.lower()
    if "locked" in lower or "busy" in lower:
        return "busy"
    if "full" in lower:
        return "full"
    unusable = ("readonly", "unable to open", "no such table", "no such column")
    return "unusable" if any(words in lower for words in unusable) else "other"


# Of the manual's appendix "PostgreSQL Error Codes"; a class (the first two characters) stands for all its codes.
_STATES = {
    "55P03": "busy",  # lock_not_available: lock_timeout ran out
    "40001": "busy",  # serialization_failure
    "40P01": "busy",  # deadlock_detected
    "53100": "full",  # disk_full
    "53300": "lost",  # too_many_connections
    "57P01": "lost",  # admin_shutdown
    "57P02": "lost",  # crash_shutdown
    "57P03": "away",  # cannot_connect_now
    "25006": "unusable",  # read_only_sql_transaction
    "42501": "unusable",  # insufficient_privilege
    "42P01": "unusable",  # undefined_table
    "42703": "unusable",  # undefined_column
    "28": "away",  # invalid authorization
    "3D": "away",  # no such database
    "08": "lost",  # connection exceptions
    "XX": "damaged",  # internal error, data or index corrupted
}


def _kind_postgresql(error: DBAPIError, text: str) -> str:
    state = getattr(error.orig, "sqlstate", None)
    if state:
        return _STATES.get(state, _STATES.get(state[:2], "other"))
    # Without a code the fault is the client's: it could not connect, or the connection broke.
    if error.connection_invalidated or "closed the connection" in text or "connection is lost" in text:
        return "lost"
    return "away" if isinstance(error, sa.exc.OperationalError) else "other"
