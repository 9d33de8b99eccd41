"""Which of the groups of a sentence its linking words hold answerable: the causer, not the sufferer or the speaker."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from corpora.errors import NotReady
from nlp.groups import GROUPS, Mention, find_mentions
from nlp.links import Link
from nlp.patterns import Matcher, read_table

Stretch = tuple[int, int]

_MOST = 12
"""Words of a sentence that may mean a group, at most."""
_NO_TARGETS = frozenset({"ALL", "ELITE"})
_REACH_BEFORE, _REACH_AFTER = 110, 70
"""Characters between a link and its target: a subject may stand far before its verb, an object seldom far after."""
_PER_POINT, _PER_BEFORE, _PER_AFTER = 2.0, 20.0, 12.0
"""What a point of a link is worth, and by how many characters to its target on either side a point is lost."""
_LONE = 2.5
"""What a target is worth that no link reaches."""
_LOOSE, _BETWEEN = 2.5, 0.7
"""What a link loses on a side of which its row says nothing, and for each other group in between."""
_SUFFERS_COST, _SPEAKS_COST, _LATER_COST, _WIDER_COST, _NO_PEOPLE_COST, _OFTEN_COST = 3.0, 6.0, 0.4, 1.5, 3.0, 1.0
_SPECIFIC = (
    "REF", "EUM", "GRT", "MUS", "JEW", "OFA", "BLK", "SAS", "EAS", "TRA", "LGB", "DIS", "HML", "MIG_ASY", "BEN", "WOM",
    "OLD", "YNG", "OUT", "OTHER",
)  # fmt: skip
"""Of two groups named by the same words the one that tells more: "Polish migrants" are EUM before MIG_ASY."""
_SUFFERED = re.compile(
    r"\b(?:for|against|facing|among|hitting|hits?|hurts?|hurting|harm\w*|forc\w+|driv\w+|drove|den(?:y|ies|ied|ying)"
    r"|leav\w+|left|displac\w+|replac\w+|undercut\w*|scar\w+|frighten\w*|terroris\w+|harass\w+|robb?\w*|prey\w* on"
    r"|protect\w*|our|local|british|(?:jobs?|homes?|work|places?|seats?|money|beds?|appointments?) (?:from|of)"
    r"|fewer|ahead of|over|instead of|and)\s+(?:[\w'’-]+\s+){0,2}$",
    re.IGNORECASE,
)
"""What stands before those to whom the harm is done."""
_SUFFERS = re.compile(
    r"\W+(?:[\w'’-]+\s+){0,2}?(?:los(?:e|es|t|ing) out|are losing|fac(?:e|es|ing)\b|struggl\w+|cannot (?:get|find|see"
    r"|afford)|can[’']?t (?:get|find|see|afford)|wait(?:s|ing)?\b|afraid|scared|at risk|suffer\w*|pay the price"
    r"|(?:are|is|were|was|being|been|be|find themselves) (?:left|forced|denied|priced|pushed|squeezed|turned away"
    r"|displaced|undercut|replaced|robbed|attacked|terrified|frightened))",
    re.IGNORECASE,
)
_SPEAKS = re.compile(
    r"\W{1,3}(?:(?:leaders?|councillors?|charit\w+|spokes\w+|campaigners?|representatives?|organisations?"
    r"|associations?|councils?|ministers?)\b|(?:have |has |had |who )?(?:said|says?|told|claim(?:s|ed)?|complain\w*"
    r"|fear(?:s|ed)?|warn(?:s|ed)?|blame[sd]?|accuse[sd]?|insist(?:s|ed)?|believe[sd]?|argue[sd]?) (?!for\b|of\b))",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    r"\b(?:said|says|told|according to|claimed|warned|complained|added|argued|asked)\s+(?:(?:a|an|the|one|another|some"
    r"|two|many|local|fellow)\s+){0,2}$",
    re.IGNORECASE,
)
_ANAPHOR = re.compile(
    r"\b(?:they(?:[’']?(?:re|ve|ll|d))?|them|their|theirs|(?:these|those|such) (?:people|families|men|women|folk"
    r"|children|individuals|groups|communities|workers)|(?:the|that|this|these|them) (?:newcomers|new arrivals|arrivals"
    r"|families|lot|group|community|youngsters|kind))\b",
    re.IGNORECASE,
)
_NO_PEOPLE = re.compile(
    r"unemploy|homelessness|welfare|benefit (?:tourism|bill|system|cuts?|cap|claims?)"
    r"|\b(?:youth|bus|food|soup|social)\s"
    r"|clubs?$|homes?$|centres?$|services?$|marriage$|poverty|joblessness|pensions?$",
    re.IGNORECASE,
)
"""Mentions that name a condition or a service rather than people."""
_OFTEN_SUFFERS = frozenset({"YNG", "OLD", "WOM"})
_FROM_EUROPE = re.compile(
    r"\s+(?:[\w'’-]+\s+){0,5}?(?:from|within|inside|of|in|to)\s+(?:(?:within|inside|across|other|the|southern|eastern"
    r"|central|and|rest|of)\s+){0,4}(?:eu|european union|europe|brussels|poland|romania|bulgaria|lithuania|latvia"
    r"|slovakia|hungary)\b",
    re.IGNORECASE,
)
"""Migrants so described are EU migrants: "immigration from within the EU"."""
_FROM = re.compile(r"\s+(?:[\w'’-]+\s+){0,6}?(?:from|of)\s+(?:[\w'’-]+\s+){0,2}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """A group, the words that hold it answerable, and how plainly they do."""

    score: float
    target: Mention
    """`start` is -1 where no words of the sentence name it."""
    link: Link | None


def find_targets(
    text: str, mentions: Sequence[Mention], carried: Sequence[str], before: str, *, offset: int
) -> tuple[Mention, ...]:
    """Return the groups of a sentence that could be blamed, in order of their start.

    Of mentions that overlap, only the most telling group is kept. A sentence that names none may carry one, by "they";
    or mean one by looser words (`targets.tsv`); or, its subject left unsaid, mean the last one named before it.

    Args:
        text: The sentence.
        mentions: Groups it names or refers to; offsets in the unit.
        carried: Codes that a "they" of it may mean.
        before: What stands before it.
        offset: Where the sentence starts in its unit.
    """
    own = _untangled(
        [_from_europe(text, m, offset) for m in mentions if m.group not in _NO_TARGETS and m.end - offset <= len(text)]
    )
    if own:
        return own
    codes = list(dict.fromkeys(carried))
    anaphor = _ANAPHOR.search(text)
    earlier = [] if codes else _untangled([m for m in find_mentions(before) if m.group not in _NO_TARGETS])
    meant = () if codes or (anaphor and earlier) else _untangled(_looser(text, offset))
    if meant and not (earlier and {m.group for m in meant} <= _OFTEN_SUFFERS):
        return meant
    codes = codes or [m.group for m in earlier[-1:]]
    start, end = (anaphor.start() + offset, anaphor.end() + offset) if anaphor else (-1, -1)
    said = anaphor[0] if anaphor else ""
    return tuple(Mention(group=code, start=start, end=end, text=said) for code in codes if code in GROUPS)


@cache
def target_words() -> tuple[tuple[str, str, str, str], ...]:
    """Return the rows of `targets.tsv`: group, pattern, reason, example.

    Raises:
        NotReady: If the table is missing or names a group the codebook does not have.
    """
    rows = read_table("targets.tsv", ("group", "pattern", "reason", "example"))
    if not {row[0] for row in rows} <= set(_SPECIFIC):
        raise NotReady("targets.tsv names a group that cannot be blamed.")
    return tuple((group, pattern, reason, example) for group, pattern, reason, example in rows)


@cache
def _matcher() -> Matcher[str]:
    return Matcher((pattern, group) for group, pattern, _, _ in target_words())


def _looser(text: str, offset: int) -> list[Mention]:
    """Return words that may mean a group though `nlp.groups` does not count them as naming one."""
    return [
        Mention(group=m.payload, start=m.start + offset, end=m.end + offset, text=text[m.start : m.end])
        for m in _matcher().find(text)[:_MOST]
    ]


def _from_europe(text: str, mention: Mention, offset: int) -> Mention:
    if mention.group != "MIG_ASY" or not _FROM_EUROPE.match(text, mention.end - offset, mention.end - offset + 60):
        return mention
    return Mention(group="EUM", start=mention.start, end=mention.end, text=mention.text)


def _untangled(mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    kept: list[Mention] = []
    for one in sorted(mentions, key=lambda m: (_SPECIFIC.index(m.group), m.start, -m.end)):
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return tuple(sorted(kept, key=lambda m: m.start))


def tie_targets(
    text: str, targets: Sequence[Mention], links: Sequence[Link], *, speaking: Stretch | None, offset: int
) -> tuple[Tie, ...]:
    """Return each target with the link that holds it answerable most plainly, the likeliest target first.

    Args:
        text: The sentence.
        targets: What `find_targets` found.
        links: What `nlp.links.find_links` found; offsets in `text`.
        speaking: Where its speaker is named, in `text`.
        offset: Where the sentence starts in its unit.
    """
    ties = []
    for number, target in enumerate(targets):
        if target.start < 0:
            best = max(links, key=lambda link: (link.points, -link.start), default=None)
            ties.append(Tie(score=best.points if best else 0.0, target=target, link=best))
            continue
        start, end = target.start - offset, target.end - offset
        others = [(m.start - offset, m.end - offset) for m in targets if m is not target]
        best, worth = None, _LONE
        for link in links:
            value = _worth(text, (start, end), link, others)
            if value > worth:
                best, worth = link, value
        spoken = speaking is not None and speaking[0] <= start and end <= speaking[1]
        worth -= _LATER_COST * min(number, 4) + _SPEAKS_COST * spoken + _doubts(text, (start, end), target.group, best)
        worth -= _WIDER_COST * any(_FROM.fullmatch(text, end, s) is not None for s, _ in others if end < s < end + 60)
        ties.append(Tie(score=worth, target=target, link=best))
    return tuple(sorted(ties, key=lambda tie: (-tie.score, tie.target.start)))


def _worth(text: str, target: Stretch, link: Link, others: Sequence[Stretch]) -> float:
    """Return how well a link holds a target answerable; 0.0 where it stands on the wrong side or too far away."""
    start, end = target
    if start < link.end and link.start < end:  # "since the families came": the target stands within
        side, gap, reach = "target" if "target" in (link.before, link.after) else "any", 0, 0
    elif end <= link.start:
        side, gap, reach = link.before, link.start - end, _REACH_BEFORE
    else:
        side, gap, reach = link.after, start - link.end, _REACH_AFTER
    if side not in {"target", "any"} or gap > reach:
        return 0.0
    loose = _LOOSE if side == "any" else 0.0
    between = sum(min(end, link.end) <= s and e <= max(start, link.start) for s, e in others)
    return (
        _LONE
        + _PER_POINT * link.points
        - gap / (_PER_BEFORE if end <= link.start else _PER_AFTER)
        - _BETWEEN * between
        - loose
    )


def _doubts(text: str, target: Stretch, group: str, link: Link | None) -> float:
    """Return what the words around a target say against it: that it suffers, that it speaks, that it is no people."""
    start, end = target
    doubt = 0.0
    head = text[max(0, start - 60) : start]
    is_object = link is not None and link.end <= start and link.after == "target"
    if (not is_object and _SUFFERED.search(head)) or _SUFFERS.match(text, end, end + 60):
        doubt += _SUFFERS_COST
    if _SPEAKS.match(text, end, end + 40) or _SPOKEN.search(head):
        doubt += _SPEAKS_COST
    if _NO_PEOPLE.search(text[start:end]):
        doubt += _NO_PEOPLE_COST
    elif group in _OFTEN_SUFFERS:
        doubt += _OFTEN_COST
    return doubt
