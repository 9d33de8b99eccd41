"""How sentences become vectors: transformers' tokenizer and onnxruntime, nothing else."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.layout import ARTEFACTS, EncoderLayout

FloatArray = npt.NDArray[np.float32]

BATCH = 32
LONGEST = 160
"""Tokens read of one sentence; 99.9 % of news sentences are shorter. The rest of a longer one is cut off."""


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
        # Weights are stored in four bits: worked out once, here, so that the arithmetic is plain float32 afterwards.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        self._session = onnxruntime.InferenceSession(
            str(layout.graph), sess_options=options, providers=["CPUExecutionProvider"]
        )
        make: Any = PreTrainedTokenizerFast
        self._tokenizer = make(tokenizer_file=str(layout.tokenizer), model_max_length=LONGEST)

    def encode(self, sentences: Sequence[str]) -> FloatArray:
        """Return one unit-length vector a sentence, shape (sentences, width), in the order given.

        Sentences of equally many tokens are read together, none is padded, and one by itself is read twice (products of
        a single row take another path in the arithmetic): so a sentence has the same vector, to the last bit, in
        whatever company it is read, and a story the same labels.
        """
        vectors = np.zeros((len(sentences), self.manifest.width), np.float32)
        if not len(sentences):
            return vectors
        read = self._tokenizer([text or "." for text in sentences], truncation=True, max_length=LONGEST)
        alike: dict[int, list[int]] = defaultdict(list)
        for row, ids in enumerate(read["input_ids"]):
            alike[len(ids)].append(row)
        for rows in alike.values():
            for at in range(0, len(rows), BATCH):
                some = rows[at : at + BATCH]
                tokens = np.array([read["input_ids"][row] for row in (some * 2)[: max(2, len(some))]], np.int64)
                feed = {"input_ids": tokens, "attention_mask": np.ones_like(tokens)}
                vectors[some] = self._session.run(["embedding"], feed)[0][: len(some)]
        return vectors
