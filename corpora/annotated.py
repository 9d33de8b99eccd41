"""Our own annotated sentences: what each carries, read and checked against the codebook's closed lists."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args

from corpora.codebook import Codebook, load_codebook
from corpora.errors import BadInput
from corpora.records import FRAMES, Frame, Span

FOLDER = Path(str(resources.files("corpora"))) / "annotated"
SENTENCES = FOLDER / "sentences"

Mark = Literal[0, 1, "C"]
"""0: the frame is not there; 1: active; "C": put into words and contested."""
MARKS: tuple[Mark, ...] = get_args(Mark)

SPAN_KINDS: tuple[str, ...] = ("group", "link", "problem", "we")
"""Evidence a reader is shown: who is meant, what links them, to which problem, and who "we" are."""

_ONE = (
    ("register", "registers"), ("nation", "nations"), ("fn", "functionalities"), ("voice", "voices"),
    ("detail", "details"), ("source_type", "source_types"), ("stance", "stances"), ("structural", "structural"),
    ("structural_type", "structural_types"), ("neighbour", "neighbours"),
)  # fmt: skip
_MANY = (("groups", "groups"), ("problem", "problems"), ("subtype", "subtypes"))
_NEEDED = ("register", "nation")
_WORDS = (6, 55)
_NOT_SOCIAL = frozenset({"ALL", "ELITE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatedSentence:
    """One sentence of the corpus with its labels. Empty text means "does not apply"."""

    id: str
    text: str
    headline: str
    before: str
    """The sentence before it, where the writer gave one."""
    unit: Literal["body", "headline"]
    register: str
    nation: str
    fn: str
    """Nearest functionality, F01 to F36."""
    pair: str
    """Shared by a sentence and its twin of opposite label."""
    us_them: Mark
    blame: Mark
    shared_story: Mark
    groups: tuple[str, ...]
    problem: tuple[str, ...]
    voice: str
    detail: str
    source_type: str
    stance: str
    structural: str
    structural_type: str
    subtype: tuple[str, ...]
    neighbour: str
    spans: Mapping[str, tuple[Span, ...]]
    """Evidence by kind; offsets are characters of `text`."""
    theme: str
    """Name of the file it stands in."""

    def mark(self, frame: Frame) -> Mark:
        """Label for one frame."""
        return {"us_them": self.us_them, "blame": self.blame, "shared_story": self.shared_story}[frame]

    @property
    def expressed(self) -> bool:
        """Any frame is put into words, contested or not."""
        return any(self.mark(frame) != 0 for frame in FRAMES)

    @property
    def social_groups(self) -> tuple[str, ...]:
        """Groups named, without `ALL` and `ELITE`."""
        return tuple(code for code in self.groups if code not in _NOT_SOCIAL)

    def problems(self, codebook: Codebook) -> list[str]:
        """Everything about this record that the codebook does not allow, in words."""
        return [*self._values(codebook), *self._labels(codebook)]

    def _values(self, codebook: Codebook) -> Iterator[str]:
        for name, table in _ONE:
            value = getattr(self, name)
            if (value or name in _NEEDED) and value not in codebook.codes(table):
                yield f"{name} is {value!r}"
        for name, table in _MANY:
            unknown = set(getattr(self, name)) - codebook.codes(table)
            if unknown:
                yield f"{name} has {', '.join(sorted(unknown))}"
        for frame in FRAMES:
            if self.mark(frame) not in MARKS:
                yield f"{frame} is {self.mark(frame)!r}"
        if self.unit not in {"body", "headline"} or (self.unit == "headline") != (self.register == "headline"):
            yield f"unit {self.unit!r} does not go with register {self.register!r}"
        if not _WORDS[0] <= len(self.text.split()) <= _WORDS[1]:
            yield f"{len(self.text.split())} words"
        if set(self.spans) - set(SPAN_KINDS):
            yield f"evidence of kind {', '.join(sorted(set(self.spans) - set(SPAN_KINDS)))}"

    def _labels(self, codebook: Codebook) -> Iterator[str]:
        contested = any(self.mark(frame) == "C" for frame in FRAMES)
        if contested != (self.stance == "CONTESTS"):
            yield f"stance is {self.stance!r}"
        if self.expressed != bool(self.voice) or self.expressed != bool(self.stance):
            yield "voice and stance belong to sentences that express a frame, and to no others"
        if bool(self.problem) != (self.blame != 0):
            yield "a problem belongs to blame, and blame needs one"
        if self.blame != 0 and not set(self.groups) & codebook.blamable():
            yield "blame needs a group that may be blamed"
        if self.us_them != 0 and not self.social_groups:
            yield "us_them needs a group"
        if self.blame == 1 and self.structural not in {"OMITTED", "NAMED_ALSO"}:
            yield f"active blame with structural {self.structural!r}"
        for code in self.subtype:
            frame = codebook.lists["subtypes"][code].frame if code in codebook.lists["subtypes"] else None
            if frame is not None and self.mark(frame) == 0:
                yield f"subtype {code} without its frame"
        if self.spans and not self.expressed:
            yield "evidence without a frame"


_FIELDS = tuple(field.name for field in fields(AnnotatedSentence) if field.name != "theme")


def sentence_from(raw: Mapping[str, Any], *, theme: str, where: str) -> AnnotatedSentence:
    """Make one record of one JSON object.

    Raises:
        BadInput: A field is missing, unknown or of the wrong kind, or an evidence span does not fit the text.
    """
    if set(raw) != set(_FIELDS):
        odd = sorted(set(raw) ^ set(_FIELDS))
        raise BadInput(f"{where}: the fields {', '.join(odd)} are missing or unknown.")
    text = raw["text"]
    try:
        spans = {
            kind: tuple(Span.of(text, start, end) for start, end in places) for kind, places in raw["spans"].items()
        }
        many = {name: tuple(raw[name]) for name, _ in _MANY}
    except (TypeError, ValueError, AttributeError) as error:
        raise BadInput(f"{where}: {error}.") from error
    return AnnotatedSentence(**{**raw, **many, "spans": spans, "theme": theme})


def read_lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Objects of a JSON-lines file, each with the words that name its place (`blame.jsonl line 7`).

    Raises:
        BadInput: A line is no JSON object.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"The file {path.name} cannot be read.", what_next=f"{error}.") from error
    for number, line in enumerate(lines, start=1):
        where = f"{path.name} line {number}"
        try:
            raw = json.loads(line)
        except ValueError as error:
            raise BadInput(f"{where} is no JSON: {error}.") from error
        if not isinstance(raw, dict):
            raise BadInput(f"{where} is no JSON object.")
        yield where, raw


def load_annotated(folder: Path = SENTENCES, codebook: Codebook | None = None) -> tuple[AnnotatedSentence, ...]:
    """Read every sentence of the corpus, by file and then in the order of the file.

    Raises:
        BadInput: A line breaks a rule of the codebook, or an id or a text occurs twice; the message names the line.
    """
    rules = codebook or load_codebook()
    sentences: list[AnnotatedSentence] = []
    seen: set[str] = set()
    for path in sorted(folder.glob("*.jsonl")):
        for where, raw in read_lines(path):
            one = sentence_from(raw, theme=path.stem, where=where)
            wrong = one.problems(rules)
            if wrong:
                raise BadInput(f"{where} ({one.id}): {'; '.join(wrong)}.")
            if one.id in seen or one.text in seen:
                raise BadInput(f"{where}: the id {one.id} or its text occurs twice.")
            seen.update((one.id, one.text))
            sentences.append(one)
    if not sentences:
        raise BadInput(f"There are no annotated sentences in {folder.name}.")
    return tuple(sentences)


@cache
def shipped() -> tuple[AnnotatedSentence, ...]:
    """The corpus that ships with the code."""
    return load_annotated()


def by_id(sentences: Iterable[AnnotatedSentence]) -> dict[str, AnnotatedSentence]:
    """Sentences by their id."""
    return {one.id: one for one in sentences}
