"""Which public sets may be learned from, on what terms, and by which files they are known."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from corpora.errors import BadInput

SHIPPED = Path(str(resources.files("corpora"))) / "data" / "public_sets.toml"
NOT_PINNED = "not pinned"
"""Stands in the recipe for a checksum nobody could take."""

_SUM = re.compile(r"[0-9a-f]{64}")
_PLAIN_NAME = re.compile(r"\w[\w.-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one public set is used. The set itself never ships."""

    name: str
    title: str
    licence: str
    terms: str
    """What its licence and its makers ask, in a sentence or two."""
    may_train_shipped_model: bool
    """False where the licence forbids it, or the text is not the authors' to give."""
    evaluation_only: bool = False
    """A test suite: never turned into rows to learn from."""
    source: str
    """Where its authors offer it."""
    by_hand: str = ""
    """How a person gets the files that have no entry in `urls`."""
    mapping: str
    """What its labels become in our fields."""
    filter: str
    """What is left out, and how HateCheck is kept out."""
    files: Mapping[str, str | None]
    """File name to SHA-256 (64 hexadecimal digits); None where no checksum could be pinned."""
    urls: Mapping[str, str]
    """File name to an https address that serves just that file; not every file has one."""


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
    sums = {file: None if digest == NOT_PINNED else digest for file, digest in raw["files"].items()}
    if not sums or not all(digest is None or _SUM.fullmatch(digest) for digest in sums.values()):
        raise KeyError(f"{name} needs files with SHA-256 sums")
    if not all(_PLAIN_NAME.fullmatch(one) for one in (name, *sums)):
        raise KeyError(f"{name}: its name and its files' names become folders and files, and must be plain")
    urls = dict(raw.get("urls", {}))
    if set(urls) - set(sums) or not all(url.startswith("https://") for url in urls.values()):
        raise KeyError(f"{name}: addresses must be https and belong to files of the set")
    if set(sums) - set(urls) and not raw.get("by_hand"):
        raise KeyError(f"{name} needs `by_hand`, since not every file has an address")
    return Recipe(
        name=name,
        title=raw["title"],
        licence=raw["licence"],
        terms=raw["terms"],
        may_train_shipped_model=raw["may_train_shipped_model"],
        evaluation_only=raw.get("evaluation_only", False),
        source=raw["from"],
        by_hand=raw.get("by_hand", ""),
        mapping=raw["mapping"],
        filter=raw["filter"],
        files=sums,
        urls=urls,
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
