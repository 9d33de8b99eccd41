"""Each outlet's saved feed and page are read as expected; an outlet without its pair is named, with what to do."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from corpora.addresses import canonical_url
from corpora.catalogue import load_catalogue
from corpora.feeds import parse_feed
from corpora.pages import credit, extract_page, without_headline
from corpora.times import believed

FOLDER = Path(__file__).resolve().parent / "outlets"
PAIRS = sorted(path for path in FOLDER.iterdir() if path.is_dir())
WITHOUT = FOLDER / "without_pair.txt"
LARGEST = 512 * 1024
"""A saved page with its scripts is smaller; more belongs in no repository."""


def expected(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return found


def test_there_are_pairs_in_the_styles_of_the_three_main_publishers() -> None:
    assert {"style-newsquest", "style-reach", "style-national-world"} <= {path.name for path in PAIRS}


@pytest.mark.parametrize("folder", PAIRS, ids=lambda path: path.name)
def test_a_pair_is_complete_and_small(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == ["expected.json", "feed.xml", "page.html"]
    assert all(path.stat().st_size < LARGEST for path in folder.iterdir())
    whole = expected(folder)
    assert whole.keys() == {"feed", "page"}
    assert whole["feed"].keys() == {"title", "entries", "dated", "first"}
    assert whole["feed"]["first"].keys() == {"url", "title", "summary", "published"}
    assert whole["page"].keys() == {"title", "published", "credit", "paragraphs", "begins", "ends", "never"}
    assert whole["page"]["never"], "name words of the page's furniture that must not be read as the story's"
    page = (folder / "page.html").read_text(encoding="utf-8")
    for words in whole["page"]["never"]:
        assert words in page, f"{words!r} is not on the page, so its absence says nothing"


@pytest.mark.parametrize("folder", PAIRS, ids=lambda path: path.name)
def test_the_feed_is_read_as_expected(folder: Path) -> None:
    want = expected(folder)["feed"]
    parsed = parse_feed((folder / "feed.xml").read_bytes())
    first = parsed.entries[0]
    published = datetime.fromisoformat(want["first"]["published"]).astimezone(UTC)
    assert parsed.title == want["title"]
    assert len(parsed.entries) == want["entries"]
    assert first.url is not None
    assert canonical_url(first.url) == want["first"]["url"]
    assert (first.title, first.summary) == (want["first"]["title"], want["first"]["summary"])
    assert first.published == published
    assert sum(believed(one.published, published)[1] for one in parsed.entries) == want["dated"]


@pytest.mark.parametrize("folder", PAIRS, ids=lambda path: path.name)
def test_the_page_is_read_as_expected(folder: Path) -> None:
    want = expected(folder)["page"]
    page = extract_page((folder / "page.html").read_bytes(), url=expected(folder)["feed"]["first"]["url"])
    text = without_headline(page.text, expected(folder)["feed"]["first"]["title"])
    assert page.title == want["title"]
    assert page.published[:10] == want["published"]
    assert credit(page.byline) == want["credit"]
    assert text.startswith(want["begins"])
    assert text.endswith(want["ends"])
    assert len(text.split("\n")) == want["paragraphs"]
    assert [words for words in want["never"] if words in text] == []


def test_a_new_outlet_brings_its_pair() -> None:
    carried = {line for line in WITHOUT.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")}
    slugs = set(load_catalogue().outlets)
    have = {path.name for path in PAIRS}
    lacking = sorted(slugs - have - carried)
    assert lacking == [], (
        f"These outlets have no pair of files: {', '.join(lacking)}. Make tests/outlets/<slug>/ with feed.xml, "
        "page.html and expected.json: `sharedstory outlets add --shipped` and CONTRIBUTING.md say how."
    )
    assert sorted(carried & have) == [], f"take them out of {WITHOUT.name}: they have a pair now"
    assert sorted(carried - slugs) == [], f"take them out of {WITHOUT.name}: they are in the catalogue no more"
