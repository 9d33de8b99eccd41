"""A report is written all at once: every file under a temporary name first, then moved over the old ones.

Whatever fails while the files are made or written leaves last week's report as it was.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from corpora.errors import StoreError
from reports import tables
from reports.page import overview_page, region_page
from reports.report import WeeklyReport


def write(report: WeeklyReport, folder: Path) -> Path:
    """Write a report to `<folder>/<week>/` and return the path of its overview page.

    The same report gives the same bytes. Files of an earlier report of the same week are replaced.

    Raises:
        StoreError: The folder cannot be written; the message says what to do.
    """
    files = render(report)
    target = folder / report.week.label
    try:
        target.mkdir(parents=True, exist_ok=True)
        if not target.resolve().is_relative_to(folder.resolve()):
            raise StoreError(
                f"{target} leads out of {folder}.", what_next="Remove the link, or name another folder for reports."
            )
        replace_all(target, files)
    except OSError as error:
        raise StoreError(
            f"The report could not be written to {target}: {error.strerror}.",
            what_next="The report that was there before is untouched. Free some space or mend the folder's "
            "permissions and run the same command again.",
        ) from error
    return target / "index.html"


def render(report: WeeklyReport) -> dict[str, bytes]:
    """Make every file of a report in memory, by name; nothing is written."""
    slugs = report.slugs()
    files: dict[str, bytes] = {}
    for one in report.regions:
        name = slugs[one.region.gss]
        files[f"{name}-figures.csv"] = tables.figures(one)
        files[f"{name}-evidence.csv"] = tables.evidence(one)
        files[f"{name}-coverage.csv"] = tables.coverage(one)
        files[f"{name}.html"] = region_page(one, slugs, snapshot=tables.snapshot(one)).encode()
    files["index.html"] = overview_page(report, slugs).encode()
    facts = {
        "week": report.week.label,
        "made": report.made.isoformat(timespec="seconds"),
        "coder": report.coder.name,
        "coder_digest": report.coder.digest,
        "codebook": report.coder.codebook,
    }
    files["manifest.json"] = tables.manifest(files, facts)
    return files


def replace_all(target: Path, files: Mapping[str, bytes]) -> None:
    """Write all files under temporary names, flush them to disk, then move each into place (the overview last)."""
    waiting: list[tuple[Path, Path]] = []
    try:
        for name, body in files.items():
            beside = target / f".{name}.{os.getpid()}.part"
            waiting.append((beside, target / name))
            # O_EXCL and O_NOFOLLOW: a link planted under this name must not be written through.
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
            with os.fdopen(os.open(beside, flags, 0o644), "wb") as out:
                out.write(body)
                out.flush()
                os.fsync(out.fileno())
        waiting.sort(key=lambda pair: pair[1].name == "index.html")
        for beside, final in waiting:
            beside.replace(final)
    finally:
        for beside, _ in waiting:
            beside.unlink(missing_ok=True)
