"""An invented story, its coding, and how tests put both into a store."""

from __future__ import annotations

import os
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from corpora.coding import CodedSentence, CodedStory, Coder, Hit, Mark, SentenceDetail, StoryDetail
from corpora.records import Frame, Label, Span, Story
from corpora.store import Store
from corpora.store.schema import metadata

SEEN = datetime(2026, 8, 3, 9, tzinfo=UTC)
WEIR = "https://www.orren-echo.test/weir"
STORY = Story(
    url=WEIR,
    outlet="orren-echo",
    published=SEEN,
    published_trusted=True,
    first_seen=SEEN,
    title="Incomers wreck the weir",
    text="The weir fell. Neighbours mended it together.",
    text_from="page",
)
HERE = "Z07000001"
AREAS = [(HERE, "outlet_area")]
CODER = Coder(name="model:frames-0", kind="model", digest="0", codebook="1", thresholds={"blame.active": 0.5})
DETAIL = SentenceDetail(role="resident", stance="ENDORSES", targets=("NEWCOMERS",), remedy="send them back")
WHOLE = StoryDetail(blamed_groups=("NEWCOMERS",), target_group_quoted=False, structural_named=True)


def save(
    store: Store, story: Story | None = STORY, *, key: str = "k", wording: str = "w", outlet: str = "orren-echo"
) -> str:
    return store.save_entry(key=key, entry_hash=wording, outlet=outlet, outcome="story", found=story, areas=AREAS)


def dump(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with store.transaction() as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)
            for name, table in metadata.tables.items()
        }


def sentence(
    story: Story, words: str, *, groups: tuple[str, ...] = (), detail: SentenceDetail = DETAIL
) -> CodedSentence:
    """A sentence of a story's text, or its headline, with a mark on its first word."""
    headline = words == story.title
    start = 0 if headline else story.text.index(words)
    span = Span.of(story.title if headline else story.text, start, start + len(words))
    mark = Mark(kind="group" if groups else "cue", code="X", start=start, end=start + len(words.split(maxsplit=1)[0]))
    unit, voice = ("headline", "HEADLINE") if headline else ("body", "OUTLET")
    return CodedSentence(unit=unit, span=span, voice=voice, groups=groups, marks=(mark,), detail=detail)  # type: ignore[arg-type]


def label(story: Story, read: CodedSentence, probability: float, frame: Frame = "blame") -> Label:
    return Label(
        story=story.version_id,
        unit=read.unit,
        span=read.span,
        frame=frame,
        aspect="active",
        probability=probability,
        coder=CODER.name,
        codebook="1",
    )


def coded(story: Story, *, probability: float = 0.9) -> CodedStory:
    """The headline is flagged, and nothing else."""
    read = sentence(story, story.title, groups=("NEWCOMERS",))
    return coding(story, {read: probability})


def coding(story: Story, sentences: dict[CodedSentence, float]) -> CodedStory:
    """A coding: sentences and how likely each carries blame; 0 for one without a label."""
    labels = tuple(label(story, read, value) for read, value in sentences.items() if value)
    return CodedStory(
        version_id=story.version_id,
        coder=CODER.name,
        sentences=tuple(sentences),
        n_sentences=9,
        labels=labels,
        detail=WHOLE,
    )


def hits(store: Store, coder: Coder = CODER) -> list[Hit]:
    return store.hits([HERE], since=SEEN, until=SEEN + timedelta(days=1), coder=coder)


def traces(words: str) -> list[bytes]:
    """What gives a text away in a file: itself, and a stretch of it as the store compresses it."""
    squeezed = zlib.compress(words.encode(), 6)
    middle = len(squeezed) // 2
    return [words.encode(), squeezed[middle - 12 : middle + 12]]


def files_with(folder: Path, *wanted: bytes) -> list[str]:
    """Names of the files in and below a folder that hold any of some bytes."""
    found = []
    for base, _, names in os.walk(folder):
        for name in names:
            path = Path(base) / name
            if any(one in path.read_bytes() for one in wanted):
                found.append(str(path.relative_to(folder)))
    return sorted(found)
