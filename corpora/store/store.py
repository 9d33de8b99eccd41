"""How stages read and write what is kept: one object, one file, every write safe to repeat."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from corpora.store.collected import CollectedPart
from corpora.store.engine import open_engine, translated
from corpora.store.judged import JudgedPart
from corpora.store.published import PublishedPart


class Store(CollectedPart, JudgedPart, PublishedPart):
    """The store of one workspace.

    Writers wait for each other (one at a time); readers never block. Each method is one transaction: after a
    kill either all of it is there or none.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open the store at `path`, creating it unless `read_only`.

        Raises:
            StoreError: See `open_engine`.
            Retryable: Another run holds the store.
        """
        self.path = path
        self._engine = open_engine(path, read_only=read_only)

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """One transaction: commits at the end, rolls back on any exception."""
        with translated(self.path), self._engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Give back the file handles (WAL is folded in by the last one to leave)."""
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
