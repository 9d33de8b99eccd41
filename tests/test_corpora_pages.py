"""Article pages: the story, and nothing that stands around or inside it."""

from __future__ import annotations

import re
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.errors import NotAStory
from corpora.pages import LARGEST_PAGE, check_article, credit, credit_lines, extract_page, merged, without_headline
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


@pytest.mark.parametrize(
    "block",
    [
        "<div style='visibility:hidden'>{}</div>",
        "<section style='opacity: 0'>{}</section>",
        "<div style='font-size:0'>{}</div>",
        "<div style='position:absolute; left:-9999px'>{}</div>",
        "<div style='text-indent: -5000px'>{}</div>",
        "<div style='position:absolute;clip:rect(0 0 0 0)'>{}</div>",
        "<div style='height:0;overflow:hidden'>{}</div>",
        "<div style='WIDTH: 1px; Height: 1px; overflow: hidden'>{}</div>",
        "<div style='color:#fff'>{}</div>",
        "<div style='color: White !important'>{}</div>",
        "<span style='color:rgb(255, 255, 255)'>{}</span>",
        "<div style='background:#000'><div style='color:#000'>{}</div></div>",
        "<table bgcolor='#00f'><tr><td><div style='color:#00f'>{}</div></td></tr></table>",
        "<div aria-hidden='true'>{}</div>",
        "<div class='story sr-only'>{}</div>",
        "<div class='visually-hidden'>{}</div>",
        "<div hidden>{}</div>",
        "<template>{}</template>",
        "<div style='display:none'><div style='display:none'><div hidden>{}</div></div></div>",
    ],
)
@pytest.mark.parametrize("times", [1, 12])
def test_what_a_reader_cannot_see_is_not_read(block: str, times: int, texts: ModuleType) -> None:
    text = texts.story(4, words=600)
    page = extract_page(texts.page("t", text, inside=block.format(f"<p>{TEASER}.</p>" * times)))
    assert page.text == text


@pytest.mark.parametrize(
    "block",
    [
        "<div style='background:#036'><p style='color:#fff'>{}</p></div>",
        "<p style='opacity:0.9'>{}</p>",
        "<p style='font-size:0.9em'>{}</p>",
        "<div style='margin-left:-10px'><p>{}</p></div>",
    ],
)
def test_what_a_reader_sees_is_read(block: str, texts: ModuleType) -> None:
    seen = "The duck race raised a record sum for the hospice by the river, and nobody fell into the water."
    assert seen in extract_page(texts.page("t", texts.story(4), inside=block.format(seen))).text


def test_a_story_that_a_script_shows_is_read(texts: ModuleType) -> None:
    text = texts.story(4)
    body = texts.page("t", text).replace(b"<article>", b"<article style='display:none'>")
    assert extract_page(body).text == text


# Two readings


def test_sentences_between_are_put_back_and_ends_are_not() -> None:
    lines = [f"Paragraph {number} of the story about the weir stands here." for number in range(12)]
    linked = "Divers from the next county had warned of this in a long letter."
    strict, generous = "\n".join(lines), "\n".join(["Top story: a duck race was held today.", *lines[:6], "READ MORE",
        linked, *lines[6:], "Another story about something else entirely was told."])  # fmt: skip
    assert merged(strict, generous) == "\n".join([*lines[:6], linked, *lines[6:]])
    assert merged(strict, "") == merged(strict, strict) == strict


def test_the_generous_reading_helps_where_the_strict_one_found_hardly_anything() -> None:
    assert merged("Weir mended.", "Weir mended.\nIt took a week.") == "Weir mended.\nIt took a week."
    assert merged("", "") == ""


@given(st.lists(st.sampled_from("abcdef"), max_size=30), st.lists(st.sampled_from("abcdefgh"), max_size=30))
def test_no_line_of_the_strict_reading_is_lost(strict: list[str], generous: list[str]) -> None:
    pad = [f"{one} stood by the mill all day long, and the water rose and rose." for one in strict] + ["x" * 400]
    more = [f"{one} stood by the mill all day long, and the water rose and rose." for one in generous]
    found = iter(merged("\n".join(pad), "\n".join(more)).split("\n"))
    assert all(any(line == one for one in found) for line in pad)


def test_a_page_laid_out_by_tables_is_read(texts: ModuleType) -> None:
    text = texts.story(8)
    rows = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    body = f"<html><body><table><tr><td>Home</td><td>{rows}</td></tr></table></body></html>".encode()
    assert all(line in extract_page(body).text for line in text.split("\n"))


def test_a_brief_story_is_believed_where_the_page_calls_it_an_article(texts: ModuleType) -> None:
    brief = "The footbridge at Kelderby is shut until Friday while divers look at its piers, the trust said."
    for head in (
        '<meta property="og:type" content="article">',
        '<meta property="article:published_time" content="2026-08-03T10:00:00+01:00">',
        '<script type="application/ld+json">{"@context": "x", "@type": "NewsArticle"}</script>',
        '<script type="application/ld+json">{"@type": ["Thing", "ReportageNewsArticle"]}</script>',
        '<meta itemscope itemtype="https://schema.org/NewsArticle">',
    ):
        assert extract_page(texts.page("Bridge shut", brief, head=head)).text == brief
    two = '<meta itemscope itemtype="https://schema.org/NewsArticle">' * 2
    for head in ("", two):
        with pytest.raises(NotAStory):
            extract_page(texts.page("Bridge shut", brief, head=head))
    wall = "Subscribe to keep reading. Our journalists need your support, and it costs less than a cup of tea a week."
    with pytest.raises(NotAStory):
        extract_page(texts.page("Bridge shut", wall, head='<meta property="og:type" content="article">'))


@pytest.mark.parametrize("mark", ["。", "।", "؟", "…»\n"])
def test_other_scripts_have_sentences_too(mark: str) -> None:
    check_article(("水" * 150 + mark) * 2)


def test_lines_that_lead_elsewhere_are_dropped(texts: ModuleType) -> None:
    text = texts.story(9)
    inside = "<p>READ MORE: Duck race raises a record sum</p><p>Sign up for our free newsletter</p>"
    assert extract_page(texts.page("t", text, inside=inside)).text == text


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
        ("Local Democracy Reporting", "Local Democracy Reporting Service"),
        ("LDRS", "Local Democracy Reporting Service"),
        ("PA Media", "PA Media"),
        ("Asha Pell, PA", "PA Media"),
        ("Dafydd ap Pell", ""),
        ("South West News Service", "SWNS"),
        ("Wales News Service", "Wales News Service"),
        ("Orren Valley News Agency", "News agency"),
        ("Asha Pell, news editor", ""),
        ("Kelderby Council press office", "Press release"),
        ("Press release", "Press release"),
        ("Sponsored by Mill & Son", "Sponsored"),
        ("In partnership with Mill & Son", "Sponsored"),
        ("Advertisement feature", "Sponsored"),
    ],
)
def test_of_a_byline_only_agencies_are_kept(byline: str, agencies: str) -> None:
    assert credit(byline) == agencies


def test_each_agency_pattern_knows_its_example() -> None:
    for row in read_table("agencies.tsv", columns=("pattern", "credit", "reason", "example")):
        assert row["credit"] in credit(row["example"]).split("; ")


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("By Asha Pell, Local Democracy Reporter", True),
        ("Local Democracy Reporting Service", True),
        ("Additional reporting by PA", True),
        ("(PA)", True),
        ("Press release", True),
        ("A sponsored walk raised £500 for the hospice", False),
        ("The mayor told the Press Association that the weir would be mended before the winter.", False),
        ("By Asha Pell", False),
    ],
)
def test_credits_at_either_end_of_the_text_are_seen(line: str, is_one: bool, texts: ModuleType) -> None:
    text = texts.story(2)
    assert credit_lines(f"{line}\n{text}") == credit_lines(f"{text}\n{line}") == ((line,) if is_one else ())
    half = text.split("\n")[:4]
    assert credit_lines("\n".join([*half, line, *half])) == ()
    assert (line in extract_page(texts.page("t", f"{text}\n{line}")).byline) is is_one


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
