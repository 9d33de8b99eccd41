"""The fixed words of a report: names of frames, voices and groups, each said the same way everywhere.

Wording is part of the method: the pages describe language in published text. They never rate people or
outlets, and never call a sentence anything but flagged.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources

from corpora.errors import NotReady
from corpora.records import Frame, Voice
from reports.counts import Spoken

FRAME_NAMES: Mapping[Frame, str] = {
    "us_them": "Us and them",
    "blame": "Blame",
    "shared_story": "Shared story",
}

FRAME_DEFINITIONS: Mapping[Frame, str] = {
    "us_them": "A sentence is flagged when it sets a “we” apart from a social group and adds a charge: that the group "
    "is opposed, threatening, competing, undeserving or alien.",
    "blame": "A sentence is flagged when it presents a marginalised group as the cause of a social problem, or as "
    "answerable for it, and puts the link into words.",
    "shared_story": "A sentence is flagged when it speaks of something held in common (a “we”, a place, an act) and "
    "visibly spans difference or is openly meant for all.",
}

SPOKEN_NAMES: Mapping[Spoken, str] = {
    "any": "Any voice",
    "outlet": "Outlet’s own voice",
    "contested": "Contested",
}

SPOKEN_DEFINITIONS: Mapping[Spoken, str] = {
    "any": "said by anyone in the story and not rejected there",
    "outlet": "of these, said in the outlet’s own words or in an unquoted headline",
    "contested": "put into words and denied, rebutted or corrected in the same paragraph; not part of the two above",
}

UNIT = "distinct stories with at least one flagged sentence, among the distinct stories read; copies count once"

VOICE_WORDS: Mapping[Voice, str] = {
    "OUTLET": "the outlet’s own words",
    "DIRECT": "someone quoted",
    "INDIRECT": "reported speech",
    "MIXED": "partly quoted",
    "HEADLINE": "headline",
}

DATA = resources.files("reports") / "data"


def _table(name: str, columns: set[str]) -> list[dict[str, str]]:
    text = (DATA / name).read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines(), delimiter="\t"))
    if not rows or columns - set(rows[0]):
        raise NotReady(f"The table reports/data/{name} is empty or lacks a column.", what_next="Restore the file.")
    return rows


@cache
def group_names() -> Mapping[str, str]:
    """Plain name of each group code of codebook 4.1."""
    return {row["code"]: row["name"] for row in _table("group_names.tsv", {"code", "name", "reason", "example"})}


def group_name(code: str) -> str:
    """Plain name of a group; the code itself where a newer codebook has one we do not know."""
    return group_names().get(code, code)


@cache
def withheld() -> re.Pattern[str]:
    """Words that mean a court or the law protects someone: such a sentence is counted but not quoted."""
    rows = _table("withheld.tsv", {"pattern", "reason", "example"})
    return re.compile(r"\b(?:" + "|".join(row["pattern"] for row in rows) + r")\b", re.IGNORECASE)


def quoted(frame: Frame) -> str:
    """A frame's name inside a sentence, in quotation marks: three plain words would read as part of it."""
    return f"“{FRAME_NAMES[frame]}”"


def in_ten(share: float) -> str:
    """Say a share of 0 to 1 as people say it: `about 6 in 10`."""
    tenths = round(share * 10)
    if tenths == 0:
        return "fewer than 1 in 10"
    return "nearly all" if tenths == 10 else f"about {tenths} in 10"


def times_as_many(ratio: float) -> tuple[str, str]:
    """Say a ratio in words, with the word that joins the comparison: (`about twice as many`, `as`)."""
    for limit, words, joined in _RATIO_WORDS:
        if ratio < limit:
            return words, joined
    return f"about {ratio:.0f} times as many", "as"


_RATIO_WORDS: tuple[tuple[float, str, str], ...] = (
    (0.2, "far fewer", "than"),
    (0.29, "about a quarter as many", "as"),
    (0.42, "about a third as many", "as"),
    (0.58, "about half as many", "as"),
    (0.71, "about a third fewer", "than"),
    (0.85, "about a fifth fewer", "than"),
    (0.95, "slightly fewer", "than"),
    (1.05, "about as many", "as"),
    (1.15, "slightly more", "than"),
    (1.3, "about a quarter more", "than"),
    (1.42, "about a third more", "than"),
    (1.75, "about half as many again", "as"),
    (2.25, "about twice as many", "as"),
    (2.75, "about two and a half times as many", "as"),
    (3.5, "about three times as many", "as"),
)

SURE = 0.80
"""Probability below which a flag is called less sure: naming an outlet wrongly costs four times what a miss costs."""
