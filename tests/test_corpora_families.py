"""Copies of one text are one family, and nothing else is."""

from __future__ import annotations

import json
import random
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.families import FEWEST_WORDS, families_of, find_families, fingerprint, shingles, similar, words

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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tŷ’r Cyngor, Bae Colwyn: dŵr ar gau", ["tŷ'r", "cyngor", "bae", "colwyn", "dŵr", "ar", "gau"]),
        ("Comhairle nan Eilean Siar: “Dè tha dol?”", ["comhairle", "nan", "eilean", "siar", "dè", "tha", "dol"]),
        ("Ty\u0302 mawr", ["tŷ", "mawr"]),
        ("'We can't,' they said — 12,000 of them", ["we", "can't", "they", "said", "12", "000", "of", "them"]),
        ("ŴYN", ["ŵyn"]),
        ("\ud800 ", []),
    ],
)
def test_words_of_every_language_count(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_copies_in_welsh_are_one_family_and_other_welsh_is_not() -> None:
    rng = random.Random(3)
    stock = ["dŵr", "tŷ", "ŵyn", "môr", "cân", "pêl", "tân", "gŵr", "sŵn", "llên", "ysgôr", "gwên", "bûm", "tŵr"]

    def made(length: int) -> str:
        return " ".join(f"{rng.choice(stock)}{rng.choice(stock)}" for _ in range(length))

    one, other = made(300), made(300)
    rows = [("a", "x", "t", one), ("b", "y", "u", first(one, 0.6)), ("c", "z", "v", other)]
    assert find_families(rows) == {"a": "a", "b": "a", "c": "c"}


STORIES = st.lists(st.tuples(st.integers(0, 4), st.sampled_from([1.0, 0.8, 0.6]), st.booleans()), max_size=14)


@settings(deadline=None, max_examples=40)
@given(st.data(), STORIES)
def test_any_order_and_any_partition_give_the_same_families(
    texts: ModuleType, data: st.DataObject, stories: list[tuple[int, float, bool]]
) -> None:
    prints = {}
    for at, (seed, share, boxed) in enumerate(stories):
        text = first(body(texts, seed, 150), share) + (f"\n{FURNITURE}" if boxed else "")
        prints[f"s{(at * 7) % 20:02}"] = fingerprint("t", text)
    whole = families_of(prints, {})
    names = data.draw(st.permutations(sorted(prints)))
    assert families_of({name: prints[name] for name in names}, {}) == whole
    assert all(whole[name] == min(one for one in whole if whole[one] == whole[name]) for name in whole)
    # Found in parts: what was known of some stays true when the others come.
    cut = data.draw(st.integers(0, len(names)))
    known = families_of({name: prints[name] for name in names[:cut]}, {})
    assert families_of(prints, known) == whole
    # Fingerprints that are gone: their families stay as they were found.
    assert families_of({name: prints[name] for name in names[cut:]}, whole) == whole


@given(st.text(), st.text())
def test_any_text_has_a_fingerprint(title: str, text: str) -> None:
    one = fingerprint(title, text)
    assert one == fingerprint(title, text)
    assert not (one.hashes and one.brief)
    assert all(0 <= number < 2**32 for number in one.hashes)


def test_fingerprints_tell_copies_as_texts_do(texts: ModuleType) -> None:
    """As many hashes as runs of words: no two runs of a story share one."""
    for seed in range(20):
        text = body(texts, seed)
        assert len(fingerprint("", text).hashes) == len(shingles(text))


@pytest.mark.shared
def test_copies_of_real_bodies_are_found_and_strangers_are_not_merged(shared: Path) -> None:
    """160 bodies, 12,720 unrelated pairs. The whole table: tests/benchmarks/copies.py."""
    gold = json.loads((shared / "pages" / "zyte" / "ground-truth.json").read_text(encoding="utf-8"))
    bodies = [one["articleBody"] for _, one in sorted(gold.items()) if len(one["articleBody"].split()) >= 100][:160]
    assert len(bodies) == 160
    rows = [(f"o{n:03}", "a", f"t{n}", text) for n, text in enumerate(bodies)]
    assert find_families(rows) == {row[0]: row[0] for row in rows}
    for kind in ("with furniture at the end", "first 60 %", "a local top of 60 words and 85 %",
                 "5 % of the words changed"):  # fmt: skip
        copies = [(f"z{n:03}", "b", f"u{n}", KINDS[kind](text, bodies[(n + 7) % 160])) for n, text in enumerate(bodies)]
        families = find_families(rows + copies)
        assert sum(families[f"z{n:03}"] == f"o{n:03}" for n in range(160)) >= 0.95 * 160, kind
