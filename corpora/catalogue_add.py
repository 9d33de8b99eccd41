"""How an outlet enters a catalogue: checked as a whole before its row is written, refused where it is there already."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from corpora.catalogue import Catalogue
from corpora.catalogue_check import check_catalogue
from corpora.errors import BadInput
from corpora.titles import OWNER_COLUMNS, load_owners

COLUMNS = (
    "slug", "outlet", "owner", "homepage", "feed_url", "areas", "certainty", "evidence", "last_evidence", "note",
    "feed_host", "edition_of", "last_check",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An outlet as somebody gives it."""

    title: str
    owner: str
    homepage: str
    feed: str
    areas: tuple[str, ...]
    """Names or codes of regions; a county or nation stands for the authorities inside it."""
    certainty: str
    evidence: str
    seen: date | None = None
    """Day the feed was seen alive; certainty A needs it."""
    feed_host: str = ""
    """Host of the feed where that is not the homepage's."""
    edition_of: str = ""
    """Slug of the site's own outlet, where this is one of its place feeds."""


def slug_of(title: str) -> str:
    """The title in a-z, 0-9 and hyphens; empty where nothing of it is left."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().casefold()
    words = re.sub(r"[^a-z0-9]+", "-", plain.replace("&", " and ").replace("'", ""))
    return words.strip("-")[:80].rstrip("-")


def add_outlet(draft: Draft, folder: Path, catalogue: Catalogue, *, today: date) -> str:
    """Write the draft into `folder`'s `sources.csv` (made where there is none); return its slug.

    An owner nobody knows is added to the folder's `owners.csv`, with nothing said of it.

    Args:
        draft: The outlet.
        folder: A catalogue's folder.
        catalogue: The catalogue the folder belongs to, before.
        today: For dates that cannot be.

    Raises:
        BadInput: It is there already, or something about it is wrong; nothing was written.
        UnknownRegion: An area is not known.
    """
    slug = slug_of(draft.title)
    if not slug:
        raise BadInput("A title needs letters or digits.", what_next="Give the name the outlet calls itself.")
    if slug in catalogue.outlets:
        raise BadInput(
            f"{catalogue.outlets[slug].title} is in the catalogue already, as {slug}.",
            what_next="See `sharedstory outlets list`.",
        )
    areas = [code for name in draft.areas for code in catalogue.authorities(catalogue.region(name))]
    row = {
        "slug": slug,
        "outlet": draft.title.strip(),
        "owner": draft.owner.strip(),
        "homepage": draft.homepage.strip(),
        "feed_url": draft.feed.strip(),
        "areas": "|".join(dict.fromkeys(areas)),
        "certainty": draft.certainty,
        "evidence": draft.evidence.strip(),
        "last_evidence": draft.seen.isoformat() if draft.seen else "",
        "feed_host": draft.feed_host.strip(),
        "edition_of": draft.edition_of.strip(),
        "last_check": draft.seen.isoformat() if draft.seen else "",
    }
    _write(row, folder, today)
    return slug


def _write(row: dict[str, str], folder: Path, today: date) -> None:
    """Append the row and look at the whole; where that finds a new fault, put everything back."""
    before = {str(one) for one in check_catalogue(folder, today=today)} if (folder / "sources.csv").is_file() else set()
    files = [folder / "sources.csv", folder / "owners.csv"]
    kept = {path: path.read_bytes() if path.is_file() else None for path in files}
    folder.mkdir(parents=True, exist_ok=True)
    fine = False
    try:
        _append(files[0], row, COLUMNS)
        owners = load_owners(folder)
        if owners and row["owner"] and row["owner"] not in owners:
            _append(files[1], {"owner": row["owner"], "kind": "unknown"}, OWNER_COLUMNS)
        faults = [one for one in check_catalogue(folder, today=today) if not one.file.startswith("shipped ")]
        new = [one for one in faults if str(one) not in before]
        if new:
            raise BadInput(f"It was not added: {new[0].what}", what_next=new[0].what_next)
        fine = True
    finally:
        if not fine:
            for path, old in kept.items():
                _put_back(path, old)


def _append(path: Path, row: dict[str, str], columns: tuple[str, ...]) -> None:
    """Add one row; a new file gets `columns`, and an older one those it lacks of them that the row fills."""
    text = path.read_bytes().decode("utf-8-sig") if path.is_file() else ",".join(columns) + "\n"
    text = _widened(text, [name for name in columns if row.get(name)])
    head = next(csv.reader(io.StringIO(text, newline="")), [])
    line = io.StringIO(newline="")
    writer = csv.DictWriter(line, head, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writerow(row)
    joint = "" if text.endswith("\n") else "\n"
    new = path.with_name(f"{path.name}.new")
    new.write_bytes((text + joint + line.getvalue()).encode("utf-8"))
    new.replace(path)


def _widened(text: str, needed: list[str]) -> str:
    """The table with the columns it lacks of `needed`, empty in every row; unchanged where it lacks none."""
    rows = list(csv.reader(io.StringIO(text, newline="")))
    lacking = [name for name in needed if rows and name not in rows[0]]
    if not lacking:
        return text
    wide = io.StringIO(newline="")
    writer = csv.writer(wide, lineterminator="\n")
    writer.writerow(rows[0] + lacking)
    writer.writerows(cells + [""] * len(lacking) for cells in rows[1:] if cells)
    return wide.getvalue()


def _put_back(path: Path, old: bytes | None) -> None:
    if old is None:
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(old)
