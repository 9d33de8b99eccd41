"""What the order of the words tells of who says what, where a parser is missing or lost.

Newspaper English attributes in few ways: a speaker and a verb before the clause, both behind it, or "according to".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlp.contents import OWN, Act, trim
from nlp.patterns import Match
from nlp.sayings import (
    MAX_SAYINGS,
    ChargeVerb,
    Pieces,
    ReportingVerb,
    according_to,
    count_words,
    find_charges,
    find_nouns,
)

_NAME = 90
"""Characters that the words for a speaker may take."""
_AUX = (
    r"(?:(?:has|have|had|is|was|were|are|will|would|did|does|also|then|later|previously|earlier|recently|already|now"
    r"|still|just|even|repeatedly|since|yesterday|today|once|always|never|further|both|all|went on to|(?-i:[a-z]+ly))"
    r"\s+){0,4}"
)
_AUX_END = re.compile(r"(?:^|(?<=\s))" + _AUX + r"$", re.IGNORECASE)
_LEADING = re.compile(
    r"(?:(?:and|but|while|as|however|meanwhile|yet|so|or|then|though|although|when|where|because|yesterday|today"
    r"|last (?:night|week|month|year)|also|now)(?:,\s*|\s+))+",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r",?\s+(?:who|whose|which|where|when)\b.*$", re.IGNORECASE | re.DOTALL)
_NAME_END = re.compile(
    r",?\s+(?:who|whose|which|that|after|before|when|as|while|because|but|in (?:a|an|his|her)|on \w+day|during"
    r"|following|yesterday|today|last|she|he|they)\b|[.;:(\"“‘]|\s[–—-]\s",
    re.IGNORECASE,
)
_CLAUSE_MARK = re.compile(r"\s+(that|whether|how|why)\s+", re.IGNORECASE)
_TOLD = re.compile(r"\s+(?:[^\s.;:,\"“”]+\s+){1,12}?that\s+", re.IGNORECASE)
_WHEN = r"(?:\s+(?:yesterday|today|tonight|last (?:night|week|month|year)|this (?:week|morning)|on \w+day|recently))?"
_AT_END = re.compile(_WHEN + r"\s*[.!]?\s*$", re.IGNORECASE)
_NOT_AN_ACT = re.compile(
    r"(?:^|\s)(?:an?|the|this|these|those|my|our|your|any|some|no|of|such|to|is|are|was|were|be|been|being|not|n['’]t"
    r"|i|i['’]m|i['’]ve|we|you|who|can|could|may|might|must|shall|should|let me|let us|dare|which|that"
    r"|\S+['’]s?)\s+(?:\w+ly\s+)?$",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"(?:^|[\s,])(he|she|they|it)\s+" + _AUX + r"$", re.IGNORECASE)
_NEW_SUBJECT = re.compile(r"\s+(?:he|she|it|they|we|there|this|these|that)\s+\w", re.IGNORECASE)
_WOULD = re.compile(r"(?:\s+[^\s,.;:\"“”]+){1,6}?\s+(?:would|had|were|should|could)\b", re.IGNORECASE)
_SAYS = frozenset({"says", "said", "say"})
_SAYING = frozenset({"saying", "suggesting", "insisting", "arguing", "stating", "complaining"})
_PLAIN_SAYING = frozenset(
    {"say", "add", "insist", "warn", "claim", "argue", "explain", "admit", "tell", "conclude", "reveal", "declare",
     "announce", "complain", "suggest", "predict", "believe", "state", "acknowledge", "concede", "confirm", "report",
     "allege", "reply", "note"}
)  # fmt: skip
"""Verbs of the table that stand behind what they report ("the roof leaks, warned the vicar")."""
_CHARGED = re.compile(r"\b(?:stands?|stood|widely) \w+|\w+ by\b", re.IGNORECASE)
_OWNER = re.compile(r"(?:^|\s)(his|her|their|its|\S{2,40}(?:['’]s|s['’])|\w{4,40}s)\s+(?:\w+\s+)?$", re.IGNORECASE)
_BACK = 60
_TELLING = frozenset({"tell", "inform", "remind", "advise"})
_CLOSED = re.compile(r"\s*(?:[,;.]|$)")
MAX_SENTENCE = 4_000
"""Characters; the order of words in a longer stretch without a sentence end tells nothing."""


def acts_by_order(sentence: str, quoted: Pieces, acts: list[Act], verbs: Sequence[Match[ReportingVerb]]) -> list[Act]:
    """Return `acts` with those added that only the order of the words shows.

    Args:
        sentence: The sentence; one longer than `MAX_SENTENCE` characters is left to the parse.
        quoted: Its quoted stretches.
        acts: What a parse found; what lies within their contents is left alone.
        verbs: The verbs of saying outside quotation marks.
    """
    found = list(acts)
    if len(sentence) > MAX_SENTENCE:
        return found
    for verb in verbs[:MAX_SAYINGS]:
        if not _is_covered(found, verb.start):
            act = _act_of(sentence, quoted, verb)
            if act is not None:
                found.append(act)
    for charge in find_charges(sentence, quoted)[:MAX_SAYINGS]:
        if not _is_covered(found, charge.start):
            act = _charge_of(sentence, charge)
            if act is not None:
                found.append(act)
    return sorted(found, key=lambda act: act.start)


def _is_covered(acts: Sequence[Act], position: int) -> bool:
    return any(
        act.start <= position < act.end or act.content[0] <= position < act.content[1]
        for act in acts
        if act.content is not None
    )


def _charge_of(sentence: str, charge: Match[ChargeVerb]) -> Act | None:
    """Return the act of a verb of charging that has its link within reach."""
    before = sentence[max(0, charge.start - _BACK) : charge.start]
    if _NOT_AN_ACT.search(before) or _CHARGED.search(sentence[max(0, charge.start - 8) : charge.end + 4]):
        return None
    link = "|".join(re.escape(word) for word in sorted(charge.payload.link - {"-"}))
    if not link or not re.compile(rf"\s+(?:[^\s.;:\"“”]+\s+){{1,12}}?(?:{link})\s+\S").match(sentence, charge.end):
        return None
    return Act(
        start=charge.start,
        end=charge.end,
        content=trim(sentence, charge.end, _clause_end(sentence, charge.end)),
        speaker=name_before(sentence, 0, charge.start),
        names="as" in charge.payload.link,
    )


def _act_of(sentence: str, quoted: Pieces, verb: Match[ReportingVerb]) -> Act | None:
    """Return the act of one verb as the words around it show it."""
    if "that" not in verb.payload.takes or _NOT_AN_ACT.search(sentence[max(0, verb.start - _BACK) : verb.start]):
        return None
    floor = max((end for _, end in quoted if end <= verb.start), default=0)
    speaker = name_before(sentence, floor, verb.start)
    if speaker is not None and sentence[speaker[0] : speaker[1]].lower() in OWN:
        return None
    start = _marked_clause(sentence, verb)
    if start is not None:
        return _after(sentence, verb, start, speaker) if sentence[: verb.start].strip() else None
    if verb.payload.verb in _PLAIN_SAYING and _AT_END.match(sentence, verb.end):
        return _at_end(sentence, verb, speaker)
    return _interposed(sentence, verb, floor) or _unmarked(sentence, verb, speaker)


def _marked_clause(sentence: str, verb: Match[ReportingVerb]) -> int | None:
    """Return where a clause with "that" or "whether" begins behind a verb, without its "that"."""
    clause = _CLAUSE_MARK.match(sentence, verb.end)
    if clause is not None:
        return clause.end() if clause[1].lower() == "that" else clause.start(1)
    told = _TOLD.match(sentence, verb.end) if verb.payload.verb in _TELLING else None
    return told.end() if told is not None else None


def _at_end(sentence: str, verb: Match[ReportingVerb], speaker: tuple[int, int] | None) -> Act | None:
    """Return the act of a verb that closes its sentence ("..., the firm has said")."""
    if speaker is None or count_words(sentence[: verb.start]) < 5:
        return None
    start = last_name(sentence, speaker)
    return _act(sentence, verb, (0, start), (start, speaker[1])) if count_words(sentence[:start]) >= 3 else None


def _unmarked(sentence: str, verb: Match[ReportingVerb], speaker: tuple[int, int] | None) -> Act | None:
    """Return the act of a verb whose clause nothing marks ("he claimed they were late")."""
    word, rest = sentence[verb.start : verb.end].lower(), sentence[verb.end :]
    words_after = count_words(rest)
    if word in _SAYING and words_after >= 3 and not rest.lower().startswith((" on ", " of ", " about ")):
        return _after(sentence, verb, verb.end, None)
    if word in _SAYS:
        return _said(sentence, verb, speaker)
    if speaker is None or verb.payload.verb not in _PLAIN_SAYING:
        return None
    pronoun = words_after >= 4 and _PRONOUN.search(sentence[max(0, verb.start - _BACK) : verb.start])
    if pronoun or _WOULD.match(rest) or _NEW_SUBJECT.match(rest):
        return _after(sentence, verb, verb.end, speaker)
    return None


def _after(sentence: str, verb: Match[ReportingVerb], start: int, speaker: tuple[int, int] | None) -> Act | None:
    return _act(sentence, verb, (start, _clause_end(sentence, start)), speaker)


_LINKS_ON = re.compile(
    r"\s+(?:because|when|and|but|in|to|until|at|with|for|from|on|yesterday|last|this|after|as|since|although)\b"
    r"|\s*[,;.]|\s*$",
    re.IGNORECASE,
)
_HEARER = re.compile(
    r"\s+(?:us|me|an?|the|his|her|its|their|mps|members|councillors|reporters|parliament|\w+s)\b", re.IGNORECASE
)
_NOT_A_NAME = re.compile(
    r"(?:as|who|which|that|what|to|if|when|while|because|since|after|before|and|but|or|so|than|with|for|in|on|at|by|of"
    r"|from|where|whether|how|not|i|we|you)\b",
    re.IGNORECASE,
)


_INVERTED = re.compile(
    r"\s+((?:(?-i:[A-Z])\w*|an?|the|one|his|her|their|its|some|many|\w+ed|local|campaigners|residents)"
    r"(?:\s[^\s,.;:]+){0,8}(?:,\s\d{1,2}(?=,))?)\s*(?:[,;.]|$)",
    re.IGNORECASE,
)
_OPENS_WITH_TIME = re.compile(
    r"(?:in|on|at|after|before|when|while|if|as|since|for|by|with|during|following|last|this|earlier|speaking|asked|despite"
    r"|although|though|under|\w+ing)\b",
    re.IGNORECASE,
)


def _interposed(sentence: str, verb: Match[ReportingVerb], floor: int) -> Act | None:
    """Return the act of an attribution set into or behind its clause ("the roof, the vicar concludes, leaks")."""
    inverted = _INVERTED.match(sentence, verb.end)
    head = sentence[: verb.start].rstrip()
    if inverted is not None and head.endswith(",") and not sentence[: verb.end].lower().endswith("ing"):
        if count_words(head) < 4:
            return None
        return _act(sentence, verb, _around(sentence, verb.start, inverted.end()), inverted.span(1))
    tells = verb.payload.verb in _TELLING
    if not (_HEARER if tells else _LINKS_ON).match(sentence, verb.end):
        return None
    comma = max(sentence.rfind(mark, max(floor, verb.start - _NAME), verb.start) for mark in (", ", ",' ", ",” "))
    if comma >= 0:
        closed = tells or _CLOSED.match(sentence, verb.end) is not None or "," not in sentence[verb.end :]
        return _behind_comma(sentence, verb, comma) if closed else None
    return _unpunctuated(sentence, verb, floor)


def _behind_comma(sentence: str, verb: Match[ReportingVerb], comma: int) -> Act | None:
    if _OPENS_WITH_TIME.match(sentence) and sentence.count(",", 0, comma + 1) == 1:
        return None  # "In the spring, the firm announced in a letter"
    name = _strip_auxiliaries(sentence, comma + 1, verb.start)
    if name is None or _NOT_A_NAME.match(sentence, name[0]):
        return None
    if not 1 <= count_words(sentence[name[0] : name[1]]) <= 9 or count_words(sentence[:comma]) < 4:
        return None
    return _act(sentence, verb, _around(sentence, name[0], verb.end), name)


def _unpunctuated(sentence: str, verb: Match[ReportingVerb], floor: int) -> Act | None:
    """Return the act of an aside in text without commas and capitals ("the roof leaks the vicar concludes because")."""
    if "," in sentence[:300] or not sentence[:300].islower():
        return None
    name = _strip_auxiliaries(sentence, floor, verb.start)
    if name is None:
        return None
    start = last_name(sentence, name)
    before = sentence[:start].split()
    if len(before) < 6 or _NOT_A_NAME.fullmatch(before[-1]):
        return None
    if sentence[start : name[1]].split(None, 1)[0] not in _SMALL:
        return None
    return _act(sentence, verb, (0, start), (start, name[1]))


def _around(sentence: str, start: int, end: int) -> tuple[int, int]:
    """Return the clause that an attribution stands in: what is before it, or all where most comes after."""
    if count_words(sentence[end:]) > count_words(sentence[:start]) or sentence[end : end + 1] == ",":
        return 0, len(sentence)
    return 0, start


def _strip_auxiliaries(sentence: str, start: int, end: int) -> tuple[int, int] | None:
    text = sentence[start:end]
    auxiliaries = _AUX_END.search(text)
    if auxiliaries is not None and text[: auxiliaries.start()].strip():
        end = start + auxiliaries.start()
    return trim(sentence, start, end)


def _said(sentence: str, verb: Match[ReportingVerb], speaker: tuple[int, int] | None) -> Act | None:
    """Return the act of "says" or "said", which has hardly another sense."""
    words_before, words_after = count_words(sentence[: verb.start]), count_words(sentence[verb.end :])
    name_stop = _name_end(sentence, verb.end, min(len(sentence), verb.end + _NAME))
    if words_before >= 4 and 1 <= words_after <= 6 and not _PRONOUN.search(sentence[: verb.start]):
        return _act(sentence, verb, (0, verb.start), trim(sentence, verb.end, name_stop))
    if speaker is not None and words_after >= 2:
        return _act(sentence, verb, (verb.end, _clause_end(sentence, verb.end)), speaker)
    return None


def _act(
    sentence: str, verb: Match[ReportingVerb], content: tuple[int, int], speaker: tuple[int, int] | None
) -> Act | None:
    trimmed = trim(sentence, *content)
    return Act(start=verb.start, end=verb.end, content=trimmed, speaker=speaker) if trimmed is not None else None


_BREAK = re.compile(
    r"[,;]\s+(?:but|and|while|although|though|whereas)\s+(?:(?:\w+\s+){0,4}(?:said|told|added|denied|claimed)\b"
    r"|(?:could|would|did|has|had|was|is)\s*(?:not|n['’]t)\b|declined|refused|was unable)",
    re.IGNORECASE,
)


def _clause_end(sentence: str, start: int) -> int:
    """Return where a reported clause ends: at the sentence's end, or before a new attribution."""
    stop = _BREAK.search(sentence, start)
    return stop.start() if stop else len(sentence)


def act_according(sentence: str, quoted: Pieces = ()) -> Act | None:
    """Return the act of "according to" or its like."""
    match = according_to(sentence, quoted)
    if match is None:
        return None
    if not match[0].lower().endswith(("to ", " of")):
        speaker = None
        after = match.end()
    else:
        stop = re.compile(r"[,;:.](?=\s|$)|$").search(sentence, match.end(), match.end() + 2 * _NAME)
        after = stop.start() if stop else min(len(sentence), match.end() + _NAME)
        speaker = trim(sentence, match.end(), _name_end(sentence, match.end(), after))
    leads = not sentence[: match.start()].strip(" ,.")
    content = (trim(sentence, after, len(sentence)) if leads else None) or trim(sentence, 0, match.start())
    return Act(start=match.start(), end=match.end(), content=content, speaker=speaker)


def _name_end(sentence: str, start: int, end: int) -> int:
    stop = _NAME_END.search(sentence, start, end)
    return stop.start() if stop else end


def nominal_act(sentence: str, quoted: Pieces = ()) -> Act | None:
    """Return the act of a noun of saying with its owner and its clause ("his claim that")."""
    for match in find_nouns(sentence, quoted)[:MAX_SAYINGS]:
        offset = max(0, match.start - _BACK)
        owner = _OWNER.search(sentence[offset : match.start])
        clause = _CLAUSE_MARK.match(sentence, match.end)
        if owner is None or clause is None:
            continue
        content = trim(sentence, clause.end(), _clause_end(sentence, clause.end()))
        speaker = (offset + owner.start(1), offset + owner.end(1))
        return Act(start=match.start, end=match.end, content=content, speaker=speaker)
    return None


def speaker_beside(
    sentence: str, quoted: Pieces, verbs: Sequence[Match[ReportingVerb]], around: tuple[int, int]
) -> tuple[int, int] | None:
    """Return the words for a speaker beside the verb nearest to a quotation."""
    nearest = sorted(verbs[:MAX_SAYINGS], key=lambda m: min(abs(m.end - around[0]), abs(m.start - around[1])))
    for verb in nearest[:4]:
        floor = max((e for _, e in quoted if e <= verb.start), default=0)
        before = name_before(sentence, floor, verb.start)
        if before is not None:
            return before
        ceiling = min((s for s, _ in quoted if s >= verb.end), default=len(sentence))
        after = trim(sentence, verb.end, _name_end(sentence, verb.end, min(ceiling, verb.end + _NAME)))
        if after is not None and after[0] <= verb.end + 2:
            return after
    return None


def name_before(sentence: str, floor: int, verb: int) -> tuple[int, int] | None:
    """Return the words for a speaker between `floor` and the verb that starts at `verb`."""
    floor = max(floor, verb - 3 * _NAME)
    text = sentence[floor:verb]
    auxiliaries = _AUX_END.search(text)
    if auxiliaries is not None and text[: auxiliaries.start()].strip():
        text = text[: auxiliaries.start()]
    text = _RELATIVE.sub("", text).rstrip(" ,")
    cut = max(text.rfind(mark) for mark in (". ", ": ", "; ", "? ", "! ", " - ", " – "))
    start = cut + 2 if cut >= 0 else 0
    start += len(text[start:]) - len(text[start:].lstrip(" ,.-–—"))
    leading = _LEADING.match(text, start)
    if leading:
        start = leading.end()
    return trim(sentence, floor + start, floor + len(text))


_NAME_WORD = re.compile(r"\S+")
_SMALL = frozenset({"the", "a", "an", "its", "his", "her", "their", "one", "some", "many", "several", "mr", "mrs", "ms",
                    "dr", "cllr", "sir", "lord", "senior", "former", "he", "she", "they"})  # fmt: skip


def last_name(sentence: str, span: tuple[int, int]) -> int:
    """Return where the last name or noun phrase in `span` starts, as well as word order can tell."""
    words = list(_NAME_WORD.finditer(sentence, *span))
    if not words:
        return span[0]
    for back in range(1, min(8, len(words)) + 1):
        word = words[-back]
        if word[0].lower() in _SMALL:
            return word.start()
        if back < len(words) and words[-back - 1][0].endswith(","):
            return word.start()
    return words[-min(2, len(words))].start()
