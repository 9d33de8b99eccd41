"""How one story is taken out of a workspace: from store and copies, Prefect's history, and reports that quote it."""

from __future__ import annotations

import html
import json
import mmap
import os
import re
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from corpora.addresses import canonical_url
from corpora.errors import BadInput, StoreError
from corpora.store import KnownStory, Store
from flows.bench import bench

SHORTEST_QUOTE = 25
"""Characters a headline or sentence has to have to be looked for in files: shorter ones stand in other stories too."""

_WEEK = re.compile(r"\d{4}-W\d{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was taken out, and what is left for a person to do."""

    url: str
    title: str
    """Newest headline; empty where the story was taken out before."""
    versions: int
    before: datetime | None
    """When it had been taken out already, or None."""
    copies: tuple[str, ...]
    """Addresses under which the same text is kept."""
    reports: tuple[Path, ...]
    """Folders of reports that quote it."""
    reports_gone: bool
    removed: tuple[Path, ...]
    """Other files that held it and are gone."""
    left: tuple[Path, ...]
    """Files that still hold words of it."""
    emptied: bool
    """False where another process kept the store's old pages from being removed."""


def forget(home: str, url: str, *, reports: bool = False, dry_run: bool = False) -> Forgotten:
    """Take a story out, whatever spelling of its address is given; what was done once may be done again.

    Args:
        home: Folder of the workspace.
        url: Address of the story.
        reports: Also delete reports that quote it.
        dry_run: Only look.

    Raises:
        BadInput: It is no web address, or no story of it is known.
        Retryable: Another run holds the store.
    """
    here = bench(home)
    store, folder = here.store, here.workspace.home
    address, known, before = _look_up(store, url)
    quotes = (address,) if known is None else known.quotes
    telling = _pattern(quotes)
    quoting = _reports(here.workspace.reports, telling)
    removed: list[Path] = []
    left: list[Path] = []
    emptied = True
    if not dry_run:
        if known is not None:
            store.forget(known.story_id, at=here.clock())
        for copy in store.safety_copies():
            copy.unlink(missing_ok=True)
            removed.append(copy)
        if reports:
            for one in quoting:
                shutil.rmtree(one)
        removed += _clean_prefect(folder / "prefect", telling)
        if known is not None or store.compaction_due():
            emptied = store.compact()
        elsewhere = (here.workspace.reports,)
        left = [
            path
            for path in _files(folder)
            if not any(path.is_relative_to(one) for one in elsewhere)
            # In the store other stories may have the same words, but not the same address.
            and _holds(path, _pattern((address,)) if path.name.startswith(here.workspace.store.name) else telling)
        ]
    return Forgotten(
        url=address,
        title="" if known is None else known.title,
        versions=0 if known is None else known.versions,
        before=before,
        copies=() if known is None else known.copies,
        reports=tuple(quoting),
        reports_gone=reports and not dry_run,
        removed=tuple(removed),
        left=tuple(left),
        emptied=emptied,
    )


def _look_up(store: Store, url: str) -> tuple[str, KnownStory | None, datetime | None]:
    """Return canonical address, the story if it is there, and when it was taken out if it was."""
    tried = list(_addresses(url))
    for address in tried:
        known, before = store.find_story(address), store.forgotten_at(address)
        if known is not None or before is not None:
            return address, known, before
    raise BadInput(
        f"No story of the address {tried[0]} is known here; nothing was changed.",
        what_next="Check the address: the one in a report's link will do.",
    )


def _addresses(url: str) -> Iterator[str]:
    """Canonical addresses a person may mean: as typed first, then with the other of http and https."""
    typed = url.strip()
    if "://" not in typed:
        typed = f"https://{typed}"
    try:
        parts = urlsplit(typed)
        address = canonical_url(typed) if parts.scheme in {"http", "https"} and parts.hostname else ""
    except ValueError:
        address = ""
    if not address:
        raise BadInput(f"{url[:80]!r} is not a web address; nothing was changed.", what_next="Give it as https://...")
    yield address
    scheme, rest = address.split("://", 1)
    yield f"{'http' if scheme == 'https' else 'https'}://{rest}"


def _pattern(quotes: Iterable[str]) -> re.Pattern[bytes]:
    """A pattern that finds any of the quotes, as plain text and as HTML, JSON and CSV write it."""
    found: set[bytes] = set()
    for quote in quotes:
        address = quote.startswith(("http://", "https://"))
        if not address and len(quote) < SHORTEST_QUOTE:
            continue
        written = {
            quote,
            html.escape(quote),
            html.escape(quote, quote=False),
            quote.replace('"', '""'),
            json.dumps(quote)[1:-1],
            json.dumps(quote, ensure_ascii=False)[1:-1],
        }
        # One address may begin like another: what follows must not go on with it.
        end = rb"(?!\.?[\w/%?=#-])" if address else b""
        found |= {re.escape(one.encode("utf-8", "surrogatepass")) + end for one in written}
    return re.compile(b"|".join(sorted(found)))


def _files(folder: Path) -> Iterator[Path]:
    """Plain files in and below a folder; links are not followed."""
    for base, _, names in os.walk(folder):
        for name in sorted(names):
            path = Path(base) / name
            if path.is_file() and not path.is_symlink():
                yield path


def _holds(path: Path, telling: re.Pattern[bytes]) -> bool:
    """Whether a file holds any of the quotes; one that cannot be read may."""
    try:
        if not path.stat().st_size:
            return False
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
            return telling.search(whole) is not None
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _reports(folder: Path, telling: re.Pattern[bytes]) -> list[Path]:
    """Folders of weekly reports with a file that quotes the story."""
    if not folder.is_dir():
        return []
    weeks = [one for one in folder.iterdir() if one.is_dir() and not one.is_symlink() and _WEEK.fullmatch(one.name)]
    return sorted(one for one in weeks if any(_holds(path, telling) for path in _files(one)))


def _clean_prefect(folder: Path, telling: re.Pattern[bytes]) -> list[Path]:
    """Remove files of Prefect's that quote the story; its database is a history of runs and is made anew.

    A database that a running server has open is left, and will be named.
    """
    removed = []
    for path in [one for one in _files(folder) if _holds(one, telling)]:
        main = path.with_name(re.sub(r"-(wal|shm)$", "", path.name))
        if main.suffix != ".db":
            path.unlink(missing_ok=True)
            removed.append(path)
        elif main.exists() and _unused(main):
            for one in (main, main.with_name(main.name + "-wal"), main.with_name(main.name + "-shm")):
                one.unlink(missing_ok=True)
            removed.append(main)
    return removed


def _unused(database: Path) -> bool:
    """Whether nobody else has an SQLite database open: only then does it leave WAL mode."""
    try:
        with closing(sqlite3.connect(database, timeout=1.0)) as connection:
            if connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0] != "delete":
                return False
            connection.execute("BEGIN EXCLUSIVE")
            connection.rollback()
    except sqlite3.Error:
        return False
    return True


def kept_elsewhere(store: Store) -> str:
    """What this program cannot reach, said once, in words."""
    try:
        return f"Copies you made of {store.path.name} yourself are not known to this program."
    except StoreError:
        return "The server's own write-ahead log and backups keep it for as long as they are set to."
