"""How an article page becomes text. The only module that knows trafilatura."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from corpora.cleaning import plain_title, tidy
from corpora.errors import NotAStory
from corpora.tables import read_table

LARGEST_PAGE = 5 * 1024 * 1024
FEWEST_CHARACTERS = 250
"""A cookie wall yields about 210 characters, a challenge page about 80; stories are longer."""

EXTRACTOR = "trafilatura-precision"

_INTERSTITIAL = re.compile(
    r"(checking (if the site connection is secure|your browser)|enable javascript and cookies"
    r"|verify (that )?you are (a )?human|please enable js|access (to this page has been )?denied"
    r"|(accept|manage) (all )?cookies to continue|subscribe to (continue|keep) reading|unusual traffic)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?][\"'”’)]?(\s|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page held."""

    title: str
    text: str
    """Paragraphs, one a line."""
    byline: str
    """As the page gives it; a person's name, so `credit` it before it is kept."""
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
    from trafilatura.settings import Extractor

    if len(body) > LARGEST_PAGE:
        raise NotAStory("The page is too large to be an article.")
    # precision: a stray teaser about another story costs more here than a lost last paragraph.
    # deduplicate stays off: it remembers across pages and empties the third copy (trafilatura issue 778).
    options = Extractor(
        output_format="python", precision=True, comments=False, tables=False, dedup=False, with_metadata=True, url=url
    )
    try:
        document = trafilatura.bare_extraction(body, options=options, prune_xpath=prune_xpath())
    except Exception as error:  # an HTML parser fed by strangers raises many kinds
        raise NotAStory(f"The page could not be read ({type(error).__name__}).") from error
    if document is None or isinstance(document, dict):
        raise NotAStory("The page holds no article text.")
    title = plain_title(document.title or "")
    text = without_headline(tidy(document.text or ""), title)
    check_article(text)
    return Page(
        title=title,
        text=text,
        byline=plain_title(document.author or ""),
        published=(document.date or "")[:40],
    )


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


MOST_PARAGRAPHS = 8
"""A block with more paragraphs is never pruned, whatever it is called."""

BODY_NAMES = ("article-body", "articlebody", "article-content", "entry-content", "post-content", "story-body")
"""Nor is one with such a name: some themes call the article's own container `entry-content-read-more`."""


@cache
def prune_xpath() -> str:
    """XPath of blocks that stand inside an article and are none of it: hidden, or named in `corpora/data/prune.tsv`."""
    rows = read_table("prune.tsv", columns=("family", "name_part", "reason", "example"))
    upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    names = f"translate(concat(@class, ' ', @id, ' ', @data-testid), '{upper}', '{upper.lower()}')"
    named = " or ".join(f"contains({names}, '{row['name_part']}')" for row in rows)
    style = f"translate(@style, '{upper} ', '{upper.lower()}')"
    hidden = f"@hidden or contains({style}, 'display:none') or contains({style}, 'visibility:hidden')"
    blocks = " or ".join(f"self::{tag}" for tag in ("div", "section", "aside", "ul", "ol", "figure", "form", "p"))
    body = " or ".join(f"contains({names}, '{name}')" for name in BODY_NAMES)
    small = f"not({body}) and not(.//h1) and count(.//p) <= {MOST_PARAGRAPHS}"
    return f".//template|.//*[{blocks} or self::span][{hidden}][{small}]|.//*[{blocks}][{named}][{small}]"


def check_article(text: str) -> None:
    """Raise NotAStory unless `text` is long enough for a story and not an interstitial."""
    if len(text) < FEWEST_CHARACTERS or len(_SENTENCE_END.findall(text)) < 2:
        raise NotAStory("The page holds too little text to be an article.")
    if len(text) < 1500 and _INTERSTITIAL.search(text):
        raise NotAStory("The page asks for cookies, a subscription or a human check instead of showing a story.")
