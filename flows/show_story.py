"""How one story comes from a file to the eye: read in full, then shown in the terminal or as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from corpora.errors import BadInput
from flows.text_rows import TextRows

TEXT_SUFFIXES = (".txt", ".text", ".md")
LONGEST_FILE = 2_000_000
"""Bytes of a text file that are taken in; the reading itself stops far earlier."""


def load_story(source: Path, story_id: str = "") -> dict[str, str]:
    """Take one story from a file.

    Args:
        source: A text file (its first line is the headline where a blank line follows), or rows with `id` and `text`
            (.jsonl, .csv or .parquet).
        story_id: Which row; the first when empty.

    Raises:
        BadInput: There is no such file, no such row, or nothing to read in it.
    """
    if source.suffix.lower() in TEXT_SUFFIXES:
        return _from_text(source)
    for row in TextRows(source, lambda _: None):
        if not story_id or row["id"] == story_id:
            return row
    raise BadInput(f"{source.name} has no story {story_id!r}.", what_next="Check --id, or leave it out for the first.")


def _from_text(source: Path) -> dict[str, str]:
    if not source.is_file():
        raise BadInput(f"There is no file {source}.", what_next="Check the name.")
    with source.open("rb") as stream:
        whole = stream.read(LONGEST_FILE).decode("utf-8-sig", errors="replace").replace("\r\n", "\n").strip("\n")
    if not whole.strip():
        raise BadInput(
            f"{source.name} holds no text.", what_next="Put the headline, a blank line, and the story in it."
        )
    first, gap, rest = whole.partition("\n\n")
    if gap and "\n" not in first and rest.strip():
        return {"id": source.stem, "title": first.strip(), "text": rest.strip("\n")}
    return {"id": source.stem, "title": "", "text": whole}


def read_one(story: dict[str, str]) -> dict[str, Any]:
    """Read one story in full (see `models.stories`)."""
    from models.stories import load_story_reader

    return load_story_reader().read([story])[0]
