"""Recipes of public sets: terms, checksums and addresses."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpora.errors import BadInput
from corpora.recipes import load_recipes, recipe

SONGS = """
[songs]
title = "Songs"
licence = "CC0 1.0"
terms = "Sing them."
may_train_shipped_model = true
from = "https://example.org/songs"
by_hand = "Save both."
mapping = "none"
filter = "none"
[songs.files]
"a.txt" = "SUM"
"b.txt" = "not pinned"
[songs.urls]
"a.txt" = "https://example.org/a.txt"
""".replace("SUM", "0" * 64)


def test_every_shipped_recipe_says_its_terms() -> None:
    known = load_recipes()
    assert set(known) == {"usvsthem", "implicit_hate", "group_mentions", "emona", "hatecheck"}
    for one in known.values():
        assert all((one.title, one.licence, one.terms, one.source, one.mapping, one.filter, one.files))
        assert "HateCheck" in one.filter
        assert not (one.may_train_shipped_model and "NC" in one.licence)
        assert one.may_train_shipped_model != ("Not for the shipped model" in one.terms)
        assert "NC" not in one.licence or "on-commercial" in one.terms
        assert set(one.files) == set(one.urls) or one.by_hand


def test_hatecheck_is_for_evaluation_only_and_its_checksum_is_said_to_be_unknown() -> None:
    suite = recipe("hatecheck")
    assert suite.evaluation_only
    assert not suite.may_train_shipped_model
    assert dict(suite.files) == {"test_suite_cases.csv": None}
    assert [name for name, one in load_recipes().items() if None in one.files.values()] == ["hatecheck"]


def test_a_recipe_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sets.toml"
    path.write_text(SONGS, encoding="utf-8")
    songs = recipe("songs", path)
    assert dict(songs.files) == {"a.txt": "0" * 64, "b.txt": None}
    assert dict(songs.urls) == {"a.txt": "https://example.org/a.txt"}
    with pytest.raises(BadInput, match="Known: songs"):
        recipe("poems", path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("0" * 64, "short", "SHA-256"),
        ("0" * 64, "Z" * 64, "SHA-256"),
        ("https://example.org/a.txt", "http://example.org/a.txt", "https"),
        ('[songs.urls]\n"a.txt"', '[songs.urls]\n"c.txt"', "belong to files"),
        ('by_hand = "Save both."', "", "by_hand"),
        ('"a.txt"', '"../a.txt"', "plain"),
        ('terms = "Sing them."', "", "terms"),
        ("[songs]", "[songs", "cannot be used"),
    ],
)
def test_a_broken_recipe_is_explained(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "sets.toml"
    path.write_text(SONGS.replace(old, new), encoding="utf-8")
    with pytest.raises(BadInput, match=said):
        load_recipes(path)
