"""How the files of a public set get into the user's cache: checked before they appear, each whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from corpora.errors import BadInput, Blocked, Gone, NotReady, Quarantined, Retryable, UserError
from corpora.fetch import Fetcher, Limits
from corpora.recipes import Recipe
from corpora.records import Fetched

LARGEST = 64 * 1024 * 1024
"""Bytes: more than any file of the sets, so that a wrong path is not hashed for an hour."""
DOWNLOAD = Limits(total_seconds=300.0, wire_bytes=LARGEST, body_bytes=LARGEST, pause_seconds=1.0)
"""Bounds of one file: larger and slower than a feed, still bounded."""
PROVENANCE = "provenance.json"
"""Beside the files of a set: where each came from, when, and whose checksum it was held against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where missing files are read from."""

    read: Callable[[str], bytes]
    """File name to its bytes; may raise any of the project's failures."""
    origin: Callable[[str], str]
    """File name to where it comes from, in words for the record."""
    mismatch: type[BadInput | Quarantined]
    """The failure a wrong checksum is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedFile:
    """One file of a set in the cache."""

    name: str
    path: Path
    how: Literal["kept", "new"]
    """kept: it was there already, with the right checksum."""


def sums_of(wanted: Recipe, cache: Path, given: str | None = None) -> dict[str, str]:
    """Checksums the files have to have: the recipe's, or where it pins none the user's, given now or recorded before.

    Args:
        wanted: The recipe.
        cache: The user's cache.
        given: A SHA-256 the user vouches for, for the one file of the set that has none pinned.

    Raises:
        UserError: A checksum is needed and none is known, or one is given that has no place.
    """
    unpinned = [name for name, digest in wanted.files.items() if digest is None]
    pinned = {name: digest for name, digest in wanted.files.items() if digest is not None}
    if given is not None:
        given = given.strip().lower()
        if len(unpinned) != 1:
            raise UserError(
                f"The checksums of {wanted.name} are pinned in its recipe.", what_next="Leave out --sha256."
            )
        if not re.fullmatch("[0-9a-f]{64}", given):
            raise UserError("A SHA-256 sum has 64 hexadecimal digits.", what_next="`sha256sum FILE` prints it.")
        return pinned | {unpinned[0]: given}
    recorded = {name: str(one.get("sha256", "")) for name, one in provenance(wanted, cache).items()}
    for name in unpinned:
        if not recorded.get(name):
            raise UserError(
                f"The checksum of {name} is not pinned: nobody here had the file in hand when the recipe was written.",
                what_next=f"Take a copy you trust ({wanted.source}), and give its sum: --sha256 SUM "
                "(`sha256sum FILE` prints it). It is recorded in the cache.",
            )
    return pinned | {name: recorded[name] for name in unpinned}


def provenance(wanted: Recipe, cache: Path) -> dict[str, dict[str, Any]]:
    """What the cache has on record about the files of a set, by file name; empty where there is no record."""
    try:
        raw = json.loads((cache / wanted.name / PROVENANCE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: one for name, one in raw.items() if isinstance(one, dict)} if isinstance(raw, dict) else {}


def _has_sum(path: Path, digest: str) -> bool:
    if not path.is_file() or path.stat().st_size > LARGEST:
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() == digest


def missing(wanted: Recipe, cache: Path, sums: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the files that are not in the cache, or not with the right checksum."""
    return tuple(name for name in wanted.files if not _has_sum(cache / wanted.name / name, sums[name]))


def cached(wanted: Recipe, cache: Path) -> dict[str, Path]:
    """The files of a set in the cache, each checked again.

    Raises:
        NotReady: One is missing, or is not the one that was fetched.
    """
    try:
        lacking = missing(wanted, cache, sums_of(wanted, cache))
    except UserError:
        lacking = tuple(wanted.files)
    if lacking:
        raise NotReady(
            f"The set {wanted.name} is not in the cache ({', '.join(lacking)}).",
            what_next=f"Run `sharedstory corpora fetch {wanted.name}` first.",
        )
    return {name: cache / wanted.name / name for name in wanted.files}


def from_folder(wanted: Recipe, folder: Path, names: tuple[str, ...], sums: Mapping[str, str]) -> Source:
    """A local copy, checked in full before the first file is handed out.

    Args:
        wanted: The recipe.
        folder: Where the user has put the files; looked for there and in a folder named like the recipe.
        names: The files that are needed.
        sums: Checksums by file name.

    Raises:
        BadInput: A file is missing, or is not the one the recipe means.
    """
    found = {}
    for name in names:
        places = [place for place in (folder / name, folder / wanted.name / name) if place.is_file()]
        if not places:
            raise BadInput(
                f"{name} of the set {wanted.name} is not in {folder}.",
                what_next=f"Get it from its authors ({wanted.source}; {wanted.licence}). {wanted.by_hand}".strip(),
            )
        # What was hashed is what is kept: the file is not opened a second time.
        body = places[0].read_bytes() if places[0].stat().st_size <= LARGEST else b""
        _check(wanted, name, body, sums[name], BadInput)
        found[name] = body
    return Source(read=found.__getitem__, origin=lambda _: "a local copy", mismatch=BadInput)


def from_web(wanted: Recipe, fetcher: Fetcher, names: tuple[str, ...]) -> Source:
    """The authors' addresses, each asked when its file is wanted.

    Args:
        wanted: The recipe.
        fetcher: Opens the connections; give it `DOWNLOAD` as limits.
        names: The files that are needed.

    Raises:
        UserError: One of the files is served nowhere by itself.
    """
    unserved = [name for name in names if name not in wanted.urls]
    if unserved:
        raise UserError(
            f"{', '.join(unserved)} of the set {wanted.name} cannot be downloaded by a program.",
            what_next=f"Get it at {wanted.source}. {wanted.by_hand} "
            f"Then run `sharedstory corpora fetch {wanted.name} --from FOLDER`.",
        )

    def read(name: str) -> bytes:
        try:
            answer = fetcher.get(wanted.urls[name], max_bytes=LARGEST)
        except (Gone, Blocked) as error:
            raise type(error)(
                error.message, what_next=f"Get {name} at {wanted.source} by hand and use --from FOLDER."
            ) from error
        if not isinstance(answer, Fetched):
            raise Retryable(f"The server of {name} sent no file.")
        return answer.body

    return Source(read=read, origin=lambda name: wanted.urls[name], mismatch=Quarantined)


def put_in_cache(
    wanted: Recipe, cache: Path, source: Source, sums: Mapping[str, str], *, clock: Callable[[], datetime]
) -> Iterator[CachedFile]:
    """Bring the files of a set into the cache, one at a time in the recipe's order; those that are right stay.

    A stopped run leaves only whole, checked files; the next run goes on with the rest.

    Args:
        wanted: The recipe.
        cache: The user's cache; the files go to a folder named like the recipe.
        source: Where missing files are read from.
        sums: Checksums by file name.
        clock: Gives the time put on record, with a zone.

    Yields:
        Each file once it is in the cache.

    Raises:
        SharedStoryError: A file cannot be read, or is not the one meant (`source.mismatch`).
    """
    folder = cache / wanted.name
    for name in wanted.files:
        path = folder / name
        if _has_sum(path, sums[name]):
            yield CachedFile(name=name, path=path, how="kept")
            continue
        body = source.read(name)
        _check(wanted, name, body, sums[name], source.mismatch)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(path, body)
        record = provenance(wanted, cache) | {
            name: {
                "sha256": sums[name],
                "bytes": len(body),
                "from": source.origin(name),
                "at": clock().isoformat(timespec="seconds"),
                "checksum_of": "the recipe" if wanted.files[name] else "the user (not pinned in the recipe)",
                "licence": wanted.licence,
            }
        }
        _write(folder / PROVENANCE, json.dumps(record, indent=1, ensure_ascii=False).encode() + b"\n")
        yield CachedFile(name=name, path=path, how="new")


def _check(wanted: Recipe, name: str, body: bytes, digest: str, failure: type[BadInput | Quarantined]) -> None:
    if hashlib.sha256(body).hexdigest() == digest:
        return
    meant = "the recipe means" if wanted.files[name] else "you named"
    raise failure(
        f"{name} of the set {wanted.name} is not the file {meant} (its checksum differs).",
        what_next="Nothing of it was kept. Get it again; if its authors have changed it, correct the recipe."
        if wanted.files[name]
        else "Nothing of it was kept. Check the sum you gave.",
    )


def _write(path: Path, body: bytes) -> None:
    """Make `body` appear under `path` at once."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        unfinished.write_bytes(body)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
