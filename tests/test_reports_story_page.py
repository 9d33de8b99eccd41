"""The page of one story: marks where the reading has them, nothing that runs, readable by everybody, honest."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import itertools
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html

from reports import story_page
from reports.story_marks import MOST_UNREAD, Mark, harmless, marks_of, segments, shown
from reports.story_page import story_html, style
from reports.story_sayings import NOTHING, PROTECTED, WHOLE_TEXT

HERE = Path(__file__).resolve().parent
XSS = "<script>window.__x=1</script>\"'><img src=x onerror=alert(1)> {{7*7}} {% raw %} https://example.org/ &amp; "
HOSTILE = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("<>&\"'{}%/\n\r\u202e\u2066\x1b\x00\ud800")))


def load_sample() -> ModuleType:
    spec = importlib.util.spec_from_file_location("_tests_story_sample", HERE / "support" / "story_sample.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


SAMPLE = load_sample()


def parsed(text: str) -> Any:
    return html.document_fromstring(text.encode("utf-8"))


def bare(element: Any, inside: frozenset[str] = frozenset()) -> Iterator[tuple[str, frozenset[str]]]:
    """Characters of the story under an element, each with the classes it stands in; numbers and links left out."""
    classes = frozenset((element.get("class") or "").split())
    if not classes & {"ref", "verse"}:
        now = inside | classes
        yield from ((one, now) for one in element.text or "")
        for child in element:
            yield from bare(child, now)
            yield from ((one, now) for one in child.tail or "")


def written(element: Any) -> str:
    return "".join(one for one, _ in bare(element))


@pytest.fixture(scope="module")
def page() -> Any:
    return parsed(story_html(*SAMPLE.sample()))


# The text and its marks


def test_every_sentence_stands_in_the_page_as_it_was_written(page: Any) -> None:
    story, reading = SAMPLE.sample()
    for number, one in enumerate(reading["sentences"], start=1):
        assert written(page.get_element_by_id(f"s{number}")) == story["text"][one["start"] : one["end"]]
    assert written(page.get_element_by_id("s0")) == story["title"]
    paragraphs = [written(one) for one in page.xpath("//div[contains(@class,'row')]/p")]
    assert paragraphs == story["text"].split("\n\n")


KINDS = {
    "said": "said",
    "group": "group",
    "cue": "cue",
    "structural": "structural",
    "reference": "reference",
}


def expected(text: str, start: int, end: int, marks: list[Mark]) -> list[tuple[str, frozenset[str]]]:
    done = []
    for at in range(start, end):
        kinds = {mark.kind for mark in marks if mark.start <= at < mark.end}
        done.append((text[at], frozenset(kinds | ({"group"} if "reference" in kinds else set()))))
    return done


def test_marks_cover_exactly_the_characters_of_the_reading(page: Any) -> None:
    story, reading = SAMPLE.sample()
    seen = Counter[str]()
    for number, one in enumerate(reading["sentences"], start=1):
        element = page.get_element_by_id(f"s{number}")
        marks = marks_of(one, noted="noted" in element.get("class").split())
        got = [(char, classes & KINDS.keys()) for char, classes in bare(element)]
        assert got == expected(story["text"], one["start"], one["end"], marks)
        seen.update(mark.kind for mark in marks)
    assert set(seen) == set(KINDS)


spans = st.tuples(st.integers(-5, 60), st.integers(0, 40), st.sampled_from(sorted(KINDS)))


@given(text=HOSTILE, drawn=st.lists(spans, max_size=8))
@example(text="abcdefghij", drawn=[(0, 6, "said"), (3, 6, "cue"), (3, 2, "cue"), (5, 5, "group")])
def test_marks_that_overlap_in_any_way_nest_and_lose_no_character(text: str, drawn: list[tuple[int, int, Any]]) -> None:
    marks = [Mark(start=start, end=start + size, kind=kind, code="GRT") for start, size, kind in drawn]
    clean = harmless(text)
    piece = story_page.Piece(number=1, segments=segments(clean, 0, len(clean), marks))
    element = html.fragment_fromstring(str(story_page._piece(piece, {})))
    got = [(char, classes & KINDS.keys()) for char, classes in bare(element)]
    assert got == expected(clean, 0, len(clean), marks)


@given(text=HOSTILE)
@example(text=XSS)
def test_whatever_the_story_holds_is_text(text: str) -> None:
    story, reading = SAMPLE.plain(text, title=text[:40].strip())
    page = parsed(story_html(story, reading))
    assert not page.xpath("//script | //img | //iframe | //object | //form | //b | //input | //link")
    assert not [at for at in page.xpath("//@*") if at.attrname.startswith("on") or at.attrname in {"style", "src"}]
    assert all(link.startswith("#") for link in page.xpath("//@href"))
    rows = [written(one) for one in page.xpath("//div[contains(@class,'row')]/p")]
    assert "".join("".join(rows).split()) == "".join(harmless(text).split())


@given(text=HOSTILE)
def test_what_is_made_harmless_keeps_its_length_and_commands_nothing(text: str) -> None:
    clean = harmless(text)
    assert len(clean) == len(text)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ud800-\udfff]", clean)
    clean.encode("utf-8")


def test_strangers_words_in_notes_are_escaped_and_isolated() -> None:
    story, reading = SAMPLE.sample()
    for one in (reading["sentences"][1]["speaker"], reading["sentences"][1]["quads"][0]["blamer"]):
        one["resolved"] = "\u202e<b>Harrow</b>\x1b[31m"
    reading["coder"] = "<i>model</i>"
    page = parsed(story_html(story, reading))
    assert not page.xpath("//b | //i")
    assert any("<b>Harrow</b>" in one.text_content() for one in page.xpath("//bdi"))
    assert "\u202e" not in page.text_content()


def test_text_that_runs_from_right_to_left_sets_its_own_direction(page: Any) -> None:
    assert page.xpath("//div[contains(@class,'row')]/p[not(@dir='auto')]") == []
    assert page.xpath("//h1/@dir") == ["auto"]
    story, reading = SAMPLE.plain("השוק נפתח ביום שני.\nThe market opens on Monday.")
    assert "השוק נפתח ביום שני." in story_html(story, reading)


def test_a_story_is_not_left_out_of_the_page_where_spans_are_broken() -> None:
    story, reading = SAMPLE.plain("One line.\nAnother line.")
    reading["sentences"][1]["start"] = 4
    reading["sentences"][1]["end"] = 900
    page = parsed(story_html(story, reading))
    assert "".join(written(one) for one in page.xpath("//div[contains(@class,'row')]/p")).replace(" ", "") == (
        "Oneline.Anotherline."
    )


# What is said


def test_every_flag_has_a_note_and_every_number_leads_to_its_sentence(page: Any) -> None:
    ids = set(page.xpath("//@id"))
    assert {link[1:] for link in page.xpath("//@href")} <= ids
    notes = page.xpath("//*[starts-with(@id,'note-')]/@id")
    assert sorted(notes) == sorted(f"note-{n}" for n in (0, 1, 2, 3, 6, 7, 13, 14, 15))
    assert page.xpath("//section[contains(@class,'can')]//a[@href='#s8']")
    for link in page.xpath("//a[@class='ref']"):
        assert link.get("aria-label")
    text = " ".join(page.get_element_by_id("note-2").text_content().split())
    for words in (
        "Fairly sure, probability about 9 in 10 (0.91)",
        "Traveller people are blamed by Delia Harrow (trader) over public money",
        "left out of this sentence", "Why this may be wrong", "It can be read in 2 ways", "“pay for it”",
    ):  # fmt: skip
        assert words in text


def test_a_rejected_frame_is_no_flag(page: Any) -> None:
    sentence = page.get_element_by_id("s7")
    assert "contested" in sentence.get("class").split()
    note = " ".join(page.get_element_by_id("note-7").text_content().split())
    assert "Blame, rejected" in note
    assert "is rejected by Cllr Ned Averill (councillor)" in note
    assert "That is no flag." in page.text_content()


def test_words_that_speak_for_a_frame_are_marked_in_noted_sentences_only(page: Any) -> None:
    for sentence in page.xpath("//*[contains(@class,'sentence') and starts-with(@id,'s')]"):
        if "noted" not in sentence.get("class").split():
            assert not sentence.xpath(".//mark[@class='cue']")
    assert page.get_element_by_id("s8").xpath(".//mark[@class='structural']")


def test_frames_are_told_by_letters_and_not_by_colour_alone(page: Any) -> None:
    for sentence in page.xpath("//*[contains(@class,'noted') and starts-with(@id,'s')]"):
        letters = "".join(sentence.xpath(".//*[contains(@class,'letter')]/text()"))
        assert re.fullmatch("[UBS](×)?([UBS](×)?)*", letters)


def test_a_story_without_findings_says_that_this_is_no_proof() -> None:
    page = parsed(story_html(*SAMPLE.plain("A ferry was painted.\nIt is green.", "Ferry painted")))
    assert NOTHING in page.text_content()
    assert not page.xpath("//*[starts-with(@id,'note-')] | //svg")


def test_an_empty_story_gives_a_page() -> None:
    page = parsed(story_html(*SAMPLE.empty()))
    assert "Story without a headline" in page.xpath("string(//h1)")
    assert "There is no text below the headline." in page.text_content()


def test_a_story_cut_short_says_so_and_shows_little_of_the_rest() -> None:
    story, reading = SAMPLE.plain("Short line.")
    story["text"] += "\n" + "word " * 1_000
    reading["capped"] = True
    page = parsed(story_html(story, reading))
    assert "was not read" in page.xpath("string(//section[contains(@class,'cannot')])")
    assert "more characters of the story were not read and are not shown" in page.text_content()
    assert shown(story["text"], reading["sentences"])[0] == story["text"][: 11 + MOST_UNREAD]


def test_three_thousand_sentences_stay_usable() -> None:
    story, reading = SAMPLE.plain("\n".join(f"Sentence {at} is about the ferry." for at in range(3_000)))
    for at in (7, 1_500, 2_999):
        reading["sentences"][at]["frames"]["blame"] |= {"flag": "count", "probability": 0.6}
    whole = story_html(story, reading)
    page = parsed(whole)
    assert len(page.xpath("//*[starts-with(@id,'note-')]")) == 3
    assert len(whole) < 3_000 * 300
    assert len(page.xpath("//section[contains(@class,'can')]//a")) < 40


def test_a_story_all_of_whose_sentences_are_flagged_lists_only_some_at_the_top() -> None:
    story, reading = SAMPLE.plain("\n".join(f"Sentence {at} is about the ferry." for at in range(400)))
    for one in reading["sentences"]:
        one["frames"]["blame"] |= {"flag": "display", "probability": 0.9}
    page = parsed(story_html(story, reading))
    assert "and 390 more" in page.text_content()


def test_no_word_of_the_page_accuses_or_ranks(page: Any) -> None:
    text = page.text_content().lower()
    for word in ("hate", "breach", "racist", "worst", "rank", "offender", "guilty", "bias"):
        assert word not in text


def test_the_page_says_what_it_must_not_be_used_for() -> None:
    story, reading = SAMPLE.sample()
    assert WHOLE_TEXT in story_html(story, reading)
    assert PROTECTED not in story_html(story, reading)
    story["text"] += " A boy who cannot be named for legal reasons was there."
    assert PROTECTED in story_html(story, reading)


# The page


def test_policy_allows_exactly_the_style_sheet_that_is_there() -> None:
    whole = story_html(*SAMPLE.sample())
    css = whole.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = parsed(whole).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert whole.count("<style>") == 1
    assert "url(" not in css
    assert "@import" not in css


def test_page_is_accessible_in_structure(page: Any) -> None:
    assert page.get("lang") == "en-GB"
    assert page.xpath("//title/text()")
    levels = [int(one.tag[1]) for one in page.xpath("//h1|//h2|//h3|//h4")]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    for one in page.xpath("//*[@aria-labelledby]"):
        assert set(one.get("aria-labelledby").split()) <= set(ids)
    assert page.xpath("//a[@class='skip'][@href='#story']")
    assert (
        len(page.xpath("//main")) == len(page.xpath("//nav[@aria-label]")) == len(page.xpath("/html/body/header")) == 1
    )
    assert all(one.get("aria-hidden") == "true" for one in page.xpath("//svg"))
    assert all(one.xpath("summary") for one in page.xpath("//details"))
    names = [" ".join(one.text_content().split()) for one in page.xpath("//summary")]
    assert len(names) == len(set(names)), "a summary says whose it is"


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def palette(*, dark: bool) -> dict[str, str]:
    css = style()[0]
    roots = re.findall(r":root \{([^}]*)\}", css)
    colours: dict[str, str] = {}
    for root in roots[: 3 if dark else 2]:
        colours |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", root))
    return colours


WASHES = ("paper", "us-wash", "blame-wash", "shared-wash", "group-wash", "cue-wash", "cause-wash")
TEXT = [("ink", wash) for wash in (*WASHES, "wash", "amber-wash")]
TEXT += [
    (ink, paper) for ink in ("soft", "link") for paper in ("paper", "wash", "us-wash", "blame-wash", "shared-wash")
]
TEXT += [(ink, "paper") for ink in ("purple", "rust", "green", "amber")]
SHAPES = [("purple", "us-wash"), ("rust", "blame-wash"), ("green", "shared-wash"), ("rust", "cue-wash")]
SHAPES += [("teal", "cause-wash"), ("amber", "amber-wash"), *((ink, "wash") for ink in ("purple", "rust", "green"))]


@pytest.mark.parametrize("dark", [False, True])
def test_colours_are_told_apart_by_everybody(dark: bool) -> None:
    colours = palette(dark=dark)
    assert len(re.findall(r":root \{", style()[0])) == 3
    for front, back in TEXT:
        assert contrast(colours[front], colours[back]) >= 4.5, (front, back)
    for front, back in SHAPES:
        assert contrast(colours[front], colours[back]) >= 3, (front, back)


def test_own_styles_name_no_colour_outside_the_palette() -> None:
    own = (Path(story_page.__file__).parent / "templates" / "story.css").read_text(encoding="utf-8")
    rules = re.sub(r":root \{[^}]*\}", "", own)
    assert not re.search(r"#[0-9a-f]{3,6}\b(?![^{]*\{)|rgb|hsl", rules)


# In a browser

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.binary_location = CHROMIUM or ""
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.mark.browser
@pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed")
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_in_a_browser_nothing_is_blocked_or_wider_than_the_screen(browser: Any, width: int, tmp_path: Path) -> None:
    story, reading = SAMPLE.sample()
    story["title"] += " " + "unbroken" * 40
    file = tmp_path / "story.html"
    file.write_text(story_html(story, reading), encoding="utf-8")
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 700},
    )
    browser.get(file.as_uri())
    assert browser.get_log("browser") == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    # Everything that can be pressed is large enough to be hit, or stands in a line of text.
    for ref in browser.find_elements("css selector", ".ref"):
        assert ref.size["height"] >= 24
        assert ref.size["width"] >= 24
    opener = browser.find_element("css selector", "#note-2 summary")
    opener.send_keys("\ue007")
    assert browser.find_element("css selector", "#note-2 ul").is_displayed()
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
