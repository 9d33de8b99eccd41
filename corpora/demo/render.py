"""How an invented article becomes the bytes of a page or of a feed. Pure: same articles in, same bytes out."""

from __future__ import annotations

import hashlib
import html
import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from corpora.demo.articles import HERE, Article, House, number
from corpora.times import LONDON

if TYPE_CHECKING:
    from jinja2 import Environment

TEASERS = 4
"""Other stories' titles in a page's "read more" and "most read" boxes."""

FULL_TEXT = frozenset({"wordpress", "ghost"})
"""Families whose feed carries the whole text."""


def feed_time(when: datetime, style: str) -> str:
    """Write a time the way a feed of that style does.

    Args:
        when: Any aware time.
        style: `offset` (+0100 or +0000), `named` (BST or GMT), `bare` (London's time, no zone), `zero` (+0000), `gmt`.
    """
    if style == "gmt":
        return f"{when.astimezone(LONDON) - _shift(when):%a, %d %b %Y %H:%M:%S} GMT"
    local = when.astimezone(LONDON)
    if style == "zero":
        return f"{local - _shift(when):%a, %d %b %Y %H:%M:%S} +0000"
    if style == "offset":
        return format_datetime(local)
    plain = f"{local:%a, %d %b %Y %H:%M:%S}"
    return f"{plain} {local.tzname()}" if style == "named" else plain


def _shift(when: datetime) -> timedelta:
    return when.astimezone(LONDON).utcoffset() or timedelta()


def environment() -> Environment:
    """The template engine, with the filters the templates use."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["twice"] = lambda text: html.escape(text, quote=True)  # autoescape adds the second layer
    made.filters["entities"] = _entities
    made.filters["feed_time"] = feed_time
    made.filters["number"] = number
    made.filters["code"] = lambda text: hashlib.sha256(text.encode()).hexdigest()[:24]
    return made


def _entities(text: str) -> Any:
    """Escape as WordPress does: every character beyond ASCII as a decimal reference."""
    from markupsafe import Markup

    return Markup(html.escape(text, quote=False).encode("ascii", "xmlcharrefreplace").decode())  # noqa: S704 - escaped


def furniture() -> Mapping[str, Any]:
    """What stands around the stories."""
    return tomllib.loads((HERE / "furniture.toml").read_text(encoding="utf-8"))


def teasers(article: Article, shelf: Sequence[Article], at: datetime) -> list[dict[str, str]]:
    """Titles and addresses of other stories of the same outlet, as they stood at `at`, nearest first.

    Args:
        article: The page they stand on.
        shelf: All articles of its outlet.
        at: When the page was rendered; the very first stories fill their boxes with what came next.
    """
    earlier = [one for one in reversed(shelf) if one.published < article.published and one.story != article.story]
    later = [one for one in shelf if one.published > article.published and one.story != article.story]
    picked = (earlier + later)[:TEASERS]
    return [{"title": (one.wording(at) or one.wordings[0]).title, "url": one.url} for one in picked]


def page(
    engine: Environment, words: Mapping[str, Any], article: Article, version: int, *, shelf: Sequence[Article]
) -> bytes:
    """Render one wording of an article as its outlet's page.

    Args:
        engine: From `environment`.
        words: From `furniture`.
        article: What to render.
        version: Index into `article.wordings`.
        shelf: All articles of the outlet, oldest first.
    """
    house, wording = article.house, article.wordings[version]
    turn = number(article.key, 4)
    pool = words["comments"]
    text = engine.get_template(f"{house.family}.html").render(
        house=house,
        outlet=house.outlet,
        article=article,
        title=wording.title,
        paragraphs=wording.paragraphs,
        published=article.published,
        local=article.published.astimezone(LONDON),
        modified=wording.since.astimezone(LONDON),
        teasers=teasers(article, shelf, wording.since),
        comments=[pool[(turn + step) % len(pool)] for step in (0, 5, 7)],
        around=words[house.family],
        promoted=words["promoted"],
        events=words["events"],
    )
    return text.encode(house.charset)


def feed(engine: Environment, house: House, articles: Sequence[Article], at: datetime) -> bytes:
    """Render the feed of an outlet as it stood at `at`.

    Args:
        engine: From `environment`.
        house: The outlet.
        articles: What it lists, newest first.
        at: Moment of collection, UTC.
    """
    items = []
    for one in articles:
        wording = one.wording(at)
        if wording is None:
            raise ValueError(f"{one.key} was not yet published")
        items.append({"article": one, "title": wording.title, "paragraphs": wording.paragraphs})
    text = engine.get_template(f"{house.family}.xml").render(house=house, outlet=house.outlet, items=items, at=at)
    return text.encode(house.charset)


def maintenance(engine: Environment, house: House) -> bytes:
    """The web page that stands where a feed used to be."""
    return engine.get_template("maintenance.html").render(house=house, outlet=house.outlet).encode(house.charset)
