"""How strangers' text becomes plain text: no tags, no control or direction marks, one kind of space."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache

from lxml import etree
from lxml import html as lxml_html

from corpora.tables import read_table

TITLE_LIMIT = 500
TEXT_LIMIT = 100_000
"""Characters kept of one story: spaCy needs about 1 GB for each million, and no local story is longer."""

_TAG = re.compile(r"<[a-zA-Z/!?]")
_DROP = ("script", "style", "template", "iframe", "object", "noscript", "svg", "math")
_BLOCK = {"p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "blockquote", "tr", "table", "section"}
_WHITE = str.maketrans({"\r": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n", "\t": " ", "\x0b": " ", "\x0c": " "})
"""Control characters that part words; all others vanish."""
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n[\n ]*")


def tidy(text: str, *, limit: int = TEXT_LIMIT) -> str:
    """Drop control, direction and zero-width characters, normalise to NFC, fold white space.

    Line breaks stay (as one break), since they part paragraphs. Lone surrogates become U+FFFD.
    """
    text = text[: limit * 4].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = text.replace("\r\n", "\n").translate(_WHITE)
    kept = [char for char in text if char == "\n" or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}]
    # Composed last: a letter and its accent may have been parted by a zero-width character until now.
    text = unicodedata.normalize("NFC", "".join(kept))
    return _BREAKS.sub("\n", _SPACES.sub(" ", text)).strip()[:limit].strip()


def tidy_line(text: str, *, limit: int = TITLE_LIMIT) -> str:
    """Like `tidy`, on one line."""
    return " ".join(tidy(text, limit=limit).split())


def strip_markup(fragment: str) -> str:
    """Return the text of an HTML fragment; block elements part paragraphs.

    Scripts, styles and other containers of things that are not text are dropped with their content.
    Text without a tag is only unescaped once. Nothing raises: what cannot be parsed loses its angle brackets.
    """
    fragment = fragment[: TEXT_LIMIT * 4]
    if not _TAG.search(fragment):
        return html.unescape(fragment)
    cleaned = "".join(char for char in fragment if char in "\n\t\r" or unicodedata.category(char) not in {"Cc", "Cs"})
    try:
        root = lxml_html.fragment_fromstring(cleaned, create_parent="div")
        etree.strip_elements(root, *_DROP, with_tail=False)
        etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)
        pieces: list[str] = []
        for event, node in etree.iterwalk(root, events=("start", "end")):
            name = node.tag if isinstance(node.tag, str) else ""
            if name in _BLOCK:
                pieces.append("\n")
            if event == "start" and node.text:
                pieces.append(node.text)
            if event == "end" and node.tail and node is not root:
                pieces.append(node.tail)
        return "".join(pieces)
    except (etree.LxmlError, ValueError, AssertionError, RecursionError):
        return re.sub(r"<[^>]*>?", " ", cleaned)


def plain_title(raw: str) -> str:
    """A title as plain text on one line."""
    return tidy_line(strip_markup(raw))


def plain_text(raw: str) -> str:
    """A description or body as plain text, one paragraph a line."""
    return tidy(strip_markup(raw))


@cache
def _tails() -> re.Pattern[str]:
    rows = read_table("feed_tails.tsv", columns=("pattern", "reason", "example"))
    # Case counts: "Continue reading" is a link, "they had to continue reading" a sentence.
    return re.compile(rf"\s*(?:{'|'.join(row['pattern'] for row in rows)})\s*\Z")


TAIL_LIMIT = 1_000
"""No feed's closing formula is longer; only the last characters are searched."""


def without_tail(text: str) -> str:
    """Drop what feed software puts after a text ("The post ... appeared first on ...", "Continue reading", "[...]").

    Args:
        text: Plain text, as `plain_text` returns it.
    """
    while True:
        start = max(0, len(text) - TAIL_LIMIT)
        found = _tails().search(text, start)
        if found is None:
            return text
        text = text[: found.start()].rstrip()


@cache
def _teasers() -> re.Pattern[str]:
    rows = read_table("teasers.tsv", columns=("pattern", "reason", "example"))
    return re.compile("|".join(f"(?:{row['pattern']})" for row in rows))


TEASER_LIMIT = 250
"""No longer line is taken for a teaser: it holds more than a link."""


def without_teasers(text: str) -> str:
    """Drop lines that are links to other stories, invitations to newsletters and labels of a page's other parts.

    Args:
        text: Plain text, one paragraph a line.
    """
    return "\n".join(line for line in text.split("\n") if not is_teaser(line))


def is_teaser(line: str) -> bool:
    """Whether a whole line is such a link, invitation or label."""
    bare = line.strip(" -*•|")
    return 0 < len(bare) <= TEASER_LIMIT and _teasers().fullmatch(bare) is not None
