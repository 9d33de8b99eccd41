"""Where a workspace keeps its things, and what its owner chose: regions, pages yes or no, a way to be reached."""

from __future__ import annotations

import os
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from corpora.errors import NotReady, UserError

FILE = "sharedstory.toml"
VERSION = "0.1.0"


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

    @property
    def store(self) -> Path:
        """The database file."""
        return self.home / "store.sqlite"

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
        """Write the settings file; the folder is made readable to its owner only."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        lines = [
            "# Settings of this sharedstory workspace. Edit freely; `sharedstory init` writes it anew.",
            f"regions = [{', '.join(_quoted(code) for code in self.regions)}]",
            f"pages = {'true' if self.pages else 'false'}",
            f"contact = {_quoted(self.contact)}",
        ]
        if self.catalogue is not None:
            lines.append(f"catalogue = {_quoted(str(self.catalogue))}")
        new = self.home / f"{FILE}.new"
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
    )
