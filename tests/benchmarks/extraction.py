"""How well article text is cut out of pages: Zyte's measure on its 181 pages, and UK pages with expected paragraphs."""

from __future__ import annotations

import argparse
import gzip
import html
import json
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from corpora.errors import NotAStory
from corpora.pages import extract_page
from corpora.pruning import prune as prune_tree

BARS = {"zyte": 0.955}
Extractor = Callable[[bytes], str]
Sample = tuple[str, bytes, str]
"""Name of a page, the page, its expected text."""


def zyte(folder: Path) -> Iterator[Sample]:
    """Pages of Zyte's article extraction benchmark with texts made by hand."""
    gold = json.loads((folder / "zyte" / "ground-truth.json").read_text(encoding="utf-8"))
    for name, one in sorted(gold.items()):
        yield name, gzip.decompress((folder / "zyte" / "html" / f"{name}.html.gz").read_bytes()), one["articleBody"]


def uk(folder: Path) -> Iterator[Sample]:
    """Pages of national UK titles with what a parser written for each title reads from them."""
    for name in sorted(json.loads((folder / "uk" / "meta.info").read_text(encoding="utf-8"))):
        body = gzip.decompress((folder / "uk" / name).read_bytes())
        readings = json.loads((folder / "uk" / f"{name.split('_')[0]}.json").read_text(encoding="utf-8")).values()
        whole = _key(body.decode("utf-8", "replace"))
        fits = [one for one in readings if one.get("body") and _key(one["title"]) in whole]
        if fits:
            best = max(fits, key=lambda one: sum(_key(part) in whole for part in _parts(one)))
            yield name, body, "\n".join(_parts(best))


def _key(text: str) -> str:
    return re.sub(r"\W+", " ", html.unescape(text).lower()).strip()


def _parts(reading: dict[str, Any]) -> list[str]:
    parts = list(reading["body"].get("summary", []))
    for section in reading["body"]["sections"]:
        parts += [*section.get("headline", []), *section["paragraphs"]]
    return parts


def measure(expected: str, found: str) -> tuple[float, float]:
    """Precision and recall of runs of four words, counted with repetition, as Zyte's evaluation does."""
    ours, theirs = _runs(found), _runs(expected)
    right = sum((ours & theirs).values())
    if ours == theirs:
        return 1.0, 1.0
    return right / max(1, sum(ours.values())), right / max(1, sum(theirs.values()))


def _runs(text: str) -> Counter[tuple[str, ...]]:
    run = re.findall(r"\w+", text)
    return Counter(tuple(run[at : at + 4]) for at in range(max(1, len(run) - 3)) if run)


def ours(body: bytes) -> str:
    """The project's own extractor; a page that is set aside counts as empty."""
    try:
        return extract_page(body).text
    except NotAStory:
        return ""


def bare(*, prune: bool = True, baseline: int = 0, **options: Any) -> Extractor:
    """trafilatura with other options, without the project's gate.

    Args:
        prune: Whether the project's blocks are pruned.
        baseline: Below so many characters trafilatura's baseline is used instead.
        options: Of `trafilatura.bare_extraction`.
    """
    import trafilatura
    from trafilatura.utils import load_html

    given = {"include_comments": False, "include_tables": False, "deduplicate": False, **options}

    def extract(body: bytes) -> str:
        tree = load_html(body)
        if prune and tree is not None:
            prune_tree(tree)
        found: Any = None if tree is None else trafilatura.bare_extraction(tree, **given)
        text = (found.text if found else "") or ""
        return text if len(text) >= baseline else trafilatura.baseline(body)[1]

    return extract


VARIANTS: dict[str, Callable[[], Extractor]] = {
    "extract_page": lambda: ours,
    "precision, unpruned": lambda: bare(prune=False, favor_precision=True),
    "precision": lambda: bare(favor_precision=True),
    "precision, tables": lambda: bare(favor_precision=True, include_tables=True),
    "precision, comments": lambda: bare(favor_precision=True, include_comments=True),
    "precision, baseline below 250": lambda: bare(favor_precision=True, baseline=250),
    "precision, fast": lambda: bare(favor_precision=True, fast=True),
    "balanced, unpruned": lambda: bare(prune=False),
    "balanced": bare,
    "balanced, tables": lambda: bare(include_tables=True),
    "balanced, baseline below 250": lambda: bare(baseline=250),
    "balanced, fast": lambda: bare(fast=True),
    "recall": lambda: bare(favor_recall=True),
}


def main() -> int:
    """Print one row per variant and set of pages; exit 1 where the project's own extractor is below a bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", type=Path, help="folder with `zyte` and `uk`")
    parser.add_argument("--variants", nargs="*", default=["extract_page"], help=f"'all' or of: {', '.join(VARIANTS)}")
    parser.add_argument("--worst", type=int, default=0, help="also name so many pages with the lowest F1")
    given = parser.parse_args()
    missed = False
    for name in VARIANTS if given.variants == ["all"] else given.variants:
        extract = VARIANTS[name]()
        for label, pages in (("zyte", zyte(given.pages)), ("uk", uk(given.pages))):
            f1 = _report(name, label, list(pages), extract, given.worst)
            missed |= name == "extract_page" and f1 < BARS.get(label, 0.0)
    return int(missed)


def _report(name: str, label: str, pages: list[Sample], extract: Extractor, worst: int) -> float:
    start = time.process_time()
    found = [extract(body) for _, body, _ in pages]
    seconds = time.process_time() - start
    scores = [measure(expected, text) for (_, _, expected), text in zip(pages, found, strict=True)]
    precision, recall = (statistics.mean(column) for column in zip(*scores, strict=True))
    f1 = float(2 * precision * recall / (precision + recall))
    empty = sum(not text for text in found)
    sys.stdout.write(
        f"{label:5} {name:30} F1 {f1:.4f}  P {precision:.4f}  R {recall:.4f}"
        f"  empty {empty}  {len(pages) / seconds:.0f} pages per CPU second\n"
    )
    ranked = sorted(zip(scores, pages, found, strict=True), key=lambda row: sum(row[0]))
    for (one_precision, one_recall), (page, _, expected), text in ranked[:worst]:
        sys.stdout.write(
            f"    {page[:24]}  P {one_precision:.2f}  R {one_recall:.2f}  {len(text)} of {len(expected)} characters\n"
        )
    sys.stdout.flush()
    return f1


if __name__ == "__main__":
    sys.exit(main())
