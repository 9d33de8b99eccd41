"""Rows of public sets in our fields: what is mapped, what is left out, what a set does not say."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from corpora.codebook import load_codebook
from corpora.errors import BadInput, NotReady, Refused
from corpora.public_files import from_folder, put_in_cache, sums_of
from corpora.public_readers import group_codes
from corpora.public_rows import MappedSet, mapped
from corpora.recipes import Recipe, recipe

LONG = "and that is what was said at the Kelderby meeting"


def cached_set(tmp_path: Path, name: str, files: dict[str, str]) -> tuple[Recipe, Path]:
    """A stand-in set with the recipe's file names, in a cache."""
    wanted = replace(
        recipe(name), files={file: hashlib.sha256(body.encode()).hexdigest() for file, body in files.items()}
    )
    for file, body in files.items():
        (tmp_path / file).write_text(body, encoding="utf-8", newline="")
    return wanted, bring(wanted, tmp_path, tmp_path / "cache")


def bring(wanted: Recipe, folder: Path, cache: Path) -> Path:
    sums = sums_of(wanted, cache)
    source = from_folder(wanted, folder, tuple(wanted.files), sums)
    assert list(put_in_cache(wanted, cache, source, sums, clock=lambda: datetime(2026, 11, 25, tzinfo=UTC)))
    return cache


def table(delimiter: str, rows: Iterable[Iterable[Any]]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def us_and_them(tmp_path: Path, cases: list[str] | None = None) -> MappedSet:
    head = ("", "body", "usVSthem_scale", "is_Disc_Crit", "group")
    train = [
        (0, f"The newcomers, as ever,\nwant the lot  {LONG}", 0.7, True, "Immigrants"),
        (1, f"Some people moved in over the road {LONG}", 0.2, False, "Refugees"),
        (2, f"They will lose the vote again {LONG}", 0.9, True, "Liberals"),
        (3, f"I am not sure what to make of it {LONG}", 0.9, False, "Jews"),
        (4, "Too short to say", 0.9, True, "Muslims"),
        (5, "word " * 56, 0.9, True, "Muslims"),
        (6, f"SOME people moved in, over the road {LONG}!", 0.1, False, "Refugees"),
        (7, f"Here a label and there its contrary {LONG}", 0.9, True, "Muslims"),
    ]
    valid = [(0, f"Here a label, and there its contrary {LONG}", 0.1, False, "Muslims")]
    files = {
        "UsVsThem_train_public.csv": table(",", [head, *train]),
        "UsVsThem_valid_public.csv": table(",", [head, *valid]),
    }
    wanted, cache = cached_set(tmp_path, "usvsthem", files)
    return mapped(wanted, cache, cases)


def test_us_vs_them_comments(tmp_path: Path) -> None:
    made = us_and_them(tmp_path)
    first, second = made.rows
    assert (first.id, first.us_them, first.groups) == ("usvsthem-train-0", True, ("MIG_ASY",))
    assert first.text == f"The newcomers, as ever, want the lot {LONG}"
    assert (second.us_them, second.groups, second.source) == (False, ("REF",), "usvsthem")
    assert all(row.blame is None and row.shared_story is None for row in made.rows)
    assert made.left_out == {
        "about a political camp": 1,
        "the set's two measures disagree": 1,
        "not 6 to 55 words": 2,
        "repeats": 2,
        "equal texts with other labels": 1,
    }
    assert len(made.rows) + sum(made.left_out.values()) == 9
    assert (made.licence, made.may_train_shipped_model) == ("CC BY-NC 4.0", False)


def test_hatecheck_is_removed_where_it_is_at_hand(tmp_path: Path) -> None:
    assert not us_and_them(tmp_path).hatecheck_removed
    made = us_and_them(tmp_path, [f"Some people moved in over the road {LONG}"])
    assert made.hatecheck_removed
    # The first shares its last words with the case, but not more than 60 % of its wording.
    assert [row.id for row in made.rows] == ["usvsthem-train-0"]
    assert made.left_out["HateCheck's, or nearly"] == 1


def test_implicit_hate_posts(tmp_path: Path) -> None:
    charged = f'They take "all" of it {LONG}'
    files = {
        "implicit_hate_v1_stg1_posts.tsv": table(
            "\t",
            [
                ("post", "class"),
                (charged, "implicit_hate"),
                (f"The bus was late {LONG}", "not_hate"),
                (f"Something openly vile {LONG}", "explicit_hate"),
            ],
        ),
        "implicit_hate_v1_stg2_posts.tsv": table(
            "\t",
            [
                ("post", "implicit_class", "extra_implicit_class"),
                (charged, "stereotypical", ""),
                (f"Oh how very clever of them {LONG}", "irony", ""),
                (f"Up with our own old club {LONG}", "incitement", ""),
            ],
        ),
        "implicit_hate_v1_stg3_posts.tsv": table(
            "\t",
            [
                ("post", "target", "implied_statement"),
                (charged, " Immigrants.", "they take all"),
                (charged, "Muslim immigrants", "they take all"),
                (charged, "left-handed people", "they take all"),
            ],
        ),
    }
    wanted, cache = cached_set(tmp_path, "implicit_hate", files)
    made = mapped(wanted, cache, None)
    one, other = made.rows
    assert (one.text, one.us_them, one.blame, one.groups) == (charged, True, None, ("MIG_ASY", "MUS"))
    assert (other.us_them, other.blame, other.shared_story, other.groups) == (False, False, None, ())
    assert made.left_out == {"irony, incitement, other and explicit hate": 3}


def test_group_mentions_become_spans_of_a_readable_text(tmp_path: Path) -> None:
    tokens = ["The", "town", "’", "s", "older", "people", "(", "and", "carers", ")", "will", ",", "in", "time", "."]
    labels = ["O"] * 4 + ["B-social group", "I-social group", "O", "O", "B-social group", *["O"] * 7]
    labels[1] = "B-political institution"
    row = json.dumps({"id": "x1", "tokens": tokens, "encoded_labels": labels})
    wanted, cache = cached_set(tmp_path, "group_mentions", {"release_splits_dev.jsonl": row + "\n"})
    (only,) = mapped(wanted, cache, None).rows
    assert only.text == "The town’s older people (and carers) will, in time."
    assert [span.check(only.text).text for span in only.mentions] == ["older people", "carers"]
    assert (only.us_them, only.blame, only.shared_story) == (None, None, None)


def test_news_sentences_carry_no_label(tmp_path: Path) -> None:
    row = json.dumps({"article": "kelderby_1", "sid": 3, "text": f"The mayor opened the bridge {LONG}"})
    wanted, cache = cached_set(tmp_path, "emona", {"sentences.jsonl": row + "\n"})
    (only,) = mapped(wanted, cache, None).rows
    assert (only.id, only.us_them, only.groups) == ("emona-kelderby_1-3", None, ())


def test_what_cannot_be_mapped_is_explained(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="corpora fetch emona"):
        mapped(recipe("emona"), tmp_path, None)
    with pytest.raises(Refused, match="evaluation only"):
        mapped(recipe("hatecheck"), tmp_path, None)
    wanted, cache = cached_set(tmp_path, "emona", {"sentences.jsonl": '{"sentence": "x"}\n'})
    with pytest.raises(BadInput, match="not of the form"):
        mapped(wanted, cache, None)


def test_group_names_lead_to_codes_of_the_codebook() -> None:
    known = load_codebook().codes("groups")
    for name in ("usvsthem", "implicit_hate"):
        codes = group_codes(name)
        assert codes
        assert {code for some in codes.values() for code in some} <= known - {"ALL", "ELITE"}
        assert all(label == label.casefold().strip(" .") for label in codes)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "counted", "labels"),
    [
        ("usvsthem", (1037, 4603), {(True, None): 519, (False, None): 518}),
        ("implicit_hate", (16620, 20726), {(True, None): 4008, (False, False): 12612}),
        ("group_mentions", (7111, 7113), {(None, None): 7111}),
        ("emona", (10321, 10912), {(None, None): 10321}),
    ],
)
def test_the_real_sets_give_as_many_rows_as_were_counted(
    shared: Path, tmp_path: Path, name: str, counted: tuple[int, int], labels: dict[tuple[bool | None, ...], int]
) -> None:
    wanted = recipe(name)
    made = mapped(wanted, bring(wanted, shared / "training", tmp_path), None)
    assert (len(made.rows), len(made.rows) + sum(made.left_out.values())) == counted
    assert Counter((row.us_them, row.blame) for row in made.rows) == labels
    assert {row.shared_story for row in made.rows} == {None}
    assert len({row.id for row in made.rows}) == len(made.rows)
    assert all(6 <= len(row.text.split()) <= 55 for row in made.rows)
    for row in made.rows:
        for span in row.mentions:
            span.check(row.text)
