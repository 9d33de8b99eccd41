"""Which outlets and regions there are, as shipped, and what faulty files say."""

from __future__ import annotations

import builtins
import csv
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from corpora.catalogue import SHIPPED, Catalogue, load_catalogue, name_key
from corpora.errors import BadInput, UnknownRegion
from corpora.places import above, areas_of, place_names
from corpora.records import Outlet

NATIONS = {"England": 296, "Wales": 22, "Scotland": 32, "Northern Ireland": 11}
"""Local authorities by nation, April 2025 (ONS)."""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


# As shipped


def test_every_local_authority_has_a_region_and_a_nation(catalogue: Catalogue) -> None:
    tiers = Counter(one.tier for one in catalogue.regions.values())
    assert (tiers["lad"], tiers["itl1"], tiers["nation"]) == (361, 12, 4)
    nations: Counter[str] = Counter()
    for one in catalogue.regions.values():
        if one.tier == "lad":
            itl1 = catalogue.regions[one.parent]
            assert itl1.tier == "itl1"
            nation = catalogue.regions[itl1.parent]
            assert (nation.tier, nation.parent) == ("nation", "")
            assert nation.gss[0] == one.gss[0]
            nations[nation.name] += 1
    assert nations == NATIONS


def test_every_outlet_is_complete(catalogue: Catalogue) -> None:
    rows = list(csv.DictReader((SHIPPED / "sources.csv").read_text(encoding="utf-8").splitlines()))
    feeds = [feed for outlet in catalogue.outlets.values() for feed in outlet.feeds]
    assert len(feeds) == len(rows) == 402
    assert len({feed.url for feed in feeds}) == len(feeds)
    assert all(feed.outlet == slug for slug, outlet in catalogue.outlets.items() for feed in outlet.feeds)
    assert all(outlet.title and outlet.owner for outlet in catalogue.outlets.values())
    assert all(feed.evidence for feed in feeds)


def test_every_authority_is_covered_by_an_outlet(catalogue: Catalogue) -> None:
    covered = {gss for outlet in catalogue.outlets.values() for gss in outlet.areas}
    assert covered == {one.gss for one in catalogue.regions.values() if one.tier == "lad"}
    for one in catalogue.regions.values():
        assert catalogue.outlets_for(one), one


def test_authorities_of_a_region_and_its_parts_agree(catalogue: Catalogue) -> None:
    by_nation = {name: len(catalogue.authorities(_of(catalogue, name, "nation"))) for name in NATIONS}
    assert by_nation == NATIONS
    regions = [one for one in catalogue.regions.values() if one.tier == "itl1"]
    together = [gss for one in regions for gss in catalogue.authorities(one)]
    assert len(together) == len(set(together)) == 361
    assert all(catalogue.authorities(one) == (one.gss,) for one in catalogue.regions.values() if one.tier == "lad")


def _of(catalogue: Catalogue, name: str, tier: str) -> Any:
    return next(one for one in catalogue.regions.values() if one.name == name and one.tier == tier)


def test_no_name_means_two_authorities(catalogue: Catalogue) -> None:
    owners: dict[str, set[str]] = {}
    for one in catalogue.regions.values():
        for name in (one.name, *one.aliases):
            assert name.isprintable()
            assert not set(name) & set("\ufffd\u00ef\u00bf"), name
            if one.tier == "lad":
                owners.setdefault(name_key(name), set()).add(one.name)
    assert {name: who for name, who in owners.items() if len(who) > 1} == {}


# Looking up


def test_each_region_is_found_by_its_code_and_its_name(catalogue: Catalogue) -> None:
    for one in catalogue.regions.values():
        assert catalogue.region(one.gss) is one
        assert catalogue.region(f"  {one.gss.lower()} ") is one
        assert name_key(catalogue.region(one.name).name) == name_key(one.name)


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("E08000035", "Leeds"),
        ("leeds", "Leeds"),
        ("Leeds City Council", "Leeds"),
        ("City of Bristol", "Bristol, City of"),
        ("London Borough of Barking & Dagenham", "Barking and Dagenham"),
        ("ynys mon", "Isle of Anglesey"),
        ("Hull", "Kingston upon Hull, City of"),
        ("E08000016", "Barnsley"),
        ("E08000019", "Sheffield"),
        ("E07000163", "North Yorkshire"),
        ("S12000046", "Glasgow City"),
        ("Wales", "Wales"),
    ],
)
def test_names_people_type(catalogue: Catalogue, wanted: str, name: str) -> None:
    assert catalogue.region(wanted).name == name


def test_old_codes_lead_to_regions_of_today(catalogue: Catalogue) -> None:
    assert len(catalogue.old_codes) >= 54
    assert not catalogue.old_codes.keys() & catalogue.regions.keys()
    assert {catalogue.regions[new].tier for new in catalogue.old_codes.values()} == {"lad"}


@pytest.mark.parametrize(
    ("wanted", "offer"),
    [("Ledes", "Leeds"), ("Brimingham", "Birmingham"), ("Bradfrod", "Bradford")],
)
def test_an_unknown_name_is_answered_with_near_ones(catalogue: Catalogue, wanted: str, offer: str) -> None:
    with pytest.raises(UnknownRegion) as caught:
        catalogue.region(wanted)
    assert repr(wanted) in caught.value.message
    assert offer in caught.value.what_next
    assert "outlets list" in caught.value.what_next


@pytest.mark.parametrize("wanted", ["", "   ", "the", "E99999999", "?", "x" * 5000, "京都", "'; DROP TABLE feed; --"])
def test_nonsense_is_answered_shortly(catalogue: Catalogue, wanted: str) -> None:
    with pytest.raises(UnknownRegion) as caught:
        catalogue.region(wanted)
    assert len(str(caught.value)) < 400


def test_feeds_are_found_by_address(catalogue: Catalogue) -> None:
    one = next(iter(catalogue.outlets.values())).feeds[0]
    assert catalogue.feed(one.url) is one
    with pytest.raises(BadInput, match="has the feed"):
        catalogue.feed("https://unknown.test/rss")


# Faulty files

REGIONS = "gss,name,tier,parent,county,aliases\nZ92000001,Orrenland,nation,,,\nTLZ,Orr Valley,itl1,Z92000001,,\nZ07000001,Kelderby,lad,TLZ,,\n"  # noqa: E501
SOURCES = "slug,outlet,owner,homepage,feed_url,areas,certainty,evidence\nkelderby-courier,Courier,Orr,https://k.test,https://k.test/rss,Z07000001,A,invented\n"


def write(folder: Path, *, regions: str = REGIONS, sources: str = SOURCES, codes: str = "") -> Path:
    (folder / "regions.csv").write_text(regions, encoding="utf-8")
    (folder / "sources.csv").write_text(sources, encoding="utf-8")
    if codes:
        (folder / "region_codes.csv").write_text(codes, encoding="utf-8")
    return folder


def row(**cells: str) -> str:
    usual = {"slug": "echo", "outlet": "Echo", "owner": "Orr", "homepage": "https://e.test"}
    usual |= {"feed_url": "https://e.test/rss", "areas": "Z07000001", "certainty": "B", "evidence": "invented"}
    return SOURCES + ",".join(f'"{cell}"' for cell in (usual | cells).values()) + "\n"


def test_a_small_catalogue_loads(tmp_path: Path) -> None:
    found = load_catalogue(write(tmp_path, sources=row()))
    assert list(found.outlets) == ["kelderby-courier", "echo"]
    assert found.old_codes == {}


def test_two_rows_of_one_outlet_are_one_outlet_with_two_feeds(tmp_path: Path) -> None:
    found = load_catalogue(write(tmp_path, sources=row(slug="kelderby-courier")))
    assert [one.url for one in found.outlets["kelderby-courier"].feeds] == ["https://k.test/rss", "https://e.test/rss"]


def test_a_byte_order_mark_and_windows_line_ends_are_no_matter(tmp_path: Path) -> None:
    write(tmp_path)
    for name in ("regions.csv", "sources.csv"):
        path = tmp_path / name
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert len(load_catalogue(tmp_path).outlets) == 1


@pytest.mark.parametrize(
    "url",
    [
        "/etc/passwd",
        "file:///etc/passwd",
        "../x.xml",
        "",
        "http://",
        "ftp://x.test/",
        "javascript:alert(1)",
        "http://good@127.0.0.2/",
    ]
    + [f"https://x.test/{'a' * length}" for length in (100_000, 3_000_000)],
    ids=lambda url: url[:20] + str(len(url)),
)
def test_an_address_that_is_none_is_named_with_its_line_and_not_opened(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, sources=row(feed_url=url))
    opened: list[str] = []
    usual = builtins.open

    def watched(file: Any, *args: Any, **options: Any) -> Any:
        opened.append(str(file))
        return usual(file, *args, **options)

    monkeypatch.setattr(builtins, "open", watched)
    with pytest.raises(BadInput, match=r"sources\.csv line 3") as caught:
        load_catalogue(tmp_path)
    assert len(str(caught.value)) < 500
    assert not [name for name in opened if "passwd" in name or name.endswith("x.xml")]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"slug": "../../x"}, "line 3: the slug"),
        ({"slug": "CON/a"}, "line 3: the slug"),
        ({"slug": "x" * 300}, "line 3: the slug"),
        ({"slug": ""}, "line 3: the slug"),
        ({"areas": "Z07000009"}, "line 3: no region has the code 'Z07000009'"),
        ({"areas": ""}, "line 3: the outlet covers no area"),
        ({"certainty": "sure"}, "line 3: the certainty"),
        ({"evidence": 'a","b'}, "line 3 has more cells"),
    ],
)
def test_faulty_outlets_are_named_with_their_line(cells: dict[str, str], message: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=message):
        load_catalogue(write(tmp_path, sources=row(**cells)))


def test_a_short_row_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="line 3"):
        load_catalogue(write(tmp_path, sources=SOURCES + "echo\n"))


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    sources = row(evidence="over\ntwo lines") + "bad slug,a,b,c,https://x.test/,Z07000001,A,x\n"
    with pytest.raises(BadInput, match="line 5"):
        load_catalogue(write(tmp_path, sources=sources))


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("Z0700,Short,lad,TLZ,,\n", r"regions\.csv line 5: not a region code"),
        ("Z07000002,Wexmoor,village,TLZ,,\n", r"regions\.csv line 5: the tier 'village'"),
        ("Z07000002,Wexmoor,lad,TLX,,\n", r"regions\.csv line 5: no region has the code 'TLX'"),
        ("Z07000002,Wexmoor,lad,TLZ,Z10000009,\n", r"regions\.csv line 5: no region has the code 'Z10000009'"),
    ],
)
def test_faulty_regions_are_named_with_their_line(extra: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=message):
        load_catalogue(write(tmp_path, regions=REGIONS + extra))


def test_old_codes_must_lead_somewhere(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"region_codes\.csv line 2"):
        load_catalogue(write(tmp_path, codes="old_code,old_name,gss\nZ07000007,Oldham,Z07000099\n"))


def test_missing_files_columns_and_encodings_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"regions\.csv cannot be read"):
        load_catalogue(tmp_path)
    with pytest.raises(BadInput, match=r"sources\.csv lacks the column\(s\) areas"):
        load_catalogue(write(tmp_path, sources=SOURCES.replace("areas", "places")))
    write(tmp_path)
    (tmp_path / "sources.csv").write_bytes(SOURCES.encode("utf-16"))
    with pytest.raises(BadInput, match="cannot be read"):
        load_catalogue(tmp_path)


def test_the_shipped_files_load_from_any_folder(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "copy")
    assert load_catalogue(tmp_path / "copy") == load_catalogue()


# Places


def test_a_narrow_title_speaks_for_its_area_and_a_wide_one_only_for_what_it_names(catalogue: Catalogue) -> None:
    narrow = next(one for one in catalogue.outlets.values() if len(one.areas) == 1)
    assert areas_of("x", "y", narrow, catalogue) == [(narrow.areas[0], "outlet_area")]
    kent = catalogue.outlets["bbc-local-kent"]
    placed = areas_of("Fire in Ashford", "Crews from Maidstone came.", kent, catalogue)
    named = {catalogue.regions[gss].name for gss, method in placed if method == "named"}
    assert named == {"Ashford", "Maidstone"}
    assert {catalogue.regions[gss].tier for gss, method in placed if method == "above"} == {"county", "itl1", "nation"}
    unnamed = areas_of("A quiet day", "Nothing happened.", kent, catalogue)
    assert {method for _, method in unnamed} == {"above"}


@pytest.mark.parametrize("text", ["Ashfordshire", "ASHFORD", "ashford", "Bashford", "Ashford2"])
def test_place_names_are_whole_words_in_their_own_case(catalogue: Catalogue, text: str) -> None:
    kent = catalogue.outlets["bbc-local-kent"]
    assert not [gss for gss, method in areas_of(text, "", kent, catalogue) if method == "named"]


def test_names_with_signs_are_found_literally(catalogue: Catalogue) -> None:
    assert "Bristol" in place_names(catalogue.region("Bristol"))
    odd = Outlet(slug="x", title="x", owner="x", homepage="", feeds=(), areas=tuple(catalogue.old_codes.values())[:5])
    assert areas_of("(a+)+$" * 200, "[", odd, catalogue) == [(gss, "above") for gss in above(odd, catalogue)]
