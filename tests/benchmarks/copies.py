"""How many copies of a story are found, how many strangers are merged, and how fast."""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

from corpora.errors import NotAStory
from corpora.families import families_of, find_families, fingerprint, shingles

BODIES = 160
FEWEST_WORDS = 100
RECALL_BAR, SPEED_BAR = 0.95, 500
FURNITURE = (
    "Get the best of the county in your inbox every morning. Sign up for our free letter and never miss a story. You "
    "can leave the list at any time, and we will never pass your address on to anybody else. Read more about how we "
    "use what you tell us on our pages about privacy. Follow us for more news from your town and all around it."
)
Edit = Callable[[list[str], list[str], random.Random], list[str]]
"""Makes a copy from the words of a body, those of another story, and chance."""


def changed(run: list[str], other: list[str], rng: random.Random) -> list[str]:
    """Replace one word in twenty by one of the other story's."""
    return [rng.choice(other) if rng.random() < 0.05 else word for word in run]


KINDS: dict[str, tuple[bool, Edit]] = {
    "+ newsletter boilerplate": (True, lambda run, other, rng: run + FURNITURE.split()),
    "first 60 %": (True, lambda run, other, rng: run[: int(0.6 * len(run))]),
    "60-word local top + 85 %": (True, lambda run, other, rng: other[:60] + run[: int(0.85 * len(run))]),
    "5 % of words changed": (True, changed),
    "first 35 % + boilerplate": (False, lambda run, other, rng: run[: int(0.35 * len(run))] + FURNITURE.split()),
}
"""Kinds of copy, whether the bar holds for them, and how they are made."""


def bodies(folder: Path) -> list[str]:
    """Bodies cut out of Zyte's pages by the project's own extractor."""
    import gzip

    from corpora.pages import extract_page

    found: list[str] = []
    for path in sorted((folder / "zyte" / "html").glob("*.html.gz")):
        try:
            text = extract_page(gzip.decompress(path.read_bytes())).text
        except NotAStory:
            continue
        if len(text.split()) >= FEWEST_WORDS:
            found.append(text)
    return found[:BODIES]


def recall(texts: list[str], edit: Edit) -> float:
    """Share of copies in the family of their original, all originals and copies searched together."""
    rng = random.Random(5)
    rows = [(f"o{n:04}", "a", f"Title {n}", text) for n, text in enumerate(texts)]
    for n, text in enumerate(texts):
        other = texts[(n + 7) % len(texts)].split()
        rows.append((f"z{n:04}", "b", f"Other title {n}", " ".join(edit(text.split(), other, rng))))
    families = find_families(rows)
    return sum(families[f"z{n:04}"] == families[f"o{n:04}"] for n in range(len(texts))) / len(texts)


def speed(texts: list[str], copies: int) -> float:
    """Stories per second from text to family, with families of `copies` among them."""
    rng = random.Random(6)
    stories = [text for text in texts for _ in range(copies)]
    stories = [" ".join(changed(text.split(), ["altered"], rng)) for text in stories]
    start = time.process_time()
    prints = {f"s{n:05}": fingerprint("", text) for n, text in enumerate(stories)}
    middle = time.process_time()
    families_of(prints, {})
    end = time.process_time()
    sys.stdout.write(
        f"{len(stories)} stories of {statistics.mean(len(text.split()) for text in stories):.0f} words:"
        f" fingerprints {len(stories) / (middle - start):.0f}/s, families {len(stories) / (end - middle):.0f}/s,"
        f" both {len(stories) / (end - start):.0f} stories per CPU second\n"
    )
    return len(stories) / (end - start)


def main() -> int:
    """Print the table; exit 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", type=Path, help="folder with `zyte`")
    texts = bodies(parser.parse_args().pages)
    missed = False
    families = find_families([(str(n), "a", "", text) for n, text in enumerate(texts)])
    merges = sum(families[str(one)] == families[str(other)] for one, other in combinations(range(len(texts)), 2))
    sets = [shingles(text) for text in texts]
    nearest = max(len(one & other) / (min(len(one), len(other)) or 1) for one, other in combinations(sets, 2))
    pairs = len(texts) * (len(texts) - 1) // 2
    sys.stdout.write(
        f"{len(texts)} bodies, {pairs} unrelated pairs: {merges} merged; greatest containment {nearest:.2f}\n"
    )
    missed |= merges > 0
    for kind, (barred, edit) in KINDS.items():
        share = recall(texts, edit)
        missed |= barred and share < RECALL_BAR
        sys.stdout.write(f"{kind:26} recall {share:.3f}{'' if barred else '  (no bar)'}\n")
    missed |= speed(texts, 10) < SPEED_BAR
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
