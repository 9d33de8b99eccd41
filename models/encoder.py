"""How sentences become vectors: transformers' tokenizer and onnxruntime, nothing else."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.layout import ARTEFACTS, EncoderLayout

FloatArray = npt.NDArray[np.float32]

LONGEST = 160
"""Tokens read of one sentence; 99.9 % of news sentences are shorter. The rest of a longer one is cut off."""

BATCH = 32
"""Sentences per call, sorted by length so that little is padding."""


class Encoder:
    """A loaded encoder. Thread-safe: onnxruntime sessions may be called from several threads.

    Args:
        folder: What `build_encoder` made.
        threads: Threads inside one call.

    Raises:
        NotReady: The folder is missing or damaged.
    """

    def __init__(self, folder: Path = ARTEFACTS / "encoder", *, threads: int = 2) -> None:
        layout = EncoderLayout(folder)
        self.manifest = layout.check()
        import onnxruntime

        # It would remark that torch is absent, which is the point.
        os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
        from transformers import PreTrainedTokenizerFast

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(layout.graph), sess_options=options, providers=["CPUExecutionProvider"]
        )
        special: Any = {"pad_token": "[PAD]", "unk_token": "[UNK]"}
        make: Any = PreTrainedTokenizerFast
        self._tokenizer = make(tokenizer_file=str(layout.tokenizer), model_max_length=LONGEST, **special)

    def encode(self, sentences: Sequence[str]) -> FloatArray:
        """Return one unit-length vector a sentence, shape (sentences, 384), in the order given."""
        vectors = np.zeros((len(sentences), self.manifest.width), np.float32)
        order = sorted(range(len(sentences)), key=lambda i: len(sentences[i]))
        for at in range(0, len(order), BATCH):
            some = order[at : at + BATCH]
            read = self._tokenizer(
                [sentences[i] or "." for i in some],
                padding=True,
                truncation=True,
                max_length=LONGEST,
                return_tensors="np",
            )
            feed = {
                "input_ids": read["input_ids"].astype(np.int64),
                "attention_mask": read["attention_mask"].astype(np.int64),
            }
            vectors[some] = self._session.run(["embedding"], feed)[0]
        return vectors
