"""Which social groups a sentence names, and which it may carry over from the sentence before.

Terms come from two tables in `nlp/data`: `groups.tsv` (terms) and `nationalities.tsv` (adjectives that need a word for
people beside them: a Polish family is people, a Polish sausage is not; the words for people are in `people.tsv`).
`senses.tsv` says what the same words mean when they mean no group at all. Finding a term says what the text names. It
says nothing about any person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, get_args

from corpora.errors import NotReady
from nlp.names import first_names
from nlp.patterns import Match, Matcher, read_table

GROUPS: tuple[str, ...] = (
    "MIG_ASY", "REF", "EUM", "MUS", "JEW", "OFA", "BLK", "SAS", "EAS", "GRT", "DIS", "BEN", "HML", "LGB", "TRA",
    "WOM", "YNG", "OLD", "OUT", "OTHER", "ALL", "ELITE",
)  # fmt: skip
"""The closed list of codebook 4.1. ALL counts for shared_story only, ELITE for the vertical axis only."""

KINDS: frozenset[str] = frozenset({"formal", "colloquial", "headlinese", "dialect", "hostile"})
_NEVER_CARRIED = frozenset({"ALL", "ELITE"})

Scope = Literal["phrase", "sentence", "keeps", "needs"]
ANY = "*"
"""In `senses.tsv`: every group, or every mention of a group."""


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
    origin: bool = False
    """True where the term is a nationality."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sense:
    """One row of `senses.tsv`: what it says of a mention of `group` that starts with one of `cancels`."""

    group: str
    cancels: tuple[str, ...]
    pattern: str
    scope: Scope
    """phrase: a mention that overlaps the match falls; sentence: any in the same sentence falls, unless a row of
    scope keeps matches; needs: a mention falls where none of these rows matches in the sentence. Rows of scope needs
    bind capitals in `cancels`."""
    reason: str
    example: str


@cache
def terms() -> tuple[Term, ...]:
    """Return all terms, nationalities included.

    Raises:
        NotReady: If a table is missing or names an unknown group or kind.
    """
    columns = ("code", "pattern", "kind", "reason", "example")
    rows = [
        Term(group=group, pattern=pattern, kind=kind, reason=reason, example=example)
        for group, pattern, kind, reason, example in read_table("groups.tsv", columns)
    ]
    table = read_table("nationalities.tsv", ("adjective", "plural", "code", "reason", "example"))
    for adjective, plural, code, reason, example in table:
        patterns = [f"({adjective}) & {{people}}", f"({adjective}) {{shops}}"]
        patterns += [] if plural == "-" else [f"({plural})", f"(a/an) ({adjective})"]
        patterns.append(f"({_people()['subjects']}) (is/are/was/were) [all/mostly/mainly/both/now/also] ({adjective})")
        pattern = "; ".join(patterns)
        rows.append(Term(group=code, pattern=pattern, kind="formal", reason=reason, example=example, origin=True))
    rows = [_with_people(row) for row in rows]
    for row in rows:
        if row.group not in GROUPS or row.kind not in KINDS:
            raise NotReady(f"Unknown group or kind in a term table: {row.group}, {row.kind}.")
    return tuple(rows)


@cache
def senses() -> tuple[Sense, ...]:
    """Return the senses in which a term means no group.

    Raises:
        NotReady: If the table is missing or names an unknown scope.
    """
    found = []
    columns = ("code", "cancels", "pattern", "scope", "reason", "example")
    for code, cancels, pattern, scope, reason, example in read_table("senses.tsv", columns):
        if scope not in get_args(Scope) or (code not in GROUPS and code != ANY):
            raise NotReady(f"Unknown group or scope in senses.tsv: {code}, {scope}.")
        known: Scope = scope  # type: ignore[assignment]  # one of the scopes, as just checked
        starts = tuple(_written_out(cancels).strip("()").split("/"))
        whole = _written_out(pattern)
        found.append(Sense(group=code, cancels=starts, pattern=whole, scope=known, reason=reason, example=example))
    return tuple(found)


@cache
def _people() -> Mapping[str, str]:
    """Return the lists of `people.tsv`, each as one part of a pattern."""
    lists: dict[str, list[str]] = {}
    for name, words, _reason in read_table("people.tsv", ("list", "words", "reason")):
        lists.setdefault(name, []).extend(words.replace(" ", "-").split(",-"))
    return {name: "/".join(words) for name, words in lists.items()}


def _written_out(pattern: str) -> str:
    """Return the pattern of a sense with the lists of `people.tsv` that it names written out."""
    for name, words in _people().items():
        known = "{people}/" if name == "people" else ""  # the list of words.tsv goes on in people.tsv
        pattern = pattern.replace("{" + name + "}", f"({known}{words})")
    return pattern


def _with_people(term: Term) -> Term:
    """Return the term with the words for people written out, and those that may stand before them."""
    lists = _people()
    pattern = term.pattern
    if not term.origin:
        pattern = pattern.replace("{players}", f"{{people}}/{lists['players']}")
    pattern = pattern.replace("& {people}", f"& [{lists['between']}] [{lists['between']}] {{people}}")
    pattern = pattern.replace("{people}", f"{{people}}/{lists['people']}")
    return replace(term, pattern=pattern)


@cache
def _term_matcher() -> Matcher[Term]:
    return Matcher((term.pattern, term) for term in terms())


@cache
def _sense_matcher() -> Matcher[Sense]:
    return Matcher((sense.pattern, sense) for sense in senses())


@cache
def _needing() -> frozenset[tuple[str, str]]:
    """Return (group, how the mention starts) of the mentions that need something else in their sentence."""
    return frozenset((sense.group, start) for sense in senses() if sense.scope == "needs" for start in sense.cancels)


# An adjective that names a group only where no noun follows: "the elderly", not "the elderly car".
_NOMINAL = re.compile(
    r"the(?:\W+long\W+term)?\W+(?:elderly|disabled|handicapped|blind|deaf|homeless|jobless|workless|unemployed|poor|"
    r"poorest|needy|mentally\W+ill|old|young|retired|aged|well\W+off|chinese|powerful)|"
    r"(?:is|was|are|were|being|be|if|because|as|young)\W+black",
    re.IGNORECASE,
)
_NEXT_WORD = re.compile(r"\s+([^\W_]+(?:['’‘][^\W_]+)*)")


@cache
def _after_nominals() -> frozenset[str]:
    return frozenset(_people()["after"].split("/"))


_ARTICLE = re.compile(r"an?\W", re.IGNORECASE)
# "Most of the pickers are Romanian", but not "they are Romanian wines".
_SAID_OF = re.compile(r"\w+\W+(?:is|are|was|were)\b", re.IGNORECASE)


def _stands_alone(text: str, match: Match[Term]) -> bool:
    """Whether a mention is more than an adjective whose noun follows."""
    start, end = match.start, match.end
    if match.payload.origin and _ARTICLE.match(text, start):
        if text[start:end].islower():
            return False  # "gave it a polish and left"
    elif not (match.payload.origin and _SAID_OF.match(text, start)) and not _NOMINAL.fullmatch(text, start, end):
        return True
    following = _NEXT_WORD.match(text, end)
    return following is None or following[1].casefold().replace("’", "'") in _after_nominals()


_TITLED = re.compile(
    r"\b(?:M[rsx]|Mrs|Miss|Dr|Prof|Professor|Sir|Dame|Lord|Lady|Cllr|Councillor|Revd?|Fr|PC|PCSO|D[CSI]|DCI|Sgt|Insp"
    r"|Inspector|Supt|Sergeant|Capt|Captain|Col|Judge|Justice|Coun|Canon|Alderman|Baroness)\.?\s+$"
)
_CHRISTENED = re.compile(
    r"(?:\b(?:named|nicknamed|titled|entitled|dubbed|christened)"
    r"|\b(?:dog|cat|pony|horse|mare|boat|barge|yacht|ship|band|group|play|film|musical|song|novel|book|show|album|ale|"
    r"beer|pub|parrot|goat|cow|bull|hen|puppy|kitten|tortoise|rose|cocktail|locomotive|duo|trio)\s+called)"
    r"\s+[\"'“‘]?(?:[Tt]he\s+)?$"
)
_PLACE = re.compile(
    r"(?:['’]s?)?\s+(?:Inn|Arms|Tavern|Hotel|Rest|Lane|Street|Road|Close|Avenue|Drive|Hill|Wood|Woods|Farm|Cottage|"
    r"Terrace|Row|Crescent|Grove|Corner|Bridge|Green|Mews|Way|Gate|Walk|Fields?|Head|Hole|Brook|Beck|Point|Rock|Stakes|"
    r"Handicap|Hurdle|Cup|Trophy|Records|Ales?|Brewery|Queen|King|Oak|Cove|Bay|A?FC|RFC|CC|Friars)\b"
)
_SURNAMES = frozenset({"black", "young", "gay", "french", "english", "irish", "german", "poor", "blind", "pole", "jain",
                       "islam", "imam", "banks", "tramp", "elder", "moor", "boss", "pagan", "holland"})  # fmt: skip
_ALSO_WORDS = frozenset({"will", "may", "mark", "grace", "hope", "sue", "rob", "bill", "grant", "drew", "pat", "don"})
# "The Outsiders is on at the Regal": a plural that is one thing is its name.
_ONE_THING = re.compile(r"\s+(?:is|was|has|tells|stars|tours|opens|reopens|returns|serves|hosts)\b")
_PLURAL = re.compile(r"(?:\w+\W+)?\w*(?:s|[Mm]en)")
# With a capital in running text these are names, unless a body or a feast of the group follows.
_PROPER = re.compile(
    r"(?:Gay\b|(?<!^The )(?:[IE]m+igrant|Migrant|Refugee|Foreigner|Stowaway|Deportees?|Cripple|Tramps?|Beggars?|"
    r"Vagrants?|Junkie|Addict|Outsiders|Newcomers|Settlers|Youngsters|Pensioners?)\b|(?:Romany|Quaker(?:['’]s)?|Travellers|Romani)(?=\s+[A-Z]))"
    r"(?!\s+(?:Council|Movement|Association|Society|Community|Centre|Times|Roma|Traveller|Gypsy|Site|Pride|Men|Women|"
    r"People|Rights|Village|Christian|History|Liaison|Lives|Meeting|Journey|Couples?|Marriage|Outdoor|Games|Week|Day|Action|Support|Forum|"
    r"Network|Charity|Welcome|Project|Team|Hub|Service|Help|Advice|Workers?|Convention|Party))"
)
# "Gypsy, a ten-year-old cob", "Women, a new play by Ann Lee", "Roma the labrador"
_APPOSED = re.compile(
    r"(?:,\s+an?|\s+the)\s+(?:[\w'’-]+\s+){0,3}(?:film|novel|play|musical|song|album|painting|poem|opera|comedy|drama|thriller"
    r"|cob|mare|gelding|pony|horse|dog|cat|labrador|collie|lurcher|terrier|spaniel|yacht|barge|narrowboat|pub|band)\b"
)
_WORD_BEFORE = re.compile(r"([A-Z][\w'’-]*)\s+$")


def _is_a_name(text: str, start: int, end: int) -> bool:
    """Whether a mention with a capital is a surname, a street, a pub or what something was christened."""
    if not text[start].isupper() or text.isupper():
        return False
    before = text[max(0, start - 40) : start]
    if _ONE_THING.match(text, end) and before.endswith("The ") and _PLURAL.fullmatch(text, start, end):
        return True
    if (
        (text[start:end].isalpha() and _APPOSED.match(text, end))
        or _PLACE.match(text, end)
        or _TITLED.search(before)
        or _CHRISTENED.search(before)
    ):
        return True
    running = len(re.findall(r"\b[A-Z]", text)) * 2 < len(text.split())
    if running and start > 0 and _PROPER.match(text, start) and re.search(r"(?:\w,?|['’]s) $", before):
        return not re.search(r"(?:Lesbian|Bisexual|Trans|LGBT\w*|Gypsy|Roma),? (?:and )?$", before)
    given = _WORD_BEFORE.search(before)
    first = re.split(r"\W", text[start:end], maxsplit=1)[0].casefold()
    if given is None or first not in _SURNAMES or given[1].casefold() in _ALSO_WORDS:
        return False
    return given[1].casefold() in first_names()


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
    one stays where one lies within the other. Where a nationality stands before "migrants" or "refugees", the stretch
    names one group: Polish migrants are EU migrants, Syrian asylum seekers are asylum seekers.

    Args:
        text: One sentence or headline.
        offset: Added to every offset: where the sentence starts in its unit.
    """
    return tuple(
        Mention(
            group=m.payload.group, start=m.start + offset + at, end=m.end + offset + at, text=piece[m.start : m.end]
        )
        for at, piece in _pieces(text)
        for m in _find_in_piece(piece)
    )


_PIECE = 3_000
"""No sentence is this long; what is longer is read in pieces, so that time grows with length and not faster."""


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Yield (where it starts, stretch) of what is read at once, cut between words where there are any."""
    at = 0
    while at < len(text):
        end = at + _PIECE
        if end < len(text):
            end = max(text.rfind(" ", at, end), text.rfind("\n", at, end)) + 1 or end
        yield at, text[at:end]
        at = end


def _find_in_piece(text: str) -> list[Match[Term]]:
    found = _term_matcher().find(text)
    if not found:
        return []
    excluded = _sense_matcher().find(text)
    kept: list[Match[Term]] = []
    reaches: dict[str, int] = {}
    for match in sorted(found, key=lambda m: (m.start, -m.end)):
        group = match.payload.group
        if match.end <= reaches.get(group, 0):
            continue
        if not _stands_alone(text, match) or _is_a_name(text, match.start, match.end):
            continue
        if _means_nobody(text, match, excluded):
            continue
        reaches[group] = match.end
        kept.append(match)
    exact = [match for match in kept if match.payload.group in _EXACT]
    return [match for match in kept if not any(_says_more(text, other, match) for other in exact)]


def _means_nobody(text: str, match: Match[Term], excluded: list[Match[Sense]]) -> bool:
    """Whether a sense takes a mention out."""
    group, written = match.payload.group, text[match.start : match.end]
    first = written.casefold().replace("’", "'")
    taken_out = kept = met = False
    for found in excluded:
        sense = found.payload
        if sense.group not in (group, ANY):
            continue
        if sense.scope == "needs":
            met = met or written.startswith(sense.cancels)
        elif sense.cancels != (ANY,) and not first.startswith(sense.cancels):
            continue
        elif sense.scope == "phrase":
            if found.start < match.end and match.start < found.end:
                return True
        elif sense.scope == "keeps":
            kept = True
        else:
            taken_out = True
    if taken_out and not kept:
        return True
    return not met and any(group == code and written.startswith(start) for code, start in _needing())


_MOVED = frozenset({"MIG_ASY", "REF"})
_EXACT = _MOVED | {"EUM", "GRT"}
# What a sentence that names EU migrants calls them besides. Asylum and irregular routes are said of other people.
_GENERIC = re.compile(
    r"(?:im|e)?migra(?:nt|tion)|foreign(?!\W+(?:born|criminal|offender))|(?:new|recent)\W+arrival|overseas|"
    r"(?:people|those|families)\W+(?:who|coming)",
    re.IGNORECASE,
)


def _says_more(text: str, match: Match[Term], other: Match[Term]) -> bool:
    """Whether `match` says of the same people what `other` says less exactly."""
    mine, theirs = match.payload.group, other.payload.group
    if mine == theirs or theirs not in _MOVED:
        return False
    if mine == "EUM" and theirs == "MIG_ASY" and not other.payload.origin and _GENERIC.match(text, other.start):
        return text[match.start : match.start + 4].casefold() != "free"  # "Poles came, and immigration was debated"
    if mine in ("EUM", "GRT") and theirs == "MIG_ASY":  # "Polish migrants", "Roma migrants"
        return match.start <= other.start and other.end <= match.end
    # "Syrian asylum seekers", "Sudanese refugees": the noun tells
    within = other.start < match.start and match.end == other.end
    return within and other.payload.origin and not match.payload.origin and mine in _MOVED


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
    anaphors = _anaphor_matcher().find(text) if candidates else []
    if not anaphors:
        return ()
    own = [m.start - offset for m in mentions if m.group not in _NEVER_CARRIED]
    return () if own and min(own) < anaphors[0].start else candidates
