"""Feeds, well and ill formed, friendly and hostile."""

from __future__ import annotations

import contextlib
import io
import re
import tarfile
from pathlib import Path
from types import ModuleType
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.cleaning import TEXT_LIMIT, TITLE_LIMIT
from corpora.errors import NotAFeed
from corpora.feeds import MOST_ENTRIES, parse_feed, refuse_what_is_no_feed, web_link

ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Orren Echo</title>
<entry><id>tag:orren,1</id><title type="html">Weir &amp;amp; mill</title><link href="https://www.orren-echo.test/1"/>
<published>2026-08-03T10:00:00+01:00</published><updated>2026-08-04T10:00:00+01:00</updated>
<summary>It fell.</summary>
<content type="html">&lt;p&gt;It fell.&lt;/p&gt;&lt;p&gt;It was mended.&lt;/p&gt;</content></entry>
<entry><id>tag:orren,2</id><title type="text">Bins</title><link href="https://www.orren-echo.test/2"/>
<updated>2026-08-05T09:00:00Z</updated></entry></feed>"""


# Friendly


def test_an_rss_item(texts: ModuleType) -> None:
    body = texts.rss(
        texts.item(
            "Weir <b>mended</b> &amp; opened",
            "https://www.orren-echo.test/weir?utm_source=rss",
            summary="<p>It fell.</p> It was mended. [&#8230;]",
            more="<guid isPermaLink='false'>77</guid><content:encoded><![CDATA[<p>It fell.</p><p>It rose.</p>"
            '<p>The post <a href="x">Weir mended</a> appeared first on <a href="y">Orren Echo</a>.</p>]]>'
            "</content:encoded>",
        )
    )
    parsed = parse_feed(body, content_type="text/xml", url="https://www.orren-echo.test/rss")
    (entry,) = parsed.entries
    assert (parsed.title, parsed.version, parsed.cut, parsed.problem) == ("Orren Echo", "rss20", 0, "")
    assert entry.title == "Weir mended & opened"
    assert entry.url == "https://www.orren-echo.test/weir?utm_source=rss"
    assert (entry.guid, entry.summary, entry.content) == ("77", "It fell.\nIt was mended.", "It fell.\nIt rose.")
    assert entry.published is not None
    assert entry.published.isoformat() == "2026-08-03T09:00:00+00:00"
    assert entry.updated is None, "absent, and not a copy of the date of publication"


def test_atom_entries() -> None:
    first, second = parse_feed(ATOM.encode()).entries
    assert (first.title, first.content) == ("Weir & mill", "It fell.\nIt was mended.")
    assert first.published is not None
    assert first.updated is not None
    assert (first.published.isoformat(), first.updated.isoformat()) == (
        "2026-08-03T09:00:00+00:00",
        "2026-08-04T09:00:00+00:00",
    )
    assert second.published == second.updated, "an Atom entry without `published` is dated by its `updated`"


def test_relative_links_are_completed(texts: ModuleType) -> None:
    body = texts.rss(texts.item("t", "/news/1"), texts.item("u", "2"))
    entries = parse_feed(body, url="https://www.orren-echo.test/feeds/rss").entries
    assert [one.url for one in entries] == ["https://www.orren-echo.test/news/1", "https://www.orren-echo.test/feeds/2"]


def test_repeated_items_are_one_and_repeated_guids_are_not(texts: ModuleType) -> None:
    guid = "<guid isPermaLink='false'>same</guid>"
    body = texts.rss(
        texts.item("a", "https://x.test/a", more=guid),
        texts.item("b", "https://x.test/b", more=guid),
        texts.item("a", "https://x.test/a", more=guid),
    )
    assert [one.title for one in parse_feed(body).entries] == ["a", "b"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252", "iso-8859-1"])
def test_charsets(encoding: str, texts: ModuleType) -> None:
    name = {"utf-8-sig": "utf-8", "utf-16": "utf-16"}.get(encoding, encoding)
    body = texts.rss(texts.item("Café £5", "https://x.test/a")).decode().replace("UTF-8", name).encode(encoding)
    assert parse_feed(body, content_type="application/xml").entries[0].title == "Café £5"


def test_a_wrong_charset_is_survived_and_named(texts: ModuleType) -> None:
    body = texts.rss(texts.item("Café “five”", "https://x.test/a")).decode().encode("windows-1252")
    parsed = parse_feed(body, content_type="application/xml")
    assert (parsed.entries[0].title, parsed.problem) == ("Café “five”", "CharacterEncodingOverride")


# What is no feed


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "nothing"),
        (b" \r\n\t ", "nothing"),
        (b"\xef\xbb\xbf", "nothing"),
        (b"<!DOCTYPE html><html><body>502</body></html>", "web page"),
        (b"\n<!-- x --><!-- y -->\n<HTML>", "web page"),
        (b"<?xml version='1.0'?><!DOCTYPE html PUBLIC 'x' 'y'><html/>", "web page"),
        (b"\xef\xbb\xbf<!doctype  HTML>", "web page"),
        ("<html>".encode("utf-16"), "feed"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', "JSON"),
        (b'[{"title": "x"}]', "JSON"),
        (b"/etc/hostname", "not a feed"),
        (b"file:///etc/hostname", "not a feed"),
        (b"http://127.0.0.1/rss", "not a feed"),
        (b"hello", "not a feed"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "not a feed"),
        (b"%PDF-1.7 binary", "not a feed"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a feed"),
        (b"<sitemap><url>x</url></sitemap>", "not a feed"),
        (b"\x00" * 5000, "nothing"),
        (bytes(range(256)) * 10, "not a feed"),
    ],
    ids=lambda value: repr(value[:30]),
)
def test_what_is_no_feed_is_named(body: bytes, what: str) -> None:
    with pytest.raises(NotAFeed, match=what):
        parse_feed(body, content_type="text/xml")


CANARY = "kingfisher-canary"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.xml"
    item = f"<item><title>{CANARY}</title></item>"
    path.write_text(f"<rss version='2.0'><channel>{item}</channel></rss>", encoding="utf-8")
    return path


def test_a_body_that_is_a_path_is_not_opened(secret: Path) -> None:
    for body in (str(secret), secret.as_uri()):
        with pytest.raises(NotAFeed):
            parse_feed(body.encode())


def hostile(kind: str, file: str, http: str) -> bytes:
    rss = "<rss version='2.0'><channel><item><title>&x;</title></item></channel></rss>"
    chain = (f'<!ENTITY a{n} "{f"&a{n - 1};" * 9}">' for n in range(1, 9))
    laughs = '<!ENTITY a0 "ha">' + "".join(chain)
    declared = {
        "billion laughs": f"<!DOCTYPE r [{laughs}]>",
        "quadratic": f'<!DOCTYPE r [<!ENTITY x "{"x" * 50_000}">]>',
        "external file": f'<!DOCTYPE r [<!ENTITY x SYSTEM "{file}">]>',
        "external address": f'<!DOCTYPE r [<!ENTITY x SYSTEM "{http}">]>',
        "parameter": f'<!DOCTYPE r [<!ENTITY % p SYSTEM "{http}"> %p;]>',
        "lower case": f'<!doctype r [<!entity x SYSTEM "{file}">]>',
        "late": "<!-- " + "x" * 5000 + f' --><!DOCTYPE r [<!ENTITY x SYSTEM "{file}">]>',
    }
    if kind == "utf-16":
        return f'<?xml version="1.0" encoding="utf-16"?><!DOCTYPE r [<!ENTITY x SYSTEM "{file}">]>{rss}'.encode(
            "utf-16"
        )
    return f'<?xml version="1.0"?>{declared[kind]}{rss}'.encode()


@pytest.mark.parametrize(
    "kind",
    ["billion laughs", "quadratic", "external file", "external address", "parameter", "lower case", "late", "utf-16"],
)
def test_entities_are_refused_before_any_parser(kind: str, secret: Path, intranet: Any) -> None:
    body = hostile(kind, secret.as_uri(), intranet.url("/x"))
    with pytest.raises(NotAFeed, match="declares XML entities"):
        refuse_what_is_no_feed(body)
    with pytest.raises(NotAFeed):
        parse_feed(body)


def test_an_external_document_type_is_not_fetched(secret: Path, intranet: Any, texts: ModuleType) -> None:
    for where in (secret.as_uri(), intranet.url("/x.dtd")):
        declared = f"<!DOCTYPE rss SYSTEM '{where}'><rss".encode()
        body = texts.rss(texts.item("t", "https://x.test/")).replace(b"<rss", declared)
        try:
            parsed = parse_feed(body)
        except NotAFeed:  # an IPv6 address has the bracket that opens declarations
            continue
        assert CANARY not in repr(parsed)


def test_entities_in_other_charsets_do_not_read_files(secret: Path) -> None:
    text = f"<?xml version='1.0' encoding='%s'?><!DOCTYPE r [<!ENTITY x SYSTEM '{secret.as_uri()}'>]>" + (
        "<rss version='2.0'><channel><item><title>a&x;b</title></item></channel></rss>"
    )
    for charset in ("utf-7", "utf-32", "utf-16-be", "cp037", "utf-8"):
        try:
            parsed = parse_feed((text % charset).encode(charset))
        except NotAFeed:
            continue
        assert CANARY not in repr(parsed)


# Large and odd


@pytest.mark.parametrize(
    "body",
    [
        b"<!---->" * 600,
        b"<!-- - -->\n" * 400 + b"x",
        b"<!DOCTYPE" * 400_000,
        b"<!" * 2_000_000,
        b"<?xml ?>" * 500,
        b"<" * 5_000_000,
        b"\x00" * 5_000_000 + b"x",
        b" " * 5_000_000,
    ],
    ids=lambda body: repr(body[:12]),
)
def test_the_look_before_the_worker_is_quick_whatever_comes(body: bytes) -> None:
    """It runs in the main process, where nothing could cut it off. (One of these once would have taken for ever.)"""
    with contextlib.suppress(NotAFeed):
        refuse_what_is_no_feed(body)


def test_entries_beyond_the_limit_are_cut_and_counted(texts: ModuleType) -> None:
    parsed = parse_feed(texts.rss(*(texts.item(str(n), f"https://x.test/{n}") for n in range(MOST_ENTRIES + 3))))
    assert (len(parsed.entries), parsed.cut) == (MOST_ENTRIES, 3)
    assert parsed.entries[0].title == "0"


def test_long_texts_are_cut(texts: ModuleType) -> None:
    guid = f"<guid>{'g' * 9000}</guid>"
    body = texts.rss(texts.item("t" * 10_000, "https://x.test/a", summary="word " * 100_000, more=guid))
    (entry,) = parse_feed(body).entries
    assert len(entry.title) == TITLE_LIMIT
    assert TEXT_LIMIT - 10 < len(entry.summary) <= TEXT_LIMIT
    assert len(entry.guid) == 500


@pytest.mark.parametrize(
    "middle",
    [
        "<div>" * 5000,
        "<a " + " ".join(f"xmlns:n{n}='u{n}'" for n in range(1000)) + "/>",
        f"<b c='{'d' * 1_000_000}'/>",
        "<![CDATA[" + "<p>" * 20_000 + "]]>",
    ],
    ids=["nested", "namespaces", "attribute", "cdata"],
)
def test_odd_mark_up_is_parsed_or_set_aside(middle: str, texts: ModuleType) -> None:
    body = texts.rss(texts.item("t", "https://x.test/a")).replace(b"</item>", f"<x>{middle}</item>".encode())
    with contextlib.suppress(NotAFeed):
        assert len(parse_feed(body).entries) <= 1


@pytest.mark.parametrize("share", [0.4, 0.6, 0.8, 0.95])
def test_of_a_cut_feed_the_whole_items_are_kept(share: float, texts: ModuleType) -> None:
    body = texts.rss(*(texts.item(f"title {n}", f"https://x.test/{n}", summary="s" * 100) for n in range(20)))
    parsed = parse_feed(body[: int(len(body) * share)])
    assert parsed.problem
    assert [one.title for one in parsed.entries[:5]] == [f"title {n}" for n in range(5)]


def test_hostile_titles_and_links_end_as_plain_text(texts: ModuleType) -> None:
    body = texts.rss(
        texts.item("<script>alert(1)</script>a", "javascript:alert(1)"),
        texts.item("&lt;img src=x onerror=alert(1)&gt;b", "data:text/html,<script>"),
        texts.item("c\u202ed\u200b \x85e", "https://x.test/\u202e"),
        texts.item("f", " HTTPS://X.test/a "),
        texts.item("g", "file:///etc/passwd"),
        texts.item("h", "http://user:word@x.test/"),
        texts.item("i", ""),
    ).replace(b"<title>f", b"<title>f\x1b[31m\x00")
    entries = {one.title: one.url for one in parse_feed(body).entries}
    assert entries["a"] is None
    assert not [title for title in entries if "\x1b" in title or "\x00" in title or "\u202e" in title]
    assert {url for url in entries.values() if url} <= {"https://x.test/\u202e", "https://X.test/a"}


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://x.test/a", "https://x.test/a"),
        ("HTTP://X.test/a", "http://X.test/a"),
        (" https://x.test/a\n", "https://x.test/a"),
        ("https://x.test:8443/a", "https://x.test:8443/a"),
        ("https://x.test/a b", None),
        ('https://x.test/"><script>', None),
        ("https://x.test/\x00", None),
        ("https://x.test/\ud800", None),
        ("//x.test/a", None),
        ("/a", None),
        ("", None),
        ("mailto:a@x.test", None),
        ("https://x.test/" + "a" * 3000, None),
    ],
)
def test_web_links(link: str, kept: str | None) -> None:
    assert web_link(link) == kept


TAGS = ("item", "title", "link", "pubDate", "guid", "content:encoded", "entry")
BITS = st.sampled_from(
    [f"<{tag}>" for tag in TAGS]
    + [f"</{tag}>" for tag in TAGS]
    + ["https://x.test/", "<![CDATA[", "]]>", "\x00", "é", "\ufffe", "Mon, 03 Aug 2026", "<", ">", "<!--", "&", ";"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(BITS, st.text(max_size=5)), max_size=40).map("".join))
def test_mutated_feeds_end_as_entries_or_as_no_feed(middle: str) -> None:
    body = f"<rss version='2.0'><channel>{middle}</channel></rss>".encode()
    with contextlib.suppress(NotAFeed):
        check_entries(parse_feed(body).entries)


PLAIN = re.compile(r"[!-%'-;=?-~]+(?: [!-%'-;=?-~]+)*")
"""A title that no cleaning could change."""


def check_entries(entries: Any) -> None:
    for one in entries:
        assert one.url is None or one.url.startswith(("http://", "https://"))
        for moment in (one.published, one.updated):
            assert moment is None or moment.utcoffset().total_seconds() == 0
        for text in (one.title, one.summary, one.content):
            assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\ud800-\udfff]", text)


# feedparser's own fixtures


@pytest.mark.shared
@pytest.mark.filterwarnings("ignore::DeprecationWarning:feedparser")
def test_feedparsers_own_feeds(shared: Path) -> None:
    """Some 2,100 files: nothing escapes but NotAFeed, and what is kept has the promised shape."""
    seen = read = refused = titles = 0
    with tarfile.open(shared / "feeds" / "feedparser_fixtures.tar.xz") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() and "LICENSE" not in member.name else None
            if file is None:
                continue
            body = file.read()
            seen += 1
            try:
                parsed = parse_feed(body, content_type="application/xml", url="https://www.orren-echo.test/rss")
            except NotAFeed:
                refused += 1
                continue
            read += 1
            check_entries(parsed.entries)
            theirs = feedparser.parse(
                io.BytesIO(body),
                response_headers={
                    "content-type": "application/xml",
                    "content-location": "https://www.orren-echo.test/rss",
                },
            )
            plain = [one.get("title", "") for one in theirs.entries]
            if len(plain) == len(parsed.entries):
                for ours, title in zip(parsed.entries, plain, strict=True):
                    if PLAIN.fullmatch(title):
                        assert ours.title == title.strip()[:TITLE_LIMIT].strip(), member.name
                        titles += 1
    assert seen >= 2_100
    assert read >= 1_700, f"{read} of {seen} read, {refused} refused"
    assert titles >= 50
