"""How a Parquet archive becomes rows: read piece by piece in a process that can be killed."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import TimeoutError as TooLate
from pathlib import Path
from typing import Any

from corpora.archives.columns import LONGEST_TEXT, meanings, row_of
from corpora.archives.records import BadRow, Position, Step
from corpora.archives.tables import check_columns
from corpora.errors import BadInput
from corpora.pages import LARGEST_PAGE

ROWS = 1_000
"""Rows read at once, unless they are long."""
BYTES = 16 * 1024 * 1024
"""Bytes after which fewer are."""
SECONDS = 120.0
"""Most time one piece may take."""


ADDRESS_SPACE = 6 * 1024**3
"""Bytes the process may ask for: Polars reserves more than it uses."""


def limit_memory() -> None:
    """Cap the process's address space where the system can (Linux), so that a bomb kills nothing else."""
    os.environ["POLARS_MAX_THREADS"] = "2"  # each takes address space; rows are read one piece after another anyway
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    except (ImportError, ValueError, OSError):
        return


def read_schema(path: str) -> tuple[list[str], int]:
    """Names of the columns, and the number of rows."""
    import polars as pl

    lazy = pl.scan_parquet(path)
    return lazy.collect_schema().names(), int(lazy.select(pl.len()).collect().item())


def read_piece(path: str, at: int, names: list[str]) -> list[dict[str, Any]]:
    """Rows from number `at` (from 0) on, as many as are handed over at once. Cells that are too long are cut."""
    import polars as pl

    lazy = pl.scan_parquet(path)
    schema = lazy.collect_schema()
    columns = [_cell(pl, name, schema[name]) for name in names]
    rows: list[dict[str, Any]] = []
    size = 0
    for row in lazy.select(columns).slice(at, ROWS).collect().iter_rows(named=True, buffer_size=8):
        rows.append(row)
        size += sum(len(value) for value in row.values() if value is not None)
        if size > BYTES:
            break
    return rows


def _cell(pl: Any, name: str, kind: Any) -> Any:
    column = pl.col(name)
    if kind == pl.String:
        return column.str.head(LONGEST_TEXT)
    if kind == pl.Binary:
        fits = column.bin.size() <= LARGEST_PAGE
        return pl.when(fits).then(column).otherwise(None).alias(name)
    if kind == pl.List(pl.String):
        return column.list.head(50).list.join("; ", ignore_nulls=True).str.head(LONGEST_TEXT)
    if isinstance(kind, pl.Datetime | pl.Date) or kind.is_numeric():
        return column.cast(pl.String)
    return pl.lit(None, dtype=pl.String).alias(name)


class Parquet:
    """A Parquet file."""

    def __init__(self, path: Path) -> None:
        """Open a file.

        Raises:
            BadInput: It is no Parquet file, or lacks a column.
        """
        self.path = path
        self._pool: Any = None
        self._at = 0
        if not path.is_file():
            raise BadInput(f"There is no file {path}.", what_next="Check the name.")
        try:
            names, self._total = self._run(read_schema)
        except _Broken as error:
            self.close()
            raise BadInput(f"{path.name} is not a Parquet file.", what_next=str(error)) from error
        self._known = meanings(names)
        self._wanted = sorted({name for some in self._known.values() for name in some})
        try:
            check_columns(path, self._known, names=bool(names))
        except BadInput:
            self.close()
            raise

    def rows(self, start: Position) -> Iterator[Step]:
        """Read from a position on; where the reader breaks, that is the last row."""
        self._at = start.number
        while self._at < self._total:
            try:
                some = self._run(read_piece, self._at, self._wanted)
            except _Broken as error:
                yield (
                    Position(number=self._at),
                    BadRow(place=f"after row {self._at}", problem=f"{error}; the rest is left out"),
                )
                return
            if not some:
                return
            for cells in some:
                self._at += 1
                yield Position(number=self._at), row_of(f"row {self._at}", cells, self._known)

    def done(self) -> float:
        """Share of the rows that has been read."""
        return self._at / self._total if self._total else 1.0

    def close(self) -> None:
        """End the process."""
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None

    def _run(self, function: Any, *arguments: Any) -> Any:
        from pebble import ProcessPool

        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPool(max_workers=1, context=context, initializer=limit_memory)
        try:
            return self._pool.schedule(function, args=(str(self.path), *arguments), timeout=SECONDS).result()
        except TooLate as error:
            raise _Broken(f"takes longer than {SECONDS:g} s to read") from error
        except Exception as error:
            raise _Broken(f"cannot be read ({type(error).__name__})") from error


class _Broken(Exception):
    pass
