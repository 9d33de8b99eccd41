"""How many whole stories a second each stage of reading manages, and where the time goes; one run on one core."""

from __future__ import annotations

import argparse
import json
import lzma
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from corpora.demo.articles import HERE
from models.findings import Levels, contexts, each, find
from models.frames import FrameModel
from models.stories import StoryReader
from nlp import english
from nlp.cues import find_cues
from nlp.pieces import Piece, body_pieces, capped, headline_piece
from nlp.reading import _LINE, Reader, _said
from nlp.speakers import resolve_speakers

STORIES = 200
Done = TypeVar("Done")


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "sentences", nargs="?", type=Path, help="JSON lines with `story` and `text`; default: the demo's"
    )
    stories = _stories(parser.parse_args().sentences)[:STORIES]
    reader, model = Reader(english.load()), FrameModel()
    whole = StoryReader(reader, model)
    rows = [{"id": str(n), "title": title, "text": text} for n, (title, text) in enumerate(stories)]
    whole.read(rows[:20])  # warm: tables, pipeline and session are loaded once
    sys.stdout.write(
        f"{len(stories)} stories, {sum(len(text) for _, text in stories) / len(stories):.0f} characters each\n"
    )
    pieces = _cut(reader, stories)
    flat = [piece for some in pieces for piece in some]
    said = _timed("attribution, with the parser where needed", stories, lambda: reader._attributions(flat))
    at = iter(said)
    heard = [[_said(piece, next(at)) for piece in some] for some in pieces]
    _timed("speakers", stories, lambda: [resolve_speakers(some) for some in heard])
    _timed("cue words", stories, lambda: [find_cues(piece.span.text) for piece in flat])
    readings = _timed("reading, all of it", stories, lambda: list(reader.read_stories(stories)))
    sentences = [read for one in readings for read in one.sentences]
    opinion = _timed("model: encoder, heads, details", stories, lambda: model.judge(sentences))
    levels, around = Levels.of(model.manifest), [pair for one in readings for pair in contexts(one.sentences)]
    _timed(
        "findings: stance, quads, voice of the frame",
        stories,
        lambda: [
            find(read, one, levels, before=before, after=after)
            for read, one, (before, after) in zip(sentences, each(opinion), around, strict=True)
        ],
    )
    _timed("read: all of it", stories, lambda: whole.read(rows))
    return 0


def _stories(path: Path | None) -> list[tuple[str, str]]:
    if path is None:
        found = []
        for one in sorted((HERE / "stories").glob("*.jsonl")):
            for line in one.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                found.append((str(row.get("title", "")), str(row.get("text", ""))))
        return found
    by_story: dict[str, list[str]] = defaultdict(list)
    with (lzma.open if path.suffix == ".xz" else open)(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            by_story[row["story"]].append(row["text"])
    return [("", "\n".join(texts)) for texts in by_story.values()]


def _cut(reader: Reader, stories: list[tuple[str, str]]) -> list[list[Piece]]:
    texts = [capped(text) for _, text in stories]
    lines = [list(_LINE.finditer(text)) for text in texts]
    split = _timed(
        "splitting", stories, lambda: list(reader.english.sentences(line[0] for some in lines for line in some))
    )
    at = iter(split)
    by_line = [[(line.start(), *next(at)) for line in some] for some in lines]
    return _timed(
        "quotations, groups, references",
        stories,
        lambda: [
            headline_piece(title) + body_pieces(text, some)[0]
            for (title, _), text, some in zip(stories, texts, by_line, strict=True)
        ],
    )


def _timed(name: str, stories: list[tuple[str, str]], work: Callable[[], Done]) -> Done:
    wall, cpu = time.perf_counter(), time.process_time()
    done = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    sys.stdout.write(f"{name}: {len(stories) / wall:.1f} stories/s, {1000 * cpu / len(stories):.1f} ms CPU each\n")
    sys.stdout.flush()
    return done


if __name__ == "__main__":
    sys.exit(main())
