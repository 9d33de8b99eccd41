"""What a verb of saying says, and who says it: the reported clause and the words for the speaker, from a parse.

A parse of newspaper English is right about the clause that a verb governs most of the time, and about the noun before
the verb nearly always; where it sees neither, `nlp.attribute` falls back on the order of the words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nlp.patterns import Match
from nlp.sayings import MAX_SAYINGS, Pieces, ReportingVerb, find_charges, find_verbs, is_quoted

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

OWN = frozenset({"i", "we", "you", "one", "youre", "im", "ive", "weve", "youve"})
"""Subjects whose saying is no attribution: the outlet's own writer, or nobody."""
_SUBJECTS = frozenset({"nsubj", "csubj"})
_RELATIVES = frozenset({"who", "which", "that"})
_QUESTIONS = frozenset({"who", "what", "nobody", "anyone", "anybody", "no-one"})
_ASKING = frozenset({"do", "does", "did"})
_SPEAK_TO = frozenset({"went", "goes", "go", "going", "continued", "continues", "spoke", "wrote", "written",
                       "come", "came", "returned"})  # fmt: skip
"""Verbs after which "to say" is an act: "went on to say"."""
_REFUSED = frozenset({"say", "said", "tell", "comment", "confirm", "reveal", "know", "explain", "disclose", "specify"})
_PERSONAL = frozenset(
    {"ask", "asks", "asked", "asking", "tell", "tells", "told", "telling", "urge", "urges", "urged", "urging", "advise",
     "advises", "advised", "order", "orders", "ordered", "want", "wants"}
)  # fmt: skip
_NOUN_PARTS = frozenset({"det", "poss", "amod", "nummod", "compound"})
_HEARS = frozenset({"hear", "hears", "heard"})
_SHOWS = frozenset({"show", "shows", "showed", "showing", "shown"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act of saying in a sentence."""

    start: int
    """Where its verb or phrase begins."""
    end: int
    content: tuple[int, int] | None
    """The clause or phrase that is said, None where only a quotation can be meant."""
    speaker: tuple[int, int] | None
    names: bool = False
    """True where it only names something ("described as"): a quotation in it is all that is said."""


def find_acts(sentence: str, doc: Doc, quoted: Pieces) -> list[Act]:
    """Return the acts of saying outside quotation marks, outermost only, in order.

    Args:
        sentence: The sentence.
        doc: Its parse; offsets are those of `sentence`.
        quoted: Its quoted stretches.
    """
    starts = [token.idx for token in doc]
    acts: list[Act] = []
    for match in find_verbs(sentence, quoted)[:MAX_SAYINGS]:
        token = _token_at(doc, starts, match.start)
        if token is not None and _is_verb(token):
            act = _act_of(token, match.end, match.payload, sentence, quoted)
            if act is not None:
                acts.append(act)
    for charge in find_charges(sentence, quoted)[:MAX_SAYINGS]:
        token = _token_at(doc, starts, charge.start)
        if token is not None and _is_verb(token):
            act = _charge_of(token, charge.end, charge.payload.link, sentence, quoted)
            if act is not None:
                acts.append(act)
    acts.sort(key=lambda act: act.start)
    return [a for a in acts if not any(_holds(b, a) for b in acts if b is not a)]


def _holds(outer: Act, inner: Act) -> bool:
    """Tell whether an act is said within another; an act that interrupts its own content holds what is in it."""
    content = outer.content
    if content is None or not content[0] <= inner.start < content[1]:
        return False
    back = inner.content
    return back is None or not back[0] <= outer.start < back[1] or outer.start < inner.start


def drop_others(matches: list[Match[ReportingVerb]], doc: Doc) -> list[Match[ReportingVerb]]:
    """Return the matches that the parse does not show to be nouns ("the show") or passives that name nobody."""
    starts = [token.idx for token in doc]
    kept = []
    for match in matches:
        token = _token_at(doc, starts, match.start)
        if token is None or not (_is_noun(token) or _is_unattributed(token)):
            kept.append(match)
    return kept


def _is_noun(token: Token) -> bool:
    return token.tag_[:2] in {"NN", "JJ"} and (
        token.dep_ in {"compound", "amod"} or any(c.dep_ in _NOUN_PARTS for c in token.children)
    )


def _is_unattributed(token: Token) -> bool:
    """Tell whether a verb is a passive that names nobody ("was shown at the hall")."""
    children = list(token.children)
    return any(c.dep_ == "auxpass" for c in children) and not any(c.dep_ in {"agent", "xcomp"} for c in children)


def _token_at(doc: Doc, starts: list[int], position: int) -> Token | None:
    i = bisect_left(starts, position)
    return doc[i] if i < len(starts) and starts[i] == position else None


def _is_verb(token: Token) -> bool:
    return token.tag_.startswith("VB") and token.dep_ not in {"amod", "compound"}


def _act_of(token: Token, end: int, verb: ReportingVerb, sentence: str, quoted: Pieces) -> Act | None:
    """Return the act of a verb of saying, None where it is none or is the writer's own."""
    children = list(token.children)
    if _is_unsaid(token, children, strong=verb.stance == "distancing"):
        return None
    if any(child.dep_ == "prt" and child.idx >= end for child in children):
        return None  # "wrote down what was short"
    content = _clause_of(token, children, verb.takes, sentence)
    if any(child.dep_ in {"nsubjpass", "auxpass"} for child in children):
        named = _agent(children)
        if named is None:
            return None
        return Act(start=token.idx, end=end, content=content, speaker=name_span(named, sentence, quoted))
    subject = subject_of(token)
    if subject is None or not _may_say(token, subject, children):
        return None
    if token.lower_ in _HEARS:
        # a court hears what somebody else says
        return Act(start=token.idx, end=end, content=content, speaker=None) if content is not None else None
    if content is None and "name" not in verb.takes:
        content = _quoted_object(children, quoted, sentence)
    return Act(start=token.idx, end=end, content=content, speaker=name_span(subject, sentence, quoted))


def _agent(children: list[Token]) -> Token | None:
    """Return who does it in a passive ("was told by the clerk")."""
    agent = next((child for child in children if child.dep_ == "agent"), None)
    return next((child for child in agent.children if child.dep_ == "pobj"), None) if agent is not None else None


def _may_say(token: Token, subject: Token, children: list[Token]) -> bool:
    """Tell whether a subject makes its verb an attribution: somebody other than the writer, and no question."""
    if subject.lower_ in OWN:
        return False
    if subject.lower_ in _QUESTIONS and subject.tag_ == "WP" and token.dep_ != "relcl":
        return False
    if token.lower_ in _SHOWS and token.dep_ in {"relcl", "acl"}:
        return False
    return not any(c.dep_ == "aux" and c.i < subject.i < token.i and c.lower_ in _ASKING for c in children)


def _quoted_object(children: list[Token], quoted: Pieces, sentence: str) -> tuple[int, int] | None:
    """Return the object of a verb where words of it are quoted ("claimed the "usual" costs")."""
    for child in children:
        if child.dep_ in {"dobj", "oprd", "attr"}:
            start, end = child.left_edge.idx, _edge(child)
            if any(s < end and e > start for s, e in quoted):
                return trim(sentence, start, end)
    return None


def _is_unsaid(token: Token, children: list[Token], *, strong: bool = False) -> bool:
    """Tell whether the verb says that something is not, or not yet, said ("refused to say", "if he says").

    A strong verb says it even as somebody's purpose ("took out an advertisement to insist").
    """
    if any(child.dep_ == "aux" and child.lower_ == "to" for child in children):
        head = token.head
        if strong and token.dep_ == "advcl":
            return False
        return head.lower_ not in _SPEAK_TO and not any(c.dep_ == "nsubjpass" for c in head.children)
    if any(child.dep_ == "mark" and child.lower_ in {"if", "unless"} for child in children):
        return True
    return token.lower_ in _REFUSED and any(child.dep_ == "neg" for child in children)


def _clause_of(token: Token, children: list[Token], takes: frozenset[str], sentence: str) -> tuple[int, int] | None:
    """Return the reported clause of a verb."""
    if not takes & {"that", "to"}:
        return None
    for child in children:
        if child.dep_ == "ccomp" and "to" not in takes and child.i > token.i and not _is_finite(child):
            continue  # "found someone standing there"
        if child.dep_ == "ccomp" or (child.dep_ in {"advcl", "relcl"} and _marked_that(child)):
            return _clause_span(token, child, sentence)
    for child in children:
        if child.dep_ == "xcomp" and ("to" in takes or child.tag_ in {"VBD", "VBZ", "VBP"}):
            return trim(sentence, child.left_edge.idx, _edge(child))
    return _clause_above(token, children, sentence)


def _clause_above(token: Token, children: list[Token], sentence: str) -> tuple[int, int] | None:
    """Return the clause that a verb hangs on as an aside ("The bridge, he says, will close")."""
    head = token.head
    first, last = head.left_edge.idx, _edge(head)
    own_start, own_end = token.left_edge.idx, _edge(token)
    if token.dep_ != "parataxis":
        behind = token.dep_ in {"ccomp", "advcl"} and head.i < token.i and head.tag_.startswith("VB")
        if not behind or own_end < last - 1 or any(c.dep_ in {"mark", "aux"} for c in children):
            return None
    if own_end >= last - 1:
        last = own_start
    elif own_start <= first:
        first = own_end
    return trim(sentence, first, last)


def _is_finite(token: Token) -> bool:
    if token.tag_ not in {"VBG", "VBN", "VB"}:
        return True
    return any(c.dep_ in {"aux", "auxpass", "mark"} and c.lower_ != "to" for c in token.children)


def _marked_that(token: Token) -> bool:
    return any(child.dep_ == "mark" and child.lower_ == "that" for child in token.children)


def _clause_span(token: Token, clause: Token, sentence: str) -> tuple[int, int] | None:
    first, last = clause.left_edge, clause.right_edge
    start, end = first.idx, last.idx + len(last)
    if clause.i < token.i:
        # "The bridge will close, the council said": what follows belongs to the attribution
        subject = next((c for c in token.children if c.dep_ in _SUBJECTS), None)
        stop = min(token.idx, subject.left_edge.idx) if subject is not None and subject.i > clause.i else token.idx
        return trim(sentence, start, min(end, stop) if end <= token.idx else end)
    marks = [c for c in clause.children if c.dep_ == "mark" and c.lower_ == "that" and c.idx < start + 12]
    if marks:
        start = max(start, marks[0].idx + len(marks[0]))
    elif token.lower_ in _PERSONAL:
        to = next((c for c in clause.children if c.dep_ == "aux" and c.lower_ == "to"), None)
        start = to.idx if to is not None else start
    start = max(start, token.idx + len(token))
    return trim(sentence, start, max(start, end))


def _charge_of(token: Token, end: int, link: frozenset[str], sentence: str, quoted: Pieces) -> Act | None:
    """Return the act of a verb of charging, with someone charged, someone who charges, and the charge."""
    children = list(token.children)
    if _is_unsaid(token, children):
        return None
    named = next((c for c in children if c.dep_ in {"dobj", "nsubjpass"}), None)
    links = [c for c in children if c.lower_ in link and c.i > token.i]
    if named is not None and not links:
        links = [c for c in named.children if c.lower_ in link and c.i > token.i]
    if not links and not ("-" in link and named is not None):
        return None
    if any(c.dep_ in {"nsubjpass", "auxpass"} for c in children) or (token.tag_ == "VBN" and token.dep_ == "acl"):
        who = _agent(children)
        start = links[0].idx if links else end
    else:
        who = subject_of(token)
        start = end
    if who is None or who.lower_ in OWN:
        return None
    if links and not sentence[start : links[0].idx].strip():
        start = _edge_of(links[0])
    parts = [*links, *([named] if named is not None and named.i > token.i else [])]
    if not parts:  # a name without a charge ("Whom they branded ...")
        return None
    content = trim(sentence, start, max(_edge(part) for part in parts))
    return Act(
        start=token.idx,
        end=end,
        content=content,
        speaker=name_span(who, sentence, quoted),
        names="as" in link or "-" in link,
    )


def subject_of(token: Token) -> Token | None:
    """Return the subject of a verb, its own or one it shares ("objected and said that")."""
    first = token
    for _ in range(4):
        for child in token.children:
            if child.dep_ in _SUBJECTS:
                if child.lower_ in _RELATIVES and token.dep_ == "relcl" and child.tag_ in {"WP", "WDT"}:
                    return token.head
                return child
        if token.dep_ == "acl":
            return token.head
        if token.dep_ not in {"conj", "advcl", "xcomp", "pcomp", "prep", "ccomp"} or token.head is token:
            return None
        passive = [child for child in token.head.children if child.dep_ == "nsubjpass"]
        if passive and token.dep_ in {"conj", "xcomp", "advcl"}:
            return passive[0]
        if token.dep_ == "ccomp" and token is not first:
            return None
        token = token.head
    return None


def _edge_of(token: Token) -> int:
    return token.idx + len(token)


def _edge(token: Token) -> int:
    last = token.right_edge
    return last.idx + len(last)


def name_span(token: Token, sentence: str, quoted: Pieces = ()) -> tuple[int, int] | None:
    """Return the words that name a speaker: the noun with what describes it, without a relative clause."""
    start, end = token.left_edge.idx, _edge(token)
    for child in token.children:
        if child.i < token.i and child.dep_ in {"punct", "cc", "advmod", "mark"} and child.left_edge.idx == start:
            start = _edge(child)
    for child in token.subtree:
        if child.i > token.i and child.dep_ in {"relcl", "advcl", "parataxis"} and child.left_edge.idx < end:
            end = max(token.idx + len(token), child.left_edge.idx)
    for piece_start, piece_end in quoted:
        if piece_end <= token.idx:
            start = max(start, piece_end)
        elif piece_start > token.idx:
            end = min(end, piece_start)
    if is_quoted(token.idx, quoted):
        return None
    return trim(sentence, start, end)


_OPENERS = re.compile(r"[\s,;:.!?–—-]*")


def trim(sentence: str, start: int, end: int) -> tuple[int, int] | None:
    """Return a stretch without blanks and stops at its ends, None where nothing is left."""
    while end > start and (sentence[end - 1].isspace() or sentence[end - 1] in ".,;:!?–—-"):
        end -= 1
    opener = _OPENERS.match(sentence, start, end)
    start = opener.end() if opener else start
    return (start, end) if end > start else None
