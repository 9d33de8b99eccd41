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
class SentenceDetail:
    """What the words of a sentence say about its frame, read as if it carries one. Empty: nothing found.

    Who speaks is kept as a role, never as a name: a report about language needs no list of people.
    """

    role: str = ""
    """`source_type` of codebook 4, of whoever is quoted or reported."""
    stance: str = ""
    """ENDORSES, REPORTS or CONTESTS."""
    blamer: str = ""
    """OUTLET, HEADLINE, SOURCE or UNNAMED: who does the blaming."""
    targets: tuple[str, ...] = ()
    """Groups blamed, the likeliest first."""
    problems: tuple[str, ...] = ()
    """What for (codes of codebook 4)."""
    structural_cause: str = ""
    """NAMED_INSTEAD, NAMED_ALSO, OMITTED or NA, within the sentence."""
    remedy: str = ""
    """Words that say what should happen to the group."""
    subtypes: tuple[str, ...] = ()
    """Of us/them framing and shared story, where flagged."""
    neighbours: tuple[str, ...] = ()
    """Codes of codebook 8."""
    frame_voice: str = ""
    """OUTLET, SOURCE or HEADLINE: whose the frame is, which is not always whose words the sentence holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryDetail:
    """What holds of a whole story (codebook 10)."""

    blamed_groups: tuple[str, ...] = ()
    target_group_quoted: bool | None = None
    """Whether anybody of the group that is blamed or set apart is quoted; None where no group is."""
    structural_named: bool = False
    """Whether a structural cause is named anywhere in it."""
    headline_body_gap: bool | None = None
    """The headline carries a frame that the body does not, or contests."""
    episodic_thematic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedSentence:
    """One sentence or headline as it was read."""

    unit: Unit
    span: Span
    voice: Voice
    groups: tuple[str, ...]
    marks: tuple[Mark, ...]
    detail: SentenceDetail = SentenceDetail()


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
    detail: StoryDetail = StoryDetail()


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
    full_at: datetime | None = None
    """When its body was last asked for whatever its validators say."""
    validators_lie: bool = False
    """Its server once called a changed body unchanged: validators are not sent any more."""
    interval_minutes: int = 60
    """How long to leave it alone after a good visit."""
    due_at: datetime | None = None
    """It is not asked before this."""
    failures: float = 0.0
    """Visits in a row that failed, weighted (`corpora.intervals`)."""
    moved_to: str = ""
    """Where it is asked now, since it has moved for good."""
    moving_to: str = ""
    """Where it says it has moved to, until it has said so often and long enough."""
    moving_since: datetime | None = None
    moving_times: int = 0
    optout: str = ""
    """What reserves its texts from text and data mining, in plain English; empty where nothing does."""
    optout_at: datetime | None = None
    """When its site was last asked for that."""


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
    detail: SentenceDetail = SentenceDetail()
