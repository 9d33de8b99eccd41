"""A real BBC feed and real article pages go the whole way: collected, read, and reported with their sentences."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import pytest

from corpora.fetch import Fetcher
from corpora.records import FRAMES
from corpora.store import Store
from flows import plain
from flows.bench import Bench, close_benches, put_bench
from flows.settings import Workspace
from reports.weeks import week_of

pytestmark = pytest.mark.shared

REGION = "Z07000009"
FEED = "http://feeds.bbci.co.uk/news/rss.xml"
PAGES_FEED = "http://pages.example/rss"


def catalogue(folder: Path) -> Path:
    folder.mkdir()
    (folder / "regions.csv").write_text(
        "gss,name,tier,parent,county,aliases\n"
        "Z92000009,Testland,nation,,,\nTLZ,Test Region,itl1,Z92000009,,\n"
        f"{REGION},Testford,lad,TLZ,,\n",
        encoding="utf-8",
    )
    rows = [
        f"{slug},{title},Owner,http://{slug}.example/,{url},{REGION},A,served on loopback,2026,"
        for slug, title, url in (("bbc", "The Broadcaster", FEED), ("pages", "Saved Pages", PAGES_FEED))
    ]
    header = "slug,outlet,owner,homepage,feed_url,areas,certainty,evidence,last_evidence,note"
    (folder / "sources.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return folder


def newest_week(body: bytes) -> datetime:
    import xml.etree.ElementTree as ET

    dates = [
        parsedate_to_datetime(text) for one in ET.fromstring(body).iter("item") if (text := one.findtext("pubDate"))
    ]
    return max(dates)


def test_real_feeds_and_pages_end_in_a_report(
    shared: Path, internet: Any, servers: ModuleType, make_fetcher: Callable[..., Fetcher], tmp_path: Path
) -> None:
    body = min((shared / "feeds").glob("MatipaM*bbc.xml")).read_bytes()
    now = newest_week(body) + timedelta(hours=2)
    internet.answers["feeds.bbci.co.uk/news/rss.xml"] = servers.http(body, content_type="text/xml; charset=utf-8")
    folder = shared / "pages" / "uk"
    facts = json.loads((folder / "meta.info").read_text(encoding="utf-8"))
    items, hosts = [], {"feeds.bbci.co.uk", "pages.example"}
    for number, (name, about) in enumerate(sorted(facts.items())):
        url = about["url"].replace("https://", "http://")
        parts = urlsplit(url)
        hosts.add(parts.netloc)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        internet.answers[f"{parts.netloc}{target}"] = servers.http(
            (folder / name).read_bytes(), content_type="text/html; charset=utf-8", content_encoding="gzip"
        )
        when = format_datetime(now - timedelta(hours=3 + number))
        items.append(f"<item><title>Page {number}</title><link>{escape(url)}</link><pubDate>{when}</pubDate></item>")
    rss = f"<rss version='2.0'><channel><title>Pages</title>{''.join(items)}</channel></rss>"
    internet.answers["pages.example/rss"] = servers.http(
        gzip.compress(rss.encode()), content_type="application/rss+xml", content_encoding="gzip"
    )
    workspace = Workspace(
        home=tmp_path / "home", regions=(REGION,), pages=True, contact="test", catalogue=catalogue(tmp_path / "cat")
    )
    workspace.save()
    fetcher = make_fetcher(routes=dict.fromkeys(hosts, internet.pair), seconds=20)
    put_bench(Bench(workspace=workspace, clock=lambda: now, fetcher=fetcher))
    week = week_of(now).label
    try:
        index = plain.run(str(workspace.home), week)
    finally:
        close_benches()
    with Store(workspace.store, read_only=True) as store:
        coder = store.note("coder")
        assert coder is not None
        assert store.unjudged(coder) == []
        since, until = now - timedelta(days=30), now + timedelta(days=1)
        stories = store.published([REGION], since=since, until=until, coder=coder)
    from_pages = [one for one in stories if one.outlet == "pages"]
    assert len(from_pages) == len(facts)
    assert {one.text_from for one in from_pages} == {"page"}
    assert sum(one.outlet == "bbc" for one in stories) >= 20
    page = (index.parent / "testford.html").read_text(encoding="utf-8")
    assert "Uncorrected classifier counts" in page
    assert "Saved Pages" in page
    assert "The Broadcaster" in page
    with (index.parent / "testford-figures.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    this_week = [row for row in rows if row["week"] == week and row["window"] == "week" and row["voice"] == "any"]
    assert {row["frame"] for row in this_week} == set(FRAMES)
    assert all(int(row["of"]) >= 30 for row in this_week)
