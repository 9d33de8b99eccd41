"""Which pages the invented stories become: placed, timed and addressed as each outlet would do it."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

from corpora.catalogue import Catalogue, load_catalogue
from corpora.records import Outlet
from corpora.times import LONDON

HERE = Path(str(resources.files("corpora"))) / "demo"

YEAR = 2026

MOMENTS: dict[int, datetime] = {
    1: datetime(2026, 9, 16, 20, 0, tzinfo=LONDON).astimezone(UTC),
    2: datetime(2026, 10, 5, 7, 0, tzinfo=LONDON).astimezone(UTC),
    3: datetime(2026, 11, 2, 7, 0, tzinfo=LONDON).astimezone(UTC),
}
"""When the demonstration collects, in UTC. The first falls between a story and its correction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A frame that was written into a story on purpose."""

    sentence: str
    frame: str
    status: str
    voice: str
    groups: tuple[str, ...]
    problem: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """How one outlet publishes."""

    outlet: Outlet
    family: str
    charset: str
    dates: str
    """How its feed writes times, see `render.feed_time`."""
    address: str
    """Pattern of its pages' paths, see `address`."""
    town: str
    nav: tuple[str, ...]

    @property
    def home(self) -> str:
        """`http://host`, without a slash."""
        return "/".join(self.outlet.homepage.split("/")[:3])

    @property
    def feed(self) -> str:
        """Address of the one feed."""
        return self.outlet.feeds[0].url


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a page says from `since` (UTC) on."""

    since: datetime
    title: str
    paragraphs: tuple[str, ...]
    planted: tuple[Planted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One page of one outlet: a story of its own, or its placement of a syndicated one."""

    key: str
    """The story's id; placements carry the outlet after it, as in `la-01.kelderby-live`."""
    story: str
    house: House
    url: str
    published: datetime
    """UTC."""
    section: str
    byline: str
    summary: str
    wordings: tuple[Wording, ...]
    """Oldest first; a second one only where the story was edited."""

    def wording(self, at: datetime) -> Wording | None:
        """The wording that stood at `at`, or None before publication."""
        standing = [one for one in self.wordings if one.since <= at]
        return standing[-1] if standing else None

    @property
    def week(self) -> str:
        """ISO week of publication by London's calendar, such as `2026-W33`."""
        year, week, _ = self.published.astimezone(LONDON).isocalendar()
        return f"{year}-W{week:02}"


def number(text: str, digits: int) -> int:
    """A stable number of exactly `digits` digits, of the kind a CMS counts its stories with."""
    low = int("1" + "0" * (digits - 1))
    return low + int(hashlib.sha256(text.encode()).hexdigest(), 16) % (9 * low)


def slug(title: str, *, longest: int = 64) -> str:
    """A title as part of an address: plain letters, digits and hyphens, cut at a word."""
    plain = unicodedata.normalize("NFKD", title).replace("£", "").encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", "").replace(",", ""))
    kept = words[:1]
    for word in words[1:]:
        if len("-".join([*kept, word])) > longest:
            break
        kept.append(word)
    return "-".join(kept)


def _code(key: str) -> str:
    """Twelve characters that mean nothing, as broadcasters name their articles."""
    digest = hashlib.sha256(key.encode()).digest()
    return "c" + "".join("0123456789deglmnpqrvwxyz"[byte % 24] for byte in digest[:11])


def address(house: House, key: str, section: str, title: str, when: datetime) -> str:
    """Where a house puts a page; an edit does not move it.

    Args:
        house: Its `address` is the pattern.
        key: The article's key; the numbers in addresses come from it.
        section: Only sport lives apart.
        title: The first wording's.
        when: Publication, London's time.
    """
    return house.home + house.address.format(
        part="sport" if section == "sport" else "news",
        town=house.town,
        slug=slug(title),
        seven=number(key, 7),
        eight=number(key, 8),
        code=_code(key),
        when=when,
    )


def load_houses(catalogue: Catalogue) -> dict[str, House]:
    """Read `outlets.toml`. By slug.

    Raises:
        KeyError: An outlet of the catalogue has no table there.
    """
    tables: Mapping[str, Any] = tomllib.loads((HERE / "outlets.toml").read_text(encoding="utf-8"))
    return {
        name: House(
            outlet=outlet,
            family=tables[name]["family"],
            charset=tables[name]["charset"],
            dates=tables[name]["dates"],
            address=tables[name]["address"],
            town=tables[name]["town"],
            nav=tuple(tables[name]["nav"]),
        )
        for name, outlet in catalogue.outlets.items()
    }


def load_articles(folder: Path = HERE / "stories", catalogue: Catalogue | None = None) -> tuple[Article, ...]:
    """Read the stories and place them, oldest first.

    Args:
        folder: Holds `*.jsonl`, one story a line.
        catalogue: The invented outlets; read from `catalogue/` if not given.

    Raises:
        ValueError: Two pages share an address, or a planted sentence stands in no paragraph.
    """
    houses = load_houses(catalogue or load_catalogue(HERE / "catalogue"))
    articles: list[Article] = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                articles.extend(_placed(json.loads(line), houses))
    if len({one.url for one in articles}) != len(articles):
        raise ValueError("two pages of the demonstration share an address")
    return tuple(sorted(articles, key=lambda one: (one.published, one.key)))


def _placed(story: Mapping[str, Any], houses: Mapping[str, House]) -> Iterable[Article]:
    """Turn one line of a story file into its page, or the pages of its placements."""
    day = datetime.fromisocalendar(YEAR, story["week"], story["day"])
    clock = datetime.strptime(story["time"], "%H:%M").time()  # noqa: DTZ007 - the zone follows
    local = datetime.combine(day, clock, tzinfo=LONDON)
    planted = tuple(
        Planted(
            sentence=one["sentence"],
            frame=one["frame"],
            status=one["status"],
            voice=one["voice"],
            groups=tuple(one["groups"]),
            problem=tuple(one.get("problem", ())),
        )
        for one in story["frames"]
    )
    whole = (story.get("title", ""), *story["paragraphs"])
    lost = [one.sentence for one in planted if not any(one.sentence in text for text in whole)]
    if lost:
        raise ValueError(f"{story['id']}: no paragraph carries {lost[0]!r}")
    if "placements" not in story:
        yield _article(story, houses[story["outlet"]], story["id"], local.astimezone(UTC), text=story, planted=planted)
        return
    for one in story["placements"]:
        kept = story["paragraphs"][: len(story["paragraphs"]) - one["cut"]]
        text = {"title": one["title"], "paragraphs": [*([one["lead"]] if "lead" in one else []), *kept]}
        published = local.astimezone(UTC) + timedelta(hours=one["hours"])
        yield _article(
            story, houses[one["outlet"]], f"{story['id']}.{one['outlet']}", published, text=text, planted=planted
        )


def _article(
    story: Mapping[str, Any],
    house: House,
    key: str,
    published: datetime,
    *,
    text: Mapping[str, Any],
    planted: tuple[Planted, ...],
) -> Article:
    wordings = [_wording(published, text, planted)]
    if "edit" in story:
        changed = story["edit"]
        wordings.append(_wording(published + timedelta(hours=changed["after_hours"]), changed, planted))
    return Article(
        key=key,
        story=story["id"],
        house=house,
        url=address(house, key, story["section"], text["title"], published.astimezone(LONDON)),
        published=published,
        section=story["section"],
        byline=story["byline"],
        summary=story["summary"],
        wordings=tuple(wordings),
    )


def _wording(since: datetime, text: Mapping[str, Any], planted: tuple[Planted, ...]) -> Wording:
    """Keep the planted sentences that this wording still carries."""
    carried = (text["title"], *text["paragraphs"])
    return Wording(
        since=since,
        title=text["title"],
        paragraphs=tuple(text["paragraphs"]),
        planted=tuple(one for one in planted if any(one.sentence in part for part in carried)),
    )
