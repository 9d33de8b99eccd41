"""Which places a name may mean: a gazetteer of the United Kingdom, read once and looked up by folded name."""

from __future__ import annotations

import csv
import gzip
import io
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from corpora.catalogue import SHIPPED, Catalogue
from corpora.errors import BadInput
from corpora.records import Region
from corpora.tables import read_table

FILE = SHIPPED / "gazetteer.tsv.gz"
NEEDED = ("name", "kind", "lad25cd")
"""Columns an outside gazetteer must have; `lat`, `lon`, `population` and `alt_names` are used where they are there."""
PACKED = ("key", "lad", "kinds", "lat", "lon", "population")
MOST_WORDS = 7

_KINDS = {"local authority": "L", "populated place": "P", "ward": "W", "neighbourhood": "N"}
_SHORT = re.compile(
    r"(?: (?:upon|on|under|by|in|le|with|next|of) (?:the )?[a-z]+(?: [a-z]+)?"
    r"| minster| spa| regis| st mary| st edmunds)$"
)
_LEADING = re.compile(r"^(?:royal|city of|the city of|county|royal borough of) ")
_GAPS = re.compile(r"[^a-z0-9]+")
_LETTERS_APART = re.compile(r"['’`.]")
LEAST_PLACE = 2_000
"""Residents a place is taken to have where the gazetteer does not say."""
_LANDMARK = 60_000
"""Landmarks are spoken of from as far away as a town of so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a name may mean in one local authority."""

    lad: str
    """2025 code of the local authority."""
    kinds: str
    """Letters: L local authority, P populated place, N neighbourhood, W ward, M landmark, S short form of the name."""
    lat: float
    lon: float
    population: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gazetteer:
    """Places by folded name."""

    places: Mapping[str, tuple[Place, ...]]
    centres: Mapping[str, tuple[float, float]]
    """Latitude and longitude of a point in each local authority."""
    first_words: frozenset[str]
    """First words of all names, so that most words of a text need no look-up."""

    def find(self, name: str) -> tuple[Place, ...]:
        """Places of this name, one for each authority that has it."""
        return self.places.get(fold(name), ())


def fold(name: str) -> str:
    """Fold a place name for look-up: case, accents, signs, `the`, and Saint or St. do not count."""
    if not name.isascii():
        name = unicodedata.normalize("NFKD", name.replace("’", "'")).encode("ascii", "ignore").decode()
    words = _GAPS.sub(" ", _LETTERS_APART.sub("", name).casefold().replace("&", " and ")).split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return " ".join("st" if word == "saint" else word for word in words)


def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Kilometres between two points, good to a percent within the United Kingdom."""
    north = (one[0] - other[0]) * 111.2
    east = (one[1] - other[1]) * 111.3 * math.cos(math.radians((one[0] + other[0]) / 2))
    return math.hypot(north, east)


@cache
def shipped() -> Gazetteer:
    """Return the gazetteer that ships with the code, with its landmarks; read on first use."""
    return _built(_unpacked(FILE.read_bytes()))


def load_gazetteer(path: Path, catalogue: Catalogue) -> Gazetteer:
    """Read an outside gazetteer, such as one made of the ONS Index of Place Names.

    Args:
        path: CSV with the columns `NEEDED`; `lad25cd` may hold older codes.
        catalogue: Tells which codes there are.

    Raises:
        BadInput: The file cannot be read, lacks a column, or a row names no authority.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"The gazetteer {path.name} cannot be read as UTF-8 text.", what_next=str(error)) from error
    return _built(_csv_places(text, path.name, catalogue))


def _csv_places(text: str, name: str, catalogue: Catalogue) -> Iterator[tuple[str, Place]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="")
    lacking = [column for column in NEEDED if column not in (reader.fieldnames or ())]
    if lacking:
        raise BadInput(f"{name} has no column `{lacking[0]}`.", what_next=f"It needs {', '.join(NEEDED)}.")
    try:
        for row in reader:
            code = catalogue.old_codes.get(row["lad25cd"], row["lad25cd"])
            if code not in catalogue.regions or catalogue.regions[code].tier != "lad":
                raise BadInput(
                    f"{name} line {reader.line_num}: {row['lad25cd'][:40]!r} is no local authority.",
                    what_next="Use codes such as E08000038.",
                )
            yield from _row_places(row, code)
    except csv.Error as error:
        raise BadInput(f"{name} line {reader.line_num + 1} is no proper CSV: {error}.") from error


def _row_places(row: Mapping[str, str], code: str) -> Iterator[tuple[str, Place]]:
    kind = next((letter for word, letter in _KINDS.items() if row["kind"].startswith(word)), "P")
    lat, lon, population = (_number(row.get(column)) for column in ("lat", "lon", "population"))
    place = Place(lad=code, kinds=kind, lat=lat, lon=lon, population=int(population) if population > 0 else 0)
    names = [row["name"]]
    if kind == "L":  # other names of towns are mostly their names in other scripts
        names += [one for one in (row.get("alt_names") or "").split("|") if not one.casefold().endswith("council")]
        names = [part for one in names for part in (one, one.partition(",")[0])]
    for key in dict.fromkeys(fold(one) for one in names):
        if key:
            yield key, place


def place_names(region: Region) -> tuple[str, ...]:
    """Names by which a text may call the authority; codes and council titles are left out."""
    plain = (name.split(",")[0] for name in (region.name, *region.aliases))
    return tuple(sorted({name for name in plain if name[:1].isupper() and not name.endswith("Council")}))


def _number(cell: str | None) -> float:
    try:
        value = float(cell or "nan")
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def pack(text: str, catalogue: Catalogue) -> bytes:
    """Turn a gazetteer in CSV into the compact file that ships: one row for each name and authority."""
    lines = ["\t".join(PACKED)]
    rows = [*_csv_places(text, "gazetteer", catalogue)]
    population = {place.lad: place.population for _, place in rows if place.kinds == "L"}
    for region in catalogue.regions.values():  # Hull, for Kingston upon Hull, City of
        if region.tier == "lad":
            own = Place(lad=region.gss, kinds="L", lat=math.nan, lon=math.nan, population=population.get(region.gss, 0))
            rows += [(fold(name), own) for name in place_names(region)]
    for key, places in sorted(_merged(rows).items()):
        for one in sorted(places.values(), key=lambda place: place.lad):
            lat, lon = ("" if math.isnan(value) else f"{value:.3f}" for value in (one.lat, one.lon))
            lines.append("\t".join((key, one.lad, one.kinds, lat, lon, str(one.population or ""))))
    return gzip.compress(("\n".join(lines) + "\n").encode(), compresslevel=9, mtime=0)


def _unpacked(body: bytes) -> Iterator[tuple[str, Place]]:
    head, *lines = gzip.decompress(body).decode().splitlines()
    if head.split("\t") != list(PACKED):
        raise ValueError("the gazetteer's columns are not those this version reads")
    for line in lines:
        key, lad, kinds, lat, lon, people = line.split("\t")
        yield (
            key,
            Place(
                lad=lad,
                kinds=kinds,
                lat=float(lat) if lat else math.nan,
                lon=float(lon) if lon else math.nan,
                population=int(people) if people else 0,
            ),
        )


def _merged(rows: Iterable[tuple[str, Place]]) -> dict[str, dict[str, Place]]:
    """One place for each name and authority; of several the largest gives the point."""
    found: dict[str, dict[str, Place]] = {}
    for key, place in rows:
        _add(found.setdefault(key, {}), place)
    return found


def _add(inside: dict[str, Place], place: Place) -> None:
    known = inside.setdefault(place.lad, place)
    if known is place:
        return
    new_point = math.isnan(known.lat) or place.population > known.population
    point = place if new_point and not math.isnan(place.lat) else known
    inside[place.lad] = Place(
        lad=place.lad,
        kinds="".join(letter for letter in "LPNWMS" if letter in known.kinds + place.kinds),
        lat=point.lat,
        lon=point.lon,
        population=max(known.population, place.population),
    )


def _built(rows: Iterable[tuple[str, Place]]) -> Gazetteer:
    found = _merged(rows)
    centres = _centres(found)
    for key, place in landmarks():
        lat, lon = centres.get(place.lad, (math.nan, math.nan))
        _add(found.setdefault(key, {}), replace(place, lat=lat, lon=lon))
    for key in list(found):
        for short in _shorter(key):
            for place in found[key].values():
                if place.kinds[0] in "LP":
                    _add(found.setdefault(short, {}), replace(place, kinds=place.kinds + "S"))
    places = {key: tuple(_placed(one, centres) for one in inside.values()) for key, inside in found.items()}
    words = frozenset(key.partition(" ")[0] for key in places)
    return Gazetteer(places=places, centres=centres, first_words=words)


def _placed(place: Place, centres: Mapping[str, tuple[float, float]]) -> Place:
    if not math.isnan(place.lat):
        return place
    lat, lon = centres.get(place.lad, (54.0, -2.5))
    return replace(place, lat=lat, lon=lon)


def _shorter(key: str) -> Iterator[str]:
    """Shorter forms people use: Henley for Henley-on-Thames, Tunbridge Wells for Royal Tunbridge Wells."""
    if len(key) > 8 and " " in key:
        plain = _LEADING.sub("", key)
        for short in sorted({plain, _SHORT.sub("", plain)} - {key}):
            if len(short) > 2:
                yield short


def _centres(found: Mapping[str, Mapping[str, Place]]) -> dict[str, tuple[float, float]]:
    """The point of each authority's own row, else the mean of its places."""
    sums: dict[str, list[float]] = {}
    own: dict[str, tuple[float, float]] = {}
    for inside in found.values():
        for place in inside.values():
            if math.isnan(place.lat) or math.isnan(place.lon):
                continue
            if "L" in place.kinds:
                own[place.lad] = (place.lat, place.lon)
            total = sums.setdefault(place.lad, [0.0, 0.0, 0.0])
            total[0] += place.lat
            total[1] += place.lon
            total[2] += 1
    return {lad: (north / n, east / n) for lad, (north, east, n) in sums.items()} | own


def landmarks() -> Iterator[tuple[str, Place]]:
    """Grounds, palaces and other sights known by a name of their own (`landmarks.tsv`)."""
    for row in read_table("landmarks.tsv", columns=("names", "gss", "authority", "reason", "example")):
        place = Place(lad=row["gss"], kinds="M", lat=math.nan, lon=math.nan, population=_LANDMARK)
        for name in row["names"].split("|"):
            yield fold(name), place
