"""Weights in four bits: what is stored is what was rounded, and the graph computes with exactly that."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from onnx import TensorProto, helper, numpy_helper

from models import compress


@given(
    hnp.arrays(
        np.float32,
        st.tuples(st.sampled_from([64, 128]), st.integers(1, 5)),
        elements=st.floats(-1e4, 1e4, width=32, allow_subnormal=False),
    )
)
@settings(max_examples=60, deadline=None)
def test_no_number_is_off_by_more_than_its_blocks_coarsest_step(weight: npt.NDArray[np.float32]) -> None:
    codes, scale = compress.encode(weight)
    assert codes.min() >= -8
    assert codes.max() <= 7
    assert scale.shape == (len(weight) // 64, weight.shape[1])
    error = np.abs(compress.decode(codes, scale) - weight).reshape(len(scale), 64, -1)
    size = np.abs(weight).reshape(len(scale), 64, -1).max(1)
    assert (error.max(1) <= size * 0.31 + 1e-5).all(), "at most what the smallest scale tried clips off"


def test_rounding_costs_little_and_smaller_scales_help() -> None:
    weight = np.random.default_rng(1).normal(size=(256, 128)).astype(np.float32)
    codes, scale = compress.encode(weight)
    error = np.mean((compress.decode(codes, scale) - weight) ** 2)
    spanning = np.abs(weight.reshape(4, 64, 128)).max(1) / 8
    plain = np.clip(np.rint(weight.reshape(4, 64, 128) / spanning[:, None]), -8, 7) * spanning[:, None]
    assert error < np.mean((plain.reshape(weight.shape) - weight) ** 2)
    assert error < 0.02


def test_torch_style_weights_are_rounded_along_their_inputs() -> None:
    weight = np.random.default_rng(2).normal(size=(3, 64)).astype(np.float32)
    weight[1] *= 1000.0
    near = compress.rounded(weight)
    assert near.shape == weight.shape
    assert np.abs(near[0] - weight[0]).max() < 0.5, "one row's size does not coarsen another's"


@pytest.mark.parametrize(
    ("shape", "axis", "wanted"),
    [
        ((768, 768), 0, True),
        ((768, 768), 1, True),
        ((30527, 768), 1, True),
        ((32, 12), 0, False),
        ((70, 2000), 0, False),
    ],
)
def test_only_large_even_matrices_are_compressed(shape: tuple[int, int], axis: int, wanted: bool) -> None:
    assert compress.fits(shape, axis) is wanted


def test_a_compressed_graph_computes_with_the_rounded_weights() -> None:
    rng = np.random.default_rng(3)
    table = rng.normal(size=(1024, 128)).astype(np.float32)
    weight = rng.normal(size=(128, 512)).astype(np.float32)
    small = rng.normal(size=(512, 4)).astype(np.float32)
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["x"], axis=0),
        helper.make_node("MatMul", ["x", "weight"], ["y"]),
        helper.make_node("MatMul", ["y", "small"], ["z"]),
    ]
    held = [numpy_helper.from_array(v, n) for n, v in (("table", table), ("weight", weight), ("small", small))]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["n"])],
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, ["n", 4])],
        initializer=held,
    )
    plain = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    size = len(plain.SerializeToString())
    packed = compress.compress(plain)
    onnx.checker.check_model(packed)
    assert len(packed.SerializeToString()) < size / 6
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    session = onnxruntime.InferenceSession(packed.SerializeToString(), options, providers=["CPUExecutionProvider"])
    ids = np.array([5, 900, 5, 17])
    (found,) = session.run(["z"], {"ids": ids})
    near = compress.rounded(table)[ids] @ compress.rounded(np.ascontiguousarray(weight.T)).T @ small
    np.testing.assert_allclose(found, near, rtol=1e-4, atol=1e-3)
