"""The stages of a week as plain functions of a workspace's folder; every runner calls these, in this order.

Each stage reads only what the stage before stored and may be run again at any time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from corpora.catalogue import Catalogue
from corpora.coding import FeedCheck
from corpora.collect import collect_feed, note_unreachable
from corpora.errors import BadInput, NotReady, Retryable
from corpora.families import find_families
from corpora.records import Feed, Outlet, Region
from flows.bench import bench

BATCH = 100
"""Stories a judging task takes at once: long enough to fill the encoder's batches, short enough to lose little."""

EARLIEST = 2000
"""Year before which no story of a feed is believed to be."""

RETRY_SECONDS = (5.0, 20.0)
"""Waits before the second and third try of a feed; each with jitter on top."""


def check(home: str, *, feeds: bool) -> None:
    """Open workspace, catalogue and store, so that what is amiss there is told before anything is started.

    Args:
        home: Folder of the workspace.
        feeds: Whether there have to be feeds to visit.

    Raises:
        UserError: With what to do about it.
    """
    here = bench(home)
    here.store.note("coder")
    if feeds:
        feeds_to_visit(home)
    elif not here.regions:
        raise NotReady("The workspace names no region.", what_next="Choose one with `sharedstory init`.")


def report_regions(catalogue: Catalogue, regions: Sequence[Region]) -> list[Region]:
    """The regions pages are made for: each chosen one and the authorities inside it, each once."""
    pages: dict[str, Region] = {}
    for region in regions:
        pages[region.gss] = region
        for gss in catalogue.authorities(region):
            pages.setdefault(gss, catalogue.regions[gss])
    return list(pages.values())


def workspace_outlets(home: str) -> list[Outlet]:
    """Outlets that cover any of the workspace's regions."""
    here = bench(home)
    found = {one.slug: one for region in here.regions for one in here.catalogue.outlets_for(region)}
    return sorted(found.values(), key=lambda one: one.slug)


def feeds_to_visit(home: str) -> list[str]:
    """Addresses of all feeds of those outlets.

    Raises:
        NotReady: There is none.
    """
    urls = [feed.url for outlet in workspace_outlets(home) for feed in outlet.feeds]
    if not urls:
        names = ", ".join(region.name for region in bench(home).regions)
        raise NotReady(
            f"The catalogue has no feed for {names or 'this workspace'}.",
            what_next="Choose a wider region with `sharedstory init`, or see `sharedstory outlets list`.",
        )
    return urls


def visit_feed(home: str, url: str) -> dict[str, Any]:
    """Collect one feed; the result is plain data for logs and artifacts.

    Raises:
        Retryable: Try again, then call `give_up_on_feed`.
    """
    here = bench(home)
    return _plain(collect_feed(here.catalogue.feed(url), here.tools))


def give_up_on_feed(home: str, url: str, why: str) -> dict[str, Any]:
    """Note a feed that did not answer although it was tried several times."""
    here = bench(home)
    feed: Feed = here.catalogue.feed(url)
    return _plain(note_unreachable(feed, Retryable(why), here.tools))


def _plain(check: FeedCheck) -> dict[str, Any]:
    return {**asdict(check), "at": check.at.isoformat()}


def visits_since(home: str, moment: datetime) -> list[dict[str, Any]]:
    """What visits to the workspace's feeds from `moment` on brought, as `visit_feed` returns it, by address."""
    here = bench(home)
    feeds = [feed for outlet in workspace_outlets(home) for feed in outlet.feeds]
    checks = here.store.checks(feeds, since=moment, until=here.clock() + timedelta(seconds=1))
    return sorted((_plain(check) for check in checks), key=lambda check: str(check["url"]))


def group_copies(home: str) -> int:
    """Find families of near-identical stories; return how many stories are copies of another."""
    store = bench(home).store
    families = find_families(store.all_story_texts())
    store.save_families(families)
    return len(families) - len(set(families.values()))


def batches_to_judge(home: str) -> list[list[str]]:
    """Ids of story versions the current model has not read, in batches."""
    here = bench(home)
    here.store.save_coder(here.judge.coder)
    waiting = here.store.unjudged(here.judge.coder.name)
    return [waiting[at : at + BATCH] for at in range(0, len(waiting), BATCH)]


def judge_batch(home: str, version_ids: Sequence[str]) -> int:
    """Read and label one batch of stories; return how many."""
    here = bench(home)
    stories = here.store.stories(version_ids)
    here.store.save_coded(here.judge.code(stories))
    return len(stories)


def last_full_week(home: str) -> str:
    """The last ISO week (London time) that is over, by the workspace's clock."""
    from reports.weeks import week_of

    return week_of(bench(home).clock()).minus(1).label


def write_week(home: str, week: str) -> Path:
    """Write the pages of one week for all regions of the workspace; return the overview page.

    Raises:
        BadInput: `week` is no week, or none that can have been collected.
        NotReady: Nothing has been judged yet.
    """
    from reports.weekly import build_all, write
    from reports.weeks import Week, week_of

    here = bench(home)
    asked = Week.parse(week)
    if asked > week_of(here.clock()):
        raise BadInput(f"Week {asked.label} has not begun.", what_next="Name a week that has, like 2026-W44.")
    if asked.year < EARLIEST:
        raise BadInput(f"Week {asked.label} is too long ago.", what_next="Name a later week, like 2026-W44.")
    coder = here.store.note("coder")
    if coder is None:
        raise NotReady("No story has been read yet.", what_next="Run `sharedstory collect`, then `sharedstory judge`.")
    report = build_all(
        here.store,
        here.catalogue,
        report_regions(here.catalogue, here.regions),
        asked,
        coder_name=coder,
        now=here.clock(),
    )
    return write(report, here.workspace.reports)


def remember_coder(home: str) -> None:
    """Note which model the reports of this workspace go by: one model per series, never a mixture."""
    here = bench(home)
    here.store.set_note("coder", here.judge.coder.name)


def summary(checks: Sequence[dict[str, Any]]) -> str:
    """One line that says what a round of visits brought, bad feeds by name."""
    states = Counter(check["state"] for check in checks)
    good = states["alive"] + states["unchanged"]
    new = sum(check["new_stories"] for check in checks)
    edited = sum(check["new_versions"] for check in checks)
    parts = [f"{good} of {len(checks)} feeds answered", f"{new} new stories", f"{edited} edited"]
    return ", ".join(parts) + "."
