"""Whose frame a sentence holds: the outlet's, a source's or a headline's (codebook 4).

That is not yet told by whose words the sentence attributes: "Residents blame students, he said, and they are right"
frames in both, and sentences that run on from a report ("It would, after all, ...") name nobody. So what the reading
found is weighed against words that go with either (`nlp/data/framing.tsv`). The weights are those of a logistic
regression on sentences whose frame coders gave a voice; above zero the frame is a source's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from corpora.errors import NotReady
from nlp.patterns import Matcher, read_table
from nlp.reading import ReadSentence

__all__ = ["FEATURES", "FrameVoice", "FramingWord", "frame_voice", "framing_features", "framing_words"]

FrameVoice = Literal["OUTLET", "SOURCE", "HEADLINE"]
Stretch = tuple[int, int]

FEATURES: tuple[str, ...] = (
    "bias", "voice:DIRECT", "voice:INDIRECT", "voice:MIXED", "covered", "inside", "named", "everybody", "charged",
    "text:speech", "text:person", "text:first", "text:we", "text:column", "text:pronoun", "text:and", "before:speech",
    "before:person", "before:pronoun", "before:column", "before:imprint", "silent:speech",
)  # fmt: skip
"""What is weighed. `text:` and `before:` count rows of the table in the sentence and before it; `silent:` holds where
the sentence itself attributes nothing."""
_READ, _BEFORE = 4_000, 400
_TIMES = 4
"""A kind of words counts this often at most."""
_SHORT = 5
"""Words of a line that may be the label of a newspaper's section."""
_EVERYBODY = re.compile(
    r"(?:so many|some|many|most|people|voters|britons|the public|everyone|nobody|they|we|you|critics|"
    r".{0,60}\b(?:people|voters|public|critics|elite|class))\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?:he|she|his|her|him)\b", re.IGNORECASE)
_AND = re.compile(r"\W*(?:and|but|so|yet|because|or)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FramingWord:
    """One row of `framing.tsv`."""

    feature: str
    weight: float
    """Of the feature, for a source; the same in all its rows."""
    pattern: str
    """Empty where the feature is no words."""
    reason: str
    example: str


@cache
def framing_words() -> tuple[FramingWord, ...]:
    """Return the rows of `framing.tsv`.

    Raises:
        NotReady: If the table is missing, holds what is no number or leaves a feature without a row.
    """
    rows = []
    for feature, weight, pattern, reason, example in read_table(
        "framing.tsv", ("feature", "weight", "pattern", "reason", "example")
    ):
        if not re.fullmatch(r"-?\d+(?:\.\d+)?", weight):
            raise NotReady(f"framing.tsv: {weight} is no weight.")
        rows.append(
            FramingWord(
                feature=feature,
                weight=float(weight),
                pattern="" if pattern == "-" else pattern,
                reason=reason,
                example=example,
            )
        )
    if {row.feature for row in rows} != {*FEATURES, "words:section"}:
        raise NotReady("framing.tsv and nlp.framing.FEATURES differ.")
    return tuple(rows)


@cache
def _weights() -> Mapping[str, float]:
    return {row.feature: row.weight for row in framing_words()}


@cache
def _matcher() -> Matcher[str]:
    return Matcher((row.pattern, row.feature.partition(":")[2]) for row in framing_words() if row.pattern)


def frame_voice(read: ReadSentence, *, spans: Sequence[Stretch] = (), before: str = "") -> FrameVoice:
    """Return whose frame a sentence would hold.

    Args:
        read: The sentence.
        spans: The words that make the frame (of whom, for what, by which words), offsets in the unit; the groups and
            cue words of the sentence where there are none.
        before: What stands before it in its paragraph. Where that is only the label of a section ("news", "politics")
            the sentence is the headline beneath it, as archives store it.
    """
    if read.unit == "headline" or _is_label(before):
        return "HEADLINE"
    weights = _weights()
    seen = framing_features(read, spans=spans, before=before)
    return "SOURCE" if sum(weights[name] * value for name, value in seen.items()) > 0 else "OUTLET"


def framing_features(read: ReadSentence, *, spans: Sequence[Stretch] = (), before: str = "") -> dict[str, float]:
    """Return what is weighed, each of `FEATURES` with its value, from 0 to 2."""
    base, text, earlier = read.span.start, read.span.text[:_READ], before[-_BEFORE:]
    content, speaker = read.attribution.content, read.attribution.speaker
    named = [(m.start - base, m.end - base) for m in read.mentions]
    framing = [(start - base, end - base) for start, end in spans if start >= base]
    framing = framing or [*named, *((cue.start - base, cue.end - base) for cue in read.cues)]
    says = text[speaker[0] : speaker[1]] if speaker else ""
    silent = read.voice == "OUTLET"
    here, there = _count(text), _count(earlier)
    seen = dict.fromkeys(FEATURES, 0.0)
    seen["bias"] = 1.0
    if not silent and f"voice:{read.voice}" in seen:
        seen[f"voice:{read.voice}"] = 1.0
    if content is not None:
        seen["covered"] = min(1.0, (content[1] - content[0]) / max(1, len(text)))
        within = sum(start < content[1] and content[0] < end for start, end in framing)
        seen["inside"] = within / len(framing) if framing else 0.5
    seen["named"] = float(speaker is not None)
    seen["everybody"] = float(_EVERYBODY.match(says.strip()) is not None)
    seen["charged"] = float(speaker is not None and any(s < speaker[1] and speaker[0] < e for s, e in named))
    for kind in ("speech", "person", "first", "we", "column"):
        seen[f"text:{kind}"] = here.get(kind, 0) / 2
    for kind in ("speech", "person", "column", "imprint"):
        seen[f"before:{kind}"] = there.get(kind, 0) / 2
    seen["text:pronoun"] = float(_PRONOUN.search(text) is not None)
    seen["text:and"] = float(_AND.match(text) is not None)
    seen["before:pronoun"] = float(_PRONOUN.search(earlier) is not None)
    seen["silent:speech"] = seen["text:speech"] if silent else 0.0
    return seen


def _count(text: str) -> dict[str, int]:
    """Return how often each kind of words stands in a text, at most `_TIMES`; of those that overlap one counts."""
    counted: dict[str, int] = {}
    reach: dict[str, int] = {}
    for match in _matcher().find(text):
        if match.start >= reach.get(match.payload, 0):
            reach[match.payload] = match.end
            counted[match.payload] = min(_TIMES, counted.get(match.payload, 0) + 1)
    return counted


def _is_label(before: str) -> bool:
    words = before[:100].strip(" \n\t\ufeff|").split()
    if not words or len(words) > _SHORT or len(before) > 100:
        return False
    return all(any(m.payload == "section" and m.end == len(w) for m in _matcher().find(w)) for w in words)
