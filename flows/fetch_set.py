"""How one public set is fetched: terms first, then checked files, then what can be made of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from corpora.errors import SharedStoryError
from corpora.fetch import Fetcher
from corpora.hatecheck import hatecheck_cases
from corpora.public_files import from_folder, from_web, missing, provenance, put_in_cache, sums_of
from corpora.public_rows import MappedSet, mapped
from corpora.recipes import Recipe
from corpora.records import FRAMES
from flows.progress import bar

Say = Callable[[str], None]


def terms(wanted: Recipe) -> str:
    """What is printed before anything is done: title, licence, terms, origin."""
    use = (
        "never for training"
        if wanted.evaluation_only
        else "the shipped model may learn from it"
        if wanted.may_train_shipped_model
        else "the shipped model may not learn from it"
    )
    return (
        f"{wanted.title}\nLicence: {wanted.licence} ({use}).\nTerms: {wanted.terms}\nFrom: {wanted.source}\n"
        "By going on you take the set from its authors on these terms; sharedstory does not pass it on."
    )


def fetch_set(
    wanted: Recipe,
    cache: Path,
    *,
    folder: Path | None,
    sha256: str | None,
    fetcher: Fetcher,
    clock: Callable[[], datetime],
    say: Say,
) -> None:
    """Put a set into the cache and say what it holds.

    Args:
        wanted: The recipe.
        cache: The user's cache of public sets.
        folder: A local copy; None to download from the authors' addresses.
        sha256: Checksum the user vouches for, where the recipe pins none.
        fetcher: Opens connections, by the bounds of `public_files.DOWNLOAD`.
        clock: Gives the time put on record.
        say: Takes lines for people.

    Raises:
        SharedStoryError: The files cannot be had, or are not the ones meant.
    """
    say(terms(wanted))
    sums = sums_of(wanted, cache, sha256)
    names = missing(wanted, cache, sums)
    source = from_web(wanted, fetcher, names) if folder is None else from_folder(wanted, folder, names, sums)
    files = list(bar(put_in_cache(wanted, cache, source, sums, clock=clock), wanted.name, len(wanted.files)))
    new = sum(one.how == "new" for one in files)
    say(f"In the cache: {len(files)} files, {new} of them new, in {cache / wanted.name}.")
    on_record = provenance(wanted, cache)
    for name, digest in wanted.files.items():
        if digest is None:
            say(
                f"The recipe pins no checksum of {name}. Yours is on record ({on_record[name]['sha256']}): "
                "it shows that the file stays the same, not that it is the authors'."
            )
    if not wanted.evaluation_only:
        _say_rows(wanted, cache, say)


def _say_rows(wanted: Recipe, cache: Path, say: Say) -> None:
    try:
        cases, fault = hatecheck_cases(cache), ""
    except SharedStoryError as error:
        cases, fault = None, f" ({error.message})"
    made = mapped(wanted, cache, cases)
    say(f"Rows in our fields: {len(made.rows):,}{_active(made)}. Left out:{_left_out(made)}.")
    if not made.hatecheck_removed:
        say(
            f"HateCheck is not in the cache{fault}: its sentences could not be looked for or removed from this set. "
            "Run `sharedstory corpora fetch hatecheck` before a model that learned from these rows is tested with it."
        )


def _active(made: MappedSet) -> str:
    counts = {frame: sum(getattr(row, frame) is True for row in made.rows) for frame in FRAMES}
    named = [f"{frame} active in {count:,}" for frame, count in counts.items() if count]
    mentions = sum(bool(row.mentions) for row in made.rows)
    if mentions:
        named.append(f"a social group marked in {mentions:,}")
    return f" ({', '.join(named)})" if named else " (none of our frames)"


def _left_out(made: MappedSet) -> str:
    return "".join(f"\n  {count:,} {why}" for why, count in made.left_out.items()) or " none"
