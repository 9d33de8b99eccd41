"""A page is one self-contained HTML file: no script, no outside asset, every string from a feed escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from corpora.records import FRAMES
from corpora.times import LONDON
from reports import wording
from reports.charts import trend_chart
from reports.counts import SPOKEN
from reports.coverage import week_list
from reports.rates import Rate, percent
from reports.reading_notes import fact_words
from reports.report import RegionReport, WeeklyReport
from reports.sayings import MEANING, change_words, notice, panel_words
from reports.small_numbers import FEWEST_HITS, FEWEST_STORIES
from reports.weeks import day

MOST_STORIES = 60
"""Flagged stories quoted on one page; the rest are in the table, and the page says so."""


def region_page(report: RegionReport, slugs: Mapping[str, str], *, snapshot: str) -> str:
    """Render one region's page.

    Args:
        report: What the page shows.
        slugs: File names of all pages of the report by region code, for links between them.
        snapshot: Id of the figures (`tables.snapshot`).
    """
    charts = {
        section.frame: Markup(  # noqa: S704  charts.tidy escapes the only strings from outside
            trend_chart(section.frame, report.region.name, section.trend)
        )
        for section in report.frames
    }
    return (
        _environment()
        .get_template("region.html")
        .render(
            **_common(report.made),
            report=report,
            slugs=slugs,
            slug=slugs[report.region.gss],
            snapshot=snapshot,
            charts=charts,
            notice=notice(report.coder),
            scale=_scale(report),
            most_stories=MOST_STORIES,
        )
    )


def overview_page(report: WeeklyReport, slugs: Mapping[str, str]) -> str:
    """Render the page that leads to every region of the report, by name."""
    return (
        _environment()
        .get_template("index.html")
        .render(**_common(report.made), report=report, slugs=slugs, notice=notice(report.coder))
    )


def _common(made: datetime) -> dict[str, object]:
    local = made.astimezone(LONDON)
    css, digest = style()
    return {
        "css": Markup(css),  # noqa: S704  our own file
        "policy": "; ".join(
            (
                "default-src 'none'",
                f"style-src 'sha256-{digest}'",
                "img-src data:",
                "base-uri 'none'",
                "form-action 'none'",
            )
        ),
        "made": f"{day(made)}, {local:%H:%M}",
        "frames": FRAMES,
        "spoken": SPOKEN,
        "wording": wording,
        "meaning": MEANING,
        "fewest_stories": FEWEST_STORIES,
        "fewest_hits": FEWEST_HITS,
    }


@cache
def style() -> tuple[str, str]:
    """The style sheet and the base64 SHA-256 by which the page's policy allows it and nothing else."""
    css = (resources.files("reports") / "templates" / "style.css").read_text(encoding="utf-8")
    return css, base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()


def environment_of_pages() -> Environment:
    """Return a new environment for templates: everything escaped, and a name that is not there is a fault."""
    environment = Environment(
        loader=PackageLoader("reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["group_name"] = wording.group_name
    return environment


@cache
def _environment() -> Environment:
    environment = environment_of_pages()
    environment.filters["percent"] = percent
    environment.filters["week_list"] = week_list
    environment.filters["change_words"] = change_words
    environment.filters["panel_words"] = panel_words
    environment.filters["fact_words"] = fact_words
    environment.filters["bar"] = _bar
    environment.filters["web"] = _web
    return environment


def _web(address: str) -> str:
    """Only http and https addresses become links; anything else leads nowhere."""
    return address if address.startswith(("http://", "https://")) else "#"


def _scale(report: RegionReport) -> float:
    """Upper end of the interval bars, the same for the whole page so that they can be compared."""
    ends = [
        rate.high
        for section in report.frames
        for figure in section.figures
        for rate in (figure.week, figure.four_weeks)
        if rate.high is not None
    ]
    return max(0.02, *ends, 0.0)


_AXIS = Markup('<svg class="bar" viewBox="0 0 120 12" aria-hidden="true"><path class="axis" d="M0 6H120"/>{}</svg>')
_RANGE = Markup('<path class="range" d="M{} 6H{}"/>')
_DOT = Markup('<circle class="dot" cx="{}" cy="6" r="4"/>')


def _bar(rate: Rate, scale: float) -> Markup:
    """Draw a rate's interval as a line and its share as a dot; decoration, the words stand beside it."""
    if rate.low is None or rate.high is None:
        return _AXIS.format("")
    low, high = (round(4 + 112 * end / scale, 1) for end in (rate.low, rate.high))
    dot = Markup("") if rate.share is None else _DOT.format(round(4 + 112 * rate.share / scale, 1))
    return _AXIS.format(_RANGE.format(low, max(high, low + 1)) + dot)
