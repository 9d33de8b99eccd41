"""A report built from a small store of invented rows: figures, wording, files, and nothing that runs."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import html

from corpora.catalogue import Catalogue
from corpora.coding import CodedSentence, CodedStory, Coder, FeedCheck, FeedMemory, Mark
from corpora.errors import NotReady, StoreError
from corpora.records import Aspect, Feed, Frame, Label, Outlet, Region, Span, Story, Voice
from corpora.store import Store
from reports import files, tables
from reports.changes import Change
from reports.report import RegionReport, WeeklyReport
from reports.weekly import build, build_all, regions_of, write
from reports.weeks import Week, weeks_back

WEEK = Week(2026, 44)
NOW = datetime(2026, 11, 2, 6, 30, tzinfo=UTC)
WEEKS = weeks_back(WEEK, 15)
CODER = Coder(
    name="model:frames-0123456789ab",
    kind="model",
    digest="0123456789ab",
    codebook="1",
    thresholds={f"{f}.{a}": 0.5 for f in ("us_them", "blame", "shared_story") for a in ("active", "contested")},
    quality={"blame.active.precision": 0.61, "blame.active.precision.low": 0.48, "blame.active.precision.high": 0.73},
)
XSS = "<script>window.__x=1</script>\"'><img src=x onerror=alert(1)> {{7*7}}"

COUNTY = Region(gss="E10000990", name="Orrenshire", tier="county", parent="")
PLACES = {
    "E07000991": "Kelderby",
    "E07000992": "Wexmoor",
    "E07000993": "Sallowmere",
    "E07000994": "Nab End <b>East</b>",
    "E07000995": "Farrow Coast",
}
INSIDE = tuple(gss for gss in PLACES if gss != "E07000995")
OUTLETS = {
    "kelderby-courier": ("Kelderby Courier", ("E07000991",)),
    "wexmoor-mail": ("Wexmoor Mail", ("E07000992",)),
    "orrenshire-dispatch": ("Orrenshire Dispatch", ("E07000991", "E07000992", "E07000995")),
    "sallowmere-news": ("Sallowmere News", ("E07000993",)),
    "tarn-echo": ("=Tarn & Fell Echo", ("E07000993",)),
}

HOSTILE: dict[Frame, tuple[str, ...]] = {
    "us_them": (
        "We paid into this town for forty years, and now the newcomers walk in and are served before us.",
        "There is our way of doing things here, and then there is theirs, and the two do not mix.",
        "They keep to themselves behind the mill and want no part of what the rest of us built.",
    ),
    "blame": (
        "Since the hostel residents arrived the doctor's list has closed, and nobody needs to ask why.",
        "The queue at the dentist is what you get when asylum seekers are housed before locals, he said.",
        "Rents on the quay went up because of the students from abroad, the letter argued.",
    ),
    "shared_story": (
        "Old hands and newly arrived families cleared the culvert side by side until it was dark.",
        "Whoever you are and however long you have been here, the hall belongs to all of us.",
        "None of us keeps this street going alone, and that goes for the refugees at number nine too.",
    ),
}
GROUP_WORDS = {"newcomers": "OUT", "asylum seekers": "MIG_ASY", "hostel residents": "HML", "refugees": "REF"}


def catalogue() -> Catalogue:
    """One county of four districts, a fifth outside, five outlets."""
    regions = {gss: Region(gss=gss, name=name, tier="lad", parent="") for gss, name in PLACES.items()}
    outlets = {
        slug: Outlet(
            slug=slug,
            title=title,
            owner="",
            homepage=f"https://{slug}.example/",
            areas=areas,
            feeds=(Feed(url=f"https://{slug}.example/feed", outlet=slug, certainty="A"),),
        )
        for slug, (title, areas) in OUTLETS.items()
    }
    return Catalogue(
        regions={**regions, COUNTY.gss: COUNTY},
        counties=dict.fromkeys(INSIDE, COUNTY.gss),
        outlets=outlets,
        old_codes={},
    )


class World:
    """Fills a store through its own methods."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.number = 0
        self.families: dict[str, str] = {}
        self.coded: list[CodedStory] = []
        store.save_coder(CODER)

    def story(
        self,
        outlet: str,
        week: Week,
        *,
        hours: float = 30,
        flags: tuple[tuple[Frame, Aspect, Voice], ...] = (),
        sentence: str = "",
        title: str = "",
        judged: bool = True,
        family: str = "",
        url: str = "",
        gss: tuple[str, ...] = (),
    ) -> Story:
        """Save one story, its family and what the coder said of it."""
        self.number += 1
        published = week.start + timedelta(hours=hours)
        said = sentence or (HOSTILE[flags[0][0]][self.number % 3] if flags else "The footbridge reopens on Friday.")
        text = f"Report number {self.number} from the council chamber.\n{said}\nThe meeting ended at nine."
        made = Story(
            url=url or f"https://{outlet}.example/story/{self.number}",
            outlet=outlet,
            published=published,
            published_trusted=True,
            first_seen=published + timedelta(minutes=20),
            title=title or f"Chamber notes {self.number}",
            text=text,
            text_from="page",
        )
        areas = [(one, "outlet_prior") for one in gss or OUTLETS[outlet][1]]
        self.store.save_entry(
            key=f"k{self.number}", entry_hash=made.version_id, outlet=outlet, outcome="story", found=made, areas=areas
        )
        self.families[made.id] = family or self.families.get(made.id, made.id)
        if judged:
            self.judge(made, said, flags)
        return made

    def judge(self, made: Story, said: str, flags: tuple[tuple[Frame, Aspect, Voice], ...]) -> None:
        """Save the coder's reading of one version."""
        start = made.text.index(said)
        span = Span.of(made.text, start, start + len(said))
        groups = tuple(sorted(code for word, code in GROUP_WORDS.items() if word in said))
        marks = tuple(
            Mark(kind="group", code=code, start=start + said.index(word), end=start + said.index(word) + len(word))
            for word, code in GROUP_WORDS.items()
            if word in said
        )
        sentences = tuple(
            CodedSentence(unit="body", span=span, voice=voice, groups=groups, marks=marks) for _, _, voice in flags[:1]
        )
        labels = tuple(
            Label(
                story=made.version_id,
                unit="body",
                span=span,
                frame=frame,
                aspect=aspect,
                probability=0.81,
                coder=CODER.name,
                codebook="1",
            )
            for frame, aspect, _ in flags
        )
        self.coded.append(
            CodedStory(version_id=made.version_id, coder=CODER.name, sentences=sentences, n_sentences=4, labels=labels)
        )

    def check(self, outlet: str, at: datetime, state: str = "alive") -> None:
        """Save one visit to the outlet's feed."""
        self.store.save_check(
            FeedCheck(url=f"https://{outlet}.example/feed", outlet=outlet, at=at, state=state),  # type: ignore[arg-type]
            FeedMemory(etag="", last_modified="", body_hash="", alive_at=None),
        )

    def done(self) -> None:
        self.store.save_coded(self.coded)
        self.store.save_families(self.families)


def fill(store: Store) -> World:
    """Fifteen weeks of news: blame doubles in the last four, everything else stays, one feed dies."""
    world = World(store)
    for at, week in enumerate(WEEKS):
        recent = at >= len(WEEKS) - 4
        for outlet in ("kelderby-courier", "wexmoor-mail", "orrenshire-dispatch"):
            blame: tuple[tuple[Frame, Aspect, Voice], ...] = (("blame", "active", "INDIRECT"),)
            plan: list[tuple[tuple[Frame, Aspect, Voice], ...]] = [
                (("us_them", "active", "DIRECT"),),
                (("shared_story", "active", "OUTLET"),),
                *[blame] * (4 if recent else 2),
                *[()] * (9 if recent else 11),
            ]
            for hour, flags in enumerate(plan):
                world.story(outlet, week, hours=20 + hour * 2, flags=flags)
            world.check(outlet, week.start + timedelta(hours=100))
        dead = week >= Week(2026, 41)
        world.check("sallowmere-news", week.start + timedelta(hours=9), "not_a_feed" if dead else "alive")
        if not dead:
            for hour in range(6):
                world.story("sallowmere-news", week, hours=20 + hour)
    special = "We who were born on the tarn know who belongs here and who never will."
    for outlet in ("kelderby-courier", "wexmoor-mail", "orrenshire-dispatch"):
        world.story(
            outlet,
            WEEK,
            hours=60 + len(outlet),
            flags=(("us_them", "active", "OUTLET"),),
            sentence=special,
            title="Tarn fence row",
            family="tarn-family",
        )
    world.story(
        "kelderby-courier", WEEK, hours=90, flags=(("us_them", "contested", "OUTLET"),), sentence=XSS, title=XSS
    )
    world.story("wexmoor-mail", WEEK, hours=91, judged=False)
    world.story("tarn-echo", WEEK, hours=92, flags=(("shared_story", "active", "DIRECT"),), gss=("E07000993",))
    world.done()
    return world


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("world") / "store.sqlite") as opened:
        fill(opened)
        yield opened


@pytest.fixture(scope="module")
def whole(store: Store) -> WeeklyReport:
    shop = catalogue()
    return build_all(store, shop, regions_of(shop, COUNTY), WEEK, CODER.name, NOW)


@pytest.fixture(scope="module")
def county(whole: WeeklyReport) -> RegionReport:
    return next(one for one in whole.regions if one.region == COUNTY)


@pytest.fixture(scope="module")
def made(whole: WeeklyReport) -> dict[str, bytes]:
    return files.render(whole)


def rows(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def four_weeks(report: RegionReport, frame: Frame) -> Change:
    section = next(one for one in report.frames if one.frame == frame)
    return next(one for one in section.changes if one.windows == "four weeks" and one.spoken == "any")


def test_rows_equal_numerators_everywhere(made: dict[str, bytes]) -> None:
    evidence = rows(made["orrenshire-evidence.csv"])
    families: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row in evidence:
        for voice in row["counts_in"].split():
            families[row["week"], row["frame"], voice].add(row["family_id"])
    figures = rows(made["orrenshire-figures.csv"])
    assert figures
    for row in figures:
        weeks = [row["week"]] if row["window"] == "week" else [w.label for w in weeks_back(Week.parse(row["week"]), 4)]
        found = set().union(*(families[week, row["frame"], row["voice"]] for week in weeks))
        assert len(found) == int(row["n"]), row


def test_syndicated_copy_is_one_story_listed_once(county: RegionReport) -> None:
    tarn = [one for one in county.stories if one.family_id == "tarn-family"]
    assert len(tarn) == 1
    assert {tarn[0].outlet, *(title for title, _ in tarn[0].also_in)} == {
        "Kelderby Courier",
        "Wexmoor Mail",
        "Orrenshire Dispatch",
    }
    us_them = county.frames[0]
    assert us_them.figures[0].week.n == 4  # three of the plan and the tarn story; the contested one is apart
    assert us_them.figures[1].week.n == 1
    assert us_them.figures[2].week.n == 1


def test_unread_stories_are_outside_the_denominator(county: RegionReport) -> None:
    assert county.unread == 1
    assert county.read == 3 * 15 + 1 + 1 + 1
    assert any("1 of 49 distinct stories of the week has not been read yet" in one for one in county.cannot)


def test_dead_feed_is_named_and_is_not_a_fall(county: RegionReport) -> None:
    first = county.cannot[0]
    assert first.startswith("Sallowmere News: answered with a web page instead of a feed since 5 October 2026")
    assert "silence here is not a fall" in first
    row = next(one for one in county.coverage if one.slug == "sallowmere-news")
    assert row.silent == weeks_back(WEEK, 4)
    assert four_weeks(county, "blame").left_out == ("Sallowmere News", "=Tarn & Fell Echo") or four_weeks(
        county, "blame"
    ).left_out == ("=Tarn & Fell Echo", "Sallowmere News")


def test_doubled_blame_is_found_and_nothing_else(whole: WeeklyReport, county: RegionReport) -> None:
    assert four_weeks(county, "blame").grade in {"established", "possible"}
    assert four_weeks(county, "blame").outlets == 3
    for report in whole.regions:
        for section in report.frames:
            for change in section.changes:
                if change.frame != "blame":
                    assert change.grade in {"no evidence of change", "cannot tell"}, change
    assert any("about twice as many" in one for one in county.can)


def test_too_few_stories_give_no_share(made: dict[str, bytes], whole: WeeklyReport) -> None:
    sallowmere = next(one for one in whole.regions if one.region.name == "Sallowmere")
    assert sallowmere.frames[2].figures[0].week.words == "1 of 1 story (too few stories to give a share)"
    figures = [row for row in rows(made["sallowmere-figures.csv"]) if row["week"] == "2026-W44"]
    assert {(row["low"], row["high"], row["shown"]) for row in figures} == {("", "", "count")}


def test_districts_are_alphabetical_and_linked(county: RegionReport, made: dict[str, bytes]) -> None:
    names = [row.name for row in county.districts]
    assert names == sorted(names)
    page = html.document_fromstring(made["orrenshire.html"])
    assert page.xpath("//table[contains(@class,'areas')]//a[@href='kelderby.html']")
    assert "kelderby.html" in made


def test_hostile_strings_are_inert_text(made: dict[str, bytes]) -> None:
    for name, body in made.items():
        if not name.endswith(".html"):
            continue
        page = html.document_fromstring(body)
        assert not page.xpath("//script | //img | //iframe | //object | //form")
        assert not [at for at in page.xpath("//@*") if at.attrname.startswith("on") or at.attrname == "style"]
        assert not page.xpath("//b")
        for link in page.xpath("//a/@href"):
            assert link.startswith(("https://", "#", "index.html")) or link in made
        for link in page.xpath("//a[starts-with(@href,'http')]"):
            assert link.get("rel") == "noopener noreferrer nofollow"
    county = html.document_fromstring(made["orrenshire.html"])
    assert XSS in county.text_content()


def test_policy_allows_exactly_the_style_sheet_that_is_there(made: dict[str, bytes]) -> None:
    import base64

    page = made["orrenshire.html"].decode()
    css = page.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert f"style-src &#39;sha256-{digest}&#39;" in page or f"style-src 'sha256-{digest}'" in page
    assert "default-src" in page
    assert page.count("<style>") == 1


def test_page_is_accessible_in_structure(made: dict[str, bytes]) -> None:
    for name in ("orrenshire.html", "index.html", "sallowmere.html"):
        page = html.document_fromstring(made[name])
        assert page.get("lang") == "en-GB"
        levels = [int(one.tag[1]) for one in page.xpath("//h1|//h2|//h3|//h4")]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
        assert all(one.xpath("caption") for one in page.xpath("//table"))
        assert all(one.get("scope") for one in page.xpath("//th"))
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
        for one in page.xpath("//*[@aria-labelledby]"):
            assert set(one.get("aria-labelledby").split()) <= set(ids)
        assert page.xpath("//a[@class='skip'][@href='#main']")
        for chart in page.xpath("//*[local-name()='svg'][@role='img']"):
            assert chart.xpath("*[local-name()='title']")
            assert "Week 44" in chart.xpath("string(*[local-name()='desc'])")


def test_no_place_or_outlet_is_ranked_or_called_names(made: dict[str, bytes]) -> None:
    text = html.document_fromstring(made["orrenshire.html"]).text_content().lower()
    for word in ("hate", "breach", "racist", "worst", "rank", "offender"):
        assert word not in text


def test_precision_is_quoted_from_the_coder(made: dict[str, bytes]) -> None:
    text = html.document_fromstring(made["orrenshire.html"]).text_content()
    assert "about 6 in 10 “Blame” flags (95% interval 48% to 73%) were right" in " ".join(text.split())


def test_cells_that_a_spreadsheet_would_run_are_inert(made: dict[str, bytes]) -> None:
    titles = {row["title"] for row in rows(made["orrenshire-coverage.csv"])}
    assert "'=Tarn & Fell Echo" in titles
    assert not any(title.startswith("=") for title in titles)


def test_manifest_counts_rows_and_hashes(made: dict[str, bytes]) -> None:
    manifest = json.loads(made["manifest.json"])
    assert set(manifest["files"]) == set(made) - {"manifest.json"}
    for name, entry in manifest["files"].items():
        assert entry["sha256"] == hashlib.sha256(made[name]).hexdigest()
        if name.endswith(".csv"):
            assert entry["rows"] == len(rows(made[name]))


def test_same_store_and_clock_give_the_same_bytes(store: Store, made: dict[str, bytes]) -> None:
    shop = catalogue()
    again = files.render(build_all(store, shop, regions_of(shop, COUNTY)[::-1], WEEK, CODER.name, NOW))
    assert again == made


def test_written_files_replace_old_ones_and_leave_nothing_behind(
    whole: WeeklyReport, made: dict[str, bytes], tmp_path: Path
) -> None:
    index = write(whole, tmp_path)
    assert index == tmp_path / "2026-W44" / "index.html"
    write(whole, tmp_path)
    assert {one.name: one.read_bytes() for one in index.parent.iterdir()} == made


def test_a_failure_leaves_the_old_report_in_place(
    whole: WeeklyReport, made: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(whole, tmp_path)
    calls = iter(range(100))

    def full(_: int) -> None:
        if next(calls) == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("reports.files.os.fsync", full)
    with pytest.raises(StoreError, match="untouched"):
        write(whole, tmp_path)
    assert {one.name: one.read_bytes() for one in (tmp_path / "2026-W44").iterdir()} == made


def test_a_link_out_of_the_folder_is_not_followed(whole: WeeklyReport, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "2026-W44").symlink_to(elsewhere)
    with pytest.raises(StoreError, match="leads out"):
        write(whole, tmp_path / "out")
    assert not list(elsewhere.iterdir())


def test_names_that_are_not_file_names_become_some(whole: WeeklyReport) -> None:
    assert set(whole.slugs().values()) == {"orrenshire", "kelderby", "wexmoor", "sallowmere", "nab-end-b-east-b"}


def test_one_region_alone_and_a_coder_nobody_knows(store: Store) -> None:
    alone = build(store, catalogue(), COUNTY, WEEK, CODER.name, NOW)
    assert alone.heading == "Orrenshire: week 44, 26 October to 1 November 2026"
    assert len(tables.snapshot(alone)) == 16
    with pytest.raises(NotReady):
        build(store, catalogue(), COUNTY, WEEK, "model:nobody", NOW)


def test_an_unfinished_week_says_so(store: Store) -> None:
    early = build(store, catalogue(), COUNTY, WEEK, CODER.name, WEEK.start + timedelta(days=2))
    assert early.cannot[0] == "Week 44 is not over: every figure of it can still move."


def test_an_empty_store_gives_an_honest_page(tmp_path: Path) -> None:
    with Store(tmp_path / "empty.sqlite") as empty:
        empty.save_coder(CODER)
        shop = catalogue()
        bare = build_all(empty, shop, regions_of(shop, COUNTY), WEEK, CODER.name, NOW, weeks=3)
    page = html.document_fromstring(files.render(bare)["orrenshire.html"])
    assert "Nothing has been collected from" in page.text_content()
    assert "no stories read" in page.text_content()


def test_an_edited_sentence_is_marked_as_gone_and_the_wording_kept(tmp_path: Path) -> None:
    with Store(tmp_path / "edited.sqlite") as edited:
        world = World(edited)
        address = "https://kelderby-courier.example/story/softened"
        flags: tuple[tuple[Frame, Aspect, Voice], ...] = (("blame", "active", "OUTLET"),)
        world.story("kelderby-courier", WEEK, flags=flags, url=address)
        world.story("kelderby-courier", WEEK, sentence="A softer wording stands here now.", url=address)
        world.story("wexmoor-mail", WEEK, flags=flags, sentence=HOSTILE["blame"][0], url=address + "-2")
        world.story("wexmoor-mail", WEEK, sentence=HOSTILE["blame"][0] + " More.", url=address + "-2")
        world.done()
        report = build(edited, catalogue(), COUNTY, WEEK, CODER.name, NOW)
    assert [(one.outlet, one.excerpts[0].gone) for one in report.stories] == [
        ("Kelderby Courier", True),
        ("Wexmoor Mail", False),
    ]
    assert report.read == 2
