"""Whether everything the program needs is in place, and what to do where it is not."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from corpora.errors import SharedStoryError

if TYPE_CHECKING:
    from corpora.store import Store
    from flows.settings import Workspace

LEAST_FREE = 500 * 1024 * 1024
"""Bytes of disk below which a run may fail half-way."""

LATE = timedelta(days=8)
"""How long after its day a text may still be there: the weekly run lets it go."""

PINNED = ("spacy", "scikit-learn", "onnxruntime", "transformers", "prefect", "fastapi", "feedparser", "httpx")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    what: str
    found: str
    good: bool
    what_next: str = ""


def examine(home: Path, *, now: datetime | None = None) -> list[Finding]:
    """Look at everything; nothing here raises or writes."""
    checks: list[Callable[[], Finding]] = [_python, _expat, _versions, _spacy, _encoder, _frames, lambda: _disk(home)]
    findings = [check() for check in checks]
    workspace, finding = _settings(home)
    return [*findings, finding, *_files(home), *_store(home, workspace, now or datetime.now(UTC))]


def _python() -> Finding:
    version = sys.version_info
    text = ".".join(str(part) for part in version[:3])
    return Finding(
        what="Python", found=text, good=(3, 11) <= version[:2] <= (3, 13), what_next="Use Python 3.11, 3.12 or 3.13."
    )


def _expat() -> Finding:
    import pyexpat

    # 2.4.1 is the first release that stops entity expansion bombs by itself.
    numbers = pyexpat.version_info
    return Finding(
        what="XML parser (expat)",
        found=".".join(map(str, numbers)),
        good=numbers >= (2, 4, 1),
        what_next="Update Python: its expat is too old to read strangers' XML safely.",
    )


def _versions() -> Finding:
    missing, found = [], []
    for name in PINNED:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    return Finding(
        what="Libraries",
        found=", ".join(found) if not missing else f"missing: {', '.join(missing)}",
        good=not missing,
        what_next="Run `make setup`.",
    )


def _spacy() -> Finding:
    from nlp.english import PACKAGE

    try:
        version = importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        return Finding(what="English pipeline", found="not installed", good=False, what_next="Run `make setup`.")
    return Finding(what="English pipeline", found=f"{PACKAGE} {version}", good=True)


def _encoder() -> Finding:
    from models.layout import ARTEFACTS, EncoderLayout

    try:
        manifest = EncoderLayout(ARTEFACTS / "encoder").check()
    except SharedStoryError as failure:
        return Finding(what="Encoder", found=failure.message, good=False, what_next=failure.what_next)
    return Finding(what="Encoder", found=f"{manifest.name} {manifest.identity}", good=True)


def _frames() -> Finding:
    from models.layout import ARTEFACTS, FramesLayout

    try:
        manifest = FramesLayout(ARTEFACTS / "frames").check()
    except SharedStoryError as failure:
        return Finding(what="Frame model", found=failure.message, good=False, what_next=failure.what_next)
    return Finding(what="Frame model", found=manifest.coder, good=True)


def _disk(home: Path) -> Finding:
    folder = next(one for one in (home, *home.resolve().parents) if one.exists())
    free = shutil.disk_usage(folder).free
    return Finding(
        what="Free disk space",
        found=f"{free / 1024**3:.1f} GiB at {folder}",
        good=free >= LEAST_FREE,
        what_next="Free some space, or name another folder with --home.",
    )


def _settings(home: Path) -> tuple[Workspace | None, Finding]:
    from flows.settings import load_workspace

    try:
        workspace = load_workspace(home)
    except SharedStoryError as failure:
        return None, Finding(what="Workspace", found=failure.message, good=False, what_next=failure.what_next)
    pages = "feeds and pages" if workspace.pages else "feeds only"
    found = f"{home}: {', '.join(workspace.regions)}; {pages}"
    return workspace, Finding(what="Workspace", found=found, good=True)


def _files(home: Path) -> list[Finding]:
    """Whether the folder is its owner's alone and can be written, and what lies in it that need not."""
    if not home.is_dir():
        return []
    from flows.settings import FILE

    faults, steps = [], []
    if os.name == "posix" and home.stat().st_mode & 0o077:
        faults.append(f"{home} is open to other users of this computer")
        steps.append(f"Run `chmod 700 {home}`.")
    ours = [home, home / FILE, *sorted(home.glob("store.sqlite*"))]
    closed = [one.name for one in ours if one.exists() and not os.access(one, os.R_OK | os.W_OK)]
    if closed:
        faults.append(f"may not be read and written: {', '.join(closed)}")
        steps.append("Give them to the user who runs this program (`chown`), or mend their permissions (`chmod u+rw`).")
    extra = [one.name for one in sorted(home.glob("store.sqlite.layout-*"))]
    found = f"copies from before a change of layout: {', '.join(extra)}" if extra else "in order"
    return [Finding(what="Files", found="; ".join(faults) or found, good=not faults, what_next=" ".join(steps))]


def _store(home: Path, workspace: Workspace | None, now: datetime) -> list[Finding]:
    from corpora.store import Store

    place = home / "store.sqlite" if workspace is None else workspace.store_place
    try:
        with Store(place, read_only=True) as store:
            fault = store.integrity()
            found = fault or f"sound ({store.database()}, layout {store.layout})"
            findings = [
                Finding(
                    what="Store",
                    found=found,
                    good=not fault,
                    what_next="Move it away and restore a copy, or begin a new one with `sharedstory init`.",
                )
            ]
            if not fault:
                findings.append(_writers(store))
                if workspace is not None:
                    findings.append(_kept(store, workspace.full_text_days, now))
    except SharedStoryError as failure:
        return [Finding(what="Store", found=failure.message, good=False, what_next=failure.what_next)]
    return findings


def _writers(store: Store) -> Finding:
    """A lock is no fault: writers wait for one another. It is one where nothing seems to run."""
    busy = store.writer_at_work()
    found = "one is at work now; if nothing of yours is running, look for a stopped `sharedstory` process and end it"
    return Finding(what="Writers", found=found if busy else "none at work", good=True)


def _kept(store: Store, days: int, now: datetime) -> Finding:
    """Whether texts went when they should, and left the disk."""
    held = store.holdings()
    found = f"{held.texts} of {held.versions}, {'for ever' if days < 0 else f'{days} days'}"
    late = days > 0 and held.oldest is not None and held.oldest < now - timedelta(days=days) - LATE
    due = store.compaction_due()
    if late:
        found += "; some are kept longer than that"
    if due:
        found += "; deleted words may still be on the disk"
    return Finding(
        what="Full texts",
        found=found,
        good=not late and not due,
        what_next="Run `sharedstory keep --now`; the store is written anew, which takes as much free space again.",
    )
