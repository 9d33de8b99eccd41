"""Whether the shipped model is still as good as it was: the held-out functional suite against pinned floors."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from corpora.codebook import load_codebook
from corpora.records import FRAMES
from corpora.spec_cases import SpecCase, load_spec
from models.evaluate import average_precision
from models.judge import Judge, load_judge
from models.outputs import NAMES, OUTPUTS

FLOORS = Path(__file__).with_name("floors.json")
SUITE = Path(__file__).resolve().parent.parent / "tests" / "spec" / "functional.jsonl"
"""Kept with the tests, out of the corpus: it is never trained on."""

EPSILON = 0.02
"""One sentence of a frame's forty that changes places moves average precision by about so much; a machine's int8
arithmetic alone can do that."""

PLAIN = frozenset({"F08", "F09", "F12", "F13", "F14", "F16"})
"""Functionalities whose false flags would discredit a report: neutral mentions, sport, parties, idioms, banter."""


def suite() -> tuple[SpecCase, ...]:
    """The held-out cases."""
    return load_spec(SUITE, load_codebook())


def scores(judge: Judge, cases: Sequence[SpecCase]) -> dict[str, float]:
    """Average precision of each frame on the suite, and the share of plain cases that are left alone."""
    rows = [{"id": case.id, "text": case.text, "title": case.headline, "before": case.before} for case in cases]
    said = judge.code_units(rows)
    found: dict[str, float] = {}
    for (frame, aspect), name in zip(OUTPUTS, NAMES, strict=True):
        if aspect == "active":
            truth = np.array([float(case.mark(frame) == 1) for case in cases])
            found[name] = average_precision(truth, np.array([row[frame] for row in said]))
    plain = [row for row, case in zip(said, cases, strict=True) if case.fn in PLAIN]
    flagged = sum(any(row[f"{frame}_flag"] for frame in FRAMES) for row in plain)
    found["plain cases left alone"] = 1.0 - flagged / len(plain)
    return {name: round(value, 4) for name, value in found.items()}


def shortfalls(found: dict[str, float], floors: dict[str, float]) -> list[str]:
    """Say in words which scores are below their floor by more than `EPSILON`."""
    return [
        f"{name}: {found.get(name, 0.0):.3f}, floor {floor:.3f}"
        for name, floor in sorted(floors.items())
        if found.get(name, 0.0) < floor - EPSILON
    ]


def main(arguments: Sequence[str]) -> int:
    """Print the scores; with `--update` pin them, never lowering a floor unless `--allow-lower` is said too."""
    found = scores(load_judge(), suite())
    known: dict[str, float] = json.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.is_file() else {}
    for name, value in found.items():
        sys.stdout.write(f"{name}: {value:.3f} (floor {known.get(name, 0.0):.3f})\n")
    if "--update" in arguments:
        lowered = [name for name, floor in known.items() if found.get(name, 0.0) < floor]
        if lowered and "--allow-lower" not in arguments:
            sys.stderr.write(f"Not updated: {', '.join(lowered)} would be lowered. Add --allow-lower to do that.\n")
            return 1
        FLOORS.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        return 0
    return 1 if shortfalls(found, known) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
