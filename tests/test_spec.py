"""The functional suite itself: closed values, enough cases for each functionality, nothing borrowed from the corpus."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from corpora.annotated import shipped
from corpora.codebook import load_codebook
from corpora.errors import BadInput
from corpora.overlap import near_copies, shared_with
from corpora.records import FRAMES
from corpora.spec_cases import SpecCase, load_spec
from corpora.spec_templates import BY_HAND, SLOT, filled, load_suite, load_templates, suite_digest

FOLDER = Path(__file__).parent / "spec"

ALLOWED: dict[tuple[str, ...], list[tuple[object, object, object]]] = {
    ("F01", "F02", "F04", "F05", "F06", "F07"): [(1, 0, 0)],
    ("F03",): [(1, 0, 0), (1, 1, 0)],
    ("F08", "F09", "F10", "F11", "F12", "F13", "F14", "F15", "F16", "F17", "F18", "F21", "F24"): [(0, 0, 0)],
    ("F19",): [(0, 1, 0), (1, 1, 0)],
    ("F20", "F22", "F35"): [(0, "C", 0)],
    ("F23", "F25"): [(0, 1, 0)],
    ("F26",): [(0, 1, 0), (0, 0, 0)],
    ("F27", "F28"): [(0, 0, 1)],
    ("F29", "F30", "F31"): [(0, 0, 1), (0, 0, 0)],
    ("F32",): [(1, 0, 0), (0, 0, 1)],
    ("F33",): [(0, "C", 0), ("C", 0, 0), ("C", 0, 1)],
    ("F34",): [(1, 0, 0), (0, 1, 0)],
}
"""Labels each functionality allows (us_them, blame, shared_story); F36 keeps the label of the plain form."""


NO_GROUP = {"F07", "F12", "F13", "F14", "F15", "F16"}
"""Functionalities in which no group belongs: thirty sentences each, and none that is asked of several groups."""


@pytest.fixture(scope="module")
def cases() -> tuple[SpecCase, ...]:
    """The whole suite."""
    return load_suite(FOLDER, load_codebook())


@pytest.fixture(scope="module")
def single(cases: tuple[SpecCase, ...]) -> tuple[SpecCase, ...]:
    """The cases written one by one."""
    return tuple(one for one in cases if not one.template)


def test_each_functionality_has_five_cases_written_one_by_one(single: tuple[SpecCase, ...]) -> None:
    assert single == load_spec(FOLDER / BY_HAND, load_codebook())
    assert Counter(one.fn for one in single) == dict.fromkeys(load_codebook().lists["functionalities"], 5)


def test_each_functionality_has_six_templates_or_thirty_sentences(cases: tuple[SpecCase, ...]) -> None:
    families = {(one.fn, one.template) for one in cases if one.template}
    counted = Counter(fn for fn, _ in families)
    few = {
        fn: counted[fn]
        for fn in load_codebook().lists["functionalities"]
        if counted[fn] < (30 if fn in NO_GROUP else 6)
    }
    assert few == {}
    assert not any(one.slotted for one in cases if one.fn in NO_GROUP)


def test_a_template_is_asked_of_several_groups_with_one_label(cases: tuple[SpecCase, ...]) -> None:
    templates: dict[str, list[SpecCase]] = {}
    for one in cases:
        if one.slotted:
            templates.setdefault(one.template, []).append(one)
    for name, own in templates.items():
        assert len({one.groups for one in own}) >= 4, name
        assert len({(one.fn, one.marks, one.pair) for one in own}) == 1, name
        assert all(SLOT not in one.text + one.headline + one.before for one in own), name


def test_labels_are_those_the_functionality_allows(cases: tuple[SpecCase, ...]) -> None:
    allowed = {code: marks for codes, marks in ALLOWED.items() for code in codes}
    odd = []
    for one in cases:
        # A frame that is not scored is labelled as the codebook has it, whatever the functionality is about.
        asked = [FRAMES.index(frame) for frame in one.scored] if one.template else range(len(FRAMES))
        wanted = [tuple(marks[at] for at in asked) for marks in allowed.get(one.fn, [one.marks])]
        if tuple(one.marks[at] for at in asked) not in wanted:
            odd.append((one.id, one.marks))
    assert odd == []


def test_every_case_scores_what_its_functionality_is_about(cases: tuple[SpecCase, ...]) -> None:
    scored = {fn: {one.scored for one in cases if one.fn == fn} for fn in load_codebook().lists["functionalities"]}
    assert scored["F01"] == {("us_them", "shared_story")}
    assert scored["F04"] == {FRAMES}
    assert scored["F19"] == {("blame", "shared_story")}
    assert scored["F33"] == {("us_them", "blame")}
    assert scored["F34"] == {("us_them", "shared_story"), ("blame", "shared_story")}


def test_every_frame_is_asked_for_and_withheld(cases: tuple[SpecCase, ...]) -> None:
    for frame in FRAMES:
        assert {one.mark(frame) for one in cases} >= {0, 1}


def test_every_group_occurs(single: tuple[SpecCase, ...]) -> None:
    assert {code for one in single for code in one.groups} == load_codebook().codes("groups")


def test_every_group_that_may_be_blamed_fills_about_as_many_slots(cases: tuple[SpecCase, ...]) -> None:
    counted = Counter(one.groups[0] for one in cases if one.slotted)
    assert counted.keys() == load_codebook().blamable()
    assert max(counted.values()) <= 2 * min(counted.values()), counted


def test_twins_have_other_labels(cases: tuple[SpecCase, ...]) -> None:
    twins: dict[str, list[SpecCase]] = {}
    for one in cases:
        if one.pair:
            twins.setdefault(one.pair, []).append(one)
    assert all(len({one.marks for one in pair}) > 1 for pair in twins.values())


def test_no_case_is_in_the_corpus(cases: tuple[SpecCase, ...]) -> None:
    texts = [one.text for one in cases]
    corpus = [one.text for one in shipped()]
    found = shared_with(texts, corpus)
    assert [(cases[a].id, shipped()[b].id) for a, b in found] == []


def test_cases_are_not_copies_of_one_another(cases: tuple[SpecCase, ...]) -> None:
    pairs = [(cases[a], cases[b]) for a, b, _ in near_copies([one.text for one in cases])]
    # Twins are meant to be alike; F36 is a plain case in other letters; a template is one sentence.
    odd = [
        (a.id, b.id)
        for a, b in pairs
        if "F36" not in {a.fn, b.fn} and not (a.pair and a.pair == b.pair) and a.family != b.family
    ]
    assert odd == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"id": "a"}', "lacks 'fn'"),
        (
            '{"id": "a", "fn": "F99", "title": "t", "text": "x", "us_them": 0, "blame": 0, "shared_story": 0, '
            '"groups": []}',
            "fn=F99",
        ),
        (
            '{"id": "a", "fn": "F01", "title": "t", "text": "x", "us_them": 3, "blame": 0, "shared_story": 0, '
            '"groups": []}',
            "does not know",
        ),
    ],
)
def test_a_wrong_case_is_refused(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "functional.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(BadInput, match=words):
        load_spec(path, load_codebook())


# Templates

LINE: dict[str, Any] = {
    "template": "f02-x", "fn": "F02", "title": "An intruder verb in a quotation", "headline": "", "before": "",
    "text": "“{group} have had the bandstand off us,” said Perpetua Stagg, 70.", "unit": "", "pair": "",
    "us_them": 1, "blame": 0, "shared_story": 0,
    "forms": {"YNG": ["skateboarders", "the young"], "GRT": ["Travellers"]},
}  # fmt: skip


def write(folder: Path, *lines: dict[str, Any], name: str = "templates_x.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_a_template_is_one_case_a_form(tmp_path: Path) -> None:
    write(tmp_path, LINE, {**LINE, "template": "f16-x", "fn": "F16", "text": "Pies rule.", "us_them": 0, "forms": {}})
    write(tmp_path, name=BY_HAND)
    cases = load_suite(tmp_path, load_codebook())
    assert [one.id for one in cases] == ["f02-x/YNG", "f02-x/YNG-2", "f02-x/GRT", "f16-x"]
    assert [one.text[:14] for one in cases[:3]] == ["“Skateboarders", "“The young hav", "“Travellers ha"]
    assert [one.groups for one in cases] == [("YNG",), ("YNG",), ("GRT",), ()]
    assert [one.slotted for one in cases] == [True, True, True, False]
    assert {one.family for one in cases} == {"f02-x", "f16-x"}


@pytest.mark.parametrize(
    ("text", "form", "wanted"),
    [
        ("{group} came.", "asylum seekers", "Asylum seekers came."),
        ("Then {group} came.", "asylum seekers", "Then asylum seekers came."),
        ("'{group} came,' he said.", "people on benefits", "'People on benefits came,' he said."),
        ("She said: “{group} came.”", "carers", "She said: “Carers came.”"),
        ('They came, she said, "{group} all."', "carers", 'They came, she said, "Carers all."'),
        ("Talk of a “{group} problem” is old.", "refugee", "Talk of a “refugee problem” is old."),
        ("“No.” {group} said so.", "carers", "“No.” Carers said so."),
        ("“Why?” {group} asked.", "carers", "“Why?” carers asked."),
        ("Full. {group} left, and {group} came.", "carers", "Full. Carers left, and carers came."),
        ("{group} came.", "16-year-olds", "16-year-olds came."),
        ("{group} came.", "“incomers”", "“Incomers” came."),
        ("None.", "", "None."),
    ],
)
def test_a_form_has_a_capital_where_a_sentence_starts(text: str, form: str, wanted: str) -> None:
    assert filled(text, form) == wanted


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"fn": "F99"}, r"line 1 \(f02-x\) is for F99"),
        ({"us_them": 2}, "us_them=2"),
        ({"blame": True}, "blame=True"),
        ({"shared_story": ["C"]}, r"shared_story=\['C'\]"),
        ({"unit": "caption"}, "'caption'; it may be"),
        ({"title": ""}, "needs words in `title`"),
        ({"before": None}, "needs words in `before`"),
        ({"form": {}}, "no template has: form"),
        ({"forms": ["YNG"]}, "as a table"),
        ({"forms": {}}, "a slot and no forms"),
        ({"text": "No slot."}, "forms and no slot"),
        ({"text": "{group} or {Group} came."}, "braces in `text`"),
        ({"forms": {"ELITE": ["the council"]}}, "forms for ELITE"),
        ({"forms": {"YNG": "teenagers"}}, "surface forms for YNG"),
        ({"forms": {"YNG": []}}, "surface forms for YNG"),
        ({"forms": {"YNG": [" teenagers"]}}, "surface forms for YNG"),
        ({"forms": {"YNG": ["teenagers", "teenagers"]}}, "surface forms for YNG"),
    ],
)
def test_a_wrong_template_is_refused(tmp_path: Path, changed: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        load_templates(write(tmp_path, {**LINE, **changed}), load_codebook())


def test_a_template_that_lacks_fields_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="lacks `title`, `text`"):
        load_templates(write(tmp_path, {"template": "a", "fn": "F01"}), load_codebook())


def test_nothing_is_asked_twice(tmp_path: Path) -> None:
    write(tmp_path, name=BY_HAND)
    write(tmp_path, LINE, LINE)
    with pytest.raises(BadInput, match="two cases f02-x/YNG"):
        load_suite(tmp_path, load_codebook())
    write(tmp_path, LINE, {**LINE, "template": "f02-y"})
    with pytest.raises(BadInput, match="the same in f02-x/YNG and f02-y/YNG"):
        load_suite(tmp_path, load_codebook())


def test_the_digest_is_that_of_what_is_asked(cases: tuple[SpecCase, ...]) -> None:
    assert suite_digest(cases) == suite_digest(list(cases))
    assert len({suite_digest(cases), suite_digest(cases[1:]), suite_digest(cases[::-1])}) == 3
