"""By which words a group is tied to a problem, on which side of them each stands, and what is asked for as a remedy.

`nlp/data/links.tsv` holds the constructions: who or what stands before the words and after them, and whose charge it
is. `nlp/data/remedies.tsv` holds what is asked to be done to a group. A link is a reading of a sentence that blames;
that it blames is for a coder to say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from corpora.errors import NotReady
from nlp.patterns import Matcher, read_table

LinkKind = Literal["active", "passive", "nominal", "time", "remedy", "zero_sum", "juxtaposed"]
"""`juxtaposed`: group and problem side by side, with no words that link them."""
Side = Literal["target", "problem", "blamer", "any"]
Author = Literal["speaker", "subject", "unnamed"]

_KINDS: dict[str, LinkKind] = {
    "active": "active",
    "passive": "passive",
    "nominal": "nominal",
    "time": "time",
    "remedy": "remedy",
    "zero_sum": "zero_sum",
}
_SIDES: dict[str, Side] = {"target": "target", "problem": "problem", "blamer": "blamer", "any": "any"}
_AUTHORS: dict[str, Author] = {"speaker": "speaker", "subject": "subject", "unnamed": "unnamed"}
_MOST = 40
"""Links of one sentence that are looked at; nothing that is a sentence has as many."""
_NEAR = 45
"""Characters between a group and what should happen to it."""
_THEM = re.compile(r"\b(?:them|these|those|their)\b", re.IGNORECASE)
_NOT_ASKED = re.compile(
    r"\b(?:cannot|can[’']?t|could(?:n[’']?t)?|fit to|did(?:n[’']?t)?|do not|don[’']?t|never|not|who|learning to"
    r"|where (?:are|do) (?:they|you|we))(?: \w+){0,3}\s+$",
    re.IGNORECASE,
)
"""What stands before words that only look like a remedy: what cannot, did not or need not happen."""
_ASKED = re.compile(r"\b(?:should|must|ought to|needs? to|has to|have to|wants?|want them) (?:all )?$", re.IGNORECASE)
_LEADS = re.compile(r"\s*(?:(?:the|these|those|all|more|mass|any|illegal|on|of)\s+){0,3}", re.IGNORECASE)
"""What may stand between the words of a remedy and the group they are about."""
REMEDY_KINDS: tuple[str, ...] = ("removal", "entry", "support", "place", "order")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkWord:
    """One row of `links.tsv`."""

    kind: LinkKind
    before: Side
    """What stands before the words."""
    after: Side
    blamer: Author
    """Whose charge it is: the speaker's, the grammatical subject's, or nobody's who is named."""
    points: int
    """How plainly the words tie a group to a problem, 1 to 4."""
    pattern: str
    reason: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Words that tie a group to a problem; offsets in the text that was read."""

    kind: LinkKind
    before: Side
    after: Side
    blamer: Author
    points: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyWord:
    """One row of `remedies.tsv`."""

    kind: str
    pattern: str
    reason: str
    example: str


@cache
def link_words() -> tuple[LinkWord, ...]:
    """Return the rows of `links.tsv`.

    Raises:
        NotReady: If the table is missing, holds an unknown value, or leaves a kind without words.
    """
    rows = []
    for kind, before, after, blamer, points, pattern, reason, example in read_table(
        "links.tsv", ("kind", "before", "after", "blamer", "points", "pattern", "reason", "example")
    ):
        known = kind in _KINDS and before in _SIDES and after in _SIDES and blamer in _AUTHORS
        if not known or points not in {"1", "2", "3", "4"}:
            raise NotReady(f"links.tsv: unknown kind, side, blamer or points: {kind}, {before}, {after}, {blamer}.")
        rows.append(
            LinkWord(
                kind=_KINDS[kind],
                before=_SIDES[before],
                after=_SIDES[after],
                blamer=_AUTHORS[blamer],
                points=int(points),
                pattern=pattern,
                reason=reason,
                example=example,
            )
        )
    if {row.kind for row in rows} != set(_KINDS):
        raise NotReady("links.tsv leaves a kind of link without words.")
    return tuple(rows)


@cache
def remedy_words() -> tuple[RemedyWord, ...]:
    """Return the rows of `remedies.tsv`.

    Raises:
        NotReady: If the table is missing, names an unknown kind, or leaves a kind without words.
    """
    rows = tuple(
        RemedyWord(kind=kind, pattern=pattern, reason=reason, example=example)
        for kind, pattern, reason, example in read_table("remedies.tsv", ("kind", "pattern", "reason", "example"))
    )
    if {row.kind for row in rows} != set(REMEDY_KINDS):
        raise NotReady("remedies.tsv names an unknown kind of remedy or leaves one without words.")
    return rows


@cache
def _link_matcher() -> Matcher[LinkWord]:
    return Matcher((row.pattern, row) for row in link_words())


@cache
def _remedy_matcher() -> Matcher[str]:
    return Matcher((row.pattern, row.kind) for row in remedy_words())


def find_links(text: str) -> tuple[Link, ...]:
    """Return the links of `text` (one sentence), in order of their start.

    Of two that overlap the one that begins first stays, unless the other is plainer: "been blamed for" is no "blamed".
    """
    found = sorted(
        _link_matcher().find(text), key=lambda m: (m.start, -m.end, -m.payload.points, m.payload.kind == "active")
    )
    kept: list[Link] = []
    for match in found[: 4 * _MOST]:
        row = match.payload
        if kept and match.start < kept[-1].end and (match.end <= kept[-1].end or row.points <= kept[-1].points):
            continue
        kept.append(
            Link(
                kind=row.kind,
                before=row.before,
                after=row.after,
                blamer=row.blamer,
                points=row.points,
                start=match.start,
                end=match.end,
            )
        )
    return tuple(kept[:_MOST])


def find_remedy(text: str, groups: Sequence[tuple[int, int]] = ()) -> tuple[int, int] | None:
    """Return the words that say what should happen to a group, the longest of them, or None.

    Args:
        text: One sentence or headline.
        groups: Where groups are named; one that follows the words at once is part of them ("curbs on" migrants).
    """
    best: tuple[int, int] | None = None
    for match in _remedy_matcher().find(text)[:_MOST]:
        start, end = match.start, match.end
        near = _THEM.search(text, start, end) is not None
        for first, last in groups:
            near = near or (first <= end + _NEAR and start <= last + _NEAR)
            if start <= first <= end + _NEAR and last > end and (first < end or _LEADS.fullmatch(text, end, first)):
                end = last
        head = max(0, start - 30)
        asked = near and (_ASKED.search(text, head, start) or not _NOT_ASKED.search(text, head, start))
        if asked and (best is None or end - start > best[1] - best[0]):
            best = (start, end)
    return best
