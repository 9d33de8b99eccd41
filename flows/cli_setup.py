"""Commands that set things up and look things up: `init`, `outlets`, `doctor`."""

from __future__ import annotations

from pathlib import Path

import click

from corpora.catalogue import Catalogue, load_catalogue
from corpora.errors import UserError
from flows.settings import Workspace

PAGES_QUESTION = (
    "Feeds carry a headline and a line or two. Article pages carry the whole story, but fetching them copies a\n"
    "publisher's text to this computer for analysis; whether you may do that depends on your purpose and on the\n"
    "publisher's terms. robots.txt is always obeyed.\n"
    "Fetch article pages too?"
)


@click.command()
@click.argument("regions", nargs=-1, required=True)
@click.option("--pages/--no-pages", default=None, help="Fetch article pages too, or feeds only. Asked if not given.")
@click.option("--contact", default=None, help="E-mail or web address shown to the sites that are read.")
@click.pass_obj
def init(home: Path, regions: tuple[str, ...], pages: bool | None, contact: str | None) -> None:  # noqa: FBT001
    """Start a workspace for one or more REGIONS: a council, county, ITL1 region or nation, by name or GSS code.

    Example: sharedstory init "Leeds" Bradford --no-pages --contact us@example.org
    """
    from corpora.store import Store

    catalogue = load_catalogue()
    chosen = [catalogue.region(name) for name in regions]
    if pages is None:
        pages = _ask(PAGES_QUESTION)
    if contact is None:
        contact = _ask_line("An e-mail or web address the sites may reach you at (empty for none)")
    workspace = Workspace(
        home=home, regions=tuple(dict.fromkeys(one.gss for one in chosen)), pages=pages, contact=contact or "none given"
    )
    workspace.save()
    with Store(workspace.store):
        pass
    for region in chosen:
        outlets = catalogue.outlets_for(region)
        feeds = sum(len(one.feeds) for one in outlets)
        click.echo(f"{region.name} ({region.gss}): {len(outlets)} outlets, {feeds} feeds in the catalogue.")
        if not outlets:
            click.echo("  No outlet is known there: its pages would stay empty.", err=True)
    if not contact:
        click.echo("No contact given: some sites turn away readers that do not say who they are.", err=True)
    click.echo(f"Workspace: {home}\nNext: `sharedstory run`.")


def _ask(question: str) -> bool:
    try:
        return click.confirm(question)
    except click.Abort as error:
        raise UserError(
            "Whether article pages may be fetched is never assumed.", what_next="Say --pages or --no-pages."
        ) from error


def _ask_line(question: str) -> str:
    try:
        answer: str = click.prompt(question, default="", show_default=False)
    except click.Abort:
        return ""
    return answer.strip()


@click.group()
def outlets() -> None:
    """See outlets, feeds and regions of the catalogue."""


@outlets.command("list")
@click.option("--region", "name", default=None, help="Only outlets that cover this region (name or GSS code).")
@click.option("--regions", "list_regions", is_flag=True, help="List regions instead of outlets.")
@click.option("--certainty", type=click.Choice(["A", "B", "C", "D"]), default=None, help="Only feeds this certain.")
def list_outlets(name: str | None, certainty: str | None, *, list_regions: bool) -> None:
    """List outlets with their feeds: slug, title, owner, certainty, areas, feed (tab-separated)."""
    catalogue = load_catalogue()
    if list_regions:
        _print_regions(catalogue)
        return
    chosen = (
        catalogue.outlets_for(catalogue.region(name))
        if name
        else sorted(catalogue.outlets.values(), key=lambda one: one.title.casefold())
    )
    click.echo("slug\ttitle\towner\tcertainty\tareas\tfeed")
    shown = 0
    for outlet in chosen:
        areas = ", ".join(catalogue.regions[gss].name for gss in outlet.areas)
        if len(outlet.areas) > 4:
            areas = f"{len(outlet.areas)} authorities"
        for feed in outlet.feeds:
            if certainty in (None, feed.certainty):
                shown += 1
                click.echo(f"{outlet.slug}\t{outlet.title}\t{outlet.owner}\t{feed.certainty}\t{areas}\t{feed.url}")
    click.echo(f"{shown} feeds. Certainty: A seen alive in autumn 2026, B 2024-26, C older, D a guess.", err=True)


def _print_regions(catalogue: Catalogue) -> None:
    click.echo("code\tname\ttier\tpart of\toutlets")
    for region in catalogue.regions.values():
        above = catalogue.regions[region.parent].name if region.parent else ""
        click.echo(f"{region.gss}\t{region.name}\t{region.tier}\t{above}\t{len(catalogue.outlets_for(region))}")


@click.command()
@click.pass_obj
def doctor(home: Path) -> int:
    """Check versions, models, disk and store; say what to do about each fault."""
    from flows.doctor import examine

    findings = examine(home)
    for finding in findings:
        click.echo(f"{'ok ' if finding.good else 'BAD'}  {finding.what}: {finding.found}")
        if not finding.good:
            click.echo(f"     {finding.what_next}")
    bad = sum(not finding.good for finding in findings)
    click.echo("All is well." if not bad else f"{bad} of {len(findings)} checks failed.")
    return 12 if bad else 0
