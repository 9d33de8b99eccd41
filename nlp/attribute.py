"""Whose words a sentence is, which of its words are attributed, and which name who says them.

* DIRECT: a quotation, or a quotation with nothing but its attribution.
* INDIRECT: reported and attributed without quotation marks ("X said that", "according to X", "X accused Y of").
* MIXED: quoted fragments inside the outlet's or an indirect report's words.
* OUTLET: everything else. Scare quotes (up to three words, nobody named as saying them) stay with the outlet, and so
  does an unattributed passive ("have been blamed"): codebook 9.
* HEADLINE: a headline that neither quotes nor attributes.

A parse (`nlp.contents`) finds the clause and the speaker; the order of the words (`nlp.wordorder`) stands in where
there is no parse or where the parser was lost, as it is in archives without capitals and commas.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpora.records import Voice
from nlp.attributions import Attribution
from nlp.contents import Act, drop_others, find_acts, trim
from nlp.patterns import Match
from nlp.sayings import (
    WORDS,
    Pieces,
    ReportingVerb,
    according_to,
    count_words,
    find_charges,
    find_nouns,
    find_verbs,
    is_quoted,
)
from nlp.wordorder import act_according, acts_by_order, nominal_act, speaker_beside

if TYPE_CHECKING:
    from spacy.tokens import Doc

_FURNITURE = re.compile(
    r"\(?(?:image|picture|photo|pic|video)s?\s?:|(?:read|see) (?:more|also|next|this)\b|sign up\b|subscribe\b"
    r"|advertise?ment\b|most (?:popular|read)\b|click here\b|related:|watch:|join the conversation",
    re.IGNORECASE,
)
"""Page furniture that extraction leaves between the sentences of a quotation."""
_SCARE_QUOTE_WORDS = 3
_CLAUSE_WORDS = 4
"""A quotation of fewer words is a fragment even after a colon."""
_EMPTY = re.compile(r"(?:so|(?:i|he|she|it|they|we|you|there)\s+\w+)", re.IGNORECASE)
"""What says nothing that could be attributed ("as good as he thinks he is")."""
_MOSTLY = 0.8
"""Share of a sentence's words between quotation marks from which the sentence counts as a quotation."""
_ARTICLE = re.compile(r"(?:^|\s)((?:an?|the|his|her|their|its|being|as being|so)\s+)$", re.IGNORECASE)
_STOPPED = re.compile(r"[,.!?][\"”’'»]{1,2}$")
"""A quotation that ends in its own stop is speech, however short."""
_MARKS = "\"“”‘’'`«»"


def needs_parse(sentence: str, quoted: Pieces) -> bool:
    """Tell whether a parse can add to what the marks alone tell: a word of saying, or a quotation."""
    if quoted and sum(end - start for start, end in quoted) >= len(sentence.rstrip()):
        return False
    return bool(quoted or find_verbs(sentence) or find_charges(sentence) or find_nouns(sentence))


def attribute(sentence: str, quoted: Pieces, doc: Doc | None = None) -> Attribution:
    """Return whose words one body sentence holds.

    Args:
        sentence: The sentence.
        quoted: Its quoted stretches; they may have begun before it and may end after it.
        doc: Its parse where `needs_parse` asked for one; its offsets must be those of `sentence`.
    """
    if _FURNITURE.match(sentence):
        return Attribution(voice="OUTLET")
    acts: list[Act] = []
    verbs = find_verbs(sentence, quoted)
    if doc is not None and len(doc.text) == len(sentence):
        verbs = drop_others(verbs, doc)
        acts = find_acts(sentence, doc, quoted)
    acts = acts_by_order(sentence, quoted, acts, verbs)
    if not any(count_words(sentence[start:end]) for start, end in quoted):
        if quoted and not count_words(sentence):
            return Attribution(voice="DIRECT", content=(quoted[0][0], quoted[-1][1]))
        return _reported(sentence, acts)
    return _quoting(sentence, quoted, acts, verbs)


def _reported(sentence: str, acts: list[Act], quoted: Pieces = ()) -> Attribution:
    """Return the attribution of a sentence without quotation marks."""
    main = _main_act([act for act in acts if act.content is not None])
    if main is None:
        main = act_according(sentence, quoted) or nominal_act(sentence, quoted)
    if main is None or main.content is None:
        return Attribution(voice="OUTLET")
    if _EMPTY.fullmatch(sentence, *main.content):
        return Attribution(voice="OUTLET")
    return Attribution(voice="INDIRECT", content=_mended(sentence, main.content), speaker=main.speaker)


_GOES_ON = re.compile(
    r"\s+(?:and\s+(?:has|have|had|was|were|is|are|would|will|could|should|may|might|must|did|not|then|also|that|to"
    r"|\w+ed)|the|he|she|it|they|an?|this|these|there)\b",
    re.IGNORECASE,
)
_GIVES_UP = re.compile(
    r",?\s+(?:but|and|although|though)\s+(?:(?:could|would|did|has|had|was|is)\s*(?:not|n['’]t)\b|declined\b|refused\b"
    r"|was unable\b)",
    re.IGNORECASE,
)


def _mended(sentence: str, content: tuple[int, int]) -> tuple[int, int]:
    """Return a reported clause where a parse cut it short, or let it run into what is no longer reported."""
    start, end = content
    stop = _GIVES_UP.search(sentence, start, end)
    if stop is not None and find_verbs(sentence[stop.end() : end]):
        return start, stop.start()
    if _GOES_ON.match(sentence, end) and not find_verbs(sentence[end:]):
        rest = trim(sentence, end, len(sentence))
        end = rest[1] if rest is not None else end
    return start, end


def _main_act(acts: list[Act]) -> Act | None:
    """Return the act with most said in it, together with what the same speaker goes on to say."""
    if not acts:
        return None
    first = max(acts, key=_length)
    contents = [act.content for act in acts if act.content is not None and act.speaker == first.speaker]
    if not contents:
        return None
    whole = (min(start for start, _ in contents), max(end for _, end in contents))
    return Act(start=first.start, end=first.end, content=whole, speaker=first.speaker)


def _length(act: Act) -> int:
    return act.content[1] - act.content[0] if act.content is not None else 0


def _quoting(sentence: str, quoted: Pieces, acts: list[Act], verbs: list[Match[ReportingVerb]]) -> Attribution:
    """Return the attribution of a sentence that holds quotation marks with words between them."""
    voice = _voice_of_quotation(sentence, quoted, verbs, acts)
    if voice == "OUTLET":
        return _reported(sentence, acts, quoted)
    around = _quoted_part(sentence, quoted, verbs) if voice == "DIRECT" else (quoted[0][0], quoted[-1][1])
    act = _act_beside(acts, around)
    speaker = act.speaker if act is not None else None
    if speaker is None:
        speaker = speaker_beside(sentence, quoted, verbs, around)
    if voice == "DIRECT":
        return Attribution(voice=voice, content=around, speaker=speaker)
    said = _main_act([a for a in acts if a.content is not None and not a.names])
    if said is not None and said.content is not None:
        start, end = _mended(sentence, said.content)
        inside = [(s, e) for s, e in quoted if s < end and e > start]
        if not inside and all(count_words(sentence[s:e]) <= _SCARE_QUOTE_WORDS for s, e in quoted):
            return Attribution(voice="INDIRECT", content=said.content, speaker=said.speaker)
        if inside or act is None:
            for s, e in inside:
                start, end = min(start, s), max(end, e)
            return Attribution(voice=voice, content=(start, end), speaker=said.speaker or speaker)
    article = _ARTICLE.search(sentence, max(0, around[0] - 12), around[0])
    start = around[0] if article is None else article.start(1)
    return Attribution(voice=voice, content=(start, around[1]), speaker=speaker)


def _act_beside(acts: list[Act], around: tuple[int, int]) -> Act | None:
    """Return the act whose verb stands nearest to a quotation."""
    named = [act for act in acts if act.speaker is not None]
    return min(named, key=lambda a: min(abs(a.end - around[0]), abs(a.start - around[1])), default=None)


def _quoted_part(sentence: str, quoted: Pieces, verbs: list[Match[ReportingVerb]]) -> tuple[int, int]:
    """Return a quotation from its first mark to its last, without what was quoted before it was introduced."""
    longest = max(quoted, key=lambda piece: piece[1] - piece[0])
    before = sentence[: longest[0]].rstrip()
    start = quoted[0][0]
    if before.endswith(":") and any(m.end <= longest[0] for m in verbs):
        start = longest[0]
    return start, quoted[-1][1]


def _voice_of_quotation(sentence: str, quoted: Pieces, verbs: list[Match[ReportingVerb]], acts: list[Act]) -> Voice:
    """Return the voice of a sentence that holds quotation marks."""
    inside = [count_words(sentence[start:end]) for start, end in quoted]
    if sum(inside) >= _MOSTLY * count_words(sentence):
        return "DIRECT"
    longest = max(range(len(quoted)), key=inside.__getitem__)
    piece = quoted[longest]
    after_colon = bool(verbs) and sentence[: piece[0]].rstrip().endswith(":")
    if (
        (
            inside[longest] >= _CLAUSE_WORDS
            or sum(inside) >= count_words(sentence) / 2
            or after_colon
            or (not sentence[: piece[0]].strip() and _STOPPED.search(sentence[slice(*piece)]) is not None)
        )
        and _is_introduced(sentence, piece, verbs)
        and not _reports_before(sentence, verbs, piece, quoted)
    ):
        return "DIRECT"
    attributed = bool(verbs) or bool(acts) or according_to(sentence, quoted) is not None
    return "MIXED" if attributed or sum(inside) > _SCARE_QUOTE_WORDS else "OUTLET"


def _is_introduced(sentence: str, piece: tuple[int, int], verbs: list[Match[ReportingVerb]]) -> bool:
    """Tell whether a quoted clause stands as someone's speech: after a colon or "said", or before "said X"."""
    before, after = sentence[: piece[0]].rstrip(), sentence[piece[1] :].lstrip(" ,.")
    if before.endswith(":"):
        return True
    inner = sentence[piece[0] : piece[1]].strip(_MARKS + " ")
    if before.endswith(",") and any(m.end >= len(before) - 60 for m in verbs):
        return inner[:1].isupper()
    if any(m.end >= len(before) - 1 and m.end <= piece[0] for m in verbs) and "name" not in _takes(verbs, len(before)):
        # 'saying "we will review the complaint"': a clause of its own, not 'said "extremely pleased"'
        return inner[:1].isupper() or bool(re.match(r"(?:i|we|it|they|he|she|you|there|this)\b", inner, re.IGNORECASE))
    if not count_words(before):
        # the quotation opens the sentence: what follows must be its attribution, close by
        return any(m.start >= piece[1] and count_words(sentence[piece[1] : m.start]) <= 6 for m in verbs) or (
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
        if re.match(r"\s+(?:\w+\s+){0,3}that\s", rest) and count_words(rest) > 5:
            return True
    return False


_HEADLINE_SAYING = re.compile(
    r"([,:–—-]\s*|\s)((?:says?|said|claims?|warns?|tells?|insists?|admits?|reveals?|urges?|vows?|fears?|believes?"
    r"|demands?|blames?|slams?|calls? for|accord(?:ing|s) to|argues?|denies|deny|hits? (?:out|back))\b)",
    re.IGNORECASE,
)
_HEADLINE_NOUN = re.compile(
    r"\b(?:claims?|fears?|demands?|warns?) (?:of|over|after|as|for|about|grow|rise)\b", re.IGNORECASE
)
_HEADLINE_NAME = re.compile(r"\s*[:–—-]\s*((?:[^\s:;,.]+\s?){1,5})$")
_SPEAKER_WORDS = 8


def attribute_headline(title: str, quoted: Pieces) -> Attribution:
    """Return whose words a headline is: HEADLINE, or DIRECT or MIXED where it quotes or names who says it.

    Headlines use quotation marks as attributions ("Fury over 'blight' on seafront"), so even one quoted word counts.
    """
    inside = sum(count_words(title[start:end]) for start, end in quoted)
    verb = _headline_verb(title, quoted)
    named = _headline_content(title, verb, quoted) if verb is not None else None
    if inside:
        voice: Voice = "DIRECT" if inside >= _MOSTLY * count_words(title) else "MIXED"
        speaker = named.speaker if named is not None else None
        name = _HEADLINE_NAME.match(title, quoted[-1][1])
        if speaker is None and name is not None:
            speaker = trim(title, *name.span(1))
        return Attribution(voice=voice, content=(quoted[0][0], quoted[-1][1]), speaker=speaker)
    according = act_according(title)
    if according is not None:
        return Attribution(voice="MIXED", content=according.content, speaker=according.speaker)
    if named is not None:
        return Attribution(voice="MIXED", content=named.content, speaker=named.speaker)
    return Attribution(voice="HEADLINE")


def _headline_verb(title: str, quoted: Pieces) -> re.Match[str] | None:
    for match in _HEADLINE_SAYING.finditer(title):
        noun = _HEADLINE_NOUN.search(title[match.start() : match.end() + 8])
        if noun is not None or match.start() == 0 or is_quoted(match.start(2), quoted):
            continue
        if WORDS.search(title, match.end()):
            return match
    return None


def _headline_content(title: str, verb: re.Match[str], quoted: Pieces) -> Act:
    """Return what a headline's verb of saying says: what is before it where its speaker follows, else what follows."""
    before, after = (0, verb.start()), (verb.end(), len(title))
    inverted = bool(verb[1].strip()) or any(end == verb.start() for _, end in quoted)
    content, speaker = (before, after) if inverted else (after, before)
    named = trim(title, *speaker) if count_words(title[slice(*speaker)]) <= _SPEAKER_WORDS else None
    return Act(start=verb.start(2), end=verb.end(2), content=trim(title, *content), speaker=named)
