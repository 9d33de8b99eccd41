"""In what role somebody speaks: `source_type` of codebook 4, from the words that describe them.

`nlp/data/roles.tsv` holds the words. A longer phrase beats one that it contains ("council leader" is no "council"),
then what tells more beats what tells less: somebody who keeps the name back, a title, an office or body, a part played
in a street's life, and last words that tell no source type of the codebook. Rows of `group_member` name the group of
codebook 4.1 that the words put somebody into.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from corpora.errors import NotReady
from nlp.attributions import ROLES, Role
from nlp.groups import GROUPS
from nlp.patterns import Match, Matcher, read_table

WEIGHTS = ("cloak", "title", "office", "part", "faint")
"""How much a phrase tells, the most telling first."""
_READ = 400
"""Characters of a description that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRow:
    """One row of `roles.tsv`."""

    role: Role
    weight: str
    """One of `WEIGHTS`; for a `group_member` the code of the group."""
    pattern: str
    reason: str
    example: str


@cache
def role_rows() -> tuple[RoleRow, ...]:
    """Return the rows in the order of the table.

    Raises:
        NotReady: If the table is missing or names an unknown role, weight or group.
    """
    rows = []
    for role, weight, pattern, reason, example in read_table(
        "roles.tsv", ("role", "weight", "pattern", "reason", "example")
    ):
        known = GROUPS if role == "group_member" else WEIGHTS
        if role not in ROLES or weight not in known:
            raise NotReady(f"roles.tsv: unknown role or weight: {role}, {weight}.")
        rows.append(RoleRow(role=role, weight=weight, pattern=pattern, reason=reason, example=example))
    return tuple(rows)


@cache
def _roles() -> Matcher[RoleRow]:
    return Matcher((row.pattern, row) for row in role_rows() if row.role != "group_member")


@cache
def _memberships() -> Matcher[RoleRow]:
    return Matcher((row.pattern, row) for row in role_rows() if row.role == "group_member")


def _outermost(found: Sequence[Match[RoleRow]]) -> list[Match[RoleRow]]:
    """Return the matches that no longer one contains, in order of their start."""
    kept: list[Match[RoleRow]] = []
    for match in sorted(found, key=lambda m: (m.start, -m.end)):
        if kept and match.end <= kept[-1].end and match.end - match.start < kept[-1].end - kept[-1].start:
            continue
        kept.append(match)
    return kept


def role_of(description: str) -> Role:
    """Return the role that the words around a speaker tell, "" where they do not.

    Args:
        description: The speaker's words, name and what stands beside it; the first of two equals counts.
    """
    found = _outermost(_roles().find(description[:_READ]))
    best = min(found, key=lambda m: WEIGHTS.index(m.payload.weight), default=None)
    return best.payload.role if best is not None else ""


def memberships_of(description: str) -> tuple[str, ...]:
    """Return the codes of the groups that the words beside a speaker's name put them into, sorted, each once."""
    return tuple(sorted({match.payload.weight for match in _memberships().find(description[:_READ])}))
