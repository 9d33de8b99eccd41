"""Who is said to say what: the records in which a sentence's attribution and its speaker are handed on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from corpora.records import Voice

Role = Literal[
    "resident", "trader", "councillor", "politician", "police_court", "official", "charity", "faith_leader", "expert",
    "group_member", "anonymous", "other", "",
]  # fmt: skip
"""`source_type` of codebook 4; `group_member` is a member of a group of codebook 4.1, "" where nothing tells."""

ROLES: tuple[Role, ...] = (
    "resident", "trader", "councillor", "politician", "police_court", "official", "charity", "faith_leader", "expert",
    "group_member", "anonymous", "other",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """What one sentence by itself says of whose words it holds."""

    voice: Voice
    content: tuple[int, int] | None = None
    """What is attributed, (start, end) in the sentence, quotation marks included; None for the outlet's own words."""
    speaker: tuple[int, int] | None = None
    """The words that name who says it, (start, end) in the sentence; None where the sentence does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who says what a sentence attributes, as far as its story tells."""

    start: int
    """Offset of the words that name them in this sentence's unit; -1 where the sentence does not (a quotation that
    runs on)."""
    end: int
    text: str
    """Those words; empty where there are none."""
    resolved: str
    """The fullest name or description the story gives; empty where it cannot be told."""
    role: Role
    groups: tuple[str, ...] = ()
    """Codes of the groups of codebook 4.1 that the story says the speaker belongs to."""
