"""The cases of the functional suite: one sentence each, the labels it must get, and why it is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corpora.annotated import MARKS, Mark, read_lines
from corpora.codebook import Codebook
from corpora.errors import BadInput
from corpora.records import FRAMES, Frame

_NOT_SCORED: dict[str, frozenset[Frame]] = {
    **dict.fromkeys(("F01", "F02", "F03", "F05", "F07"), frozenset[Frame]({"blame"})),
    **dict.fromkeys(("F19", "F23", "F25", "F26"), frozenset[Frame]({"us_them"})),
    "F33": frozenset[Frame]({"shared_story"}),
}
"""Frames a functionality does not ask about: a sentence that puts a group at the front of the queue may or may not
blame it as well, and is here for the queue."""


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
    template: str = ""
    """The template it was made from; empty for a case written by itself."""

    def mark(self, frame: Frame) -> Mark:
        """Label for one frame."""
        return self.marks[FRAMES.index(frame)]

    @property
    def family(self) -> str:
        """What results are averaged over: cases of one template are not independent of one another."""
        return self.template or self.id

    @property
    def slotted(self) -> bool:
        """Whether the same sentence is asked of other groups too."""
        return bool(self.template) and self.id != self.template

    @property
    def scored(self) -> tuple[Frame, ...]:
        """The frames on which a model is right or wrong in this case, in the order of `FRAMES`."""
        skipped = _NOT_SCORED.get(self.fn, frozenset())
        if self.fn == "F34":  # one frame reported unchallenged; whether the other is heard too is not asked
            skipped = frozenset(frame for frame in FRAMES if frame != "shared_story" and self.mark(frame) != 1)
        return tuple(frame for frame in FRAMES if frame not in skipped)


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
