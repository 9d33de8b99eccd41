"""What reports ask of the store: stories of a region and a time, and the flagged sentences in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from corpora.coding import Coder, Hit, Mark, PublishedStory, SentenceDetail, StoryDetail
from corpora.records import Aspect, Frame, Span
from corpora.store.base import HasTransaction, in_batches
from corpora.store.details import read
from corpora.store.keeping import wording_of
from corpora.store.schema import family, label, place, reading, sentence, story, version

NOT_KEPT = "(wording no longer kept)"
"""Stands for a sentence that was no flag when its text was let go, and is one by a threshold set since."""


class PublishedPart:
    """Questions asked by reports; nothing here writes."""

    def published(
        self: HasTransaction, gss: Sequence[str], *, since: datetime, until: datetime, coder: str
    ) -> list[PublishedStory]:
        """Stories that count for any of the regions, with since <= published < until, oldest first."""
        latest = (
            sa.select(version.c.story_id, sa.func.max(version.c.number).label("versions"))
            .group_by(version.c.story_id)
            .subquery()
        )
        judged = (
            sa.select(version.c.story_id)
            .join(reading, reading.c.version_id == version.c.version_id)
            .where(reading.c.coder == coder)
        )
        statement = (
            sa.select(
                story,
                version.c.title,
                version.c.text_from,
                latest.c.versions,
                family.c.family_id,
                story.c.story_id.in_(judged).label("judged"),
            )
            .join(latest, latest.c.story_id == story.c.story_id)
            .join(version, sa.and_(version.c.story_id == story.c.story_id, version.c.number == 1))
            .outerjoin(family, family.c.story_id == story.c.story_id)
            .where(story.c.published >= since, story.c.published < until, _in_regions(gss))
            .order_by(story.c.published, story.c.story_id)
        )
        with self.transaction() as connection:
            rows = connection.execute(statement).mappings().all()
        return [
            PublishedStory(
                story_id=row["story_id"],
                family_id=row["family_id"] or row["story_id"],
                outlet=row["outlet"],
                url=row["url"],
                title=row["title"],
                published=row["published"],
                published_trusted=row["published_trusted"],
                text_from=row["text_from"],
                versions=row["versions"],
                judged=bool(row["judged"]),
            )
            for row in rows
        ]

    def hits(self: HasTransaction, gss: Sequence[str], *, since: datetime, until: datetime, coder: Coder) -> list[Hit]:
        """Sentences at or above the coder's thresholds in those stories, in reading order."""
        latest = (
            sa.select(version.c.story_id, sa.func.max(version.c.number).label("latest"))
            .group_by(version.c.story_id)
            .subquery()
        )
        above = sa.or_(
            *(
                sa.and_(
                    label.c.frame == name.split(".")[0],
                    label.c.aspect == name.split(".")[1],
                    label.c.probability >= threshold,
                )
                for name, threshold in sorted(coder.thresholds.items())
            )
        )
        statement = (
            sa.select(
                label,
                version.c.story_id,
                version.c.number,
                version.c.title,
                version.c.text,
                sentence.c.voice,
                sentence.c.groups,
                sentence.c.spans,
                sentence.c.detail,
                sentence.c.wording,
                latest.c.latest,
            )
            .join(version, version.c.version_id == label.c.version_id)
            .join(story, story.c.story_id == version.c.story_id)
            .join(latest, latest.c.story_id == version.c.story_id)
            .join(
                sentence,
                sa.and_(
                    sentence.c.version_id == label.c.version_id,
                    sentence.c.unit == label.c.unit,
                    sentence.c.start == label.c.start,
                ),
            )
            .where(
                label.c.coder == coder.name,
                above,
                story.c.published >= since,
                story.c.published < until,
                _in_regions(gss),
            )
            .order_by(
                story.c.published,
                story.c.story_id,
                version.c.number,
                label.c.unit.desc(),
                label.c.start,
                label.c.frame,
                label.c.aspect,
            )
        )
        with self.transaction() as connection:
            return [_hit(row) for row in connection.execute(statement).mappings()]

    def story_details(
        self: HasTransaction, gss: Sequence[str], *, since: datetime, until: datetime, coder: Coder | str
    ) -> dict[str, StoryDetail]:
        """What holds of each of those stories as a whole, by story id: of the newest version the coder has read."""
        name = coder if isinstance(coder, str) else coder.name
        statement = (
            sa.select(version.c.story_id, reading.c.detail)
            .join(reading, reading.c.version_id == version.c.version_id)
            .join(story, story.c.story_id == version.c.story_id)
            .where(reading.c.coder == name, story.c.published >= since, story.c.published < until, _in_regions(gss))
            .order_by(version.c.story_id, version.c.number)
        )
        with self.transaction() as connection:
            return {row.story_id: read(StoryDetail, row.detail) for row in connection.execute(statement)}

    def latest_wordings(self: HasTransaction, story_ids: Iterable[str]) -> dict[str, str]:
        """Title and text of each story's newest version, joined by a line break: does a sentence still stand there?

        Where that text is gone, the sentences that are kept and are known to have stood there take its place.
        """
        found: dict[str, str] = {}
        with self.transaction() as connection:
            for some in in_batches(story_ids):
                rows = connection.execute(
                    sa.select(
                        version.c.story_id, version.c.number, version.c.title, version.c.text, version.c.text_gone
                    )
                    .where(version.c.story_id.in_(some))
                    .order_by(version.c.story_id, version.c.number)
                ).all()
                latest = {row.story_id: row for row in rows}
                found.update((one, f"{row.title}\n{row.text}") for one, row in latest.items())
                gone = [one for one, row in latest.items() if row.text_gone is not None]
                stood = connection.execute(
                    sa.select(sentence, version.c.story_id, version.c.number, version.c.title, version.c.text)
                    .join(version, version.c.version_id == sentence.c.version_id)
                    .where(version.c.story_id.in_(gone))
                    .order_by(version.c.story_id, version.c.number, sentence.c.unit, sentence.c.start)
                ).mappings()
                for row in stood:
                    if latest[row["story_id"]].number in {row["number"], row["stands_in"]}:
                        found[row["story_id"]] += f"\n{wording_of(row) or ''}"
        return found


def _in_regions(gss: Sequence[str]) -> sa.ColumnElement[bool]:
    return story.c.story_id.in_(sa.select(place.c.story_id).where(place.c.gss.in_(list(gss))))


def _hit(row: Any) -> Hit:
    size = row["end"] - row["start"]
    wording = wording_of(row) or NOT_KEPT.ljust(size)[:size]
    frame: Frame = row["frame"]
    aspect: Aspect = row["aspect"]
    return Hit(
        story_id=row["story_id"],
        version_id=row["version_id"],
        version_number=row["number"],
        latest_version=row["latest"],
        unit=row["unit"],
        sentence=Span(start=row["start"], end=row["end"], text=wording),
        frame=frame,
        aspect=aspect,
        probability=row["probability"],
        voice=row["voice"],
        groups=tuple(json.loads(row["groups"])),
        marks=tuple(Mark(kind=k, code=c, start=s, end=e) for k, c, s, e in json.loads(row["spans"])),
        coder=row["coder"],
        codebook=row["codebook"],
        detail=read(SentenceDetail, row["detail"]),
    )
