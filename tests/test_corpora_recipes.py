"""Recipes of public sets: terms, checksums, and the refusal of a copy that is not the one meant."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from corpora.errors import BadInput
from corpora.recipes import bring_in, load_recipes, recipe

TOML = """
[songs]
title = "Songs"
licence = "CC0 1.0"
may_train_shipped_model = true
from = "https://example.org/songs"
mapping = "none"
filter = "none"
[songs.files]
"a.txt" = "{a}"
"b.txt" = "{b}"
"""


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def recipes(tmp_path: Path) -> Path:
    path = tmp_path / "sets.toml"
    path.write_text(TOML.format(a=_sum("one"), b=_sum("two")), encoding="utf-8")
    return path


def test_every_shipped_recipe_says_its_terms() -> None:
    known = load_recipes()
    assert set(known) == {"usvsthem", "implicit_hate", "group_mentions", "emona"}
    for one in known.values():
        assert all((one.title, one.licence, one.source, one.mapping, one.filter, one.files))
        assert "HateCheck" in one.filter
        assert not (one.may_train_shipped_model and "NC" in one.licence)


def test_a_right_copy_comes_into_the_cache(tmp_path: Path, recipes: Path) -> None:
    (tmp_path / "songs").mkdir()
    (tmp_path / "songs" / "a.txt").write_text("one", encoding="utf-8")
    (tmp_path / "b.txt").write_text("two", encoding="utf-8")
    files = bring_in(recipe("songs", recipes), tmp_path, tmp_path / "cache")
    assert [path.read_text(encoding="utf-8") for path in files] == ["one", "two"]


def test_a_missing_or_changed_file_is_refused_and_nothing_copied(tmp_path: Path, recipes: Path) -> None:
    wanted = recipe("songs", recipes)
    (tmp_path / "a.txt").write_text("one", encoding="utf-8")
    with pytest.raises(BadInput, match=r"b\.txt of the set songs is not in.*example\.org"):
        bring_in(wanted, tmp_path, tmp_path / "cache")
    (tmp_path / "b.txt").write_text("three", encoding="utf-8")
    with pytest.raises(BadInput, match="checksum differs"):
        bring_in(wanted, tmp_path, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_an_unknown_name_and_a_broken_file_are_explained(tmp_path: Path, recipes: Path) -> None:
    with pytest.raises(BadInput, match="Known: songs"):
        recipe("poems", recipes)
    recipes.write_text("[songs]\ntitle = 'x'\n[songs.files]\n'a' = 'short'\n", encoding="utf-8")
    with pytest.raises(BadInput, match="SHA-256"):
        load_recipes(recipes)
    recipes.write_text("[songs", encoding="utf-8")
    with pytest.raises(BadInput, match="cannot be used"):
        load_recipes(recipes)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["usvsthem", "implicit_hate", "group_mentions", "emona"])
def test_the_development_copies_are_the_ones_meant(shared: Path, tmp_path: Path, name: str) -> None:
    wanted = recipe(name)
    assert len(bring_in(wanted, shared / "training", tmp_path)) == len(wanted.files)
