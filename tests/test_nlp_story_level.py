"""Stories as wholes: invented mini-stories whose sentences are already read, and what they amount to (codebook 10)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from corpora.errors import NotReady
from corpora.records import Frame, Voice
from nlp import story_level as module
from nlp.patterns import Matcher
from nlp.story_level import EpisodeWord, FrameLevel, SentenceFinding, StoryLevel, episode_words, story_level
from nlp.structures import Structure

NONE = Structure(cause="NA", type="", start=-1, end=-1)
OMITTED = Structure(cause="OMITTED", type="", start=-1, end=-1)
FUNDING = Structure(cause="NAMED_ALSO", type="underinvestment/austerity", start=0, end=4)
HOMES = Structure(cause="NAMED_INSTEAD", type="housing supply", start=0, end=4)


def say(
    text: str,
    voice: Voice = "OUTLET",
    *,
    active: tuple[Frame, ...] = (),
    contested: tuple[Frame, ...] = (),
    targets: tuple[str, ...] = (),
    groups: tuple[str, ...] = (),
    speaker: tuple[str, ...] = (),
    structure: Structure = NONE,
    problems: tuple[str, ...] = (),
) -> SentenceFinding:
    return SentenceFinding(
        unit="body", index=0, voice=voice, speaker_groups=speaker, groups=groups or targets, text=text,
        active=frozenset(active), contested=frozenset(contested), targets=targets, structure=structure,
        problems=problems,
    )  # fmt: skip


def story(*body: SentenceFinding, headline: SentenceFinding | None = None) -> StoryLevel:
    sentences = [replace(headline, unit="headline")] if headline else []
    sentences += body
    return story_level([replace(s, index=i) for i, s in enumerate(sentences)])


BLAMES = say(
    "Waits at the Orrenby surgery doubled since asylum seekers came.",
    active=("blame",), targets=("MIG_ASY",), structure=OMITTED, problems=("HEALTH_SERVICES",),
)  # fmt: skip
A_RESIDENT_BLAMES = replace(BLAMES, voice="INDIRECT")
DENIES = say(
    "It is wrong to put the wait down to newcomers, the practice manager said.", "INDIRECT",
    contested=("blame",), targets=("MIG_ASY",), problems=("HEALTH_SERVICES",),
)  # fmt: skip
PLAIN = say("The surgery stands on Sallow Lane.")


@dataclass(frozen=True)
class Golden:
    """One mini-story with what must hold of it."""

    name: str
    make: Callable[[], StoryLevel]
    holds: dict[str, object] = field(default_factory=dict)
    blame: dict[str, object] = field(default_factory=dict)


GOLDEN = [
    Golden(
        "the paper asserts",
        lambda: story(PLAIN, BLAMES, headline=say("New surgery rules", "HEADLINE")),
        {"blamed_groups": ("MIG_ASY",), "structural_named": False, "target_group_quoted": False,
         "headline_body_gap": False},
        {"active": 1, "outlet_voice": True, "source_voice": False, "contested": False, "first_position": 2,
         "headline_active": False},
    ),
    Golden(
        "a source asserts",
        lambda: story(A_RESIDENT_BLAMES, PLAIN),
        {"headline_body_gap": None},
        {"active": 1, "outlet_voice": False, "source_voice": True, "first_position": 0},
    ),
    Golden(
        "reported and rebutted",
        lambda: story(A_RESIDENT_BLAMES, DENIES),
        {"blamed_groups": ("MIG_ASY",)},
        {"active": 1, "outlet_voice": False, "source_voice": True, "contested": True},
    ),
    Golden(
        "only denied",
        lambda: story(DENIES),
        {"blamed_groups": (), "target_group_quoted": False},
        {"active": 0, "contested": True, "first_position": None},
    ),
    Golden(
        "an unquoted headline that the body does not bear out",
        lambda: story(PLAIN, PLAIN, headline=replace(BLAMES, voice="HEADLINE")),
        {"headline_body_gap": True},
        {"active": 1, "outlet_voice": True, "headline_active": True, "first_position": 0},
    ),
    Golden(
        "a quoted headline that the body contests",
        lambda: story(A_RESIDENT_BLAMES, DENIES, headline=replace(BLAMES, voice="DIRECT")),
        {"headline_body_gap": True},
        {"active": 2, "outlet_voice": False, "source_voice": True, "headline_active": True},
    ),
    Golden(
        "a headline that the body bears out",
        lambda: story(A_RESIDENT_BLAMES, headline=replace(BLAMES, voice="DIRECT")),
        {"headline_body_gap": False},
    ),
    Golden(
        "funding in paragraph 14 counts",
        lambda: story(BLAMES, *[PLAIN] * 12, say("Homes were not built.", "INDIRECT", structure=HOMES)),
        {"structural_named": True, "structural_types": ("housing supply",), "structural_index": 13},
    ),
    Golden(
        "a cause in a sentence that names no group is read where the story blames",
        lambda: story(
            BLAMES, say("Years of austerity have thinned the surgery out.", problems=("HEALTH_SERVICES",)),
            say("Austerity is to blame, she said.")),
        {"structural_named": True, "structural_types": ("underinvestment/austerity",), "structural_index": 1},
    ),
    Golden(
        "a cause of another problem is not the cause",
        lambda: story(BLAMES, say("Years of austerity have left the roads in holes.", problems=("OTHER",))),
        {"structural_named": False, "structural_types": (), "structural_index": None},
    ),
    Golden(
        "a cause is not looked for where nobody is blamed",
        lambda: story(PLAIN, say("Years of austerity have thinned the surgery out.", problems=("HEALTH_SERVICES",))),
        {"structural_named": False, "target_group_quoted": None, "blamed_groups": ()},
        {"active": 0, "contested": False},
    ),
    Golden(
        "types are named once, in order",
        lambda: story(replace(BLAMES, structure=FUNDING), say("x", structure=HOMES), say("y", structure=FUNDING)),
        {"structural_types": ("underinvestment/austerity", "housing supply"), "structural_index": 0},
    ),
    Golden(
        "a refugee answers for asylum seekers",
        lambda: story(BLAMES, say("I waited too, said Yusuf Dar, who fled Homs.", "DIRECT", speaker=("REF",))),
        {"target_group_quoted": True},
    ),
    Golden(
        "someone of another group does not",
        lambda: story(
            say("The refugees fill the list.", active=("blame",), targets=("REF",), structure=OMITTED),
            say("So do we, said Ewa Nowak from Poland.", "DIRECT", speaker=("EUM",))),
        {"target_group_quoted": False, "blamed_groups": ("REF",)},
    ),
    Golden(
        "set apart and heard, indirectly",
        lambda: story(
            say("They are not from here.", "DIRECT", active=("us_them",), groups=("GRT", "ALL")),
            say("Bridie Doran, of the site, said she was born in Tarrow.", "INDIRECT", speaker=("GRT",))),
        {"target_group_quoted": True, "blamed_groups": ()},
        {"active": 0},
    ),
    Golden(
        "outsiders nobody names",
        lambda: story(say("We can tell who belongs here.", "DIRECT", active=("us_them",))),
        {"target_group_quoted": None},
    ),
    Golden(
        "two groups blamed, in the order of the story, the powerful never",
        lambda: story(
            say("a", active=("blame",), targets=("YNG", "ELITE"), structure=OMITTED),
            say("b", active=("blame",), targets=("HML", "YNG"), structure=OMITTED)),
        {"blamed_groups": ("YNG", "HML")},
        {"active": 2, "first_position": 0},
    ),
]  # fmt: skip


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_a_mini_story_amounts_to_what_it_should(golden: Golden) -> None:
    found = golden.make()
    for name, value in golden.holds.items():
        assert getattr(found, name) == value, name
    for name, value in golden.blame.items():
        assert getattr(found.frames["blame"], name) == value, name


@pytest.mark.parametrize(
    ("target", "speaker", "heard"),
    [
        ("MIG_ASY", "REF", True), ("REF", "MIG_ASY", True), ("EUM", "MIG_ASY", True), ("MIG_ASY", "EUM", True),
        ("REF", "EUM", False), ("EUM", "REF", False), ("MUS", "SAS", False), ("GRT", "GRT", True),
    ],
)  # fmt: skip
def test_who_may_speak_for_whom(target: str, speaker: str, *, heard: bool) -> None:
    blames = say("a", active=("blame",), targets=(target,), structure=OMITTED)
    assert story(blames, say("b", "DIRECT", speaker=(speaker,))).target_group_quoted is heard


def test_a_member_of_the_group_who_is_only_described_is_not_heard() -> None:
    assert story(BLAMES, say("Yusuf Dar fled Homs.", "OUTLET", speaker=("REF",))).target_group_quoted is False


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (
            ["Police were called to Sallow Lane on Tuesday evening.", "Neil Rusk, 41, was arrested at the scene.",
             "He appeared before magistrates in Tarrow."], "episodic",
        ),
        (
            ["Figures show the list has doubled across the county.", "A report by the trust names a lack of homes.",
             "Rents rose by nine per cent since 2019."], "thematic",
        ),
        (
            ["Police were called to the hotel on Tuesday.", "A man was arrested at the scene.",
             "Figures show a rise of 12% across the county.", "A report says council funding is the reason."], "mixed",
        ),
        (["The gala is in May.", "Cakes are wanted."], "cannot_tell"),
        (["Police were called to the scene, where a man was arrested on Tuesday."], "cannot_tell"),
        ([], "cannot_tell"),
    ],
)  # fmt: skip
def test_one_case_or_the_matter_at_large(texts: list[str], kind: str) -> None:
    assert story(*[say(text) for text in texts]).episodic_thematic == kind


def test_all_frames_are_there_and_order_does_not_depend_on_the_list() -> None:
    empty = story()
    assert set(empty.frames) == {"us_them", "blame", "shared_story"}
    nothing = FrameLevel(
        active=0, outlet_voice=False, source_voice=False, contested=False, first_position=None, headline_active=False
    )
    assert empty.frames["blame"] == nothing
    one, two = replace(BLAMES, index=5), replace(A_RESIDENT_BLAMES, index=2)
    assert story_level([one, two]).frames["blame"].first_position == 2


def test_hostile_texts_are_read() -> None:
    texts = ["", "because of cuts " * 4_000, "1" * 50_000, "Aa, 4" * 9_000, "\u200b" * 3_000]
    assert story(BLAMES, *[say(text) for text in texts]).frames["blame"].active == 1


@pytest.mark.parametrize("row", episode_words(), ids=lambda row: f"{row.kind}:{row.pattern[:30]}")
def test_every_row_has_a_reason_and_finds_its_example(row: EpisodeWord) -> None:
    assert row.reason
    assert Matcher([(row.pattern, 1)]).find(row.example)


def test_a_damaged_table_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "read_table", lambda *_: [("episodic", "2", "court", "x", "court")])
    with pytest.raises(NotReady, match="must hold"):
        episode_words.__wrapped__()
    monkeypatch.setattr(module, "read_table", lambda *_: [("sad", "2", "court", "x", "court")])
    with pytest.raises(NotReady, match="unknown kind"):
        episode_words.__wrapped__()
