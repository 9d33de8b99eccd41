"""Sentences of public sets that our own codings may be joined to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from corpora.public_files import cached
from corpora.public_readers import READERS, PublicRow
from corpora.recipes import load_recipes
from nlp.reading import UnitText

CODED = ("emona", "group_mentions")
"""Public sets of which we have coded sentences; their own labels say nothing of our frames."""


def public_units(cache: Path) -> Mapping[str, UnitText]:
    """Sentences by `set:id`, of those coded sets that are in the user's cache (`sharedstory corpora fetch`).

    Raises:
        NotReady: A set's files are there but are not the recipe's.
    """
    recipes, units = load_recipes(), {}
    for name in CODED:
        if not (cache / name).is_dir():
            continue
        for row in READERS[name](cached(recipes[name], cache)):
            if isinstance(row, PublicRow) and row.text:
                units[f"{name}:{row.id}"] = UnitText(text=row.text)
    return units
