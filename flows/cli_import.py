"""Command `import`: stories of archives into the workspace, as if they had been collected."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli_work import PARTIAL, ready

if TYPE_CHECKING:
    from flows.import_archive import Report

LEFT_OUT = {
    "unknown": "from sites that no outlet of the catalogue is at",
    "shared": "from a site that several outlets share, so that it is not known whose they are",
    "elsewhere": "of outlets that cover no region of this workspace",
    "reserved": "reserved from text and data mining by their publisher",
    "no_story": "pages without a story (lists, galleries, consent walls)",
    "older": "earlier wordings of stories that are there already",
    "forgotten": "of stories that were taken out with `forget`",
}


@click.command("import")
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SOURCE...")
@click.option("--outlet", default="", metavar="SLUG", help="Outlet of stories whose address fits none.")
@click.option("--again", is_flag=True, help="Read a SOURCE from its start even if it was imported before.")
@click.pass_obj
def import_archives(home: Path, sources: tuple[Path, ...], outlet: str, *, again: bool) -> int:
    """Import stories from archives, as if they had been collected.

    \b
    SOURCE: .jsonl, .ndjson, .csv, .tsv, .warc (each also .gz), .parquet,
            or a folder of saved pages (.html, .htm, .xhtml, each also .gz)

    Tables have the columns url, title and text (or html), and where they have them published, captured (when the
    archive got the story), outlet and byline. Usual other names are known: link, headline, body, maintext, date,
    publish_date, date_download, source, authors. A time without a zone is London time. Of WARC files (CC-NEWS) the
    pages that answered with 200 are read. A saved page says its address itself (canonical link, og:url), or in
    a.html.json beside a.html, with any of the columns above.

    A story belongs to the outlet its row names (slug or title), else to the outlet of the catalogue at its address,
    else to --outlet (do not give that with a mixed archive such as CC-NEWS). Others are left out and counted, since a
    story without an outlet has no region to count for: add its title with `sharedstory outlets add`, or read such
    texts with `sharedstory judge FILE`. Stories of outlets outside the workspace's regions are left out, too.

    Name several files oldest first: the captures of one story become its versions. An import that was cut off goes on
    where it was when the same command is given again. Rows that cannot be read, or that have no date at all, are named
    and set aside; the exit code is then 3. Nothing is asked of any site.
    """  # noqa: D301 (click's mark for lines that stay as they are)
    where = ready(home, plain=True)
    from flows.import_archive import import_archive

    code = 0
    for source in sources:
        said, listed = import_archive(
            where, source, outlet=outlet, again=again, tell=lambda line: click.echo(line, err=True)
        )
        code = max(code, _tell(source, said, listed))
    return code


def _tell(source: Path, said: Report, listed: Path) -> int:
    """Print what became of an archive; return the exit code."""
    name = source.name.encode("utf-8", "replace").decode()
    new, edited, same = (f"{said.count(what):,}" for what in ("new", "edited", "same"))
    click.echo(
        f"{name}: {said.count('rows'):,} rows read, {new} new stories, {edited} further versions, {same} there already."
    )
    for what, words in LEFT_OUT.items():
        if said.count(what):
            most = sorted(said.hosts.items(), key=lambda one: (-one[1], one[0]))[:5] if what == "unknown" else []
            hosts = f" ({', '.join(f'{host} {count:,}' for host, count in most)})" if most else ""
            click.echo(f"  {said.count(what):,} left out: {words}{hosts}.")
    if said.count("ageing"):
        click.echo(
            f"  {said.count('ageing'):,} texts are older than this workspace keeps full texts: the next weekly run "
            "reads them and lets them go. `sharedstory keep --days -1` keeps them."
        )
    if said.first:
        from reports.weeks import week_of

        first, last = (week_of(datetime.fromisoformat(when)).label for when in (said.first, said.last))
        click.echo(f"Published in weeks {first} to {last}. Next: `sharedstory judge`, then `sharedstory report`.")
    if not said.count("bad"):
        return 0
    click.echo(f"{said.count('bad'):,} rows could not be read; they are listed in {listed}.", err=True)
    return PARTIAL
