"""Which addresses are fetched from, and which name the same story."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpora.addresses import LONGEST_URL, canonical_url, check_url, is_public
from corpora.errors import Refused
from corpora.fetch import system_resolver

PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.9",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.1.2.3",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2001::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "2001:db8::1",
    "100::1",
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "151.101.0.81", "100.63.255.255", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("text", PRIVATE)
def test_addresses_inside_are_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_addresses_outside_are(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "host",
    ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1", "127.0.0.2", "0", "::ffff:127.0.0.1", "::1"],
)
def test_odd_spellings_end_as_plain_addresses_and_are_refused(host: str) -> None:
    found = system_resolver(host, 80)
    assert found
    assert not any(is_public(ipaddress.ip_address(one)) for one in found)


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "/etc/passwd",
        "../x.xml",
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "gopher://x.test/",
        "ftp://x.test/",
        "data:text/xml,<rss/>",
        "javascript:alert(1)",
        "feed://x.test/rss",
        "//x.test/rss",
        "x.test/rss",
        "http://",
        "http:///path",
        "http://:80/",
        "http://good.test@127.0.0.2/",
        "http://user:word@x.test/",
        "http://x.test:22/",
        "http://x.test:6379/",
        "http://x.test:99999/",
        "http://x.test:-1/",
        "http://x.test:port/",
        "http://[::1/",
        "http://[zz]/",
        "http://x.test/" + "a" * LONGEST_URL,
        "http://x.test/" + "a" * 3_000_000,
    ],
    ids=lambda url: url[:40],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(Refused) as caught:
        check_url(url)
    assert len(caught.value.message) < 200


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("http://x.test", ("http", "x.test", 80)),
        ("https://X.Test:443/a?b#c", ("https", "x.test", 443)),
        ("HTTP://x.test/", ("http", "x.test", 80)),
        ("http://[2606:4700::1111]/", ("http", "2606:4700::1111", 80)),
        ("https://x.test:80/", ("https", "x.test", 80)),
    ],
)
def test_web_addresses(url: str, parts: tuple[str, str, int]) -> None:
    assert check_url(url) == parts


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("http://x.test", "http://x.test/"),
        ("HTTP://WWW.X.test:80/News/A", "http://www.x.test/News/A"),
        ("https://x.test:443/a", "https://x.test/a"),
        ("https://x.test.:443/a", "https://x.test/a"),
        ("http://x.test:8080/a", "http://x.test:8080/a"),
        ("https://x.test/a#0", "https://x.test/a"),
        ("https://x.test/a?utm_source=rss&utm_medium=feed", "https://x.test/a"),
        ("https://x.test/a?at_medium=RSS&at_campaign=rss", "https://x.test/a"),
        ("https://x.test/a?ref=rss", "https://x.test/a"),
        ("https://x.test/a?UTM_Source=rss&id=7", "https://x.test/a?id=7"),
        ("https://x.test/a?b=2&a=1", "https://x.test/a?a=1&b=2"),
        ("https://x.test/a?id=", "https://x.test/a?id="),
        ("https://x.test/a?q=fish+%26+chips", "https://x.test/a?q=fish+%26+chips"),
        ("https://x.test/a/amp", "https://x.test/a"),
        ("https://x.test/a/amp/", "https://x.test/a/"),
        ("https://x.test/a/amp/amp", "https://x.test/a"),
        ("https://x.test/a.amp", "https://x.test/a"),
        ("https://x.test/a?amp=1", "https://x.test/a"),
        ("https://amp.x.test/a", "https://www.x.test/a"),
        ("https://amp.www.x.test/a", "https://www.x.test/a"),
        ("https://x.test/camp", "https://x.test/camp"),
        ("https://x.test//a///b", "https://x.test/a/b"),
        ("  https://x.test/a \n", "https://x.test/a"),
        ("https://x.test/a/", "https://x.test/a/"),
        ("http://[2606:4700::1111]/a", "http://[2606:4700::1111]/a"),
        ("https://user:word@x.test/a", "https://x.test/a"),
    ],
)
def test_one_story_has_one_address(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical


PATHS = st.lists(st.sampled_from(["/", "amp", ".amp", "a", "é", "%20", ";", "//", "news", "0"])).map("".join)
QUERIES = st.lists(st.sampled_from(["a=1", "&", "utm_x=1", "=", "%", "%zz", "+", "amp=1", "?", "ref", "é"])).map(
    "".join
)


@given(st.sampled_from(["x.test", "AMP.x.test", "amp.amp.x.test", "x.test.", "x.test:80", "x.test:81"]), PATHS, QUERIES)
@example("x.test", "/amp.amp/amp/", "")
def test_canonical_addresses_are_canonical(host: str, path: str, query: str) -> None:
    once = canonical_url(f"http://{host}/{path}?{query}#f")
    assert canonical_url(once) == once
    assert once.startswith("http://")
