"""What one row of each public set says in our fields, before anything is filtered.

Each reader follows the `mapping` of its recipe. A frame a set's coders were not asked about is None, never False.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from corpora.records import Span
from corpora.tables import read_table

CHARGED = 0.5
"""From here on the us-versus-them scale (0 to 1) counts as charged."""
_CLASSES = frozenset({"white_grievance", "stereotypical", "inferiority", "threatening"})
_CLOSING = frozenset(".,;:!?)]%’")
_OPENING = frozenset("([‘")
_NO_GROUP = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRow:
    """One text of a public set in our fields."""

    id: str
    """The set's name, its part and its own number or name in it."""
    text: str
    us_them: bool | None = None
    """Active or not; None where the set says nothing of it. The same holds for the next two."""
    blame: bool | None = None
    shared_story: bool | None = None
    groups: tuple[str, ...] = ()
    """Codes of the codebook."""
    mentions: tuple[Span, ...] = ()
    """Where social groups are named, for sets that mark it."""
    source: str
    """The set's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmapped:
    """A row the mapping has no place for."""

    why: str


Mapped = PublicRow | Unmapped
Reader = Callable[[Mapping[str, Path]], Iterator[Mapped]]
"""Files of a set by name, to its rows; raises KeyError or ValueError where they are not of the form known."""


@cache
def group_codes(name: str) -> Mapping[str, tuple[str, ...]]:
    """Names a set gives to groups, in small letters, and our codes for them; no codes where we have none."""
    rows = read_table("public_groups.tsv", columns=("set", "label", "groups", "reason", "example"))
    return MappingProxyType(
        {
            row["label"]: () if row["groups"] == _NO_GROUP else tuple(row["groups"].split("|"))
            for row in rows
            if row["set"] == name
        }
    )


def plain(text: str) -> str:
    """A text with single spaces."""
    return " ".join(text.split())


def usvsthem(files: Mapping[str, Path]) -> Iterator[Mapped]:
    """Reddit comments with a scale from 0 to 1 and a yes or no on discrimination or criticism."""
    codes = group_codes("usvsthem")
    for name, path in files.items():
        part = "valid" if "valid" in name else "train"
        for row in _table(path, ","):
            groups = codes[row["group"].casefold()]
            charged, critical = float(row["usVSthem_scale"]) >= CHARGED, row["is_Disc_Crit"] == "True"
            if not groups:
                yield Unmapped(why="about a political camp")
            elif charged != critical:
                yield Unmapped(why="the set's two measures disagree")
            else:
                yield PublicRow(
                    id=f"usvsthem-{part}-{row['']}",
                    text=plain(row["body"]),
                    us_them=charged,
                    groups=groups,
                    source="usvsthem",
                )


def implicit_hate(files: Mapping[str, Path]) -> Iterator[Mapped]:
    """Tweets in three stages: hate or not (1), of which kind (2), against whom (3). Stages meet by their text."""
    stages = {name.split("_posts")[0][-4:]: path for name, path in files.items()}
    codes = group_codes("implicit_hate")
    targets: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for row in _table(stages["stg3"], "\t"):
        targets[plain(row["post"])] |= dict.fromkeys(codes.get((row["target"] or "").strip(" .").casefold(), ()))
    for number, row in enumerate(_table(stages["stg2"], "\t")):
        if row["implicit_class"] not in _CLASSES:
            yield Unmapped(why="irony, incitement, other and explicit hate")
            continue
        text = plain(row["post"])
        yield PublicRow(
            id=f"implicit_hate-stg2-{number}",
            text=text,
            us_them=True,
            groups=tuple(targets.get(text, ())),
            source="implicit_hate",
        )
    for number, row in enumerate(_table(stages["stg1"], "\t")):
        if row["class"] == "not_hate":
            yield PublicRow(
                id=f"implicit_hate-stg1-{number}",
                text=plain(row["post"]),
                us_them=False,
                blame=False,
                source="implicit_hate",
            )
        elif row["class"] == "explicit_hate":
            yield Unmapped(why="irony, incitement, other and explicit hate")
        # implicit_hate rows stand in stage 2, with their kind


def group_mentions(files: Mapping[str, Path]) -> Iterator[Mapped]:
    """Sentences of manifestos with social groups marked (B-/I- labels on tokens)."""
    for path in files.values():
        for row in _json_lines(path):
            text, places = _joined(row["tokens"])
            yield PublicRow(
                id=f"group_mentions-{row['id']}",
                text=text,
                mentions=tuple(
                    Span.of(text, places[first][0], places[last][1])
                    for first, last in _stretches(row["encoded_labels"][: len(places)], "social group")
                ),
                source="group_mentions",
            )


def emona(files: Mapping[str, Path]) -> Iterator[Mapped]:
    """News sentences, without labels of ours."""
    for path in files.values():
        for row in _json_lines(path):
            yield PublicRow(id=f"emona-{row['article']}-{row['sid']}", text=plain(row["text"]), source="emona")


READERS: Mapping[str, Reader] = MappingProxyType(
    {"usvsthem": usvsthem, "implicit_hate": implicit_hate, "group_mentions": group_mentions, "emona": emona}
)


def _table(path: Path, delimiter: str) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream, delimiter=delimiter)


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


def _joined(words: list[str]) -> tuple[str, list[tuple[int, int]]]:
    """Tokens as a text with spaces where people put them, and the characters (start, end) of each token in it."""
    text, places = "", []
    for word in words:
        possessive = word in {"'s", "’s"} or (word == "s" and text[-1:] in {"’", "'"})
        tight = not text or word[:1] in _CLOSING or text[-1:] in _OPENING or possessive
        text += word if tight or not word else f" {word}"
        places.append((len(text) - len(word), len(text)))
    return text, places


def _stretches(labels: list[str], kind: str) -> Iterator[tuple[int, int]]:
    """First and last token of each B-/I- stretch of one kind."""
    first: int | None = None
    for at, label in enumerate([*labels, "O"]):
        if first is not None and label != f"I-{kind}":
            yield first, at - 1
            first = None
        if label == f"B-{kind}":
            first = at
