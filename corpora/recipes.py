"""Which public sets may be learned from, on what terms, and whether a copy is the one the recipe means."""

from __future__ import annotations

import hashlib
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from corpora.errors import BadInput

SHIPPED = Path(str(resources.files("corpora"))) / "data" / "public_sets.toml"
LARGEST = 64 * 1024 * 1024
"""Bytes: more than any file of the sets, so that a wrong path is not hashed for an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one public set is used. The set itself never ships."""

    name: str
    title: str
    licence: str
    may_train_shipped_model: bool
    """False where the licence forbids it, or the text is not the authors' to give."""
    source: str
    """Where its authors offer it: an address, or words where there is none that stays."""
    mapping: str
    """What its labels become in our fields."""
    filter: str
    """What is left out, and how HateCheck is kept out."""
    files: Mapping[str, str]
    """File name to SHA-256."""


def load_recipes(path: Path = SHIPPED) -> dict[str, Recipe]:
    """Read the recipes, by name.

    Raises:
        BadInput: The file cannot be read or a recipe lacks a field.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: _recipe(name, one) for name, one in raw.items()}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise BadInput(f"The recipes in {path.name} cannot be used.", what_next=f"{error}.") from error


def _recipe(name: str, raw: dict[str, Any]) -> Recipe:
    sums = dict(raw["files"])
    if not sums or not all(len(digest) == 64 for digest in sums.values()):
        raise KeyError(f"{name} needs files with SHA-256 sums")
    return Recipe(
        name=name,
        title=raw["title"],
        licence=raw["licence"],
        may_train_shipped_model=raw["may_train_shipped_model"],
        source=raw["from"],
        mapping=raw["mapping"],
        filter=raw["filter"],
        files=sums,
    )


def recipe(name: str, path: Path = SHIPPED) -> Recipe:
    """One recipe.

    Raises:
        BadInput: There is none of that name; the message lists those there are.
    """
    known = load_recipes(path)
    if name not in known:
        raise BadInput(f"There is no public set called {name[:60]!r}.", what_next=f"Known: {', '.join(sorted(known))}.")
    return known[name]


def bring_in(wanted: Recipe, folder: Path, cache: Path) -> tuple[Path, ...]:
    """Check a local copy of a set and put it into the cache; nothing is copied unless every file is right.

    Args:
        wanted: The recipe.
        folder: Where the user has put the files; looked for there and in a folder named like the recipe.
        cache: The user's cache; the files go to a folder named like the recipe.

    Returns:
        The files in the cache, in the order of the recipe.

    Raises:
        BadInput: A file is missing, or is not the one the recipe means.
    """
    found = []
    for name, digest in wanted.files.items():
        places = [place for place in (folder / name, folder / wanted.name / name) if place.is_file()]
        if not places:
            raise BadInput(
                f"{name} of the set {wanted.name} is not in {folder}.",
                what_next=f"Get it from its authors ({wanted.source}; licence {wanted.licence}).",
            )
        if places[0].stat().st_size > LARGEST or hashlib.sha256(places[0].read_bytes()).hexdigest() != digest:
            raise BadInput(
                f"{name} of the set {wanted.name} is not the file the recipe means (its checksum differs).",
                what_next="Get it again, or correct the recipe if its authors have changed it.",
            )
        found.append(places[0])
    target = cache / wanted.name
    target.mkdir(parents=True, exist_ok=True)
    return tuple(Path(shutil.copyfile(place, target / place.name)) for place in found)
