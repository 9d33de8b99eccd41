"""The `outlets` commands as people type them: list with titles, check, add, and probe against real sockets."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from corpora.catalogue import SHIPPED, load_catalogue
from corpora.catalogue_add import COLUMNS
from corpora.probe import read_probes
from flows.bench import Bench, close_benches, put_bench
from flows.cli_outlets import PROBES
from flows.main import run_cli
from flows.settings import Workspace, load_workspace

Say = Callable[..., tuple[int, str, str]]
NOW = datetime(2026, 10, 5, 8, tzinfo=UTC)
COMMAND = Path(sys.executable).with_name("sharedstory")


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], tmp_path: Path, make_fetcher: Callable[..., Any]) -> Say:
    """Runs a command on the workspace in tmp_path/home; gives exit code, output and errors.

    Every command ends with its bench closed, so each `probe` gets a new one that may ask the loopback server.
    """

    def run(*arguments: str, seconds: float = 2.0) -> tuple[int, str, str]:
        home = tmp_path / "home"
        if "probe" in arguments and (home / "sharedstory.toml").is_file():
            put_bench(Bench(workspace=load_workspace(home), clock=lambda: NOW, fetcher=make_fetcher(seconds=seconds)))
        capsys.readouterr()
        code = run_cli(["--home", str(tmp_path / "home"), *arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return run


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty workspace for Leeds."""
    workspace = Workspace(home=tmp_path / "home", regions=("E08000035",), pages=False, contact="us@example.org")
    workspace.save()
    return workspace.home


# list


def test_titles_are_listed_with_regulator_and_feed(said: Say) -> None:
    status, out, err = said("outlets", "list", "--titles")
    head, *lines = (line.split("\t") for line in out.splitlines())
    assert status == 0
    assert head == [
        "title", "owner", "regulator", "medium", "areas", "homepage", "feed", "joined by", "last answer",
    ]  # fmt: skip
    assert len(lines) >= 1149
    assert all(len(line) == len(head) for line in lines)
    by_title = {line[0]: line for line in lines}
    assert by_title["Yorkshire Evening Post"][2] == "IPSO"
    assert by_title["Bristol Cable"][2] == "Impress"
    assert f"{len(lines)} titles are known; {sum(bool(line[6]) for line in lines)} of them have a feed" in err
    assert "nothing is known" in err


def test_titles_of_a_region_end_in_the_sentence_of_its_report(said: Say) -> None:
    status, out, err = said("outlets", "list", "--titles", "--region", "Leeds")
    lines = out.splitlines()[1:]
    fed = sum(bool(line.split("\t")[6]) for line in lines)
    assert status == 0
    assert err.startswith(f"{len(lines)} titles are known in Leeds; {fed} of them have a feed we can read.")
    assert 0 < fed < len(lines)


# check


def test_the_shipped_catalogue_is_found_sound(said: Say) -> None:
    status, out, _ = said("outlets", "check")
    assert (status, out) == (0, "No fault: 402 outlets, 402 feeds.\n")


def test_faults_are_printed_with_file_line_and_what_to_do(said: Say, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(SHIPPED, folder)
    rows = list(csv.reader((folder / "sources.csv").read_text(encoding="utf-8").splitlines()))
    rows[7][COLUMNS.index("areas")] = "E08000019"
    rows[9][COLUMNS.index("owner")] = "Nobody & Sons"
    with (folder / "sources.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    status, out, err = said("outlets", "check", "--folder", str(folder))
    assert status == 11
    assert "sources.csv line 8: 'E08000019' is an old code.\n    Write E08000039, its code since 2025.\n" in out
    assert "sources.csv line 10: the owner 'Nobody & Sons' is not in owners.csv." in out
    assert "faults in" in err


# add

ECHO = (
    "outlets", "add", "--title", "Orren Echo", "--owner", "Orren Media", "--homepage", "https://orren-echo.test/",
    "--feed", "https://orren-echo.test/feed/", "--area", "Leeds", "--area", "E08000019", "--certainty", "A",
    "--evidence", "seen in a browser",
)  # fmt: skip


def test_an_added_outlet_is_in_the_workspaces_catalogue_from_then_on(said: Say, home: Path) -> None:
    before = said("outlets", "list")[1].splitlines()
    status, out, _ = said(*ECHO)
    assert status == 0
    assert "Added Orren Echo as orren-echo: 2 authorities" in out
    after = said("outlets", "list")[1].splitlines()
    assert len(after) == len(before) + 1
    assert [line for line in after if line.startswith("orren-echo\t")] == [
        "orren-echo\tOrren Echo\tOrren Media\tA\tLeeds, Sheffield\thttps://orren-echo.test/feed/"
    ]
    assert load_workspace(home).catalogue == home.resolve() / "catalogue"
    assert sorted(path.name for path in (home / "catalogue").iterdir()) == ["owners.csv", "sources.csv"]
    assert said("outlets", "check")[:2] == (0, "No fault: 403 outlets, 403 feeds.\n")


def test_an_outlet_is_added_once(said: Say, home: Path) -> None:
    said(*ECHO)
    kept = (home / "catalogue" / "sources.csv").read_bytes()
    status, _, err = said(*ECHO)
    assert status == 11
    assert "in the catalogue already" in err
    again = [*ECHO]
    again[3] = "Orren Evening Echo"
    status, _, err = said(*again)
    assert status == 11
    assert "https://orren-echo.test" in err
    assert (home / "catalogue" / "sources.csv").read_bytes() == kept


def test_a_new_start_of_the_workspace_keeps_its_outlets(said: Say, home: Path) -> None:
    said(*ECHO)
    status, out, _ = said("init", "Leeds", "--no-pages", "--contact", "us@example.org")
    here = len(load_catalogue().outlets_for(load_catalogue().region("Leeds")))
    assert status == 0
    assert f"Leeds (E08000035): {here + 1} outlets" in out
    assert load_workspace(home).catalogue == home.resolve() / "catalogue"


def test_what_is_not_given_is_asked_for(home: Path) -> None:
    answers = (
        "Orren Echo\nOrren Media\nhttps://orren-echo.test/\nhttps://orren-echo.test/feed/\nLeeds; Bradford\nD\nguess\n"
    )
    command = [str(COMMAND), "--home", str(home), "outlets", "add"]
    done = subprocess.run(command, input=answers, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    outlet = load_catalogue(home / "catalogue").outlets["orren-echo"]
    assert (set(outlet.areas), outlet.feeds[0].certainty) == ({"E08000032", "E08000035"}, "D")


def test_what_nobody_answers_is_named(home: Path) -> None:
    command = [str(COMMAND), "--home", str(home), "outlets", "add", "--title", "Orren Echo"]
    done = subprocess.run(command, input="", capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "The outlet's owner was not given." in done.stderr
    assert "Say --owner." in done.stderr


def test_without_a_workspace_there_is_nowhere_to_add_to(said: Say) -> None:
    assert said(*ECHO)[0] == 12


def test_shipped_data_is_added_to_with_word_of_the_test_data_it_needs(
    said: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = tmp_path / "checkout"
    data = checkout / "corpora" / "data"
    shutil.copytree(SHIPPED, data)
    monkeypatch.setattr("flows.cli_outlets.SHIPPED", data)
    status, _, err = said(*ECHO, "--shipped")
    assert status == 2
    assert "installed without one" in err
    (checkout / "pyproject.toml").touch()
    status, out, _ = said(*ECHO, "--shipped")
    assert status == 0
    assert "tests/outlets/orren-echo/" in out
    assert "CONTRIBUTING.md" in out
    assert "orren-echo" in load_catalogue(data).outlets
    assert "orren-echo" not in load_catalogue().outlets


def test_the_demonstrations_catalogue_stays_as_it_is(said: Say, tmp_path: Path) -> None:
    demo = SHIPPED.parent / "demo" / "catalogue"
    kept = (demo / "sources.csv").read_bytes()
    Workspace(home=tmp_path / "home", regions=("Z10000001",), pages=False, contact="x", catalogue=demo).save()
    status, _, err = said(*ECHO)
    assert status == 11
    assert "demonstration" in err
    assert (demo / "sources.csv").read_bytes() == kept


# probe


def rss(*ages: timedelta) -> str:
    items = "".join(
        f"<item><title>Story {n}</title><link>http://x.test/{n}</link>"
        f"<pubDate>{format_datetime(NOW - age)}</pubDate></item>"
        for n, age in enumerate(ages)
    )
    return f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>"


@pytest.fixture
def town(tmp_path: Path, internet: Any) -> Iterator[Callable[[dict[str, Any]], Path]]:
    """Makes a workspace whose outlets (by name) give the answers of a dictionary; real sockets, no pauses."""

    def make(answers: dict[str, Any], owner: str = "") -> Path:
        folder = tmp_path / "town"
        folder.mkdir()
        (folder / "regions.csv").write_text(
            "gss,name,tier,parent,county,aliases\nZ92000001,Orrenland,nation,,,\nTLZ,Orr Valley,itl1,Z92000001,,\n"
            "Z07000001,Kelderby,lad,TLZ,,\nZ07000002,Wexmoor,lad,TLZ,,\n",
            encoding="utf-8",
        )
        lines = ["slug,outlet,owner,homepage,feed_url,areas,certainty,evidence"]
        for number, (name, answer) in enumerate(answers.items()):
            internet.answers[f"/{name}/rss"] = answer
            area = f"Z0700000{number % 2 + 1}"
            lines.append(
                f"{name},{name},{owner or name},http://www.{name}.test/,{internet.url(f'/{name}/rss')},{area},A,x"
            )
        (folder / "sources.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        home = tmp_path / "home"
        workspace = Workspace(home=home, regions=("TLZ",), pages=False, contact="us@example.org", catalogue=folder)
        workspace.save()
        return home

    yield make
    close_benches()


def test_each_kind_of_answer_is_told_and_kept(said: Say, town: Callable[..., Path], servers: ModuleType) -> None:
    hour = timedelta(hours=1)
    home = town(
        {
            "alive": servers.http(rss(hour, 2 * hour), etag='"1"'),
            "blocked": servers.http(status="403 Forbidden"),
            "empty": servers.http(rss()),
            "gone": servers.http(status="410 Gone"),
            "lost": servers.http(status="404 Not Found"),
            "moved": servers.moved("/alive/rss", 301),
            "page": servers.http("<html><body>Welcome</body></html>"),
            "slow": servers.silence,
            "stale": servers.http(rss(timedelta(days=400))),
        }
    )
    status, out, err = said("outlets", "probe")
    assert status == 3
    head, *lines = (line.split("\t") for line in out.splitlines())
    assert head == ["state", "outlet", "items", "newest", "dates", "feed", "detail"]
    assert {line[1]: line[0] for line in lines} == {
        "alive": "alive", "blocked": "blocked", "empty": "silent", "gone": "gone", "lost": "gone", "moved": "moved",
        "page": "not a feed", "slow": "unreachable", "stale": "silent",
    }  # fmt: skip
    assert lines[0][2:5] == ["2", "2026-10-05 07:00", "trusted"]
    assert "9 feeds: 1 alive, 1 moved, 2 silent, 1 blocked, 2 gone, 1 not a feed, 1 unreachable." in err
    kept = read_probes(home / PROBES)
    assert len(kept) == 9
    assert {one.last_check for one in kept.values()} == {NOW}
    listed = said("outlets", "list", "--titles")[1]
    assert "alive 2026-10-05" in listed
    assert "not a feed 2026-10-05" in listed


def test_the_second_probe_is_answered_with_304(said: Say, town: Callable[..., Path], servers: ModuleType) -> None:
    def answer(connection: Any, request: Any) -> None:
        same = request.headers.get("if-none-match") == '"1"'
        connection.sendall(
            servers.http(status="304 Not Modified") if same else servers.http(rss(timedelta(0)), etag='"1"')
        )

    home = town({"echo": answer})
    assert said("outlets", "probe")[0] == 0
    status, out, _ = said("outlets", "probe")
    assert status == 0
    assert out.splitlines()[1].startswith("unchanged\techo\t1\t2026-10-05 08:00\ttrusted")
    assert json.loads((home / PROBES).read_text(encoding="utf-8"))["feeds"][0]["state"] == "unchanged"


def test_region_and_limit_choose_what_is_asked_and_older_answers_stay(
    said: Say, town: Callable[..., Path], servers: ModuleType, internet: Any
) -> None:
    fresh = servers.http(rss(timedelta(0)))
    home = town(dict.fromkeys(("a", "b", "c", "d"), fresh))
    assert [line.split("\t")[1] for line in said("outlets", "probe", "--region", "Wexmoor")[1].splitlines()[1:]] == [
        "b",
        "d",
    ]
    assert internet.hits["/a/rss"] == 0
    assert len(said("outlets", "probe", "--limit", "1")[1].splitlines()) == 2
    assert len(read_probes(home / PROBES)) == 3
    assert said("outlets", "probe", "--region", "Atlantis")[0] == 10
    assert said("outlets", "probe", "--limit", "0")[0] == 2


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_keeps_what_was_done(said: Say, town: Callable[..., Path], servers: ModuleType) -> None:
    main = threading.main_thread().ident
    assert main is not None
    fresh = servers.http(rss(timedelta(0)))
    over = threading.Event()

    def interrupt(connection: Any, _request: Any) -> None:
        # Asked after the first (one publisher, one at a time); it waits until that answer is in the file.
        while not over.is_set() and not read_probes(home / PROBES):
            over.wait(0.02)
        if not over.is_set():
            signal.pthread_kill(main, signal.SIGINT)
        connection.sendall(fresh)

    home = town({"first": fresh, "second": interrupt, "third": fresh}, owner="one publisher")
    # As at a terminal: a shell without job control starts what runs in the background deaf to Ctrl-C.
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        status, _, err = said("outlets", "probe", seconds=60.0)
    finally:
        over.set()
        signal.signal(signal.SIGINT, usual)
    assert status == 130
    assert "what was finished is kept" in err
    kept = {one.outlet for one in read_probes(home / PROBES).values()}
    assert "first" in kept
    assert "third" not in kept


def test_without_a_workspace_nobody_is_asked(said: Say) -> None:
    status, _, err = said("outlets", "probe")
    assert status == 12
    assert "sharedstory init" in err


def test_looking_things_up_loads_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; from flows.main import run_cli; "
        f"status = [run_cli(['--home', {str(tmp_path)!r}, 'outlets', *rest]) "
        "for rest in (['check'], ['list', '--titles', '--region', 'Leeds'])]; "
        "heavy = {'spacy', 'torch', 'sklearn', 'prefect', 'trafilatura', 'transformers'} & set(sys.modules); "
        "sys.exit(f'{status} {heavy}' if heavy or any(status) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
