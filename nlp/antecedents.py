"""Whom words that name a speaker mean: "she", "the 34-year-old", "the council", "the letter", "bosses", "his lawyer".

A name means the figure of the story's cast that bears it. Everything else is looked for in what was said before: the
last speaker, who is named first in the sentences just before, whose description holds the same noun. Words that cannot
be told stay as they are; a careful description is better than a wrong name.
"""

from __future__ import annotations

import re

from nlp.descriptions import Description, describe, find_subject, has_no_subject, is_firm, subject_end
from nlp.names import Gender
from nlp.roles import role_of
from nlp.told import Told, Who

_REACH = 12
"""Sentences before this one in which "she" may have been named."""
_NEAR = 4
_FAR = 36
_READ = 1_000
_POLICE = frozenset({"police", "officers", "detectives", "investigators"})
_LONE = frozenset({"one", "another"})
_OPEN_ROLES = frozenset({"", "other", "resident", "anonymous"})
_STRICT = frozenset({"councillor", "politician", "police_court", "faith_leader", "trader"})
_ARTICLE = re.compile(r"(?:the|that|this|these|those)\s+", re.IGNORECASE)
_UNSOUND = frozenset({
    "and", "or", "to", "of", "the", "a", "an", "him", "me", "us", "than", "that", "but", "not", "as", "be", "been",
    "at", "on", "in", "by", "for", "with", "from", "so", "if", "when",
})  # fmt: skip
"""What cannot be the head of words for a speaker: a parse went wrong there."""
_PARTICIPLE = re.compile(r"[a-z]{2,}(?:ed|ing)\s")
_ITS = re.compile(r"\bits\b", re.IGNORECASE)
_WRITER = re.compile(r"\b(?:by|from|on behalf of|signed by|written by|issued by)\s+", re.IGNORECASE)
_GOES_ON = re.compile(r"(?:but |and |later |then )?(?:he|she|his|her)\b", re.IGNORECASE)


def resolve(told: Told, at: int, span: tuple[int, int]) -> Who | None:
    """Return whom the words `span` of sentence `at` mean; None where they are no words for anybody."""
    text = told.texts[at]
    start, end = span
    while start < end and text[start] in " ,":
        start += 1
    while end > start and text[end - 1] in " ,":
        end -= 1
    words = text[start:end]
    description = describe(words)
    if description.noun in _UNSOUND or not words or _PARTICIPLE.match(words):
        return None
    if description.pronoun in {"she", "he"}:
        return _person(told, at, start, "f" if description.pronoun == "she" else "m") or Who(resolved=words)
    if description.pronoun:
        return _they(told, at, start, description.pronoun) or Who(resolved=words)
    number = told.head_figure(at, (start, end), description)
    if number is not None:
        return told.who(number)
    found = _described(told, at, (start, end), description)
    if found is None and words[:1].isupper() and " " not in words:
        bearer = told.bearer(at, description.noun)
        found = told.who(bearer) if bearer is not None else None
    if found is not None:
        return found
    several = description.kind in {"plural", "body", "agents"} or " and " in words
    return Who(resolved=words, about=words, several=several)


def subject(told: Told, at: int) -> Who | None:
    """Return the subject of a sentence that attributes nothing: a figure, a body or people described."""
    span = find_subject(told.texts[at])
    if span is None:
        return None
    words = told.texts[at][slice(*span)]
    description = describe(words)
    number = told.head_figure(at, span, description)
    if number is not None:
        return told.who(number) if told.cast.figures[number].kind != "place" else None
    if description.kind in {"", "document"}:
        return None
    found = _described(told, at, span, description) if description.kind == "body" else None
    several = description.kind in {"plural", "body", "agents"}
    return found or Who(resolved=words, about=words, several=several)


def _person(told: Told, at: int, before: int, gender: Gender) -> Who | None:
    """Return the person meant by "she" or "he" ("" for either)."""
    here = _named_here(told, at, before, gender)
    found = told.who(here) if here is not None else _person_before(told, at, gender)
    if found is None or (found.figure < 0 and describe(found.resolved).age):
        # the beginning of a story may be missing, or name its hero only later
        number = _doing_before(told, at, gender)
        number = number if number is not None else told.main_person(gender)
        found = told.who(number) if number is not None else found
    if found is not None and found.figure >= 0:
        told.learn(found.figure, gender)
    return found


def _doing_before(told: Told, at: int, gender: Gender) -> int | None:
    """Return the unknown name ("Richards") that is the subject of a sentence before, and may be a person's."""
    for earlier in range(at - 1, max(-1, at - _NEAR), -1):
        doing = subject(told, earlier)
        if doing is None or doing.figure < 0:
            continue
        figure = told.cast.figures[doing.figure]
        if (
            figure.kind == "unknown"
            and told.times_named(doing.figure) > 1
            and told.gender(doing.figure) in {"", gender}
        ):
            return doing.figure
    return None


def _named_here(told: Told, at: int, before: int, gender: Gender) -> int | None:
    """Return the person named before the pronoun in its own sentence, outside what is said."""
    content = told.attributions[at].content
    for naming in reversed(told.namings(at, 0, before)):
        inside = content is not None and content[0] <= naming.start < content[1]
        if not inside and told.may_be(naming.figure, gender):
            return naming.figure
    return None


def _person_before(told: Told, at: int, gender: Gender) -> Who | None:
    """Return the person spoken of since the last speaker, else the last speaker, else whoever was named before."""
    last = told.last
    fits = last is not None and _is_person(told, last, gender)
    for earlier in range(at - 1, max(-1, at - _REACH), -1):
        if earlier == told.last_at and fits:
            return last
        if told.spoke(earlier) is None:
            if fits and _GOES_ON.match(told.texts[earlier]):
                continue
            doing = subject(told, earlier)
            if doing is not None and doing.figure < 0 and not doing.several:
                return doing
        reach = subject_end(told.texts[earlier]) if fits else _READ
        named = next((n.figure for n in told.namings(earlier, 0, reach) if told.may_be(n.figure, gender)), None)
        if named is not None:
            return told.who(named)
    return last if fits else None


def _is_person(told: Told, who: Who, gender: Gender) -> bool:
    """Tell whether a speaker may be one person of that gender."""
    if who.figure >= 0:
        return told.may_be(who.figure, gender)
    words = describe(who.resolved)
    return not who.several and (words.kind in {"person", "voice"} or (not words.kind and words.determiner != "none"))


def _they(told: Told, at: int, before: int, pronoun: str) -> Who | None:
    """Return the body or the people whom "they" or "it" means."""
    last = told.last
    if last is not None and told.last_at == at - 1 and (last.several or pronoun == "they"):
        return last
    if not has_no_subject(told.texts[at]):
        for naming in told.namings(at, 0, before):
            if told.cast.figures[naming.figure].kind == "body":
                return told.who(naming.figure)
    for earlier in range(at - 1, max(-1, at - _NEAR), -1):
        found = told.spoke(earlier) or subject(told, earlier)
        if found is not None and found.several:
            return found
    return last if pronoun == "they" else None


def _described(told: Told, at: int, span: tuple[int, int], words: Description) -> Who | None:
    """Return whom a description without a name of its own means."""
    text = told.texts[at][slice(*span)]
    bare = words.head_end >= len(text) and not told.namings(at, *span)
    if words.kind == "document":
        return _writer(told, at, span, words)
    if (
        words.kind == "agents"
        and bare
        and " " not in _ARTICLE.sub("", text)
        and words.determiner in {"none", "definite"}
    ):
        return _agents(told, at, span[0], words.noun, _ARTICLE.sub("", text))
    if words.kind == "body" and bare and words.determiner == "definite":
        return _body(told, at, span[0], words.noun)
    if words.kind == "voice" and bare and text.count(" ") < 2:
        return _voice(told, at, span[0], words, text)
    if words.determiner == "definite" and words.kind in {"person", ""}:
        return _called(told, at, span[0], words, text)
    if words.determiner == "owned":
        return _by_noun(told, at, words.noun) or told.described.get(words.noun) or _named_next(told, at, text)
    if words.kind == "person" or words.noun in _LONE:
        return _named_next(told, at, text)
    return None


def _by_noun(told: Told, at: int, noun: str) -> Who | None:
    """Return the person beside whose name the noun stands."""
    people = [number for number in told.with_word(noun) if told.may_be(number, "")]
    number = told.nearest([number for number in people if told.first_named(number) <= at], at)
    return told.who(number) if number is not None else None


def _called(told: Told, at: int, before: int, words: Description, text: str) -> Who | None:
    """Return whom "the commissioner", "the 34-year-old" or "the champion" means."""
    if words.age:
        number = next(
            (
                n
                for n, figure in enumerate(told.cast.figures)
                if figure.age == words.age and figure.kind in {"person", "unknown"}
            ),
            None,
        )
        if number is not None:
            return told.who(number)
        return _aged(told, at, words.age)
    found = _by_noun(told, at, words.noun) or told.described.get(words.noun)
    if found is not None:
        return found
    role = role_of(text)
    if role not in _OPEN_ROLES:
        before_it = [n for n in told.speaking if told.may_be(n, "") and told.first_named(n) < at]
        alike = [n for n in before_it if role_of(told.about(n)) == role] if role != "police_court" else []
        number = told.nearest(alike, at) if words.head_end >= len(text) else None
        return told.who(number) if number is not None else None
    return _person(told, at, before, "") if words.kind == "person" or told.last is None else None


def _aged(told: Told, at: int, age: str) -> Who | None:
    """Return the person spoken of last whose age the story does not give otherwise."""

    def fits(number: int) -> bool:
        return told.cast.figures[number].age in {"", age}

    last = told.last
    if (
        last is not None
        and told.last_at == at - 1
        and last.figure >= 0
        and told.may_be(last.figure, "")
        and fits(last.figure)
    ):
        return last
    for earlier in range(at - 1, max(-1, at - _REACH), -1):
        for naming in told.cast.namings[earlier]:
            if told.may_be(naming.figure, "") and fits(naming.figure):
                return told.who(naming.figure)
    number = _doing_before(told, at, "")
    number = number if number is not None else told.main_person("")
    return told.who(number) if number is not None and fits(number) else None


def _body(told: Told, at: int, before: int, noun: str) -> Who | None:
    """Return the body that "the council", "the company" or "the group" means."""
    bodies = [number for number in told.with_word(noun) if told.is_body(number)]
    called = [number for number in bodies if not told.is_beside(number, noun)]
    number = told.nearest(called or [number for number in bodies if told.is_called(number, noun)], at)
    if number is not None:
        return told.who(number)
    if noun in told.described:
        return told.described[noun]
    return _introduced(told, at, noun) or (_any_body(told, at, before) if is_firm(noun) else None)


def _any_body(told: Told, at: int, before: int) -> Who | None:
    """Return the body named in the sentence, else the one named most in the sentences before or speaking later."""
    for naming in reversed(told.namings(at, 0, before)):
        if told.is_body(naming.figure):
            return told.who(naming.figure)
    near = {naming.figure for some in told.cast.namings[max(0, at - _REACH) : at] for naming in some}
    for numbers in (near, told.speaking):
        bodies = [(told.times_named(number), -number) for number in numbers if told.is_body(number)]
        if bodies:
            return told.who(-max(bodies)[1])
    return None


def _introduced(told: Told, at: int, noun: str) -> Who | None:
    """Return the words by which the sentences before introduce a noun: "A group of 20 women"."""
    pattern = re.compile(
        rf"\b(an?\s(?:[\w'’-]+\s){{0,3}}{re.escape(noun)}(?:\s(?:of|for|in|called)(?:\s[\w'’-]+){{1,6}}?)?)"
        r"(?=\s(?:who|which|that|has|have|had|is|are|was|were|[a-z]{2,}ed)\b|[,.;])",
        re.IGNORECASE,
    )
    for earlier in range(max(0, at - _FAR), at):
        found = pattern.search(told.texts[earlier], 0, _READ)
        if found is not None:
            return Who(resolved=found[1], about=found[1], several=True)
    return None


def _agents(told: Told, at: int, before: int, noun: str, words: str) -> Who | None:
    """Return the police force or the body that "detectives" or "bosses" speak for."""
    found = _body(told, at, before, "police") if noun in _POLICE else _any_body(told, at, before)
    if found is None or noun == "police" or found.figure < 0:
        return found
    if told.cast.figures[found.figure].kind != "body":
        return None
    return Who(resolved=f"{found.resolved} {words}", about=f"{words} | {found.about}", several=True)


def _voice(told: Told, at: int, before: int, words: Description, text: str) -> Who | None:
    """Return whom a bare "the spokesman" means; a new "a spokesman" speaks for the body named last."""
    if words.determiner == "definite" and words.noun in told.described:
        return told.described[words.noun]
    for earlier in range(at, max(-1, at - 3), -1):
        end = before if earlier == at else len(told.texts[earlier])
        for naming in reversed(told.namings(earlier, 0, end)):
            if told.cast.figures[naming.figure].kind == "body":
                body = told.who(naming.figure)
                return Who(resolved=f"{text} for {body.resolved}", about=f"{text} for {body.about}")
    return None


def _writer(told: Told, at: int, span: tuple[int, int], words: Description) -> Who | None:
    """Return who wrote a letter, a statement or a post."""
    text = told.texts[at]
    by = _WRITER.search(text, *span)
    if by is not None and by.end() < span[1]:
        writer = resolve(told, at, (by.end(), span[1]))
        if writer is None or (writer.figure < 0 and describe(writer.resolved).kind in {"", "document"}):
            return None
        return writer if writer.figure < 0 or told.cast.figures[writer.figure].kind != "place" else None
    for naming in told.namings(at, span[0], span[0] + words.head_end):
        if text[naming.end : naming.end + 1] in {"'", "’"}:
            return told.who(naming.figure)
    if words.owner in {"her", "his"}:
        return _person(told, at, span[0], "f" if words.owner == "her" else "m")
    if words.owner == "their":
        return _they(told, at, span[0], "they")
    if _ITS.search(text, *span):
        return _any_body(told, at, span[0])
    if words.determiner != "definite" or words.head_end < span[1] - span[0]:
        return None
    return _issued(told, at, words.noun)


def _issued(told: Told, at: int, noun: str) -> Who | None:
    """Return who is named in the sentences before as writing "a letter"."""
    holds = re.compile(rf"\b{re.escape(noun)}", re.IGNORECASE)
    for earlier in range(at - 1, max(-1, at - _NEAR), -1):
        found = holds.search(told.texts[earlier], 0, _READ)
        if found is None:
            continue
        by = _WRITER.match(told.texts[earlier], found.end() + 1)
        after = told.namings(earlier, by.end(), by.end() + 30) if by is not None else []
        if after:
            return told.who(after[0].figure)
        return told.spoke(earlier) or subject(told, earlier)
    return None


def _named_next(told: Told, at: int, text: str) -> Who | None:
    """Return who is named only in the sentence after, beside a quotation that comes first: "...," said Jo Hay."""
    following = told.attributions[at + 1] if at + 1 < len(told.texts) else None
    if following is None or following.voice != "DIRECT" or following.speaker is None or following.content is None:
        return None
    if following.content[0] > following.speaker[0] or following.content[0] > 2:
        return None
    words = told.texts[at + 1][slice(*following.speaker)]
    number = told.head_figure(at + 1, following.speaker, describe(words))
    if number is None or told.first_named(number) <= at or not told.may_be(number, ""):
        return None
    roles = {role_of(text), role_of(told.about(number))}
    return told.who(number) if len(roles & _STRICT) < 2 else None
