"""How well an outlet's pages were read in a week, by its own past: a changed page template shows here first."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from statistics import median
from typing import Literal

from corpora.health import SETTLED, Alarm, OutletWeek, monday_of
from corpora.records import TextFrom

Part = Literal["failed", "length", "repeated", "short"]

PARTS: tuple[Part, ...] = ("failed", "length", "repeated", "short")

FEWEST_TEXTS = 8
"""Texts of a week below which nothing is said of how they were read."""
FEWEST_WEEKS = 5
PAST = 12
"""Weeks that an outlet's quality is compared with: at least, and at most."""
DROP = 0.15
"""Least fall of the quality score that is told."""
WIDE = 4.0
"""And how often it has to be as large as the score usually varies (median absolute deviation)."""
SCORE_SPREAD = 0.8
"""How much the score would vary from text to text: few texts have to fall further."""
TEXT_SPREAD, FREE = 0.9, 2.5
"""How much lengths of single texts vary (of their logarithms); how many standard errors of a week's are let pass."""
REPEATED_IN = 3
"""Stories of one outlet and week in which a paragraph stands that is no part of any of them."""
LABEL = 40
"""Characters below which a paragraph without a full stop is taken for a label, a menu or a caption."""
MOST_PARAGRAPHS = 200
"""Paragraphs of one text that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadText:
    """One story's first text."""

    text_from: TextFrom
    text: str
    failed: bool = False
    """Whether its page was asked for and held no article."""


def measure(texts: Sequence[ReadText]) -> dict[str, float]:
    """Measure the texts of one outlet and week, one for each distinct story.

    Returns:
        `page`, `feed`, `headline`: share of texts by where they come from. `failed`: share of pages that held no
        article. `length`: median characters of texts from pages, or else of all. `repeated`: mean share of a text
        that stands, paragraph by paragraph, in two or more others too. `short`: share of paragraphs that are labels.
        Empty for no texts.
    """
    if not texts:
        return {}
    origins = Counter(one.text_from for one in texts)
    pages = [one.text for one in texts if one.text_from == "page"] or [one.text for one in texts]
    cut = [[part for part in text.split("\n")[:MOST_PARAGRAPHS] if part.strip()] for text in pages]
    stands_in = Counter(key for parts in cut for key in {_key(part) for part in parts})
    repeated, labels, paragraphs = [], 0, 0
    for parts in cut:
        size = sum(map(len, parts))
        again = sum(len(part) for part in parts if stands_in[_key(part)] >= REPEATED_IN)
        repeated.append(again / size if size else 0.0)
        paragraphs += len(parts)
        labels += sum(len(part) < LABEL and part.rstrip()[-1] not in ".!?…\"'”’)" for part in parts)
    n = len(texts)
    found = {
        "page": origins["page"] / n,
        "feed": origins["feed"] / n,
        "headline": origins["headline"] / n,
        "failed": sum(one.failed for one in texts) / n,
        "length": float(median(map(len, pages))),
        "repeated": sum(repeated) / len(repeated),
        "short": labels / paragraphs if paragraphs else 0.0,
    }
    return {name: round(value, 4) for name, value in found.items()}


def _key(paragraph: str) -> bytes:
    return blake2b(" ".join(paragraph.casefold().split()).encode("utf-8", "surrogatepass"), digest_size=8).digest()


def score(parts: Mapping[str, float], n: int, lengths: Sequence[float]) -> tuple[float, dict[Part, float]]:
    """Turn measures into one score.

    Args:
        parts: As `measure` returns them; not empty.
        n: How many texts were measured.
        lengths: The outlet's median length of text in weeks before; too few of them say nothing.

    Returns:
        The score, 0 (nothing was read) to 1 (read as usual and clean), and the factors it is the product of.
    """
    factors: dict[Part, float] = {
        "failed": 1 - parts["failed"],
        "length": _length_factor(parts["length"], n, lengths),
        "repeated": 1 - parts["repeated"],
        "short": 1 - parts["short"],
    }
    return math.prod(factors.values()), factors


def _length_factor(length: float, n: int, lengths: Sequence[float]) -> float:
    """1 while the median length is within what chance and the outlet's own weeks explain; the ratio beyond that."""
    if len(lengths) < FEWEST_WEEKS:
        return 1.0
    logs = [math.log(max(one, 1.0)) for one in lengths]
    usual = median(logs)
    own = 1.4826 * median(abs(one - usual) for one in logs)
    free = FREE * max(own, TEXT_SPREAD / math.sqrt(max(n, 1)))
    return math.exp(-max(0.0, abs(math.log(max(length, 1.0)) - usual) - free))


def scored(rows: Sequence[OutletWeek]) -> list[tuple[float | None, Alarm | None]]:
    """Quality of each week of one outlet by its own past, with an alarm where it fell.

    Args:
        rows: Weeks of one outlet, oldest first.
    """
    found: list[tuple[float | None, Alarm | None]] = []
    past: list[OutletWeek] = []
    scores: dict[str, float] = {}
    low: list[OutletWeek] = []
    for row in rows:
        if row.measured < FEWEST_TEXTS or not row.parts:
            found.append((None, None))
            continue
        alike = [one.parts["length"] for one in past[-PAST:] if _alike(one, row)]
        value, factors = score(row.parts, row.measured, alike)
        scores[row.week] = value
        usual = [scores[one.week] for one in past[-PAST:]]
        alarm = None
        if len(usual) >= FEWEST_WEEKS and (value < _lowest(usual, row.measured) or _repeats_more(row, past[-PAST:])):
            low.append(row)
            alarm = _quality_alarm(low, past[-PAST:], value, median(usual), factors)
        else:
            low = []
            past.append(row)
        if len(low) >= SETTLED:
            past, low = low, []
        found.append((value, alarm))
    return found


def _alike(one: OutletWeek, other: OutletWeek) -> bool:
    """Whether both weeks' lengths were taken from pages, or neither's: feeds carry less."""
    return (one.parts["page"] > 0) == (other.parts["page"] > 0)


def _lowest(usual: Sequence[float], n: int) -> float:
    """The lowest score of `n` texts that is still as usual."""
    middle = median(usual)
    spread = median(abs(one - middle) for one in usual)
    return middle - max(DROP, WIDE * spread, SCORE_SPREAD / math.sqrt(n))


def _repeats_more(row: OutletWeek, past: Sequence[OutletWeek]) -> bool:
    """Whether more of the texts repeats than did: by itself, since it hardly varies where nothing changes."""
    before = [one.parts["repeated"] for one in past]
    middle = median(before)
    spread = median(abs(one - middle) for one in before)
    return row.parts["repeated"] > middle + max(DROP, WIDE * spread)


def _quality_alarm(
    low: Sequence[OutletWeek], past: Sequence[OutletWeek], value: float, usual: float, factors: Mapping[Part, float]
) -> Alarm:
    before: dict[Part, float] = {
        part: median(1 - one.parts[part] for one in past) for part in PARTS if part != "length"
    }
    worst = min(PARTS, key=lambda part: factors[part] / max(before.get(part, 1.0), 0.01))
    return Alarm(
        outlet=low[-1].outlet,
        week=low[-1].week,
        kind="quality_fell",
        since=monday_of(low[0].week),
        before=usual,
        after=value,
        p=1.0,
        part=worst,
    )
