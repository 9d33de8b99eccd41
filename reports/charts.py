"""A frame's trend is drawn as rolling four-week shares with their interval, above the counts of single weeks.

Voices differ by line style and are labelled at the line, so that the picture can be read without colour.
Where a share may not be shown, or no outlet reported, the line has a gap; it never drops to zero.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

from corpora.records import Frame
from reports.counts import SPOKEN, Spoken
from reports.rates import Rate, percent
from reports.weeks import Week
from reports.wording import FRAME_NAMES

WIDTH, HEIGHT, BARS = 236, 128, 52
"""Plot sizes in CSS pixels: one to one on a 360 px screen, scaled up on wider ones."""

INK, SOFT, BAND, GRID = "#1d2b36", "#51606b", "#c9d7e2", "#e3e8ec"
STROKES: dict[Spoken, tuple[str, list[float], float]] = {
    "any": ("#14506f", [1, 0], 2.4),
    "outlet": ("#8a3b12", [6, 3], 1.8),
    "contested": ("#4a4a4a", [1.5, 2.5], 1.8),
}
LABELS: dict[Spoken, str] = {"any": "any voice", "outlet": "own voice", "contested": "contested"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """One week of one frame's chart."""

    week: Week
    rolling: dict[Spoken, Rate]
    """Rates of the four weeks that end with this one."""
    weekly: dict[Spoken, Rate]
    """Rates of this week alone."""
    silent: int
    """Outlets that cannot speak for this week."""


def trend_chart(frame: Frame, region: str, points: Sequence[TrendPoint]) -> str:
    """Draw one frame's trend as an accessible inline SVG (no style attributes, no scripts, no outside fonts).

    Args:
        frame: The frame drawn.
        region: Name of the region, for the title.
        points: The weeks shown, oldest first; at least one.

    Returns:
        An `<svg role="img">` element with title and description; the same bytes for the same points.
    """
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(_specification(points))
    title = f"{FRAME_NAMES[frame]} in {region}, {points[0].week.label} to {points[-1].week.label}"
    return tidy(drawn, name=frame.replace("_", "-"), title=title, words=in_words(points))


def in_words(points: Sequence[TrendPoint]) -> str:
    """Say what the chart shows, week by week."""
    said = ["Share of stories in the four weeks ending with each week."]
    for point in points:
        parts = [f"{LABELS[spoken]} {_value(point.rolling[spoken])}" for spoken in SPOKEN]
        silent = f"; {point.silent} outlet{'s' * (point.silent != 1)} silent" if point.silent else ""
        weekly = point.weekly["any"]
        said.append(f"Week {point.week.number}: {', '.join(parts)}; this week alone {weekly.count_words}{silent}.")
    return " ".join(said)


def _value(rate: Rate) -> str:
    if rate.share is not None:
        return f"{percent(rate.share)} (interval {rate.interval_words})"
    if rate.shown == "interval":
        return f"{rate.n} flagged (interval {rate.interval_words})"
    return "no share, too few stories"


def _specification(points: Sequence[TrendPoint]) -> dict[str, Any]:
    """Fill the template with one frame's rows and scales."""
    order = [point.week.label for point in points]
    rates = [rate for point in points for rate in point.rolling.values()]
    top = max(0.01, *(point.rolling["any"].high or 0 for point in points), *(rate.share or 0 for rate in rates))
    every = 1 if len(order) <= 8 else 2
    counts = [
        {"week": point.week.label, "n": point.weekly["any"].n, "text": str(point.weekly["any"].n)}
        for point in points
        if point.weekly["any"].of
    ]
    datasets: dict[str, list[dict[str, Any]]] = {
        "band": [
            {"week": point.week.label, "low": rate.low, "high": rate.high}
            for point in points
            if (rate := point.rolling["any"]).high is not None
        ],
        "labels": _labels(points, top),
        "counts": counts,
        "gaps": [{"week": point.week.label, "text": "–"} for point in points if not point.weekly["any"].of],
        "silent": [{"week": point.week.label, "text": "▽"} for point in points if point.silent],
    }
    for spoken in SPOKEN:
        rows = [{"week": point.week.label, "share": point.rolling[spoken].share} for point in points]
        datasets[f"line-{spoken}"] = rows
        datasets[f"points-{spoken}"] = [row for row in rows if row["share"] is not None]
    names = {point.week.label: f"W{point.week.number:02d}" for point in points}
    slots = {
        "@order": order,
        "@ticks": [label for at, label in enumerate(reversed(order)) if at % every == 0][::-1],
        "@names": f"({json.dumps(names)}[datum.value])",
        "@top": [0, top],
        "@most": [0, 1.35 * max([1, *(point.weekly["any"].n for point in points)])],
        "@format": ".0%" if top > 0.04 else ".1%",
    }
    filled: dict[str, Any] = _filled(_template(), slots)
    return {**filled, "datasets": datasets}


def _filled(part: Any, slots: Mapping[str, Any]) -> Any:
    """Replace each slot (a string, or a list of that string alone) by its value, at any depth."""
    if isinstance(part, dict):
        return {key: _filled(value, slots) for key, value in part.items()}
    if isinstance(part, list):
        if len(part) == 1 and isinstance(part[0], str) and part[0] in slots:
            return slots[part[0]]
        return [_filled(value, slots) for value in part]
    return slots.get(part, part) if isinstance(part, str) else part


@cache
def _template() -> dict[str, Any]:
    """The chart without data, checked by Altair once: it takes Altair longer to check a chart than to draw it."""
    import altair as alt

    def layer(name: str) -> alt.Chart:
        return alt.Chart(alt.NamedData(name=name))

    scale = alt.Scale(domain=["@order"], padding=0.3)
    axis = alt.Axis(title=None, labelExpr="@names", labelAngle=0, values=["@ticks"], grid=False)
    bare = alt.X("week:N", sort=None, scale=scale, axis=None)
    x = alt.X("week:N", sort=None, scale=scale, axis=axis)
    share = alt.Y("share:Q")
    lines: list[alt.Chart] = []
    for spoken in SPOKEN:
        colour, dash, width = STROKES[spoken]
        fill = colour if spoken == "any" else "white"
        line = layer(f"line-{spoken}").mark_line(
            color=colour, strokeDash=dash, strokeWidth=width, invalid="break-paths-filter-domains"
        )
        # A week that stands between two gaps is a point, not an invisible line.
        dots = layer(f"points-{spoken}").mark_point(color=colour, fill=fill, size=14, opacity=1)
        lines += [line.encode(x=bare, y=share), dots.encode(x=bare, y=share)]
    low = alt.Y(
        "low:Q",
        scale=alt.Scale(domain=["@top"], nice=3),
        axis=alt.Axis(format="@format", tickCount=4, title=None),
    )
    band = layer("band").mark_bar(color=BAND, opacity=0.8, width={"band": 1.0}).encode(x=bare, y=low, y2="high:Q")
    colours = alt.Scale(domain=list(SPOKEN), range=[STROKES[spoken][0] for spoken in SPOKEN])
    labels = (
        layer("labels")
        .mark_text(align="left", dx=9, fontSize=11, fontWeight=600, baseline="middle")
        .encode(x=bare, y=alt.Y("at:Q"), text="text:N", color=alt.Color("spoken:N", legend=None, scale=colours))
    )
    upper = alt.layer(band, *lines, labels).properties(
        width=WIDTH,
        height=HEIGHT,
        title=alt.Title("Share of stories, rolling four weeks", anchor="start", frame="group", offset=6),
    )
    most = alt.Scale(domain=["@most"])
    bars = layer("counts").mark_bar(color="#7b93a5").encode(x=x, y=alt.Y("n:Q", axis=None, scale=most))
    numbers = (
        layer("counts").mark_text(dy=-7, fontSize=11, color=INK).encode(x=x, y=alt.Y("n:Q", scale=most), text="text:N")
    )
    none = layer("gaps").mark_text(dy=-5, fontSize=11, color=SOFT).encode(x=x, y=alt.value(BARS), text="text:N")
    silent = layer("silent").mark_text(fontSize=11, color="#8a3b12").encode(x=x, y=alt.value(BARS + 28), text="text:N")
    lower = alt.layer(bars, numbers, none, silent).properties(
        width=WIDTH,
        height=BARS,
        title=alt.Title("Flagged stories each week, any voice", anchor="start", frame="group", offset=4),
    )
    chart = (
        alt.vconcat(upper, lower, spacing=14)
        .configure(font="sans-serif", background="transparent", padding=2)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=SOFT, labelFontSize=11, gridColor=GRID, domainColor=GRID, tickColor=GRID, labelPadding=3
        )
        .configure_title(fontSize=12, fontWeight=600, color=INK)
    )
    return dict(chart.to_dict())


def _labels(points: Sequence[TrendPoint], top: float) -> list[dict[str, Any]]:
    """Place each line's name right of its last point, moved apart where they would overlap."""
    ends: list[tuple[float, Spoken]] = []
    for spoken in SPOKEN:
        share = points[-1].rolling[spoken].share
        if share is not None:
            ends.append((share, spoken))
    gap = top * 14 / HEIGHT
    placed: list[dict[str, Any]] = []
    for share, spoken in sorted(ends):
        at = share if not placed else max(share, placed[-1]["at"] + gap)
        placed.append({"week": points[-1].week.label, "at": at, "text": LABELS[spoken], "spoken": spoken})
    return placed


def tidy(drawn: str, *, name: str, title: str, words: str) -> str:
    """Make a Vega SVG fit for an inline picture under a strict policy.

    Ids get a name of their own (Vega numbers clip paths per process, which would differ between runs and clash
    between charts), inner ARIA roles and style attributes go, and title and description come in.
    """
    ids = dict.fromkeys(re.findall(r'\bid="([^"]+)"', drawn))
    for at, one in enumerate(ids):
        drawn = drawn.replace(f'id="{one}"', f'id="{name}-{at}"').replace(f"url(#{one})", f"url(#{name}-{at})")
    drawn = re.sub(r' (?:style|role|aria-[a-z]+|class|pointer-events)="[^"]*"', "", drawn)
    box = re.search(r'viewBox="([^"]+)"', drawn)
    head = re.match(r"<svg[^>]*>", drawn)
    if box is None or head is None:
        raise ValueError("not an SVG of the kind this module draws")
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box.group(1)}" role="img" '
        f'aria-labelledby="{name}-title {name}-words" class="chart">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-words">{escape(words)}</desc>'
    )
    return opening + drawn[head.end() :]
