"""Subtypes and neighbours: the heads decide, words show where, and a sentence without a group must be surer."""

from __future__ import annotations

import numpy as np
import pytest

from corpora.codebook import load_codebook
from corpora.errors import NotReady
from models.details import (
    ALONE,
    CODES,
    LIKELY,
    NEIGHBOUR_CODES,
    SHOWN,
    SUBTYPE_CODES,
    DetailHeads,
    detail_features,
    needed,
    neighbours_of,
    subtypes_of,
    words_of,
)
from nlp.reading import Reader, ReadSentence, UnitText


def read(text: str) -> ReadSentence:
    return next(iter(Reader().read_units([UnitText(text=text)])))


def said(**likely: float) -> dict[str, float]:
    return {code: likely.get(code, 0.0) for code in CODES}


def test_every_code_is_the_codebooks() -> None:
    book = load_codebook()
    assert set(SUBTYPE_CODES) <= book.codes("subtypes")
    assert set(NEIGHBOUR_CODES) <= book.codes("neighbours")
    assert len(set(CODES)) == len(CODES)


def test_words_are_shown_where_they_stand() -> None:
    text = "They go to the front of the queue while our own children wait."
    shown = words_of(read(text))
    start, end = shown["ZERO_SUM"]
    assert "queue" in text[start:end]


def test_a_code_that_words_show_needs_less() -> None:
    shown = {"ZERO_SUM": (3, 9)}
    found = subtypes_of("us_them", said(ZERO_SUM=0.4, THREAT=0.4, NOT_BELONGING=0.9), shown)
    assert [(one.code, one.start) for one in found] == [("NOT_BELONGING", -1), ("ZERO_SUM", 3)]


def test_subtypes_belong_to_their_frame_and_blame_has_none() -> None:
    every = dict.fromkeys(CODES, 0.9)
    assert {one.code for one in subtypes_of("shared_story", every, {})} <= set(SUBTYPE_CODES[8:])
    assert subtypes_of("blame", every, {}) == ()


def test_a_neighbour_about_a_group_must_be_surer_where_none_is_named() -> None:
    without, named = read("The attack on the shop was filmed."), read("The attack on the Muslim family was filmed.")
    for sure, expected in ((0.6, []), (ALONE, ["HATE_CRIME"])):
        assert [one.code for one in neighbours_of(without, said(HATE_CRIME=sure), {})] == expected
    assert [one.code for one in neighbours_of(named, said(HATE_CRIME=0.6), {})] == ["HATE_CRIME"]
    assert needed("CHARITY_LISTING", shown=False, about=False) == LIKELY
    assert needed("CHARITY_LISTING", shown=True, about=False) == SHOWN


def test_heads_are_kept_and_rebuilt() -> None:
    rng = np.random.default_rng(3)
    heads = DetailHeads(weights=rng.normal(size=(4 + len(CODES), len(CODES))), bias=rng.normal(size=len(CODES)))
    again = DetailHeads.from_arrays(heads.arrays(), 4)
    features = detail_features(rng.normal(size=(3, 4)), [{}, {"ZERO_SUM": (0, 1)}, {}])
    assert np.allclose(heads.probabilities(features), again.probabilities(features), atol=1e-5)
    assert list(np.flatnonzero(features[1, 4:])) == [CODES.index("ZERO_SUM")]


@pytest.mark.parametrize("spoil", ["shape", "nan", "missing"])
def test_unsound_arrays_are_refused(spoil: str) -> None:
    arrays = DetailHeads(weights=np.zeros((4 + len(CODES), len(CODES))), bias=np.zeros(len(CODES))).arrays()
    if spoil == "shape":
        arrays["weights"] = arrays["weights"][1:]
    elif spoil == "nan":
        arrays["bias"][0] = np.nan
    else:
        del arrays["bias"]
    with pytest.raises(NotReady):
        DetailHeads.from_arrays(arrays, 4)
