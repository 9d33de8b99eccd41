"""What can be said of one read story as a whole, and what it cannot tell, in plain sentences that point to its own.

Frames first, then who blames whom for what, the structural cause, who is heard, the headline and how it is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from corpora.records import FRAMES, Frame
from reports.sayings import MEANING
from reports.story_names import name
from reports.story_notes import ALWAYS, Flag, Level, Saying, flags_of, numbered, who
from reports.wording import group_name, quoted, withheld

NOTHING = "Nothing was flagged. That is no proof that there is nothing."
CANNOT: tuple[str, ...] = (
    "It is no evidence that a code of practice or a law was broken, and it rates no person and no outlet.",
    "Flags are often wrong on a single story, and sentences without one may have been missed. Read before you quote.",
    ALWAYS,
)
"""What no reading of one story can say (codebook 1), whatever was found."""
WHOLE_TEXT = "This holds the story’s whole text, unchanged, insults included: for your own work, not for publishing."
PROTECTED = "The story may speak of someone whom a court or the law protects: do not pass it on."

_MOST_PLACES, _MOST_BLAME = 10, 5
_TOLD: Mapping[str, str] = {
    "episodic": "It is told through single events or cases, not as a wider issue.",
    "thematic": "It is told as a wider issue, not through single events or cases.",
    "mixed": "It is told both through single events or cases and as a wider issue.",
}


def found(reading: Mapping[str, Any]) -> tuple[tuple[str, tuple[Saying, ...]], ...]:
    """Say what was found in the story, under short headings, the flags first."""
    flags = {number: flags_of(sentence) for number, sentence in numbered(reading)}
    by = dict(numbered(reading))
    nothing = not any(one.level != "contested" for some in flags.values() for one in some)
    first: list[Saying] = [(NOTHING,)] if nothing else []
    for frame in FRAMES:
        first.extend(_frame_sayings(frame, flags, by))
    unflagged = [quoted(frame) for frame in FRAMES if not _at(flags, frame, "display", "count", "triage")]
    if 0 < len(unflagged) < len(FRAMES):
        first.append((f"No sentence is flagged for {' or '.join(unflagged)}.",))
    sections: tuple[tuple[str, tuple[Saying, ...]], ...] = (
        ("Frames", tuple(first)),
        ("Who blames whom", tuple(_blame_sayings(flags, by))),
        ("Structural cause", tuple(_cause_sayings(reading, flags, by))),
        ("The story as a whole", tuple((one,) for one in _story_sayings(reading, flags))),
    )
    return tuple((label, said) for label, said in sections if said)


def not_told(story: Mapping[str, str], reading: Mapping[str, Any]) -> tuple[Saying, ...]:
    """Say what this story cannot tell, and what no reading can."""
    said: list[Saying] = []
    level = reading["story"]
    if reading["capped"]:
        last = len(reading["sentences"])
        said.append(("The story is longer than what is read. What follows sentence ", last, " was not read."))
    if not reading["sentences"]:
        said.append(("There was no text to read below the headline.",))
    flagged = any(one.frame != "shared_story" for _, sentence in numbered(reading) for one in flags_of(sentence))
    if flagged and level["target_group_quoted"] is None:
        said.append(("Whether anybody of the group concerned is heard: no such group could be told.",))
    if reading["sentences"] and level["episodic_thematic"] not in _TOLD:
        said.append(("Whether it is told through single cases or as a wider issue: too little speaks for either.",))
    said.extend((one,) for one in (MEANING, *CANNOT))
    return tuple(said)


def warnings(story: Mapping[str, str]) -> tuple[str, ...]:
    """Say how the page may be used."""
    protects = withheld().search(story["title"]) or withheld().search(story["text"])
    return (WHOLE_TEXT, PROTECTED) if protects else (WHOLE_TEXT,)


def _at(flags: Mapping[int, Sequence[Flag]], frame: Frame, *levels: Level) -> list[int]:
    return [number for number, some in flags.items() if any(f.frame == frame and f.level in levels for f in some)]


def places(numbers: Sequence[int]) -> Saying:
    """Say where: `the headline and sentences 3, 5 and 9`."""
    body = [one for one in numbers if one]
    shown, more = body[:_MOST_PLACES], len(body) - len(body[:_MOST_PLACES])
    said: list[str | int] = []
    if 0 in numbers:
        said += [0, *([" and "] if body else [])]
    if shown:
        said.append("sentence " if len(body) == 1 else "sentences ")
    for at, number in enumerate(shown):
        last = at == len(shown) - 1 and not more
        said += [*([] if at == 0 else [" and " if last else ", "]), number]
    return (*said, f" and {more} more") if more else tuple(said)


def _frame_sayings(
    frame: Frame, flags: Mapping[int, Sequence[Flag]], by: Mapping[int, Mapping[str, Any]]
) -> Iterator[Saying]:
    sure, counted = _at(flags, frame, "display"), _at(flags, frame, "display", "count")
    if counted:
        yield (
            f"{quoted(frame)} is flagged in ", *places(counted), ": ", *_sureness(sure, counted), "; ",
            *_voices(counted, by), ".",
        )  # fmt: skip
    if looks := _at(flags, frame, "triage"):
        yield (f"Worth a look for {quoted(frame)}, though likelier no such frame: ", *places(looks), ".")
    if rejected := _at(flags, frame, "contested"):
        yield (f"{quoted(frame)} is put into words and rejected in ", *places(rejected), ". That is no flag.")


def _sureness(sure: Sequence[int], counted: Sequence[int]) -> Saying:
    if not sure:
        return ("less sure",)
    return ("fairly sure",) if len(sure) == len(counted) else ("fairly sure of ", *places(sure), ", less of the rest")


def _voices(counted: Sequence[int], by: Mapping[int, Mapping[str, Any]]) -> Saying:
    outlet = [number for number in counted if by[number]["voice"] in {"OUTLET", "HEADLINE"}]
    if not outlet:
        return ("in a source’s words, not the outlet’s",)
    if len(outlet) == len(counted):
        return ("in the outlet’s own words",)
    return ("in the outlet’s own words in ", *places(outlet), ", in a source’s in the rest")


def _expressed(flags: Mapping[int, Sequence[Flag]], by: Mapping[int, Mapping[str, Any]]) -> list[int]:
    """Sentences flagged for blame that can be read as who blames whom, the surest first."""
    some = [number for number in _at(flags, "blame", "display", "count", "triage") if by[number]["quads"]]
    return sorted(some, key=lambda number: -by[number]["frames"]["blame"]["probability"])


def _blame_sayings(flags: Mapping[int, Sequence[Flag]], by: Mapping[int, Mapping[str, Any]]) -> Iterator[Saying]:
    for number in sorted(_expressed(flags, by)[:_MOST_BLAME]):
        quad = by[number]["quads"][0]
        over = name("problem", quad["problem"]["code"])
        yield (
            "As read, ", *places([number]), " has ", *who(quad["blamer"]),
            f" blaming {group_name(quad['target']['group'])} over {over}.",
        )  # fmt: skip


def _cause_sayings(
    reading: Mapping[str, Any], flags: Mapping[int, Sequence[Flag]], by: Mapping[int, Mapping[str, Any]]
) -> Iterator[Saying]:
    if not _at(flags, "blame", "display", "count", "triage", "contested"):
        return
    values = {n: by[n]["quads"][0]["structural_cause"]["value"] for n in sorted(_expressed(flags, by))}
    left_out = [number for number, value in values.items() if value == "OMITTED"]
    named = [number for number, value in values.items() if value.startswith("NAMED")]
    if left_out:
        yield ("A structural cause (policy, funding, supply) is left out of ", *places(left_out), ".")
    if named:
        yield ("A structural cause is named beside the blame in ", *places(named), ".")
    anywhere = reading["story"]["structural_anywhere"]
    first = anywhere["sentence"] + (reading["headline"] is None) if anywhere["sentence"] is not None else None
    alone = [number for number, one in by.items() if "STRUCTURAL_ONLY" in one["neighbours"] and number != first]
    if anywhere["named"]:
        kinds = " and ".join(name("structural_type", kind) for kind in anywhere["types"][:3])
        where: Saying = (" first in ", *places([first])) if first is not None and first in by else ()
        yield ("The story names a structural cause", *where, f": {kinds}." if kinds else ".")
    elif not alone and _at(flags, "blame", "display", "count", "contested"):
        # Below the level that counts, the story is not searched for one.
        yield ("No structural cause was found anywhere in the story.",)
    if alone:
        yield ("A problem put down to policy, funding or firms alone may stand in ", *places(alone), ".")


def _story_sayings(reading: Mapping[str, Any], flags: Mapping[int, Sequence[Flag]]) -> Iterator[str]:
    level = reading["story"]
    if level["target_group_quoted"] is not None:
        yield (
            "Somebody of the group blamed or set apart is quoted or reported."
            if level["target_group_quoted"]
            else "Nobody of the group blamed or set apart was found to be quoted or reported."
        )
    if level["headline_body_gap"]:
        yield "Headline and body differ: the headline carries a frame that the body lacks or rejects."
    elif level["headline_body_gap"] is False and any(one.level != "contested" for one in flags.get(0, ())):
        yield "What the headline carries, the body carries too."
    if level["episodic_thematic"] in _TOLD:
        yield _TOLD[level["episodic_thematic"]]
