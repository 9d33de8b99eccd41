"""The codebook as a page for people, rendered from the data: `python -m corpora.codebook_page tests/spec`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from corpora.codebook import FOLDER, Code, Codebook, FrameDefinition, load_codebook
from corpora.errors import BadInput
from corpora.records import FRAMES
from corpora.spec_cases import SpecCase, load_spec

PAGE = FOLDER / "CODEBOOK.md"

MARK_WORDS = {0: "no", 1: "yes", "C": "contested"}

HEAD = """# {title}

Codebook version {version}. This page is written by `python -m corpora.codebook_page tests/spec` from `frames.toml` and
the cases of the functional suite; a test writes it again and compares. All example sentences were composed for the
project; people and places are invented.

What is read is **language in published text**: not anybody's intention, not its effect on readers, not whether a rule
was kept. Every sentence is read on its own; the paragraph may only say who “they” are, whose voice it is and whether
the claim is rebutted.

## The order of questions
1. Which social groups are named or plainly meant? None, and no “we” either: nothing is flagged.
2. Is a frame put into words by anyone, even to be rejected? If not: nothing is flagged.
3. Which one? Each needs all its parts (below). A sentence may carry none, one or several.
4. Put “some residents” in place of the group. If the sentence still says the same, the group is incidental.
5. Who is answerable? If the problem would ease were the council or a budget to change, it is not blame.
6. Whose voice, and is it asserted, reported or contested? A contested frame is counted apart.
7. In doubt, with two parts only implied: nothing is flagged.
"""

TITLES = {
    "groups": "Groups",
    "problems": "Problems (blame)",
    "neighbours": "Neighbours: easily mistaken, and not flagged",
    "subtypes": "Subtypes",
    "structural": "Public cause",
    "stances": "Stance",
    "voices": "Voice",
}


def render(codebook: Codebook, cases: Sequence[SpecCase]) -> str:
    """The page as Markdown: definitions, closed lists, cases by functionality, glossary."""
    parts = [HEAD.format(title=codebook.title, version=codebook.version)]
    parts.extend(_frame(codebook.frames[frame]) for frame in FRAMES)
    parts.extend(_list(title, codebook.lists[table].values()) for table, title in TITLES.items())
    parts.append(_cases(codebook, cases))
    parts.append("## Glossary\n" + "".join(f"- **{term}**: {text}\n" for term, text in codebook.glossary.items()))
    return "\n".join(parts)


def _frame(one: FrameDefinition) -> str:
    lines = [f"## {one.name} (`{one.code}`)", one.definition, "", "**All of these must be there:**"]
    lines += [f"- {part}" for part in one.parts]
    lines += ["", "**Counts:**", *(f"- {line}" for line in one.includes)]
    lines += ["", "**Does not count:**", *(f"- {line}" for line in one.excludes)]
    lines += ["", f"**Why it matters.** {one.why_it_matters}", ""]
    lines += [
        f"*Written by {one.authored_by}. Checked by: {one.checked_by}. Reviewed {one.date_reviewed.isoformat()}, "
        f"next review {one.next_review.isoformat()}.*"
    ]
    return "\n".join(lines) + "\n"


def _list(title: str, codes: Iterable[Code]) -> str:
    rows = ["| code | name | note |", "| --- | --- | --- |"]
    rows += [f"| {one.code} | {one.name} | {one.note} |" for one in codes]
    return f"## {title}\n" + "\n".join(rows) + "\n"


def _cases(codebook: Codebook, cases: Sequence[SpecCase]) -> str:
    text = (
        "## Cases\nWhat must be told apart, with the label each case must get. A label holds for us and them / blame / "
        "shared story. A model is run on all of them; none is used for training.\n"
    )
    for code, one in codebook.lists["functionalities"].items():
        own = [case for case in cases if case.fn == code]
        note = f" ({one.note})" if one.note else ""
        text += f"\n### {code}: {one.name}{note}\n"
        for case in own:
            marks = " / ".join(MARK_WORDS[mark] for mark in case.marks)
            before = f"*{_plain(case.before)}* " if case.before else ""
            text += f"- {before}{_plain(case.text)} → {marks}. {case.title}.\n"
    return text


def _plain(text: str) -> str:
    return text.replace("*", "\\*").replace("|", "\\|").replace("<", "&lt;").replace("_", "\\_")


def main(arguments: Sequence[str]) -> None:
    """Write the page anew.

    Args:
        arguments: The folder that holds `functional.jsonl`.

    Raises:
        BadInput: No folder is named.
    """
    if len(arguments) != 1:
        raise BadInput(
            "Name the folder of the functional suite.", what_next="python -m corpora.codebook_page tests/spec"
        )
    codebook = load_codebook()
    cases = load_spec(Path(arguments[0]) / "functional.jsonl", codebook)
    PAGE.write_text(render(codebook, cases), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
