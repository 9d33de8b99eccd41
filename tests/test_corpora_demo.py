"""The demonstration county: every page and feed is read by the code that reads real ones."""

from __future__ import annotations

import gzip
import http.client
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from corpora.addresses import canonical_url
from corpora.catalogue import load_catalogue
from corpora.demo import build, render
from corpora.demo.articles import HERE, MOMENTS, Article, address, load_articles, slug
from corpora.demo.server import DemoSite
from corpora.errors import Gone, NotAFeed, Refused
from corpora.feeds import parse_feed
from corpora.fetch import Fetcher, Limits
from corpora.pages import extract_page
from corpora.records import Fetched, Unchanged
from corpora.robots import Robots
from corpora.times import LONDON

ARTICLES = load_articles()
FAMILIES = sorted({one.house.family for one in ARTICLES})
HOUSES = {one.house.outlet.slug: one.house for one in ARTICLES}
TRUTH = json.loads((HERE / "truth.json").read_text(encoding="utf-8"))
# feedparser 6 warns whenever an entry without `updated` is asked for it.
pytestmark = pytest.mark.filterwarnings("ignore:To avoid breaking existing software:DeprecationWarning")

AGENT = "sharedstory-test/0 (+https://example.org)"


@pytest.fixture
def site() -> Iterator[DemoSite]:
    with DemoSite() as running:
        yield running


@pytest.fixture
def fetcher(site: DemoSite) -> Iterator[Fetcher]:
    made = Fetcher(user_agent=AGENT, routes=site.routes, limits=Limits(pause_seconds=0))
    yield made
    made.close()


def got(fetcher: Fetcher, url: str) -> Fetched:
    answer = fetcher.get(url)
    assert isinstance(answer, Fetched)
    return answer


def by_key(key: str) -> Article:
    return next(one for one in ARTICLES if one.key == key)


# What is on disk


def test_the_shipped_site_is_what_the_stories_render_to() -> None:
    files = build.render_all()
    shipped = {
        path.relative_to(HERE).as_posix(): path.read_bytes()
        for path in [*(HERE / "site").rglob("*"), HERE / "truth.json"]
        if path.is_file()
    }
    changed = sorted(name for name in files.keys() | shipped.keys() if files.get(name) != shipped.get(name))
    assert not changed, f"run `python -m corpora.demo.build`; differing: {changed[:5]}"
    assert sum(len(body) for name, body in shipped.items() if name.startswith("site/")) < 4_000_000


def test_no_address_leads_out_of_the_demonstration() -> None:
    for path in (HERE / "site").rglob("*.html"):
        body = path.read_bytes()
        assert b"127.0.0.1" not in body
        assert b"localhost" not in body
        for piece in body.split(b"http")[1:]:
            host = piece.split(b"//", 1)[-1].split(b"/")[0].split(b'"')[0]
            if piece.startswith((b"://", b"s://")):
                assert host.endswith((b".test", b"schema.org", b"ogp.me", b"api.w.org")), (path, host)


def test_the_catalogue_is_loadable_and_owns_up_to_being_invented() -> None:
    catalogue = load_catalogue(HERE / "catalogue")
    assert len(catalogue.outlets) == 9
    assert all("invented" in feed.evidence for outlet in catalogue.outlets.values() for feed in outlet.feeds)
    assert all(urlsplit(outlet.homepage).netloc.endswith(".test") for outlet in catalogue.outlets.values())
    county = catalogue.region("Orrenshire")
    assert catalogue.authorities(county) == ("Z07000001", "Z07000002", "Z07000003", "Z07000004")
    assert catalogue.region("Hobb's Cross").name == "Wexmoor"
    drayholt = {one.slug for one in catalogue.outlets_for(catalogue.region("Drayholt"))}
    assert drayholt == {"drayholt-echo", "orrenshire-dispatch", "orren-county-news"}
    assert {one.gss for one in catalogue.regions.values()}.isdisjoint(load_catalogue().regions)


def test_moments_are_shipped_in_utc() -> None:
    moments = json.loads((HERE / "site" / "moments.json").read_text(encoding="utf-8"))
    assert moments == {"1": "2026-09-16T19:00:00Z", "2": "2026-10-05T06:00:00Z", "3": "2026-11-02T07:00:00Z"}


# Placing and addressing


def test_an_article_s_address_follows_its_house() -> None:
    when = datetime(2026, 8, 31, 23, 30, tzinfo=LONDON)
    path = address(HOUSES["drayholt-echo"], "de-99", "news", "It's £3, “honest”: a tale", when)
    assert path == "http://www.drayholt-echo.test/2026/08/its-3-honest-a-tale/"
    assert len(slug("very " * 60)) <= 64


def test_the_clocks_go_back() -> None:
    before = [one for one in ARTICLES if one.published < datetime(2026, 10, 25, 1, tzinfo=UTC)]
    after = [one for one in ARTICLES if one.published >= datetime(2026, 10, 25, 1, tzinfo=UTC)]
    assert {one.published.astimezone(LONDON).tzname() for one in before} == {"BST"}
    assert {one.published.astimezone(LONDON).tzname() for one in after} == {"GMT"}
    assert len(after) > 30


def test_placements_are_cut_and_led_as_told() -> None:
    chronicle, echo = by_key("la-02.wexmoor-chronicle"), by_key("la-02.drayholt-echo")
    assert chronicle.wordings[0].paragraphs[0].startswith("Wexmoor's hill roads")
    assert echo.wordings[0].paragraphs == chronicle.wordings[0].paragraphs[1:-1]
    assert (echo.published - chronicle.published).total_seconds() == 17 * 3600


@pytest.mark.parametrize(
    ("style", "summer", "winter"),
    [
        ("offset", "Sat, 24 Oct 2026 12:30:00 +0100", "Mon, 26 Oct 2026 11:30:00 +0000"),
        ("named", "Sat, 24 Oct 2026 12:30:00 BST", "Mon, 26 Oct 2026 11:30:00 GMT"),
        ("bare", "Sat, 24 Oct 2026 12:30:00", "Mon, 26 Oct 2026 11:30:00"),
        ("zero", "Sat, 24 Oct 2026 11:30:00 +0000", "Mon, 26 Oct 2026 11:30:00 +0000"),
        ("gmt", "Sat, 24 Oct 2026 11:30:00 GMT", "Mon, 26 Oct 2026 11:30:00 GMT"),
    ],
)
def test_feeds_write_times_in_five_ways(style: str, summer: str, winter: str) -> None:
    assert render.feed_time(datetime(2026, 10, 24, 11, 30, tzinfo=UTC), style) == summer
    assert render.feed_time(datetime(2026, 10, 26, 11, 30, tzinfo=UTC), style) == winter


# Pages


@pytest.mark.parametrize("family", FAMILIES)
def test_a_page_yields_its_story_and_nothing_else(family: str) -> None:
    paths = json.loads((HERE / "site" / "paths.json").read_text(encoding="utf-8"))
    seen = 0
    for one in (one for one in ARTICLES if one.house.family == family):
        parts = urlsplit(one.url)
        for served, wording in zip(paths[parts.netloc][parts.path], one.wordings, strict=True):
            page = extract_page((HERE / "site" / served["file"]).read_bytes(), url=one.url)
            assert page.title == wording.title
            # Equality, so that no teaser, comment, advert, newsletter box or standfirst is among the lines.
            assert page.text.split("\n") == list(wording.paragraphs), one.key
            assert page.published[:10] == f"{one.published.astimezone(LONDON):%Y-%m-%d}"
            seen += 1
    assert seen > 30


@pytest.mark.parametrize("family", FAMILIES)
def test_a_page_carries_what_real_pages_carry(family: str) -> None:
    one = next(one for one in reversed(ARTICLES) if one.house.family == family)
    words = render.furniture()
    parts = urlsplit(one.url)
    file = HERE / "site" / f"{parts.netloc}{parts.path.rstrip('/')}.html"
    text = file.read_bytes().decode(one.house.charset)
    assert all(f'property="{name}"' in text for name in ("og:title", "og:url", "article:published_time"))
    assert '"@type": "NewsArticle"' in text
    assert all(line.replace("'", "&#39;") in text for line in words[family].values())
    shelf = [other for other in ARTICLES if other.house == one.house]
    assert sum(f'"{other["url"]}"' in text for other in render.teasers(one, shelf, one.published)) >= 3
    assert sum(comment in text for _, comment in words["comments"]) == 3


# Feeds, through the real fetcher


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("outlet", sorted(HOUSES))
def test_a_feed_reads_as_it_was_meant(outlet: str, moment: int, site: DemoSite, fetcher: Fetcher) -> None:
    house = HOUSES[outlet]
    site.moment = moment
    answer = got(fetcher, house.feed)
    if outlet == build.DEAD_FEED and moment >= build.DEAD_FROM:
        with pytest.raises(NotAFeed, match="web page"):
            parse_feed(answer.body, content_type=answer.content_type, url=house.feed)
        return
    parsed = parse_feed(answer.body, content_type=answer.content_type, url=house.feed)
    meant = build.listed([one for one in ARTICLES if one.house == house], moment)
    assert (parsed.version, parsed.problem, parsed.cut) == ("rss20", "", 0)
    assert [canonical_url(entry.url or "") for entry in parsed.entries] == [one.url for one in meant]
    assert [entry.published for entry in parsed.entries] == [one.published for one in meant]
    for entry, one in zip(parsed.entries, meant, strict=True):
        wording = one.wording(MOMENTS[moment])
        assert wording is not None
        assert entry.title == wording.title
        assert entry.guid
        if house.family == "iliffe":
            assert entry.summary == ""
        elif house.family == "wordpress":
            assert entry.summary.startswith(wording.paragraphs[0][:100])
        else:
            assert entry.summary == one.summary
        if house.family in render.FULL_TEXT:
            assert entry.content.split("\n")[: len(wording.paragraphs)] == list(wording.paragraphs)
        else:
            assert entry.content == ""


def test_feeds_overlap_by_three_and_leave_nothing_out() -> None:
    for house in HOUSES.values():
        shelf = [one for one in ARTICLES if one.house == house]
        lists = [build.listed(shelf, moment) for moment in MOMENTS]
        assert lists[1][-build.OVERLAP :] == lists[0][: build.OVERLAP]
        assert {one.key for each in lists for one in each} == {one.key for one in shelf}


def test_every_link_of_a_feed_is_answered_under_its_tail(site: DemoSite, fetcher: Fetcher) -> None:
    for house in HOUSES.values():
        body = got(fetcher, house.feed).body
        entry = parse_feed(body).entries[0]
        assert entry.url is not None
        assert got(fetcher, entry.url).content_type == f"text/html; charset={house.charset}"


def test_the_edited_story_changes_its_title_under_the_same_address(site: DemoSite, fetcher: Fetcher) -> None:
    (edited,) = TRUTH["edited"].values()
    feed = HOUSES["sallowmere-gazette"].feed
    seen = []
    for moment in MOMENTS:
        site.moment = moment
        titles = {canonical_url(entry.url or ""): entry.title for entry in parse_feed(got(fetcher, feed).body).entries}
        page = got(fetcher, edited["url"])
        seen.append((titles.get(edited["url"]), extract_page(page.body).title, page.last_modified))
    first, second = edited["titles"]
    assert seen == [
        (first, first, "Wed, 16 Sep 2026 05:30:00 GMT"),
        (second, second, "Thu, 17 Sep 2026 07:30:00 GMT"),
        (None, second, "Thu, 17 Sep 2026 07:30:00 GMT"),
    ]


# The server


def test_what_did_not_change_is_not_sent_again(site: DemoSite, fetcher: Fetcher) -> None:
    feed = HOUSES["kelderby-live"].feed
    first = got(fetcher, feed)
    assert first.etag.startswith('W/"')
    assert isinstance(fetcher.get(feed, etag=first.etag), Unchanged)
    assert isinstance(fetcher.get(feed, last_modified=first.last_modified), Unchanged)
    # A validator that does not fit outweighs a date that does.
    assert isinstance(fetcher.get(feed, etag='"other"', last_modified=first.last_modified), Fetched)
    assert isinstance(fetcher.get(feed, last_modified="last Tuesday"), Fetched)
    site.moment = 2
    assert isinstance(fetcher.get(feed, etag=first.etag, last_modified=first.last_modified), Fetched)
    assert site.hits["www.kelderby-live.test/?service=rss"] == 6


def test_unpublished_and_unknown_pages_are_not_found(site: DemoSite, fetcher: Fetcher) -> None:
    last = ARTICLES[-1].url
    for url in (last, "http://www.kelderby-live.test/", "http://www.kelderby-live.test/../paths.json"):
        with pytest.raises(Gone):
            fetcher.get(url)
    site.moment = 3
    assert got(fetcher, last).status == 200


def test_robots_txt_allows_all_but_search(site: DemoSite, fetcher: Fetcher) -> None:
    robots = Robots(fetcher, user_agent=AGENT)
    for host in site.routes:
        robots.check(f"http://{host}/news/anything")
        with pytest.raises(Refused):
            robots.check(f"http://{host}/search?q=bins")
        assert site.hits[f"{host}/robots.txt"] == 1


@pytest.mark.parametrize(("method", "packed"), [("GET", True), ("GET", False), ("HEAD", False)])
def test_bodies_are_packed_only_when_asked(site: DemoSite, method: str, packed: bool) -> None:
    host, (address_, port) = "www.drayholt-echo.test", site.routes["www.drayholt-echo.test"]
    line = http.client.HTTPConnection(address_, port, timeout=10)
    line.request(method, "/feed/", headers={"Host": host, "Accept-Encoding": "gzip" if packed else "identity"})
    answer = line.getresponse()
    body = answer.read()
    line.close()
    assert answer.headers["Content-Type"] == "application/rss+xml; charset=windows-1252"
    assert (answer.headers["Content-Encoding"] == "gzip") is packed
    plain = gzip.decompress(body) if packed else body
    assert plain == (b"" if method == "HEAD" else (HERE / "site" / host / "feed.1.xml").read_bytes())


def test_a_server_that_is_not_running_has_no_routes() -> None:
    idle = DemoSite()
    with pytest.raises(RuntimeError, match="with DemoSite"):
        _ = idle.routes
    with pytest.raises(ValueError, match="moment"):
        idle.moment = 4


# The planted facts


def test_planted_sentences_stand_in_what_is_extracted() -> None:
    assert set(TRUTH["stories"]) == {one.key for one in ARTICLES}
    for key, fact in TRUTH["stories"].items():
        one = by_key(key)
        parts = urlsplit(fact["url"])
        if not fact["frames"]:
            continue
        page = extract_page((HERE / "site" / f"{parts.netloc}{parts.path.rstrip('/')}.html").read_bytes())
        for frame in fact["frames"]:
            assert frame["sentence"] in (page.title if frame["voice"] == "HEADLINE" else page.text), one.key


def test_syndicated_stories_stand_in_several_outlets() -> None:
    assert sorted(TRUTH["families"]) == [f"la-{number:02}" for number in range(1, 10)]
    assert all(len({urlsplit(url).netloc for url in urls}) == len(urls) >= 3 for urls in TRUTH["families"].values())


def test_the_planted_course_of_blame() -> None:
    stories = {
        district: [half["blame_stories"] for half in halves.values()] for district, halves in TRUTH["blame"].items()
    }
    # Kelderby's rises, Drayholt's outlet falls silent: the two things the demonstration has to show.
    assert stories == {"Z07000001": [5, 11], "Z07000002": [3, 2], "Z07000003": [2, 2], "Z07000004": [2, 0]}
    assert TRUTH["dead_feed"]["outlet"] == "drayholt-echo"
