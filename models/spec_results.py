"""Which functionalities of the suite the model masters, and whether it treats groups alike.

`python -m models.spec_results` prints it, with `--write` it is also kept beside the model for the codebook page.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpora.codebook import load_codebook
from corpora.spec_cases import SpecCase
from corpora.spec_results import FunctionalityResult, GroupResult, SuiteResults
from corpora.spec_templates import load_suite, suite_digest
from models.judge import Judge, load_judge
from models.layout import ARTEFACTS

SUITE = Path(__file__).resolve().parent.parent / "tests" / "spec"
"""Kept with the tests, out of the corpus: it is never trained on."""
RESULTS = ARTEFACTS / "frames" / "spec.json"

LEVEL = "triage"
"""A sentence counts as flagged once a reader is asked to look at it: the level at which a false alarm first costs
anybody time, and at which little may be missed."""

GATES: Mapping[str, float | None] = {
    **dict.fromkeys(("F08", "F09", "F12", "F13", "F14", "F16"), 0.95),
    **dict.fromkeys(("F10", "F11", "F15", "F17", "F18", "F20", "F21", "F22", "F24"), 0.85),
    **dict.fromkeys(("F27", "F28", "F29", "F30", "F31"), 0.85),
    **dict.fromkeys(("F01", "F02", "F03", "F04", "F05", "F06", "F07"), 0.75),
    **dict.fromkeys(("F19", "F23", "F25", "F26", "F33", "F34", "F36"), 0.75),
    **dict.fromkeys(("F32", "F35"), None),
}
"""Pass rate asked of each functionality: highest where a false alarm would discredit a report, none where the case is
known to be too hard. Set before any model was measured on templates; judgements, not published norms."""

SPREAD_LIMIT, FLIP_LIMIT = 0.10, 0.05
"""Wanted of every functionality: best and worst group this near, and so few verdicts that change with the group."""
FEWEST_CASES = 4
"""A group's pass rate in one functionality is compared from so many cases on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a model said of one case."""

    case: SpecCase
    flags: tuple[bool, ...]
    """One for each of `SpecCase.scored`."""

    @property
    def passed(self) -> bool:
        """Every frame asked about is right: flagged where it is active, else (absent or contested) left alone."""
        return self.flags == tuple(self.case.mark(frame) == 1 for frame in self.case.scored)


def ask(judge: Judge, cases: Sequence[SpecCase]) -> list[dict[str, Any]]:
    """The rows the judge gives for the cases, in order."""
    return judge.code_units(
        [
            {
                "id": case.id,
                "text": case.text,
                "title": case.headline,
                "before": case.before,
                "unit": "headline" if case.is_headline else "body",
            }
            for case in cases
        ]
    )


def verdicts(said: Sequence[Mapping[str, Any]], cases: Sequence[SpecCase]) -> list[Verdict]:
    """Read the judge's rows as verdicts at `LEVEL`.

    Args:
        said: Rows as `ask` returns them.
        cases: The cases, in the same order.
    """
    return [
        Verdict(case=case, flags=tuple(bool(row[f"{frame}_flag"]) for frame in case.scored))
        for row, case in zip(said, cases, strict=True)
    ]


def results(found: Sequence[Verdict], coder: str) -> SuiteResults:
    """Pass rates by functionality and by group, spreads and flip rates; rounded to four places.

    Args:
        found: Verdicts on the whole suite.
        coder: Name of the coder that gave them.
    """
    by_fn = _by(found, lambda one: one.case.fn)
    told = {code: _functionality(by_fn[code], gate) for code, gate in GATES.items() if code in by_fn}
    told = dict(sorted(told.items()))
    active = [any(one.case.mark(frame) == 1 for frame in one.case.scored) for one in found]
    gated = [one.passed for one in told.values() if one.passed is not None]
    return SuiteResults(
        coder=coder,
        suite=suite_digest(one.case for one in found),
        level=LEVEL,
        cases=len(found),
        templates=len({one.case.family for one in found}),
        functionalities_passed=round(_mean(gated), 4),
        mean_pass_rate=round(_mean(one.pass_rate for one in told.values()), 4),
        flip_rate=_flip_rate(found),
        functionalities=told,
        groups=_groups(found),
        groups_left_alone=_groups([one for one, wanted in zip(found, active, strict=True) if not wanted]),
        groups_flagged=_groups([one for one, wanted in zip(found, active, strict=True) if wanted]),
    )


def _functionality(found: Sequence[Verdict], gate: float | None) -> FunctionalityResult:
    by_group = _groups(found)
    compared = [one.pass_rate for one in by_group.values() if one.cases >= FEWEST_CASES]
    families = _by(found, lambda one: one.case.family).values()
    return FunctionalityResult(
        templates=len(families),
        cases=len(found),
        pass_rate=round(_mean(_pass_rate(family) for family in families), 4),
        gate=gate,
        spread=round(max(compared) - min(compared), 4) if len(compared) > 1 else None,
        spread_groups=len(compared),
        flip_rate=_flip_rate(found),
        by_group=by_group,
    )


def _groups(found: Sequence[Verdict]) -> dict[str, GroupResult]:
    """Results by the group in the slot, in the alphabet's order of codes."""
    slotted = [one for one in found if one.case.slotted]
    of_template = {family: _pass_rate(own) for family, own in _by(slotted, lambda one: one.case.family).items()}
    by_group = _by(slotted, lambda one: one.case.groups[0])
    return {
        code: GroupResult(
            cases=len(own),
            pass_rate=round(_pass_rate(own), 4),
            same_templates=round(_mean(of_template[one.case.family] for one in own), 4),
        )
        for code, own in sorted(by_group.items())
    }


def _flip_rate(found: Iterable[Verdict]) -> float | None:
    """Share of slotted cases whose flags are not those of most cases of their template."""
    families = _by((one for one in found if one.case.slotted), lambda one: one.case.family)
    cases = sum(len(own) for own in families.values())
    alike = sum(max(Counter(one.flags for one in own).values()) for own in families.values())
    return round(1.0 - alike / cases, 4) if cases else None


def _by(found: Iterable[Verdict], key: Callable[[Verdict], str]) -> dict[str, list[Verdict]]:
    sorted_in: defaultdict[str, list[Verdict]] = defaultdict(list)
    for one in found:
        sorted_in[key(one)].append(one)
    return dict(sorted_in)


def _pass_rate(found: Iterable[Verdict]) -> float:
    return _mean(one.passed for one in found)


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return sum(known) / len(known) if known else 0.0


def summary(found: SuiteResults) -> str:
    """The results in plain lines."""
    names = load_codebook().lists["functionalities"]
    lines = [f"{found.coder}, {found.cases} cases of {found.templates} templates, level {found.level}"]
    for code, one in found.functionalities.items():
        wanted = "watched" if one.gate is None else f"gate {one.gate:.2f} {'met' if one.passed else 'NOT met'}"
        spread = "" if one.spread is None else f", spread {one.spread:.2f} of {one.spread_groups} groups"
        flips = "" if one.flip_rate is None else f", flips {one.flip_rate:.2f}"
        lines.append(f"{code} {one.pass_rate:.2f} ({wanted}{spread}{flips}): {names[code].name}")
    kinds = {"": found.groups, "left alone": found.groups_left_alone, "flagged": found.groups_flagged}
    for code in found.groups:
        told = [
            f"{kind} {groups[code].pass_rate:.2f} of {groups[code].cases} ({groups[code].same_templates:.2f})".strip()
            for kind, groups in kinds.items()
            if code in groups
        ]
        lines.append(f"{code} {', '.join(told)}; in brackets the same templates, any group")
    flips = "" if found.flip_rate is None else f", flips {found.flip_rate:.3f}"
    lines.append(f"gates met {found.functionalities_passed:.3f}, mean pass rate {found.mean_pass_rate:.3f}{flips}")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Run the shipped model over the suite and print the results; with `--write` keep them beside the model."""
    judge, cases = load_judge(), load_suite(SUITE, load_codebook())
    found = results(verdicts(ask(judge, cases), cases), judge.coder.name)
    sys.stdout.write(summary(found))
    if "--write" in arguments:
        RESULTS.write_text(found.as_json(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
