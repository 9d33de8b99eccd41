"""What the parts of the store share: a way to get a transaction, and repeatable inserts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, Protocol, TypeGuard, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.schema import ScalarElementColumnDefault

T = TypeVar("T")

BATCH = 500
"""Values per IN list; SQLite's floor for bound variables is 999."""


class HasTransaction(Protocol):
    """A store that can open a transaction."""

    def transaction(self) -> AbstractContextManager[sa.Connection]:
        """Open one transaction."""
        ...


@cache
def _statement(table: sa.Table, names: tuple[str, ...], *, replace: bool) -> sa.TextClause:
    """INSERT of these columns that leaves, or replaces, a row with the same key; the same words in both databases.

    As text: SQLAlchemy compiles statements with ON CONFLICT anew each time, which takes as long as all else together.
    """
    keys = [column.name for column in table.primary_key]
    unnamed = {one.name: one.default.arg for one in table.columns if one.name not in names and _is_plain(one.default)}
    made = sqlite.insert(table).values(dict.fromkeys((*names, *unnamed)))
    if replace:
        # EXCLUDED is the row that could not be inserted. Of it only what was named replaces what is there.
        made = made.on_conflict_do_update(
            index_elements=keys, set_={name: made.excluded[name] for name in names if name not in keys}
        )
    else:
        made = made.on_conflict_do_nothing()
    words = sa.text(str(made.compile(dialect=sqlite.dialect(paramstyle="named"))))
    binds = [sa.bindparam(name, type_=table.c[name].type) for name in names]
    return words.bindparams(*binds, *(sa.bindparam(name, value, table.c[name].type) for name, value in unnamed.items()))


def _is_plain(default: Any) -> TypeGuard[ScalarElementColumnDefault]:
    return isinstance(default, ScalarElementColumnDefault)


def insert_new(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> int:
    """Insert rows whose key is not there yet; return how many were new."""
    return sum(connection.execute(_statement(table, tuple(row), replace=False), row).rowcount for row in rows)


def put(connection: sa.Connection, table: sa.Table, row: dict[str, Any]) -> None:
    """Insert a row or replace the one with the same key."""
    connection.execute(_statement(table, tuple(row), replace=True), row)


def in_batches(values: Iterable[T]) -> list[list[T]]:
    """Cut `values` into lists short enough for one statement."""
    everything = list(values)
    return [everything[at : at + BATCH] for at in range(0, len(everything), BATCH)]
