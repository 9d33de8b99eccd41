"""What is on a report: one frozen record for each page, made before anything is written."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from corpora.coding import Coder, SentenceDetail
from corpora.records import Frame, Region
from reports.changes import Change
from reports.charts import TrendPoint
from reports.counts import Spoken
from reports.coverage import OutletCoverage
from reports.evidence import EvidenceStory
from reports.rates import Rate
from reports.reading_notes import BlameFacts
from reports.weeks import Week

_RESERVED = frozenset({"index", "manifest", "con", "prn", "aux", "nul"})
"""Names a page must not have: our own files, and device names of Windows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceFigure:
    """One row of a frame's table."""

    spoken: Spoken
    week: Rate
    four_weeks: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSection:
    """All that is shown of one frame."""

    frame: Frame
    figures: tuple[VoiceFigure, ...]
    trend: tuple[TrendPoint, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """Distinct stories in which a flagged sentence names the group. Rows are never added up."""

    code: str
    name: str
    week: dict[Frame, int]
    four_weeks: dict[Frame, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictRow:
    """One local authority of the region: last four weeks, any voice."""

    gss: str
    name: str
    read: int
    rates: dict[Frame, Rate]


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """One row of `figures.csv`."""

    week: Week
    window: str
    """`week`: that week alone; `4 weeks`: the four weeks that end with it."""
    frame: Frame
    spoken: Spoken
    rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """One row of `evidence.csv`: one flagged sentence of one wording for one frame."""

    week: Week
    frame: Frame
    aspect: str
    voice: str
    counts_in: tuple[Spoken, ...]
    """Which voices of `figures.csv` this row is a part of."""
    family_id: str
    story_id: str
    version: int
    outlet: str
    url: str
    published: datetime
    unit: str
    start: int
    end: int
    sentence: str
    """At most 40 words; empty beyond three sentences of a story, and where the sentence is withheld."""
    groups: tuple[str, ...]
    probability: float
    detail: SentenceDetail
    """What the sentence is read as."""
    coder: str
    codebook: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionReport:
    """Everything on one region's page."""

    region: Region
    week: Week
    weeks: tuple[Week, ...]
    """Weeks shown, oldest first."""
    made: datetime
    """The clock that was passed in, UTC."""
    coder: Coder
    read: int
    """Distinct stories of the week in the denominators."""
    unread: int
    """Distinct stories of the week collected but not read yet."""
    placements: int
    """Copies of the week, read or not."""
    undated: int
    """Copies of the week filed under the time they were first seen."""
    summaries: int
    """Copies of the week of which only the feed's own words or the headline could be read."""
    reporting: int
    expected: int
    frames: tuple[FrameSection, ...]
    can: tuple[str, ...]
    cannot: tuple[str, ...]
    blame: BlameFacts
    """Of the last four weeks."""
    groups: tuple[GroupRow, ...]
    stories: tuple[EvidenceStory, ...]
    """Flagged stories of the week."""
    earlier: tuple[EvidenceStory, ...]
    """Flagged stories of the three weeks before, newest first: with `stories`, what the four-week figures rest on."""
    coverage: tuple[OutletCoverage, ...]
    districts: tuple[DistrictRow, ...]
    figures: tuple[FigureRow, ...]
    evidence: tuple[EvidenceRow, ...]

    @property
    def heading(self) -> str:
        """Title of the page."""
        return f"{self.region.name}: week {self.week.number}, {self.week.dates}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyReport:
    """One week's report on one or more regions, graded together."""

    week: Week
    made: datetime
    coder: Coder
    regions: tuple[RegionReport, ...]
    """By name."""

    def slugs(self) -> dict[str, str]:
        """File name of each region's page, by region code; a-z, 0-9 and hyphens only."""
        plain = {one.region.gss: slug(one.region) for one in self.regions}
        taken = list(plain.values())
        return {gss: name if taken.count(name) == 1 else f"{name}-{gss.lower()}" for gss, name in sorted(plain.items())}


def slug(region: Region) -> str:
    """Turn a region's name into a file name; its code where nothing usable is left."""
    folded = unicodedata.normalize("NFKD", region.name).encode("ascii", "ignore").decode().casefold()
    name = "-".join(re.findall(r"[a-z0-9]+", folded))[:80].strip("-")
    return region.gss.lower() if not name or name in _RESERVED else name
