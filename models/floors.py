"""Whether the shipped model is still as good as it was: the held-out functional suite against pinned floors."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from corpora.codebook import load_codebook
from corpora.records import FRAMES
from corpora.spec_cases import SpecCase
from corpora.spec_templates import load_suite
from models.evaluate import average_precision
from models.judge import Judge, load_judge
from models.layout import ARTEFACTS, FramesLayout
from models.outputs import NAMES, OUTPUTS
from models.rows import gold_rows, label_matrix
from models.spec_results import SUITE, ask, results, verdicts

FLOORS = Path(__file__).with_name("floors.json")

EPSILON = 0.02
"""One sentence of a frame's forty that changes places moves average precision by about so much; a machine's int8
arithmetic alone can do that."""
PASSED = "functionalities passed"
SLACK: Mapping[str, float] = {PASSED: 0.06}
"""Where another fall than `EPSILON` is let pass: two of 34 functionalities that stand just at their gate."""

PLAIN = frozenset({"F08", "F09", "F12", "F13", "F14", "F16"})
"""Functionalities whose false flags would discredit a report: neutral mentions, sport, parties, idioms, banter."""


def suite() -> tuple[SpecCase, ...]:
    """The held-out cases, those written one by one and those made from templates."""
    return load_suite(SUITE, load_codebook())


def scores(said: Sequence[Mapping[str, Any]], cases: Sequence[SpecCase]) -> dict[str, float]:
    """What is pinned of a run over the suite, each 0 to 1.

    Average precision of each frame and the share of plain cases without a displayed flag, both on the cases written one
    by one; the share of functionalities that meet their gate and the mean pass rate, on all.

    Args:
        said: Rows as `models.spec_results.ask` returns them.
        cases: The cases, in the same order.
    """
    single = [(row, case) for row, case in zip(said, cases, strict=True) if not case.template]
    found: dict[str, float] = {}
    for (frame, aspect), name in zip(OUTPUTS, NAMES, strict=True):
        if aspect == "active":
            truth = np.array([float(case.mark(frame) == 1) for _, case in single])
            found[name] = average_precision(truth, np.array([row[frame] for row, _ in single]))
    plain = [row for row, case in single if case.fn in PLAIN]
    flagged = sum(any(row[f"{frame}_flag"] == "display" for frame in FRAMES) for row in plain)
    found["plain cases left alone"] = 1.0 - flagged / len(plain)
    whole = results(verdicts(said, cases), coder="")
    found[PASSED] = whole.functionalities_passed
    found["mean pass rate"] = whole.mean_pass_rate
    return {name: round(value, 4) for name, value in found.items()}


def measured_on_gold(metrics: Path) -> dict[str, float]:
    """Average precision on held-out real sentences as the training run measured it, `gold <output>` each.

    Those sentences are not part of the project and the shipped model has learned from them, so the figure of its folds
    is read, not had again. Empty for a model that was measured on the corpus only.
    """
    found = json.loads(metrics.read_text(encoding="utf-8"))
    if not found["real"]:
        return {}
    values = {name: one["average_precision"]["value"] for name, one in found["outputs"].items() if one["positives"]}
    return {f"gold {name}": round(float(value), 4) for name, value in values.items()}


def on_file(judge: Judge, path: Path) -> dict[str, float]:
    """Average precision of the active frames on a file of real labelled sentences; not pinned.

    Args:
        judge: The coder.
        path: JSON lines as `models.rows.gold_rows` reads them. On sentences the model has learned from the figures
            flatter it.

    Raises:
        BadInput: The file cannot be used.
    """
    rows = gold_rows(path)
    said = judge.code_units(
        [{"id": one.id, "text": one.unit.text, "title": one.unit.headline, "before": one.unit.before} for one in rows]
    )
    truth = label_matrix(rows)
    return {
        f"{path.name} {name}": round(average_precision(truth[:, k], np.array([row[frame] for row in said])), 4)
        for k, ((frame, aspect), name) in enumerate(zip(OUTPUTS, NAMES, strict=True))
        if aspect == "active" and truth[:, k].any()
    }


def shortfalls(found: Mapping[str, float], floors: Mapping[str, float]) -> list[str]:
    """Say in words which scores are below their floor by more than `EPSILON`, or by what `SLACK` says."""
    return [
        f"{name}: {found.get(name, 0.0):.3f}, floor {floor:.3f}"
        for name, floor in sorted(floors.items())
        if not found.get(name, 0.0) >= floor - SLACK.get(name, EPSILON)  # so that "not a number" falls short too
    ]


def main(arguments: Sequence[str]) -> int:
    """Print the scores; with `--update` pin them, never lowering a floor unless `--allow-lower` is said too."""
    parser = argparse.ArgumentParser(prog="python -m models.floors", description=__doc__)
    parser.add_argument("--update", action="store_true", help="pin the scores as floors")
    parser.add_argument("--allow-lower", action="store_true", help="also where a floor is lowered")
    parser.add_argument(
        "--gold", type=Path, metavar="PATH", help="also print average precision on a file of real labelled sentences"
    )
    chosen = parser.parse_args(arguments)
    judge, cases = load_judge(), suite()
    found = scores(ask(judge, cases), cases) | measured_on_gold(FramesLayout(ARTEFACTS / "frames").metrics)
    known: dict[str, float] = json.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.is_file() else {}
    for name, value in found.items():
        sys.stdout.write(f"{name}: {value:.3f} (floor {known.get(name, 0.0):.3f})\n")
    if chosen.gold is not None:
        for name, value in on_file(judge, chosen.gold).items():
            sys.stdout.write(f"{name}: {value:.3f} (not pinned: it may have learned from these)\n")
    if chosen.update:
        lowered = [name for name, floor in known.items() if found.get(name, 0.0) < floor]
        if lowered and not chosen.allow_lower:
            sys.stderr.write(f"Not updated: {', '.join(lowered)} would be lowered. Add --allow-lower to do that.\n")
            return 1
        FLOORS.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        return 0
    return 1 if shortfalls(found, known) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
