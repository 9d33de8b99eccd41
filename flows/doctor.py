"""Whether everything the program needs is in place, and what to do where it is not."""

from __future__ import annotations

import importlib.metadata
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from corpora.errors import SharedStoryError

LEAST_FREE = 500 * 1024 * 1024
"""Bytes of disk below which a run may fail half-way."""

PINNED = ("spacy", "scikit-learn", "onnxruntime", "transformers", "prefect", "fastapi", "feedparser", "httpx")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    what: str
    found: str
    good: bool
    what_next: str = ""


def examine(home: Path) -> list[Finding]:
    """Look at everything; nothing here raises or writes."""
    checks: list[Callable[[], Finding]] = [_python, _expat, _versions, _spacy, _encoder, _frames, lambda: _disk(home)]
    findings = [check() for check in checks]
    return [*findings, _settings(home), _store(home)]


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


def _settings(home: Path) -> Finding:
    from flows.settings import load_workspace

    try:
        workspace = load_workspace(home)
    except SharedStoryError as failure:
        return Finding(what="Workspace", found=failure.message, good=False, what_next=failure.what_next)
    pages = "feeds and pages" if workspace.pages else "feeds only"
    return Finding(what="Workspace", found=f"{home}: {', '.join(workspace.regions)}; {pages}", good=True)


def _store(home: Path) -> Finding:
    from corpora.store import Store

    try:
        with Store(home / "store.sqlite", read_only=True) as store:
            fault = store.integrity()
    except SharedStoryError as failure:
        return Finding(what="Store", found=failure.message, good=False, what_next=failure.what_next)
    return Finding(
        what="Store",
        found=fault or "sound",
        good=not fault,
        what_next="Move the file away and restore a copy, or begin a new one with `sharedstory init`.",
    )
