"""How one story is taken out of the store, and known again without being kept: by the hash of its id."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from corpora.records import stable_id
from corpora.store.base import HasTransaction, in_batches, insert_new
from corpora.store.keeping import note_compaction
from corpora.store.schema import entry, family, forgotten, label, place, reading, sentence, story, version

FORGOTTEN = "forgotten"
"""Outcome of an entry that leads to a story that was taken out; also what stands for its wording."""

_SENTENCE = re.compile(r"[^.!?\n]{25,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownStory:
    """What has to be known of a story to take it out everywhere."""

    story_id: str
    url: str
    title: str
    """Its newest headline."""
    versions: int
    quotes: tuple[str, ...]
    """Its address, headlines and sentences, by which copies of it are found in other files."""
    copies: tuple[str, ...]
    """Addresses of other stories with the same text."""


def tombstone(key: str) -> str:
    """Hash that stands for a story or an entry once it is forgotten."""
    return stable_id("forgotten", key, length=64)


def tombs(connection: sa.Connection, keys: Iterable[str]) -> set[str]:
    """Those of `keys` that are forgotten."""
    by_stone = {tombstone(key): key for key in keys}
    found: set[str] = set()
    for some in in_batches(by_stone):
        rows = connection.execute(sa.select(forgotten.c.key).where(forgotten.c.key.in_(some)))
        found.update(by_stone[stone] for stone in rows.scalars())
    return found


def bury(connection: sa.Connection, keys: Iterable[str], at: datetime) -> None:
    """Remember `keys` as forgotten."""
    insert_new(connection, forgotten, [{"key": tombstone(key), "at": at} for key in keys])


class ForgettingPart:
    """Finding and taking out single stories."""

    def find_story(self: HasTransaction, url: str) -> KnownStory | None:
        """Look a story up by its canonical address."""
        story_id = stable_id("story", url)
        with self.transaction() as connection:
            versions = connection.execute(
                sa.select(version).where(version.c.story_id == story_id).order_by(version.c.number)
            ).all()
            if not versions:
                return None
            ids = [one.version_id for one in versions]
            wordings = connection.execute(
                sa.select(sentence.c.wording).where(sentence.c.version_id.in_(ids), sentence.c.wording.is_not(None))
            ).scalars()
            quotes = [url, *(one.title for one in versions), *wordings]
            mine = sa.select(family.c.family_id).where(family.c.story_id == story_id).scalar_subquery()
            copies = connection.execute(
                sa.select(story.c.url)
                .join(family, family.c.story_id == story.c.story_id)
                .where(family.c.family_id == mine, story.c.story_id != story_id)
                .order_by(story.c.url)
            ).scalars()
            return KnownStory(
                story_id=story_id,
                url=url,
                title=versions[-1].title,
                versions=len(versions),
                quotes=tuple(
                    dict.fromkeys(quotes + [part.strip() for one in versions for part in _SENTENCE.findall(one.text)])
                ),
                copies=tuple(copies),
            )

    def forgotten_at(self: HasTransaction, url: str) -> datetime | None:
        """When the story of a canonical address was taken out, or None."""
        stone = tombstone(stable_id("story", url))
        with self.transaction() as connection:
            return connection.execute(sa.select(forgotten.c.at).where(forgotten.c.key == stone)).scalar_one_or_none()

    def forget(self: HasTransaction, story_id: str, *, at: datetime) -> None:
        """Take a story out: every version, sentence, label, entry and link. Only hashes of its ids are left.

        Its words leave the file itself with `Store.compact`, which must follow; `compaction_due` says so until then.
        """
        with self.transaction() as connection:
            entries = connection.execute(sa.select(entry.c.key).where(entry.c.story_id == story_id)).scalars().all()
            bury(connection, [story_id, *entries], at)
            ids = sa.select(version.c.version_id).where(version.c.story_id == story_id)
            for table in (label, sentence, reading):
                connection.execute(table.delete().where(table.c.version_id.in_(ids)))
            for table in (version, place, family, entry, story):
                connection.execute(table.delete().where(table.c.story_id == story_id))
            # A family is named by its smallest story: with that one gone it needs another name.
            others = family.c.family_id == story_id
            heir = connection.execute(sa.select(sa.func.min(family.c.story_id)).where(others)).scalar_one()
            if heir is not None:
                connection.execute(family.update().where(others).values(family_id=heir))
            note_compaction(connection)
