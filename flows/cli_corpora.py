"""Commands `corpora list` and `corpora fetch`: public sets one may learn from, brought into the user's cache."""

from __future__ import annotations

from pathlib import Path

import click

from corpora.errors import UserError
from corpora.recipes import Recipe, load_recipes, recipe

CACHE = click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="SHAREDSTORY_CACHE",
    help="Folder of the public sets. Default: your cache folder.",
)


@click.group()
def corpora() -> None:
    """See public sets one may learn from, and fetch them. None of them ships with sharedstory."""


@corpora.command("list")
@CACHE
def list_sets(cache: Path | None) -> None:
    """List the sets: name, licence, use, how to get it, whether it is in the cache, title (tab-separated)."""
    from corpora.public_files import missing, sums_of

    place = cache or default_cache()
    click.echo("name\tlicence\tuse\tfetch\tcached\ttitle")
    for one in load_recipes().values():
        fetch = "download" if set(one.urls) == set(one.files) else "by hand, then --from"
        if None in one.files.values():
            fetch += ", --sha256"
        try:
            lacking = len(missing(one, place, sums_of(one, place)))
        except UserError:  # no checksum is known yet: nothing of it is here
            lacking = len(one.files)
        state = "yes" if not lacking else "no" if lacking == len(one.files) else "in part"
        click.echo(f"{one.name}\t{one.licence}\t{_use(one)}\t{fetch}\t{state}\t{one.title}")
    click.echo(f"Cache: {place}.", err=True)


def _use(one: Recipe) -> str:
    if one.evaluation_only:
        return "evaluation only"
    return "training" if one.may_train_shipped_model else "training, not of the shipped model"


@corpora.command("fetch")
@click.argument("name")
@click.option(
    "--from",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with a copy you have; nothing is downloaded.",
)
@click.option("--sha256", default=None, help="Checksum you vouch for, where the recipe pins none.")
@CACHE
def fetch(name: str, folder: Path | None, sha256: str | None, cache: Path | None) -> None:
    """Put the set NAME into your cache: terms first, then files held against their checksums.

    Files that are there already stay. Example: sharedstory corpora fetch group_mentions
    """
    from datetime import UTC, datetime

    from corpora.fetch import Fetcher
    from corpora.public_files import DOWNLOAD
    from flows.fetch_set import fetch_set
    from flows.settings import VERSION

    wanted = recipe(name)
    fetcher = Fetcher(user_agent=f"sharedstory/{VERSION} (public research sets)", limits=DOWNLOAD)
    try:
        fetch_set(
            wanted,
            cache or default_cache(),
            folder=folder,
            sha256=sha256,
            fetcher=fetcher,
            clock=lambda: datetime.now(UTC),
            say=click.echo,
        )
    finally:
        fetcher.close()


def default_cache() -> Path:
    """The usual place for things a program can fetch again."""
    from platformdirs import user_cache_path

    return user_cache_path("sharedstory", appauthor=False) / "public_sets"
