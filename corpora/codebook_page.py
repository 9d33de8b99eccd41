"""The codebook as a page for people, rendered from the data.

`python -m corpora.codebook_page tests/spec models/artefacts/frames/spec.json`; the second file may be missing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from corpora.codebook import FOLDER, Code, Codebook, FrameDefinition, load_codebook
from corpora.errors import BadInput
from corpora.records import FRAMES
from corpora.spec_cases import SpecCase
from corpora.spec_results import GroupResult, SuiteResults, results_of_shipped
from corpora.spec_templates import load_suite, suite_digest

PAGE = FOLDER / "CODEBOOK.md"

COMMAND = "python -m corpora.codebook_page tests/spec models/artefacts/frames/spec.json"
MARK_WORDS = {0: "no", 1: "yes", "C": "contested"}

HEAD = """# {title}

Codebook version {version}. This page is written from `frames.toml`, the cases of the functional suite and what the
shipped model made of them; a test writes it again and compares. All example sentences were composed for the project;
people and places are invented. To write it anew: `{command}`

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


RESULTS = """## What the shipped model makes of them
`{coder}` was asked all {cases} cases; it has learned from none. A case passes when every frame it asks about is
right: flagged for a reader's look (level `{level}`) where the frame is there, left alone where it is absent or
contested. A rate is the mean over templates, and a case written by itself counts as one. The rate wanted was set
beforehand, as a judgement; a dash stands where there is none. *Changing with the group* is the share of cases whose
verdict is not that of most cases of the same template: the sentence is the same and only the group differs. *Spread* is
the best group's pass rate less the worst one's, among groups with four cases or more; so few cases make it coarse.

{met} of {gated} functionalities reach the rate wanted; the mean pass rate is {mean}, and {flips} of verdicts change
with the group.

| | functionality | templates | cases | passes | wanted | reached | changing with the group | spread (groups) |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
{rows}

### By the group in the sentence
Where the model errs, not what anybody is like. Each cell is the pass rate with the group in the sentence and, in
brackets, that of the same templates whichever group stands in them. Groups did not get the same templates, so a rate is
to be held against the one in brackets and not against another group's. Where nothing is to be flagged a lower rate
means false alarms; where a frame is to be flagged it means that more is missed.

| group | cases | all | cases | nothing to be flagged | cases | a frame to be flagged |
| --- | --- | --- | --- | --- | --- | --- |
{groups}
"""


def render(codebook: Codebook, cases: Sequence[SpecCase], results: SuiteResults | None = None) -> str:
    """The page as Markdown: definitions, closed lists, cases by functionality, glossary.

    Args:
        codebook: The codebook.
        cases: The functional suite; the cases written one by one are shown, those made from templates are counted.
        results: What the shipped model made of the suite, if that is known.
    """
    parts = [HEAD.format(title=codebook.title, version=codebook.version, command=COMMAND)]
    parts.extend(_frame(codebook.frames[frame]) for frame in FRAMES)
    parts.extend(_list(title, codebook.lists[table].values()) for table, title in TITLES.items())
    parts.append(_cases(codebook, cases))
    if results is not None:
        parts.append(_results(codebook, results))
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
    made = [case for case in cases if case.template]
    if made:
        text += (
            f"\nBelow are the cases written one by one. {len(made)} more are made from "
            f"{len({case.template for case in made})} templates, most of which ask one sentence of several groups.\n"
        )
    for code, one in codebook.lists["functionalities"].items():
        own = [case for case in cases if case.fn == code and not case.template]
        note = f" ({one.note})" if one.note else ""
        text += f"\n### {code}: {one.name}{note}\n"
        for case in own:
            marks = " / ".join(MARK_WORDS[mark] for mark in case.marks)
            before = f"*{_plain(case.before)}* " if case.before else ""
            text += f"- {before}{_plain(case.text)} → {marks}. {case.title}.\n"
    return text


def _results(codebook: Codebook, results: SuiteResults) -> str:
    names, rows = codebook.lists["functionalities"], []
    for code, one in results.functionalities.items():
        reached = "–" if one.passed is None else "yes" if one.passed else "**no**"
        spread = "–" if one.spread is None else f"{one.spread:.2f} ({one.spread_groups})"
        rows.append(
            f"| {code} | {names[code].name} | {one.templates} | {one.cases} | {_percent(one.pass_rate)} | "
            f"{_percent(one.gate)} | {reached} | {_percent(one.flip_rate)} | {spread} |"
        )
    passed = [one.passed for one in results.functionalities.values() if one.passed is not None]
    return RESULTS.format(
        coder=results.coder,
        cases=results.cases,
        level=results.level,
        met=sum(passed),
        gated=len(passed),
        mean=_percent(results.mean_pass_rate),
        flips=_percent(results.flip_rate),
        rows="\n".join(rows),
        groups="\n".join(_group_rows(codebook, results)),
    )


def _group_rows(codebook: Codebook, results: SuiteResults) -> Iterator[str]:
    """In the order of the list of groups, not of their rates."""
    for code, group in codebook.lists["groups"].items():
        if code in results.groups:
            kinds = (results.groups, results.groups_left_alone, results.groups_flagged)
            yield f"| {group.name} | {' | '.join(_group_cells(kind.get(code)) for kind in kinds)} |"


def _group_cells(one: GroupResult | None) -> str:
    if one is None:
        return "0 | –"
    return f"{one.cases} | {_percent(one.pass_rate)} ({_percent(one.same_templates)})"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"


def _plain(text: str) -> str:
    return text.replace("*", "\\*").replace("|", "\\|").replace("<", "&lt;").replace("_", "\\_")


def main(arguments: Sequence[str]) -> int:
    """Write the page anew; say so if it holds no results of the shipped model.

    Args:
        arguments: The folder of the functional suite and, if its results are to be shown, the model's `spec.json`.

    Raises:
        BadInput: No folder is named, or a file cannot be read.
    """
    if len(arguments) not in {1, 2}:
        raise BadInput("Name the folder of the functional suite, and the model's results.", what_next=COMMAND)
    codebook = load_codebook()
    cases = load_suite(Path(arguments[0]), codebook)
    results = results_of_shipped(Path(arguments[1]), suite_digest(cases)) if len(arguments) > 1 else None
    PAGE.write_text(render(codebook, cases, results), encoding="utf-8", newline="\n")
    if results is None:
        sys.stderr.write("Written without results: there are none of the shipped model on this suite.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
