"""How tables of words ship with the code: tab-separated, one row each with a reason and an example."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources


def read_table(name: str, *, columns: Sequence[str]) -> list[dict[str, str]]:
    """Read a table of `corpora/data/`.

    Args:
        name: File name, such as `prune.tsv`.
        columns: The columns it must have, in order.

    Raises:
        ValueError: Other columns, an empty cell, or no row at all (an empty table would silently match nothing).
    """
    text = (resources.files("corpora") / "data" / name).read_text(encoding="utf-8")
    head, *lines = text.splitlines()
    if head.split("\t") != list(columns):
        raise ValueError(f"{name}: the columns must be {', '.join(columns)}")
    rows = []
    for number, line in enumerate(lines, start=2):
        cells = line.split("\t")
        if len(cells) != len(columns) or not all(cell.strip() for cell in cells):
            raise ValueError(f"{name} line {number}: {len(columns)} filled cells are needed")
        rows.append(dict(zip(columns, cells, strict=True)))
    if not rows:
        raise ValueError(f"{name} holds no row")
    return rows
