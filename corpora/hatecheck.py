"""Which sentences are HateCheck's, or nearly, so that nothing is learned that models are later tested with.

HateCheck is Röttger et al. 2021, "HateCheck: Functional Tests for Hate Speech Detection Models" (CC BY 4.0).
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from corpora.errors import BadInput, NotReady
from corpora.overlap import NEAR_COPY, shared_with
from corpora.public_files import cached
from corpora.recipes import Recipe, recipe

COLUMN = "test_case"
"""Column of the suite that holds a case's text."""


def hatecheck_cases(cache: Path, suite: Recipe | None = None) -> tuple[str, ...] | None:
    """The cases of the suite in the user's cache, or None where it is not there.

    Args:
        cache: The user's cache.
        suite: Another recipe than the shipped `hatecheck`.

    Raises:
        BadInput: The file is there and has no cases in it.
    """
    try:
        files = cached(suite or recipe("hatecheck"), cache)
    except NotReady:
        return None
    cases: list[str] = []
    for path in files.values():
        try:
            with path.open(encoding="utf-8-sig", newline="") as stream:
                cases += [row[COLUMN] for row in csv.DictReader(stream) if row.get(COLUMN)]
        except (UnicodeDecodeError, csv.Error) as error:
            raise BadInput(f"{path.name} is not a CSV file: {error}.") from error
    if not cases:
        raise BadInput(f"HateCheck in {cache} holds no cases.", what_next=f"Its column `{COLUMN}` is missing or empty.")
    return tuple(cases)


def normalised(text: str) -> str:
    """The words of a text without case, accents or punctuation, with one space between them."""
    bare = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return " ".join(re.findall(r"[a-z0-9]+", bare.casefold()))


def contaminated(texts: Sequence[str], cases: Sequence[str], *, above: float = NEAR_COPY) -> frozenset[int]:
    """Positions of the texts that equal a case once normalised, or share too much of their wording with one.

    Args:
        texts: Sentences of another set.
        cases: Cases of the suite.
        above: Share of the shorter one's word 4-grams, 0 to 1, that must be exceeded. A case of four words is one
            4-gram, so a text that contains it is dropped; a shorter case only removes its equals.
    """
    plain_texts, plain_cases = [normalised(one) for one in texts], [normalised(one) for one in cases]
    known = {one for one in plain_cases if one}
    equal = {at for at, text in enumerate(plain_texts) if text in known}
    return frozenset(equal | {at for at, _ in shared_with(plain_texts, plain_cases, above=above)})
