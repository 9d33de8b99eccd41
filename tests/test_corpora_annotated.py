"""The annotated corpus: its rules, its copies, its second coding, its split, its pins and its datasheet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from corpora.agreement import agree, bootstrap_interval, krippendorff_alpha, positive_agreement
from corpora.annotated import (
    AnnotatedSentence,
    by_id,
    load_annotated,
    sentence_from,
    shipped,
)
from corpora.annotated_coverage import COPIES, copies, coverage
from corpora.annotated_datasheet import DATASHEET, render
from corpora.annotated_splits import (
    CHECKSUMS,
    SPLITS,
    TEST_SHARE,
    changed_files,
    held_out,
    load_held_out,
    splits_text,
)
from corpora.codebook import load_codebook
from corpora.errors import BadInput
from corpora.overlap import grams, near_copies, shared_with
from corpora.records import FRAMES
from corpora.second_coding import SecondCoding, differing, load_second_coding

RAW: dict[str, Any] = {
    "id": "xx-0001",
    "text": "Waits at the harbour surgery have doubled since the refugees came, a trader said.",
    "headline": "",
    "before": "",
    "unit": "body",
    "register": "news",
    "nation": "Wales",
    "fn": "F23",
    "pair": "",
    "us_them": 0,
    "blame": 1,
    "shared_story": 0,
    "groups": ["REF"],
    "problem": ["HEALTH_SERVICES"],
    "voice": "SOURCE",
    "detail": "indirect",
    "source_type": "trader",
    "stance": "REPORTS",
    "structural": "OMITTED",
    "structural_type": "",
    "subtype": [],
    "neighbour": "",
    "spans": {"group": [[48, 60]], "link": [[42, 47]]},
}


@pytest.fixture(scope="module")
def sentences() -> tuple[AnnotatedSentence, ...]:
    return shipped()


@pytest.fixture(scope="module")
def codings() -> tuple[SecondCoding, ...]:
    return load_second_coding()


def _broken(**changes: Any) -> list[str]:
    return sentence_from({**RAW, **changes}, theme="own", where="own line 1").problems(load_codebook())


def test_evidence_is_cut_from_the_text() -> None:
    one = sentence_from(RAW, theme="own", where="own line 1")
    assert [span.text for span in one.spans["group"]] == ["the refugees"]
    assert [span.text for span in one.spans["link"]] == ["since"]
    assert one.problems(load_codebook()) == []
    assert one.expressed
    assert one.social_groups == ("REF",)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"groups": ["MARTIANS"]}, "groups has MARTIANS"),
        ({"register": ""}, "register is ''"),
        ({"blame": 2}, "blame is 2"),
        ({"blame": "C"}, "stance is 'REPORTS'"),
        ({"stance": "CONTESTS"}, "stance is 'CONTESTS'"),
        ({"problem": []}, "a problem belongs to blame"),
        ({"groups": ["ELITE"]}, "blame needs a group"),
        ({"us_them": 1, "groups": ["ALL"]}, "us_them needs a group"),
        ({"structural": "NAMED_INSTEAD"}, "active blame with structural"),
        ({"subtype": ["THREAT"]}, "subtype THREAT without its frame"),
        ({"voice": ""}, "voice and stance belong"),
        ({"unit": "headline"}, "does not go with register"),
        ({"text": "The refugees came in May"}, "5 words"),
        ({"blame": 0, "problem": [], "voice": "", "stance": "", "structural": ""}, "evidence without a frame"),
    ],
)
def test_rules_of_the_codebook_are_kept(changes: dict[str, Any], words: str) -> None:
    if "text" in changes or "groups" in changes:
        changes = {**changes, "spans": {}}
    assert any(words in problem for problem in _broken(**changes))


@pytest.mark.parametrize(
    "changes",
    [{"spans": {"group": [[60, 400]]}}, {"spans": {"group": [[7, 7]]}}, {"spans": [1]}, {"groups": None}],
)
def test_a_line_of_the_wrong_shape_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="own line 1"):
        sentence_from({**RAW, **changes}, theme="own", where="own line 1")


def test_missing_and_unknown_fields_are_named() -> None:
    raw = {**RAW, "colour": "red"}
    del raw["nation"]
    with pytest.raises(BadInput, match="colour, nation"):
        sentence_from(raw, theme="own", where="own line 1")


def test_reading_names_the_line(tmp_path: Path) -> None:
    good = json.dumps(RAW)
    (tmp_path / "own.jsonl").write_text(f"{good}\n{good}\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"own\.jsonl line 2.*twice"):
        load_annotated(tmp_path)
    (tmp_path / "own.jsonl").write_text(good + "\n[1]\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"own\.jsonl line 2 is no JSON object"):
        load_annotated(tmp_path)
    (tmp_path / "own.jsonl").write_text("{", encoding="utf-8")
    with pytest.raises(BadInput, match=r"line 1 is no JSON"):
        load_annotated(tmp_path)
    (tmp_path / "own.jsonl").write_text(json.dumps({**RAW, "blame": "C"}), encoding="utf-8")
    with pytest.raises(BadInput, match=r"xx-0001.*stance"):
        load_annotated(tmp_path)
    with pytest.raises(BadInput, match="no annotated sentences"):
        load_annotated(tmp_path / "nowhere")


def test_every_shipped_sentence_keeps_the_rules(sentences: tuple[AnnotatedSentence, ...]) -> None:
    rules = load_codebook()
    assert {one.id: one.problems(rules) for one in sentences if one.problems(rules)} == {}
    assert all(path.stat().st_size <= 2_000_000 for path in DATASHEET.parent.glob("sentences/*.jsonl"))


def test_twins_differ_in_label(sentences: tuple[AnnotatedSentence, ...]) -> None:
    pairs: dict[str, list[AnnotatedSentence]] = {}
    for one in sentences:
        if one.pair:
            pairs.setdefault(one.pair, []).append(one)
    assert all(len(twins) > 1 for twins in pairs.values())
    # A few sets keep the label on purpose and change a name, a place or the voice.
    same = [
        key for key, twins in pairs.items() if len({tuple(one.mark(frame) for frame in FRAMES) for one in twins}) == 1
    ]
    assert len(same) <= 0.05 * len(pairs), same


def test_few_sentences_are_near_copies(sentences: tuple[AnnotatedSentence, ...]) -> None:
    assert copies(sentences) < COPIES * len(sentences)


def test_the_corpus_covers_what_it_was_asked_to(
    sentences: tuple[AnnotatedSentence, ...], codings: tuple[SecondCoding, ...]
) -> None:
    bars = coverage(sentences, load_codebook(), codings)
    assert [bar.what for bar in bars if not bar.met] == []


def test_four_grams_ignore_case_and_punctuation() -> None:
    assert grams("One two, THREE four") == {("one", "two", "three", "four")}
    assert grams("too short") == frozenset()


def test_near_copies_are_measured_on_the_shorter_text() -> None:
    long = "the ferry left at nine with forty people and a goat on board for the fair"
    short = "the ferry left at nine with forty people and a cow"
    found = near_copies([long, "quite another sentence about the harbour wall", short])
    assert [(a, b) for a, b, _ in found] == [(0, 2)]
    assert found[0][2] == 7 / 8
    assert near_copies([long, short], above=0.9) == []
    assert shared_with([short], ["a line of its own altogether here", long]) == [(0, 1)]


KRIPPENDORFF_2011 = """
1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 .
"""


def _units(table: str) -> list[tuple[str | None, ...]]:
    rows = [[None if cell == "." else cell for cell in line.split()] for line in table.strip().splitlines()]
    return list(zip(*rows, strict=True))


@pytest.mark.parametrize(
    ("table", "alpha"),
    [
        # The four worked examples of Krippendorff (2011), sections A to C; nominal values.
        ("0 1 0 0 0 0 0 0 1 0\n1 1 1 0 0 1 0 0 0 0", 0.095),
        ("a a b b d c c c e d d a\nb a b b b c c c e d d d", 0.692),
        (KRIPPENDORFF_2011, 0.743),
    ],
)
def test_alpha_of_published_examples(table: str, alpha: float) -> None:
    assert krippendorff_alpha(_units(table)) == pytest.approx(alpha, abs=0.0006)


def test_alpha_at_its_edges() -> None:
    assert krippendorff_alpha([(1, 1), (1, 1)]) == 1.0
    assert krippendorff_alpha([(0, 0), (1, 1), (None, 1)]) == 1.0
    assert krippendorff_alpha([(0, 1), (1, 0)]) < 0
    with pytest.raises(ValueError, match="coded twice"):
        krippendorff_alpha([(1, None)])


def test_the_interval_holds_alpha_and_repeats() -> None:
    units = _units("0 1 0 0 0 0 0 0 1 0\n1 1 1 0 0 1 0 0 0 0") * 20
    low, high = bootstrap_interval(units, seed=7)
    assert low < krippendorff_alpha(units) < high
    assert (low, high) == bootstrap_interval(units, seed=7)


def test_positive_agreement() -> None:
    assert positive_agreement([(True, True), (True, False), (False, False)]) == pytest.approx(2 / 3)
    assert positive_agreement([(False, False)]) is None
    measured = agree([(True, True), (True, False)], yes=[(True, True), (True, False)], seed=1)
    assert measured.disagreements == 1
    assert measured.positive == pytest.approx(2 / 3)


def test_votes_are_kept_and_settled(
    sentences: tuple[AnnotatedSentence, ...], codings: tuple[SecondCoding, ...]
) -> None:
    known = by_id(sentences)
    assert len({one.id for one in codings}) == len(codings)
    for one in codings:
        assert tuple(known[one.id].mark(frame) for frame in FRAMES) == one.adjudicated, one.id
        if not differing(one) and not one.note:
            assert one.adjudicated == tuple(one.first.mark(frame) for frame in FRAMES)


def test_a_disagreement_needs_a_reason(tmp_path: Path) -> None:
    vote = {"us_them": 1, "blame": 0, "shared_story": 0, "groups": ["OLD"], "voice": "OUTLET", "neighbour": ""}
    raw: dict[str, Any] = {
        "id": "xx-1",
        "coder": "second-1",
        "first": vote,
        "second": {**vote, "us_them": 0},
        "adjudicated": {"us_them": 0, "blame": 0, "shared_story": 0},
        "note": "",
        "confidence": "low",
    }
    path = tmp_path / "second.jsonl"
    path.write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(BadInput, match="no reason"):
        load_second_coding(path)
    path.write_text(json.dumps({**raw, "note": "rule 5"}), encoding="utf-8")
    assert load_second_coding(path)[0].adjudicated == (0, 0, 0)
    path.write_text(json.dumps({**raw, "adjudicated": {}}), encoding="utf-8")
    with pytest.raises(BadInput, match="lacks"):
        load_second_coding(path)


def test_the_split_keeps_twins_together(sentences: tuple[AnnotatedSentence, ...]) -> None:
    kept = load_held_out()
    assert kept == set(held_out(sentences))
    sides: dict[str, set[bool]] = {}
    for one in sentences:
        if one.pair:
            sides.setdefault(one.pair, set()).add(one.id in kept)
    assert all(len(side) == 1 for side in sides.values())
    for theme in {one.theme for one in sentences}:
        own = [one.id in kept for one in sentences if one.theme == theme]
        assert sum(own) / len(own) == pytest.approx(TEST_SHARE, abs=0.01)


def test_shipped_files_are_the_pinned_ones(sentences: tuple[AnnotatedSentence, ...]) -> None:
    assert changed_files() == (), "run: python -m corpora.annotated_datasheet"
    assert SPLITS.read_text(encoding="utf-8") == splits_text(sentences)


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "sentences").mkdir()
    for name in ("sentences/own.jsonl", "codings.csv", "second_coding.jsonl", "splits.json"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "checksums.json").write_text('{"splits.json": "0"}', encoding="utf-8")
    assert changed_files(tmp_path) == ("codings.csv", "second_coding.jsonl", "sentences/own.jsonl", "splits.json")
    with pytest.raises(BadInput, match="split"):
        load_held_out(tmp_path / "splits.json")


def test_the_datasheet_is_the_one_the_data_give(
    sentences: tuple[AnnotatedSentence, ...], codings: tuple[SecondCoding, ...]
) -> None:
    sums = CHECKSUMS.read_text(encoding="utf-8")
    again = render(sentences, codings, load_codebook(), sums)
    assert DATASHEET.read_text(encoding="utf-8") == again, "run: python -m corpora.annotated_datasheet"
    assert "not human ground truth" in " ".join(again.split())
    assert "NOT" not in again.replace("NOT_", "")
