"""The Prefect flows: the same results as the plain pipeline, retries by the error's type, artifacts."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from corpora.errors import NotAFeed, Refused, Retryable, StoreError, UserError
from flows import plain, stages
from flows.demo import WEEK

sys.path.append(str(Path(__file__).parent / "support"))
import county

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def prefect() -> Iterator[None]:
    """Prefect's own test server, with a database of its own that is thrown away."""
    from flows.prefect_settings import SETTINGS

    with pytest.MonkeyPatch.context() as patch:
        for name, value in SETTINGS.items():
            patch.setenv(name, value)
        from prefect.testing.utilities import prefect_test_harness

        with prefect_test_harness(server_startup_timeout=300):
            yield


@pytest.fixture(scope="session")
def played(prefect: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole demonstration with the Prefect flows."""
    from flows.collect import collect
    from flows.run import run

    home = tmp_path_factory.mktemp("prefect") / "demo"
    county.play(home, collect=collect, run=run)
    return home


@pytest.mark.timeout(600)
def test_the_store_is_the_one_of_the_plain_run(played: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    home, _ = county.plain_run(tmp_path_factory)
    by_plain, by_prefect = county.dump(home), county.dump(played)
    assert by_prefect.keys() == by_plain.keys()
    for name, rows in by_plain.items():
        assert by_prefect[name] == rows, name


def test_the_report_is_the_one_of_the_plain_run(played: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    home, _ = county.plain_run(tmp_path_factory)
    by_plain, by_prefect = county.report_bytes(home), county.report_bytes(played)
    assert by_prefect.keys() == by_plain.keys()
    assert [name for name, body in by_plain.items() if by_prefect[name] != body] == []


def test_artifacts_sum_up_what_was_done(played: Path) -> None:
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        latest = {one.key: one for one in client.read_latest_artifacts()}
    collected, judged, report = (latest[key] for key in ("collected-feeds", "judged-stories", "weekly-report"))
    assert "8 of 9 feeds answered" in str(collected.description)
    assert "drayholt-echo" in str(collected.data)
    assert "stories read" in str(judged.data)
    assert (played / "reports" / WEEK / "index.html").as_uri() in str(report.data)


# Failures


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same retries without the waiting."""
    import flows.collect

    monkeypatch.setattr(
        flows.collect,
        "visit",
        flows.collect.visit.with_options(retry_delay_seconds=[0.0, 0.0], retry_jitter_factor=None),
    )


def three_feeds(home: Path, servers: ModuleType, internet: Any) -> Any:
    """Drayholt: one feed is busy, one turns us away, the third is as ever."""
    internet.answers["www.drayholt-echo.test/feed/"] = servers.http("busy", status="503 Busy")
    internet.answers["www.orrenshire-dispatch.test/rss/"] = servers.http("no", status="403 Forbidden")
    routes = dict.fromkeys(("www.drayholt-echo.test", "www.orrenshire-dispatch.test"), internet.pair)
    return county.opened(home, region=county.DRAYHOLT, routes=routes)


@pytest.mark.parametrize("runner", ["prefect", "plain"])
def test_a_busy_feed_is_tried_three_times_and_the_others_finish(  # noqa: PLR0917 (fixtures)
    runner: str, prefect: None, quick: None, tmp_path: Path, servers: ModuleType, internet: Any
) -> None:
    from flows.collect import collect

    waits: list[float] = []
    with three_feeds(tmp_path, servers, internet):
        checks = collect(str(tmp_path)) if runner == "prefect" else plain.collect(str(tmp_path), sleep=waits.append)
    assert {check["outlet"]: check["state"] for check in checks} == {
        "drayholt-echo": "unreachable",
        "orrenshire-dispatch": "blocked",
        "orren-county-news": "alive",
    }
    assert internet.hits["/feed/"] == 3
    assert internet.hits["/rss/"] == 1
    detail = next(check["detail"] for check in checks if check["state"] == "unreachable")
    assert "busy (HTTP 503)" in detail
    if runner == "plain":
        assert len(waits) == 2
        assert all(base <= wait <= 2 * base for wait, base in zip(waits, stages.RETRY_SECONDS, strict=True))


@pytest.mark.parametrize(
    ("failure", "tries"),
    [(Retryable("later"), 3), (Refused("never"), 1), (NotAFeed("never"), 1), (ValueError("a fault of ours"), 1)],
    ids=lambda one: type(one).__name__,
)
def test_only_what_says_so_is_tried_again(failure: Exception, tries: int, prefect: None) -> None:
    from prefect import flow, task

    from flows.retrying import RETRY, may_retry

    calls = Counter[str]()

    @task(retry_condition_fn=may_retry, **{**RETRY, "retry_delay_seconds": [0, 0], "retry_jitter_factor": None})
    def visit() -> None:
        calls["visit"] += 1
        raise failure

    @flow
    def once() -> None:
        visit.submit().wait()

    once(return_state=True)
    assert calls["visit"] == tries


def test_waits_between_tries_grow_and_differ() -> None:
    from flows.retrying import RETRY

    assert RETRY["retries"] == len(RETRY["retry_delay_seconds"]) == 2
    assert RETRY["retry_delay_seconds"] == sorted(RETRY["retry_delay_seconds"])
    assert RETRY["retry_jitter_factor"] > 0


@pytest.mark.parametrize("runner", ["prefect", "plain"])
def test_a_full_disk_ends_the_collection_with_its_own_message(
    runner: str, prefect: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.collect import collect

    def full(*_: object, **__: object) -> None:
        raise StoreError("The disk is full.", what_next="Free some space.")

    with county.opened(tmp_path, region=county.DRAYHOLT) as (bench, _, _):
        monkeypatch.setattr(bench.store, "save_entry", full)
        with pytest.raises(StoreError, match="disk is full"):
            (collect if runner == "prefect" else plain.collect)(str(tmp_path))


def test_a_region_without_feeds_is_told_so(prefect: None, tmp_path: Path) -> None:
    from corpora.errors import NotReady
    from flows.collect import collect

    with county.opened(tmp_path) as (bench, _, _):
        bench.catalogue.outlets.clear()
        with pytest.raises(NotReady, match="no feed for Orrenshire"):
            collect(str(tmp_path))


# Tasks, schedule, deployment


def test_tasks_are_plain_functions_inside(prefect: None, tmp_path: Path) -> None:
    from flows import collect, judge, weekly

    with county.opened(tmp_path, region=county.DRAYHOLT) as (_, site, clock):
        clock.moment = site.moment = 1
        home = str(tmp_path)
        url = stages.feeds_to_visit(home)[0]
        assert collect.visit.fn(home, url)["state"] == "alive"
        assert collect.give_up.fn(home, url, "no answer")["state"] == "unreachable"
        assert collect.find_copies.fn(home) == 0
        (batch, *_) = stages.batches_to_judge(home)
        assert judge.judge_batch.fn(home, batch[:3]) == 3
        stages.remember_coder(home)
        assert Path(weekly.write_week.fn(home, "2026-W37")).name == "index.html"


def test_the_deployment_names_a_flow_that_is_there_and_a_time_that_is_meant() -> None:
    import yaml
    from prefect.client.schemas.schedules import CronSchedule
    from prefect.flows import load_flow_from_entrypoint

    raw = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    (weekly,) = raw["deployments"]
    flow = load_flow_from_entrypoint(weekly["entrypoint"])
    assert flow.name == "run"
    assert set(weekly["parameters"]) <= set(flow.parameters.properties)
    (schedule,) = weekly["schedules"]
    when = CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])
    assert (when.cron, when.timezone) == ("30 6 * * 1", "Europe/London")


async def _dates(cron: str, start: datetime) -> list[datetime]:
    from prefect.client.schemas.schedules import CronSchedule
    from prefect.server.schemas.schedules import CronSchedule as Served

    shown = CronSchedule(cron=cron, timezone="Europe/London")
    return list(await Served(cron=shown.cron, timezone=shown.timezone).get_dates(2, start=start))


def test_the_run_stays_at_half_past_six_when_the_clocks_change() -> None:
    import asyncio

    start = datetime(2026, 10, 19, tzinfo=UTC)
    before, after = (one.astimezone(ZoneInfo("Europe/London")) for one in asyncio.run(_dates("30 6 * * 1", start)))
    assert (before.hour, before.minute, before.weekday()) == (6, 30, 0) == (after.hour, after.minute, after.weekday())
    assert after.astimezone(UTC) - before.astimezone(UTC) == timedelta(days=7, hours=1)


@pytest.mark.parametrize("cron", ["every Monday", "61 6 * * 1", "", "* * *"])
def test_a_schedule_that_is_none_is_refused(cron: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.schedule import serve

    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")  # a server is named, so none is started
    with pytest.raises(UserError, match="is not a schedule"):
        serve(str(tmp_path), cron)


def test_settings_the_user_made_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    from flows.prefect_settings import SETTINGS, prepare

    for name in (*SETTINGS, "PREFECT_API_URL", "PREFECT_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PREFECT_LOGGING_LEVEL", "DEBUG")
    with monkeypatch.context() as patch:
        patch.setattr(os, "environ", dict(os.environ))
        prepare(tmp_path)
        assert os.environ["PREFECT_LOGGING_LEVEL"] == "DEBUG"
        assert os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
        assert os.environ["PREFECT_HOME"] == str(tmp_path.resolve() / "prefect")
    with monkeypatch.context() as patch:
        patch.setattr(os, "environ", {"PREFECT_API_URL": "http://127.0.0.1:4200/api"})
        prepare(tmp_path)
        assert "PREFECT_HOME" not in os.environ
