"""Who says what a sentence attributes: the fullest name or description the story gives, and in what role.

`nlp.cast` tells who is in the story, `nlp.antecedents` whom words mean; here quotations are followed from sentence
to sentence, and each speaker is given a role and the groups the story puts them into.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nlp.antecedents import resolve, subject
from nlp.attributions import Attribution, Speaker
from nlp.cast import Cast, find_cast
from nlp.descriptions import describe
from nlp.groups import Mention, find_mentions, groups_of
from nlp.roles import memberships_of, role_of
from nlp.told import Told, Who

_MOST_SENTENCES = 2_000
_DESCRIBED = 400
_AHEAD = 4
"""Sentences after a quotation in which its speaker may be named."""
_LATER = 12
"""Sentences after a quotation that opens a story in which its speaker may be named."""
_BEHIND = 8
"""Sentences after the last speaker's words in which a quotation without a speaker is still theirs."""
_BETWEEN = re.compile(
    r"\(?(?:image|picture|photo|pic|video|credit)s?\b|(?:read|see) (?:more|also|next|this)\b|sign up\b|subscribe\b"
    r"|advertise?ment\b|click here\b|related\b|watch\b|\W*$",
    re.IGNORECASE,
)
"""Page furniture between two sentences of a quotation."""
_INTRODUCES = re.compile(
    r":\W*$|\b(?:tribute|told|wrote|writing|statement|posted|letter|comment(?:s|ed)?|respon(?:se|d|ded)|react(?:ed|ion)"
    r"|urg(?:ed|es|ing)|call(?:ed|s|ing)|welcom(?:ed|es)|critici[sz]ed|praised|thanked|described|explained|warned|spoke"
    r"|speaking|interview|appealed|plead(?:ed)?|recall(?:ed|s)|remember(?:ed|s)|hit out|called|vowed|promised|defended"
    r"|condemned|believes?|hopes?|wants?|feels?|fears?|moved|lives|runs|works|started|opened|joined)\b",
    re.IGNORECASE,
)
"""Words of a sentence that leads to somebody's words."""
_HEARD = re.compile(
    r"\b(?:court|inquest|hearing|tribunal|jury|meeting|committee|panel|inquiry|trial)\s(?:in\s\w+\s|at\s\w+\s)?"
    r"(?:(?:has|had|also|previously)\s)*(?:heard|was told)\b",
    re.IGNORECASE,
)
"""Who listens to words whose speaker is not named: "the inquest heard that"."""
_OFFICE = re.compile(
    r"\b(?:workers?|charity|council|councillor|officer|spokes\w+|minister|director|manager|leader of|MP|police"
    r"|support(?:er)?|centre|service|judge|professor|researcher|lawyer|expert|shadow|agency|department|for|neighbour of"
    r"|critic|opponent|victim|owner|friend|carer|teacher|(?:mother|father|parent|brother|sister) of|chief)\b",
    re.IGNORECASE,
)
"""What says that a group's name beside a speaker's is what they work for, not what they are."""
_IS = re.compile(
    r"(?:who (?:is|was) )?(?:an?|the|one of(?: the)?)\s(.{2,60}?)(?=,|;|$|\s(?:who|about|against|over|near|next|to|with"
    r"|whose|that|which|at|in|and|from|on)\b)"
)
"""What somebody is said to be right after the name: "a Traveller from Eskwith"."""
_BY_AGE = frozenset({"YNG", "OLD"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One sentence as it comes to be resolved, in story order."""

    text: str
    start: int
    """Offset in its unit."""
    paragraph: int
    headline: bool
    attribution: Attribution
    continues: bool = False
    """True where a quotation opened in an earlier sentence runs on here."""
    mentions: tuple[Mention, ...] = ()
    """Groups named; offsets in the unit."""


def resolve_speakers(sentences: Sequence[Said]) -> tuple[Speaker | None, ...]:
    """Return who says what each sentence attributes; None for the outlet's own words.

    Args:
        sentences: One story's, the headline first where there is one.
    """
    read = sentences[:_MOST_SENTENCES]
    cast = find_cast(["" if said.headline else said.text for said in read])
    told = Told([said.text for said in read], [said.attribution for said in read], cast)
    done: list[Speaker | None] = []
    for at, said in enumerate(read):
        if not _speaks(said):
            told.add(None)
            done.append(None)
            continue
        own = said.attribution.speaker
        named = own is not None and bool(said.text[slice(*own)].strip(" ,"))
        who = resolve(told, at, own) if own is not None and named else None
        own = own if who is not None else None
        if who is None:
            who = _unnamed(read, at, told)
        told.add(who if not said.headline else None)
        done.append(_speaker(said, own, who, cast))
    return (*done, *(None for _ in sentences[_MOST_SENTENCES:]))


def _speaks(said: Said) -> bool:
    return said.attribution.voice not in {"OUTLET", "HEADLINE"}


def _unnamed(sentences: Sequence[Said], at: int, told: Told) -> Who | None:
    """Return who speaks where the sentence does not say: named just after, introduced just before, or the last."""
    said = sentences[at]
    if said.attribution.voice != "DIRECT" and _HEARD.search(said.text[:200]):
        return subject(told, at)
    after = _named_after(sentences, at, told, linked=True)
    if after is not None:
        return after
    if told.last is not None and said.continues:
        return told.last
    before = at - 1
    while before >= 0 and not _speaks(sentences[before]) and _BETWEEN.match(sentences[before].text):
        before -= 1
    if told.last is not None and before == told.last_at:
        return told.last
    if said.attribution.voice == "DIRECT" and before >= 0 and not sentences[before].headline:
        introduced = subject(told, before)
        if introduced is not None and _INTRODUCES.search(sentences[before].text):
            return introduced
        after = _named_after(sentences, at, told, linked=False)
        if after is not None:
            return after
    if told.last is not None and at - told.last_at <= _BEHIND:
        return told.last
    return _named_after(sentences, at, told, linked=False) or _named_later(sentences, at, told)


def _named_later(sentences: Sequence[Said], at: int, told: Told) -> Who | None:
    """Return the speaker named next in the story: a story may quote before it says whom."""
    for later in range(at + 1, min(len(sentences), at + _LATER)):
        own = sentences[later].attribution.speaker
        if _speaks(sentences[later]) and own is not None:
            return resolve(told, later, own) if not describe(sentences[later].text[slice(*own)]).pronoun else None
    return None


def _named_after(sentences: Sequence[Said], at: int, told: Told, *, linked: bool) -> Who | None:
    """Return who is named in the sentences after as saying this quotation as well.

    Args:
        sentences: The story's.
        at: The sentence without a speaker.
        told: What was resolved so far.
        linked: Whether only sentences count in which the same quotation runs on, or that share the paragraph.
    """
    for later in range(at + 1, min(len(sentences), at + _AHEAD)):
        following = sentences[later]
        same = following.continues or following.paragraph == sentences[at].paragraph
        if not _speaks(following) or (linked and not same):
            return None
        own = following.attribution.speaker
        if own is not None and following.text[slice(*own)].strip(" ,"):
            words = describe(following.text[slice(*own)])
            content = following.attribution.content
            if words.pronoun or (content is not None and content[0] > own[0]):
                return None
            return resolve(told, later, own)
    return None


def _speaker(said: Said, own: tuple[int, int] | None, who: Who | None, cast: Cast) -> Speaker:
    """Return the record of one sentence's speaker, who is named there by the words `own`."""
    words = said.text[slice(*own)] if own is not None else ""
    groups = _membership(words, who, cast) if who is not None else ()
    role = role_of(f"{words} | {who.about}" if who is not None else words)
    # an age alone is no reason to call a resident a member of a group
    if (groups and role in {"", "other"}) or (role == "resident" and not _BY_AGE.issuperset(groups)):
        role = "group_member"
    return Speaker(
        start=said.start + own[0] if own is not None else -1,
        end=said.start + own[1] if own is not None else -1,
        text=words,
        resolved=who.resolved if who is not None else "",
        role=role,
        groups=groups,
    )


def _membership(words: str, who: Who, cast: Cast) -> tuple[str, ...]:
    """Return the groups a speaker is said to belong to, by the description right beside the name."""
    figure = cast.figures[who.figure] if who.figure >= 0 else None
    if figure is not None and figure.kind in {"body", "place"}:
        return ()
    described = f"{words} | {who.about or who.resolved}"[:_DESCRIBED]
    codes = set(memberships_of(described))
    own = " ; ".join(_is_said_to_be(described)) if figure else words
    if _OFFICE.search(own) is None:
        codes.update(groups_of(find_mentions(own)))
    return tuple(sorted(codes - {"ALL", "ELITE"}))


def _is_said_to_be(described: str) -> Iterator[str]:
    """Yield the words right before a name, and what somebody is called right after it."""
    for part in described.split(" | "):
        before, comma, after = part.partition(",")
        yield before
        called = _IS.match(after.strip())
        if comma and called is not None:
            yield called[1]
