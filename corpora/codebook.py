"""What the frames mean and which values a label may have: the codebook, read from `codebook/frames.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any, cast

from corpora.errors import BadInput
from corpora.records import FRAMES, Frame

FOLDER = Path(str(resources.files("corpora"))) / "codebook"
SHIPPED = FOLDER / "frames.toml"

TABLES: tuple[str, ...] = (
    "groups", "problems", "neighbours", "subtypes", "voices", "details", "source_types", "stances",
    "structural", "structural_types", "registers", "nations", "functionalities",
)  # fmt: skip
"""The closed lists of `frames.toml`, each a table of code to name and note."""

_TEXTS = ("name", "definition", "why_it_matters", "authored_by", "checked_by")
_LISTS = ("parts", "includes", "excludes")
_DATES = ("date_reviewed", "next_review")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameDefinition:
    """What one frame means, who wrote it down and when it is looked at again."""

    code: Frame
    name: str
    definition: str
    parts: tuple[str, ...]
    """All of these must be in the words for the frame to be there."""
    includes: tuple[str, ...]
    excludes: tuple[str, ...]
    why_it_matters: str
    authored_by: str
    checked_by: str
    date_reviewed: date
    next_review: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One value of a closed list."""

    code: str
    name: str
    """Plain words for a reader."""
    note: str
    """What it takes in or leaves out; may be empty."""
    frame: Frame | None = None
    """The frame a subtype belongs to."""
    may_be_blamed: bool = True
    """False for ALL and ELITE: blame of them is never counted as blame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codebook:
    """One version of the codebook."""

    version: str
    title: str
    frames: Mapping[Frame, FrameDefinition]
    lists: Mapping[str, Mapping[str, Code]]
    """Closed lists by the names in `TABLES`, each in the order of the file."""
    glossary: Mapping[str, str]

    def codes(self, table: str) -> frozenset[str]:
        """Codes of one closed list."""
        return frozenset(self.lists[table])

    def blamable(self) -> frozenset[str]:
        """Groups that may carry blame."""
        return frozenset(code for code, one in self.lists["groups"].items() if one.may_be_blamed)


def load_codebook(path: Path = SHIPPED) -> Codebook:
    """Read and check the codebook.

    Raises:
        BadInput: The file is no TOML, or a field is missing, empty or of the wrong kind; the message names it.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"The codebook {path.name} cannot be read.", what_next=f"{error}.") from error
    frames = [_frame(one) for one in _tables(raw, "frames")]
    missing = set(FRAMES) - {one.code for one in frames}
    if missing or len(frames) != len(FRAMES):
        raise BadInput(f"The codebook must define each of {', '.join(FRAMES)} once.")
    entries = [(_text(one, "term", "glossary"), _text(one, "meaning", "glossary")) for one in _tables(raw, "glossary")]
    if entries != sorted(entries, key=lambda entry: entry[0].casefold()):
        raise BadInput("The glossary of the codebook is not in alphabetical order.")
    return Codebook(
        version=_text(raw, "version", "codebook"),
        title=_text(raw, "title", "codebook"),
        frames={one.code: one for one in frames},
        lists={table: _codes(raw, table) for table in TABLES},
        glossary=dict(entries),
    )


def reviews_due(codebook: Codebook, today: date) -> tuple[str, ...]:
    """Sentences naming the frames whose review is overdue on `today`; empty where none is.

    An overdue review is a warning, not a failure: the definition still holds, but someone has to look at it.
    """
    return tuple(
        f"The definition of “{one.name}” was due for review on {one.next_review.isoformat()}."
        for one in codebook.frames.values()
        if one.next_review < today
    )


def _tables(raw: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found = raw.get(key)
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise BadInput(f"The codebook lacks [[{key}]].")
    return cast("list[dict[str, Any]]", found)


def _text(raw: Mapping[str, Any], key: str, where: str) -> str:
    found = raw.get(key)
    if not isinstance(found, str) or not found.strip():
        raise BadInput(f"The codebook's {where} lacks `{key}`.")
    return found


def _frame(raw: Mapping[str, Any]) -> FrameDefinition:
    code = _text(raw, "code", "frame")
    if code not in FRAMES:
        raise BadInput(f"The codebook defines {code!r}, which is none of {', '.join(FRAMES)}.")
    texts = {key: _text(raw, key, code) for key in _TEXTS}
    lists: dict[str, tuple[str, ...]] = {}
    for key in _LISTS:
        found = raw.get(key)
        if not isinstance(found, list) or not found or not all(isinstance(one, str) and one.strip() for one in found):
            raise BadInput(f"The codebook's {code} lacks `{key}`.")
        lists[key] = tuple(found)
    dates: dict[str, date] = {}
    for key in _DATES:
        found = raw.get(key)
        if not isinstance(found, date):
            raise BadInput(f"The codebook's {code} lacks the date `{key}`.")
        dates[key] = found
    if dates["next_review"] <= dates["date_reviewed"]:
        raise BadInput(f"The codebook's {code} has its next review before its last.")
    return FrameDefinition(code=code, **texts, **lists, **dates)  # type: ignore[arg-type]


def _codes(raw: Mapping[str, Any], table: str) -> dict[str, Code]:
    found = raw.get(table)
    if not isinstance(found, dict) or not found:
        raise BadInput(f"The codebook lacks the list [{table}].")
    codes: dict[str, Code] = {}
    for code, one in found.items():
        if not isinstance(one, dict) or not isinstance(one.get("note"), str):
            raise BadInput(f"The codebook's {table}.{code} needs `name` and `note`.")
        frame = one.get("frame")
        if (table == "subtypes") != (frame in FRAMES):
            raise BadInput(f"The codebook's {table}.{code}: subtypes, and only they, name their frame.")
        codes[code] = Code(
            code=code,
            name=_text(one, "name", f"{table}.{code}"),
            note=one["note"],
            frame=frame,
            may_be_blamed=bool(one.get("may_be_blamed", True)),
        )
    return codes
