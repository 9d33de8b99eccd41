"""Whose words a sentence is: the outlet's own, a quotation, an indirect report, or a mixture.

* DIRECT: a quotation, or a quotation with nothing but its attribution.
* INDIRECT: reported and attributed without quotation marks ("X said that", "according to X").
* MIXED: quoted fragments inside the outlet's or an indirect report's words.
* OUTLET: everything else. Scare quotes (up to three words, nobody named as saying them) stay with the outlet, and so
  does an unattributed passive ("have been blamed"): codebook 9.
* HEADLINE: a headline that neither quotes nor attributes.

Verbs of saying, with their stance, are rows of `nlp/data/reporting_verbs.tsv`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, cast

from corpora.errors import NotReady
from corpora.records import Voice
from nlp.patterns import Match, Matcher, read_table

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

Stance = Literal["neutral", "distancing", "endorsing", "denying"]
STANCES: frozenset[str] = frozenset({"neutral", "distancing", "endorsing", "denying"})

Pieces = Sequence[tuple[int, int]]
"""Quoted stretches of a sentence, (start, end) in the sentence, marks included."""

_WORDS = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_ACCORDING = re.compile(
    r"\b(?:according to (?!plan\b|schedule\b|age\b|need\b|taste\b)|in the words of\b"
    r"|in \w+(?:'s|’s|s') (?:view|words)\b|as \w+ \w+ put it\b)",
    re.IGNORECASE,
)
_OWN = frozenset({"i", "we", "you"})
_SUBJECTS = frozenset({"nsubj", "csubj"})
_FURNITURE = re.compile(
    r"\(?(?:image|picture|photo|pic|video)s?\s?:|(?:read|see) (?:more|also|next|this)\b|sign up\b|subscribe\b"
    r"|advertise?ment\b|most (?:popular|read)\b|click here\b|related:|watch:|join the conversation",
    re.IGNORECASE,
)
"""Page furniture that extraction leaves between the sentences of a quotation."""
_SCARE_QUOTE_WORDS = 3
_CLAUSE_WORDS = 4
"""A quotation of fewer words is a fragment even after a colon."""
_MOSTLY = 0.8
"""Share of a sentence's words between quotation marks from which the sentence counts as a quotation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportingVerb:
    """One row of `reporting_verbs.tsv`."""

    verb: str
    forms: str
    stance: Stance
    takes: frozenset[str]
    """that: a clause; to: an infinitive; name: names what is quoted; quote: only beside a quotation."""
    example: str


@cache
def reporting_verbs() -> tuple[ReportingVerb, ...]:
    """Return the verbs of saying.

    Raises:
        NotReady: If the table is missing or names an unknown stance.
    """
    rows = read_table("reporting_verbs.tsv", ("verb", "forms", "stance", "takes", "example"))
    for row in rows:
        if row[2] not in STANCES:
            raise NotReady(f"reporting_verbs.tsv: unknown stance {row[2]}.")
    return tuple(
        ReportingVerb(
            verb=verb, forms=forms, stance=cast("Stance", stance), takes=frozenset(takes.split(",")), example=example
        )
        for verb, forms, stance, takes, example in rows
    )


@cache
def _verb_matcher() -> Matcher[ReportingVerb]:
    return Matcher((verb.forms, verb) for verb in reporting_verbs())


def find_verbs(sentence: str, quoted: Pieces = ()) -> list[Match[ReportingVerb]]:
    """Return forms of verbs of saying outside quotation marks; nouns that look alike are still among them."""
    return [
        m
        for m in _verb_matcher().find(sentence)
        if not any(s <= m.start < e for s, e in quoted)
        and sentence[max(0, m.start - 3) : m.start].lower() not in {"so ", "so-"}
    ]


def needs_parse(sentence: str, quoted: Pieces) -> bool:
    """Tell whether only a parse can say who speaks: a word of saying, and no quotation that already tells."""
    if quoted:
        return False
    return any("that" in m.payload.takes or "to" in m.payload.takes for m in find_verbs(sentence))


def sentence_voice(sentence: str, quoted: Pieces, doc: Doc | None = None) -> Voice:
    """Return the voice of one body sentence.

    Args:
        sentence: The sentence.
        quoted: Its quoted stretches.
        doc: Its parse where `needs_parse` asked for one.
    """
    if _FURNITURE.match(sentence):
        return "OUTLET"
    if not quoted:
        if _accords(sentence, ()) or (doc is not None and _is_attributed(doc, find_verbs(sentence))):
            return "INDIRECT"
        return "OUTLET"
    return _voice_of_quotation(sentence, quoted)


def _voice_of_quotation(sentence: str, quoted: Pieces) -> Voice:
    """Return the voice of a sentence that holds quotation marks."""
    inside = [_count(sentence[start:end]) for start, end in quoted]
    total = _count(sentence)
    if not total:
        return "DIRECT"
    if sum(inside) >= _MOSTLY * total:
        return "DIRECT"
    if not sum(inside):
        return "OUTLET"
    verbs = find_verbs(sentence, quoted)
    longest = max(range(len(quoted)), key=inside.__getitem__)
    piece = quoted[longest]
    after_colon = bool(verbs) and sentence[: piece[0]].rstrip().endswith(":")
    if (
        (inside[longest] >= _CLAUSE_WORDS or sum(inside) >= total / 2 or after_colon)
        and _is_introduced(sentence, piece, verbs)
        and not _reports_before(sentence, verbs, piece, quoted)
    ):
        return "DIRECT"
    attributed = bool(verbs) or _accords(sentence, quoted)
    return "MIXED" if attributed or sum(inside) > _SCARE_QUOTE_WORDS else "OUTLET"


def _count(text: str) -> int:
    return sum(1 for _ in _WORDS.finditer(text))


def _accords(sentence: str, quoted: Pieces) -> bool:
    return any(not any(s <= m.start() < e for s, e in quoted) for m in _ACCORDING.finditer(sentence))


def _is_introduced(sentence: str, piece: tuple[int, int], verbs: list[Match[ReportingVerb]]) -> bool:
    """Tell whether a quoted clause stands as someone's speech: after a colon or "said", or before "said X"."""
    before, after = sentence[: piece[0]].rstrip(), sentence[piece[1] :].lstrip(" ,.")
    if before.endswith(":"):
        return True
    inner = sentence[piece[0] : piece[1]].strip("\"“”‘’'` ")
    if before.endswith(",") and any(m.end >= len(before) - 60 for m in verbs):
        return inner[:1].isupper()
    if any(m.end >= len(before) - 1 and m.end <= piece[0] for m in verbs) and "name" not in _takes(verbs, len(before)):
        # 'saying "we will review the complaint"': a clause of its own, not 'said "extremely pleased"'
        return inner[:1].isupper() or bool(re.match(r"(?:i|we|it|they|he|she|you|there|this)\b", inner, re.IGNORECASE))
    if not _count(before):
        # the quotation opens the sentence: what follows must be its attribution, close by
        return any(m.start >= piece[1] and _count(sentence[piece[1] : m.start]) <= 6 for m in verbs) or (
            after.lower().startswith("according to")
        )
    return False


def _takes(verbs: list[Match[ReportingVerb]], position: int) -> frozenset[str]:
    near = [m.payload.takes for m in verbs if m.end <= position]
    return near[-1] if near else frozenset()


def _reports_before(sentence: str, verbs: list[Match[ReportingVerb]], piece: tuple[int, int], quoted: Pieces) -> bool:
    """Tell whether the unquoted part reports something itself ("He added that they were proud, saying: ...")."""
    for match in verbs:
        rest = sentence[match.end : piece[0]] if match.end < piece[0] else sentence[match.end :]
        if match.end < piece[0] and any(match.end <= s < piece[0] for s, _ in quoted):
            return True
        if re.match(r"\s+(?:\w+\s+){0,3}that\s", rest) and _count(rest) > 5:
            return True
    return False


def _is_attributed(doc: Doc, verbs: list[Match[ReportingVerb]]) -> bool:
    """Tell whether a verb of saying has both someone who says and something said."""
    for match in verbs:
        for token in doc:
            if token.idx < match.start:
                continue
            if token.idx >= match.end:
                break
            if token.tag_.startswith("VB") and token.dep_ not in {"amod", "compound"} and _speaks(token, match.payload):
                return True
            break
    return False


def _speaks(token: Token, verb: ReportingVerb) -> bool:
    children = list(token.children)
    deps = {child.dep_ for child in children}
    clause = "ccomp" in deps or token.dep_ == "parataxis"
    infinitive = "xcomp" in deps
    if not ((clause and verb.takes & {"that", "to"}) or ((infinitive or clause) and "to" in verb.takes)):
        return False
    if deps & {"nsubjpass", "auxpass"}:
        return "agent" in deps
    speaker = _subject(token)
    return speaker is not None and speaker.lower_ not in _OWN


def _subject(token: Token) -> Token | None:
    """Return the subject of a verb, its own or one it shares ("objected and said that")."""
    for _ in range(4):
        for child in token.children:
            if child.dep_ in _SUBJECTS:
                return child
        if token.dep_ == "acl":
            return token.head
        if token.dep_ not in {"conj", "advcl", "xcomp", "pcomp", "prep"} or token.head is token:
            return None
        if any(child.dep_ == "nsubjpass" for child in token.head.children) and token.dep_ == "conj":
            return next(child for child in token.head.children if child.dep_ == "nsubjpass")
        token = token.head
    return None


_HEADLINE_SAYING = re.compile(
    r"(?:[,:–—-]\s*|\s)(?:says?|said|claims?|warns?|tells?|insists?|admits?|reveals?|urges?|vows?|fears?|believes?"
    r"|demands?|blames?|slams?|calls? for|accord(?:ing|s) to|argues?|denies|deny|hits? (?:out|back))\b",
    re.IGNORECASE,
)
_HEADLINE_NOUN = re.compile(
    r"\b(?:claims?|fears?|demands?|warns?) (?:of|over|after|as|for|about|grow|rise)\b", re.IGNORECASE
)


def headline_voice(title: str, quoted: Pieces) -> Voice:
    """Return the voice of a headline: HEADLINE, or DIRECT or MIXED where it quotes or names who says it.

    Headlines use quotation marks as attributions ("Fury over 'blight' on seafront"), so even one quoted word counts.
    """
    inside = sum(_count(title[start:end]) for start, end in quoted)
    if inside:
        return "DIRECT" if inside >= _MOSTLY * _count(title) else "MIXED"
    if _accords(title, ()):
        return "MIXED"
    for match in _HEADLINE_SAYING.finditer(title):
        if not _HEADLINE_NOUN.search(title[match.start() : match.end() + 8]) and (
            match.start() > 0 and _count(title[match.end() :]) > 0
        ):
            return "MIXED"
    return "HEADLINE"
