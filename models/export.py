"""How a trained encoder becomes the ONNX file that is shipped."""

from __future__ import annotations

import json
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

from models import compress
from models.layout import EncoderLayout, EncoderManifest, sha256_of
from models.tune import Tuner, need_torch

RECIPE = "onnx-int4-block64-1"
"""Raised with any change that shifts an embedding; heads trained on another recipe are refused."""


def export_encoder(tuner: Tuner, layers: Any | None, name: str, target: Path) -> EncoderManifest:
    """Write graph, tokenizer and manifest; whole or not at all.

    Inputs of the graph: `input_ids`, `attention_mask` (int64, (batch, tokens)). Output: `embedding` (float32, (batch,
    width)), the mean of the token vectors under the mask, scaled to length 1.

    Args:
        tuner: Holds the encoder.
        layers: Trained upper layers in place of the published ones; None for the encoder as published.
        name: Of the published encoder, for the manifest.
        target: The folder to make; replaced if it is there.
    """
    import onnx

    torch = need_torch()
    upper = tuner.model.encoder.layer[tuner.kept :] if layers is None else layers

    class Whole(torch.nn.Module):  # type: ignore[name-defined,misc]
        def __init__(self) -> None:
            super().__init__()
            self.embeddings, self.encoder, self.upper = tuner.model.embeddings, tuner.model.encoder, upper

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            mask = attention_mask.to(torch.float32)
            hidden = self.embeddings(input_ids=input_ids)
            hidden = tuner.through([*self.encoder.layer[: tuner.kept], *self.upper], hidden, mask)
            return tuner.pooled(hidden, mask)

    ids = torch.tensor([[5, 6, 7, 8, 9], [5, 6, 7, 8, 9]])
    axes = {0: "batch", 1: "tokens"}
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        made = Path(scratch) / "encoder"
        made.mkdir()
        layout, plain = EncoderLayout(made), Path(scratch) / "fp32.onnx"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tracer warns of every size it turns into an operation
            torch.onnx.export(
                Whole().eval(),
                (ids, torch.ones_like(ids)),
                str(plain),
                input_names=["input_ids", "attention_mask"],
                output_names=["embedding"],
                dynamic_axes={"input_ids": axes, "attention_mask": axes, "embedding": {0: "batch"}},
                opset_version=18,
                dynamo=False,
            )
        layout.graph.write_bytes(compress.compress(onnx.load(plain)).SerializeToString())
        layout.tokenizer.write_text(tuner.tokenizer.backend_tokenizer.to_str(), encoding="utf-8")
        manifest = EncoderManifest(
            name=name,
            recipe=RECIPE,
            graph_sha256=sha256_of(layout.graph),
            tokenizer_sha256=sha256_of(layout.tokenizer),
            width=int(tuner.model.config.hidden_size),
            pad=int(tuner.tokenizer.pad_token_id),
        )
        layout.manifest.write_text(json.dumps(manifest.as_dict(), indent=2) + "\n", encoding="utf-8")
        for path in made.iterdir():
            path.chmod(0o644)
        shutil.rmtree(target, ignore_errors=True)
        made.rename(target)
    return manifest
