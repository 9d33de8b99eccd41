"""How the encoder's upper layers learn the frames (torch, training only).

The lower layers stay as published, so their output is computed once and kept; only the upper layers and one linear head
are trained, which more than halves an epoch. All weights are rounded to what four bits can hold before anything is
measured with them (`models.compress`): the lower ones before their output is kept, so that the upper ones learn on what
the shipped encoder will really hand them; the upper ones before held-out sentences are scored.
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
from models import compress

FloatArray = npt.NDArray[np.float64]
Tell = Callable[[int, int], None]

LAYERS = 9
"""Layers kept of the published encoder. Its last three serve sentence similarity: without them a quarter of the time
and of the size is saved, and held-out average precision after one epoch was the same (.366/.496 against .364/.481)."""
TUNED_LAYERS = 4
EPOCHS = 2
"""A third epoch moved held-out average precision by less than its interval (.47/.63/.51 to .49/.63/.49)."""
BATCH = 24
LEARNING_RATE = 5e-5
HEAD_RATE = 1e-2
"""Far above the layers' rate: the vectors have unit length, so the head's weights must grow large."""
POSITIVE_WEIGHT = 3.0
LONGEST = 96
"""Tokens read while training; 98 % of sentences are shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """What tuning made."""

    layers: Any
    """The trained upper layers (torch), rounded."""
    head_weight: npt.NDArray[np.float32]
    """Shape (outputs, width)."""
    head_bias: npt.NDArray[np.float32]
    """Shape (outputs,)."""
    score: Callable[[Sequence[int]], FloatArray]
    """Sentence numbers to logits, shape (some, outputs)."""


def need_torch() -> Any:
    """Import torch.

    Raises:
        NotReady: It is not installed.
    """
    try:
        import torch
    except ImportError as error:
        raise NotReady(
            "Training the encoder needs torch, which is not part of the normal set-up.",
            what_next="Install it with `.venv/bin/pip install torch==2.13.0`, or train with --no-tune.",
        ) from error
    return torch


class Tuner:
    """Holds the published encoder and what its lower layers make of each sentence.

    Args:
        source: Folder, or name on a hub, of an encoder of BERT's, RoBERTa's or MPNet's build. Weights are read from
            safetensors only and no code of the model's own is run.
        texts: All sentences, normalised.
        threads: CPU threads.

    Raises:
        NotReady: torch is not installed, or the encoder is of another build.
    """

    def __init__(self, source: str | Path, texts: Sequence[str], *, threads: int = 2) -> None:
        torch = need_torch()
        from transformers import AutoModel, AutoTokenizer

        self._torch: Any = torch
        torch.set_num_threads(threads)
        try:
            self.model: Any = AutoModel.from_pretrained(source, use_safetensors=True, trust_remote_code=False).eval()
            self.tokenizer: Any = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
        except (OSError, ValueError) as error:
            raise NotReady(f"The encoder {source} cannot be loaded.", what_next=str(error)[:300]) from error
        if not hasattr(self.model, "embeddings") or not hasattr(getattr(self.model, "encoder", None), "layer"):
            raise NotReady(
                f"The encoder {source} is of a build that cannot be tuned here.",
                what_next="Name one of BERT's, RoBERTa's or MPNet's build.",
            )
        self.model.encoder.layer = self.model.encoder.layer[:LAYERS]
        self.kept = max(0, len(self.model.encoder.layer) - TUNED_LAYERS)
        self._round(self.model.embeddings)
        for layer in self.model.encoder.layer[: self.kept]:
            self._round(layer)
        self._ids: list[list[int]] = self.tokenizer([t or "." for t in texts], truncation=True, max_length=LONGEST)[
            "input_ids"
        ]
        self._states: list[Any] = []

    def _round(self, module: Any) -> None:
        """Give a module the weights it will have once stored in four bits."""
        for parameter in module.parameters():
            if parameter.ndim == 2 and compress.fits(tuple(parameter.shape), 1):
                parameter.data = self._torch.from_numpy(compress.rounded(parameter.detach().numpy()))

    def _prepare(self, tell: Tell) -> None:
        """Compute what the lower layers make of every sentence, once (float16: about 60 kB a sentence)."""
        torch = self._torch
        states: list[Any] = [None] * len(self._ids)
        order = sorted(range(len(self._ids)), key=lambda i: len(self._ids[i]))
        with torch.no_grad():
            for at in range(0, len(order), 64):
                some = order[at : at + 64]
                hidden, mask = self._embedded(some)
                hidden = self.through(self.model.encoder.layer[: self.kept], hidden, mask)
                for row, i in enumerate(some):
                    states[i] = hidden[row, : len(self._ids[i])].to(torch.float16)
                tell(0, len(order))
        self._states = states

    def _embedded(self, some: Sequence[int]) -> tuple[Any, Any]:
        torch = self._torch
        longest = max(len(self._ids[i]) for i in some)
        ids = torch.full((len(some), longest), self.tokenizer.pad_token_id, dtype=torch.long)
        mask = torch.zeros(len(some), longest)
        for row, i in enumerate(some):
            ids[row, : len(self._ids[i])] = torch.tensor(self._ids[i])
            mask[row, : len(self._ids[i])] = 1.0
        return self.model.embeddings(input_ids=ids), mask

    def through(self, layers: Any, hidden: Any, mask: Any) -> Any:
        """Send states, shape (batch, tokens, width), through layers under a mask of 0 and 1."""
        more: dict[str, Any] = {"attention_mask": (1.0 - mask)[:, None, None, :] * -10000.0}
        if hasattr(self.model.encoder, "compute_position_bias"):
            more["position_bias"] = self.model.encoder.compute_position_bias(hidden)
        for layer in layers:
            out = layer(hidden, **more)
            hidden = out[0] if isinstance(out, tuple) else out
        return hidden

    @staticmethod
    def pooled(hidden: Any, mask: Any) -> Any:
        """Mean over the mask, scaled to length 1, shape (batch, width)."""
        mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return mean / mean.norm(dim=1, keepdim=True)

    def _vectors(self, layers: Any, some: Sequence[int]) -> Any:
        torch = self._torch
        longest = max(len(self._ids[i]) for i in some)
        hidden = torch.zeros(len(some), longest, self._states[some[0]].shape[-1])
        mask = torch.zeros(len(some), longest)
        for row, i in enumerate(some):
            hidden[row, : len(self._ids[i])] = self._states[i].float()
            mask[row, : len(self._ids[i])] = 1.0
        return self.pooled(self.through(layers, hidden, mask), mask)

    def _in_batches(self, wanted: Sequence[int], work: Callable[[Sequence[int]], Any]) -> FloatArray:
        order = sorted(range(len(wanted)), key=lambda j: len(self._ids[wanted[j]]))
        parts = []
        with self._torch.no_grad():
            for at in range(0, len(order), 64):
                parts.append(work([wanted[j] for j in order[at : at + 64]]).numpy())  # noqa: PERF401 (torch's no_grad)
        out = np.zeros((len(wanted), parts[0].shape[1])) if parts else np.zeros((0, 0))
        out[order] = np.vstack(parts) if parts else out
        return out

    def fit(
        self,
        rows: npt.NDArray[np.int_],
        labels: FloatArray,
        importance: FloatArray,
        composed: npt.NDArray[np.bool_],
        *,
        seed: int,
        tell: Tell,
        kept: Path | None = None,
    ) -> Tuned:
        """Train on some rows.

        Args:
            rows: Which sentences to learn from.
            labels: 0 to 1 for all sentences (between them where codings differ), shape (sentences, outputs).
            importance: Weight of each sentence, shape (sentences,).
            composed: True for sentences of our own corpus: they get an intercept of their own, dropped afterwards.
            seed: For order, dropout and the head.
            tell: Called with steps done and steps in all.
            kept: File the result is kept in; read instead of training where it is there.
        """
        if kept is not None and kept.is_file():
            return self._restored(kept, labels.shape[1])
        if not self._states:
            self._prepare(tell)
        torch = self._torch
        torch.manual_seed(seed)
        dice = np.random.default_rng(seed)
        layers = copy.deepcopy(self.model.encoder.layer[self.kept :]).train()
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
                logits = head(dropout(self._vectors(layers, some))) + own[some][:, None] * origin
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
        self._round(layers)
        if kept is not None:
            from safetensors.torch import save_model

            save_model(torch.nn.ModuleDict({"layers": layers, "head": head}), str(kept))
        return self._tuned(layers, head)

    def _tuned(self, layers: Any, head: Any) -> Tuned:
        layers.eval()
        return Tuned(
            layers=layers,
            head_weight=head.weight.detach().numpy().copy(),
            head_bias=head.bias.detach().numpy().copy(),
            score=lambda wanted: self._in_batches(wanted, lambda part: head(self._vectors(layers, part))),
        )

    def _restored(self, kept: Path, outputs: int) -> Tuned:
        from safetensors.torch import load_model

        torch = self._torch
        layers = copy.deepcopy(self.model.encoder.layer[self.kept :])
        head = torch.nn.Linear(self.model.config.hidden_size, outputs)
        load_model(torch.nn.ModuleDict({"layers": layers, "head": head}), str(kept))
        return self._tuned(layers, head)

    def _batches(self, rows: npt.NDArray[np.int_], dice: np.random.Generator) -> list[list[int]]:
        """Batches of like length, in random order."""
        mixed = dice.permutation(rows).tolist()
        batches: list[list[int]] = []
        for at in range(0, len(mixed), BATCH * 16):
            some = sorted(mixed[at : at + BATCH * 16], key=lambda i: len(self._ids[i]))
            batches += [some[b : b + BATCH] for b in range(0, len(some), BATCH)]
        dice.shuffle(batches)
        return batches
