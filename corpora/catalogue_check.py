"""What is wrong with a catalogue's files: every fault with its file, its line and what to do, and no exception.

`load_catalogue` stops at the first fault, as a program must; this goes on to the last, as a reviewer needs.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from corpora.addresses import ANY_PORT, canonical_url, check_url
from corpora.catalogue import TIER_ORDER, base_of
from corpora.errors import Refused
from corpora.titles import AREAS_FROM, JOINS, KINDS, MEDIA, OWNER_COLUMNS, REGULATORS, TITLE_COLUMNS

SOURCE_COLUMNS = ("slug", "outlet", "owner", "homepage", "feed_url", "areas", "certainty", "evidence")
REGION_COLUMNS = ("gss", "name", "tier", "parent", "county", "aliases")

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,80}")
LONGEST_CELL = 5_000
"""The widest outlet covers 361 authorities: 3,609 characters."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""First characters by which a spreadsheet takes a cell for a formula (OWASP ASVS 1.2.10)."""
FIRST_YEAR = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong."""

    file: str
    line: int
    """As an editor counts, where the row ends; 0 for the file as a whole."""
    what: str
    what_next: str

    def __str__(self) -> str:
        at = f"{self.file} line {self.line}" if self.line else self.file
        return f"{at}: {self.what}"


Row = dict[str, str]
Say = Callable[[str, str], None]
"""Called with what is wrong with the row at hand, and what to do."""


@dataclass(slots=True)
class _Findings:
    """What is known so far of the files read, and what was found wrong with them."""

    today: date
    folder: Path
    faults: list[Fault] = field(default_factory=list)
    regions: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Tier and name by code."""
    old_codes: dict[str, str] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    """Every spelling, and where it stands."""
    outlets: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)
    """Title, owner, homepage and site (the outlet a place feed belongs to) by slug."""
    feeds: dict[str, str] = field(default_factory=dict)
    homepages: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    covered: set[str] = field(default_factory=set)
    replaced: frozenset[str] = frozenset()
    """Slugs of the shipped file, whose rows a workspace's own file may replace."""

    def note(self, path: Path, line: int, what: str, what_next: str) -> None:
        """Add a fault; files that only the package has are called so."""
        name = path.name if path.parent == self.folder else f"shipped {path.name}"
        self.faults.append(Fault(file=name, line=line, what=what, what_next=what_next))


def check_catalogue(folder: Path, *, today: date) -> list[Fault]:
    """Every fault of the files of `folder`, and of the shipped ones where `folder` only adds outlets to them.

    Args:
        folder: Where `sources.csv` is.
        today: A check dated later cannot have been made.
    """
    found = _Findings(today=today, folder=folder)
    base = base_of(folder)
    places = list(dict.fromkeys((base, folder)))
    _each(base / "regions.csv", REGION_COLUMNS, found, _region)
    if (base / "region_codes.csv").is_file():
        _each(base / "region_codes.csv", ("old_code", "gss"), found, _old_code)
    for place in places:
        if (place / "owners.csv").is_file():
            _each(place / "owners.csv", OWNER_COLUMNS, found, _owner)
    for place in places:
        _each(place / "sources.csv", SOURCE_COLUMNS, found, _source)
        found.replaced = frozenset(found.outlets)
    if (base / "titles.csv").is_file():
        _each(base / "titles.csv", TITLE_COLUMNS, found, _title)
    _coverage(found)
    return found.faults


def shown(text: str, most: int = 60) -> str:
    """A stranger's cell, short and in one line, for a message."""
    plain = "".join(one if one.isprintable() else "?" for one in text[: most + 1])
    return repr(plain[:most] + ("..." if len(text) > most else ""))


# Rows


def _each(path: Path, columns: tuple[str, ...], found: _Findings, check: Callable[[Row, _Findings, Say], None]) -> None:
    for line, row in _rows(path, columns, found):

        def say(what: str, what_next: str, line: int = line) -> None:
            found.note(path, line, what, what_next)

        _cells(row, say)
        check(row, found, say)


def _rows(path: Path, columns: tuple[str, ...], found: _Findings) -> Iterator[tuple[int, Row]]:
    """Rows that can be read, with their lines; the others become faults."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        found.note(path, 0, f"cannot be read ({error.strerror or error}).", "Put it there, or mend who may read it.")
        return
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found.note(path, raw.count(b"\n", 0, error.start) + 1, "is not UTF-8 here.", "Save the file as UTF-8.")
        text = raw.decode("utf-8-sig", "replace")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    head: list[str] = []
    try:
        head = next(reader, [])
        missing = [name for name in columns if name not in head]
        if missing:
            found.note(path, 1, f"lacks the column(s) {', '.join(missing)}.", "The first line names the columns.")
            return
        for cells in reader:
            if cells and len(cells) != len(head):
                found.note(
                    path,
                    reader.line_num,
                    f"has {len(cells)} cells where the file has {len(head)} columns.",
                    'A cell with a comma in it stands in quotation marks: "a, b".',
                )
            elif cells:
                yield reader.line_num, dict(zip(head, cells, strict=True))
    except csv.Error as error:
        found.note(
            path,
            max(1, reader.line_num),
            f"is no proper CSV ({error}); the rest was not read.",
            "Mend the quotation marks.",
        )


def _cells(row: Row, say: Say) -> None:
    for name, cell in row.items():
        if len(cell) > LONGEST_CELL:
            say(f"`{name}` is {len(cell):,} characters long.", f"{LONGEST_CELL:,} is the most a cell may hold.")
        elif any(unicodedata.category(one) in {"Cc", "Cf", "Cs", "Co"} for one in cell):
            say(f"`{name}` holds a control or invisible character: {shown(cell)}.", "Type the cell anew.")
        elif cell.startswith(FORMULA):
            say(f"`{name}` looks like a spreadsheet's formula: {shown(cell)}.", "Begin it with a letter or a digit.")
        elif cell != cell.strip():
            say(f"`{name}` begins or ends with a blank: {shown(cell)}.", "Take the blank away.")


# Regions and owners


def _region(row: Row, found: _Findings, say: Say) -> None:
    if row["tier"] not in TIER_ORDER:
        say(f"the tier {shown(row['tier'])} is not known.", f"It is one of {', '.join(TIER_ORDER)}.")
    if row["gss"] in found.regions:
        say(f"the code {shown(row['gss'])} was there already.", "Each region has one row.")
    found.regions[row["gss"]] = (row["tier"], row["name"])


def _old_code(row: Row, found: _Findings, say: Say) -> None:
    if row["gss"] not in found.regions:
        say(f"no region has the code {shown(row['gss'])}.", "An old code leads to one of regions.csv.")
    if row["old_code"] in found.regions:
        say(f"{shown(row['old_code'])} is a code of today.", "Take the row out.")
    found.old_codes[row["old_code"]] = row["gss"]


def _owner(row: Row, found: _Findings, say: Say) -> None:
    for name in (row["owner"], *filter(None, row["aliases"].split("|"))):
        if not name:
            say("an owner without a name.", "Write the name, or take the row out.")
        elif name in found.owners:
            say(f"the owner {shown(name)} was there already.", "Each spelling stands once, as a name or an alias.")
        found.owners[name] = row["owner"]
    if row["kind"] not in KINDS:
        say(f"the kind {shown(row['kind'])} is not known.", f"It is one of {', '.join(KINDS)}.")
    if row["regulator"] not in REGULATORS:
        say(f"the regulator {shown(row['regulator'])} is not known.", "IPSO, Impress, or empty where not known.")
    if row["regulator"] and not row["regulator_evidence"]:
        say("a regulator without evidence.", "Say what names it, and of which date.")


# Outlets and titles


def _source(row: Row, found: _Findings, say: Say) -> None:
    if not SLUG.fullmatch(row["slug"]):
        say(f"the slug {shown(row['slug'])} will not do.", "Use a-z, 0-9 and hyphens, at most 81.")
    if not row["outlet"]:
        say("the outlet has no title.", "Write what it calls itself.")
    _known_owner(row["owner"], found, say)
    _one_outlet(row, found, say)
    feed = _address("feed_url", row["feed_url"], say)
    home = _address("homepage", row["homepage"], say)
    if feed and home:
        _declared_host(row, feed, home, say)
    if feed:
        _one_feed(row, found, say)
    found.covered |= set(_areas(row["areas"], found, say, needed=True))
    _certainty(row, found, say)


def _one_feed(row: Row, found: _Findings, say: Say) -> None:
    plain = _plain(row["feed_url"])
    if plain in found.feeds and row["slug"] not in found.replaced:
        say(
            f"the feed {shown(row['feed_url'])} is there already, of {shown(found.feeds[plain])}.",
            "Each feed stands once.",
        )
    found.feeds.setdefault(plain, row["slug"])


def _one_outlet(row: Row, found: _Findings, say: Say) -> None:
    """Rows of one slug agree, and outlets of one homepage say which of them is the site's."""
    slug, site = row["slug"], row.get("edition_of", "") or row["slug"]
    if slug in found.replaced:
        return
    said = (row["outlet"], row["owner"], row["homepage"], site)
    known = found.outlets.setdefault(slug, said)
    if known != said:
        say(
            f"the slug {shown(slug)} stands for another title, owner or homepage above.",
            "Two outlets need two slugs; two feeds of one outlet repeat its title, owner and homepage.",
        )
    if site != slug and site not in found.outlets:
        say(f"`edition_of` names {shown(site)}, which has no row above.", "Put the site's own row first.")
    if row["homepage"] and (first := found.homepages.setdefault(_plain(row["homepage"]), site)) != site:
        say(
            f"the homepage {shown(row['homepage'])} is that of {shown(first)} too.",
            f"If this is a place feed of that site, write {first[:80]} under `edition_of`.",
        )


def _known_owner(name: str, found: _Findings, say: Say) -> None:
    if found.owners and name not in found.owners:
        say(f"the owner {shown(name)} is not in owners.csv.", "Correct the spelling, or add the owner there.")


def _address(name: str, text: str, say: Say) -> str:
    """Host of an address, without `www.`; empty, and a fault, where it is none."""
    try:
        _, host, _ = check_url(text, ports=ANY_PORT)
    except Refused as error:
        say(f"`{name}` is no web address: {shown(error.message, 120)}.", "It begins with http:// or https://.")
        return ""
    if text != text.strip() or re.search(r"[\s<>\"]", text):
        say(f"`{name}` holds a blank or a quotation mark: {shown(text)}.", "Write it as the browser shows it.")
    return host.removeprefix("www.").rstrip(".")


def _plain(url: str) -> str:
    """The address as compared: `http` and `https`, `www.` and a last `/` do not count."""
    try:
        parts = urlsplit(canonical_url(url))
    except ValueError:
        return url
    return f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}?{parts.query}"


def _declared_host(row: Row, feed: str, home: str, say: Say) -> None:
    declared = row.get("feed_host", "").removeprefix("www.")
    if declared and declared != feed:
        say(f"the feed is on {shown(feed)}, not on {shown(declared)}.", "Correct `feed_host` or the feed's address.")
    elif not declared and feed != home and not feed.endswith(f".{home}") and not home.endswith(f".{feed}"):
        say(
            f"the feed is on {shown(feed)}, the homepage on {shown(home)}.",
            f"If that is right, write {feed[:80]} under `feed_host`.",
        )


def _areas(text: str, found: _Findings, say: Say, *, needed: bool) -> list[str]:
    codes = text.split("|") if text else []
    if needed and not codes:
        say("it covers no area, so its stories would count nowhere.", "Give GSS codes, joined by |.")
    if len(set(codes)) != len(codes):
        say(f"an area stands twice in {shown(text)}.", "Each code stands once.")
    for code in codes:
        if code in found.old_codes:
            say(f"{shown(code)} is an old code.", f"Write {found.old_codes[code][:9]}, its code since 2025.")
        elif code not in found.regions:
            say(f"no region has the code {shown(code)}.", "See `sharedstory outlets list --regions`.")
        elif found.regions[code][0] != "lad":
            say(f"{shown(code)} is no local authority.", "Name the authorities inside it.")
    return codes


def _certainty(row: Row, found: _Findings, say: Say) -> None:
    if row["certainty"] not in {"A", "B", "C", "D"}:
        say(f"the certainty {shown(row['certainty'])} is not known.", "A, B, C or D: see ATTRIBUTION.md.")
    if not row["evidence"]:
        say("nothing says why the feed is believed to be there.", "Write what you saw, and when, under `evidence`.")
    dated = row.get("last_evidence", "")
    year = re.fullmatch(r"(\d{4})(-\d{2}){0,2}", dated)
    if dated and (not year or not FIRST_YEAR <= int(year.group(1)) <= found.today.year):
        say(f"`last_evidence` is {shown(dated)}.", "A year (2026), a span (2024-26) or a day (2026-10-02).")
    _last_check(row.get("last_check", ""), found, say)
    if row["certainty"] == "A" and not dated and not row.get("last_check"):
        say("certainty A without a date.", "Write the day the feed was seen alive under `last_check`.")


def _last_check(text: str, found: _Findings, say: Say) -> None:
    if not text:
        return
    try:
        day = date.fromisoformat(text)
    except ValueError:
        say(f"`last_check` is {shown(text)}.", "Write a day as 2026-10-02.")
        return
    if day.year < FIRST_YEAR or day > found.today:
        say(f"`last_check` is {day}, which cannot be.", "Write the day the feed was asked.")


def _title(row: Row, found: _Findings, say: Say) -> None:
    if not SLUG.fullmatch(row["id"]):
        say(f"the id {shown(row['id'])} will not do.", "Use a-z, 0-9 and hyphens, at most 81.")
    if row["id"] in found.titles:
        say(f"the id {shown(row['id'])} was there already.", "Each title has its own.")
    found.titles[row["id"]] = row["title"]
    if not row["title"]:
        say("a title without a name.", "Write what it calls itself.")
    _known_owner(row["owner"], found, say)
    for name in ("homepage", "candidate_feed"):
        if row.get(name):
            _address(name, row[name], say)
    outlet = row.get("outlet", "")
    if outlet and outlet not in found.outlets:
        say(f"`outlet` names {shown(outlet)}, which sources.csv has not.", "Use a slug of sources.csv, or none.")
    if bool(outlet) != bool(row.get("joined_by", "")):
        say("`outlet` and `joined_by` go together.", "Say why it is the same title, or name no outlet.")
    for name, allowed in (("medium", MEDIA), ("joined_by", JOINS), ("areas_from", AREAS_FROM)):
        if row.get(name, "") not in allowed:
            say(f"`{name}` is {shown(row[name])}.", f"It is one of {', '.join(filter(None, allowed))}, or empty.")
    # Titles outside the authorities (Isle of Man) are kept, with a note that says so.
    _areas(row["areas"], found, say, needed=not row.get("note"))


def _coverage(found: _Findings) -> None:
    bare = [name for code, (tier, name) in found.regions.items() if tier == "lad" and code not in found.covered]
    if bare:
        more = f" and {len(bare) - 10} more" if len(bare) > 10 else ""
        what = f"no feed covers {', '.join(shown(name) for name in bare[:10])}{more}."
        found.faults.append(Fault(file="sources.csv", line=0, what=what, what_next="Add a feed: `outlets add`."))
