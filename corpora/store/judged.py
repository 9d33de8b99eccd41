"""What the store knows of readings and labels."""

from __future__ import annotations

import json
from collections.abc import Sequence

import sqlalchemy as sa

from corpora.coding import CodedStory, Coder
from corpora.records import Story
from corpora.store.base import HasTransaction, in_batches, insert_new, put
from corpora.store.details import written
from corpora.store.keeping import level
from corpora.store.schema import coder, family, label, reading, sentence, story, version


class JudgedPart:
    """Reading and writing of what coders said."""

    def save_coder(self: HasTransaction, who: Coder) -> None:
        """Register a coder, so that each label can be traced to a digest and a codebook version."""
        with self.transaction() as connection:
            put(
                connection,
                coder,
                {
                    "coder": who.name,
                    "kind": who.kind,
                    "digest": who.digest,
                    "codebook": who.codebook,
                    "thresholds": json.dumps(who.thresholds, sort_keys=True),
                    "quality": json.dumps(who.quality, sort_keys=True),
                },
            )

    def coder(self: HasTransaction, name: str) -> Coder | None:
        """Look a coder up by name."""
        with self.transaction() as connection:
            row = connection.execute(sa.select(coder).where(coder.c.coder == name)).mappings().first()
        if row is None:
            return None
        return Coder(
            name=row["coder"],
            kind=row["kind"],
            digest=row["digest"],
            codebook=row["codebook"],
            thresholds=json.loads(row["thresholds"]),
            quality=json.loads(row["quality"]),
        )

    def unjudged(self: HasTransaction, coder_name: str) -> list[str]:
        """Ids of versions this coder has not read and whose text is kept, in a fixed order (oldest story first)."""
        done = sa.select(reading.c.version_id).where(reading.c.coder == coder_name)
        statement = (
            sa.select(version.c.version_id)
            .join(story, story.c.story_id == version.c.story_id)
            .where(version.c.version_id.not_in(done), version.c.text_gone.is_(None))
            .order_by(story.c.published, version.c.version_id)
        )
        with self.transaction() as connection:
            return list(connection.execute(statement).scalars())

    def stories(self: HasTransaction, version_ids: Sequence[str]) -> list[Story]:
        """Load versions as stories, in the order asked for; those that are gone, or whose text is, are left out."""
        found: dict[str, Story] = {}
        with self.transaction() as connection:
            for some in in_batches(version_ids):
                rows = connection.execute(
                    sa.select(story, version)
                    .join(version, story.c.story_id == version.c.story_id)
                    .where(version.c.version_id.in_(some), version.c.text_gone.is_(None))
                ).mappings()
                for row in rows:
                    found[row["version_id"]] = Story(
                        url=row["url"],
                        outlet=row["outlet"],
                        published=row["published"],
                        published_trusted=row["published_trusted"],
                        first_seen=row["first_seen"],
                        title=row["title"],
                        text=row["text"],
                        text_from=row["text_from"],
                        byline=row["byline"],
                    )
        return [found[one] for one in version_ids if one in found]

    def save_coded(self: HasTransaction, coded: Sequence[CodedStory]) -> None:
        """Keep a batch of coded stories in one transaction.

        A story that was taken out while it was read is passed over; where its text was let go meanwhile, the
        sentences that would have been kept are kept.
        """
        with self.transaction() as connection:
            gone: dict[str, bool] = {}
            for some in in_batches(one.version_id for one in coded):
                rows = connection.execute(
                    sa.select(version.c.version_id, version.c.text_gone).where(version.c.version_id.in_(some))
                )
                gone.update((row.version_id, row.text_gone is not None) for row in rows)
            least = level(connection) if any(gone.values()) else 0.0
            for one in coded:
                if one.version_id not in gone:
                    continue
                row = {
                    "version_id": one.version_id,
                    "coder": one.coder,
                    "sentences": one.n_sentences,
                    "capped": one.capped,
                    "detail": written(one.detail),
                }
                put(connection, reading, row)
                likely = {said.span.start for said in one.labels if said.unit == "body" and said.probability >= least}
                for read in one.sentences:
                    row = {
                        "version_id": one.version_id,
                        "unit": read.unit,
                        "start": read.span.start,
                        "end": read.span.end,
                        "voice": read.voice,
                        "groups": json.dumps(read.groups),
                        "spans": json.dumps([[m.kind, m.code, m.start, m.end] for m in read.marks]),
                        "detail": written(read.detail),
                    }
                    if gone[one.version_id] and read.unit == "body":
                        kept = read.groups or read.span.start in likely
                        row |= {"wording": read.span.text} if kept else {"detail": ""}
                    put(connection, sentence, row)
                for said in one.labels:
                    put(
                        connection,
                        label,
                        {
                            "version_id": said.story,
                            "unit": said.unit,
                            "start": said.span.start,
                            "end": said.span.end,
                            "frame": said.frame,
                            "aspect": said.aspect,
                            "coder": said.coder,
                            "probability": said.probability,
                            "codebook": said.codebook,
                        },
                    )

    def all_story_texts(self: HasTransaction) -> list[tuple[str, str, str, str]]:
        """(story id, outlet, title, text) of the first version of every story whose text is kept, in a fixed order.

        The first wording, so that a later edit cannot move a story from one family to another. Families are worked
        out from `fingerprints`, which also knows stories whose text is gone.
        """
        statement = (
            sa.select(story.c.story_id, story.c.outlet, version.c.title, version.c.text)
            .join(version, version.c.story_id == story.c.story_id)
            .where(version.c.number == 1, version.c.text_gone.is_(None))
            .order_by(story.c.published, story.c.story_id)
        )
        with self.transaction() as connection:
            return [(row.story_id, row.outlet, row.title, row.text) for row in connection.execute(statement)]

    def save_families(self: HasTransaction, families: dict[str, str]) -> None:
        """Replace the map from story id to family id."""
        with self.transaction() as connection:
            connection.execute(family.delete())
            insert_new(
                connection,
                family,
                [{"story_id": one, "family_id": families[one], "kind": ""} for one in sorted(families)],
            )
