"""How researchers' files are read and written: JSONL, CSV or Parquet, row by row, whole or not at all."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from corpora.errors import BadInput

SUFFIXES = (".jsonl", ".ndjson", ".csv", ".parquet")
SLICE = 2_000
"""Rows of a Parquet file held in memory at once when it is read."""
ROW_GROUP = 10_000
"""Rows of a Parquet file held in memory at once when it is written."""
_LONGEST_FIELD = 10_000_000

Kind = Literal["text", "integer", "number", "texts", "spans"]
"""What a column holds. texts: a list of words; spans: a list of {kind, start, end, text}."""

_UNDECODED = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that cannot be read, while those around it can."""

    place: str
    """`line 3`, or `row 3` where a file has no lines."""
    problem: str
    """Goes on from the place: `is not JSON`."""


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


def read_rows(path: Path, needs: Collection[str] = ()) -> Iterator[tuple[str, dict[str, Any]] | BadRow]:
    """Yield the rows of a file as (place, row); a row that cannot be read as a `BadRow`.

    Args:
        path: The file.
        needs: Columns a table must have (JSONL has no columns, only rows that may lack something).

    Raises:
        BadInput: The file is missing, is not of the kind its name says, or lacks a column.
    """
    suffix = suffix_of(path)
    if not path.is_file():
        raise BadInput(f"There is no file {path}.", what_next="Check the name.")
    if suffix == ".csv":
        yield from _read_csv(path, needs)
    elif suffix == ".parquet":
        yield from _read_parquet(path, needs)
    else:
        yield from _read_jsonl(path)


def _check_columns(path: Path, names: Collection[str], needs: Collection[str]) -> None:
    lacking = [name for name in needs if name not in names]
    if lacking:
        raise BadInput(
            f"{path.name} has no column `{lacking[0]}`.", what_next=f"It needs the columns {' and '.join(needs)}."
        )


def _read_jsonl(path: Path) -> Iterator[tuple[str, dict[str, Any]] | BadRow]:
    with path.open("rb") as stream:
        for number, raw in enumerate(stream, start=1):
            place = f"line {number}"
            try:
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
                row = json.loads(line) if line.strip() else None
            except UnicodeDecodeError:
                yield BadRow(place=place, problem="is not UTF-8 text")
            except (ValueError, RecursionError):
                yield BadRow(place=place, problem="is not JSON")
            else:
                if isinstance(row, dict):
                    yield place, row
                elif line.strip():
                    yield BadRow(place=place, problem="is not a JSON object")


def _read_csv(path: Path, needs: Collection[str]) -> Iterator[tuple[str, dict[str, Any]] | BadRow]:
    csv.field_size_limit(_LONGEST_FIELD)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        reader = csv.reader(stream)
        try:
            names = next(reader, [])
        except csv.Error as error:
            raise BadInput(f"{path.name} is not a CSV file: {error}.") from error
        if any(_UNDECODED.search(name) for name in names):
            raise BadInput(f"{path.name} is not UTF-8 text.", what_next="Save it as UTF-8 and try again.")
        if names:
            _check_columns(path, names, needs)
        while True:
            place = f"line {reader.line_num + 1}"
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield BadRow(place=place, problem=f"is not CSV ({error})")
                continue
            if any(_UNDECODED.search(cell) for cell in cells):
                yield BadRow(place=place, problem="is not UTF-8 text")
            elif cells:
                yield place, dict(zip(names, cells, strict=False))


def _read_parquet(path: Path, needs: Collection[str]) -> Iterator[tuple[str, dict[str, Any]] | BadRow]:
    import polars as pl

    try:
        lazy = pl.scan_parquet(path)
        _check_columns(path, lazy.collect_schema().names(), needs)
        total = lazy.select(pl.len()).collect().item()
        for at in range(0, total, SLICE):
            rows = lazy.slice(at, SLICE).collect().iter_rows(named=True)
            yield from ((f"row {number}", row) for number, row in enumerate(rows, start=at + 1))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadInput(f"{path.name} is not a Parquet file.", what_next=str(error)[:200]) from error


class RowWriter(Protocol):
    """Takes rows."""

    def write(self, rows: Iterable[dict[str, Any]]) -> None:
        """Add rows."""
        ...

    def finish(self) -> None:
        """Make the file whole."""
        ...

    def close(self) -> None:
        """Let go of what is open, whether the file is whole or not."""
        ...


class _JsonLines:
    def __init__(self, path: Path) -> None:
        self._stream = path.open("w", encoding="utf-8")

    def write(self, rows: Iterable[dict[str, Any]]) -> None:
        self._stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)

    def finish(self) -> None:
        self._stream.close()

    def close(self) -> None:
        self._stream.close()


class _Csv:
    def __init__(self, path: Path, columns: Mapping[str, Kind]) -> None:
        self._columns = columns
        self._stream = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._stream, lineterminator="\n")
        self._writer.writerow(columns)

    def write(self, rows: Iterable[dict[str, Any]]) -> None:
        self._writer.writerows([_cell(row[name], kind) for name, kind in self._columns.items()] for row in rows)

    def finish(self) -> None:
        self._stream.close()

    def close(self) -> None:
        self._stream.close()


def _cell(value: Any, kind: Kind) -> Any:
    if kind == "texts":
        return "|".join(value)
    return json.dumps(value, ensure_ascii=False) if kind == "spans" else value


class _Parquet:
    """Polars cannot add to a Parquet file, so parts are written and streamed into one at the end."""

    def __init__(self, path: Path, columns: Mapping[str, Kind]) -> None:
        import polars as pl

        span = pl.Struct({"kind": pl.String, "start": pl.Int64, "end": pl.Int64, "text": pl.String})
        types = {"text": pl.String(), "integer": pl.Int64(), "number": pl.Float64()}
        lists = {"texts": pl.List(pl.String), "spans": pl.List(span)}
        self._schema = {name: types.get(kind) or lists[kind] for name, kind in columns.items()}
        self._path, self._folder = path, path.with_name(f"{path.name}s")
        self._folder.mkdir()
        self._parts: list[Path] = []
        self._rows: list[dict[str, Any]] = []

    def write(self, rows: Iterable[dict[str, Any]]) -> None:
        self._rows.extend(rows)
        while len(self._rows) >= ROW_GROUP:
            self._write_part(self._rows[:ROW_GROUP])
            del self._rows[:ROW_GROUP]

    def _write_part(self, rows: list[dict[str, Any]]) -> None:
        import polars as pl

        part = self._folder / f"{len(self._parts):06}.parquet"
        pl.DataFrame(rows, schema=self._schema).write_parquet(part)
        self._parts.append(part)

    def finish(self) -> None:
        import polars as pl

        if self._rows or not self._parts:
            self._write_part(self._rows)
            self._rows = []
        if len(self._parts) == 1:
            self._parts[0].replace(self._path)
        else:
            pl.scan_parquet(self._parts).sink_parquet(self._path, row_group_size=ROW_GROUP)

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


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
def written(path: Path, columns: Mapping[str, Kind]) -> Iterator[RowWriter]:
    """Open a writer; the file appears under its name only when all rows are in it.

    Args:
        path: File to write.
        columns: Name and kind of each column, in order.

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
            writer.finish()
        finally:
            writer.close()
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
