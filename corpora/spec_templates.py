"""Templates of the functional suite: one sentence asked of many groups, and the whole suite they belong to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpora.annotated import MARKS, Mark, read_lines
from corpora.codebook import Codebook
from corpora.errors import BadInput
from corpora.records import FRAMES
from corpora.spec_cases import SpecCase, load_spec

SLOT = "{group}"
BY_HAND = "functional.jsonl"
"""Cases written one by one; they are also the examples of the codebook page."""
TEMPLATES = "templates_*.jsonl"

_NEEDED = ("template", "fn", "title", "text", *FRAMES, "forms")
_OPTIONAL = ("headline", "before", "unit", "pair")

_SENTENCE_START = re.compile(
    r"""(?: ^ | [.!?]\s+ | \.[”"’']+\s+ | [:,]\s+(?=[“"‘'])) # of the text, of a sentence, of a quotation brought in
    [“"‘'(\[]* $""",
    re.VERBOSE,
)
"""Text that a capital follows. Not every quotation is a sentence: in `calls it a “{group} problem”` none follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One sentence with a slot for a group, or without one where no group belongs in."""

    id: str
    fn: str
    title: str
    text: str
    headline: str
    before: str
    is_headline: bool
    pair: str
    marks: tuple[Mark, Mark, Mark]
    """In the order of `FRAMES`; the same whichever group is put in."""
    forms: Mapping[str, tuple[str, ...]]
    """Codes of groups, each with the words that fill the slot; empty for a sentence without a slot."""

    def cases(self) -> Iterator[SpecCase]:
        """One case for each surface form: `<template>/<CODE>`, a group's second form `<template>/<CODE>-2`."""
        if not self.forms:
            yield self._case(self.id, "", ())
        for code, forms in self.forms.items():
            for number, form in enumerate(forms, start=1):
                name = f"{self.id}/{code}" if number == 1 else f"{self.id}/{code}-{number}"
                yield self._case(name, form, (code,))

    def _case(self, name: str, form: str, groups: tuple[str, ...]) -> SpecCase:
        return SpecCase(
            id=name,
            fn=self.fn,
            title=self.title,
            text=filled(self.text, form),
            headline=filled(self.headline, form),
            before=filled(self.before, form),
            is_headline=self.is_headline,
            pair=self.pair,
            marks=self.marks,
            groups=groups,
            template=self.id,
        )


def filled(text: str, form: str) -> str:
    """The text with the form in every slot, with a capital where a sentence starts."""
    out = ""
    for number, piece in enumerate(text.split(SLOT)):
        if number:
            out += _with_capital(form) if _SENTENCE_START.search(out) else form
        out += piece
    return out


def _with_capital(form: str) -> str:
    for at, sign in enumerate(form):
        if sign.isalnum():
            return form[:at] + sign.upper() + form[at + 1 :]
    return form


def load_templates(path: Path, codebook: Codebook) -> tuple[Template, ...]:
    """Read the templates of a JSON-lines file.

    Raises:
        BadInput: A template lacks a field, has one too many, or has a value that is not allowed; the message names the
            line.
    """
    return tuple(_template(where, raw, codebook) for where, raw in read_lines(path))


def _template(where: str, raw: Mapping[str, Any], codebook: Codebook) -> Template:
    missing = [field for field in _NEEDED if field not in raw]
    if missing:
        raise BadInput(f"{where} lacks {', '.join(f'`{field}`' for field in missing)}.")
    name = f"{where} ({raw['template']})"
    odd = sorted(raw.keys() - {*_NEEDED, *_OPTIONAL})
    if odd:
        raise BadInput(f"{name} has fields no template has: {', '.join(odd)}.")
    texts = [field for field in (*_NEEDED[:4], *_OPTIONAL) if not isinstance(raw.get(field, ""), str)]
    empty = [field for field in _NEEDED[:4] if not raw[field]]
    if texts or empty:
        raise BadInput(f"{name} needs words in {', '.join(f'`{field}`' for field in [*texts, *empty])}.")
    if raw["fn"] not in codebook.codes("functionalities"):
        raise BadInput(f"{name} is for {raw['fn']}, which is no functionality of the codebook.")
    wrong = [
        f"{frame}={raw[frame]!r}" for frame in FRAMES if type(raw[frame]) not in {int, str} or raw[frame] not in MARKS
    ]
    if wrong:
        raise BadInput(f"{name} has labels other than 0, 1 and C: {', '.join(wrong)}.")
    if raw.get("unit", "") not in {"", "headline"}:
        raise BadInput(f"{name} is the unit {raw['unit']!r}; it may be `headline` or empty.")
    return Template(
        id=raw["template"],
        fn=raw["fn"],
        title=raw["title"],
        text=raw["text"],
        headline=raw.get("headline", ""),
        before=raw.get("before", ""),
        is_headline=raw.get("unit") == "headline",
        pair=raw.get("pair", ""),
        marks=(raw["us_them"], raw["blame"], raw["shared_story"]),
        forms=_forms(name, raw, codebook),
    )


def _is_mark(value: object) -> bool:
    return not isinstance(value, bool | float) and value in MARKS


def _forms(name: str, raw: Mapping[str, Any], codebook: Codebook) -> dict[str, tuple[str, ...]]:
    forms = raw["forms"]
    if not isinstance(forms, dict):
        raise BadInput(f"{name} needs `forms` as a table of group codes.")
    if bool(forms) != (SLOT in raw["text"]):
        raise BadInput(f"{name} has {'forms and no slot' if forms else 'a slot and no forms'}.")
    for field in ("text", "headline", "before"):
        rest = raw.get(field, "").replace(SLOT, "") if forms else raw.get(field, "")
        if "{" in rest or "}" in rest:
            raise BadInput(f"{name} has braces in `{field}` that are not the slot {SLOT}.")
    for code, words in forms.items():
        if code not in codebook.blamable():
            raise BadInput(f"{name} has forms for {code}, which is no group that may fill a slot.")
        plain = isinstance(words, list) and all(isinstance(one, str) and one and one == one.strip() for one in words)
        if not plain or not words or len(set(words)) < len(words):
            raise BadInput(f"{name} needs one or more different surface forms for {code}, not {words!r}.")
    return {code: tuple(words) for code, words in forms.items()}


def load_suite(folder: Path, codebook: Codebook) -> tuple[SpecCase, ...]:
    """Read the whole suite: the cases written one by one, then those made from templates, file by file.

    Raises:
        BadInput: A line breaks a rule, or an id or a text occurs twice.
    """
    cases = list(load_spec(folder / BY_HAND, codebook))
    for path in sorted(folder.glob(TEMPLATES)):
        cases += [case for template in load_templates(path, codebook) for case in template.cases()]
    ids: set[str] = set()
    texts: dict[str, str] = {}
    for case in cases:
        if case.id in ids:
            raise BadInput(f"The functional suite has two cases {case.id}.")
        if case.text in texts:
            raise BadInput(f"The functional suite asks the same in {texts[case.text]} and {case.id}.")
        ids.add(case.id)
        texts[case.text] = case.id
    return tuple(cases)


def suite_digest(cases: Iterable[SpecCase]) -> str:
    """Digest of all that is asked and wanted, 16 hexadecimal digits: results belong to exactly one suite."""
    summed = hashlib.sha256()
    for case in cases:
        asked = (case.id, case.fn, case.text, case.headline, case.before, case.is_headline, case.marks, case.groups)
        summed.update(f"{asked}\n".encode("utf-8", "surrogatepass"))
    return summed.hexdigest()[:16]
