"""The house rules that a test can see: rooms, sizes, docstrings, imports, the command line's papers."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from corpora import errors
from flows.main import COMMANDS, EXIT_CODES, cli

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("corpora", "nlp", "models", "reports", "flows")
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "__pycache__" not in path.parts)
NOT_OURS = {".git", ".venv", "demo-data", "data", "build", "dist", "htmlcov"}
"""Folders at the root that are never part of the repository (see .gitignore)."""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def own_files() -> Iterator[Path]:
    """Text files that belong to the repository, without asking git (a downloaded archive has none)."""
    for folder, folders, files in os.walk(ROOT):
        at_root = Path(folder) == ROOT
        folders[:] = [
            one
            for one in folders
            if one != "__pycache__"
            and not (at_root and (one in NOT_OURS or (one.startswith(".") and one not in {".ci", ".github"})))
        ]
        for name in files:
            path = Path(folder) / name
            if path.suffix not in {".onnx", ".safetensors", ".gz", ".xz", ".png", ".pyc"} and not name.startswith(
                ".coverage"
            ):
                yield path


# Rooms


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_this_checkout(room: str) -> None:
    file = importlib.import_module(room).__file__
    assert file is not None
    assert Path(file).resolve() == ROOT / room / "__init__.py"


@pytest.mark.parametrize("room", ROOMS)
def test_no_other_distribution_owns_a_rooms_name(room: str) -> None:
    owners = set(importlib.metadata.packages_distributions().get(room, []))
    assert owners <= {"sharedstory"}, f"{owners} would overwrite {room}/"


def test_tests_hold_no_package_that_could_shadow_a_room() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_for(room: str) -> None:
    assert inspect.getdoc(importlib.import_module(room))
    readme = ROOT / room / "README.md"
    assert readme.is_file(), f"write {room}/README.md"
    assert len(readme.read_text(encoding="utf-8").split()) > 20


# Modules


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_one_question_of_bearable_size_and_says_so(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= 400
    assert ast.get_docstring(ast.parse(source)), "the docstring's first line answers the module's question"


def undocumented(tree: ast.Module) -> Iterator[str]:
    """Public functions, classes and methods without a docstring; `__init__` is described by its class."""
    waiting: list[tuple[str, ast.AST]] = [("", tree)]
    while waiting:
        prefix, node = waiting.pop()
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            public = not child.name.startswith("_")
            decorators = [ast.unparse(one) for one in child.decorator_list]
            # A setter is described where its property is.
            again = any(one == "overload" or one.endswith(".setter") for one in decorators)
            if public and not again and not ast.get_docstring(child):
                yield prefix + child.name
            if public and isinstance(child, ast.ClassDef):
                waiting.append((f"{prefix}{child.name}.", child))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_everything_public_is_documented(path: Path) -> None:
    assert list(undocumented(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_is_loaded_that_could_run_code(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert not imported & {"pickle", "cPickle", "joblib", "dill", "cloudpickle", "shelve", "marshal"}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert not {ast.unparse(node.func) for node in calls} & {"torch.load", "eval", "exec", "yaml.load"}
    for node in calls:
        assert ast.unparse(node.func) != "np.load" or "allow_pickle=False" in ast.unparse(node)


def test_no_module_uses_syntax_newer_than_the_oldest_python() -> None:
    for path in MODULES:
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 11))


# Papers and pins


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    # Written in pieces, so that this file does not find itself.
    folders = "|".join(("ho" + "me", "Us" + "ers", "wo" + "rk", "ro" + "ot"))
    machine = re.compile(rf"(?<![\w.])/({folders})/\w|[A-Z]:\\+Us" + "ers")
    found = []
    for path in own_files():
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            if machine.search(line) and "http" not in line:
                found.append(f"{name_of(path)}:{number}: {line.strip()[:100]}")
    assert found == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "nlp/english.lock", "models/base.lock"])
def test_pins_have_hashes_and_name_no_index(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|--index-url|--extra-index-url|--find-links|--trusted-host)\b", text, re.MULTILINE)
    pins = re.findall(r"^([A-Za-z0-9._-]+)==\S+", text, re.MULTILINE)
    assert pins
    assert len(re.findall("--hash=sha256:[0-9a-f]{64}", text)) >= len(pins)


def test_the_layers_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    if not lint.is_file():
        pytest.skip("import-linter is not installed beside this Python")
    done = subprocess.run([str(lint), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "0 broken" in done.stdout


def test_links_between_our_papers_lead_somewhere() -> None:
    broken = [
        f"{name_of(path)}: {target}"
        for path in own_files()
        if path.suffix == ".md"
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8"))
        if not re.match("[a-z]+:", target) and not (path.parent / target).exists()
    ]
    assert broken == []


# The command line


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_help_and_stands_in_the_readme(command: str) -> None:
    found = cli.get_command(click.Context(cli), command)
    assert found is not None
    assert found.name == command
    assert found.help
    for option in found.params:
        assert not isinstance(option, click.Option) or option.help or option.hidden or option.name == "seed", (
            option.name
        )
    for name, inner in getattr(found, "commands", {}).items():
        assert inner.help, name
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"(?m)^\| `(sharedstory )?{command}\b", readme), "give it a row in the README's table of commands"


def test_the_readme_names_no_command_that_is_not_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`sharedstory ([a-z]+)", readme)) <= set(COMMANDS)


def test_exit_codes_of_the_help_are_those_of_the_errors() -> None:
    listed = {int(code) for code in re.findall(r"(?:^|\s{2,})(\d+) {2,}\S", EXIT_CODES)} | {
        int(code) for code in re.findall(r"(?m)(?:^|\s)(\d{1,3})  ?[a-z]", EXIT_CODES)
    }
    raised = {
        one.exit_code
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.SharedStoryError)
    }
    assert raised <= listed
    # Those no error class has: done, done in part, a file of the system's, interrupted.
    assert listed - raised == {0, 3, 74, 130}
