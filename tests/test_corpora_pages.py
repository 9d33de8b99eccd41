"""Article pages: the story, and nothing that stands around or inside it."""

from __future__ import annotations

import re
from types import ModuleType

import pytest

from corpora.errors import NotAStory
from corpora.pages import LARGEST_PAGE, check_article, credit, extract_page, without_headline
from corpora.tables import read_table

TEASER = "Duck race raises a record sum for the hospice by the river"
PRUNED = read_table("prune.tsv", columns=("family", "name_part", "reason", "example"))


@pytest.mark.parametrize("row", PRUNED, ids=lambda row: row["name_part"])
@pytest.mark.parametrize("tag", ["div", "aside", "section"])
def test_blocks_inside_the_article_are_pruned(row: dict[str, str], tag: str, texts: ModuleType) -> None:
    text = texts.story(3)
    inner = f"<h3>More for you</h3><p>{TEASER}.</p><p>Sign up here for more.</p>"
    block = f"<{tag} class='{row['example']}'>{inner}</{tag}>"
    page = extract_page(texts.page("Weir mended", text, inside=block))
    assert page.text == text
    assert page.title == "Weir mended"


@pytest.mark.parametrize(
    "name", ["entry-content entry-content-read-more", "article-body newsletter-page", "post-content has-related-posts"]
)
def test_the_articles_own_container_is_never_pruned(name: str, texts: ModuleType) -> None:
    text = texts.story(3, words=150)
    body = texts.page("Weir mended", text).replace(b"article-body", name.encode())
    assert extract_page(body).text == text


def test_a_block_of_many_paragraphs_is_kept_whatever_its_name(texts: ModuleType) -> None:
    text = texts.story(3)
    assert len(text.split("\n")) > 9
    body = texts.page("Weir mended", text).replace(b"article-body", b"related-story-wrap")
    assert extract_page(body).text == text


def test_hidden_text_is_not_read(texts: ModuleType) -> None:
    text = texts.story(4)
    hidden = f"<template><p>{TEASER}</p></template><script>{TEASER}</script>"
    hidden += f"<div style='Display: none'><p>{TEASER}</p></div><p hidden>{TEASER}</p><span hidden>{TEASER}</span>"
    assert TEASER not in extract_page(texts.page("t", text, inside=hidden)).text


def test_what_a_page_says_of_itself(texts: ModuleType) -> None:
    head = (
        '<meta property="og:title" content="Weir &amp; mill mended">'
        '<meta name="author" content="Asha Pell">'
        '<meta property="article:published_time" content="2026-08-03T10:00:00+01:00">'
    )
    page = extract_page(
        texts.page("Weir & mill mended", texts.story(5), head=head), url="https://www.orren-echo.test/a"
    )
    assert (page.title, page.byline, page.published[:10]) == ("Weir & mill mended", "Asha Pell", "2026-08-03")


def test_three_readings_of_one_page_are_equal(texts: ModuleType) -> None:
    """trafilatura's own removal of repetitions would empty the later ones."""
    body = texts.page("t", texts.story(6))
    assert len({extract_page(body) for _ in range(4)}) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Short.",
        "We use cookies. Accept all cookies to continue reading our pages, or manage cookies to continue. " * 3,
        "Checking your browser before you go on. This takes a moment. Please wait for the page to load itself. " * 3,
        "Subscribe to keep reading. Our journalists need your support. It costs less than a cup of tea each week. " * 3,
        "Access to this page has been denied. We saw unusual traffic from your network. Please try again later. " * 3,
        "a list of words without any sentence " * 20,
    ],
)
def test_walls_and_crumbs_are_no_stories(text: str, texts: ModuleType) -> None:
    with pytest.raises(NotAStory):
        check_article(text)
    with pytest.raises(NotAStory):
        extract_page(texts.page("Please wait", text))


def test_a_long_story_may_speak_of_cookies(texts: ModuleType) -> None:
    check_article(texts.story(7) + "\nResidents were told to enable javascript and cookies.")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00" * 1000,
        b"{}",
        b"%PDF-1.7",
        b"<html></html>",
        b"<p>" * 50_000,
        b"<div>" * 20_000 + b"word. word. " * 100,
        "<html>".encode("utf-16"),
        bytes(range(256)) * 100,
        b"x" * (LARGEST_PAGE + 1),
    ],
    ids=lambda body: repr(body[:12]),
)
def test_odd_pages_are_set_aside(body: bytes) -> None:
    try:
        page = extract_page(body)
    except NotAStory:
        return
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", page.text)


@pytest.mark.parametrize(
    ("byline", "agencies"),
    [
        ("Asha Pell", ""),
        ("", ""),
        ("Asha Pell, Local Democracy Reporter", "Local Democracy Reporting Service"),
        ("Local Democracy Reporting Service; Asha Pell", "Local Democracy Reporting Service"),
        ("PA Reporter", "PA Media"),
        ("Paul Apted", ""),
        ("Press Association and Asha Pell", "PA Media"),
        ("Associated Press; Reuters", "Reuters; Associated Press"),
    ],
)
def test_of_a_byline_only_agencies_are_kept(byline: str, agencies: str) -> None:
    assert credit(byline) == agencies


def test_each_agency_pattern_knows_its_example() -> None:
    for row in read_table("agencies.tsv", columns=("pattern", "credit", "reason", "example")):
        assert row["credit"] in credit(row["example"]).split("; ")


@pytest.mark.parametrize(
    ("text", "title", "left"),
    [
        ("Weir mended\nIt fell.", "Weir Mended", "It fell."),
        ("Weir mended again\nIt fell.", "Weir mended", "Weir mended again\nIt fell."),
        ("Weir mended", "Weir mended", "Weir mended"),
        ("\nIt fell.", "", "\nIt fell."),
    ],
)
def test_a_headline_is_not_read_twice(text: str, title: str, left: str) -> None:
    assert without_headline(text, title) == left
