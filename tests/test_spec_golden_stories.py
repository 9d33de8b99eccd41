"""Invented whole stories, labelled by the codebook without sight of the reader: who says it, of whom, for what.

Each story is built round one construction and named after it. A label is scored only where the codebook gives one:
`groups` and `quads` may be null, `role` and `resolved` empty. Groups are those named, or meant by "they" and "these
families" in the context a coder sees; single men, women and children are no group. Quads are given where blame is put
into words by anybody, rejected or not. ALL and ELITE are not scored, since neither can be blamed.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from corpora.codebook import load_codebook
from nlp.attributions import ROLES

STORIES = Path(__file__).parent / "spec" / "golden_stories.jsonl"

UNSCORED = {"ALL", "ELITE"}

FLOORS: dict[str, float] = {
    "content close": 0.92,
    "content exact": 0.92,
    "contested quad not flagged": 0.72,
    "group precision": 0.88,
    "group recall": 0.91,
    "groups": 0.83,
    "headline group precision": 0.85,
    "headline group recall": 0.75,
    "headline groups": 0.75,
    "headline no flagged quad where no blame": 0.97,
    "headline no quad where no blame": 0.91,
    "headline quad blamer": 0.00,
    "headline quad flagged": 0.33,
    "headline quad found": 0.66,
    "headline quad problem": 0.00,
    "headline quad stance": 0.33,
    "headline quad structural cause": 0.66,
    "headline quad target": 0.66,
    "headline quoted": 0.94,
    "no flagged quad where no blame": 0.96,
    "no quad where no blame": 0.86,
    "quad blamer": 0.88,
    "quad flagged": 0.57,
    "quad found": 0.95,
    "quad problem": 0.59,
    "quad stance": 0.77,
    "quad structural cause": 0.68,
    "quad structural type": 0.12,
    "quad target": 0.95,
    "role": 0.59,
    "sentence": 0.96,
    "speaker resolved": 0.91,
    "speaker resolved elsewhere": 0.87,
    "speaker words": 0.92,
    "story episodic_thematic": 0.07,
    "story headline_body_gap": 0.00,
    "story structural_anywhere": 0.67,
    "story target_group_quoted": 0.28,
    "voice": 0.94,
    "voice DIRECT": 0.96,
    "voice INDIRECT": 0.89,
    "voice MIXED": 0.88,
    "voice OUTLET": 0.95,
}
"""Least share right by field, a little below what was measured."""

FAULTY: dict[str, str] = {
    "said": """
        a-letter-a-post-a-statement blame-brought-disease blame-double-negative-and-question
        blame-headline-body-gap blame-juxtaposed blame-newcomers-prison-leavers blame-passive-named-source
        doubled-single-quotes endorsed-by-the-outlet first-name-only-feature
        groups-black-and-women-intersection indirect-plain long-council-meeting long-tweet-and-post-reaction
        mixed-runs-on-without-speaker mixed-several opinion-column-plain reported-thought
        scare-quotes-nobodys-speech speaker-named-next-sentence split-quotation-round-speaker sport-report
        structural-named-instead-supply structural-named-instead-underinvestment the-34-year-old
        verbs-that-are-not-speech
    """,
    "role": """
        a-letter-a-post-a-statement a-spokesman according-to blame-brought-disease blame-headline-body-gap
        blame-muslims-schools blame-newcomers-prison-leavers blame-of-things-no-quad
        blame-passive-named-source blame-remedy-implies-cause blame-source-active-reported
        blame-time-as-cause-source coreference-within-paragraph endorsed-by-the-outlet
        first-name-only-feature grievance-and-neighbours group-as-speaker groups-benefits-and-poverty
        groups-black-and-women-intersection groups-jewish groups-other-faiths
        groups-south-asian-older-intersection groups-travellers groups-travellers-no-group
        groups-women-young-old headline-single-quotes indirect-free-runs-on indirect-plain
        lgbt-blamed-and-answered long-council-meeting long-court-trial missing-closing-mark
        mixed-partly-quoted mixed-runs-on-without-speaker need-with-supply-named-no-quad obituary
        place-and-statement-as-subject planning-notice-and-business powerful-blamed-no-quad
        pronoun-they-organisation report-as-speaker reported-thought several-speakers-in-turn
        single-curly-quotes split-quotation-round-speaker stance-contests-rebuttal-in-paragraph
        structural-elsewhere-in-story structural-named-also-employers structural-only-no-quad
        target-group-quoted the-34-year-old titles-and-abbreviations trans-blame-safety
        traveller-site-both-sides two-groups-students-as-a-type unnamed-sources wire-like-brief
    """,
    "groups": """
        black-teenagers-disparity blame-newcomers-prison-leavers blame-older-bed-blockers
        coreference-within-paragraph direct-speaker-after discrimination-as-cause
        groups-black-and-women-intersection groups-south-asian-older-intersection groups-travellers
        long-council-meeting sport-report stance-contests-statistics trans-blame-safety
        traveller-site-both-sides
    """,
    "blame": """
        blame-brought-disease blame-contested-in-later-paragraph blame-culture-identity
        blame-double-negative-and-question blame-headline-body-gap blame-headline-quoted blame-juxtaposed
        blame-muslims-schools blame-nominal-presupposed blame-passive-named-source blame-passive-unnamed
        blame-question-headline blame-remedy-implies-cause blame-single-mothers-intersection
        blame-time-as-cause blame-zero-sum commissioning-as-cause-instead economy-as-cause-also
        endorsed-by-the-outlet lgbt-blamed-and-answered powerful-blamed-no-quad social-media-claims
        stance-contests-denial stance-contests-falsely-claimed stance-contests-negation-outlet
        stance-contests-rebuttal-in-paragraph stance-contests-sarcasm stance-contests-statistics
        structural-elsewhere-in-story structural-named-also-employers structural-named-instead-supply
        structural-named-instead-underinvestment structural-omitted-benefits target-group-quoted
        traveller-site-both-sides
    """,
    "story": """
        blame-brought-disease blame-contested-in-later-paragraph blame-culture-identity
        blame-double-negative-and-question blame-headline-body-gap blame-headline-quoted blame-juxtaposed
        blame-muslims-schools blame-nominal-presupposed blame-older-bed-blockers blame-passive-named-source
        blame-passive-unnamed blame-question-headline blame-remedy-implies-cause
        blame-single-mothers-intersection blame-zero-sum criticism-of-policy-no-quad discrimination-as-cause
        economy-as-cause-also endorsed-by-the-outlet groups-benefits-and-poverty lgbt-blamed-and-answered
        long-council-meeting need-with-supply-named-no-quad report-as-speaker
        stance-contests-negation-outlet stance-contests-rebuttal-in-paragraph structural-elsewhere-in-story
        structural-named-also-employers structural-named-instead-supply
        structural-named-instead-underinvestment structural-omitted-benefits structural-only-no-quad
        target-group-quoted trans-blame-safety traveller-site-both-sides
    """,
}
"""Constructions with a fault left, by family of fields; all others are pinned at no fault."""

EDGE = " \t.,;:'\"“”‘’"

TITLES = {
    "a", "an", "the", "mr", "mrs", "ms", "miss", "dr", "rev", "cllr", "sir", "lord", "pc", "sgt", "supt", "inspector",
    "judge",
}  # fmt: skip


@cache
def stories() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for line in STORIES.read_text(encoding="utf-8").splitlines())


@cache
def read() -> tuple[dict[str, Any], ...]:
    """What the shipped reader says of them, asked once; a minute or so."""
    from models.stories import load_story_reader

    rows = [{key: story[key] for key in ("id", "title", "text")} for story in stories()]
    return tuple(load_story_reader().read(rows))


def placed(story: dict[str, Any]) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """The labelled sentences with their offsets in the story's text."""
    at = 0
    for sentence in story["sentences"]:
        start = story["text"].index(sentence["text"], at)
        at = start + len(sentence["text"])
        yield start, at, sentence


def nearest(found: list[dict[str, Any]], start: int, end: int) -> dict[str, Any]:
    """The read sentence that overlaps most."""
    return max(found, key=lambda one: min(end, one["end"]) - max(start, one["start"]))


def bare(words: str) -> str:
    return " ".join(words.split()).strip(EDGE).casefold()


def same_person(wanted: str, found: str) -> bool:
    """Whether one name or description holds every word of the other, titles apart."""
    one, other = (set(re.findall(r"[\w'’-]+", words.casefold())) - TITLES for words in (wanted, found))
    return bool(one) and bool(other) and (one <= other or other <= one)


def overlap(one: tuple[int, int], other: tuple[int, int]) -> float:
    """Shared part of two stretches."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return max(0, shared) / (max(one[1], other[1]) - min(one[0], other[0]))


Verdict = tuple[str, bool, str, str]
"""Field, whether the reader is right, what the label says, what the reader says."""


def said_by(story: dict[str, Any], start: int, wanted: dict[str, Any], found: dict[str, Any]) -> Iterator[Verdict]:
    """Voice, content and speaker."""
    yield "voice", wanted["voice"] == found["voice"], wanted["voice"], found["voice"]
    yield f"voice {wanted['voice']}", wanted["voice"] == found["voice"], wanted["voice"], found["voice"]
    if wanted["voice"] == "OUTLET":
        return
    stretch = found["content"] or [0, 0]
    if wanted["content"]:
        words = story["text"][slice(*stretch)]
        yield "content exact", bare(wanted["content"]) == bare(words), wanted["content"], words
        begin = start + wanted["text"].index(wanted["content"])
        close = overlap((begin, begin + len(wanted["content"])), (stretch[0], stretch[1])) >= 0.8
        yield "content close", close, wanted["content"], words
    speaker = found["speaker"] or {"text": "", "resolved": "", "role": ""}
    yield "speaker words", bare(wanted["speaker"]) == bare(speaker["text"]), wanted["speaker"], speaker["text"]
    if wanted["resolved"]:
        right = same_person(wanted["resolved"], speaker["resolved"] or speaker["text"])
        yield "speaker resolved", right, wanted["resolved"], speaker["resolved"]
        if not wanted["speaker"] or wanted["speaker"] != wanted["resolved"]:
            yield "speaker resolved elsewhere", right, wanted["resolved"], speaker["resolved"]
    if wanted["role"]:
        # A speaker known to be of none of the roles, and one of whom nothing is known, are not told apart.
        right = wanted["role"] == (speaker["role"] or "other")
        yield "role", right, wanted["role"], speaker["role"]


def grouped(wanted: list[str] | None, found: dict[str, Any]) -> Iterator[Verdict]:
    """Groups as a set; `groups` leaves aside sentences where both have none."""
    if wanted is None:
        return
    labelled = set(wanted) - UNSCORED
    got = {one["group"] for one in found["groups"]} - UNSCORED
    if labelled or got:
        yield "groups", labelled == got, "+".join(sorted(labelled)), "+".join(sorted(got))
    for code in sorted(labelled):
        yield "group recall", code in got, code, "+".join(sorted(got))
    for code in sorted(got):
        yield "group precision", code in labelled, "+".join(sorted(labelled)), code


def blamed(wanted: list[dict[str, Any]] | None, found: dict[str, Any]) -> Iterator[Verdict]:
    """Blame quads: whether there is one, and if both have one, what it says."""
    if wanted is None:
        return
    flagged = [one for one in found["quads"] if one["flag"]]
    told = "; ".join(f"{one['target']['group']} {one['problem']['code']}" for one in flagged)
    if not wanted:
        yield "no quad where no blame", not found["quads"], "", told or "unflagged"
        yield "no flagged quad where no blame", not flagged, "", told
        return
    yield "quad found", bool(found["quads"]), wanted[0]["target"], told
    active = any(one["stance"] != "CONTESTS" for one in wanted)
    yield ("quad flagged" if active else "contested quad not flagged"), bool(flagged) is active, str(active), told
    if not found["quads"]:
        return
    first = found["quads"][0]
    fields = {
        "blamer": (one["blamer_kind"] for one in wanted),
        "target": (one["target"] for one in wanted),
        "problem": (one["problem"] for one in wanted),
        "structural cause": (one["structural_cause"] for one in wanted),
        "stance": (one["stance"] for one in wanted),
    }
    cause = first["structural_cause"]
    got = {
        "blamer": first["blamer"]["kind"], "target": first["target"]["group"], "problem": first["problem"]["code"],
        "structural cause": cause["value"], "stance": first["stance"],
    }  # fmt: skip
    for field, values in fields.items():
        labels = sorted(set(values))
        yield f"quad {field}", got[field] in labels, "/".join(labels), got[field]
    kind = wanted[0]["structural_type"]
    if kind:
        yield "quad structural type", cause["type"] == kind, kind, cause["type"]


def headed(wanted: dict[str, Any], found: dict[str, Any]) -> Iterator[Verdict]:
    quoted = wanted["voice"] != "HEADLINE"
    yield "headline quoted", quoted == (found["voice"] != "HEADLINE"), wanted["voice"], found["voice"]
    for field, right, label, got in (*grouped(wanted["groups"], found), *blamed(wanted["quads"], found)):
        yield f"headline {field}", right, label, got


def levelled(wanted: dict[str, Any], found: dict[str, Any]) -> Iterator[Verdict]:
    got = {**found, "structural_anywhere": found["structural_anywhere"]["named"]}
    for field, label in wanted.items():
        if label is not None:
            yield f"story {field}", got[field] == label, str(label), str(got[field])


Row = tuple[str, str, bool, str, str, str]
"""Construction, field, right, label, reading, text."""


@cache
def verdicts() -> tuple[Row, ...]:
    rows: list[Row] = []
    for story, found in zip(stories(), read(), strict=True):
        name = story["construction"]

        def note(text: str, given: Iterator[Verdict], name: str = name) -> None:
            rows.extend((name, *one, text) for one in given)

        note(story["title"], headed(story["headline"], found["headline"]))
        for start, end, wanted in placed(story):
            one = nearest(found["sentences"], start, end)
            exact = (one["start"], one["end"]) == (start, end)
            note(wanted["text"], iter([("sentence", exact, wanted["text"], story["text"][one["start"] : one["end"]])]))
            note(wanted["text"], said_by(story, start, wanted, one))
            note(wanted["text"], grouped(wanted["groups"], one))
            note(wanted["text"], blamed(wanted["quads"], one))
        note("(story)", levelled(story["story"], found["story"]))
    return tuple(rows)


@cache
def accuracies() -> dict[str, tuple[float, int]]:
    """Share right and how many, by field."""
    of: dict[str, list[bool]] = defaultdict(list)
    for _, field, right, *_ in verdicts():
        of[field].append(right)
    return {field: (sum(values) / len(values), len(values)) for field, values in of.items()}


FAMILIES = {
    "said": ("sentence", "voice", "content close", "speaker words", "speaker resolved", "headline quoted"),
    "role": ("role",),
    "groups": ("groups", "headline groups"),
    "blame": (
        "no flagged quad where no blame", "quad flagged", "contested quad not flagged", "quad blamer", "quad target",
        "quad problem", "quad structural cause", "quad structural type", "quad stance",
    ),
    "story": ("story target_group_quoted", "story headline_body_gap", "story structural_anywhere"),
}  # fmt: skip
"""Which fields are held against a construction; the others repeat one of these, or have a floor only."""


@cache
def by_construction() -> dict[tuple[str, str], tuple[int, int]]:
    """How many verdicts are right, and how many there are, by family of fields and construction."""
    family = {field: name for name, fields in FAMILIES.items() for field in fields}
    family |= {f"headline {field}": "blame" for field in FAMILIES["blame"]}
    of: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for name, field, right, *_ in verdicts():
        if field in family:
            of[family[field], name].append(right)
    return {key: (sum(values), len(values)) for key, values in of.items()}


@pytest.mark.parametrize("story", stories(), ids=[story["construction"] for story in stories()])
def test_labels_lie_in_their_story_and_in_the_codebook(story: dict[str, Any]) -> None:
    codebook = load_codebook()
    lists = {
        "blamer_kind": {"OUTLET", "HEADLINE", "SOURCE", "UNNAMED"},
        "target": codebook.blamable(),
        "problem": codebook.codes("problems"),
        "structural_cause": codebook.codes("structural"),
        "structural_type": codebook.codes("structural_types") | {""},
        "stance": codebook.codes("stances"),
    }
    rest = 0
    for start, end, sentence in placed(story):
        assert not story["text"][rest:start].strip()
        rest = end
        assert sentence["voice"] in ("OUTLET", "DIRECT", "INDIRECT", "MIXED")
        assert (sentence["content"] or "") in sentence["text"]
        assert sentence["speaker"] in sentence["text"]
        assert sentence["role"] in (*ROLES, "")
        assert (sentence["voice"] == "OUTLET") <= (sentence["content"] is None and not sentence["speaker"])
        assert set(sentence["groups"] or ()) <= codebook.codes("groups")
        for quad in sentence["quads"] or ():
            assert {key: value in lists[key] for key, value in quad.items()} == dict.fromkeys(lists, True)
            assert quad["target"] in sentence["groups"]
    assert not story["text"][rest:].strip()


def test_there_are_enough_stories_and_every_group_is_in_one() -> None:
    named = {code for story in stories() for one in story["sentences"] for code in one["groups"] or ()}
    assert len(stories()) >= 60
    assert len({story["construction"] for story in stories()}) == len(stories())
    assert named == load_codebook().codes("groups")


@pytest.mark.timeout(1200)
def test_no_field_is_read_worse_than_its_floor() -> None:
    found = accuracies()
    assert found.keys() == FLOORS.keys()
    fallen = {name: (share, FLOORS[name]) for name, (share, _) in found.items() if share < FLOORS[name]}
    assert not fallen


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("family", list(FAMILIES))
def test_constructions_read_without_a_fault_stay_so(family: str) -> None:
    faulty = {name for (of, name), (right, asked) in by_construction().items() if of == family and right < asked}
    assert faulty <= set(FAULTY[family].split())
