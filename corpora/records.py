"""The records that cross a room's door. Frozen; checked once, when they are made.

All times are timezone-aware and in UTC. All ids are stable hashes, so that running a stage
twice gives the same ids. A person's annotation and a model's prediction are the same record,
`Label`: the model is one more coder.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

Frame = Literal["us_them", "blame", "shared_story"]
Aspect = Literal["active", "contested"]
Tier = Literal["lad", "itl1", "nation", "county"]
TextFrom = Literal["page", "feed", "headline"]
Voice = Literal["OUTLET", "DIRECT", "INDIRECT", "MIXED", "HEADLINE"]
FeedState = Literal["alive", "unchanged", "silent", "blocked", "not_a_feed", "gone", "unreachable", "refused"]

FRAMES: tuple[Frame, ...] = ("us_them", "blame", "shared_story")

_GSS = re.compile(r"[A-Z]\d{8}|TL[A-Z]|K\d{8}")


def stable_id(*parts: str, length: int = 20) -> str:
    """Return a hexadecimal id that depends on `parts` alone (SHA-256, cut to `length` digits)."""
    joined = "\x1f".join(parts)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def _require_utc(name: str, moment: datetime) -> None:
    if moment.tzinfo is None or moment.utcoffset() != timedelta(0):
        raise ValueError(f"{name} must be timezone-aware UTC, got {moment!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A place reports are made for."""

    gss: str
    """Official code: nine characters (`E08000035`), an ITL1 code (`TLE`), or a nation's code."""
    name: str
    tier: Tier
    parent: str
    """Code of the region above; empty for a nation."""
    aliases: tuple[str, ...] = ()
    """Other names and older codes that mean this region."""

    def __post_init__(self) -> None:
        if not _GSS.fullmatch(self.gss):
            raise ValueError(f"not a region code: {self.gss!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One RSS or Atom address of an outlet."""

    url: str
    outlet: str
    """Slug of the outlet."""
    certainty: Literal["A", "B", "C", "D"]
    """A: seen alive in autumn 2026; B: in a list of 2024-26; C: only in an older list; D: inferred from a pattern."""
    evidence: str = ""

    @property
    def id(self) -> str:
        """Stable hash of the address."""
        return stable_id("feed", self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A title that publishes local news."""

    slug: str
    title: str
    owner: str
    homepage: str
    areas: tuple[str, ...]
    """GSS codes of the local authorities it covers (a prior made by hand, not a finding)."""
    feeds: tuple[Feed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item of a feed, cleaned: plain text, http(s) links or none, times aware or none."""

    url: str | None
    guid: str
    title: str
    summary: str
    """Plain text of the description, without mark-up; may be empty."""
    content: str
    """Plain text of the full content where the feed carries it, else empty."""
    published: datetime | None
    updated: datetime | None

    def __post_init__(self) -> None:
        for name, moment in (("published", self.published), ("updated", self.updated)):
            if moment is not None:
                _require_utc(name, moment)
        if self.url is not None and not self.url.startswith(("http://", "https://")):
            raise ValueError(f"entry link must be http or https: {self.url[:60]!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A body that came back. `truncated` bodies never reach this record: they are refused."""

    url: str
    """The address asked for."""
    final_url: str
    """The address that answered, after redirects."""
    status: int
    content_type: str
    body: bytes
    etag: str
    last_modified: str
    at: datetime
    moved_to: str = ""
    """Where permanent redirects (301, 308) alone lead to; empty where there was none."""
    reserved: bool = False
    """The answer carried `tdm-reservation: 1`: its text is reserved from text and data mining."""
    fresh_seconds: int = 0
    """`max-age` of Cache-Control; 0 where there is none."""

    def __post_init__(self) -> None:
        _require_utc("at", self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """The server said 304: an expected outcome, not a failure."""

    url: str
    at: datetime
    moved_to: str = ""
    """As in `Fetched`; so are the next two."""
    reserved: bool = False
    fresh_seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One version of one published story.

    `id` names the story (its canonical address), `version_id` this wording of it. An edited story
    is one story with several versions.
    """

    url: str
    """Canonical address, http or https."""
    outlet: str
    published: datetime
    """Time the outlet gave, or `first_seen` where it gave none or an impossible one."""
    published_trusted: bool
    """False where `published` had to fall back on `first_seen`."""
    first_seen: datetime
    title: str
    text: str
    """Body text; paragraphs are separated by one line break."""
    text_from: TextFrom
    byline: str = ""
    """The agency a page credits (`PA Media`), or empty. Journalists' names are dropped on the way in; not exported."""

    def __post_init__(self) -> None:
        _require_utc("published", self.published)
        _require_utc("first_seen", self.first_seen)
        if not self.url.startswith(("http://", "https://")):
            raise ValueError(f"story address must be http or https: {self.url[:60]!r}")

    @property
    def id(self) -> str:
        """Names the story, whatever its wording."""
        return stable_id("story", self.url)

    @property
    def version_id(self) -> str:
        """Names this wording of the story."""
        return stable_id("version", self.url, self.title, self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Characters `start` to `end` of a text, with the characters themselves so that it can be checked."""

    start: int
    end: int
    text: str

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end or self.end - self.start != len(self.text):
            raise ValueError(f"span {self.start}-{self.end} does not fit {self.text[:40]!r}")

    @classmethod
    def of(cls, whole: str, start: int, end: int) -> Span:
        """Cut `whole[start:end]` out as a span."""
        return cls(start=start, end=end, text=whole[start:end])

    def check(self, whole: str) -> Span:
        """Return self if `whole` still carries these characters there, else raise ValueError."""
        if whole[self.start : self.end] != self.text:
            raise ValueError(f"span {self.start}-{self.end} no longer matches its text")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What one coder said about one sentence for one frame: the same record for people and machines."""

    story: str
    """`Story.version_id`."""
    unit: Literal["headline", "body"]
    """Which text the span is cut from: the title or the body."""
    span: Span
    frame: Frame
    aspect: Aspect
    """active: put into words and not rejected; contested: put into words and denied or rebutted."""
    probability: float
    """0 to 1. A person's yes is 1.0."""
    coder: str
    """`human:<initials>` or `model:<name>-<digest>`."""
    codebook: str
    """Version of the codebook the coder worked by."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.probability <= 1.0:
            raise ValueError(f"probability out of range: {self.probability}")
        if not self.coder.startswith(("human:", "model:")):
            raise ValueError(f"coder must be human:... or model:..., got {self.coder!r}")


def utc(moment: datetime) -> datetime:
    """Return `moment` in UTC.

    Raises:
        ValueError: If `moment` carries no time zone (a guess would move stories between weeks).
    """
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot be placed")
    return moment.astimezone(UTC)
