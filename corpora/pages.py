"""How an article page becomes text. The only module that knows trafilatura."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from lxml.html import HtmlElement

from corpora.cleaning import plain_title, tidy, without_teasers
from corpora.errors import NotAStory
from corpora.pruning import prune
from corpora.tables import read_table

LARGEST_PAGE = 5 * 1024 * 1024
FEWEST_CHARACTERS = 250
"""A cookie wall yields about 210 characters, a challenge page about 80; stories are longer."""

FEWEST_DECLARED = 80
"""Shorter still is a page that says it is an article and shows nothing of it."""

THIN = 400
"""Characters below which the strict reading of a page is not trusted to have found the story."""

MUCH_LONGER = 1.5
"""Times the length of a thin strict reading from which the generous one is taken: it may hold headline and date too."""

SENTENCE = 40
"""Characters from which a line with a full stop is taken for a sentence of the story, and not for a label."""

MOST_PARAGRAPHS = 2_000
"""Pages with more are read once only: the time of the generous reading grows with the square of their number."""

EXTRACTOR = "trafilatura-precision-2"

_INTERSTITIAL = re.compile(
    r"(checking (if the site connection is secure|your browser)|enable javascript and cookies"
    r"|verify (that )?you are (a )?human|please enable js|access (to this page has been )?denied"
    r"|(accept|manage) (all )?cookies to continue|subscribe to (continue|keep) reading|unusual traffic)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(
    r"[.!?…][\"'”’»)]*(?:\s|$)|[。！？｡؟۔।։።]"
    # Thai, Lao, Burmese and Khmer part sentences by spaces or not at all.
    r"|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{40}"
)
_SENTENCE = re.compile(r"(?:[.!?…:][\"'”’»)]*|[。！？｡؟۔।։።])$")
_ARTICLE = re.compile(r'"@type"\s{0,9}:\s{0,9}(?:\[[^\]]{0,200})?"[A-Za-z]{0,40}(?:Article|BlogPosting)"')
_ITEM = re.compile(r"schema\.org/[A-Za-z]{0,40}(?:Article|BlogPosting)/?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page held."""

    title: str
    text: str
    """Paragraphs, one a line."""
    byline: str
    """As the page gives it, with lines of the text that credit an agency. It names people: keep only its `credit`."""
    published: str
    """As the page's metadata gives it (ISO 8601, often a day only); empty where absent."""


def extract_page(body: bytes, *, url: str = "") -> Page:
    """Pull title and article text out of a page.

    Args:
        body: The page's bytes; the charset is worked out by trafilatura.
        url: Its address, used only to complete links.

    Raises:
        NotAStory: No article text, or a consent, challenge or paywall page.
    """
    import trafilatura

    if len(body) > LARGEST_PAGE:
        raise NotAStory("The page is too large to be an article.")
    try:
        tree = _loaded(body)
        said = trafilatura.extract_metadata(tree, default_url=url or None)
        declared = says_article(tree)
        prune(tree)
        precise = _text(tree, precision=True)
        fuller = _text(tree, precision=False) if sum(1 for _ in tree.iter("p")) <= MOST_PARAGRAPHS else ""
    except NotAStory:
        raise
    except Exception as error:  # an HTML parser fed by strangers raises many kinds
        raise NotAStory(f"The page could not be read ({type(error).__name__}).") from error
    title = plain_title(said.title or "")
    text = without_headline(without_teasers(merged(precise, fuller)), title)
    check_article(text, declared=declared)
    return Page(
        title=title,
        text=text,
        byline="; ".join(filter(None, (plain_title(said.author or ""), *credit_lines(text)))),
        published=(said.date or "")[:40],
    )


def _loaded(body: bytes) -> HtmlElement:
    from trafilatura.utils import load_html

    tree = load_html(body)
    if tree is None:
        raise NotAStory("The page is not HTML.")
    return tree


def _text(tree: HtmlElement, *, precision: bool) -> str:
    """Text of a page; the tree stays as it is.

    Tables stay in: pages that are laid out by tables are lost without, and rows of figures are no sentences.
    `deduplicate` stays off: it remembers across pages and empties the third copy (trafilatura issue 778).
    """
    import trafilatura
    from trafilatura.settings import Extractor

    options = Extractor(output_format="python", precision=precision, comments=False, tables=True, dedup=False)
    found = trafilatura.bare_extraction(tree, options=options)
    return "" if found is None or isinstance(found, dict) else tidy(found.text or "")


def merged(precise: str, fuller: str) -> str:
    """Text of a page from two readings of it, a strict and a generous one; paragraphs one a line.

    The strict reading says where the story starts and ends: a stray teaser about another story costs more here than a
    lost last paragraph. But it drops paragraphs with links in them, so whole sentences that stand between two of its
    paragraphs are put back. Where it finds hardly anything the generous reading is taken.
    """
    if len(precise) < THIN and len(fuller) > MUCH_LONGER * len(precise):
        return fuller
    lines, more = precise.split("\n"), fuller.split("\n")
    known = set(lines)
    at = {line: number for number, line in enumerate(more)}
    kept, done = lines[:1], 0
    for before, line in pairwise(lines):
        start, end = at.get(before), at.get(line)
        if start is not None and end is not None:
            between = more[max(start + 1, done) : end]
            kept += [one for one in between if one not in known and len(one) >= SENTENCE and _SENTENCE.search(one)]
            done = max(done, end)
        kept.append(line)
    return "\n".join(kept)


def says_article(tree: HtmlElement) -> bool:
    """Whether a page says of itself that it is one article (Open Graph, schema.org); lists of articles do not count."""
    kinds = {str(kind).strip().lower() for kind in tree.xpath("//meta[@property='og:type']/@content")}
    if "article" in kinds or tree.xpath("//meta[@property='article:published_time']"):
        return True
    data = " ".join(map(str, tree.xpath("//script[@type='application/ld+json']/text()")))
    items = [str(one) for one in tree.xpath("//@itemtype") if _ITEM.search(str(one))]
    return len(items) == 1 or _ARTICLE.search(data) is not None


def without_headline(text: str, title: str) -> str:
    """Drop the first line where it is the headline again, so that a headline is not read twice."""
    first, _, rest = text.partition("\n")
    return rest if rest and title and first.casefold() == title.casefold() else text


@cache
def _agencies() -> tuple[tuple[re.Pattern[str], str], ...]:
    rows = read_table("agencies.tsv", columns=("pattern", "credit", "reason", "example"))
    return tuple((re.compile(row["pattern"], re.IGNORECASE), row["credit"]) for row in rows)


def credit(byline: str) -> str:
    """Return the agencies a byline names, and never a person: nothing here is about single journalists."""
    return "; ".join(name for pattern, name in _agencies() if pattern.search(byline))


_CREDIT_START = re.compile(
    r"\W*(?:by|words(?: by)?|report(?:ing|ed)?(?: by)?|additional reporting|source|copy|credit)\b", re.IGNORECASE
)
CREDIT_LENGTH = 100


def credit_lines(text: str) -> tuple[str, ...]:
    """Lines at either end of a text that are an agency's credit ("By Asha Pell, Local Democracy Reporter").

    A sentence about an agency is none: a credit starts as credits do, or consists of the agency's name for the most.
    """
    lines = text.split("\n")
    return tuple(one for one in dict.fromkeys([*lines[:3], *lines[-3:]]) if _is_credit(one))


def _is_credit(line: str) -> bool:
    found = [match for pattern, _ in _agencies() if (match := pattern.search(line))] if line else []
    if not found or len(line) > CREDIT_LENGTH:
        return False
    named = max(match.end() - match.start() for match in found)
    return bool(_CREDIT_START.match(line)) or 2 * named >= len(line)


def check_article(text: str, *, declared: bool = False) -> None:
    """Raise NotAStory unless `text` is long enough for a story and not an interstitial.

    Args:
        text: Text taken from a page.
        declared: Whether the page says of itself that it is an article: then a brief one is believed.
    """
    if len(text) < (FEWEST_DECLARED if declared else FEWEST_CHARACTERS):
        raise NotAStory("The page holds too little text to be an article.")
    if not declared and len(_SENTENCE_END.findall(text)) < 2:
        raise NotAStory("The page holds too little text to be an article.")
    if len(text) < 1500 and _INTERSTITIAL.search(text):
        raise NotAStory("The page asks for cookies, a subscription or a human check instead of showing a story.")
