"""The command line: what people type, get wrong, and are told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.main import COMMANDS, cli, run_cli
from flows.settings import Workspace, load_workspace

sys.path.append(str(Path(__file__).parent / "support"))
import county

Say = Callable[..., tuple[int, str, str]]
COMMAND = Path(sys.executable).with_name("sharedstory")


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs a command in this process; gives exit code, output and errors."""

    def run(*arguments: str, home: Path) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run_cli(["--home", str(home), *arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return run


def process(*arguments: str, home: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the installed command in a process of its own."""
    return subprocess.run(
        [str(COMMAND), "--home", str(home), *arguments], input=stdin, capture_output=True, text=True, check=False
    )


def put_workspace(home: Path, regions: str = '["E08000035"]', more: str = "") -> None:
    home.mkdir(parents=True, exist_ok=True)
    (home / "sharedstory.toml").write_text(
        f'regions = {regions}\npages = false\ncontact = "us@example.org"\n{more}', encoding="utf-8"
    )


# init


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Leeds", "E08000035"),
        ("leeds city council", "E08000035"),
        ("E08000035", "E08000035"),
        ("e08000035", "E08000035"),
    ],
)
def test_a_region_is_found_by_name_and_by_code(said: Say, tmp_path: Path, typed: str, code: str) -> None:
    status, out, _ = said("init", typed, "--no-pages", "--contact", "us@example.org", home=tmp_path)
    assert status == 0
    assert f"({code})" in out
    assert "sharedstory run" in out
    made = load_workspace(tmp_path)
    assert made.regions == (code,)
    assert made.pages is False
    assert "us@example.org" in made.user_agent
    assert made.store.is_file()


def test_an_old_code_leads_to_the_authority_of_today(said: Say, tmp_path: Path) -> None:
    from corpora.catalogue import load_catalogue

    old, new = next(iter(load_catalogue().old_codes.items()))
    status, _, _ = said("init", old, "--no-pages", "--contact", "x", home=tmp_path)
    assert status == 0
    assert load_workspace(tmp_path).regions == (new,)


def test_the_same_region_twice_is_one(said: Say, tmp_path: Path) -> None:
    assert said("init", "Leeds", "E08000035", "Wales", "--pages", "--contact", "x", home=tmp_path)[0] == 0
    made = load_workspace(tmp_path)
    assert len(made.regions) == 2
    assert made.pages is True


def test_an_unknown_region_is_answered_with_what_is_near(said: Say, tmp_path: Path) -> None:
    status, _, err = said("init", "Leads", "--no-pages", "--contact", "x", home=tmp_path / "new")
    assert status == 10
    assert "No region is called 'Leads'" in err
    assert "Did you mean" in err
    assert "Leeds" in err
    assert not (tmp_path / "new").exists(), "nothing is made where nothing was chosen"


@pytest.mark.parametrize("name", ["", "   ", "\x00", "'; DROP TABLE story;--", "Ω" * 5000, "../../etc", "E99999999"])
def test_nonsense_is_no_region(said: Say, tmp_path: Path, name: str) -> None:
    status, _, err = said("init", name, "--no-pages", "--contact", "x", home=tmp_path / "new")
    assert status == 10
    assert len(err) < 500


def test_whether_pages_are_fetched_is_asked_and_never_assumed(tmp_path: Path) -> None:
    ended = process("init", "Leeds", home=tmp_path / "new")
    assert ended.returncode == 2
    assert "--pages or --no-pages" in ended.stderr
    assert not (tmp_path / "new" / "sharedstory.toml").exists()
    asked = process("init", "Leeds", home=tmp_path / "new", stdin="y\nus@example.org\n")
    assert asked.returncode == 0
    assert "publisher" in asked.stdout
    assert load_workspace(tmp_path / "new").pages is True
    assert load_workspace(tmp_path / "new").contact == "us@example.org"


def test_init_again_keeps_what_was_collected(said: Say, tmp_path: Path) -> None:
    from corpora.store import Store

    assert said("init", "Leeds", "--no-pages", "--contact", "x", home=tmp_path)[0] == 0
    with Store(tmp_path / "store.sqlite") as store:
        store.set_note("kept", "yes")
    assert said("init", "Bradford", "--no-pages", "--contact", "x", home=tmp_path)[0] == 0
    with Store(tmp_path / "store.sqlite") as store:
        assert store.note("kept") == "yes"


@pytest.mark.parametrize("contact", ['a "quoted" \\ contact', "line\nbreak", "Łódź <x@example.org>", "\x07bell"])
def test_a_contact_of_any_characters_survives_the_settings_file(tmp_path: Path, contact: str) -> None:
    made = Workspace(home=tmp_path, regions=("E08000035",), pages=False, contact=contact)
    made.save()
    read = load_workspace(tmp_path)
    assert read.regions == made.regions
    assert read.contact.isprintable()
    assert read.contact.replace(" ", "") == "".join(one for one in contact if one.isprintable()).replace(" ", "")


def test_the_workspace_is_its_owners(said: Say, tmp_path: Path) -> None:
    said("init", "Leeds", "--no-pages", "--contact", "x", home=tmp_path / "new")
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_a_contact_beyond_ascii_does_not_stop_a_request(tmp_path: Path) -> None:
    from corpora.fetch import Fetcher

    made = Workspace(home=tmp_path, regions=("E08000035",), pages=False, contact="Łukasz, rada@example.org")
    Fetcher(user_agent=made.user_agent).close()


# Workspaces that are not as they should be


@pytest.mark.parametrize("command", ["collect", "judge", "report", "run", "schedule"])
def test_without_a_workspace_the_first_step_is_named(said: Say, tmp_path: Path, command: str) -> None:
    status, _, err = said(command, home=tmp_path / "none")
    assert status == 12
    assert "There is no workspace" in err
    assert "sharedstory init" in err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "text",
    [
        "regions = [", "\x00\x01\x02", 'regions = "E08000035"\npages = true\ncontact = "x"', "regions = []",
        'regions = ["E08000035"]\npages = "no"\ncontact = "x"', 'regions = [1]\npages = true\ncontact = "x"',
        'regions = ["E08000035"]\npages = true\ncontact = "x"\ncatalogue = 7',
    ],
)  # fmt: skip
def test_a_damaged_settings_file_is_named(said: Say, tmp_path: Path, text: str) -> None:
    (tmp_path / "sharedstory.toml").write_text(text)
    status, _, err = said("collect", "--plain", home=tmp_path)
    assert status == 2
    assert "sharedstory.toml" in err
    assert "sharedstory init" in err
    assert (tmp_path / "sharedstory.toml").read_text() == text


def test_settings_that_are_no_text_are_named(said: Say, tmp_path: Path) -> None:
    (tmp_path / "sharedstory.toml").write_bytes(b"\xff\xfe\x00regions")
    assert said("collect", "--plain", home=tmp_path)[0] == 2


def test_a_region_that_is_gone_from_the_catalogue_is_told(said: Say, tmp_path: Path) -> None:
    put_workspace(tmp_path, '["E08009999"]')
    status, _, err = said("report", home=tmp_path)
    assert status == 10
    assert "E08009999" in err


def test_a_workspace_without_regions_is_told(said: Say, tmp_path: Path) -> None:
    put_workspace(tmp_path, "[]")
    for command in (["collect", "--plain"], ["report"]):
        status, _, err = said(*command, home=tmp_path)
        assert status == 12
        assert "sharedstory init" in err


def test_a_region_without_outlets_is_told(said: Say, tmp_path: Path) -> None:
    from corpora.demo.articles import HERE

    catalogue = tmp_path / "catalogue"
    shutil.copytree(HERE / "catalogue", catalogue)
    lines = (catalogue / "sources.csv").read_text(encoding="utf-8").splitlines()
    kept = [lines[0], *(line for line in lines[1:] if "|" not in line and "Z07000004" not in line)]
    (catalogue / "sources.csv").write_text("\n".join(kept), encoding="utf-8")
    put_workspace(tmp_path, '["Z07000004"]', f'catalogue = "{catalogue.as_posix()}"\n')
    for command in ("collect", "run"):
        status, _, err = said(command, home=tmp_path)
        assert status == 12
        assert "no feed for Drayholt" in err
        assert "outlets list" in err


def test_a_damaged_catalogue_is_named_by_line(said: Say, tmp_path: Path) -> None:
    catalogue = tmp_path / "catalogue"
    catalogue.mkdir()
    (catalogue / "regions.csv").write_text("gss,name,tier,parent,county,aliases\nnonsense,X,lad,,,\n")
    put_workspace(tmp_path, '["E08000035"]', f'catalogue = "{catalogue.as_posix()}"\n')
    status, _, err = said("collect", "--plain", home=tmp_path)
    assert status == 11
    assert "regions.csv line 2" in err


@pytest.mark.parametrize(
    "body", [b"not a database at all, but long enough to be one" * 50, b"SQLite format 3\x00" + b"\xff" * 9000]
)
@pytest.mark.parametrize("command", [["collect", "--plain"], ["collect"], ["judge"], ["report"], ["run"]], ids=" ".join)
def test_a_damaged_store_is_told_and_left_alone(said: Say, tmp_path: Path, body: bytes, command: list[str]) -> None:
    put_workspace(tmp_path)
    (tmp_path / "store.sqlite").write_bytes(body)
    status, _, err = said(*command, home=tmp_path)
    assert status == 13
    assert "store.sqlite" in err
    assert len(err.splitlines()) <= 3
    assert (tmp_path / "store.sqlite").read_bytes() == body


def test_a_store_of_another_program_version_is_refused(said: Say, tmp_path: Path) -> None:
    from corpora.store import Store

    put_workspace(tmp_path)
    with Store(tmp_path / "store.sqlite") as store:
        store.set_note("schema", "999")
    status, _, err = said("report", home=tmp_path)
    assert status == 13
    assert "999" in err


def test_a_home_that_is_a_file_is_told(said: Say, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert said("init", "Leeds", "--no-pages", "--contact", "x", home=tmp_path / "file")[0] == 2
    status, _, err = said("init", "Leeds", "--no-pages", "--contact", "x", home=tmp_path / "file" / "inside")
    assert status in {2, 13, 74}
    assert "file" in err


# Looking things up


def test_outlets_are_listed_and_filtered(said: Say, tmp_path: Path) -> None:
    status, out, err = said("outlets", "list", home=tmp_path)
    assert status == 0
    head, *lines = out.splitlines()
    assert head.split("\t") == ["slug", "title", "owner", "certainty", "areas", "feed"]
    assert all(len(line.split("\t")) == 6 for line in lines)
    assert len(lines) == int(err.split()[0])
    here = said("outlets", "list", "--region", "Leeds", home=tmp_path)[1].splitlines()[1:]
    assert 0 < len(here) < len(lines)
    assert set(here) < set(lines)
    sure = said("outlets", "list", "--region", "Leeds", "--certainty", "A", home=tmp_path)[1].splitlines()[1:]
    assert set(sure) <= set(here)
    assert {line.split("\t")[3] for line in sure} <= {"A"}


def test_regions_are_listed(said: Say, tmp_path: Path) -> None:
    status, out, _ = said("outlets", "list", "--regions", home=tmp_path)
    assert status == 0
    tiers = [line.split("\t")[2] for line in out.splitlines()[1:]]
    assert tiers.count("lad") == 361
    assert "E08000035\tLeeds\tlad" in out


def test_an_unknown_region_has_no_outlets(said: Say, tmp_path: Path) -> None:
    assert said("outlets", "list", "--region", "Atlantis", home=tmp_path)[0] == 10
    assert said("outlets", "list", "--certainty", "Z", home=tmp_path)[0] == 2


def test_a_reader_that_stops_reading_is_no_fault(tmp_path: Path) -> None:
    command = f'"{COMMAND}" --home "{tmp_path}" outlets list | sed 1q'
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert ended.returncode == 0
    # Whether the pipe broke or took it all is a matter of timing; neither may look like a failure.
    assert "Error" not in ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(ended.stdout.splitlines()) == 1


def test_the_doctor_finds_a_sound_workspace_sound(said: Say, tmp_path: Path) -> None:
    assert said("init", "Leeds", "--no-pages", "--contact", "x", home=tmp_path)[0] == 0
    status, out, _ = said("doctor", home=tmp_path)
    assert status == 0, out
    assert "All is well." in out
    assert "BAD" not in out
    for what in ("Python", "Libraries", "English pipeline", "Encoder", "Frame model", "Workspace", "Store: sound"):
        assert what in out


def test_the_doctor_names_each_fault_and_what_to_do(
    said: Say,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put_workspace(tmp_path)
    (tmp_path / "store.sqlite").write_bytes(b"SQLite format 3\x00" + b"\xff" * 9000)
    monkeypatch.setattr("models.layout.ARTEFACTS", tmp_path)
    monkeypatch.setattr("flows.doctor.LEAST_FREE", 1 << 60)
    status, out, _ = said("doctor", home=tmp_path)
    assert status == 12
    bad = [line.split()[1] for line in out.splitlines() if line.startswith("BAD")]
    assert bad == ["Encoder:", "Frame", "Free", "Store:"]
    assert "4 of" in out
    assert "Restore models/artefacts" in out
    assert said("doctor", home=tmp_path / "none")[0] == 12
    assert not (tmp_path / "none").exists(), "looking changes nothing"


# Reports


def test_a_week_that_is_none_is_told(said: Say, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = copied(tmp_path, tmp_path_factory)
    for week in ("2026-W54", "last", "2026-44", "../../x", "9999-W52", "0000-W01", "0001-W01", "1999-W52", "W44"):
        status, _, err = said("report", "--week", week, home=home)
        assert status == 11, (week, err)
        assert "week" in err.casefold()
        assert "2026-W44" in err, "an example helps"
    assert [path.name for path in (home / "reports").iterdir()] == ["2026-W44"]


def copied(tmp_path: Path, folders: pytest.TempPathFactory) -> Path:
    """A copy of the demonstration's workspace."""
    home, _ = county.plain_run(folders)
    return Path(shutil.copytree(home, tmp_path / "workspace"))


def test_a_week_that_is_not_over_says_so(said: Say, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    from lxml import html

    from reports.weeks import week_of

    home = copied(tmp_path, tmp_path_factory)
    this = week_of(datetime.now(UTC)).label
    status, out, _ = said("report", "--week", this, home=home)
    assert status == 0
    page = Path(out.strip().removeprefix("Report: "))
    assert page == (home / "reports" / this / "index.html")
    assert "is not over" in html.fromstring((page.parent / "kelderby.html").read_bytes()).text_content()


def test_a_report_before_anything_was_read_names_the_steps(said: Say, tmp_path: Path) -> None:
    put_workspace(tmp_path)
    status, _, err = said("report", home=tmp_path)
    assert status == 12
    assert "sharedstory collect" in err
    assert "sharedstory judge" in err


# Training


def test_training_on_a_file_that_is_not_there_is_told(said: Say, tmp_path: Path) -> None:
    gold, output = str(tmp_path / "gold.jsonl"), str(tmp_path / "model")
    status, _, err = said("train", "--gold", gold, "--output", output, home=tmp_path)
    assert status == 11
    assert "gold.jsonl" in err
    Path(gold).write_text('{"id": 1}\n')
    status, _, err = said("train", "--gold", gold, "--output", output, home=tmp_path)
    assert status == 11
    assert "line 1 has no `text`" in err
    assert not Path(output).exists()


# The command itself


def test_help_lists_every_command_and_how_it_ends() -> None:
    result = CliRunner().invoke(cli, ["--help"])
    assert result.exit_code == 0
    for command, (_, line) in COMMANDS.items():
        assert command in result.output
        assert line.split(".")[0][:30] in result.output
    assert "Exit codes:" in result.output


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nonsense"], 2),
        (["init"], 2),
        (["judge", "--unit", "word"], 2),
        (["--nonsense"], 2),
        (["report", "--week"], 2),
    ],
)
def test_what_is_not_understood_ends_with_two(said: Say, tmp_path: Path, arguments: list[str], code: int) -> None:
    status, _, err = said(*arguments, home=tmp_path)
    assert status == code
    assert err


def test_the_version_is_the_distributions() -> None:
    import importlib.metadata

    from flows.settings import VERSION

    result = CliRunner().invoke(cli, ["--version"])
    assert result.output.strip().endswith(importlib.metadata.version("sharedstory"))
    assert importlib.metadata.version("sharedstory") == VERSION


def test_the_home_may_be_named_by_the_environment(tmp_path: Path) -> None:
    ended = subprocess.run(
        [str(COMMAND), "report"],
        env={**os.environ, "SHAREDSTORY_HOME": str(tmp_path / "named")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 12
    assert str(tmp_path / "named") in ended.stderr


def test_an_unforeseen_failure_is_one_plain_message(
    said: Say,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("flows.cli_outlets.load_catalogue", fail)
    monkeypatch.delenv("SHAREDSTORY_TRACEBACK", raising=False)
    status, _, err = said("outlets", "list", home=tmp_path)
    assert status == 1
    assert "RuntimeError: boom" in err
    assert "SHAREDSTORY_TRACEBACK=1" in err


@pytest.mark.parametrize(
    ("failure", "code"), [(KeyboardInterrupt(), 130), (OSError(28, "No space left on device", "x"), 74)]
)
def test_interruptions_and_system_faults_have_their_codes(
    said: Say,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    failure: BaseException,
    code: int,
) -> None:
    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr("flows.cli_outlets.load_catalogue", fail)
    assert said("outlets", "list", home=tmp_path)[0] == code


def test_a_run_with_prefect_on_this_computer_ends_in_a_report(tmp_path: Path, catalogue: Path) -> None:
    """The real command, with the server it starts for itself; the one feed is refused before anything is sent."""
    put_workspace(tmp_path, '["Z07000001"]', f'catalogue = "{catalogue.as_posix()}"\n')
    ended = process("run", home=tmp_path)
    assert ended.returncode == 3, ended.stderr
    assert "orren-echo: refused." in ended.stderr
    page = Path(ended.stdout.splitlines()[-1].removeprefix("Report: "))
    assert page.is_file()
    assert page.is_relative_to(tmp_path / "reports")
    assert (tmp_path / "prefect").is_dir(), "Prefect keeps its things in the workspace"
