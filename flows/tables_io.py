"""How researchers' files are read and written: JSONL, CSV or Parquet, row by row, whole or not at all."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from corpora.errors import BadInput

SUFFIXES = (".jsonl", ".ndjson", ".csv", ".parquet")
SLICE = 2_000
"""Rows held in memory at once."""


def suffix_of(path: Path) -> str:
    """Return the kind of file by its name.

    Raises:
        BadInput: Not one of `SUFFIXES`.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise BadInput(
            f"{path.name}: the kind of file is not known.", what_next=f"Use a name that ends in {', '.join(SUFFIXES)}."
        )
    return suffix


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file as dicts.

    Raises:
        BadInput: The file is missing or damaged; the message names the line where there is one.
    """
    suffix = suffix_of(path)
    if not path.is_file():
        raise BadInput(f"There is no file {path}.", what_next="Check the name.")
    reader = {".csv": _read_csv, ".parquet": _read_parquet}.get(suffix, _read_jsonl)
    try:
        yield from reader(path)
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not UTF-8 text.", what_next="Save it as UTF-8 and try again.") from error


def _read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8-sig") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise BadInput(
                    f"{path.name} line {number} is not JSON.", what_next="One JSON object a line."
                ) from error
            if not isinstance(row, dict):
                raise BadInput(f"{path.name} line {number} is not a JSON object.", what_next="One JSON object a line.")
            yield row


def _read_csv(path: Path) -> Iterator[dict[str, Any]]:
    csv.field_size_limit(10_000_000)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        try:
            for row in csv.DictReader(stream):
                yield {key: value for key, value in row.items() if key is not None}
        except csv.Error as error:
            raise BadInput(f"{path.name} is not a CSV file: {error}.") from error


def _read_parquet(path: Path) -> Iterator[dict[str, Any]]:
    import polars as pl

    try:
        lazy = pl.scan_parquet(path)
        total = lazy.select(pl.len()).collect().item()
        for at in range(0, total, SLICE):
            yield from lazy.slice(at, SLICE).collect().iter_rows(named=True)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadInput(f"{path.name} is not a Parquet file.", what_next=str(error)[:200]) from error


class RowWriter(Protocol):
    """Takes rows."""

    def write(self, rows: Iterable[dict[str, Any]]) -> None:
        """Add rows."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...


class _JsonLines:
    def __init__(self, path: Path) -> None:
        self._stream = path.open("w", encoding="utf-8")

    def write(self, rows: Iterable[dict[str, Any]]) -> None:
        self._stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)

    def close(self) -> None:
        self._stream.close()


class _Csv:
    def __init__(self, path: Path, columns: list[str]) -> None:
        self._stream = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.DictWriter(self._stream, columns, lineterminator="\n")
        self._writer.writeheader()

    def write(self, rows: Iterable[dict[str, Any]]) -> None:
        for row in rows:
            self._writer.writerow({key: "|".join(v) if isinstance(v, list) else v for key, v in row.items()})

    def close(self) -> None:
        self._stream.close()


class _Parquet:
    def __init__(self, path: Path, columns: list[str]) -> None:
        self._path, self._columns = path, columns
        self._rows: list[dict[str, Any]] = []

    def write(self, rows: Iterable[dict[str, Any]]) -> None:
        self._rows.extend(rows)

    def close(self) -> None:
        import polars as pl

        schema = None if self._rows else dict.fromkeys(self._columns, pl.String)
        pl.DataFrame(self._rows, schema=schema, infer_schema_length=None).write_parquet(self._path)


def check_output(path: Path) -> str:
    """Return the kind of file by its name, once a file can be written there.

    Raises:
        BadInput: The folder is missing, a folder is in the way, or the kind of file is unknown.
    """
    suffix = suffix_of(path)
    if not path.absolute().parent.is_dir():
        raise BadInput(f"There is no folder {path.absolute().parent}.", what_next="Make it first.")
    if path.is_dir():
        raise BadInput(f"{path} is a folder.", what_next="Name a file.")
    return suffix


@contextmanager
def written(path: Path, columns: list[str]) -> Iterator[RowWriter]:
    """Open a writer; the file appears under its name only when all rows are in it.

    Raises:
        BadInput: The folder is missing, or the kind of file is unknown.
    """
    suffix = check_output(path)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    writer: RowWriter = (
        _Csv(unfinished, columns)
        if suffix == ".csv"
        else _Parquet(unfinished, columns)
        if suffix == ".parquet"
        else _JsonLines(unfinished)
    )
    try:
        try:
            yield writer
        finally:
            writer.close()
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
