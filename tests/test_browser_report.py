"""The demonstration's pages in a real Chromium: nothing is blocked, nothing overflows, nothing runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corpora.errors import SharedStoryError

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed"),
]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from flows import plain
    from flows.bench import close_benches
    from flows.demo import play

    home = tmp_path_factory.mktemp("browser") / "demo"
    try:
        index = play(home, collect=plain.collect, run=plain.run, tell=lambda _: None)
    except SharedStoryError as failure:  # pragma: no cover (set-up was not run)
        pytest.skip(str(failure))
    finally:
        close_benches()
    return index.parent


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


def names(pages: Path) -> list[str]:
    return sorted(path.name for path in pages.glob("*.html"))


def test_every_page_loads_without_a_complaint(pages: Path, browser: Any) -> None:
    assert names(pages) == [
        "drayholt.html",
        "index.html",
        "kelderby.html",
        "orrenshire.html",
        "sallowmere.html",
        "wexmoor.html",
    ]
    for name in names(pages):
        browser.get((pages / name).as_uri())
        assert browser.get_log("browser") == [], name
        assert browser.find_element("css selector", "h1").text


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_no_page_is_wider_than_the_screen(pages: Path, browser: Any, width: int) -> None:
    for name in names(pages):
        # Chromium's window cannot be narrower than about 500 px, its emulated device can.
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 700},
        )
        browser.get((pages / name).as_uri())
        needed = browser.execute_script("return document.documentElement.scrollWidth")
        assert needed <= width, (name, width, needed)
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_reader_can_walk_from_the_overview_to_a_sentence(pages: Path, browser: Any) -> None:
    browser.get((pages / "index.html").as_uri())
    browser.find_element("link text", "Orrenshire").click()
    assert "Orrenshire" in browser.find_element("css selector", "h1").text
    assert browser.find_elements("css selector", "#sentences")
    links = [a.get_attribute("href") for a in browser.find_elements("css selector", "ol.stories h3 a")]
    assert links
    assert all(link.startswith("http://www.") for link in links)


def test_pictures_carry_their_text(pages: Path, browser: Any) -> None:
    browser.get((pages / "orrenshire.html").as_uri())
    pictures = browser.find_elements("css selector", "svg[role=img]")
    assert len(pictures) >= 3
    for picture in pictures:
        assert picture.find_element("css selector", "title").get_attribute("textContent")
        assert picture.find_element("css selector", "desc").get_attribute("textContent")
    assert browser.execute_script("return document.documentElement.lang") == "en-GB"
    tables = browser.find_elements("css selector", "table")
    assert tables
    assert all(table.find_elements("css selector", "caption") for table in tables)
