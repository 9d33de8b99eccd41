"""Charts: words, gaps, strict-policy mark-up, and the same bytes every time."""

from __future__ import annotations

from lxml import etree

from reports.charts import TrendPoint, in_words, trend_chart
from reports.counts import SPOKEN, Spoken
from reports.rates import Rate, rate
from reports.weeks import Week, weeks_back

WEEKS = weeks_back(Week(2026, 44), 12)


def points(quiet: int | None = None) -> list[TrendPoint]:
    """Twelve weeks; in one of them, where asked, almost nothing was read."""
    made = []
    for at, week in enumerate(WEEKS):
        few = at == quiet
        total = 12 if few else 400
        made.append(
            TrendPoint(
                week=week,
                rolling={
                    "any": rate(2 if few else 20 + at, total),
                    "outlet": rate(1 if few else 9, total),
                    "contested": rate(0 if few else 3, total),
                },
                weekly={spoken: rate(0, 0) if few else rate(5, 100) for spoken in ("any", "outlet", "contested")},
                silent=1 if few else 0,
            )
        )
    return made


def test_a_chart_is_plain_accessible_svg() -> None:
    root = etree.fromstring(trend_chart("blame", "Nab End <b> & Co", points()).encode())
    assert root.get("role") == "img"
    names = {etree.QName(element).localname for element in root.iter()}
    assert names <= {"svg", "g", "path", "line", "text", "rect", "title", "desc", "defs", "clipPath", "circle"}
    for element in root.iter():
        assert not {"style", "onload", "href"} & set(element.keys())
        assert element is root or element.get("class") is None
    assert root[0].text == "Blame in Nab End <b> & Co, 2026-W33 to 2026-W44"
    ids = root.xpath("//@id")
    assert all(one.startswith("blame-") for one in ids)
    assert root.get("aria-labelledby") == "blame-title blame-words"


def test_same_points_same_bytes_and_names_do_not_clash_between_frames() -> None:
    first = trend_chart("blame", "Kelderby", points(5))
    other = trend_chart("us_them", "Kelderby", points(5))
    assert first == trend_chart("blame", "Kelderby", points(5))
    assert not set(etree.fromstring(first).xpath("//@id")) & set(etree.fromstring(other).xpath("//@id"))


def test_a_week_without_a_share_is_a_gap_not_a_zero() -> None:
    def breaks(drawn: str) -> int:
        paths = [one for one in etree.fromstring(drawn).iter() if one.get("stroke-width") == "2.4"]
        assert len(paths) == 1
        return str(paths[0].get("d")).count("M")

    assert breaks(trend_chart("blame", "Kelderby", points())) == 1
    assert breaks(trend_chart("blame", "Kelderby", points(5))) == 2


def test_words_carry_the_data() -> None:
    said = in_words(points(5))
    assert "Week 38: any voice no share, too few stories" in said
    assert "this week alone no stories read; 1 outlet silent." in said
    assert "Week 44: any voice 7.8% (interval 5.4% to 10.7%)" in said
    assert "contested 3 flagged (interval 0.2% to 2.0%)" in said


def test_a_region_without_any_story_still_has_a_chart() -> None:
    nothing: dict[Spoken, Rate] = dict.fromkeys(SPOKEN, rate(0, 0))
    drawn = trend_chart(
        "blame", "Tarn", [TrendPoint(week=WEEKS[0], rolling=dict(nothing), weekly=dict(nothing), silent=0)]
    )
    assert "no share, too few stories" in drawn
