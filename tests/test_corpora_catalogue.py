"""Which outlets, titles and regions there are, as shipped, and what faulty files say."""

from __future__ import annotations

import builtins
import csv
import shutil
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpora.catalogue import SHIPPED, Catalogue, load_catalogue, name_key
from corpora.catalogue_add import COLUMNS, Draft, add_outlet, slug_of
from corpora.catalogue_check import Fault, check_catalogue
from corpora.errors import BadInput, UnknownRegion, UserError
from corpora.places import above, areas_of, place_names
from corpora.records import Outlet
from corpora.titles import Title, all_titles, known_titles, load_owners, load_titles

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


# Outlets of one's own


def test_a_folder_with_outlets_alone_adds_them_to_the_shipped_ones(tmp_path: Path, catalogue: Catalogue) -> None:
    taken = next(iter(catalogue.outlets.values()))
    rows = [
        {"slug": "orren-echo", "feed_url": "https://orren-echo.test/rss", "areas": "E08000035|E08000019"},
        {"slug": taken.slug, "outlet": "Mine", "feed_url": "https://mine.test/rss", "areas": "E08000035"},
        {"slug": "caught-up", "feed_url": catalogue.outlets["bbc-local-kent"].feeds[0].url, "areas": "E08000035"},
    ]
    usual = {"outlet": "Echo", "owner": "Orr", "homepage": "https://e.test", "certainty": "B", "evidence": "invented"}
    with (tmp_path / "sources.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, SOURCES.splitlines()[0].split(","))
        writer.writeheader()
        writer.writerows(usual | row for row in rows)
    found = load_catalogue(tmp_path)
    assert len(found.outlets) == len(catalogue.outlets) + 1
    assert found.outlets["orren-echo"].areas == ("E08000035", "E08000039"), "old codes lead to those of today"
    assert found.outlets[taken.slug].title == "Mine"
    assert "caught-up" not in found.outlets, "no feed is read twice"
    assert found.regions == catalogue.regions


# Titles


def test_all_feeds_and_titles_that_were_gathered_are_carried(shared: Path) -> None:
    gathered = list(csv.DictReader((shared / "sources_uk.csv").read_text(encoding="utf-8-sig").splitlines()))
    carried = list(csv.DictReader((SHIPPED / "sources.csv").read_text(encoding="utf-8").splitlines()))
    assert [
        (row["outlet"], row["publisher"], row["feed_url"], row["lad25cds"], row["certainty"]) for row in gathered
    ] == [(row["outlet"], row["owner"], row["feed_url"], row["areas"], row["certainty"]) for row in carried]
    names = list(csv.DictReader((shared / "outlets_uk.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert Counter(" ".join(row["publication"].split()) for row in names) == Counter(one.title for one in load_titles())


def test_titles_as_shipped_are_complete_and_joined_to_outlets_that_are_there(catalogue: Catalogue) -> None:
    titles, owners = load_titles(), load_owners()
    assert len(titles) == len({one.id for one in titles}) == 1149
    lads = {one.gss for one in catalogue.regions.values() if one.tier == "lad"}
    assert {gss for one in titles for gss in one.areas} <= lads
    assert [one.title for one in titles if not one.areas] == [
        "Isle of Man Courier",
        "Isle of Man Examiner",
        "Isle of Man Today",
    ]
    assert {one.owner for one in titles} <= owners.keys()
    joined = [one for one in titles if one.outlet]
    assert len(joined) == 391
    assert {one.outlet for one in joined} <= catalogue.outlets.keys()
    assert Counter(one.joined_by for one in joined) == {"host": 216, "title and host": 151, "title": 24}
    assert sum("ambiguous" in one.note for one in titles) == 6
    assert {owner.regulator for owner in owners.values()} == {"", "IPSO", "Impress"}
    feeds = {feed.url for outlet in catalogue.outlets.values() for feed in outlet.feeds}
    assert not feeds & {one.candidate_feed for one in titles}


def test_a_region_says_how_many_titles_are_known_and_how_many_can_be_read(catalogue: Catalogue) -> None:
    titles = load_titles()
    leeds = known_titles(catalogue.region("Leeds"), catalogue, titles)
    assert {one.title for one in leeds.titles} >= {"South Leeds Life", "Yorkshire Evening Post"}
    assert {one.title for one in leeds.with_feed} < {one.title for one in leeds.titles}
    assert leeds.sentence == (
        f"{len(leeds.titles)} titles are known in Leeds; {len(leeds.with_feed)} of them have a feed we can read."
    )
    silent = known_titles(catalogue.region("Leeds"), catalogue, titles, readable=frozenset())
    assert silent.sentence == f"{len(leeds.titles)} titles are known in Leeds; none of them have a feed we can read."
    one = known_titles(catalogue.region("Leeds"), catalogue, titles, readable=frozenset({"yorkshire-evening-post"}))
    assert one.feeds == 1


def test_every_outlet_of_a_region_stands_behind_a_title_or_is_one(catalogue: Catalogue) -> None:
    titles = all_titles(catalogue, load_titles())
    assert len({one.id for one in titles}) >= len(titles) - 5
    homes = {catalogue.outlets[one.outlet].homepage for one in titles if one.outlet}
    assert {one.homepage for one in catalogue.outlets.values()} == homes
    assert not [one for one in titles if one.title.startswith("MEN: ")], "a place feed is no title of its own"


def test_without_a_list_of_titles_the_outlets_are_the_titles(tmp_path: Path) -> None:
    found = load_catalogue(write(tmp_path, sources=row()))
    known = known_titles(found.region("Kelderby"), found, load_titles(tmp_path))
    assert [one.title for one in known.titles] == ["Courier", "Echo"]
    assert load_owners(tmp_path) == {}
    alone = known_titles(found.region("Kelderby"), found, (), readable=frozenset({"echo"}))
    assert alone.sentence == "2 titles are known in Kelderby; one of them has a feed we can read."


def test_a_title_whose_outlet_is_gone_is_known_without_a_feed(tmp_path: Path) -> None:
    found = load_catalogue(write(tmp_path))
    lost = Title(
        id="lost", title="Lost", owner="Orr", medium="", frequency="", homepage="", areas=("Z07000001",),
        areas_from="code", outlet="not-there", joined_by="host",
    )  # fmt: skip
    known = known_titles(found.region("Kelderby"), found, (lost,))
    assert ([one.title for one in known.titles], [one.title for one in known.with_feed]) == (
        ["Courier", "Lost"],
        ["Courier"],
    )


# Checking

TODAY = date(2026, 11, 25)


def said(folder: Path) -> list[str]:
    return [str(fault) for fault in check_catalogue(folder, today=TODAY)]


def test_the_shipped_files_have_no_fault() -> None:
    assert check_catalogue(SHIPPED, today=datetime.now(UTC).date()) == []


def test_the_demonstrations_files_have_no_fault() -> None:
    assert said(SHIPPED.parent / "demo" / "catalogue") == []


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"slug": "../../x"}, "the slug '../../x' will not do"),
        ({"slug": "kelderby-courier"}, "stands for another title, owner or homepage above"),
        ({"outlet": ""}, "the outlet has no title"),
        ({"feed_url": "https://k.test/rss"}, "is there already, of 'kelderby-courier'"),
        ({"feed_url": "http://www.k.test/rss/"}, "is there already, of 'kelderby-courier'"),
        ({"homepage": "https://k.test/"}, "is that of 'kelderby-courier' too"),
        ({"feed_url": "ftp://e.test/rss"}, "`feed_url` is no web address"),
        ({"homepage": "e.test"}, "`homepage` is no web address"),
        ({"feed_url": "https://e.test/a b"}, "holds a blank"),
        ({"feed_url": "https://other.test/rss"}, "the feed is on 'other.test', the homepage on 'e.test'"),
        ({"areas": ""}, "it covers no area"),
        ({"areas": "Z07000009"}, "no region has the code 'Z07000009'"),
        ({"areas": "TLZ"}, "'TLZ' is no local authority"),
        ({"areas": "Z07000007"}, "'Z07000007' is an old code"),
        ({"areas": "Z07000001|Z07000001"}, "an area stands twice"),
        ({"certainty": "sure"}, "the certainty 'sure' is not known"),
        ({"certainty": "A"}, "certainty A without a date"),
        ({"evidence": ""}, "nothing says why"),
        ({"outlet": "=cmd()"}, "looks like a spreadsheet's formula"),
        ({"outlet": "Echo\u202e"}, "control or invisible character"),
        ({"outlet": " Echo"}, "begins or ends with a blank"),
        ({"evidence": "x" * 6000}, "is 6,000 characters long"),
        ({"evidence": 'a","b'}, "has 9 cells where the file has 8 columns"),
        ({"evidence": "x" * 200_000}, "is no proper CSV"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_each_fault_is_named_with_its_line_and_what_to_do(cells: dict[str, str], message: str, tmp_path: Path) -> None:
    csv.field_size_limit(131_072)  # Python's own; commands for archives raise it for the whole process
    codes = "old_code,old_name,gss\nZ07000007,Oldby,Z07000001\n"
    sources = row(**cells).replace(",A,invented", ",B,invented")
    faults = check_catalogue(write(tmp_path, sources=sources, codes=codes), today=TODAY)
    fits = [fault for fault in faults if message in fault.what]
    assert fits, [str(fault) for fault in faults]
    assert str(fits[0]).startswith("sources.csv line 3: ")
    assert fits[0].what_next
    assert len(fits[0].what) < 400


def dated(folder: Path, **cells: str) -> Path:
    usual = dict.fromkeys(COLUMNS, "") | {
        "slug": "echo", "outlet": "Echo", "owner": "Orr", "homepage": "https://e.test",
        "feed_url": "https://e.test/rss", "areas": "Z07000001", "certainty": "B", "evidence": "invented",
    }  # fmt: skip
    with (folder / "sources.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerow(usual | cells)
    (folder / "regions.csv").write_text(REGIONS, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"last_check": "2026-11-26"}, "`last_check` is 2026-11-26, which cannot be"),
        ({"last_check": "1970-01-01"}, "`last_check` is 1970-01-01, which cannot be"),
        ({"last_check": "yesterday"}, "`last_check` is 'yesterday'"),
        ({"last_check": "2026-02-30"}, "`last_check` is '2026-02-30'"),
        ({"last_evidence": "2027"}, "`last_evidence` is '2027'"),
        ({"last_evidence": "long ago"}, "`last_evidence` is 'long ago'"),
        ({"feed_host": "other.test"}, "the feed is on 'e.test', not on 'other.test'"),
        ({"edition_of": "nobody"}, "`edition_of` names 'nobody'"),
    ],
)
def test_dates_and_declared_hosts_are_checked(cells: dict[str, str], message: str, tmp_path: Path) -> None:
    assert [one for one in said(dated(tmp_path, **cells)) if message in one]


@pytest.mark.parametrize(
    "cells",
    [
        {"last_check": "2026-11-25"},
        {"last_evidence": "2024-26"},
        {"last_evidence": "2026-10-02", "certainty": "A"},
        {"feed_url": "https://feeds.other.test/rss", "feed_host": "feeds.other.test"},
        {"feed_url": "https://feeds.e.test/rss"},
    ],
)
def test_sound_rows_are_left_alone(cells: dict[str, str], tmp_path: Path) -> None:
    assert said(dated(tmp_path, **cells)) == []


def test_an_authority_without_a_feed_is_named(tmp_path: Path) -> None:
    regions = REGIONS + "Z07000002,Wexmoor,lad,TLZ,,\n"
    assert "sources.csv: no feed covers 'Wexmoor'." in said(write(tmp_path, regions=regions))


def test_owners_are_checked_where_there_is_a_list_of_them(tmp_path: Path) -> None:
    head = "owner,aliases,kind,regulator,regulator_evidence,terms\n"
    write(tmp_path, sources=row(owner="Somebody"))
    (tmp_path / "owners.csv").write_text(
        head + "Orr,Orr Ltd|Orr,legacy,IPSO,,\nNew,,strange,Ofcom,,\n", encoding="utf-8"
    )
    found = "\n".join(said(tmp_path))
    for message in (
        "the owner 'Orr' was there already",
        "a regulator without evidence",
        "the kind 'strange'",
        "the regulator 'Ofcom'",
        "sources.csv line 3: the owner 'Somebody' is not in owners.csv",
    ):
        assert message in found


def test_titles_are_checked(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "titles.csv").write_text(
        "id,title,owner,medium,frequency,homepage,areas,areas_from,outlet,joined_by,candidate_feed,note\n"
        "a,A,Orr,print,,https://a.test,Z07000001,code,kelderby-courier,host,,\n"
        "a,,Orr,tablet,,a.test,,guess,nobody,,javascript:x,\n",
        encoding="utf-8",
    )
    found = [one for one in said(tmp_path) if one.startswith("titles.csv")]
    assert all(one.startswith("titles.csv line 3: ") for one in found)
    for message in ("'a' was there already", "without a name", "`medium`", "`homepage`", "`areas_from`", "'nobody'"):
        assert [one for one in found if message in one], message
    assert [one for one in found if "`candidate_feed`" in one]
    assert [one for one in found if "go together" in one]
    assert [one for one in found if "covers no area" in one]


def test_what_is_no_file_no_text_or_no_table_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    assert "regions.csv: cannot be read" in said(tmp_path)[0]
    write(tmp_path)
    (tmp_path / "sources.csv").write_bytes(SOURCES.encode() + b"caf\xe9,x\n")
    assert said(tmp_path)[0] == "sources.csv line 3: is not UTF-8 here."
    (tmp_path / "sources.csv").write_text("slug,outlet\n", encoding="utf-8")
    assert said(tmp_path)[0].startswith("sources.csv line 1: lacks the column(s) owner")
    (tmp_path / "sources.csv").write_text("", encoding="utf-8")
    assert "lacks the column(s)" in said(tmp_path)[0]


CELLS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["=1+1", "@SUM(A1)", "+44", "-1", "\x00", "\ufffe", "\u202eabc", "\r\n", '"', "\ud7ff", "＝1"]),
    st.sampled_from(["http://[", "http://x.test:99999/", "https://e.test/%zz", "//e.test", "http://e.test\\@k.test/"]),
    st.integers(min_value=100, max_value=150_000).map(lambda size: "x" * size),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, CELLS)), min_size=1, max_size=3))
@example([dict.fromkeys(COLUMNS, "x" * 140_000)])
@example([dict.fromkeys(COLUMNS, "=HYPERLINK(A1)\x00")])
def test_no_cell_whatever_is_in_it_breaks_the_check(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]
) -> None:
    folder = tmp_path_factory.getbasetemp() / "hostile-cells"
    folder.mkdir(exist_ok=True)
    write(folder)
    with (folder / "sources.csv").open("w", encoding="utf-8", newline="", errors="replace") as file:
        writer = csv.DictWriter(file, COLUMNS, quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
    faults = check_catalogue(folder, today=TODAY)
    assert faults
    for fault in faults:
        assert isinstance(fault, Fault)
        assert fault.what_next
        assert len(str(fault)) < 2_500
        assert str(fault).isprintable(), fault


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_whatever_they_are_break_the_check(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    folder = tmp_path_factory.getbasetemp() / "hostile-bytes"
    folder.mkdir(exist_ok=True)
    for name in ("regions.csv", "sources.csv", "region_codes.csv", "owners.csv", "titles.csv"):
        (folder / name).write_bytes(raw)
    assert all(str(fault).isprintable() for fault in check_catalogue(folder, today=TODAY))
    header = (SHIPPED / "titles.csv").read_bytes().splitlines()[0]
    (folder / "titles.csv").write_bytes(header + b"\n" + raw)
    check_catalogue(folder, today=TODAY)


# Adding


def draft(**more: Any) -> Draft:
    usual: dict[str, Any] = {
        "title": "Wexmoor & Orren Echo", "owner": "Orren Media", "homepage": "https://orren-echo.test/",
        "feed": "https://orren-echo.test/feed/", "areas": ("kelderby",), "certainty": "A",
        "evidence": "seen in a browser", "seen": TODAY,
    }  # fmt: skip
    return Draft(**(usual | more))


def test_an_outlet_is_added_at_the_end_and_nothing_else_changes(tmp_path: Path) -> None:
    before = load_catalogue(dated(tmp_path, note='a "note", with a comma'))
    old = (tmp_path / "sources.csv").read_bytes()
    slug = add_outlet(draft(), tmp_path, before, today=TODAY)
    raw = (tmp_path / "sources.csv").read_bytes()
    assert raw.startswith(old)
    assert (slug, raw.count(b"\n")) == ("wexmoor-and-orren-echo", old.count(b"\n") + 1)
    after = load_catalogue(tmp_path)
    assert after.outlets[slug].areas == ("Z07000001",)
    assert after.outlets[slug].feeds[0].certainty == "A"
    assert {name: one for name, one in after.outlets.items() if name != slug} == before.outlets


def test_a_file_of_fewer_columns_gets_those_the_new_row_needs(tmp_path: Path) -> None:
    before = load_catalogue(write(tmp_path, sources=row()))
    more = {"feed": "https://feeds.test/rss", "feed_host": "feeds.test"}
    slug = add_outlet(draft(**more), tmp_path, before, today=TODAY)
    head, first, _, last = (tmp_path / "sources.csv").read_text(encoding="utf-8").splitlines()
    assert head == SOURCES.splitlines()[0] + ",last_evidence,feed_host,last_check"
    assert first == SOURCES.splitlines()[1] + ",,,"
    assert last.endswith(",2026-11-25,feeds.test,2026-11-25")
    assert load_catalogue(tmp_path).outlets.keys() == {*before.outlets, slug}


def test_a_county_stands_for_its_authorities_and_an_unknown_owner_is_written_down(tmp_path: Path) -> None:
    shipped = load_catalogue()
    slug = add_outlet(draft(areas=("Kent", "Leeds")), tmp_path / "own", shipped, today=TODAY)
    found = load_catalogue(tmp_path / "own")
    assert set(found.outlets[slug].areas) == {*shipped.authorities(shipped.region("Kent")), "E08000035"}
    assert load_owners(tmp_path / "own")["Orren Media"].kind == "unknown"
    assert said(tmp_path / "own") == []
    assert len(found.outlets) == len(shipped.outlets) + 1


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"title": "Courier", "homepage": "https://k.test"}, "not added: the homepage"),
        ({"title": "Kelderby Courier"}, "in the catalogue already, as kelderby-courier"),
        ({"title": "???"}, "letters or digits"),
        ({"title": "=Echo"}, "looks like a spreadsheet's formula"),
        ({"feed": "https://k.test/rss", "homepage": "https://x.k.test"}, "is there already"),
        ({"feed": "file:///etc/passwd"}, "`feed_url` is no web address"),
        ({"homepage": ""}, "`homepage` is no web address"),
        ({"areas": ()}, "covers no area"),
        ({"areas": ("Atlantis",)}, "No region is called 'Atlantis'"),
        ({"certainty": "E"}, "the certainty 'E'"),
        ({"evidence": "  "}, "nothing says why"),
        ({"evidence": "a\x00b"}, "control or invisible"),
        ({"seen": None}, "certainty A without a date"),
        ({"seen": date(2026, 11, 26)}, "which cannot be"),
        ({"feed": "https://elsewhere.test/rss"}, "the homepage on 'orren-echo.test'"),
    ],
)
def test_what_cannot_be_added_leaves_the_file_as_it_was(more: dict[str, Any], message: str, tmp_path: Path) -> None:
    before = load_catalogue(write(tmp_path))
    with pytest.raises(UserError) as caught:
        add_outlet(draft(**more), tmp_path, before, today=TODAY)
    assert message in str(caught.value)
    assert (tmp_path / "sources.csv").read_text(encoding="utf-8") == SOURCES
    assert sorted(path.name for path in tmp_path.iterdir()) == ["regions.csv", "sources.csv"]


@given(st.text(max_size=200))
def test_a_slug_is_a_slug_or_nothing(title: str) -> None:
    slug = slug_of(title)
    assert slug == "" or (len(slug) <= 80 and set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-"))
    assert not slug.startswith("-")
    assert not slug.endswith("-")
