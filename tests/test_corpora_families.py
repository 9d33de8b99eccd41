"""Copies of one text are one family, and nothing else is."""

from __future__ import annotations

import json
import random
from pathlib import Path
from types import ModuleType

import pytest

from corpora.families import FEWEST_WORDS, find_families, shingles, similar, words

DEMO = Path(__file__).resolve().parent.parent / "corpora" / "demo" / "stories"
FURNITURE = (
    "Get the best of the county in your inbox every morning. Sign up for our free letter and never miss a story. "
    "You can leave the list at any time, and we will never pass your address on to anybody else."
)


def body(texts: ModuleType, seed: int, length: int = 400) -> str:
    return str(texts.story(seed, words=length))


def first(text: str, share: float) -> str:
    run = text.split()
    return " ".join(run[: int(len(run) * share)])


def changed(text: str, share: float, seed: int) -> str:
    rng = random.Random(seed)
    return " ".join("altered" if rng.random() < share else word for word in text.split())


KINDS = {
    "the same words": lambda text, top: text,
    "with furniture at the end": lambda text, top: f"{text}\n{FURNITURE}",
    "first 60 %": lambda text, top: first(text, 0.6),
    "a local top of 60 words and 85 %": lambda text, top: f"{first(top, 0.15)}\n{first(text, 0.85)}",
    "5 % of the words changed": lambda text, top: changed(text, 0.05, 7),
    "other case and quotes": lambda text, top: text.upper().replace("'", "’"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_copies_are_one_family(kind: str, texts: ModuleType) -> None:
    """The kinds of copy of the design's measurement, of which at least 95 % have to be found."""
    found = 0
    for seed in range(20):
        original = body(texts, seed)
        copy = KINDS[kind](original, body(texts, 1000 + seed))
        rows = [("b", "echo", "One title", original), ("a", "post", "Another title", copy)]
        rows += [(f"z{n}", "echo", f"Title {n}", body(texts, 5000 + n)) for n in range(3)]
        families = find_families(rows)
        assert [families[f"z{n}"] for n in range(3)] == ["z0", "z1", "z2"]
        found += families["b"] == "a"
        assert families["a"] == "a"
    assert found >= 19


def test_unrelated_stories_stay_apart(texts: ModuleType) -> None:
    rows = [(f"{n:03}", "echo", f"Title {n}", body(texts, n)) for n in range(120)]
    assert find_families(rows) == {story: story for story, _, _, _ in rows}


def test_the_order_does_not_matter(texts: ModuleType) -> None:
    rows = [(f"o{n}", "echo", "t", body(texts, n)) for n in range(8)]
    rows += [(f"c{n}", "post", "t", first(body(texts, n), 0.7)) for n in range(8)]
    rows += [(f"d{n}", "mail", "t", body(texts, n) + FURNITURE) for n in range(0, 8, 2)]
    rows += [
        ("s1", "echo", "Weir mended", "A short word on the weir."),
        ("s2", "post", "Weir mended", "A short word on the weir."),
    ]
    expected = find_families(rows)
    assert expected["o0"] == expected["d0"] == "c0"
    assert expected["s2"] == "s1"
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        assert find_families(rows) == expected


def test_a_chain_of_copies_is_one_family(texts: ModuleType) -> None:
    run = (body(texts, 1, 600) + body(texts, 2, 600)).split()
    rows = [(f"n{at}", "echo", "t", " ".join(run[at * 100 : at * 100 + 400])) for at in range(7)]
    assert not similar(shingles(rows[0][3]), shingles(rows[6][3]))
    assert set(find_families(rows).values()) == {"n0"}


SHORT = "Councillors have agreed to mend the weir below the mill before the winter floods arrive, at a cost of £4,000."


@pytest.mark.parametrize(
    ("title", "text", "same"),
    [
        ("Weir to be mended", SHORT, True),
        ("WEIR to be mended!", SHORT.upper(), True),
        (
            "Weir to be mended",
            "Ducks were counted on the mill pond for the third time this year.",
            False,
        ),
        ("Library roof leaks", SHORT, False),
        ("Weir to be mended", "", False),
    ],
)
def test_short_summaries_need_the_same_title_and_words(title: str, text: str, same: bool) -> None:
    assert len(words(SHORT)) < FEWEST_WORDS
    families = find_families([("a", "echo", "Weir to be mended", SHORT), ("b", "post", title, text)])
    assert (families["b"] == "a") is same


def test_headlines_alone_are_never_merged() -> None:
    rows = [("a", "echo", "What's on", ""), ("b", "post", "What's on", ""), ("c", "mail", "What's on", "Fair today")]
    assert find_families(rows) == {"a": "a", "b": "b", "c": "c"}


def test_odd_texts_are_survived() -> None:
    assert find_families([]) == {}
    rows = [("a", "o", "", "京都 " * 200), ("b", "o", "", "!" * 5000), ("c", "o", "t", "word " * 5000)]
    assert set(find_families(rows)) == {"a", "b", "c"}


def test_of_the_demonstration_only_syndicated_stories_are_families() -> None:
    rows: list[tuple[str, str, str, str]] = []
    placed: dict[str, set[str]] = {}
    for path in sorted(DEMO.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            one = json.loads(line)
            text = "\n".join(one["paragraphs"])
            if "placements" not in one:
                rows.append((one["id"], one["outlet"], one["title"], text))
                continue
            for at in one["placements"]:
                kept = one["paragraphs"][: len(one["paragraphs"]) - at.get("cut", 0)]
                lead = [at["lead"]] if at.get("lead") else []
                key = f"{one['id']}.{at['outlet']}"
                rows.append((key, at["outlet"], at["title"], "\n".join(lead + kept)))
                placed.setdefault(one["id"], set()).add(key)
    families = find_families(rows)
    merged: dict[str, set[str]] = {}
    for story, family in families.items():
        merged.setdefault(family, set()).add(story)
    assert len(rows) > 200
    assert sorted(map(sorted, (one for one in merged.values() if len(one) > 1))) == sorted(map(sorted, placed.values()))
