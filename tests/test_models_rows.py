"""What the model learns from: labels as the codebook means them, and stories that never stand on both sides."""

from __future__ import annotations

import json
import lzma
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from corpora.errors import BadInput
from corpora.field_codings import text_digest
from models.outputs import NAMES, OUTPUTS
from models.rows import (
    coded_rows,
    corpus_rows,
    digest,
    everyday_rows,
    gold_rows,
    label_matrix,
    news_sentences,
    with_common_folds,
)
from nlp.reading import UnitText

LONG = "The ferry trust and the parish council will mend the old weir at Hobb's Cross before the first frost comes"


def put(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_outputs_have_an_order_that_stored_models_rely_on() -> None:
    assert NAMES == (
        "us_them.active", "blame.active", "shared_story.active", "us_them.contested", "blame.contested",
    )  # fmt: skip
    assert tuple(f"{frame}.{aspect}" for frame, aspect in OUTPUTS) == NAMES


def test_labels_are_read_by_frame_and_aspect(tmp_path: Path) -> None:
    rows = gold_rows(
        put(
            tmp_path / "gold.jsonl",
            {"id": 1, "story": "a", "text": LONG, "us_them": 1, "blame": "C"},
            {"id": 2, "story": "b", "text": "Rain fell.", "shared_story": 1},
            {"id": 3, "story": "c", "text": "Snow fell.", "us_them": "C", "blame": 0, "shared_story": "C"},
        )
    )
    assert label_matrix(rows).tolist() == [[1, 0, 0, 0, 1], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0]]
    assert label_matrix([]).shape == (0, 5)


def test_stories_with_a_near_identical_sentence_share_a_fold(tmp_path: Path) -> None:
    rows = with_common_folds(
        gold_rows(
            put(
                tmp_path / "gold.jsonl",
                {"id": 1, "story": "first", "text": LONG + "."},
                {"id": 2, "story": "second", "text": LONG.upper() + " this year."},
                {
                    "id": 3,
                    "story": "second",
                    "text": "A choir sang in the bandstand while it rained on the lower car park.",
                },
                {
                    "id": 4,
                    "story": "third",
                    "text": "A choir sang in the bandstand while it rained on the upper car park.",
                },
                {
                    "id": 5,
                    "story": "other",
                    "text": "Nobody on Mill Lane had asked for a second roundabout so near the school.",
                },
            )
        )
    )
    folds = {row.id: row.fold_key for row in rows}
    assert folds["1"] == folds["2"] == folds["3"] == folds["4"]
    assert folds["5"] == "other"


def test_short_sentences_do_not_join_stories(tmp_path: Path) -> None:
    rows = with_common_folds(
        gold_rows(
            put(
                tmp_path / "g.jsonl",
                {"id": 1, "story": "a", "text": "He said."},
                {"id": 2, "story": "b", "text": "He said."},
            )
        )
    )
    assert [row.fold_key for row in rows] == ["a", "b"]


def test_our_corpus_can_be_learned_from() -> None:
    rows = corpus_rows()
    assert len({row.id for row in rows}) == len(rows)
    sums = label_matrix(rows).sum(0)
    assert dict(zip(NAMES, sums >= 50, strict=True)) == dict.fromkeys(NAMES, True)
    assert {row.origin for row in rows} == {"corpus"}


def test_everyday_sentences_carry_nothing_and_are_never_learned_from() -> None:
    everyday = everyday_rows()
    assert len(everyday) >= 1000
    assert not label_matrix(everyday).any()
    assert not {row.id for row in everyday} & {row.id for row in corpus_rows()}


def test_codings_are_joined_to_the_sentence_that_was_coded_and_no_other(tmp_path: Path) -> None:
    text = "Folk from the old terrace and the new flats run the larder between them."
    lines = [
        "set,key,digest,codings,groups,problems,hard",
        f"news,a:1,{text_digest(text)},0 0 1|0 C 1,ALL,,1",
        f"news,a:2,{text_digest('Another sentence.')},1 0 0,MUS,,1",
        f"news,gone:1,{text_digest(text)},1 0 0,MUS,,1",
    ]
    table = tmp_path / "codings.csv"
    table.write_text("\n".join(lines), encoding="utf-8")
    units = {"news:a:1": ("a", UnitText(text=text)), "news:a:2": ("a", UnitText(text="A changed sentence."))}
    (row,) = coded_rows(table, units)
    assert (row.id, row.fold_key, row.origin, row.groups, row.hard) == ("news:a:1", "a", "coded", ("ALL",), True)
    assert row.labels == (0.0, 0.0, 1.0, 0.0, 0.5)


def test_twins_are_never_parted() -> None:
    twins = defaultdict(list)
    for row in corpus_rows():
        if row.fold_key.startswith("pair:"):
            twins[row.fold_key].append(row)
        else:
            assert row.fold_key == f"own:{row.id}"
    assert twins
    assert all(len(some) >= 2 for some in twins.values()), [key for key, some in twins.items() if len(some) < 2][:5]


def test_a_sentence_before_is_of_the_same_story(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl.xz"
    lines = [{"story": "a", "text": "One."}, {"story": "a", "text": "Two."}, {"story": "b", "text": "Three."}]
    with lzma.open(path, "wt", encoding="utf-8") as stream:
        stream.write("".join(json.dumps(line) + "\n" for line in lines))
    assert [(one.unit.text, one.unit.before) for one in news_sentences(path)] == [
        ("One.", ""),
        ("Two.", "One."),
        ("Three.", ""),
    ]
    assert len(news_sentences(path, most=2)) == 2


@pytest.mark.parametrize(
    "body", [b"not JSON\n", b'["text"]\n', b'{"id": 1}\n', b'{"text": 7}\n', b"\xff\xfe\n"], ids=repr
)
def test_a_file_that_cannot_be_used_is_named(body: bytes, tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_bytes(body)
    with pytest.raises(BadInput, match=r"gold\.jsonl"):
        gold_rows(path)
    with pytest.raises(BadInput, match="There is no file"):
        gold_rows(tmp_path / "none.jsonl")
    with pytest.raises(BadInput, match="no annotated sentences"):
        corpus_rows(tmp_path / "empty")


def test_a_cut_archive_is_named(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl.xz"
    path.write_bytes(lzma.compress(b'{"text": "One.", "story": "a"}\n' * 500)[:-40])
    with pytest.raises(BadInput, match=r"news\.jsonl\.xz"):
        news_sentences(path)


def test_the_digest_changes_with_what_is_learned(tmp_path: Path) -> None:
    one = gold_rows(put(tmp_path / "a.jsonl", {"id": 1, "story": "a", "text": "Rain.", "blame": 1}))
    two = gold_rows(put(tmp_path / "b.jsonl", {"id": 1, "story": "a", "text": "Rain.", "blame": "C"}))
    assert digest(one) == digest(one) != digest(two)
