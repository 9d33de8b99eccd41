"""Which social groups a sentence names, and which it may carry over from the sentence before.

Terms come from three tables in `nlp/data`: `groups.tsv` (terms), `nationalities.tsv` (adjectives that need a word for
people beside them: a Polish family is people, a Polish sausage is not) and `senses.tsv` (what the same words mean when
they mean no group at all). Finding a term says what the text names. It says nothing about any person.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from corpora.errors import NotReady
from nlp.patterns import Matcher, read_table

GROUPS: tuple[str, ...] = (
    "MIG_ASY", "REF", "EUM", "MUS", "JEW", "OFA", "BLK", "SAS", "EAS", "GRT", "DIS", "BEN", "HML", "LGB", "TRA",
    "WOM", "YNG", "OLD", "OUT", "OTHER", "ALL", "ELITE",
)  # fmt: skip
"""The closed list of codebook 4.1. ALL counts for shared_story only, ELITE for the vertical axis only."""

KINDS: frozenset[str] = frozenset({"formal", "colloquial", "headlinese", "dialect", "hostile"})
_NEVER_CARRIED = frozenset({"ALL", "ELITE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One place where a text names a group."""

    group: str
    """Code of codebook 4.1."""
    start: int
    """Offset in the unit's text (the title, or the body)."""
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One row of `groups.tsv` or `nationalities.tsv`."""

    group: str
    pattern: str
    kind: str
    reason: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sense:
    """One row of `senses.tsv`: where it matches, a mention of `group` that starts with one of `cancels` falls."""

    group: str
    cancels: tuple[str, ...]
    pattern: str
    scope: Literal["phrase", "sentence"]
    """phrase: only a mention that overlaps the match falls; sentence: any in the same sentence."""
    reason: str
    example: str


@cache
def terms() -> tuple[Term, ...]:
    """Return all terms, nationalities included.

    Raises:
        NotReady: If a table is missing or names an unknown group or kind.
    """
    rows = [
        Term(group=group, pattern=pattern, kind=kind, reason=reason, example=example)
        for group, pattern, kind, reason, example in read_table(
            "groups.tsv", ("code", "pattern", "kind", "reason", "example")
        )
    ]
    table = read_table("nationalities.tsv", ("adjective", "plural", "code", "reason", "example"))
    for adjective, plural, code, reason, example in table:
        patterns = [f"({adjective}) & {{people}}", f"({adjective}) {{shops}}"]
        patterns += [] if plural == "-" else [f"({plural})"]
        rows.append(Term(group=code, pattern="; ".join(patterns), kind="formal", reason=reason, example=example))
    for row in rows:
        if row.group not in GROUPS or row.kind not in KINDS:
            raise NotReady(f"Unknown group or kind in a term table: {row.group}, {row.kind}.")
    return tuple(rows)


@cache
def senses() -> tuple[Sense, ...]:
    """Return the senses in which a term means no group."""
    columns = ("code", "cancels", "pattern", "scope", "reason", "example")
    return tuple(
        Sense(
            group=code,
            cancels=tuple(cancels.split("/")),
            pattern=pattern,
            scope="sentence" if scope == "sentence" else "phrase",
            reason=reason,
            example=example,
        )
        for code, cancels, pattern, scope, reason, example in read_table("senses.tsv", columns)
    )


@cache
def _term_matcher() -> Matcher[str]:
    return Matcher((term.pattern, term.group) for term in terms())


@cache
def _sense_matcher() -> Matcher[Sense]:
    return Matcher((sense.pattern, sense) for sense in senses())


# "They" may stand for the group of the sentence before. "They" of an outlet's own readers cannot be told apart
# here, so what is carried is kept apart from what is named.
_ANAPHORS: tuple[str, ...] = (
    "they; them; their; theirs; themselves; they're; they've; they'll; they'd",
    "(these/those/such) (people/person/folk/families/men/women/children/individuals/groups/communities/workers)",
    "the (newcomers/group/families/new arrivals/arrivals/residents/community/men/women/youngsters/pupils/workers)",
    "(them/that/this/these) lot; their (kind/sort/lot); both (groups/communities)",
)


@cache
def _anaphor_matcher() -> Matcher[None]:
    return Matcher((pattern, None) for pattern in _ANAPHORS)


def find_mentions(text: str, *, offset: int = 0) -> tuple[Mention, ...]:
    """Return the groups `text` (one sentence) names, in order of their start.

    One stretch may name several groups ("single mothers on benefits"). Of two mentions of the same group, the longer
    one stays where one lies within the other.

    Args:
        text: One sentence or headline.
        offset: Added to every offset: where the sentence starts in its unit.
    """
    found = _term_matcher().find(text)
    if not found:
        return ()
    excluded = _sense_matcher().find(text)
    kept: list[tuple[int, int, str]] = []
    for match in sorted(found, key=lambda m: (m.start, -m.end)):
        start, end, group = match.start, match.end, match.payload
        if any(group == g and s <= start and end <= e for s, e, g in kept):
            continue
        first = text[start:end].casefold()
        if any(
            sense.payload.group == group
            and (sense.payload.scope == "sentence" or (sense.start < end and start < sense.end))
            and first.startswith(sense.payload.cancels)
            for sense in excluded
        ):
            continue
        kept.append((start, end, group))
    return tuple(
        Mention(group=group, start=start + offset, end=end + offset, text=text[start:end]) for start, end, group in kept
    )


def groups_of(mentions: tuple[Mention, ...]) -> tuple[str, ...]:
    """Return the codes of `mentions`, sorted, each once."""
    return tuple(sorted({mention.group for mention in mentions}))


def carried_groups(
    text: str, mentions: tuple[Mention, ...], before: tuple[str, ...], *, offset: int = 0
) -> tuple[str, ...]:
    """Return the groups of the sentence before that a "they" of this sentence may mean.

    Args:
        text: The sentence.
        mentions: What it names itself: a "they" after a group of its own means that group.
        before: Groups named or carried by the sentence before, in the same paragraph.
        offset: Where the sentence starts in its unit.
    """
    candidates = tuple(sorted(set(before) - _NEVER_CARRIED))
    if not candidates:
        return ()
    anaphors = _anaphor_matcher().find(text)
    if not anaphors:
        return ()
    own = [m.start - offset for m in mentions if m.group not in _NEVER_CARRIED]
    if own and min(own) < anaphors[0].start:
        return ()
    return candidates
