"""A round of visits: publishers in turn, nobody before it is due or while it asks for patience, opt-outs first."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from corpora.addresses import check_url
from flows import plain, stages
from flows.cli_work import tell_collected
from flows.settings import Workspace, load_workspace

sys.path.append(str(Path(__file__).parent / "support"))
import county
import farm


def test_a_second_round_asks_nobody_and_says_so(tmp_path: Path) -> None:
    home = str(tmp_path)
    with county.opened(tmp_path, region=county.DRAYHOLT, share=False) as (bench, _, clock):
        first = plain.collect(home)
        again = plain.collect(home)
        assert [check["url"] for check in again] == [check["url"] for check in first]
        assert [check["asked"] for check in again] == [False] * 3
        assert [check["state"] for check in again] == [check["state"] for check in first]
        assert stages.summary(again) == "0 of 0 feeds answered, 0 new stories, 0 edited, 3 not due yet."
        bench.clock = lambda: clock() + timedelta(hours=3)
        del bench.__dict__["tools"]
        assert [check["asked"] for check in plain.collect(home)] == [True] * 3


def test_a_feed_that_asks_for_patience_is_not_tried_again_in_the_same_run(
    tmp_path: Path, servers: ModuleType, internet: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    internet.answers["www.drayholt-echo.test/feed/"] = servers.http("", status="503 Busy", retry_after="7200")
    routes = {"www.drayholt-echo.test": internet.pair}
    waits: list[float] = []
    with county.opened(tmp_path, region=county.DRAYHOLT, routes=routes, share=False) as (bench, _, clock):
        checks = plain.visit_all(str(tmp_path), sleep=waits.append)
        echo = next(check for check in checks if check["outlet"] == "drayholt-echo")
        assert echo["state"] == "unreachable"
        assert (internet.hits["/feed/"], waits) == (1, [])
        memory = bench.store.feed_memory(echo["url"])
        assert memory is not None
        assert memory.due_at is not None
        assert memory.due_at >= clock() + timedelta(seconds=7200)
    assert tell_collected(checks) == 3
    assert "drayholt-echo: unreachable" in capsys.readouterr().err


def test_sites_are_asked_what_they_reserve_before_the_visits_and_once(
    tmp_path: Path, servers: ModuleType, internet: Any
) -> None:
    reserved = servers.http('[{"location": "/", "tdm-reservation": 1}]')
    internet.answers["www.drayholt-echo.test/.well-known/tdmrep.json"] = reserved
    routes = {"www.drayholt-echo.test": internet.pair}
    with county.opened(tmp_path, region=county.DRAYHOLT, routes=routes, share=False) as (bench, _, _):
        checks = plain.visit_all(str(tmp_path))
        echo = next(check for check in checks if check["outlet"] == "drayholt-echo")
        assert echo["state"] == "refused"
        assert "tdmrep.json" in echo["detail"]
        assert [one.target for one in internet.requests] == ["/.well-known/tdmrep.json"]
        bench.workspace = replace(bench.workspace, respect_tdm_optout=False)
        del bench.__dict__["tools"]
        assert bench.tools.optouts is None


def test_publishers_take_turns(tmp_path: Path) -> None:
    papers = [farm.Paper(number=n, owner="Group" if n < 6 else "Independent") for n in range(9)]
    farm.write_catalogue(tmp_path / "catalogue", papers)
    made = Workspace(
        home=tmp_path, regions=("Z07000001",), pages=False, contact="test", catalogue=tmp_path / "catalogue"
    )
    made.save()
    urls = stages.feeds_to_visit(str(tmp_path))
    stages.bench(str(tmp_path)).close()
    numbers = [int(check_url(url)[1].split("-")[1].split(".")[0]) for url in urls]
    assert sorted(numbers) == list(range(9))
    assert sum(number >= 6 for number in numbers[:4]) == 3, "one of the group's, then one of each other's"


def test_the_setting_on_opt_outs_is_written_and_read(tmp_path: Path) -> None:
    made = Workspace(home=tmp_path, regions=("Z07000001",), pages=False, contact="test")
    for respect in (True, False):
        replace(made, respect_tdm_optout=respect).save()
        assert load_workspace(tmp_path).respect_tdm_optout is respect
