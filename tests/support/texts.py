"""Invented local news of an invented county, long enough to be cut and copied."""

from __future__ import annotations

import random
from xml.sax.saxutils import escape

WHO = [
    "the ferry trust",
    "councillors",
    "the harbour master",
    "residents of Mill Lane",
    "the parish clerk",
    "two farmers",
    "a choir",
    "the library's friends",
    "bus drivers",
    "the rowing club",
    "the baker",
    "volunteers",
]
DID = [
    "agreed to mend",
    "asked about",
    "paid for",
    "wrote a long letter on",
    "counted",
    "painted",
    "opened",
    "turned down",
    "measured",
    "sold tickets for",
    "argued over",
    "photographed",
]
WHAT = [
    "the old weir",
    "a row of limes",
    "the clock tower",
    "four new shelters",
    "the allotment gates",
    "a footbridge",
    "the swimming baths",
    "the market cross",
    "a heap of slates",
    "the bandstand",
    "the lower car park",
    "a lost signpost",
]
WHEN = [
    "on Tuesday night",
    "before the fair",
    "after heavy rain",
    "for the third time",
    "in front of the school",
    "without much noise",
    "by a narrow vote",
    "at their own cost",
    "during half-term",
    "while the tide was out",
    "as the bells rang",
    "once the frost had gone",
]


def story(seed: int, *, words: int = 400) -> str:
    """A text of about `words` words; other seeds share hardly any run of five words."""
    rng = random.Random(seed)
    lines: list[str] = []
    count = 0
    while count < words:
        number = rng.randint(2, 9999)
        line = (
            f"{rng.choice(WHO).capitalize()} {rng.choice(DID)} {rng.choice(WHAT)} {rng.choice(WHEN)}, and "
            f"{rng.choice(WHO)} {rng.choice(DID)} {number} of {rng.choice(WHAT)} {rng.choice(WHEN)}."
        )
        lines.append(line)
        count += len(line.split())
    return "\n".join(lines)


def item(
    title: str, link: str, *, summary: str = "", date: str = "Mon, 03 Aug 2026 10:00:00 BST", more: str = ""
) -> str:
    return (
        f"<item><title>{escape(title)}</title><link>{escape(link)}</link>"
        f"<description>{escape(summary)}</description>{f'<pubDate>{date}</pubDate>' if date else ''}{more}</item>"
    )


def rss(*items: str, title: str = "Orren Echo") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{escape(title)}</title>{''.join(items)}</channel></rss>"
    ).encode()


def page(title: str, text: str, *, inside: str = "", head: str = "") -> bytes:
    """An article page; `inside` stands in the middle of the article."""
    paragraphs = [f"<p>{escape(line)}</p>" for line in text.split("\n")]
    paragraphs.insert(len(paragraphs) // 2, inside)
    return (
        f"<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>{escape(title)}</title>{head}</head><body>"
        f"<nav><a href=/>Home</a></nav><article><h1>{escape(title)}</h1><div class='article-body'>"
        f"{''.join(paragraphs)}</div></article><footer>All about us</footer></body></html>"
    ).encode()
