"""How fast sentences are judged, against the bare encoder and against what others would use; ratios within one run."""

from __future__ import annotations

import argparse
import json
import lzma
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from models.features import normalise
from models.judge import load_judge
from models.rows import everyday_rows
from nlp.reading import UnitText

SENTENCES = 2000
RIVAL_SENTENCES = {"RoBERTa-base, torch": 200, "BART-large zero-shot, torch": 20}


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sentences", nargs="?", type=Path, help="JSON lines with `text`; default: the corpus's own")
    parser.add_argument("--rivals", action="store_true", help="also time torch models (random weights)")
    given = parser.parse_args()
    texts = _texts(given.sentences)
    judge = load_judge()
    reader, model = judge._reader, judge._model
    encoder = model._encoder
    words = [normalise(text) for text in texts]
    units = [UnitText(text=text) for text in texts]
    list(reader.read_units(units[:200]))  # warm: tables, pipeline and session are loaded once
    encoder.encode(words[:64])
    bare = _timed("bare ONNX encoder, batches of equal length", len(texts), lambda: encoder.encode(words))
    _timed("reading alone", len(texts), lambda: list(reader.read_units(units)), bare)
    rows = [{"id": str(n), "text": text, "title": "", "before": ""} for n, text in enumerate(texts)]
    ours = _timed("judge: reading, encoder, heads, evidence", len(texts), lambda: _judged(judge, rows), bare)
    if given.rivals:
        _rivals(words, ours)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"peak memory {peak:.0f} MB{' (with the rivals)' if given.rivals else ''}\n")
    return 0


def _texts(path: Path | None) -> list[str]:
    if path is None:
        return [row.unit.text for row in everyday_rows()][:SENTENCES]
    with (lzma.open if path.suffix == ".xz" else open)(path, "rt", encoding="utf-8") as stream:
        texts = [json.loads(line)["text"] for line in stream]
    step = max(1, len(texts) // SENTENCES)
    return texts[::step][:SENTENCES]


def _judged(judge: Any, rows: Sequence[dict[str, str]]) -> None:
    for at in range(0, len(rows), 500):
        judge.code_units(rows[at : at + 500])


def _timed(name: str, count: int, work: Callable[[], Any], against: float | None = None) -> float:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    ratio = "" if against is None else f"  {count / wall / against:.2f} of the bare encoder"
    sys.stdout.write(f"{name}: {count / wall:.1f} sentences/s, {1000 * cpu / count:.1f} ms CPU each{ratio}\n")
    sys.stdout.flush()
    return count / wall


def _rivals(words: Sequence[str], ours: float) -> None:
    import torch
    from transformers import BartConfig, BartForSequenceClassification, RobertaConfig, RobertaForSequenceClassification

    torch.set_num_threads(2)
    roberta: Any = RobertaForSequenceClassification(RobertaConfig(vocab_size=50265, max_position_embeddings=514))
    bart: Any = BartForSequenceClassification(BartConfig())  # the library's defaults are BART-large
    roberta.eval()
    bart.eval()
    for name, model, copies, extra in (
        ("RoBERTa-base, torch", roberta, 1, 0),
        ("BART-large zero-shot, torch", bart, 3, 12),  # each sentence with each of three hypotheses of a dozen tokens
    ):
        count = RIVAL_SENTENCES[name]
        lengths = sorted(int(1.35 * len(text.split())) + 2 + extra for text in words[:count])

        def work(model: Any = model, lengths: list[int] = lengths, copies: int = copies) -> None:
            with torch.no_grad():
                for at in range(0, len(lengths), 16):
                    some = lengths[at : at + 16]
                    ids = torch.randint(5, 5000, (len(some) * copies, max(some)))
                    ids[:, -1] = 2  # BART reads its verdict off the end token
                    model(input_ids=ids, attention_mask=torch.ones_like(ids))

        rate = _timed(f"{name} (random weights)", count, work)
        sys.stdout.write(f"  ours is {ours / rate:.1f} times as fast\n")


if __name__ == "__main__":
    sys.exit(main())
