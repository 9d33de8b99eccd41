"""Which words of a sentence ("they", "these families") refer to a group that was named just before."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlp.groups import Mention

_PRONOUN = re.compile(r"\b(?:they(?:['’](?:re|ve|ll|d))?|them|their|theirs|themselves)\b", re.IGNORECASE)
_NOUN_PHRASE = re.compile(
    r"\b(?:(?:these|those|such)\s+(?:\w+\s+)?(?:people|families|folk|men|women|children|individuals|groups|communities"
    r"|workers|newcomers|residents)|the\s+(?:newcomers|new\s+arrivals|arrivals|group|families)|(?:them|that|this)\s+lot"
    r"|both\s+(?:groups|communities)|such\s+a\s+family)\b",
    re.IGNORECASE,
)
_OTHER_PLURAL = re.compile(
    r"\b(?:people|everyone|everybody|men|women|children|families"
    r"|councillors?|officers|police|officials|neighbours|residents|locals|villagers|traders|ministers|campaigners"
    r"|teachers|parents|volunteers|staff|bosses|critics|members|leaders|governors|organisers|players|fans|firms"
    r"|houses|homes|caravans|buses|shops|figures|plans|boats|hotels|schools|[a-z]+(?:ers|ors|ists|ians)|party|council"
    r"|[a-z]{2,}[a-rt-z]s(?=\s(?:are|were|have|want|need|say|do|will|would|can|could|should)\b))\b",
    re.IGNORECASE,
)
"""Plurals that "they" after them in the same sentence, or before, is likelier to mean."""
_OBJECT = re.compile(r"them\Z", re.IGNORECASE)
_CLAUSE = re.compile(r"[,;:–—]|\b(?:and|but|that|which|who|because|as|while|when|if|so|or|said|says)\b", re.IGNORECASE)
_NEVER = frozenset({"ALL", "ELITE"})
_READ = 4_000


def find_references(
    text: str, mentions: tuple[Mention, ...], before: Sequence[tuple[str, ...]], *, offset: int = 0
) -> tuple[Mention, ...]:
    """Return the stretches that refer to a group named before, in order of their start.

    Careful rather than complete: a pronoun counts only where the sentence right before names a group and this one
    names no group and no other people or things in the plural before it; "these families" counts wherever it stands.

    Args:
        text: One sentence.
        mentions: Groups it names itself (offsets in the unit).
        before: Groups named or referred to by the sentences before it, the latest first.
        offset: Where the sentence starts in its unit.
    """
    text = text[:_READ]
    named = [one.start - offset for one in mentions if one.group not in _NEVER]
    found: list[tuple[int, int, tuple[str, ...]]] = []
    groups = next((codes for some in before if (codes := _groups(some))), ())
    if groups:
        found = [
            (*match.span(), groups)
            for match in _NOUN_PHRASE.finditer(text)
            if not any(match.start() <= at < match.end() for at in named)
        ]
    latest = _groups(before[0]) if before else ()
    pronoun = _PRONOUN.search(text)
    if latest and pronoun is not None and not any(at < pronoun.start() for at in named) and not _others(text, pronoun):
        found.append((*pronoun.span(), latest))
    return tuple(
        Mention(group=group, start=start + offset, end=end + offset, text=text[start:end])
        for start, end, codes in sorted(found)
        for group in codes
    )


def _groups(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code for code in codes if code not in _NEVER)


def _others(text: str, pronoun: re.Match[str]) -> bool:
    """Tell whether other people or things stand before a pronoun that it may mean instead.

    The object of a clause is not its subject: in "Police moved them on" they are not the police.
    """
    plurals = list(_OTHER_PLURAL.finditer(text, 0, pronoun.start()))
    if len(plurals) == 1 and _OBJECT.search(pronoun[0]):
        return _CLAUSE.search(text, plurals[0].end(), pronoun.start()) is not None
    return bool(plurals)
