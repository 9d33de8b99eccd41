"""What a command imports: nothing heavy for looking things up, no Prefect for --plain."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "spacy", "torch", "sklearn", "transformers", "prefect", "onnxruntime", "polars", "altair", "trafilatura",
    "feedparser", "scipy", "numpy", "statsmodels", "onnx", "tokenizers", "vl_convert", "sqlalchemy", "jinja2",
}  # fmt: skip
LIGHT = """
import contextlib, io, json, sys
from flows.main import run_cli
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    code = run_cli(sys.argv[1:])
print(json.dumps([code, sorted(name for name in sys.modules if "." not in name)]))
"""


def imported(*arguments: str, home: Path) -> tuple[int, set[str]]:
    """Exit code of a command and the top-level modules it left behind."""
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, "--home", str(home), *arguments], capture_output=True, text=True, check=True
    )
    code, names = json.loads(done.stdout.splitlines()[-1])
    return code, set(names)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"], ["--version"], ["outlets", "list"], ["outlets", "list", "--region", "Leeds"],
        ["judge", "--help"], ["run", "--help"], ["demo", "--help"], ["train", "--help"], ["schedule", "--help"],
        ["corpora", "list"], ["corpora", "fetch", "--help"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_looking_something_up_imports_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    code, names = imported(*arguments, home=tmp_path)
    assert code == 0
    assert not names & HEAVY


def test_a_plain_run_and_a_report_import_no_prefect(tmp_path: Path, catalogue: Path) -> None:
    (tmp_path / "sharedstory.toml").write_text(
        f'regions = ["Z07000001"]\npages = false\ncontact = "x"\ncatalogue = {json.dumps(str(catalogue))}\n'
    )
    code, names = imported("collect", "--plain", home=tmp_path)
    assert code == 3
    assert "prefect" not in names
    assert not names & {"spacy", "sklearn", "transformers", "onnxruntime", "torch", "altair"}
    code, names = imported("report", home=tmp_path)
    assert code == 12, "nothing has been judged"
    assert not names & {"prefect", "spacy", "sklearn", "transformers", "onnxruntime", "torch"}


@pytest.mark.skipif(sys.platform == "win32", reason="needs wait4")
def test_help_costs_less_than_half_a_second_of_cpu(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("sharedstory")
    best = 9.0
    for _ in range(3):
        child = subprocess.Popen(
            [str(command), "--home", str(tmp_path), "--help"], stdout=subprocess.DEVNULL, env=without_coverage()
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        assert child.returncode == 0
        best = min(best, used.ru_utime + used.ru_stime)
    assert best < 0.5


def without_coverage() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("COV")}
