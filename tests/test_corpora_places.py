"""Which authority a name or a story means: the traps, the silence, and real local news where it is there."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.catalogue import Catalogue, load_catalogue
from corpora.geo.gazetteer import shipped
from corpora.geo.mentions import find_mentions
from corpora.geo.stories import county_areas, locate_story, place_in_url
from corpora.geo.toponyms import Answer, Story, locate_toponym
from corpora.places import areas_of
from corpora.records import Outlet

CATALOGUE = load_catalogue()
COUNTIES = county_areas(CATALOGUE)
REASONS = {"several_districts", "outside_uk", "not_a_place", "unresolved"}
METHODS = {
    "place_url", "unique_place", "outlet_prior", "co_mention", "outlet_default", "largest_place", "landmark"
}  # fmt: skip


@pytest.fixture(scope="module")
def regions() -> Catalogue:
    return CATALOGUE


def read(text: str, *areas: str) -> Story:
    return Story(text, [CATALOGUE.region(one).gss for one in areas], shipped(), COUNTIES)


def named(answer: Answer) -> str:
    return CATALOGUE.regions[answer.lads[0].lad].name if answer.lads else answer.reason


# One name

TRAPS = [
    ("Newport", "The library in Newport, like those of Cowes and Ryde, opens late.", "Isle of Wight", "Isle of Wight"),
    ("Newport", "The library in Newport opens late.", "Newport", "Newport"),
    ("Newport", "The library in Newport opens late, as in Linthorpe.", "Middlesbrough", "Middlesbrough"),
    ("St Helens", "The bus from St Helens to Bembridge runs again.", "Isle of Wight", "Isle of Wight"),
    ("St Helens", "A market in St Helens.", "Liverpool", "St. Helens"),
    ("Richmond", "Walkers met in Richmond near Leyburn.", "North Yorkshire", "North Yorkshire"),
    ("Richmond", "A new school in Richmond and Handsworth.", "Sheffield", "Sheffield"),
    ("Richmond", "A rower from Richmond and Twickenham.", "Hounslow", "Richmond upon Thames"),
    ("Eden", "The tree wardens of Eden met in Penrith.", "Westmorland and Furness", "Westmorland and Furness"),
    ("Balmoral", "The choir was asked to Balmoral.", "Glasgow", "Aberdeenshire"),
    ("Holyrood", "The choir sang at Holyrood.", "East Ayrshire", "City of Edinburgh"),
    ("Anfield", "They drew at Anfield.", "Sunderland", "Liverpool"),
    ("St James' Park", "They drew at St James' Park.", "Exeter", "Exeter"),
    ("St James' Park", "They drew at St James' Park.", "Sunderland", "Newcastle upon Tyne"),
    ("Lanarkshire", "Libraries all over Lanarkshire.", "North Lanarkshire", "several_districts"),
    ("West Yorkshire", "Libraries all over West Yorkshire.", "Leeds", "several_districts"),
    ("the River Trent", "Swans on the River Trent.", "Nottingham", "several_districts"),
    ("Northumberland", "Libraries in Northumberland.", "Newcastle upon Tyne", "Northumberland"),
    ("Westgate", "A bench in Westgate.", "Wakefield", "Wakefield"),
    ("Market Street", "A bench in Market Street.", "Wakefield", "Wakefield"),
    ("Reading Road", "A bench in Reading Road.", "South Oxfordshire", "South Oxfordshire"),
    ("Station Road", "A bench in Station Road in Sittingbourne.", "Maidstone", "Swale"),
    ("Rushall", "Bell-ringers went to Rushall, Wiltshire.", "Norwich", "Wiltshire"),
    ("Sittingbourne Town Centre", "A bench in Sittingbourne Town Centre.", "Maidstone", "Swale"),
    ("South Leeds", "Libraries in South Leeds.", "Leeds", "Leeds"),
    ("Lincoln", "Cllr Lincoln opened the bench.", "Boston", "not_a_place"),
    ("Tesco", "A bench outside Tesco.", "Leeds", "not_a_place"),
    ("K", "Runs by K and D.", "Solihull", "not_a_place"),
    ("Lisbon", "The choir flew to Lisbon.", "Leeds", "outside_uk"),
    ("Norway", "The choir flew to Norway.", "Leeds", "outside_uk"),
    ("Kelderby", "A bench in Kelderby.", "Leeds", "Leeds"),
]


@pytest.mark.parametrize(("toponym", "text", "area", "right"), TRAPS)
def test_a_name_with_namesakes_is_read_in_its_place(toponym: str, text: str, area: str, right: str) -> None:
    assert named(locate_toponym(toponym, read(text, area))) == right


def test_an_unknown_name_without_a_title_area_or_a_place_beside_it_stays_unplaced() -> None:
    assert locate_toponym("Kelderby", read("A bench in Kelderby.")) == Answer(reason="unresolved")
    wide = read("A bench in Kelderby.", "Leeds", "Wakefield", "Kirklees", "Calderdale")
    assert locate_toponym("Kelderby", wide) == Answer(reason="unresolved")


def test_places_beside_a_name_outweigh_the_titles_area() -> None:
    alone = locate_toponym("Linden Grove", read("A bench in Linden Grove.", "Middlesbrough"))
    assert (named(alone), alone.lads[0].method) == ("Middlesbrough", "outlet_default")
    beside = read("Hartlepool has a bench in Linden Grove, and one in Owton Manor.", "Middlesbrough")
    answer = locate_toponym("Linden Grove", beside)
    assert (named(answer), answer.lads[0].method) == ("Hartlepool", "co_mention")
    assert answer.lads[0].score > alone.lads[0].score


# Names in a text


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("David Lincoln met Mrs Preston and Cllr Bury.", []),
        ("Reading about it, they ran a Bath and a Sale in March.", []),
        ("A bench in Reading.", ["reading"]),
        ("A bench in Preston Road.", []),
        ("Stratford-on-Avon, St. Ives and Barrow-in-Furness", ["stratford on avon", "st ives", "barrow in furness"]),
        ("Leeds's benches, and those of Hull’s parks", ["leeds", "hull"]),
        ("the council of leeds", []),
        ("All over Norfolk and England, even in France", []),
    ],
)
def test_surnames_words_and_streets_are_not_places(text: str, keys: list[str]) -> None:
    found = find_mentions(text, shipped())
    assert [one.key for one in found if one.weight >= 0.5] == keys
    assert all(0 < one.weight <= 1 and text[one.start : one.end] for one in found)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(["Newport", "St", "St.", "Leeds", "Road", "in", "Cllr", "(", "\n", "’s", "-", "Kent"]),
            st.text(max_size=6),
        ),
        max_size=40,
    ),
    st.text(max_size=12),
    st.sampled_from(["", "https://example.org/news/leeds-news/1", "http://[", "%%%/Leeds/"]),
)
def test_whatever_is_read_an_answer_is_an_authority_or_a_reason(pieces: list[str], toponym: str, url: str) -> None:
    story = read(" ".join(pieces), "Leeds", "Newport")
    for answer in (locate_toponym(toponym, story), locate_story(story, url)):
        assert bool(answer.lads) != bool(answer.reason)
        assert not answer.reason or answer.reason in REASONS
        for one in answer.lads:
            assert CATALOGUE.regions[one.lad].tier == "lad"
            assert 0 < one.score <= 1
            assert one.method in METHODS
    for one in story.mentions:
        assert 0 <= one.start < one.end <= len(story.text)


# Stories


def test_a_story_is_placed_by_what_it_names_and_by_its_title_only_where_it_names_nothing() -> None:
    answer = locate_story(read("Owton Manor has a bench.\nHartlepool council paid for it.", "Middlesbrough"))
    assert named(answer) == "Hartlepool"
    quiet = locate_story(read("There is a new bench.", "Middlesbrough"))
    assert (named(quiet), quiet.lads[0].method) == ("Middlesbrough", "outlet_default")
    far = locate_story(read("There is a new bench in Truro and one in Wick and one in Barmouth.", "Middlesbrough"))
    assert far == Answer(reason="unresolved")
    assert locate_story(read("There is a new bench.", "Leeds", "Bradford")) == Answer(reason="unresolved")


def test_a_section_of_an_address_names_the_place_and_a_headline_does_not() -> None:
    areas = [CATALOGUE.region(one).gss for one in ("Swale", "Maidstone", "Ashford")]
    url = "https://news.example.org/sittingbourne/news/bench-in-maidstone-mended-1/"
    assert place_in_url(url, areas, shipped()) == areas[0]
    assert place_in_url("https://news.example.org/all-about/ashford/1", areas, shipped()) == areas[2]
    assert not place_in_url("https://news.example.org/bench-in-maidstone", areas, shipped())
    assert not place_in_url("https://news.example.org/leeds/bench", areas, shipped())
    answer = locate_story(read("There is a new bench.", "Swale", "Maidstone"), url)
    assert (named(answer), answer.lads[0].method) == ("Swale", "place_url")


WIDE = [
    (
        "A roof in Sittingbourne mended",
        "The town has its library back.",
        {"Swale": "unique_place"},
    ),
    ("Choir tours", "They sang in Whitstable and in Herne Bay.", {"Canterbury": "unique_place"}),
    ("Bench for Margate", "Margate has a new bench.", {"Thanet": "unique_place"}),
    ("Benches", "Maidstone and Ashford have new benches.", {"Maidstone": "named", "Ashford": "named"}),
    ("Quiet", "Nothing much happened all over Kent.", {}),
    ("Mr Dover retires", "Cllr Maidstone thanked David Ashford.", {}),
    ("A night out", "They took the train to London, and some flew to Lisbon.", {}),
    ("Away", "They won in Leeds and in Hull.", {}),
    ("Bench in Station Road", "The bench in High Street will follow.", {}),
]


@pytest.mark.parametrize(("title", "text", "right"), WIDE)
def test_a_county_title_counts_for_authorities_whose_places_it_names(
    regions: Catalogue, title: str, text: str, right: dict[str, str]
) -> None:
    placed = areas_of(title, text, regions.outlets["bbc-local-kent"], regions)
    found = {regions.regions[gss].name: method for gss, method in placed if method != "above"}
    assert found == right
    assert {regions.regions[gss].tier for gss, method in placed if method == "above"} == {"county", "itl1", "nation"}


def test_the_address_of_a_story_counts_too(regions: Catalogue) -> None:
    kent = regions.outlets["bbc-local-kent"]
    placed = areas_of("A bench", "Mended.", kent, regions, url="https://example.org/sittingbourne/news/1")
    assert [(regions.regions[gss].name, method) for gss, method in placed if method != "above"] == [
        ("Swale", "place_url")
    ]


# Real local news (LMUK-Geo, the development half: research only, not shipped)


def toponyms(shared: Path) -> list[dict[str, str]]:
    csv.field_size_limit(10_000_000)
    path = shared / "geography" / "toponyms_dev.csv"
    if not path.is_file():
        pytest.skip("the toponyms are not here")
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def outlet_areas(row: dict[str, str], codes: dict[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes[one.strip()] for one in row["main_LAD"].split(";")))


def test_four_of_five_names_of_real_local_news_are_placed_right(shared: Path, regions: Catalogue) -> None:
    """Measured: .93 on the half rules were looked at on, .88 on the other; the title's own area alone .43."""
    codes = {one.name: one.gss for one in regions.regions.values() if one.tier == "lad"}
    right: Counter[tuple[str, int]] = Counter()
    total: Counter[tuple[str, int]] = Counter()
    for row in toponyms(shared):
        if row["lad"] == "LAD not in options":
            continue
        story = Story(row["doc"], outlet_areas(row, codes), shipped(), COUNTIES)
        lads = locate_toponym(row["toponym"], story).lads
        half = int(hashlib.sha256(row["doc"].encode()).hexdigest(), 16) % 2
        kind = "placed" if row["lad"] in codes else "empty"
        total[kind, half] += 1
        right[kind, half] += [one.lad for one in lads] == [codes[row["lad"]]] if row["lad"] in codes else not lads
    for half in (0, 1):
        assert right["placed", half] / total["placed", half] >= 0.85
        assert right["empty", half] / total["empty", half] >= 0.9


def test_most_real_stories_get_the_authority_most_of_their_names_lie_in(shared: Path, regions: Catalogue) -> None:
    codes = {one.name: one.gss for one in regions.regions.values() if one.tier == "lad"}
    stories: dict[tuple[str, tuple[str, ...]], Counter[str]] = defaultdict(Counter)
    for row in toponyms(shared):
        if row["lad"] in codes:
            stories[row["doc"], outlet_areas(row, codes)][codes[row["lad"]]] += 1
    hits = wide_hits = wide_given = wide_right = 0
    for (text, areas), gold in stories.items():
        lads = {one.lad for one in locate_story(Story(text, areas, shipped(), COUNTIES)).lads}
        hits += any(gold[one] == max(gold.values()) for one in lads)
        parent = regions.regions[areas[0]].parent
        inside = tuple(one.gss for one in regions.regions.values() if one.tier == "lad" and one.parent == parent)
        wide = Outlet(slug="x", title="x", owner="x", homepage="", areas=inside, feeds=())
        given = {gss for gss, method in areas_of("", text, wide, regions) if method != "above"}
        wide_hits += bool(given & set(gold))
        wide_given += len(given)
        wide_right += len(given & ({*gold} | set(areas)))
    assert hits / len(stories) >= 0.8
    assert wide_hits / len(stories) >= 0.8
    # The rest are named, but the annotators were not asked about them.
    assert wide_right / wide_given >= 0.75
