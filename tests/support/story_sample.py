"""An invented story of an invented place, read by hand: the object that `sharedstory read` would write of it."""

from __future__ import annotations

from typing import Any

TITLE = "Village “at the end of its rope” over Fallow Lane camp"
PARAGRAPHS: tuple[tuple[str, ...], ...] = (
    ("The Traveller camp on Fallow Lane has left Tarrow Bridge with a litter problem that nobody wants to own.",),
    (
        "“They come here, they dump what they like and the rest of us pay for it,” said Delia Harrow, who keeps the "
        "corner shop.",
        "“It was never like this before they came.”",
    ),
    ("The parish council met on Tuesday.", "About sixty people stood at the back of the hall."),
    (
        "Colin Marsh, a dairy farmer, said families on the waiting list were being told to stand aside for people who "
        "had only just pulled in.",
    ),
    (
        "Cllr Ned Averill told the meeting that the Travellers were not the reason the bins overflow.",
        "The tip at Owl Cross was closed in March after nine years of cuts, he said, and no other site takes bulky "
        "waste.",
    ),
    ("The district lost two of its four collection rounds in the same budget.",),
    (
        "Bridget Doran, who lives on the lane with her three children, said she had asked for a skip twice.",
        "“We are told to take it to the tip, and the tip is shut,” she said.",
    ),
    (
        "A petition on the counter of the shop has four hundred names.",
        "One of them wrote that the village was being “swamped”.",
    ),
    (
        "On Saturday, families from the lane and the Tarrow Bridge rowing club cleared the towpath between them.",
        "“It is everybody’s river, whoever you are and however long you stay,” said the Rev Ines Calder.",
    ),
    (
        "The county was asked when the tip would open again.",
        "It did not say.",
        "The council meets again on 4 June.",
    ),
)
TEXT = "\n\n".join(" ".join(paragraph) for paragraph in PARAGRAPHS)
STORY = {"id": "tarrow-1", "title": TITLE, "text": TEXT}

OUTSIDE = "Tarrow Bridge rowing club"


def stretch(whole: str, phrase: str, after: int = 0) -> dict[str, Any]:
    """Offsets of a phrase in a text; null ones for an empty phrase."""
    if not phrase:
        return {"start": None, "end": None, "text": ""}
    start = whole.index(phrase, after)
    return {"start": start, "end": start + len(phrase), "text": phrase}


def frames(stance: str, voice: str, **said: tuple[float, float, str, tuple[str, ...]]) -> dict[str, Any]:
    """Frames of a sentence; each given as (probability, contested, flag, subtypes)."""
    made = {}
    for frame in ("us_them", "blame", "shared_story"):
        probability, contested, flag, subtypes = said.get(frame, (0.01, 0.0, "", ()))
        made[frame] = {
            "probability": probability,
            "contested": contested,
            "flag": flag,
            "subtypes": list(subtypes),
            "voice": voice,
            "stance": stance,
        }
    return made


def sentence(
    whole: str, words: str, *, voice: str = "OUTLET", stance: str = "REPORTS", content: str = "", **more: Any
) -> dict[str, Any]:
    """One sentence; `more` holds groups, quads, said, speaker, neighbours and evidence as shorthand."""
    start = whole.index(words)
    inside = stretch(whole, content, start)
    return {
        "start": start,
        "end": start + len(words),
        "voice": voice,
        "content": [inside["start"], inside["end"]] if content else None,
        "speaker": more.get("speaker"),
        "groups": [
            {**stretch(whole, phrase, start), "group": code, "by": by} for phrase, code, by in more.get("groups", ())
        ],
        "quads": more.get("quads", []),
        "frames": frames(stance, "OUTLET" if voice == "OUTLET" else "SOURCE", **more.get("said", {})),
        "neighbours": list(more.get("neighbours", ())),
        "evidence": [{"kind": kind, **stretch(whole, phrase, start)} for kind, phrase in more.get("evidence", ())],
    }


def speaker(
    whole: str, phrase: str, resolved: str, role: str, *, groups: tuple[str, ...] = (), after: int = 0
) -> dict[str, Any]:
    """Who speaks."""
    return {**stretch(whole, phrase, after), "resolved": resolved, "role": role, "groups": list(groups)}


def quad(whole: str, after: int, blamer: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """One reading as blame; `parts`: target, problem (code, phrase), link (kind, phrase), remedy, cause, flag."""
    code, phrase = parts["problem"]
    kind, link = parts["link"]
    value, type_, cause = parts.get("cause", ("OMITTED", "", ""))
    return {
        "blamer": blamer,
        "target": {"group": "GRT", **stretch(whole, parts["target"], after)},
        "problem": {"code": code, **stretch(whole, phrase, after)},
        "link": {"kind": kind, **stretch(whole, link, after)},
        "remedy": stretch(whole, parts["remedy"], after) if parts.get("remedy") else None,
        "structural_cause": {"value": value, "type": type_, **stretch(whole, cause, after)},
        "stance": parts.get("stance", "REPORTS"),
        "probability": parts["probability"],
        "flag": parts["flag"],
    }


def nobody(kind: str) -> dict[str, Any]:
    """A blamer who is no person."""
    return {"kind": kind, "start": None, "end": None, "text": "", "resolved": "", "role": ""}


def level(active: int, *, outlet: bool, source: bool, contested: bool, first: int | None) -> dict[str, Any]:
    """One frame of the story level."""
    return {
        "active": active,
        "outlet_voice": outlet,
        "source_voice": source,
        "contested": contested,
        "first_position": first,
        "headline_active": False,
    }


def empty() -> tuple[dict[str, str], dict[str, Any]]:
    """A story without text, as it is read."""
    nothing = level(0, outlet=False, source=False, contested=False, first=None)
    reading = {
        "id": "empty",
        "coder": "model:sample",
        "codebook": "v1",
        "capped": False,
        "headline": None,
        "sentences": [],
        "story": {
            "frames": dict.fromkeys(("us_them", "blame", "shared_story"), nothing),
            "structural_anywhere": {"named": False, "types": [], "sentence": None},
            "blamed_groups": [],
            "target_group_quoted": None,
            "headline_body_gap": None,
            "episodic_thematic": "cannot_tell",
        },
    }
    return {"id": "empty", "title": "", "text": ""}, reading


def plain(text: str, title: str = "") -> tuple[dict[str, str], dict[str, Any]]:
    """A story of one sentence a line in which nothing is flagged."""
    story, reading = empty()
    at = 0
    for line in text.split("\n"):
        if line.strip():
            one = sentence(line, line)
            one["start"], one["end"] = at, at + len(line)
            reading["sentences"].append(one)
        at += len(line) + 1
    if title:
        reading["headline"] = sentence(title, title, voice="HEADLINE")
    return {**story, "title": title, "text": text}, reading


def sample() -> tuple[dict[str, str], dict[str, Any]]:
    """The story and its reading: all frames, all levels, quotations, rejected blame, a cause named late."""
    lines = [line for paragraph in PARAGRAPHS for line in paragraph]
    harrow = speaker(TEXT, "Delia Harrow, who keeps the corner shop", "Delia Harrow", "trader")
    carried = {"start": None, "end": None, "text": "", "resolved": "Delia Harrow", "role": "trader", "groups": []}
    marsh = speaker(TEXT, "Colin Marsh, a dairy farmer", "Colin Marsh", "resident")
    averill = speaker(TEXT, "Cllr Ned Averill", "Cllr Ned Averill", "councillor")
    averill_again = speaker(TEXT, "he", "Cllr Ned Averill", "councillor", after=TEXT.index("he said"))
    doran = speaker(TEXT, "Bridget Doran", "Bridget Doran", "group_member", groups=("GRT",))
    doran_again = speaker(TEXT, "she", "Bridget Doran", "group_member", groups=("GRT",), after=TEXT.index("she said."))
    caller = speaker(TEXT, "One of them", "", "anonymous")
    calder = speaker(TEXT, "the Rev Ines Calder", "Rev Ines Calder", "faith_leader")
    at = [TEXT.index(line) for line in lines]
    by_source = {"kind": "SOURCE", **{key: harrow[key] for key in ("start", "end", "text", "resolved", "role")}}
    carried_source = {"kind": "SOURCE", **{key: carried[key] for key in ("start", "end", "text", "resolved", "role")}}
    rebutting = {"kind": "SOURCE", **{key: averill[key] for key in ("start", "end", "text", "resolved", "role")}}
    rich: dict[int, dict[str, Any]] = {
        0: {
            "stance": "ENDORSES",
            "groups": [("Traveller camp", "GRT", "name")],
            "said": {"blame": (0.62, 0.02, "count", ())},
            "evidence": [("problem", "litter problem"), ("cause", "has left")],
            "quads": [
                quad(
                    TEXT, at[0], nobody("OUTLET"), target="Traveller camp",
                    problem=("ENVIRONMENT_LITTER", "litter problem"), link=("active", "has left"), probability=0.62,
                    flag="count",
                )
            ],
        },
        1: {
            "voice": "DIRECT",
            "content": "“They come here, they dump what they like and the rest of us pay for it,”",
            "speaker": harrow,
            "groups": [("They", "GRT", "reference"), ("they", "GRT", "reference")],
            "said": {
                "us_them": (0.91, 0.01, "display", ("MORAL_CONTRAST", "GENERALISATION")),
                "blame": (0.84, 0.03, "display", ()),
            },
            "evidence": [
                ("cause", "dump"), ("we", "the rest of us"), ("problem", "pay for it"),
                ("subtype", "the rest of us pay"),
            ],
            "quads": [
                quad(
                    TEXT, at[1], by_source, target="They", problem=("PUBLIC_MONEY", "pay for it"),
                    link=("active", "dump"), probability=0.84, flag="display",
                ),
                quad(
                    TEXT, at[1], by_source, target="They", problem=("ENVIRONMENT_LITTER", "dump"),
                    link=("active", "dump"), probability=0.84, flag="display",
                ),
            ],
        },
        2: {
            "voice": "DIRECT",
            "content": lines[2],
            "speaker": carried,
            "groups": [("they", "GRT", "reference")],
            "said": {"blame": (0.31, 0.02, "triage", ())},
            "evidence": [("time_cause", "before they came")],
            "quads": [
                quad(
                    TEXT, at[2], carried_source, target="they", problem=("OTHER", "before they came"),
                    link=("time", "before they came"), probability=0.31, flag="triage",
                )
            ],
        },
        5: {
            "voice": "INDIRECT",
            "content": lines[5][lines[5].index("families") : -1],
            "speaker": marsh,
            "groups": [("people who had only just pulled in", "OUT", "name")],
            "said": {"us_them": (0.68, 0.01, "count", ("ZERO_SUM",))},
            "evidence": [("zero_sum", "stand aside for"), ("subtype", "told to stand aside")],
        },
        6: {
            "voice": "INDIRECT",
            "stance": "CONTESTS",
            "content": "the Travellers were not the reason the bins overflow",
            "speaker": averill,
            "groups": [("Travellers", "GRT", "name")],
            "said": {"blame": (0.08, 0.86, "", ())},
            "evidence": [("stance", "were not the reason"), ("problem", "bins overflow")],
            "quads": [
                quad(
                    TEXT, at[6], rebutting, target="Travellers", problem=("ENVIRONMENT_LITTER", "bins overflow"),
                    link=("active", "the reason"), cause=("NAMED_INSTEAD", "underinvestment/austerity", ""),
                    stance="CONTESTS", probability=0.08, flag="",
                )
            ],
        },
        7: {
            "voice": "INDIRECT",
            "content": "The tip at Owl Cross was closed in March after nine years of cuts",
            "speaker": averill_again,
            "neighbours": ("STRUCTURAL_ONLY",),
            "evidence": [("structural", "closed in March after nine years of cuts")],
        },
        9: {
            "voice": "INDIRECT",
            "content": "she had asked for a skip twice",
            "speaker": doran,
            "groups": [("lane", "GRT", "reference")],
        },
        10: {
            "voice": "DIRECT",
            "content": "“We are told to take it to the tip, and the tip is shut,”",
            "speaker": doran_again,
            "neighbours": ("GRIEVANCE",),
        },
        12: {
            "voice": "MIXED",
            "content": "the village was being “swamped”",
            "speaker": caller,
            "said": {"us_them": (0.57, 0.04, "count", ("DEHUMANISING",))},
            "evidence": [("metaphor", "swamped")],
        },
        13: {
            "groups": [("families from the lane", "GRT", "reference")],
            "stance": "ENDORSES",
            "said": {"shared_story": (0.88, 0.0, "display", ("CONTACT_MIX", "COMMUNITY_ACTION"))},
            "evidence": [("join", "cleared the towpath between them")],
        },
        14: {
            "voice": "DIRECT",
            "content": "“It is everybody’s river, whoever you are and however long you stay,”",
            "speaker": calder,
            "said": {"shared_story": (0.71, 0.0, "count", ("BELONG_PLACE",))},
            "evidence": [("inclusive_all", "everybody’s river"), ("inclusive_all", "whoever you are")],
        },
    }  # fmt: skip
    _, reading = empty()
    reading["id"] = STORY["id"]
    reading["sentences"] = [sentence(TEXT, line, **rich.get(number, {})) for number, line in enumerate(lines)]
    reading["headline"] = sentence(
        TITLE, TITLE, voice="MIXED", content="“at the end of its rope”",
        groups=[("Fallow Lane camp", "GRT", "reference")],
        said={"us_them": (0.33, 0.01, "triage", ("THREAT",))}, evidence=[("strain", "at the end of its rope")],
    )  # fmt: skip
    reading["story"] = {
        "frames": {
            "us_them": level(3, outlet=False, source=True, contested=False, first=2),
            "blame": level(2, outlet=True, source=True, contested=True, first=1),
            "shared_story": level(2, outlet=True, source=True, contested=False, first=14),
        },
        "structural_anywhere": {"named": True, "types": ["underinvestment/austerity"], "sentence": 8},
        "blamed_groups": ["GRT"],
        "target_group_quoted": True,
        "headline_body_gap": False,
        "episodic_thematic": "episodic",
    }
    return dict(STORY), reading
