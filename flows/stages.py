"""The stages of a week as plain functions of a workspace's folder; every runner calls these, in this order.

Each stage reads only what the stage before stored and may be run again at any time.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from corpora.catalogue import Catalogue
from corpora.coding import FeedCheck
from corpora.collect import asks_site, collect_feed, note_unreachable, resting
from corpora.errors import BadInput, NotNow, NotReady, Retryable
from corpora.families import families_of
from corpora.fetch import site_of
from corpora.intervals import is_due
from corpora.pace import publisher
from corpora.records import Feed, Outlet, Region
from corpora.store import FOR_EVER, Store
from flows.bench import bench
from flows.health import note_health

BATCH = 100
"""Stories a judging task takes at once: long enough to fill the encoder's batches, short enough to lose little."""

EARLIEST = 2000
"""Year before which no story of a feed is believed to be."""

COPIES_STAY = timedelta(days=14)
"""How long a copy stays that was made of the store before its layout was changed."""

AT_ONCE = 16
"""Feeds visited side by side; pauses between requests to one host or publisher hold all the same."""

RETRY_SECONDS = (5.0, 20.0)
"""Waits before the second and third try of a feed; each with jitter on top."""

PATIENCE = 10.0
"""Most seconds a server may ask us to wait so that its feed is tried again within the same run."""


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
    """Addresses of all feeds of those outlets, publishers in turn: one publisher's many titles hold up no other's.

    Raises:
        NotReady: There is none.
    """
    by_owner: dict[str, list[str]] = {}
    for outlet in workspace_outlets(home):
        by_owner.setdefault(publisher(outlet.owner) or outlet.slug, []).extend(feed.url for feed in outlet.feeds)
    turns = [(turn, -len(urls), owner) for owner, urls in by_owner.items() for turn in range(len(urls))]
    urls = [by_owner[owner][turn] for turn, _, owner in sorted(turns)]
    if not urls:
        names = ", ".join(region.name for region in bench(home).regions)
        raise NotReady(
            f"The catalogue has no feed for {names or 'this workspace'}.",
            what_next="Choose a wider region with `sharedstory init`, or see `sharedstory outlets list`.",
        )
    return urls


def ask_sites(home: str, urls: Sequence[str]) -> None:
    """Ask the sites of feeds that are due, once a day, whether they reserve their texts.

    Before the visits and not within them: by the time a feed's turn comes, the pause after this request is over.
    Nothing depends on it; a visit asks for itself what it does not know.
    """
    here = bench(home)
    tools, now = here.tools, here.clock()
    if tools.optouts is None:
        return
    known = here.store.feed_standings(urls)
    memories = {url: known[url][1] if url in known else None for url in urls}
    # A feed that fails is not worth a second request; its site is asked when it comes back.
    due = [
        url for url, one in memories.items() if is_due(one, now) and asks_site(one, now) and not (one and one.failures)
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(tools.optouts.of_feed, {site_of(url): url for url in due}.values()):
            pass


def visit_feed(home: str, url: str) -> dict[str, Any]:
    """Collect one feed, if it is due; the result is plain data for logs and artifacts.

    Raises:
        Retryable: Try again, then call `give_up_on_feed`.
    """
    here = bench(home)
    feed = here.catalogue.feed(url)
    if (check := resting(feed, here.tools)) is not None:
        return {**_plain(check), "asked": False}
    try:
        return _plain(collect_feed(feed, here.tools))
    except NotNow as failure:
        if failure.seconds <= PATIENCE:
            raise
        return _plain(note_unreachable(feed, failure, here.tools))


def give_up_on_feed(home: str, url: str, why: str) -> dict[str, Any]:
    """Note a feed that did not answer although it was tried several times."""
    here = bench(home)
    feed: Feed = here.catalogue.feed(url)
    return _plain(note_unreachable(feed, Retryable(why), here.tools))


def _plain(check: FeedCheck) -> dict[str, Any]:
    return {**asdict(check), "at": check.at.isoformat(), "asked": True}


def visits_since(home: str, moment: datetime) -> list[dict[str, Any]]:
    """What visits to the workspace's feeds from `moment` on brought, as `visit_feed` returns it, by address."""
    here = bench(home)
    feeds = [feed for outlet in workspace_outlets(home) for feed in outlet.feeds]
    checks = here.store.checks(feeds, since=moment, until=here.clock() + timedelta(seconds=1))
    return sorted((_plain(check) for check in checks), key=lambda check: str(check["url"]))


def group_copies(home: str) -> int:
    """Find families of near-identical stories, and note how the weeks look now that copies are known.

    Returns:
        How many stories are copies of another.
    """
    here = bench(home)
    store = here.store
    families = families_of(store.fingerprints(), store.settled_families())
    store.save_families(families)
    note_health(store, here.catalogue, here.clock())
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


def tidy(home: str) -> int:
    """Let go of texts that were kept as long as the workspace says, so that no file holds them; return how many went.

    May be killed and run again: texts go in small transactions, and that the file has to be written anew is
    remembered until it is done.
    """
    here = bench(home)
    now, days = here.clock(), here.workspace.full_text_days
    gone = 0
    while some := here.store.let_texts_go(now=now, days=days):
        gone += some
    here.store.settle(now=now)
    if days != FOR_EVER:
        for copy in here.store.safety_copies():
            if days == 0 or datetime.fromtimestamp(copy.stat().st_mtime, UTC) < now - COPIES_STAY:
                copy.unlink(missing_ok=True)
    if here.store.compaction_due() and _room_to_compact(here.store):
        here.store.compact()
    return gone


def _room_to_compact(store: Store) -> bool:
    """Whether the disk has room to write the store anew; else it waits, with zeros where the texts were."""
    if store.place.path is None:
        return True
    return shutil.disk_usage(store.path.parent).free > 2 * store.path.stat().st_size


def summary(checks: Sequence[dict[str, Any]]) -> str:
    """One line that says what a round of visits brought, bad feeds by name."""
    asked = [check for check in checks if check.get("asked", True)]
    states = Counter(check["state"] for check in asked)
    good = states["alive"] + states["unchanged"]
    new = sum(check["new_stories"] for check in asked)
    edited = sum(check["new_versions"] for check in asked)
    parts = [f"{good} of {len(asked)} feeds answered", f"{new} new stories", f"{edited} edited"]
    if rest := len(checks) - len(asked):
        parts.append(f"{rest} not due yet")
    return ", ".join(parts) + "."
