"""How sentences of real news and of public sets were coded, without the sentences, which are not ours to give."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpora.agreement import Agreement, agree
from corpora.annotated import FOLDER, MARKS, Mark
from corpora.errors import BadInput
from corpora.records import FRAMES

CODINGS = FOLDER / "codings.csv"
SEED = 20261125
_BY_WORD: Mapping[str, Mark] = {str(mark): mark for mark in MARKS}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCoding:
    """What one or two coders, who did not see each other's work, said of one sentence."""

    source: str
    """`news` (the development stories), or the name of a public set."""
    key: str
    """The sentence's number in its source."""
    digest: str
    """Of its text, see `text_digest`: whoever has the source can tell whether it is the sentence that was coded."""
    codings: tuple[tuple[Mark, Mark, Mark], ...]
    """One a coder, in the order of `FRAMES`."""
    groups: tuple[str, ...]
    problems: tuple[str, ...]
    hard: bool
    """Whether a coder saw a frame in it or hesitated."""


def text_digest(text: str) -> str:
    """Twelve hexadecimal digits that tell whether a sentence is the one that was coded."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def load_codings(path: Path = CODINGS) -> tuple[FieldCoding, ...]:
    """Read the table.

    Raises:
        BadInput: It is missing, or a row is not as it should be.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            return tuple(_coding(raw) for raw in csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, KeyError, ValueError, AttributeError) as error:
        raise BadInput(f"The codings in {path.name} cannot be read.", what_next=f"{error}.") from error


def _coding(raw: Mapping[str, str]) -> FieldCoding:
    votes = []
    for vote in raw["codings"].split("|"):
        first, second, third = (_BY_WORD[word] for word in vote.split())
        votes.append((first, second, third))
    return FieldCoding(
        source=raw["set"],
        key=raw["key"],
        digest=raw["digest"],
        codings=tuple(votes),
        groups=tuple(raw["groups"].split()),
        problems=tuple(raw["problems"].split()),
        hard=raw["hard"] == "1",
    )


def field_agreement(codings: Sequence[FieldCoding]) -> dict[str, Agreement]:
    """Agreement on each frame among sentences coded twice."""
    twice = [one for one in codings if len(one.codings) == 2]
    found: dict[str, Agreement] = {}
    for at, frame in enumerate(FRAMES):
        pairs: list[tuple[Mark, Mark]] = [(one.codings[0][at], one.codings[1][at]) for one in twice]
        found[frame] = agree(pairs, yes=[(first != 0, second != 0) for first, second in pairs], seed=SEED)
    return found
