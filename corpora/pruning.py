"""Which blocks of a page a reader of the story does not see, or would not call part of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import chain, islice

from lxml.html import HtmlElement

from corpora.tables import read_table

MOST_PARAGRAPHS = 8
"""A block with more paragraphs is never pruned for its name, whatever it is called."""

BODY_NAMES = ("article-body", "articlebody", "article-content", "entry-content", "post-content", "story-body")
"""Nor is one with such a name: some themes call the article's own container `entry-content-read-more`."""

BLOCKS = ("div", "section", "aside", "ul", "ol", "figure", "form", "p")
HIDEABLE = (*BLOCKS, "article", "span", "li", "h2", "h3", "h4", "blockquote", "table", "b", "i", "em", "strong", "font")

FARTHEST = 40
"""Elements upwards in which the colour of the ground is looked for."""

_UNSEEN_CLASS = re.compile(r"(?:^|\s)(?:sr-only|visually-?hidden|screen-reader-text)(?:\s|$)")
_ZERO = r"0(?:\.0*)?(?:px|em|rem|pt|%)?(?:!important)?"
_UNSEEN_STYLE = re.compile(
    rf"(?:^|;)(?:display:none|visibility:(?:hidden|collapse)|opacity:{_ZERO}(?:;|$)|font-size:{_ZERO}(?:;|$)"
    r"|(?:left|right|top|bottom|text-indent|margin-left|margin-top):-\d{3,}"
    r"|clip:rect\((?:[01](?:px)?,?){4}\)|clip-path:inset\((?:50|100)%|transform:scale\(0\))"
)
_NO_ROOM = re.compile(rf"(?:^|;)(?:max-)?(?:height|width):(?:{_ZERO}|1px)(?:;|$)")
_COLOUR = re.compile(r"(?:^|;)color:([^;!]+)")
_GROUND = re.compile(r"(?:^|;)background(?:-color)?:([^;!]+)")
_WHITE = re.compile(r"(?:#fff|#ffffff|white|rgba?\(255,255,255(?:,1)?\))$")


def prune(tree: HtmlElement) -> None:
    """Take out of a page, in place, what is hidden and what is named in `corpora/data/prune.tsv`.

    Hidden is what the element's own attributes hide; style sheets are not read. Where more of the page's paragraphs are
    hidden than shown the page is one that a script shows, and nothing is taken out as hidden.
    """
    for element in list(tree.iter("template")):
        _drop(element)
    unseen = _outermost(element for element in tree.iter(*HIDEABLE) if element.attrib and hidden(element))
    if sum(map(_length, unseen)) <= _length(tree) / 2:
        for element in unseen:
            _drop(element)
    for element in _outermost(element for element in tree.iter(*BLOCKS) if _is_named(element)):
        _drop(element)


def _outermost(elements: Iterable[HtmlElement]) -> list[HtmlElement]:
    """Of elements in document order, those that stand in no other of them."""
    found: list[HtmlElement] = []
    inside: set[HtmlElement] = set()
    for element in elements:
        if element not in inside:
            found.append(element)
            inside.update(element.iterdescendants())
    return found


def _is_named(element: HtmlElement) -> bool:
    names = " ".join(element.get(name, "") for name in ("class", "id", "data-testid")).lower()
    return len(names) > 2 and _named().search(names) is not None and _small(element, names)


def hidden(element: HtmlElement) -> bool:
    """Whether an element's own attributes hide it from a reader."""
    if element.get("hidden") is not None or _UNSEEN_CLASS.search(element.get("class", "").lower()):
        return True
    # On paragraphs `aria-hidden` marks text behind a paywall script, which readers come to see.
    if element.get("aria-hidden", "").lower() == "true" and element.tag != "p":
        return True
    style = _style(element)
    if not style:
        return False
    if _UNSEEN_STYLE.search(style) or ("overflow:hidden" in style and _NO_ROOM.search(style)):
        return True
    return _unreadable(element, style)


def _unreadable(element: HtmlElement, style: str) -> bool:
    """Whether text has the colour of the ground it stands on."""
    colour = _COLOUR.search(style)
    if colour is None:
        return False
    ground = _ground(element)
    return ground == colour[1] or bool(_WHITE.match(ground) and _WHITE.match(colour[1]))


def _ground(element: HtmlElement) -> str:
    """Colour behind an element: the nearest one named on it or above it, else white, as pages are."""
    for here in islice(chain((element,), element.iterancestors()), FARTHEST):
        if here.get("bgcolor"):
            return here.get("bgcolor", "").lower()
        if named := _GROUND.search(_style(here)):
            return named[1]
    return "white"


def _style(element: HtmlElement) -> str:
    return re.sub(r"\s*([:;,])\s*|\s+", r"\1", element.get("style", "").lower())


def _length(element: HtmlElement) -> int:
    """Characters in an element's paragraphs, or in itself where it is or holds none."""
    parts = [element] if element.tag == "p" else list(element.iter("p"))
    return sum(len("".join(part.itertext()).strip()) for part in parts)


def _small(element: HtmlElement, names: str) -> bool:
    if any(name in names for name in BODY_NAMES) or element.find(".//h1") is not None:
        return False
    return sum(1 for _ in islice(element.iter("p"), MOST_PARAGRAPHS + 1)) <= MOST_PARAGRAPHS


def _drop(element: HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()  # what stands after it stays


@cache
def _named() -> re.Pattern[str]:
    rows = read_table("prune.tsv", columns=("family", "name_part", "reason", "example"))
    return re.compile("|".join(re.escape(row["name_part"]) for row in rows))
