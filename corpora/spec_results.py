"""How a model did on the functional suite: the record that a run writes and the codebook page reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpora.errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupResult:
    """Cases in which one group stands in the slot."""

    cases: int
    pass_rate: float
    """Share of them that pass, 0 to 1."""
    same_templates: float
    """The same share for the same templates whichever group stands in them: groups did not get the same templates, so
    the two are compared, not one group's rate with another's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionalityResult:
    """Cases of one functionality."""

    templates: int
    """Templates, and cases written by themselves."""
    cases: int
    pass_rate: float
    """Mean over templates of the share of a template's cases that pass, 0 to 1."""
    gate: float | None
    """The pass rate asked for; None where it is only watched."""
    spread: float | None
    """Best less worst pass rate of groups with enough cases; None with fewer than two such groups."""
    spread_groups: int
    """How many groups the spread rests on."""
    flip_rate: float | None
    """Share of cases whose verdict is not that of most cases of their template; None where there is no slot."""
    by_group: Mapping[str, GroupResult]

    @property
    def passed(self) -> bool | None:
        """Whether the gate is met; None where there is none."""
        return None if self.gate is None else self.pass_rate >= self.gate


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteResults:
    """The whole suite."""

    coder: str
    """Name of the coder that was asked, with the digest of its weights."""
    suite: str
    """`corpora.spec_templates.suite_digest` of what it was asked."""
    level: str
    """From which level on a sentence counts as flagged."""
    cases: int
    templates: int
    functionalities_passed: float
    """Share, 0 to 1, of the functionalities with a gate that meet it."""
    mean_pass_rate: float
    """Mean of the functionalities' pass rates, gate or no gate."""
    flip_rate: float | None
    """As for one functionality, over all templates with a slot."""
    functionalities: Mapping[str, FunctionalityResult]
    groups: Mapping[str, GroupResult]
    """By the group in the slot."""
    groups_left_alone: Mapping[str, GroupResult]
    """Of those, cases in which nothing is to be flagged: what falls short here are false alarms."""
    groups_flagged: Mapping[str, GroupResult]
    """Of those, cases in which a frame is to be flagged: what falls short here is mostly missed. A model that sees a
    frame wherever a group is named fails that group above and passes it here, so that the two together look fair."""

    def as_json(self) -> str:
        """For the file."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


def read_results(path: Path) -> SuiteResults:
    """Read what `SuiteResults.as_json` wrote.

    Raises:
        BadInput: The file cannot be read or is no such record.
    """
    try:
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        functionalities = {
            code: FunctionalityResult(**{**one, "by_group": _groups(one["by_group"])})
            for code, one in raw["functionalities"].items()
        }
        groups = {name: _groups(raw[name]) for name in ("groups", "groups_left_alone", "groups_flagged")}
        return SuiteResults(**{**raw, **groups, "functionalities": functionalities})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            f"{path.name} holds no results of the functional suite ({error}).",
            what_next="Write it anew: python -m models.spec_results --write",
        ) from error


def _groups(raw: Mapping[str, Any]) -> dict[str, GroupResult]:
    return {code: GroupResult(**one) for code, one in raw.items()}


def results_of_shipped(path: Path, suite: str) -> SuiteResults | None:
    """The results in a model's folder, if they are those of the model that stands there and of this suite.

    Args:
        path: `spec.json` beside a model's `manifest.json`.
        suite: `corpora.spec_templates.suite_digest` of the suite as it is now.

    Returns:
        None where there is no such file, or it tells of another model or of another suite.

    Raises:
        BadInput: A file is there and cannot be read.
    """
    if not path.is_file():
        return None
    found = read_results(path)
    manifest = path.with_name("manifest.json")
    try:
        shipped = json.loads(manifest.read_text(encoding="utf-8"))["coder"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"No model's manifest can be read beside {path.name}: {error}.") from error
    return found if (found.coder, found.suite) == (shipped, suite) else None
