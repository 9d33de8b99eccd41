"""Whose charge it is that a group is answerable: the outlet's, a headline's, a source's, or nobody's who is named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from nlp.attributions import Role, Speaker
from nlp.links import Link
from nlp.reading import ReadSentence

BlamerKind = Literal["OUTLET", "HEADLINE", "SOURCE", "UNNAMED"]

_LOOK = 90
"""Characters before or after a verb of blaming in which its author is looked for."""
_NEXT = 25
_ROLES: tuple[tuple[Role, str], ...] = (
    ("councillor", r"cllr|councillors?|alderman|bailie|provost|mayor"),
    ("politician", r"mps?|msps?|meps?|ministers?|politicians?|premier|ukip|labour|tor(?:y|ies)|conservatives"
                   r"|lib dems|(?:home|foreign|shadow|health) secretary|government|party"),
    ("police_court", r"police|pc|sgt|insp|detectives?|(?:police )?officers|judges?|magistrates?"),
    ("official", r"councils?|officials?|health board|trust|governors?|head ?teachers?"),
    ("charity", r"charit(?:y|ies)|campaigners?"),
    ("faith_leader", r"rev|revd|vicar|priest|imam|rabbi|bishop|canon|deacon"),
    ("expert", r"report|authors|researchers?|academics?|economists?|experts?|study|think tank|professor|prof"),
    ("trader", r"traders?|shopkeepers?|farmers?|publicans?|landlords?|landlady|business\w*|stallholders?|bosses"
               r"|employers?|chamber of trade|fishermen|florist|baker"),
    ("resident", r"residents?|locals?|neighbours?|villagers?|islanders?|townsfolk|parents?|mothers?|fathers?"
                 r"|pensioners?|shoppers?|taxpayers?|commuters?|patients?|tenants?|homeowners?|voters?|readers?"
                 r"|drivers?|anglers?"),
    ("anonymous", r"critics|opponents|some|many|others|people|commentators|pundits|callers?|sources?"),
    ("other", r"protesters|activists|supporters|newspapers?|tabloids|columnists?|unions?|teachers|nurses|doctors?"
              r"|gps?|leaders?|managers?|workers|spokes(?:man|woman|person|men)|wom[ae]n|m[ae]n|everyone"),
)  # fmt: skip
_ROLE_OF = tuple((role, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for role, words in _ROLES)
_NOUN = "(?i:" + "|".join(words for _, words in _ROLES) + ")"
_TITLE = r"(?i:mr|mrs|ms|miss|dr|sir|dame|lord|lady|baroness|rev|revd|cllr|councillor|pc|sgt|insp|prof|canon)"
_DETERMINER = r"(?i:the|a|an|one|some|many|two|three|several|angry|local|furious|worried|other|most|our|nearby|rival)"
_NAME = (
    rf"(?:{_DETERMINER}\s+){{0,3}}(?:{_TITLE}\.?\s+[\w'’-]+(?:\s+[A-Z][\w'’-]+)?"
    rf"|(?:[\w'’-]+\s+){{0,2}}?{_NOUN}(?:\s+[A-Z][\w'’-]+){{0,2}}|(?!(?:It|There|This|That|They|He|She|We|I|But|And|So|What|Who|To|In|On|As|Now|Then|Some|Why|How|Yet)\b)"
    r"[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+){0,2})"
)
_BETWEEN = (
    r"(?:(?i:also|has|have|had|was|were|is|are|who|often|now|and|all|then|once|yesterday|today|quick|keen|been|to"
    r"|[a-z]+ly)\s+){0,3}"
)
_BEFORE = re.compile(rf"(?<!\w)(?P<who>{_NAME}),?\s+{_BETWEEN}$")
_PRONOUN = re.compile(r"\b(?P<who>he|she|they)\s+" + _BETWEEN + "$", re.IGNORECASE)
_FIRST_PERSON = re.compile(r"\b(?:i|we)\s+" + _BETWEEN + "$", re.IGNORECASE)
_BY = re.compile(rf"(?:\s+(?!by\b)[\w'’-]+){{0,6}}?\s+by\s+(?P<who>{_NAME})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Blamer:
    """Who holds the group answerable."""

    kind: BlamerKind
    start: int
    """Offset of the words that name them in the unit's text; -1 where no words do."""
    end: int
    text: str
    resolved: str
    """The fullest name or description the story gives."""
    role: Role


def find_blamer(read: ReadSentence, text: str, link: Link | None, speaker: Speaker | None) -> Blamer:
    """Return whose charge a link makes.

    Args:
        read: The sentence.
        text: The part of it that was read.
        link: The words that hold the group answerable; offsets in `text`.
        speaker: Who says the sentence, None for the outlet.
    """
    base = read.span.start
    speaker = speaker or _attributed(read, base)
    if link is not None and link.blamer == "subject":
        head = text[max(0, link.start - _LOOK) : link.start]
        if speaker and 0 <= link.start + base - speaker.end <= _NEXT and speaker.start >= 0:
            return _speaking(speaker)
        if not _FIRST_PERSON.search(head):
            found = _PRONOUN.search(head)
            if found and speaker:
                return _speaking(speaker)
            found = found or _BEFORE.search(head)
            if found is None:
                return _speaking(speaker) if speaker else _nameless("UNNAMED")
            return _named(found, link.start - len(head), base)
    elif link is not None and link.blamer == "unnamed":
        found = _BY.match(text, link.end, min(len(text), link.end + _LOOK))
        if found:
            return _named(found, 0, base)
        return _speaking(speaker) if speaker else _nameless("UNNAMED")
    if speaker:
        return _speaking(speaker)
    if read.unit == "headline":
        return _nameless("HEADLINE")
    return _nameless("OUTLET" if read.voice == "OUTLET" else "SOURCE")


def _attributed(read: ReadSentence, base: int) -> Speaker | None:
    """Return the speaker a single sentence names, where there is no story to resolve them in."""
    words = read.attribution.speaker
    if words is None:
        return None
    text = read.span.text[words[0] : words[1]]
    return Speaker(start=words[0] + base, end=words[1] + base, text=text, resolved=text, role=_role_of(text))


def _role_of(words: str) -> Role:
    return next((role for role, pattern in _ROLE_OF if pattern.search(words)), "")


def _nameless(kind: BlamerKind) -> Blamer:
    return Blamer(kind=kind, start=-1, end=-1, text="", resolved="", role="")


def _speaking(speaker: Speaker) -> Blamer:
    return Blamer(
        kind="SOURCE",
        start=speaker.start,
        end=speaker.end,
        text=speaker.text,
        resolved=speaker.resolved,
        role=speaker.role,
    )


def _named(found: re.Match[str], at: int, base: int) -> Blamer:
    words = found["who"]
    start = found.start("who") + at + base
    return Blamer(kind="SOURCE", start=start, end=start + len(words), text=words, resolved=words, role=_role_of(words))
