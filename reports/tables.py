"""The files behind a page are CSV with every row, safe to open in a spreadsheet, each with its hash in a manifest.

Files begin with a byte-order mark (Excel needs it to show pound signs and curly quotes) and use CRLF (RFC 4180).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence

from corpora.coding import SentenceDetail
from reports.report import RegionReport

_ACTIVE = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
"""First characters that make some spreadsheet run a cell as a formula (OWASP ASVS 1.2.10), full-width forms too."""

FIGURES = ("region", "gss", "week", "window", "frame", "voice", "n", "of", "low", "high", "shown")
EVIDENCE = (
    *("week", "frame", "aspect", "voice", "counts_in", "family_id", "story_id", "version", "outlet", "url"),
    *("published", "unit", "start", "end", "sentence", "groups", "probability"),
    *("role", "frame_voice", "stance", "blamed", "problems", "structural_cause", "remedy", "subtypes", "neighbours"),
    *("coder", "codebook"),
)
COVERAGE = ("outlet", "title", "week", "stories", "heard", "state_now", "last_alive", "note")


def neutral(text: str) -> str:
    """Make a text cell inert: a leading apostrophe where a spreadsheet would run it. Undone by removing it."""
    clean = text.replace("\x00", "")
    bare = clean.lstrip(" \"'\u00a0\ufeff")
    return f"'{clean}" if (bare and bare[0] in _ACTIVE) or (clean and clean[0] in _ACTIVE) else clean


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str | int | float | None]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([neutral(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig", "replace")


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def figures(report: RegionReport) -> bytes:
    """Every count with its denominator and interval (`low` and `high` from 0 to 1, empty where suppressed)."""
    return _csv(
        FIGURES,
        (
            (
                *(report.region.name, report.region.gss, row.week.label, row.window, row.frame, row.spoken),
                *(row.rate.n, row.rate.of, _rounded(row.rate.low), _rounded(row.rate.high), row.rate.shown),
            )
            for row in report.figures
        ),
    )


def evidence(report: RegionReport) -> bytes:
    """Every flag: distinct `family_id`s of a week, frame and voice are as many as `n` in `figures`."""
    return _csv(
        EVIDENCE,
        (
            (
                *(row.week.label, row.frame, row.aspect, row.voice, " ".join(row.counts_in), row.family_id),
                *(row.story_id, row.version, row.outlet, row.url, row.published.isoformat(timespec="seconds")),
                *(row.unit, row.start, row.end, row.sentence, " ".join(row.groups), round(row.probability, 4)),
                *_detail(row.detail),
                *(row.coder, row.codebook),
            )
            for row in report.evidence
        ),
    )


def _detail(detail: SentenceDetail) -> tuple[str, ...]:
    """Cells for what a sentence is read as; several codes are separated by a blank."""
    return (
        *(detail.role, detail.frame_voice, detail.stance, " ".join(detail.targets), " ".join(detail.problems)),
        *(detail.structural_cause, detail.remedy, " ".join(detail.subtypes), " ".join(detail.neighbours)),
    )


def coverage(report: RegionReport) -> bytes:
    """Each outlet's stories in each week shown, and whether the week was heard."""
    rows = []
    for one in report.coverage:
        alive = one.alive_at.isoformat(timespec="seconds") if one.alive_at else ""
        for week, stories in zip(report.weeks, one.weekly, strict=True):
            heard = "silent" if week in one.silent else "not yet" if week in one.unheard else "yes"
            rows.append((one.slug, one.title, week.label, stories, heard, one.state, alive, one.words))
    return _csv(COVERAGE, rows)


def snapshot(report: RegionReport) -> str:
    """Name the state of a region's figures: the same figures have the same id, any other has another."""
    return hashlib.sha256(figures(report)).hexdigest()[:16]


def manifest(files: Mapping[str, bytes], facts: Mapping[str, str]) -> bytes:
    """List each file with its SHA-256, and for tables the number of rows (headings not counted)."""
    listed = {}
    for name, body in sorted(files.items()):
        entry: dict[str, str | int] = {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)}
        if name.endswith(".csv"):
            entry["rows"] = len(list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))) - 1
        listed[name] = entry
    whole = {**dict(sorted(facts.items())), "files": listed}
    return (json.dumps(whole, indent=2, ensure_ascii=False) + "\n").encode()
