"""Where a workspace keeps its things, and what its owner chose: regions, pages yes or no, a way to be reached."""

from __future__ import annotations

import os
import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpora.errors import NotReady, UserError

FILE = "sharedstory.toml"
VERSION = "0.1.0"

STORE_VARIABLE = "SHAREDSTORY_STORE"
"""Names a PostgreSQL database instead of the settings, so that its password need not stand in a file."""

KEEP_DAYS = 90
"""Days a story's full text is kept unless the settings say otherwise."""

MOST_DAYS = 36_500
"""A hundred years; more is a slip of the hand, and -1 says for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """One deployment: a folder with settings, store and reports."""

    home: Path
    regions: tuple[str, ...]
    """GSS codes reports are made for."""
    pages: bool
    """Whether article pages are fetched, besides the feeds."""
    contact: str
    """Shown to the sites we read, so that they can reach whoever runs this."""
    catalogue: Path | None = None
    """Folder with another catalogue than the shipped one (the demonstration has its own)."""
    store_url: str = field(default="", repr=False)
    """Address of a PostgreSQL database; empty for a file in the folder. May hold a password: never shown."""
    full_text_days: int = KEEP_DAYS
    """Days a full text is kept; 0: until it is read, -1: for ever."""
    respect_tdm_optout: bool = True
    """Whether what publishers reserve from text and data mining, by a signal programs can read, is left alone."""

    @property
    def store(self) -> Path:
        """The database file."""
        return self.home / "store.sqlite"

    @property
    def store_place(self) -> Path | str:
        """What `corpora.store.Store` opens: the file, or the address of a database."""
        return self.store_url or self.store

    @property
    def reports(self) -> Path:
        """The folder reports are written to."""
        return self.home / "reports"

    @property
    def user_agent(self) -> str:
        """How we introduce ourselves. A header carries ASCII only; accents are dropped, anything else becomes `?`."""
        bare = "".join(one for one in unicodedata.normalize("NFKD", self.contact) if not unicodedata.combining(one))
        contact = "".join(one if one.isascii() and one.isprintable() else "?" for one in bare)
        return f"sharedstory/{VERSION} (local news research; contact: {contact})"

    def save(self) -> None:
        """Write the settings file; folder and file are made readable to their owner only."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        lines = [
            "# Settings of this sharedstory workspace. Edit freely; `sharedstory init` writes it anew.",
            f"regions = [{', '.join(_quoted(code) for code in self.regions)}]",
            f"pages = {'true' if self.pages else 'false'}",
            f"contact = {_quoted(self.contact)}",
            f"respect_tdm_optout = {'true' if self.respect_tdm_optout else 'false'}"
            "  # leave alone what publishers reserve from text and data mining",
        ]
        if self.catalogue is not None:
            lines.append(f"catalogue = {_quoted(str(self.catalogue))}")
        # What the environment says stays there: a password is not written to a file unasked.
        if self.store_url and self.store_url != os.environ.get(STORE_VARIABLE):
            lines += ["", "[store]", f"url = {_quoted(self.store_url)}"]
        days = "days a story's full text is kept; 0: until it is read, -1: for ever"
        lines += ["", "[keep]", f"full_text_days = {self.full_text_days}  # {days}"]
        new = self.home / f"{FILE}.new"
        new.unlink(missing_ok=True)
        new.touch(mode=0o600)
        new.write_text("\n".join(lines) + "\n", encoding="utf-8")
        new.replace(self.home / FILE)


def _quoted(text: str) -> str:
    escaped = re.sub(r'(["\\])', r"\\\1", text)
    return '"' + re.sub(r"[\x00-\x1f\x7f]", " ", escaped) + '"'


def default_home() -> Path:
    """`SHAREDSTORY_HOME`, or the usual place for a program's data on this system."""
    named = os.environ.get("SHAREDSTORY_HOME")
    if named:
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("sharedstory", appauthor=False)


def load_workspace(home: Path) -> Workspace:
    """Read a workspace's settings.

    Raises:
        NotReady: There are none yet.
        UserError: The file cannot be understood; the message names the setting.
    """
    path = home / FILE
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotReady(
            f"There is no workspace in {home}.",
            what_next='Begin with `sharedstory init REGION`, for example `sharedstory init "Leeds"`.',
        ) from error
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(
            f"The settings file {path} cannot be read: {error}.", what_next="Run `sharedstory init` again."
        ) from error
    sound = {
        "regions": isinstance(raw.get("regions"), list) and all(isinstance(code, str) for code in raw["regions"]),
        "pages": isinstance(raw.get("pages"), bool),
        "contact": isinstance(raw.get("contact"), str),
        "catalogue": isinstance(raw.get("catalogue", ""), str),
        "respect_tdm_optout": isinstance(raw.get("respect_tdm_optout", True), bool),
        "store.url": isinstance(_of(raw, "store", "url", ""), str),
        "keep.full_text_days": _is_days(_of(raw, "keep", "full_text_days", KEEP_DAYS)),
    }
    for key, good in sound.items():
        if not good:
            raise UserError(
                f"{path}: the setting `{key}` is missing or of the wrong kind.",
                what_next="Run `sharedstory init` again.",
            )
    catalogue = raw.get("catalogue")
    return Workspace(
        home=home,
        regions=tuple(raw["regions"]),
        pages=raw["pages"],
        contact=raw["contact"],
        catalogue=Path(catalogue) if catalogue else None,
        store_url=os.environ.get(STORE_VARIABLE) or _of(raw, "store", "url", ""),
        full_text_days=_of(raw, "keep", "full_text_days", KEEP_DAYS),
        respect_tdm_optout=raw.get("respect_tdm_optout", True),
    )


def _of(raw: dict[str, Any], table: str, key: str, usual: str | int) -> Any:
    """Value of a key in a table of the settings; None, which no setting may be, where the table is none."""
    inner = raw.get(table, {})
    return inner.get(key, usual) if isinstance(inner, dict) else None


def _is_days(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -1 <= value <= MOST_DAYS


def carried_over(home: Path) -> dict[str, Any]:
    """Return what a new settings file takes from an older one: where the store is, what may stay or be read."""
    try:
        old = load_workspace(home)
    except UserError:
        return {"store_url": os.environ.get(STORE_VARIABLE, "")}
    kept: dict[str, Any] = {"store_url": old.store_url, "full_text_days": old.full_text_days}
    return kept if old.respect_tdm_optout else {**kept, "respect_tdm_optout": False}
