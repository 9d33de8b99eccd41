"""Writes the demonstration's web sites: `python -m corpora.demo.build` turns `stories/` into `site/`, `truth.json`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from corpora.demo import render
from corpora.demo.articles import HERE, MOMENTS, Article, House, load_articles
from corpora.demo.truth import truth

SITE = HERE / "site"
TRUTH = HERE / "truth.json"

OVERLAP = 3
"""Older stories a feed still lists, as real feeds overlap from one collection to the next."""

DEAD_FEED = "drayholt-echo"
DEAD_FROM = 3
"""Collection from which that outlet's feed address answers with a web page."""

ROBOTS = b"User-agent: *\nDisallow: /search\n"
ROBOTS_SINCE = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

Paths = dict[str, dict[str, list[dict[str, Any]]]]


def render_all() -> dict[str, bytes]:
    """Render everything.

    Returns:
        Path below `corpora/demo/` to bytes: the files of `site/`, and `truth.json`.
    """
    articles = load_articles()
    engine, words = render.environment(), render.furniture()
    files: dict[str, bytes] = {}
    paths: Paths = {}
    houses = {one.house.outlet.slug: one.house for one in articles}
    for name in sorted(houses):
        house = houses[name]
        shelf = [one for one in articles if one.house == house]
        for one in shelf:
            _add_pages(
                files, paths, one, [render.page(engine, words, one, n, shelf=shelf) for n in range(len(one.wordings))]
            )
        for moment in MOMENTS:
            _add_feed(files, paths, house, moment, made=_feed(engine, house, shelf, moment))
        for host in sorted({urlsplit(house.feed).netloc, urlsplit(house.home).netloc}):
            files[f"site/{host}/robots.txt"] = ROBOTS
            _serve(
                paths,
                host,
                "/robots.txt",
                moment=1,
                file=f"{host}/robots.txt",
                media="text/plain; charset=utf-8",
                changed=ROBOTS_SINCE,
            )
    moments = {str(one): f"{when:%Y-%m-%dT%H:%M:%SZ}" for one, when in MOMENTS.items()}
    files["site/moments.json"] = _json(moments)
    files["site/paths.json"] = _json(paths, indent=None)
    files["truth.json"] = _json(truth(articles, DEAD_FEED, DEAD_FROM))
    return files


def listed(shelf: Sequence[Article], moment: int) -> list[Article]:
    """Articles a feed lists at a collection: all since the one before, and `OVERLAP` older ones; newest first.

    Args:
        shelf: All articles of the outlet, oldest first.
        moment: 1, 2 or 3.
    """
    since = MOMENTS.get(moment - 1, datetime.min.replace(tzinfo=UTC))
    fresh = [one for one in shelf if since < one.published <= MOMENTS[moment]]
    older = [one for one in shelf if one.published <= since]
    return list(reversed([*older[-OVERLAP:], *fresh]))


def _feed(engine: Any, house: House, shelf: Sequence[Article], moment: int) -> tuple[bytes, datetime, str]:
    """Body, last change and media type of a feed at a collection."""
    if house.outlet.slug == DEAD_FEED and moment >= DEAD_FROM:
        return render.maintenance(engine, house), MOMENTS[moment], "text/html"
    items = listed(shelf, moment)
    changed = max(wording.since for one in items for wording in one.wordings if wording.since <= MOMENTS[moment])
    return render.feed(engine, house, items, MOMENTS[moment]), changed, "application/rss+xml"


def _add_feed(
    files: dict[str, bytes], paths: Paths, house: House, moment: int, made: tuple[bytes, datetime, str]
) -> None:
    body, changed, media = made
    parts = urlsplit(house.feed)
    file = f"{parts.netloc}/feed.{moment}.{'html' if media == 'text/html' else 'xml'}"
    files[f"site/{file}"] = body
    where = parts.path + (f"?{parts.query}" if parts.query else "")
    media = f"{media}; charset={house.charset}"
    _serve(paths, parts.netloc, where, moment=moment, file=file, media=media, changed=changed)


def _add_pages(files: dict[str, bytes], paths: Paths, article: Article, bodies: Sequence[bytes]) -> None:
    parts = urlsplit(article.url)
    for version, (wording, body) in enumerate(zip(article.wordings, bodies, strict=True), start=1):
        ending = ".html" if version == 1 else f".v{version}.html"
        file = f"{parts.netloc}{parts.path.rstrip('/')}{ending}"
        first = next(moment for moment, when in MOMENTS.items() if wording.since <= when)
        files[f"site/{file}"] = body
        media = f"text/html; charset={article.house.charset}"
        _serve(paths, parts.netloc, parts.path, moment=first, file=file, media=media, changed=wording.since)


def _serve(paths: Paths, host: str, path: str, *, moment: int, file: str, media: str, changed: datetime) -> None:
    """Note that from `moment` on `path` is answered with `file`."""
    entry = {"from": moment, "file": file, "type": media, "modified": format_datetime(changed, usegmt=True)}
    paths.setdefault(host, {}).setdefault(path, []).append(entry)


def _json(value: Any, indent: int | None = 1) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=indent, sort_keys=True) + "\n").encode()


def write(files: dict[str, bytes], folder: Path = HERE) -> None:
    """Replace `site/` and `truth.json` below `folder`."""
    shutil.rmtree(folder / "site", ignore_errors=True)
    for name, body in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)


def main() -> None:
    """Render, write, and say how much it was."""
    files = render_all()
    write(files)
    print(f"{len(files)} files, {sum(map(len, files.values())) / 1e6:.2f} MB")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
