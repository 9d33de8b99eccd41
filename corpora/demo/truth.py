"""What was planted in the demonstration, as tests want to know it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from corpora.demo.articles import Article

HALVES = {"W33-W38": range(33, 39), "W39-W44": range(39, 45)}


def truth(articles: Sequence[Article], dead: str, dead_from: int) -> dict[str, Any]:
    """Collect the planted facts.

    Args:
        articles: All pages.
        dead: Slug of the outlet whose feed dies.
        dead_from: Number of the first collection that finds it dead.

    Returns:
        `stories` by key; `families` by story id; `edited`; `dead_feed`; `blame` with, per district and half, pages and
        stories (a syndicated one counted once) of one-district outlets whose first wording carries active blame.
    """
    edited = [one for one in articles if len(one.wordings) > 1]
    houses = {one.house.outlet.slug: one.house for one in articles}
    families: dict[str, list[str]] = {}
    for one in articles:
        if one.key != one.story:
            families.setdefault(one.story, []).append(one.url)
    return {
        "stories": {one.key: _story(one) for one in sorted(articles, key=lambda one: one.key)},
        "families": {story: sorted(urls) for story, urls in sorted(families.items())},
        "edited": {
            one.key: {
                "url": one.url,
                "titles": [wording.title for wording in one.wordings],
                "since": [f"{wording.since:%Y-%m-%dT%H:%M:%SZ}" for wording in one.wordings],
                "frames": [_frames(one, number) for number in range(len(one.wordings))],
            }
            for one in edited
        },
        "dead_feed": {"outlet": dead, "url": houses[dead].feed, "from_moment": dead_from},
        "blame": _blame(articles),
    }


def _story(article: Article) -> dict[str, Any]:
    return {
        "url": article.url,
        "outlet": article.house.outlet.slug,
        "areas": list(article.house.outlet.areas),
        "week": article.week,
        "published": f"{article.published:%Y-%m-%dT%H:%M:%SZ}",
        "section": article.section,
        "title": article.wordings[0].title,
        "frames": _frames(article, 0),
    }


def _frames(article: Article, version: int) -> list[dict[str, Any]]:
    return [
        {
            "sentence": one.sentence,
            "frame": one.frame,
            "status": one.status,
            "voice": one.voice,
            "groups": list(one.groups),
            "problem": list(one.problem),
        }
        for one in article.wordings[version].planted
    ]


def _blame(articles: Iterable[Article]) -> dict[str, dict[str, dict[str, int]]]:
    pages: Counter[tuple[str, str]] = Counter()
    stories: dict[tuple[str, str], set[str]] = {}
    listed: Counter[tuple[str, str]] = Counter()
    for one in articles:
        if len(one.house.outlet.areas) != 1:
            continue
        week = int(one.week.split("-W")[1])
        cell = (one.house.outlet.areas[0], next(name for name, weeks in HALVES.items() if week in weeks))
        listed[cell] += 1
        if any(mark.frame == "blame" and mark.status == "active" for mark in one.wordings[0].planted):
            pages[cell] += 1
            stories.setdefault(cell, set()).add(one.story)
    return {
        district: {
            half: {
                "pages": listed[district, half],
                "blame_pages": pages[district, half],
                "blame_stories": len(stories.get((district, half), ())),
            }
            for half in HALVES
        }
        for district in sorted({district for district, _ in listed})
    }
