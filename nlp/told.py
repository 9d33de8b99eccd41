"""What a story has told so far: its figures, who spoke last, and whom a noun ("the spokesman") described before.

`nlp.antecedents` asks here; nothing is decided here that needs more than a name, a gender or a distance.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nlp.attributions import Attribution
from nlp.cast import Cast, Naming
from nlp.descriptions import Description, describe
from nlp.names import Gender

_WORD = re.compile(r"[^\W_]+")
_JOINED = re.compile(r"\s(?:and|&)\s(?:(?:his|her)\s(?:\w+\s){1,2})?")
_MOST = 40
"""Figures looked at for one noun."""
_SYNONYMS = {
    "prosecutor": ("prosecuting", "advocate depute", "prosecution", "prosecutor"),
    "headteacher": ("head teacher", "headmaster", "headmistress", "headteacher", "principal"),
    "mum": ("mother", "mum"), "mother": ("mum", "mother"), "dad": ("father", "dad"), "father": ("dad", "father"),
    "chairman": ("chair", "chairman"), "chair": ("chairman", "chairwoman", "chair"),
    "councillor": ("cllr", "coun", "councillor"), "reverend": ("rev", "revd", "reverend"),
    "professor": ("prof", "professor"), "doctor": ("dr", "doctor"), "lawyer": ("solicitor", "barrister", "lawyer"),
    "inspector": ("insp", "inspector"), "sergeant": ("sgt", "sergeant"), "officer": ("pc", "det", "officer"),
    "detective": ("det", "dc", "ds", "di", "detective"), "superintendent": ("supt", "superintendent"),
    "force": ("police", "constabulary", "force"), "constabulary": ("police", "constabulary"),
    "school": ("school", "academy", "primary"), "club": ("club", "fc", "rfc", "afc", "united", "rovers"),
    "company": ("company", "ltd", "limited", "plc", "firm"), "firm": ("firm", "ltd", "limited", "plc", "company"),
    "constable": ("pc", "constable"), "boss": ("chief executive", "manager", "boss"),
}  # fmt: skip


@lru_cache(maxsize=512)
def _called(noun: str) -> re.Pattern[str]:
    return re.compile(rf",\s(?:an?|the)\s(?:[\w'’-]+\s){{0,4}}{re.escape(noun)}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Whom a speaker's words mean."""

    resolved: str
    figure: int = -1
    """Number in the cast; -1 where they are described only."""
    about: str = ""
    """Words that describe them, to tell the role by."""
    several: bool = False
    """True for bodies and several people, whom "they" may mean."""


class Told:
    """One story up to the sentence that is being read.

    Args:
        texts: The story's sentences.
        attributions: What each attributes.
        cast: Its figures.
    """

    def __init__(self, texts: Sequence[str], attributions: Sequence[Attribution], cast: Cast) -> None:
        self.texts = texts
        self.attributions = attributions
        self.cast = cast
        self.done: list[Who | None] = []
        """Who spoke in each sentence so far."""
        self.last: Who | None = None
        self.last_at = -1
        """The latest sentence with a known speaker."""
        self.described: dict[str, Who] = {}
        """By noun, whoever spoke and was only described by it."""
        self._learnt: dict[int, Gender] = {}
        self._where: dict[int, list[int]] = {}
        for at, namings in enumerate(cast.namings):
            for naming in namings:
                self._where.setdefault(naming.figure, []).append(at)
        self._holding: dict[str, list[int]] = {}
        for number, figure in enumerate(cast.figures):
            for word in {*_WORD.findall(figure.beside.lower()), *figure.words, *figure.titles}:
                self._holding.setdefault(word, []).append(number)
        self.speaking: set[int] = set()
        """Figures that say something anywhere in the story."""
        for at, one in enumerate(attributions):
            if one.speaker is None:
                continue
            named = self.head_figure(at, one.speaker, describe(texts[at][slice(*one.speaker)]))
            if named is not None:
                self.speaking.add(named)

    def add(self, who: Who | None) -> None:
        """Note who speaks in the next sentence."""
        if who is not None:
            self.last, self.last_at = who, len(self.done)
            noun = describe(who.resolved).noun
            if who.figure < 0 and noun:
                self.described[noun] = who
        self.done.append(who)

    def spoke(self, at: int) -> Who | None:
        """Return who spoke in a sentence; None where nobody did, or where it is not reached yet."""
        return self.done[at] if at < len(self.done) else None

    def who(self, number: int) -> Who:
        """Return a figure as a speaker."""
        figure = self.cast.figures[number]
        several = figure.kind == "body" or (figure.kind == "unknown" and not self.gender(number))
        return Who(resolved=figure.name, figure=number, about=self.about(number), several=several)

    def about(self, number: int) -> str:
        """Return a figure's name and what stands beside it."""
        return f"{self.cast.figures[number].name} | {self.cast.figures[number].beside}"

    def namings(self, at: int, start: int, end: int) -> list[Naming]:
        """Return the names that start between two offsets of a sentence."""
        return [naming for naming in self.cast.namings[at] if start <= naming.start < end]

    def first_named(self, number: int) -> int:
        """Return the sentence in which a figure is named first."""
        return self._where[number][0]

    def times_named(self, number: int) -> int:
        """Return how often a figure is named."""
        return len(self._where[number])

    def gender(self, number: int) -> Gender:
        """Return the gender a figure's names tell, or a pronoun that was resolved to it."""
        return self.cast.figures[number].gender or self._learnt.get(number, "")

    def learn(self, number: int, gender: Gender) -> None:
        """Note that a figure was meant by "she" or "he"."""
        if gender and not self.gender(number):
            self._learnt[number] = gender

    def may_be(self, number: int, gender: Gender) -> bool:
        """Tell whether a figure may be a person of that gender ("" for any)."""
        figure = self.cast.figures[number]
        if figure.kind != "person":
            named = all(word.replace("-", "").replace("’", "").replace("'", "").isalpha() for word in figure.words)
            if figure.kind != "unknown" or number not in self.speaking or not named:
                return False
        return not gender or self.gender(number) in {"", gender}

    def main_person(self, gender: Gender) -> int | None:
        """Return the person a story names most who speaks in it, where it names them more than once."""
        times = [(self.times_named(number), -number) for number in self.speaking if self.may_be(number, gender)]
        best = max(times, default=(0, 0))
        return -best[1] if best[0] > 1 and self.cast.figures[-best[1]].kind in {"person", "unknown"} else None

    def is_body(self, number: int) -> bool:
        """Tell whether a figure may be a council, a firm or the like."""
        figure = self.cast.figures[number]
        if figure.kind == "body":
            return True
        return figure.kind == "unknown" and not figure.doubtful and not self.gender(number)

    def head_figure(self, at: int, span: tuple[int, int], words: Description) -> int | None:
        """Return the figure that a speaker's words name, None where their head is a common noun.

        Args:
            at: The sentence.
            span: Where the words stand in it, without blanks around them.
            words: Their description.
        """
        text = self.texts[at]
        start, end = span
        namings = self.namings(at, start, end)
        if not namings or words.pronoun:
            return None
        kinds = {naming.figure: self.cast.figures[naming.figure].kind for naming in namings}
        stop = min(start + words.head_end, end)
        head = [naming for naming in namings if naming.start < stop]
        opens = bool(head) and head[-1].start == start and kinds[head[-1].figure] == "person"
        if head and (head[-1].end >= stop or (opens and text[head[-1].end] not in "'’")):
            people = [naming for naming in head if kinds[naming.figure] == "person"]
            joined = len(head) > 1 and _JOINED.fullmatch(text, head[-2].end, head[-1].start) is not None
            return None if joined else (people or head)[-1].figure
        comma = text.find(",", start, end)
        for naming in namings:
            apposed = 0 <= comma < naming.start and "," not in text[comma + 1 : naming.start]
            if kinds[naming.figure] == "person" and (apposed or (naming.end >= end and words.determiner == "none")):
                return naming.figure
        return None

    def is_beside(self, number: int, noun: str) -> bool:
        """Tell whether a noun, or its like, stands beside a figure's name and not in it."""
        return not self.cast.figures[number].words.intersection(_SYNONYMS.get(noun, (noun,)))

    def is_called(self, number: int, noun: str) -> bool:
        """Tell whether a figure is called by the noun: "the charity Orr Aid", "Quenby, a firm in Eskwith"."""
        figure = self.cast.figures[number]
        text = figure.beside.lower()
        return f"{noun} {figure.name.lower()}" in text or _called(noun).search(text) is not None

    def bearer(self, at: int, word: str) -> int | None:
        """Return the person whose name holds a word that is no name by itself ("Read", "Young")."""
        bearing = [n for n in self._holding.get(word, ())[:_MOST] if word in self.cast.figures[n].words]
        return self.nearest([n for n in bearing if self.may_be(n, "")], at)

    def nearest(self, numbers: Sequence[int], at: int) -> int | None:
        """Return the figure named nearest before a sentence, else the one named first after it."""
        best: tuple[int, int] | None = None
        for number in numbers:
            where = self._where[number]
            i = bisect_right(where, at) - 1
            distance = at - where[i] if i >= 0 else len(self.texts) + where[0]
            if best is None or distance < best[0]:
                best = (distance, number)
        return best[1] if best is not None else None

    def with_word(self, noun: str) -> Iterator[int]:
        """Yield figures in whose name, or beside it, a noun stands, or its like."""
        for like in _SYNONYMS.get(noun, (noun,)):
            for number in self._holding.get(like.rpartition(" ")[2], ())[:_MOST]:
                if " " not in like or like in self.cast.figures[number].beside.lower():
                    yield number
