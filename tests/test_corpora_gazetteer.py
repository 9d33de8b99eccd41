"""The gazetteer: what ships is what the source says, every authority is in it, and an outside one may replace it."""

from __future__ import annotations

import csv
import gzip
import json
import math
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.catalogue import Catalogue, load_catalogue
from corpora.errors import BadInput
from corpora.geo.gazetteer import FILE, distance, fold, landmarks, load_gazetteer, pack, shipped
from corpora.geo.words import abroad, words


@pytest.fixture(scope="module")
def regions() -> Catalogue:
    return load_catalogue()


def lads(regions: Catalogue) -> set[str]:
    return {one.gss for one in regions.regions.values() if one.tier == "lad"}


def test_it_is_small_and_reaches_every_authority(regions: Catalogue) -> None:
    assert FILE.stat().st_size < 1_200_000
    gazetteer = shipped()
    assert set(gazetteer.centres) == lads(regions)
    assert {place.lad for places in gazetteer.places.values() for place in places} == lads(regions)
    for places in gazetteer.places.values():
        assert places
        assert len({place.lad for place in places}) == len(places)
        assert all(49 < place.lat < 61.5 and -9 < place.lon < 2.5 for place in places)


def test_every_authority_is_found_by_its_names(regions: Catalogue) -> None:
    for one in regions.regions.values():
        if one.tier == "lad":
            found = shipped().find(one.name.partition(",")[0])
            assert one.gss in {place.lad for place in found}, one.name


@pytest.mark.parametrize(
    ("name", "authority"),
    [
        ("Hull", "Hull"),
        ("Henley", "South Oxfordshire"),
        ("SAINT HELENS", "St. Helens"),
        ("St. Helens", "St. Helens"),
        ("the Isle of Wight", "Isle of Wight"),
        ("Newcastle", "Newcastle upon Tyne"),
        ("Newcastle", "Newcastle-under-Lyme"),
        ("Royal Tunbridge Wells", "Tunbridge Wells"),
        ("Balmoral", "Aberdeenshire"),
        ("St James’ Park", "Exeter"),
        ("St James' Park", "Newcastle upon Tyne"),
    ],
)
def test_names_are_found_as_people_write_them(regions: Catalogue, name: str, authority: str) -> None:
    assert regions.region(authority).gss in {place.lad for place in shipped().find(name)}


def test_landmarks_lie_where_the_table_says(regions: Catalogue) -> None:
    rows = (FILE.parent / "landmarks.tsv").read_text(encoding="utf-8").splitlines()[1:]
    for row in rows:
        _, gss, authority, *_ = row.split("\t")
        assert regions.regions[gss].name == authority
    assert len(list(landmarks())) > 500


def test_words_of_one_kind_do_not_contradict_another() -> None:
    assert not words("wide") & words("generic")
    assert not abroad("country") & words("wide")
    own = {fold(one.name) for one in load_catalogue().regions.values() if one.tier == "lad"}
    assert not own & words("wide")
    assert not own & (abroad("country") | abroad("region") | abroad("city"))


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold(fold(name)) == fold(name)


def test_distances_are_those_of_the_map() -> None:
    leeds, exeter = (53.80, -1.55), (50.72, -3.53)
    assert distance(leeds, leeds) == 0
    assert 364 < distance(leeds, exeter) < 372


# An outside gazetteer


def outside(folder: Path, text: str) -> Path:
    path = folder / "own.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_outside_gazetteer_needs_three_columns_and_takes_older_codes(tmp_path: Path, regions: Catalogue) -> None:
    made = load_gazetteer(outside(tmp_path, "name,kind,lad25cd\nKelderby,populated place,E08000016\n"), regions)
    (place,) = made.find("kelderby")
    assert (place.lad, place.kinds) == ("E08000038", "P")
    assert not math.isnan(place.lat)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,kind\nx,ward\n", "lad25cd"),
        ("name,kind,lad25cd\nx,ward,Z99\n", "line 2"),
        ("name,kind,lad25cd\nx,ward,E92000001\n", "no local authority"),
        ("", "no column"),
    ],
)
def test_a_bad_outside_gazetteer_is_told(tmp_path: Path, regions: Catalogue, text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        load_gazetteer(outside(tmp_path, text), regions)
    with pytest.raises(BadInput, match="cannot be read"):
        load_gazetteer(tmp_path / "missing.csv", regions)
    (tmp_path / "latin.csv").write_bytes(b"name\xff\n")
    with pytest.raises(BadInput, match="UTF-8"):
        load_gazetteer(tmp_path / "latin.csv", regions)


# The sources


def test_the_shipped_file_is_the_source_made_small(shared: Path, regions: Catalogue) -> None:
    text = (shared / "geography" / "gazetteer_uk.csv").read_text(encoding="utf-8")
    assert gzip.decompress(FILE.read_bytes()) == gzip.decompress(pack(text, regions))
    assert zlib.decompressobj(31).decompress(FILE.read_bytes()[:400]).startswith(b"key\tlad\t")


def test_the_source_itself_loads_as_an_outside_gazetteer(shared: Path, regions: Catalogue) -> None:
    whole = load_gazetteer(shared / "geography" / "gazetteer_uk.csv", regions)
    assert set(whole.centres) == lads(regions)
    # What ships adds other names of authorities from the catalogue.
    assert set(whole.places) <= set(shipped().places)


def test_boundaries_hexes_census_and_code_history_join_on_all_361(shared: Path, regions: Catalogue) -> None:
    folder = shared / "geography"
    ours = lads(regions)
    assert len(ours) == 361

    def column(name: str, of: str) -> list[str]:
        with (folder / name).open(encoding="utf-8-sig", newline="") as stream:
            return [row[of] for row in csv.DictReader(stream)]

    assert sorted(column("lad_2025.csv", "lad25cd")) == sorted(ours)
    assert sorted(column("census_lad_groups.csv", "lad25cd")) == sorted(ours)
    assert set(column("gazetteer_uk.csv", "lad25cd")) == ours
    hexes = json.loads((folder / "lad_2025.hexjson").read_text(encoding="utf-8"))["hexes"]
    assert set(hexes) == ours
    shapes = json.loads((folder / "lad_2024_boundaries.geojson").read_text(encoding="utf-8"))["features"]
    codes = [value for one in shapes for key, value in one["properties"].items() if key == "lad25cd"]
    assert sorted(codes) == sorted(ours)
    old = dict(
        zip(column("lad_code_history.csv", "lad_cd_any_year"), column("lad_code_history.csv", "lad25cd"), strict=True)
    )
    assert set(old.values()) == ours
    assert all(regions.region(code).gss == new for code, new in old.items())
