"""Which words of a sentence bear on a frame: cause, strain, boundary, joining and the like, as marks with offsets.

A cue is a reason to look, not a finding: "because of" stands in a thousand harmless sentences. The kinds and patterns
are rows of `nlp/data/cues.tsv`. All kinds are searched in one pass over the words (see `nlp.patterns`): one regular
expression a kind was some ten times slower, since each would walk through the whole sentence again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from corpora.coding import Mark
from corpora.errors import NotReady
from nlp.patterns import Matcher, read_table

PROBLEMS: tuple[str, ...] = (
    "HOUSING", "JOBS", "CRIME", "HEALTH_SERVICES", "SCHOOLS", "PUBLIC_MONEY", "CULTURE_IDENTITY", "SAFETY",
    "ENVIRONMENT_LITTER", "DISEASE", "OTHER",
)  # fmt: skip
"""Problem codes of codebook 4; each has a kind `problem_<CODE>`."""

KINDS: tuple[str, ...] = (
    "cause", "strain", "time_cause", "remedy", *(f"problem_{code}" for code in PROBLEMS), "boundary", "zero_sum",
    "one_way", "metaphor", "weak_metaphor", "desert", "generalise", "denial", "distancing", "structural", "join",
    "inclusive_all", "belonging", "two_way", "event", "hate_crime", "sport",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One row of `cues.tsv`."""

    kind: str
    pattern: str
    reason: str
    example: str


@cache
def cues() -> tuple[Cue, ...]:
    """Return all rows of `cues.tsv`.

    Raises:
        NotReady: If the table is missing, names an unknown kind, or leaves a kind without a pattern.
    """
    rows = tuple(
        Cue(kind=kind, pattern=pattern, reason=reason, example=example)
        for kind, pattern, reason, example in read_table("cues.tsv", ("kind", "pattern", "reason", "example"))
    )
    if {row.kind for row in rows} != set(KINDS):
        raise NotReady(f"cues.tsv and nlp.cues.KINDS differ: {sorted({r.kind for r in rows} ^ set(KINDS))}.")
    return rows


@cache
def _matcher() -> Matcher[str]:
    return Matcher((cue.pattern, cue.kind) for cue in cues())


def find_cues(text: str, *, offset: int = 0) -> tuple[Mark, ...]:
    """Return the cues of `text` (one sentence), in order of their start.

    A stretch may be a cue of several kinds. Of two cues of the same kind, the longer one stays where one lies within
    the other.

    Args:
        text: One sentence or headline.
        offset: Added to every offset: where the sentence starts in its unit.
    """
    marks: list[Mark] = []
    reach: dict[str, int] = {}
    for match in sorted(_matcher().find(text), key=lambda m: (m.start, -m.end)):
        if match.end <= reach.get(match.payload, 0):
            continue
        reach[match.payload] = match.end
        marks.append(Mark(kind=match.payload, code=match.payload, start=match.start + offset, end=match.end + offset))
    return tuple(marks)
