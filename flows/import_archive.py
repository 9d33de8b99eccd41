"""How an archive is imported: stories on the same path as live ones, in batches, so that a killed import goes on."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from corpora.archives.opening import open_archive
from corpora.archives.outlets import OutletFinder, host_of
from corpora.archives.records import Archive, BadRow, Position, Row, Step
from corpora.archives.stories import Made, address_of, story_of
from corpora.catalogue import SHIPPED
from corpora.cleaning import tidy_line
from corpora.errors import BadInput, NotAStory, Quarantined
from corpora.places import areas_of
from corpora.records import Outlet, stable_id
from corpora.store.imported import PREFIX, Imported, save_imported
from corpora.titles import load_titles
from flows import stages
from flows.bench import Bench, bench
from flows.progress import bar

BATCH = 64
"""Stories kept in one transaction."""
BYTES = 32 * 1024 * 1024
"""Bytes of pages after which a batch is closed earlier."""
STEPS = 2_000
"""Rows, of use or not, after which it is noted how far the import has come."""
GIVE_UP = 10_000
"""Rows in a row that cannot be read after which the rest is not tried."""
MOST_HOSTS = 200
"""Hosts without an outlet that are counted by name."""
MOST_TOLD = 20
"""Rows set aside that are told at once; all are in the file."""
FOLDER = "imports"
"""Folder of the workspace with the lists of rows that were set aside."""


@dataclass(slots=True, kw_only=True)
class Report:
    """What became of an archive. Kept in the store as a note, so that a later run can go on from it."""

    source: str
    mark: str
    """Tells this file, with this choice of outlets and regions, from another."""
    started: str
    """When the import began."""
    position: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    """rows, new, edited, same, older, forgotten; no_story, reserved, elsewhere, shared, unknown, bad, ageing."""
    hosts: dict[str, int] = field(default_factory=dict)
    """Hosts that no outlet of the catalogue is at."""
    first: str = ""
    """Earliest time of publication among the stories, and below the latest."""
    last: str = ""
    aside: int = 0
    """Bytes of the list of what was set aside."""
    done: str = ""
    """When it came to its end; empty before."""

    def count(self, what: str) -> int:
        """One of `counts`."""
        return self.counts.get(what, 0)


def import_archive(
    home: str, path: Path, *, outlet: str = "", again: bool = False, tell: Callable[[str], object] = lambda _: None
) -> tuple[Report, Path]:
    """Import one archive, or go on with it where an earlier run was cut off.

    Args:
        home: Folder of the workspace.
        path: File or folder.
        outlet: Slug or title of the outlet of stories that fit none of the catalogue; empty: they are left out.
        again: Read it from the beginning even if it has been imported.
        tell: Takes a line for each of the first rows that are set aside.

    Returns:
        What became of it, and the file that lists what was set aside (which is there if anything was).

    Raises:
        BadInput: It cannot be read at all, or there is no such outlet.
        StoreError: The store cannot be written.
    """
    here = bench(home)
    work = _Import(here, home, path, outlet=outlet, tell=tell)
    if work.finished and not again and not path.is_dir():
        return work.report, work.list
    archive = open_archive(path)
    try:
        work.begin(again=again)
        for _ in bar(work.run(archive), f"Importing {tidy_line(path.name, limit=30)}", 100):
            pass
    finally:
        archive.close()
    return work.report, work.list


class _Import:
    def __init__(self, here: Bench, home: str, path: Path, *, outlet: str, tell: Callable[[str], object]) -> None:
        self._here, self._path, self._tell = here, path, tell
        self._finder = OutletFinder(here.catalogue, load_titles(here.workspace.catalogue or SHIPPED))
        self._ours = {one.slug for one in stages.workspace_outlets(home)}
        self._otherwise = _chosen(self._finder, outlet)
        whole = str(path.resolve())
        name = stable_id("import", whole, outlet)
        self._note = PREFIX + name
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", path.name)[:60]
        self.list = here.workspace.home / FOLDER / f"{stem}-{name[:8]}.jsonl"
        self._mark = stable_id("mark", _looks(path), *sorted(self._ours))
        said = here.store.note(self._note)
        self.report = self._fresh() if said is None else _read(said)
        self._told = self._failing = 0
        self._aside: list[str] = []

    def _fresh(self) -> Report:
        started = self._here.clock().astimezone(UTC).replace(microsecond=0)
        return Report(source=self._path.name, mark=self._mark, started=started.isoformat())

    @property
    def finished(self) -> bool:
        """Whether this very archive has been imported to its end."""
        return bool(self.report.done) and self.report.mark == self._mark

    def begin(self, *, again: bool) -> None:
        """Go on where an earlier run was cut off, or begin."""
        if again or self.report.done or self.report.mark != self._mark:
            self.report = self._fresh()
        if self.report.aside or self.list.exists():
            self.list.parent.mkdir(exist_ok=True, mode=0o700)
            self.list.touch(mode=0o600)
            with self.list.open("r+b") as file:  # lines after the last note belong to rows that are read again
                file.truncate(min(self.report.aside, self.list.stat().st_size))

    def run(self, archive: Archive) -> Iterator[int]:
        """Read and keep; yield once for each percent."""
        ticks = 0
        with ThreadPoolExecutor(self._here.parser.processes) as pool:
            for position, some in self._batches(archive):
                self._take(position, some, pool)
                while ticks < int(100 * archive.done()):
                    ticks += 1
                    yield ticks
        stages.group_copies(str(self._here.workspace.home))
        self.report.done = self._here.clock().astimezone(UTC).isoformat(timespec="seconds")
        self._here.store.set_note(self._note, json.dumps(asdict(self.report), sort_keys=True))

    def _batches(self, archive: Archive) -> Iterator[tuple[Position, list[tuple[Row, str, Outlet]]]]:
        some: list[tuple[Row, str, Outlet]] = []
        size = steps = 0
        position = Position(**self.report.position)
        for step in archive.rows(position):
            position = step[0]
            steps += 1
            if (wanted := self._wanted(step)) is not None:
                some.append(wanted)
                size += wanted[0].size
            if self._failing >= GIVE_UP:
                self._set_aside(
                    f"after {some[-1][0].place if some else 'them'}", f"{GIVE_UP:,} rows in a row: given up"
                )
                break
            if len(some) >= BATCH or size >= BYTES or steps >= STEPS:
                yield position, some
                some, size, steps = [], 0, 0
        yield position, some

    def _wanted(self, step: Step) -> tuple[Row, str, Outlet] | None:
        """A row that may become a story of this workspace, with its address and outlet; others are counted."""
        one = step[1]
        if one is None:
            return None
        self._add("rows")
        if isinstance(one, BadRow):
            self._failing += 1
            self._set_aside(one.place, one.problem)
            return None
        try:
            url = address_of(one)
        except Quarantined as failure:
            self._failing += 1
            self._set_aside(one.place, failure.message)
            return None
        self._failing = 0
        outlet = self._finder.find(url, one.outlet) or self._otherwise
        if outlet is None:
            self._no_outlet(url)
        elif outlet.slug not in self._ours:
            self._add("elsewhere")
        elif one.reserved and self._here.workspace.respect_tdm_optout:
            self._add("reserved")
        else:
            return one, url, outlet
        return None

    def _no_outlet(self, url: str) -> None:
        if self._finder.known(url):
            self._add("shared")
            return
        self._add("unknown")
        host, hosts = tidy_line(host_of(url), limit=100), self.report.hosts
        if host in hosts or len(hosts) < MOST_HOSTS:
            hosts[host] = hosts.get(host, 0) + 1

    def _take(self, position: Position, some: list[tuple[Row, str, Outlet]], pool: ThreadPoolExecutor) -> None:
        """Keep a batch, in one transaction with the note that says how far the import has come."""
        stories: list[Imported] = []
        for (row, _, outlet), made in zip(some, pool.map(self._made, some), strict=True):
            if isinstance(made, Made):
                stories.append(self._imported(made, outlet))
            elif isinstance(made, NotAStory):
                self._add("no_story")
                self._list_only(row.place, made.message)
            else:
                self._set_aside(row.place, made.message)
        self.report.position = asdict(position)
        self._write_list()
        kept = save_imported(self._here.store, stories, note=self._note, value=asdict(self.report))
        for outcome, count in Counter(kept).items():
            self.report.counts[outcome] = self.report.count(outcome) + count

    def _made(self, one: tuple[Row, str, Outlet]) -> Made | Quarantined:
        row, url, outlet = one
        now = datetime.fromisoformat(self.report.started)
        try:
            return story_of(row, url, outlet, now=now, parser=self._here.parser)
        except Quarantined as failure:
            return failure

    def _imported(self, made: Made, outlet: Outlet) -> Imported:
        story = made.story
        when = story.published.isoformat(timespec="seconds")
        self.report.first = min(self.report.first or when, when)
        self.report.last = max(self.report.last, when)
        days = self._here.workspace.full_text_days
        if days >= 0 and story.first_seen < self._here.clock() - timedelta(days=days):
            self._add("ageing")
        return Imported(
            key=made.key,
            entry_hash=made.entry_hash,
            story=story,
            areas=tuple(areas_of(story.title, story.text, outlet, self._here.catalogue, url=story.url)),
            captured=made.captured,
        )

    def _add(self, what: str) -> None:
        self.report.counts[what] = self.report.count(what) + 1

    def _set_aside(self, place: str, problem: str) -> None:
        """Count, list and tell a row that cannot be read."""
        self._add("bad")
        self._list_only(place, problem)
        if self._told < MOST_TOLD:
            self._told += 1
            self._tell(f"{tidy_line(f'{self._path.name} {place} {problem}')}; set aside.")

    def _list_only(self, place: str, problem: str) -> None:
        self._aside.append(json.dumps({"source": self._path.name, "place": place, "problem": problem}) + "\n")

    def _write_list(self) -> None:
        if self._aside:
            self.list.parent.mkdir(exist_ok=True, mode=0o700)
            self.list.touch(mode=0o600)
            with self.list.open("ab") as file:
                file.write("".join(self._aside).encode("ascii"))
                self.report.aside = file.tell()
            self._aside = []


def _chosen(finder: OutletFinder, outlet: str) -> Outlet | None:
    if not outlet:
        return None
    found = finder.find("", outlet)
    if found is None:
        raise BadInput(
            f"The catalogue has no outlet {outlet[:80]!r}.", what_next="See `sharedstory outlets list` for their slugs."
        )
    return found


def _read(note: str) -> Report:
    known = {one.name for one in fields(Report)}
    return Report(**{name: value for name, value in json.loads(note).items() if name in known})


def _looks(path: Path) -> str:
    """What tells a file from another one of its name; of a folder nothing does."""
    if not path.is_file():
        return ""
    try:
        facts = path.stat()
        with path.open("rb") as file:
            head = hashlib.sha256(file.read(65_536)).hexdigest()
    except OSError:
        return ""
    return f"{facts.st_size} {facts.st_mtime_ns} {head}"
