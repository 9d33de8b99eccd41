"""How weights are stored in four bits, and what remains of them.

Blocks of 64 numbers along the axis that is summed over share one scale; the scale is the one of a few candidates with
the least squared error (round to nearest, as in Dettmers and Zettlemoyer, ICML 2023, without their outliers). The graph
holds codes and scales and a standard `DequantizeLinear` in front of each product, which onnxruntime works out once
while loading: arithmetic is then plain float32. So a vector does not depend on the sentences read beside it, as it
does where activations are quantised over a whole batch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

BLOCK = 64
_TOP = 8
_SHRINK = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7)
"""Scales tried, as shares of the one that spans the block: a smaller one clips the extremes, and is finer inside."""
SMALLEST = 1 << 16
"""Matrices with fewer numbers stay in float32."""


def encode(weight: FloatArray) -> tuple[npt.NDArray[np.int8], FloatArray]:
    """Return codes from -8 to 7, shape as given, and scales, shape (rows / 64, columns).

    Args:
        weight: Shape (rows, columns); blocks run down the rows, whose number must be a multiple of 64.
    """
    rows, columns = weight.shape
    blocks = weight.astype(np.float32).reshape(rows // BLOCK, BLOCK, columns)
    at = np.abs(blocks).argmax(1)[:, None, :]
    spanning = -np.take_along_axis(blocks, at, 1)[:, 0] / _TOP
    error = np.full(spanning.shape, np.inf, np.float32)
    scale, codes = spanning.copy(), np.zeros(blocks.shape, np.int8)
    for share in _SHRINK:
        tried = np.where(spanning == 0, np.float32(1e-8), spanning * np.float32(share))
        rounded = np.clip(np.rint(blocks / tried[:, None]), -_TOP, _TOP - 1)
        found = ((rounded * tried[:, None] - blocks) ** 2).sum(1)
        better = found < error
        error = np.where(better, found, error)
        scale = np.where(better, tried, scale)
        codes = np.where(better[:, None], rounded, codes).astype(np.int8)
    return codes.reshape(rows, columns), scale.astype(np.float32)


def decode(codes: npt.NDArray[np.int8], scale: FloatArray) -> FloatArray:
    """Inverse of `encode`, up to what rounding took."""
    return (codes.astype(np.float32).reshape(len(scale), BLOCK, -1) * scale[:, None]).reshape(codes.shape)


def fits(shape: tuple[int, ...], axis: int) -> bool:
    """Whether a matrix is large enough to be stored in four bits, and its blocks come out even along `axis`."""
    return len(shape) == 2 and shape[0] * shape[1] >= SMALLEST and shape[axis] % BLOCK == 0


def rounded(weight: FloatArray) -> FloatArray:
    """A torch-style weight, shape (outputs, inputs) or (words, width), as it will be after storage in four bits."""
    return np.ascontiguousarray(decode(*encode(np.ascontiguousarray(weight.T))).T)


def compress(model: Any) -> Any:
    """Put four-bit codes in place of an ONNX model's large matrices: products' right sides and embedding tables."""
    from onnx import helper, numpy_helper

    graph = model.graph
    held = {one.name: one for one in graph.initializer}
    axis_of: dict[str, int] = {}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in held:
            axis_of[node.input[1]] = 0
        elif node.op_type == "Gather" and node.input[0] in held:
            axis_of[node.input[0]] = 1
    added = []
    for name, axis in axis_of.items():
        value = numpy_helper.to_array(held[name])
        if value.dtype != np.float32 or not fits(value.shape, axis):
            continue
        codes, scale = encode(value if axis == 0 else np.ascontiguousarray(value.T))
        if axis == 1:
            codes, scale = np.ascontiguousarray(codes.T), np.ascontiguousarray(scale.T)
        graph.initializer.remove(held[name])
        graph.initializer.append(_packed(f"{name}.codes", codes))
        graph.initializer.append(numpy_helper.from_array(scale, f"{name}.scale"))
        inputs = [f"{name}.codes", f"{name}.scale"]
        added.append(helper.make_node("DequantizeLinear", inputs, [name], axis=axis, block_size=BLOCK))
    nodes = [*added, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    del model.opset_import[:]
    model.opset_import.append(helper.make_opsetid("", OPSET))
    return model


OPSET = 21
"""The first with blocks in `DequantizeLinear`."""


def _packed(name: str, codes: npt.NDArray[np.int8]) -> Any:
    """Two codes a byte, the first in the low half."""
    from onnx import TensorProto, helper

    flat = codes.reshape(-1)
    pairs = ((flat[0::2] & 15) | ((flat[1::2] & 15) << 4)).astype(np.uint8)
    return helper.make_tensor(name, TensorProto.INT4, codes.shape, pairs.tobytes(), raw=True)
