"""What is said beside one sentence of a read story: what is flagged or rejected, who says it, and why it may be wrong.

It takes sentences as `sharedstory read` writes them, and says of one no more than that it is flagged. A level below
"worth a look" is not mentioned. A frame put into words only to be rejected is told as rejected, never as a flag.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from corpora.records import FRAMES, Frame
from reports.story_marks import markable, theirs
from reports.story_names import capital, name, names
from reports.wording import FRAME_NAMES, group_name, in_ten


class Own(str):
    """Words of the story, or a name it gives: a page isolates them, since they may run from right to left."""

    __slots__ = ()


Saying = tuple[str | int, ...]
"""A plain sentence; a number in it stands for a sentence of the story (0: the headline), so that a page can link it."""
Level = Literal["display", "count", "triage", "contested"]

LEVELS: Mapping[Level, str] = {
    "display": "fairly sure",
    "count": "less sure",
    "triage": "worth a look",
    "contested": "put into words and rejected",
}
"""`contested` is no flag: it is shown so that a rebuttal is seen as one."""
CONTESTED = 0.5
"""Probability from which a rejected frame is shown as such: the level from which reports count."""
LETTERS: Mapping[Frame, str] = {"us_them": "U", "blame": "B", "shared_story": "S"}
ALWAYS = "Irony, dialect, pictures and what only locals know cannot be seen."
"""Why any finding may be wrong, where nothing nearer is known."""
_MOST_WORDS = 12
"""Words that are listed as evidence of one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One frame of a sentence, at one level."""

    frame: Frame
    level: Level
    probability: float

    @property
    def words(self) -> str:
        """Name and level: `Blame, less sure`."""
        return f"{FRAME_NAMES[self.frame]}, {LEVELS[self.level]}"

    @property
    def odds(self) -> str:
        """The probability in words and as a number."""
        return f"probability {in_ten(self.probability)} ({self.probability:.2f})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is said beside one sentence."""

    number: int
    flags: tuple[Flag, ...]
    """Flags before rejected frames."""
    gist: Saying
    """Who blames whom for what, or whose words they are, in one line."""
    chain: tuple[tuple[str, Saying], ...]
    """Who blames whom for what, step by step; empty where blame is not in question."""
    rows: tuple[tuple[str, Saying], ...]
    doubts: tuple[str, ...]
    """Why this may be wrong; never empty."""


def numbered(reading: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield (number, sentence): the headline as 0 where there is one, the body from 1."""
    if reading["headline"] is not None:
        yield 0, reading["headline"]
    yield from enumerate(reading["sentences"], start=1)


def flags_of(sentence: Mapping[str, Any]) -> tuple[Flag, ...]:
    """Return what is flagged in a sentence, and then what it rejects."""
    found = []
    for frame in FRAMES:
        said = sentence["frames"].get(frame, {})
        if said.get("flag") in LEVELS:
            found.append(Flag(frame=frame, level=cast("Level", said["flag"]), probability=said["probability"]))
    for frame in FRAMES:
        contested = sentence["frames"].get(frame, {}).get("contested", 0.0)
        if contested >= CONTESTED:
            found.append(Flag(frame=frame, level="contested", probability=contested))
    return tuple(found)


def notes(reading: Mapping[str, Any]) -> dict[int, Note]:
    """Return the notes of a story by the number of their sentence."""
    made = {}
    for number, sentence in numbered(reading):
        flags = flags_of(sentence)
        if flags:
            blame = [one.level for one in flags if one.frame == "blame"] if sentence["quads"] else []
            blames = any(level != "contested" for level in blame)
            made[number] = Note(
                number=number,
                flags=flags,
                gist=_gist(sentence, blame),
                chain=tuple(_chain(sentence["quads"][0], rejected=not blames)) if blame else (),
                rows=tuple(_rows(sentence, flags)),
                doubts=tuple(_doubts(sentence, flags, blames=blames)) or (ALWAYS,),
            )
    return made


def _gist(sentence: Mapping[str, Any], blame: Sequence[Level]) -> Saying:
    if not blame:
        speaker = speaker_of(sentence)
        return (*speaker, ".") if speaker else (capital(name("voice", sentence["voice"])), ".")
    quad = sentence["quads"][0]
    blamer = who(quad["blamer"])
    whom, over = group_name(quad["target"]["group"]), name("problem", quad["problem"]["code"])
    cause = quad["structural_cause"]["value"]
    told = "." if cause == "NA" else f". Structural cause: {name('structural_cause', cause)}."
    if all(level == "contested" for level in blame):
        return (f"As read: blame of {whom} over {over} is rejected by ", *blamer, told)
    return (f"As read: {whom} are blamed by ", *blamer, f" over {over}{told}")


def speaker_of(sentence: Mapping[str, Any], *, alias: bool = False) -> Saying:
    """Say who speaks and how: `Delia Harrow (trader), quoted`; empty for the outlet's own words.

    Args:
        sentence: A sentence of a reading.
        alias: Whether to add the words by which the sentence itself names them ("she", "the shopkeeper").
    """
    if sentence["voice"] in {"OUTLET", "HEADLINE"}:
        return ()
    how = name("voice", sentence["voice"])
    speaker = sentence["speaker"]
    if speaker is None:
        return (f"Someone it does not name, {how}",)
    person = _person(speaker)
    said = (*person, f", {how}") if isinstance(person[0], Own) else (capital(person[0]), f", {how}")
    other = speaker["text"] and speaker["resolved"] and speaker["resolved"] not in speaker["text"]
    return (*said, ", here ", Own(f"“{theirs(speaker['text'], 50)}”")) if alias and other else said


def _person(one: Mapping[str, Any]) -> tuple[str, ...]:
    called = theirs(one["resolved"] or one["text"], 60)
    groups = ", ".join(map(group_name, one.get("groups", ())))
    role = "" if one["role"] == "other" or (groups and one["role"] == "group_member") else one["role"]
    known = names("role").get(role, "")
    told = [known] if known and known.lower() not in called.lower() else []
    told += [f"one of: {groups}"] if groups else []
    what = f" ({'; '.join(told)})" if told else ""
    return (Own(called), what) if called else (f"a speaker it does not name{what}",)


def who(blamer: Mapping[str, Any]) -> Saying:
    """Say who blames: the outlet, a source by name and role, or somebody who is not named."""
    if blamer["kind"] in {"OUTLET", "HEADLINE"}:
        return ("the outlet itself",)
    if blamer["kind"] == "UNNAMED" and not blamer["text"]:
        return ("somebody it does not name",)
    return _person(blamer)


def _words(text: str) -> Saying:
    return (": ", Own(f"“{theirs(text)}”")) if text.strip() else ()


def _chain(quad: Mapping[str, Any], *, rejected: bool) -> Iterator[tuple[str, Saying]]:
    blamer = who(quad["blamer"])
    first = blamer if isinstance(blamer[0], int | Own) else (capital(blamer[0]), *blamer[1:])
    yield ("Who rejects it" if rejected else "Who blames"), first
    whom = (capital(group_name(quad["target"]["group"])), *_words(quad["target"]["text"]))
    yield ("Blame of whom" if rejected else "Whom"), whom
    problem = quad["problem"]
    yield "For what", (capital(name("problem", problem["code"])), *_words(problem["text"]))
    yield "How it is tied", (capital(name("link", quad["link"]["kind"])), *_words(quad["link"]["text"]))
    cause = quad["structural_cause"]
    if cause["value"] != "NA":
        kind = f" ({name('structural_type', cause['type'])})" if cause["type"] else ""
        yield "Structural cause", (capital(name("structural_cause", cause["value"])) + kind, *_words(cause["text"]))
    if quad["remedy"]:
        yield "Remedy asked for", (Own(f"“{theirs(quad['remedy']['text'])}”"),)


def _rows(sentence: Mapping[str, Any], flags: Sequence[Flag]) -> Iterator[tuple[str, Saying]]:
    speaker = speaker_of(sentence, alias=True)
    yield "Whose words", speaker or (capital(name("voice", sentence["voice"])),)
    stances = dict.fromkeys(sentence["frames"][one.frame]["stance"] for one in flags)
    yield "How it is handled", (capital("; ".join(name("stance", one) for one in stances)),)
    kinds = [code for one in flags if one.level != "contested" for code in sentence["frames"][one.frame]["subtypes"]]
    if kinds:
        yield "Kind", (capital("; ".join(name("subtype", code) for code in dict.fromkeys(kinds))),)
    groups = dict.fromkeys(one["group"] for one in sentence["groups"] if one["group"] in markable())
    if groups:
        yield "Groups named", (capital(", ".join(map(group_name, groups))),)
    if sentence["neighbours"]:
        yield "Could also be", (capital("; ".join(name("neighbour", code) for code in sentence["neighbours"])),)
    words = list(_evidence(sentence))
    if words:
        yield "Words behind it", tuple(part for word in words for part in word)[1:]


def _evidence(sentence: Mapping[str, Any]) -> Iterator[Saying]:
    seen: dict[tuple[str, str], None] = {}
    for one in sentence["evidence"]:
        if one["kind"] != "group" and one["text"].strip():
            seen.setdefault((one["kind"], theirs(one["text"], 50)))
    for kind, text in list(seen)[:_MOST_WORDS]:
        yield "; ", Own(f"“{text}”"), f" ({name('evidence', kind)})"


def _doubts(sentence: Mapping[str, Any], flags: Sequence[Flag], *, blames: bool) -> Iterator[str]:
    levels = {one.level for one in flags}
    if "triage" in levels:
        yield "At “worth a look” the model itself holds it more likely that there is no such frame."
    elif "count" in levels:
        yield "Reports count such a flag but call it less sure: do not quote it without reading the story."
    if "contested" in levels and levels & {"display", "count"}:
        yield "Flagged and rejected at once: part of the sentence may stand while another part denies."
    if sentence["voice"] in {"INDIRECT", "MIXED"}:
        yield "In reported speech it is hard to tell where the source ends and the outlet begins."
    speaker = sentence["speaker"]
    if speaker is not None and not speaker["text"]:
        yield "The sentence names no speaker; it is taken to go on with the one before."
    if any(one["by"] == "reference" for one in sentence["groups"]):
        yield "A group is not named but meant by a word such as “they”; it may be somebody else."
    if blames:
        yield from _blame_doubts(sentence["quads"])
    if sentence["neighbours"]:
        yield "It also looks like something that is easily mistaken for a frame and is none."


def _blame_doubts(quads: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    quad = quads[0]
    if quad["target"]["start"] is None:
        yield "The group is named only in a sentence before."
    if quad["link"]["kind"] in {"juxtaposed", "time"}:
        yield "No word says that one caused the other; it is understood from their order."
    if len(quads) > 1:
        yield f"It can be read in {len(quads)} ways; only the likeliest is told."
    if quad["structural_cause"]["value"] == "OMITTED":
        yield "A structural cause may be meant in words that are not known to the tables."
