"""What the parts of the store share: a way to get a transaction, and repeatable inserts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

T = TypeVar("T")

BATCH = 500
"""Values per IN list; SQLite's floor for bound variables is 999."""


class HasTransaction(Protocol):
    """A store that can open a transaction."""

    def transaction(self) -> AbstractContextManager[sa.Connection]:
        """Open one transaction."""
        ...


def insert_new(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> int:
    """Insert rows whose key is not there yet; return how many were new."""
    if not rows:
        return 0
    statement = sqlite.insert(table).on_conflict_do_nothing()
    return sum(connection.execute(statement, row).rowcount for row in rows)


def put(connection: sa.Connection, table: sa.Table, row: dict[str, Any]) -> None:
    """Insert a row or replace the one with the same key."""
    keys = [column.name for column in table.primary_key]
    rest = {name: value for name, value in row.items() if name not in keys}
    statement = sqlite.insert(table).values(row).on_conflict_do_update(index_elements=keys, set_=rest)
    connection.execute(statement)


def in_batches(values: Iterable[T]) -> list[list[T]]:
    """Cut `values` into lists short enough for one statement."""
    everything = list(values)
    return [everything[at : at + BATCH] for at in range(0, len(everything), BATCH)]
