"""How the codes of a reading are called in plain English: problems, kinds of frames, roles, links and the rest."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache

from corpora.errors import NotReady
from reports.wording import DATA

COLUMNS = ("list", "code", "name", "reason", "example")


@cache
def rows() -> tuple[Mapping[str, str], ...]:
    """Rows of `story_names.tsv`.

    Raises:
        NotReady: The table is damaged.
    """
    text = (DATA / "story_names.tsv").read_text(encoding="utf-8")
    read = tuple(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
    if not read or any(not row.get(column) for row in read for column in COLUMNS):
        raise NotReady("The table reports/data/story_names.tsv is damaged.", what_next="Restore the file.")
    return read


@cache
def names(table: str) -> Mapping[str, str]:
    """Plain names of one list by code."""
    return {row["code"]: row["name"] for row in rows() if row["list"] == table}


def name(table: str, code: str) -> str:
    """Plain name of a code; the code itself in small letters where a newer codebook has one we do not know."""
    return names(table).get(code) or code.replace("_", " ").lower()


def capital(text: str) -> str:
    """The same with its first letter large."""
    return text[:1].upper() + text[1:]
