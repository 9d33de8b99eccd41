"""How stories of an archive are kept: as live ones are, many in one transaction, together with where to go on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from corpora.records import Story
from corpora.store.base import HasTransaction
from corpora.store.collected import CollectedPart
from corpora.store.forgetting import tombs
from corpora.store.schema import version

OUTCOME = "archive"
"""Outcome of an entry that an archive brought; a feed that leads to the same story later says so in its place."""

PREFIX = "import:"
"""Begins the keys of the notes that say how far imports have come."""

Kept = Literal["new", "edited", "same", "older", "forgotten"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """One story of an archive."""

    key: str
    entry_hash: str
    story: Story
    areas: tuple[tuple[str, str], ...]
    captured: bool
    """Whether the archive itself said when it got hold of it."""


class _Within:
    """A store whose transactions are parts of one that is open already."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        yield self._connection


def save_imported(
    store: HasTransaction, stories: Sequence[Imported], *, note: str, value: dict[str, Any]
) -> list[Kept]:
    """Keep stories, and how far the import has come, in one transaction.

    Args:
        store: The store.
        stories: What to keep, in the archive's order.
        note: Key of the import's note.
        value: The note; `counts` in it is added to by what becomes of the stories.

    Returns:
        For each story: new; edited (another wording of a known story, captured later than all wordings there are);
        same; older (another wording that is not known to be the latest: it would be taken for what the story says
        now); forgotten (it was taken out, and stays out).
    """
    with store.transaction() as connection:
        inside = _Within(connection)
        kept = [_save(connection, inside, one) for one in stories]
        counts = dict(value.get("counts", {}))
        for outcome in kept:
            counts[outcome] = counts.get(outcome, 0) + 1
        CollectedPart.set_note(inside, note, json.dumps({**value, "counts": counts}, sort_keys=True))
    return kept


def _save(connection: sa.Connection, inside: _Within, one: Imported) -> Kept:
    if tombs(connection, [one.story.id]):
        return "forgotten"
    there = connection.execute(
        sa.select(version.c.version_id, version.c.seen_at).where(version.c.story_id == one.story.id)
    ).all()
    if there:
        if any(row.version_id == one.story.version_id for row in there):
            return "same"
        latest = max(row.seen_at for row in there)
        # Without a date of its own it is as late as the import: believed only beside others of the same import.
        seen = one.story.first_seen
        if seen < latest or (not one.captured and seen != latest):
            return "older"
    return CollectedPart.save_entry(
        inside,
        key=one.key,
        entry_hash=one.entry_hash,
        outlet=one.story.outlet,
        outcome=OUTCOME,
        found=one.story,
        areas=one.areas,
    )
