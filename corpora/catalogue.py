"""Which outlets and regions there are: data files in `corpora/data/`, looked up here."""

from __future__ import annotations

import csv
import difflib
import io
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, cast

from corpora.addresses import ANY_PORT, check_url
from corpora.errors import BadInput, Refused, UnknownRegion
from corpora.records import Feed, Outlet, Region

SHIPPED = Path(str(resources.files("corpora"))) / "data"

TIER_ORDER = {"lad": 0, "county": 1, "itl1": 2, "nation": 3}
"""Where one name fits several regions (Wales the nation, Wales the ITL1 region), the smaller one is meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Regions and outlets of one workspace."""

    regions: dict[str, Region]
    """By code."""
    counties: dict[str, str]
    """Code of the two-tier county a local authority lies in, where there is one."""
    outlets: dict[str, Outlet]
    """By slug."""
    old_codes: dict[str, str]
    """Codes of authorities that were merged or renumbered, to their 2025 code."""

    def region(self, wanted: str) -> Region:
        """Find a region by code (old ones too) or name.

        Raises:
            UnknownRegion: Nothing fits; the message names what is near.
        """
        text = wanted.strip()
        code = text.upper()
        code = self.old_codes.get(code, code)
        if code in self.regions:
            return self.regions[code]
        key = name_key(text)
        fits = [one for one in self.regions.values() if key and key in _names(one)]
        if fits:
            return min(fits, key=lambda one: TIER_ORDER[one.tier])
        names = {name: one.name for one in self.regions.values() for name in _names(one)}
        near = difflib.get_close_matches(key, names, n=4, cutoff=0.6)
        starts = [name for name in names if key and name.startswith(key)][:4]
        offers = list(dict.fromkeys(names[name] for name in [*near, *starts]))[:4]
        hint = f"Did you mean {', '.join(offers)}?" if offers else "Give a council's name or its code (E08000035)."
        raise UnknownRegion(
            f"No region is called {text[:60]!r}.",
            what_next=f"{hint} `sharedstory outlets list --regions` shows them all.",
        )

    def authorities(self, region: Region) -> tuple[str, ...]:
        """Codes of the local authorities inside `region` (itself, for a local authority)."""
        if region.tier == "lad":
            return (region.gss,)
        inside = []
        for one in self.regions.values():
            if one.tier != "lad":
                continue
            above = {one.parent, self.counties.get(one.gss, "")}
            if one.parent in self.regions:
                above.add(self.regions[one.parent].parent)
            if region.gss in above:
                inside.append(one.gss)
        return tuple(sorted(inside))

    def outlets_for(self, region: Region) -> list[Outlet]:
        """Outlets whose coverage area touches `region`, by title."""
        wanted = set(self.authorities(region))
        touching = [one for one in self.outlets.values() if wanted & set(one.areas)]
        return sorted(touching, key=lambda one: one.title.casefold())

    def feed(self, url: str) -> Feed:
        """Find one feed by address.

        Raises:
            BadInput: No outlet of the catalogue has it.
        """
        for outlet in self.outlets.values():
            for one in outlet.feeds:
                if one.url == url:
                    return one
        raise BadInput(f"No outlet of the catalogue has the feed {url[:200]}.", what_next="See `outlets list`.")


def name_key(name: str) -> str:
    """Fold a name for comparison: case, accents, punctuation and 'the/city/borough/council' words do not count."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold().replace("&", " and ")
    words = re.findall(r"[a-z0-9]+", plain)
    dropped = {"the", "of", "city", "council", "borough", "district", "county", "metropolitan", "london", "and"}
    kept = [word for word in words if word not in dropped]
    return " ".join(kept or words)


@cache
def _names(region: Region) -> frozenset[str]:
    return frozenset(name_key(name) for name in (region.name, *region.aliases))


def read_rows(path: Path, columns: set[str]) -> list[tuple[str, dict[str, str]]]:
    """Rows of a CSV file, each with the words that name its place (`sources.csv line 7`).

    Args:
        path: The file, in UTF-8.
        columns: Columns it must have, in any order; it may have more.

    Raises:
        BadInput: It cannot be read, is no CSV, lacks a column, or has a row with too many cells.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"The catalogue file {path} cannot be read.", what_next=str(error)) from error
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    try:
        missing = columns - set(reader.fieldnames or ())
        if missing:
            raise BadInput(f"The catalogue file {path.name} lacks the column(s) {', '.join(sorted(missing))}.")
        rows = [(f"{path.name} line {reader.line_num}", row) for row in reader]
    except csv.Error as error:
        raise BadInput(f"{path.name} line {reader.line_num + 1} is no proper CSV: {error}.") from error
    for where, row in rows:
        if None in row:
            raise BadInput(f"{where} has more cells than the file has columns.")
    return rows


def base_of(folder: Path) -> Path:
    """Folder the regions are in: `folder` itself, or the shipped one where `folder` only adds outlets to it."""
    adds_only = (folder / "sources.csv").is_file() and not (folder / "regions.csv").exists()
    return SHIPPED if adds_only else folder


def load_catalogue(folder: Path = SHIPPED) -> Catalogue:
    """Read `regions.csv`, `sources.csv` and (where present) `region_codes.csv` of a folder.

    A folder with `sources.csv` alone adds its outlets to the shipped ones: a row with a shipped slug takes that
    outlet's place, and a feed the shipped catalogue has by now is not read twice.

    Raises:
        BadInput: A file is missing, lacks a column, or names an unknown region; the message names the line.
    """
    base = base_of(folder)
    regions, counties = _regions(base / "regions.csv")
    old_codes: dict[str, str] = {}
    history = base / "region_codes.csv"
    if history.is_file():
        for where, row in read_rows(history, {"old_code", "gss"}):
            if row["gss"] not in regions:
                raise BadInput(f"{where}: no region has the code {row['gss'][:40]!r}.")
            old_codes[row["old_code"]] = row["gss"]
    outlets = _outlets(base / "sources.csv", regions, old_codes)
    if base != folder:
        own = _outlets(folder / "sources.csv", regions, old_codes)
        known = {feed.url for slug, outlet in outlets.items() if slug not in own for feed in outlet.feeds}
        for slug, outlet in own.items():
            feeds = tuple(feed for feed in outlet.feeds if feed.url not in known)
            if feeds:
                outlets[slug] = replace(outlet, feeds=feeds)
    return Catalogue(regions=regions, counties=counties, outlets=outlets, old_codes=old_codes)


def _regions(path: Path) -> tuple[dict[str, Region], dict[str, str]]:
    """Regions by code, and the county of each authority that lies in one."""
    regions: dict[str, Region] = {}
    counties: dict[str, str] = {}
    above: list[tuple[str, str]] = []
    for where, row in read_rows(path, {"gss", "name", "tier", "parent", "county", "aliases"}):
        aliases = tuple(part for part in row["aliases"].split("|") if part)
        if row["tier"] not in TIER_ORDER:
            raise BadInput(f"{where}: the tier {row['tier'][:40]!r} is none of {', '.join(TIER_ORDER)}.")
        tier = cast("Any", row["tier"])
        try:
            one = Region(gss=row["gss"], name=row["name"], tier=tier, parent=row["parent"], aliases=aliases)
        except ValueError as error:
            raise BadInput(f"{where}: {error}.") from error
        regions[one.gss] = one
        above.extend((where, code) for code in (row["parent"], row["county"]) if code)
        if row["county"]:
            counties[one.gss] = row["county"]
    for where, code in above:
        if code not in regions:
            raise BadInput(f"{where}: no region has the code {code[:40]!r}.")
    return regions, counties


def _outlets(path: Path, regions: dict[str, Region], old_codes: dict[str, str]) -> dict[str, Outlet]:
    outlets: dict[str, Outlet] = {}
    columns = {"slug", "outlet", "owner", "homepage", "feed_url", "areas", "certainty", "evidence"}
    for where, row in read_rows(path, columns):
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,80}", row["slug"]):
            raise BadInput(f"{where}: the slug {row['slug'][:80]!r} may hold only a-z, 0-9 and hyphens.")
        url = row["feed_url"].strip()
        try:
            check_url(url, ports=ANY_PORT)
        except Refused as error:
            raise BadInput(
                f"{where}: {url[:80]!r} is not a web address.",
                what_next="A feed's address begins with http:// or https:// and is at most 2,048 characters long.",
            ) from error
        if row["certainty"] not in {"A", "B", "C", "D"}:
            raise BadInput(f"{where}: the certainty {row['certainty'][:40]!r} is none of A, B, C, D.")
        named = (part for part in row["areas"].split("|") if part)
        areas = tuple(dict.fromkeys(old_codes.get(code, code) for code in named))
        unknown = [code for code in areas if code not in regions]
        if unknown:
            raise BadInput(f"{where}: no region has the code {unknown[0][:40]!r}.")
        if not areas:
            raise BadInput(f"{where}: the outlet covers no area, so its stories would count nowhere.")
        feed = Feed(url=url, outlet=row["slug"], certainty=cast("Any", row["certainty"]), evidence=row["evidence"])
        known = outlets.get(row["slug"])
        outlets[row["slug"]] = Outlet(
            slug=row["slug"],
            title=row["outlet"],
            owner=row["owner"],
            homepage=row["homepage"],
            areas=areas if known is None else tuple(dict.fromkeys((*known.areas, *areas))),
            feeds=(feed,) if known is None else (*known.feeds, feed),
        )
    return outlets
