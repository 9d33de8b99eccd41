"""Which reader an archive needs, by its name."""

from __future__ import annotations

from pathlib import Path

from corpora.archives.folder import Folder
from corpora.archives.parquet import Parquet
from corpora.archives.records import Archive
from corpora.archives.tables import Csv, JsonLines
from corpora.archives.warc import Warc
from corpora.errors import BadInput

KINDS = ".jsonl, .ndjson, .csv, .tsv or .warc (each also packed: .gz), .parquet, or a folder of pages"


def open_archive(path: Path) -> Archive:
    """Open an archive.

    Raises:
        BadInput: It is missing, is not of the kind its name says, or holds nothing of use.
    """
    if path.is_dir():
        return Folder(path)
    if not path.is_file():
        raise BadInput(f"There is no file or folder {path}.", what_next="Check the name.")
    name = path.name.lower()
    bare = name.removesuffix(".gz")
    if bare.endswith((".jsonl", ".ndjson")):
        return JsonLines(path)
    if bare.endswith(".csv"):
        return Csv(path)
    if bare.endswith(".tsv"):
        return Csv(path, delimiter="\t")
    if bare.endswith(".warc"):
        return Warc(path)
    if name.endswith(".parquet"):
        return Parquet(path)
    raise BadInput(f"{path.name}: the kind of archive is not known.", what_next=f"An archive is {KINDS}.")
