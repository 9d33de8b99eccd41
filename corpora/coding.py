"""What one coder made of one story: sentences with voice, groups and marks, and the labels on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from corpora.records import Aspect, FeedState, Frame, Label, Span, TextFrom, Voice

Unit = Literal["headline", "body"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A stretch of a sentence a reader should look at: a group word, a cause word, a word that joins."""

    kind: str
    """`group`, or the name of a cue kind in `nlp/data/cues.tsv`."""
    code: str
    """Group code of codebook 4.1 for groups, the cue's name otherwise."""
    start: int
    """Offset in the unit's text (the title, or the body), not in the sentence."""
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedSentence:
    """One sentence or headline as it was read."""

    unit: Unit
    span: Span
    voice: Voice
    groups: tuple[str, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedStory:
    """All that one coder said of one version of a story."""

    version_id: str
    coder: str
    sentences: tuple[CodedSentence, ...]
    """Sentences that carry a label or name a group; plain ones are only counted."""
    n_sentences: int
    """All sentences read, the headline included."""
    labels: tuple[Label, ...]
    capped: bool = False
    """True where the text was longer than the reading limit and only its beginning was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coder:
    """Who coded: a person, or a model with its digest. `thresholds` turn probabilities into flags."""

    name: str
    kind: Literal["human", "model"]
    digest: str
    codebook: str
    thresholds: dict[str, float]
    """`<frame>.<aspect>` to the lowest probability that counts as a flag."""
    quality: dict[str, float] = field(default_factory=dict)
    """Measured on real sentences, for reports to quote: `<frame>.<aspect>.precision`, `.recall` (0 to 1, at the
    threshold), each also with `.low` and `.high`; `<frame>.flags_per_1000` on unlabelled news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCheck:
    """What one visit to one feed brought."""

    url: str
    outlet: str
    at: datetime
    state: FeedState
    detail: str = ""
    """Plain English, for the coverage table; empty when all went well."""
    entries: int = 0
    new_stories: int = 0
    new_versions: int = 0
    thin: int = 0
    """Pages that held no article text, so that the feed's own words were kept instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedMemory:
    """What must be remembered of a feed between visits."""

    etag: str
    last_modified: str
    body_hash: str
    alive_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedStory:
    """One story as reports count it."""

    story_id: str
    family_id: str
    outlet: str
    url: str
    title: str
    published: datetime
    published_trusted: bool
    text_from: TextFrom
    versions: int
    judged: bool
    """False where the current coder has not read it yet: it is then outside every denominator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One flagged sentence: a label at or above its threshold, with all a reader needs to disagree."""

    story_id: str
    version_id: str
    version_number: int
    """1 for the first wording seen; higher for later edits."""
    latest_version: int
    unit: Unit
    sentence: Span
    frame: Frame
    aspect: Aspect
    probability: float
    voice: Voice
    groups: tuple[str, ...]
    marks: tuple[Mark, ...]
    coder: str
    codebook: str
