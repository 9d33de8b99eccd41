"""Commands `outlets list`, `check`, `add` and `probe`: which titles and feeds there are, and what state they are in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpora.catalogue import SHIPPED, Catalogue, load_catalogue
from corpora.errors import BadInput, NotReady, UserError
from flows.settings import load_workspace

if TYPE_CHECKING:
    from corpora.catalogue_add import Draft
    from corpora.probe import FeedProbe, ProbeTools
    from corpora.records import Feed
    from corpora.titles import KnownTitles

FAULTS = 11
"""Exit code where a catalogue's files have faults."""
PARTIAL = 3
"""Exit code where some feeds could not be read."""

SECONDS_A_FEED = 3
"""robots.txt, two seconds, the feed."""

PROBES = Path("outlets") / "probe.json"
"""Where a workspace keeps the last answers of its feeds."""
OWN = "catalogue"
"""Folder of a workspace with outlets of its own, besides the shipped ones."""

GOLDEN = """\
A test asks for a pair of files of it, so that its feed and pages are read right for good. Make the folder
  tests/outlets/{slug}/
with feed.xml (one saved feed), page.html (one saved article) and expected.json (what must be read from them).
Keep the mark-up, and replace every word by one of your own: no publisher's text enters the repository.
Then run: pytest tests/test_corpora_outlet_pairs.py
CONTRIBUTING.md, "An outlet", says it step by step."""


def own_catalogue(home: Path) -> Path | None:
    """Folder of a workspace's own outlets, once something was added there."""
    folder = home.resolve() / OWN
    return folder if (folder / "sources.csv").is_file() else None


def folder_of(home: Path) -> Path:
    """Catalogue of the workspace in `home`; the shipped one where there is no workspace."""
    try:
        return load_workspace(home).catalogue or SHIPPED
    except NotReady:
        return SHIPPED


@click.group()
def outlets() -> None:
    """See titles, feeds and regions of the catalogue; check it, add to it, ask its feeds."""


# list


@outlets.command("list")
@click.option("--region", "name", default=None, help="Only outlets that cover this region (name or GSS code).")
@click.option("--regions", "list_regions", is_flag=True, help="List regions instead of outlets.")
@click.option("--titles", "list_titles", is_flag=True, help="List titles, those without a feed too.")
@click.option("--certainty", type=click.Choice(["A", "B", "C", "D"]), default=None, help="Only feeds this certain.")
@click.pass_obj
def list_outlets(home: Path, name: str | None, certainty: str | None, *, list_regions: bool, list_titles: bool) -> None:
    """List outlets with their feeds: slug, title, owner, certainty, areas, feed (tab-separated).

    With --titles: title, owner, regulator, medium, areas, homepage, feed (slug, how joined, last answer).
    """
    folder = folder_of(home)
    catalogue = load_catalogue(folder)
    if list_regions:
        _print_regions(catalogue)
        return
    if list_titles:
        _print_titles(catalogue, folder, home, name)
        return
    chosen = (
        catalogue.outlets_for(catalogue.region(name))
        if name
        else sorted(catalogue.outlets.values(), key=lambda one: one.title.casefold())
    )
    click.echo("slug\ttitle\towner\tcertainty\tareas\tfeed")
    shown = 0
    for outlet in chosen:
        areas = _areas(outlet.areas, catalogue)
        for feed in outlet.feeds:
            if certainty in (None, feed.certainty):
                shown += 1
                click.echo(f"{outlet.slug}\t{outlet.title}\t{outlet.owner}\t{feed.certainty}\t{areas}\t{feed.url}")
    click.echo(f"{shown} feeds. Certainty: A seen alive in autumn 2026, B 2024-26, C older, D a guess.", err=True)


def _areas(codes: tuple[str, ...], catalogue: Catalogue) -> str:
    if len(codes) > 4:
        return f"{len(codes)} authorities"
    return ", ".join(catalogue.regions[gss].name for gss in codes if gss in catalogue.regions)


def _print_regions(catalogue: Catalogue) -> None:
    click.echo("code\tname\ttier\tpart of\toutlets")
    for region in catalogue.regions.values():
        above = catalogue.regions[region.parent].name if region.parent else ""
        click.echo(f"{region.gss}\t{region.name}\t{region.tier}\t{above}\t{len(catalogue.outlets_for(region))}")


def _print_titles(catalogue: Catalogue, folder: Path, home: Path, name: str | None) -> None:
    from corpora.probe import READABLE, read_probes
    from corpora.titles import all_titles, known_titles, load_owners, load_titles

    listed, owners = load_titles(folder), load_owners(folder)
    answers: dict[str, FeedProbe] = {}
    for probe in read_probes(home / PROBES).values():
        answers[probe.outlet] = max(answers.get(probe.outlet, probe), probe, key=lambda one: one.last_check)
    known: KnownTitles | None = None
    if name:
        answered = frozenset(slug for slug, answer in answers.items() if answer.state in READABLE)
        known = known_titles(catalogue.region(name), catalogue, listed, readable=answered if answers else None)
    titles = known.titles if known else all_titles(catalogue, listed)
    click.echo("title\towner\tregulator\tmedium\tareas\thomepage\tfeed\tjoined by\tlast answer")
    for one in titles:
        owner = owners.get(one.owner)
        answer = answers.get(one.outlet)
        last = f"{answer.state.replace('_', ' ')} {answer.last_check:%Y-%m-%d}" if answer else ""
        cells = (one.title, one.owner, owner.regulator if owner else "", one.medium, _areas(one.areas, catalogue))
        click.echo("\t".join((*cells, one.homepage, one.outlet, one.joined_by, last)))
    fed = sum(bool(one.outlet) for one in titles)
    told = known.sentence if known else f"{len(titles)} titles are known; {fed} of them have a feed in the catalogue."
    click.echo(f"{told} An empty regulator means that nothing is known of one.", err=True)


# check


@outlets.command()
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=None,
    help="Folder of a catalogue. Default: the workspace's, or the shipped one.",
)
@click.pass_obj
def check(home: Path, folder: Path | None) -> int:
    """Look over the catalogue's files, offline: codes, slugs, addresses, areas, dates, owners, coverage.

    Prints each fault with its file and line, and what to do. Exit code 11 where there is one.
    """
    from corpora.catalogue_check import check_catalogue

    place = folder or folder_of(home)
    faults = check_catalogue(place, today=_today())
    for fault in faults:
        click.echo(f"{fault}\n    {fault.what_next}")
    if faults:
        click.echo(f"{len(faults)} fault{'s' if len(faults) > 1 else ''} in {place}.", err=True)
        return FAULTS
    catalogue = load_catalogue(place)
    feeds = sum(len(one.feeds) for one in catalogue.outlets.values())
    click.echo(f"No fault: {len(catalogue.outlets)} outlets, {feeds} feeds.")
    return 0


def _today() -> date:
    return datetime.now(UTC).date()


# add


@outlets.command()
@click.option("--title", default=None, help="What the outlet calls itself.")
@click.option("--owner", default=None, help="Who publishes it.")
@click.option("--homepage", default=None, help="Address of its site.")
@click.option("--feed", default=None, help="Address of its RSS or Atom feed.")
@click.option("--area", "areas", multiple=True, help="Authority it covers, by name or code; may be repeated.")
@click.option("--certainty", type=click.Choice(["A", "B", "C", "D"]), default=None, help="A: you saw the feed alive.")
@click.option("--evidence", default=None, help="What you saw, in a few words.")
@click.option("--seen", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Day you saw the feed. A: today.")
@click.option("--feed-host", default="", help="Host of the feed, where it is not the homepage's.")
@click.option("--edition-of", default="", help="Slug of the site's outlet, where this is one of its place feeds.")
@click.option("--shipped", is_flag=True, help="Add to the repository's data instead of the workspace's.")
@click.pass_obj
def add(home: Path, /, *, shipped: bool, areas: tuple[str, ...], seen: datetime | None, **given: str | None) -> None:
    """Add an outlet with its feed. Asks for what is not given; refuses what is there already.

    Example: sharedstory outlets add --title "Orren Echo" --owner "Orren Media" --homepage https://orren-echo.test/
    --feed https://orren-echo.test/feed/ --area Leeds --certainty A --evidence "seen in a browser"
    """
    from corpora.catalogue_add import add_outlet

    folder, before = _target(home, shipped=shipped)
    slug = add_outlet(_draft(areas, seen, given), folder, load_catalogue(before), today=_today())
    if not shipped:
        workspace = load_workspace(home)
        if workspace.catalogue is None:
            replace(workspace, catalogue=folder).save()
    outlet = load_catalogue(folder).outlets[slug]
    click.echo(f"Added {outlet.title} as {slug}: {len(outlet.areas)} authorities, in {folder / 'sources.csv'}.")
    click.echo(GOLDEN.format(slug=slug) if shipped else "Next: `sharedstory outlets probe` asks its feed.")


def _target(home: Path, *, shipped: bool) -> tuple[Path, Path]:
    """Folder to write into, and the catalogue it is part of before."""
    if shipped:
        if not (SHIPPED.parent.parent / "pyproject.toml").is_file():
            raise UserError(
                "--shipped writes into a checkout of the repository; this program is installed without one.",
                what_next="Leave --shipped out to add to your workspace.",
            )
        return SHIPPED, SHIPPED
    workspace = load_workspace(home)
    if workspace.catalogue is None:
        folder = home.resolve() / OWN
        return folder, own_catalogue(home) or SHIPPED
    if workspace.catalogue.resolve().is_relative_to(SHIPPED.parent.resolve()):
        raise BadInput(
            "This workspace uses the demonstration's catalogue, which stays as it is.",
            what_next="Begin a workspace of your own with `sharedstory init REGION`.",
        )
    return workspace.catalogue, workspace.catalogue


QUESTIONS = {
    "title": "Title",
    "owner": "Owner",
    "homepage": "Homepage (https://...)",
    "feed": "Feed (https://...)",
    "areas": "Authorities it covers, by name or code, separated by ;",
    "certainty": "Certainty (A seen alive, B in a list of 2024-26, C in an older one, D a guess)",
    "evidence": "What you saw, in a few words",
}


def _draft(areas: tuple[str, ...], seen: datetime | None, given: dict[str, str | None]) -> Draft:
    from corpora.catalogue_add import Draft

    answers: dict[str, str | None] = given | {"areas": ";".join(areas) or None}
    said = {name: _ask(name, question, answers[name]) for name, question in QUESTIONS.items()}
    named = tuple(part.strip() for part in said.pop("areas").split(";") if part.strip())
    day = seen.date() if seen else _today() if said["certainty"] == "A" else None
    return Draft(
        areas=named,
        seen=day,
        feed_host=given["feed_host"] or "",
        edition_of=given["edition_of"] or "",
        **said,
    )


def _ask(name: str, question: str, answer: str | None) -> str:
    if answer is not None:
        return answer
    try:
        said: str = click.prompt(question)
    except click.Abort as error:
        option = {"areas": "area"}.get(name, name)
        raise UserError(f"The outlet's {name} was not given.", what_next=f"Say --{option}.") from error
    return said.strip()


# probe


@outlets.command()
@click.option("--region", "name", default=None, help="Only feeds that cover this region (name or GSS code).")
@click.option("--limit", type=click.IntRange(1), default=None, help="Ask so many feeds at most.")
@click.pass_obj
def probe(home: Path, name: str | None, limit: int | None) -> int:
    """Ask each feed once and say what it is like: state, items, newest item, whether its dates can be trusted.

    States: alive, unchanged (since the last time), moved, silent, blocked, gone, not a feed, unreachable, refused.
    One request at a time per publisher, two seconds apart per host; robots.txt is obeyed. Ctrl-C keeps what was done.
    """
    from corpora.fetch import Fetcher
    from corpora.probe import FAILED, ProbeTools
    from corpora.robots import Robots
    from flows.bench import bench

    load_workspace(home)
    one = bench(str(home))
    catalogue = one.catalogue
    chosen = catalogue.outlets_for(catalogue.region(name)) if name else list(catalogue.outlets.values())
    feeds = [feed for outlet in chosen for feed in outlet.feeds][:limit]
    one.fetcher = fetcher = one.fetcher or Fetcher(user_agent=one.workspace.user_agent, clock=one.clock)
    tools = ProbeTools(
        fetcher=fetcher,
        robots=Robots(fetcher, user_agent=one.workspace.user_agent),
        parser=one.parser,
        clock=one.clock,
    )
    _tell_duration(feeds, catalogue)
    answers = _survey(feeds, tools, home / PROBES, catalogue)
    _print_probes(answers)
    return PARTIAL if any(answer.state in FAILED for answer in answers) else 0


def _tell_duration(feeds: Sequence[Feed], catalogue: Catalogue) -> None:
    """Say how long it will take where that is long: as long as the publisher with the most feeds."""
    counts = Counter(catalogue.outlets[feed.outlet].owner for feed in feeds)
    minutes = max(counts.values(), default=0) * SECONDS_A_FEED / 60
    if minutes >= 1:
        click.echo(f"{len(feeds)} feeds of {len(counts)} publishers: about {minutes:.0f} minutes.", err=True)


def _survey(feeds: Sequence[Feed], tools: ProbeTools, path: Path, catalogue: Catalogue) -> list[FeedProbe]:
    """Ask all; each answer is in the file before the next one comes, so that no end of the program loses any."""
    from corpora.probe import probe_all, read_probes, write_probes
    from flows.progress import bar

    kept = read_probes(path)
    answers = []
    asking = probe_all(feeds, tools, dict(kept), publisher=lambda feed: catalogue.outlets[feed.outlet].owner)
    with closing(asking):
        for answer in bar(asking, "Asking", len(feeds)):
            answers.append(answer)
            kept[answer.url] = answer
            write_probes(path, kept)
    return sorted(answers, key=lambda one: (one.outlet, one.url))


def _print_probes(answers: Sequence[FeedProbe]) -> None:
    from corpora.probe import STATES

    click.echo("state\toutlet\titems\tnewest\tdates\tfeed\tdetail")
    for one in answers:
        newest = f"{one.newest:%Y-%m-%d %H:%M}" if one.newest else ""
        dates = ("trusted" if one.dates_trusted else f"{one.dated} of {one.items} trusted") if one.items else ""
        state = one.state.replace("_", " ")
        click.echo(f"{state}\t{one.outlet}\t{one.items}\t{newest}\t{dates}\t{one.url}\t{one.detail}")
    counts = {state: sum(one.state == state for one in answers) for state in STATES}
    told = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in counts.items() if count)
    click.echo(f"{len(answers)} feeds: {told or 'none'}.", err=True)
