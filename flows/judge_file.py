"""How a researcher's own file is read for the three frames: one row a sentence out, nothing stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from corpora.errors import BadInput
from flows.progress import bar
from flows.tables_io import Kind, check_output, written
from flows.text_rows import TextRows

KINDS: dict[str, Kind] = {
    "id": "text",
    "unit": "text",
    "start": "integer",
    "end": "integer",
    "us_them": "number",
    "blame": "number",
    "shared_story": "number",
    "us_them_flag": "text",
    "blame_flag": "text",
    "shared_story_flag": "text",
    "us_them_contested": "number",
    "blame_contested": "number",
    "shared_story_contested": "number",
    "groups": "texts",
    "problems": "texts",
    "voice": "text",
    "frame_voice": "text",
    "stance": "text",
    "structural_cause": "text",
    "evidence": "spans",
    "coder": "text",
}
"""Columns of the result, in order, and what they hold."""

COLUMNS = list(KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of a file."""

    rows: int
    """Rows read and judged."""
    sentences: int
    """Sentences written."""
    left_out: int
    """Rows that could not be read; each has been told."""


def judge_file(
    source: Path, output: Path, *, unit: str, headlines: bool, tell: Callable[[str], object] = lambda _: None
) -> Judged:
    """Judge a file. A row that cannot be read is told and left out, the others are written.

    Args:
        source: Rows with `id` and `text`, optionally `title`, `before`, `after`.
        output: File to write; replaced only when all is done.
        unit: `sentence` or `story`.
        headlines: With `story`, whether each title gets a row of its own.
        tell: Takes one line for each row left out, with its place in the file.

    Raises:
        BadInput: A file cannot be used at all, or no row of it can be read.
    """
    from models.judge import load_judge

    check_output(output)
    if output.exists() and source.exists() and output.samefile(source):
        raise BadInput(f"{output.name} is the file to be read.", what_next="Name another file for the results.")
    rows = TextRows(source, tell)
    judge = load_judge()
    n_rows = n_sentences = 0
    with written(output, KINDS) as out:
        for some in bar(rows.batches(), "Reading", 0):
            n_rows += len(some)
            done = judge.code_units(some) if unit == "sentence" else judge.code_texts(some, headlines=headlines)
            n_sentences += len(done)
            out.write(done)
    return Judged(rows=n_rows, sentences=n_sentences, left_out=rows.left_out)
