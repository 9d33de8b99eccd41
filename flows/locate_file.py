"""How the rows of a researcher's file are placed: which local authorities a text, or one name in it, is about."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpora.catalogue import Catalogue, load_catalogue
from corpora.errors import BadInput
from corpora.geo.gazetteer import Gazetteer, load_gazetteer, shipped
from corpora.geo.stories import county_areas, locate_story
from corpora.geo.toponyms import Answer, Story, locate_toponym
from flows.progress import bar
from flows.tables_io import BadRow, Kind, check_output, read_rows, written

KINDS: dict[str, Kind] = {
    "id": "text",
    "toponym": "text",
    "codes": "texts",
    "names": "texts",
    "scores": "texts",
    "methods": "texts",
    "reason": "text",
}
"""Columns where the output is a table; JSON lines hold `lads`, a list of {code, name, score, method}, instead."""

_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What became of a file."""

    rows: int
    located: int
    """Rows with at least one authority."""
    left_out: int
    """Rows that could not be read; each has been told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    id: str
    text: str
    areas: tuple[str, ...]
    toponym: str
    url: str


class Locator:
    """Places texts and names by one gazetteer; the text read last is kept, as rows of one story follow each other."""

    def __init__(self, catalogue: Catalogue, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._counties = county_areas(catalogue)
        self._last: tuple[tuple[str, tuple[str, ...]], Story] | None = None

    def locate(self, text: str, areas: Sequence[str], *, toponym: str = "", url: str = "") -> Answer:
        """Say which authorities `toponym`, or without one the text itself, is about."""
        key = (text, tuple(areas))
        if self._last is None or self._last[0] != key:
            self._last = (key, Story(text, areas, self._gazetteer, self._counties))
        story = self._last[1]
        return locate_toponym(toponym, story) if toponym.strip() else locate_story(story, url)


def locate_file(
    source: Path, output: Path, *, gazetteer: Path | None = None, tell: Callable[[str], object] = lambda _: None
) -> Placed:
    """Place every row of a file. A row that cannot be read is told and left out, the others are written.

    Args:
        source: Rows with `id`, `text` and, where known, `outlet_areas`, `toponym`, `title`, `url`.
        output: File to write (.jsonl, .csv or .parquet); replaced only when all is done.
        gazetteer: An outside gazetteer (CSV) instead of the one that ships.
        tell: Takes one line for each row left out, with its place in the file.

    Raises:
        BadInput: A file cannot be used at all, or no row of it can be read.
    """
    table = check_output(output) in {".csv", ".parquet"}
    if output.exists() and source.exists() and output.samefile(source):
        raise BadInput(f"{output.name} is the file to be read.", what_next="Name another file for the results.")
    catalogue = load_catalogue()
    rows = _Rows(source, catalogue, tell)
    locator = Locator(catalogue, load_gazetteer(gazetteer, catalogue) if gazetteer else shipped())
    n_rows = n_located = 0
    with written(output, KINDS if table else {}) as out:
        for row in bar(rows, "Placing", 0):
            answer = locator.locate(row.text, row.areas, toponym=row.toponym, url=row.url)
            n_rows += 1
            n_located += bool(answer.lads)
            out.write([_flat(row, answer, catalogue) if table else _nested(row, answer, catalogue)])
        if not n_rows:
            found = "no row that can be read" if rows.left_out else "no rows"
            raise BadInput(f"{source.name} holds {found}.", what_next="One row a text, with the columns id and text.")
    return Placed(rows=n_rows, located=n_located, left_out=rows.left_out)


def _nested(row: _Row, answer: Answer, catalogue: Catalogue) -> dict[str, Any]:
    lads = [
        {"code": one.lad, "name": catalogue.regions[one.lad].name, "score": one.score, "method": one.method}
        for one in answer.lads
    ]
    named = {"toponym": row.toponym} if row.toponym else {}
    reason = {} if lads else {"reason": answer.reason}
    return {"id": row.id, **named, "lads": lads, **reason}


def _flat(row: _Row, answer: Answer, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "id": row.id,
        "toponym": row.toponym,
        "codes": [one.lad for one in answer.lads],
        "names": [catalogue.regions[one.lad].name for one in answer.lads],
        "scores": [f"{one.score:.3f}" for one in answer.lads],
        "methods": [one.method for one in answer.lads],
        "reason": answer.reason,
    }


class _Rows:
    """The rows of one file that can be placed."""

    def __init__(self, source: Path, catalogue: Catalogue, tell: Callable[[str], object]) -> None:
        self.left_out = 0
        self._source, self._catalogue, self._tell = source, catalogue, tell
        self._read: Iterable[tuple[str, dict[str, Any]] | BadRow] = read_rows(source, needs=("id", "text"))

    def __iter__(self) -> Iterator[_Row]:
        for one in self._read:
            bad = one if isinstance(one, BadRow) else None
            if not isinstance(one, BadRow):
                try:
                    yield self._checked(one[1])
                except ValueError as error:
                    bad = BadRow(place=one[0], problem=str(error))
            if bad is not None:
                self.left_out += 1
                self._tell(f"{self._source.name} {bad.place} {bad.problem}; left out.")

    def _checked(self, row: dict[str, Any]) -> _Row:
        cells = {name: _text(row, name) for name in ("id", "text", "toponym", "title", "url")}
        for name in ("id", "text"):
            if not cells[name]:
                raise ValueError(f"has no `{name}`")
        whole = f"{cells['title']}\n{cells['text']}" if cells["title"] else cells["text"]
        areas = _areas(row.get("outlet_areas"), self._catalogue)
        return _Row(id=cells["id"], text=whole, areas=areas, toponym=cells["toponym"], url=cells["url"])


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if isinstance(value, dict | list):
        raise ValueError(f"has a `{name}` that is not text")  # noqa: TRY004 - told with the row's other faults
    return _HALF.sub("\ufffd", str(value if value is not None else ""))


def _areas(value: Any, catalogue: Catalogue) -> tuple[str, ...]:
    """Codes of a list, of a JSON list in a cell, or of a cell with `|` between them; older codes become those of 2025.

    Raises:
        ValueError: A code is unknown, or is no local authority's.
    """
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            raise ValueError("has an `outlet_areas` that is not a list of codes") from None
    if isinstance(value, dict):
        raise ValueError("has an `outlet_areas` that is not a list of codes")  # noqa: TRY004
    parts = value if isinstance(value, list) else str(value if value is not None else "").split("|")
    found = []
    for part in parts:
        code = str(part).strip().upper()
        code = catalogue.old_codes.get(code, code)
        if not code:
            continue
        if code not in catalogue.regions or catalogue.regions[code].tier != "lad":
            shown = _HALF.sub("\ufffd", code[:40])
            raise ValueError(f"has an `outlet_areas` with a code that is no local authority's ({shown})")
        found.append(code)
    return tuple(dict.fromkeys(found))
