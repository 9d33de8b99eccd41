"""Which local titles are known in a region, with a feed or without: `titles.csv` and `owners.csv`, looked up here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from corpora.catalogue import SHIPPED, Catalogue, base_of, read_rows
from corpora.errors import BadInput
from corpora.records import Outlet, Region

TITLE_COLUMNS = ("id", "title", "owner", "medium", "frequency", "homepage", "areas", "areas_from")
JOIN_COLUMNS = ("outlet", "joined_by", "candidate_feed", "note")
OWNER_COLUMNS = ("owner", "aliases", "kind", "regulator", "regulator_evidence", "terms")

MEDIA = ("", "print and online", "online", "print")
KINDS = ("legacy", "independent", "public service", "broadcaster", "unknown")
REGULATORS = ("", "IPSO", "Impress")
JOINS = ("", "title and host", "host", "title", "feed list")
AREAS_FROM = ("", "outlet", "code", "name", "office", "review")
"""Where a title's areas come from: its feed's row, the list's codes, the list's names, the district of its office
alone (the weakest), or read over by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who publishes titles."""

    name: str
    aliases: tuple[str, ...]
    """Other spellings in the lists."""
    kind: str
    """One of `KINDS`."""
    regulator: str
    """One of `REGULATORS`; empty where it is not known, which does not mean that there is none."""
    regulator_evidence: str
    """What says so, with its date."""
    terms: str
    """Note on the terms its feeds and pages come with; empty where nobody has read them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A local title, whether its feed is known or not."""

    id: str
    title: str
    owner: str
    medium: str
    """One of `MEDIA`; empty: not known."""
    frequency: str
    homepage: str
    areas: tuple[str, ...]
    """GSS codes (2025) of local authorities; empty only outside them (Isle of Man)."""
    areas_from: str
    """One of `AREAS_FROM`."""
    outlet: str
    """Slug of the catalogue's outlet whose feed is this title's or its site's; empty where there is none."""
    joined_by: str
    """One of `JOINS`: why `outlet` is believed to be this title's; `feed list` where only the list of feeds has it."""
    candidate_feed: str = ""
    """Address worked out from the publisher's pattern; nobody has seen it answer, and it is not collected."""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTitles:
    """The titles of one region."""

    region: Region
    titles: tuple[Title, ...]
    with_feed: tuple[Title, ...]
    """Those on a site whose feed can be read."""

    @property
    def feeds(self) -> int:
        """Outlets with a feed behind `with_feed`: several titles may share one."""
        return len({one.outlet for one in self.with_feed})

    @property
    def sentence(self) -> str:
        """What a region's report can say of it."""
        number = len(self.titles)
        if not number:
            return f"No local title is known in {self.region.name}."
        if number == 1:
            return f"One title is known in {self.region.name}; " + (
                "it has a feed we can read." if self.with_feed else "it has no feed we can read."
            )
        count = len(self.with_feed)
        has = "one of them has" if count == 1 else f"{count or 'none'} of them have"
        return f"{number} titles are known in {self.region.name}; {has} a feed we can read."


def load_owners(folder: Path = SHIPPED) -> dict[str, Owner]:
    """Owners by name and by every other spelling; those of the shipped file too where `folder` only adds outlets.

    Raises:
        BadInput: A file lacks a column or has a damaged row.
    """
    owners: dict[str, Owner] = {}
    for place in dict.fromkeys((base_of(folder), folder)):
        if not (place / "owners.csv").is_file():
            continue
        for _, row in read_rows(place / "owners.csv", set(OWNER_COLUMNS)):
            aliases = tuple(part for part in row["aliases"].split("|") if part)
            cells = {name: row[name] for name in ("kind", "regulator", "regulator_evidence", "terms")}
            owner = Owner(name=row["owner"], aliases=aliases, **cells)
            owners |= dict.fromkeys((owner.name, *aliases), owner)
    return owners


def load_titles(folder: Path = SHIPPED) -> tuple[Title, ...]:
    """Titles of a catalogue's folder: none where it has no list of them (the demonstration's).

    Raises:
        BadInput: The file lacks a column or has a damaged row.
    """
    path = base_of(folder) / "titles.csv"
    if not path.is_file():
        return ()
    titles = []
    for where, row in read_rows(path, {*TITLE_COLUMNS, *JOIN_COLUMNS}):
        if not row["id"] or not row["title"]:
            raise BadInput(f"{where}: a title needs an id and a name.", what_next="See `sharedstory outlets check`.")
        cells = {name: row[name] for name in (*TITLE_COLUMNS, *JOIN_COLUMNS) if name != "areas"}
        titles.append(Title(areas=tuple(part for part in row["areas"].split("|") if part), **cells))
    return tuple(titles)


def all_titles(catalogue: Catalogue, titles: tuple[Title, ...]) -> tuple[Title, ...]:
    """`titles` with the outlets of the catalogue that no title was joined to, by name.

    Place feeds of a site that is there already (`MEN: Bury`) are no titles of their own.
    """
    joined = {one.outlet for one in titles}
    sites = {catalogue.outlets[slug].homepage for slug in joined if slug in catalogue.outlets}
    rest = []
    for outlet in catalogue.outlets.values():
        if outlet.slug in joined or (outlet.homepage and outlet.homepage in sites):
            continue
        sites.add(outlet.homepage)
        rest.append(_of_outlet(outlet))
    kept = [one for one in titles if not one.outlet or one.outlet in catalogue.outlets]
    kept += [_without_feed(one) for one in titles if one.outlet and one.outlet not in catalogue.outlets]
    return tuple(sorted([*kept, *rest], key=lambda one: (one.title.casefold(), one.id)))


def _of_outlet(outlet: Outlet) -> Title:
    return Title(
        id=outlet.slug,
        title=outlet.title,
        owner=outlet.owner,
        medium="",
        frequency="",
        homepage=outlet.homepage,
        areas=outlet.areas,
        areas_from="outlet",
        outlet=outlet.slug,
        joined_by="feed list",
    )


def _without_feed(title: Title) -> Title:
    """The title as it stands when the catalogue no longer has its outlet."""
    return replace(title, outlet="", joined_by="")


def known_titles(
    region: Region, catalogue: Catalogue, titles: tuple[Title, ...], *, readable: frozenset[str] | None = None
) -> KnownTitles:
    """What is known in a region, so that a report can say how much of it is read.

    Args:
        region: A region of `catalogue`, of any tier.
        catalogue: Regions and the outlets that have feeds.
        titles: What `load_titles` gave.
        readable: Slugs of outlets whose feeds answered (the last `outlets probe`, or the week's checks). Without it
            every outlet of the catalogue counts, though nobody may have seen its feed answer.
    """
    wanted = set(catalogue.authorities(region))
    here = tuple(one for one in all_titles(catalogue, titles) if wanted & set(one.areas))
    fed = tuple(one for one in here if one.outlet and (readable is None or one.outlet in readable))
    return KnownTitles(region=region, titles=here, with_feed=fed)
