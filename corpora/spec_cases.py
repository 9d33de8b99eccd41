"""The cases of the functional suite: one sentence each, the labels it must get, and why it is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corpora.annotated import MARKS, Mark, read_lines
from corpora.codebook import Codebook
from corpora.errors import BadInput
from corpora.records import FRAMES, Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecCase:
    """One case."""

    id: str
    fn: str
    title: str
    text: str
    headline: str
    before: str
    is_headline: bool
    pair: str
    marks: tuple[Mark, Mark, Mark]
    """In the order of `FRAMES`."""
    groups: tuple[str, ...]

    def mark(self, frame: Frame) -> Mark:
        """Label for one frame."""
        return self.marks[FRAMES.index(frame)]


def load_spec(path: Path, codebook: Codebook) -> tuple[SpecCase, ...]:
    """Read the cases of a JSON-lines file.

    Raises:
        BadInput: A case lacks a field, or has a value that is not in the codebook's closed lists.
    """
    cases = []
    for where, raw in read_lines(path):
        try:
            one = SpecCase(
                id=raw["id"],
                fn=raw["fn"],
                title=raw["title"],
                text=raw["text"],
                headline=raw.get("headline", ""),
                before=raw.get("before", ""),
                is_headline=raw.get("unit") == "headline",
                pair=raw.get("pair", ""),
                marks=(raw["us_them"], raw["blame"], raw["shared_story"]),
                groups=tuple(raw["groups"]),
            )
        except KeyError as error:
            raise BadInput(f"{where} lacks {error}.") from error
        odd = _unknown(raw, codebook)
        if odd or set(one.marks) - set(MARKS) or not one.title or not one.text:
            raise BadInput(f"{where} ({one.id}) has values the codebook does not know: {', '.join(odd) or one.marks}.")
        cases.append(one)
    return tuple(cases)


_LISTS = {
    "fn": "functionalities", "register": "registers", "nation": "nations", "voice": "voices", "detail": "details",
    "source_type": "source_types", "stance": "stances", "structural": "structural",
    "structural_type": "structural_types", "neighbour": "neighbours", "groups": "groups", "problem": "problems",
    "subtype": "subtypes",
}  # fmt: skip


def _unknown(raw: dict[str, object], codebook: Codebook) -> list[str]:
    odd = []
    for field, table in _LISTS.items():
        value = raw.get(field)
        values: Sequence[object] = value if isinstance(value, list) else [value]
        odd += [f"{field}={one}" for one in values if one and one not in codebook.codes(table)]
    return odd
