"""Commands that set things up: `init`, `doctor`."""

from __future__ import annotations

from pathlib import Path

import click

from corpora.catalogue import SHIPPED, load_catalogue
from corpora.errors import UserError
from flows.settings import Workspace, carried_over

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
    from flows.cli_outlets import own_catalogue

    own = own_catalogue(home)
    catalogue = load_catalogue(own or SHIPPED)
    chosen = [catalogue.region(name) for name in regions]
    if pages is None:
        pages = _ask(PAGES_QUESTION)
    if contact is None:
        contact = _ask_line("An e-mail or web address the sites may reach you at (empty for none)")
    workspace = Workspace(
        home=home,
        regions=tuple(dict.fromkeys(one.gss for one in chosen)),
        pages=pages,
        contact=contact or "none given",
        catalogue=own,
        **carried_over(home),
    )
    workspace.save()
    with Store(workspace.store_place):
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
