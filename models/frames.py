"""How a sentence gets its probabilities: three linear views of it, weighed against each other and calibrated.

First level: one linear head per output on words, on the embedding and on the reading. Second level: a
logistic regression of the three scores, fitted on scores of sentences the first level had not seen, whose
output is the probability. Everything is plain arrays, so a trained model is two data files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpora.errors import NotReady
from models.details import DetailHeads, detail_features, words_of
from models.encoder import Encoder
from models.features import make_vectorizer, normalise, reading_features
from models.layout import ARTEFACTS, FramesLayout, FramesManifest
from models.outputs import OUTPUTS, settled
from nlp.reading import ReadSentence

FloatArray = npt.NDArray[np.float64]

VIEWS = ("words", "meaning", "reading")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """Weights of both levels. `k` is the number of outputs."""

    weights: dict[str, FloatArray]
    """View to (features, k)."""
    bias: dict[str, FloatArray]
    """View to (k,)."""
    mix: FloatArray
    """(k, views): weight of each view's score."""
    mix_bias: FloatArray
    """(k,)."""
    idf: FloatArray
    """Inverse document frequencies of the vocabulary's terms."""

    def scores(self, views: dict[str, Any]) -> FloatArray:
        """First-level scores, shape (sentences, k, views)."""
        columns = [np.asarray(views[name] @ self.weights[name]) + self.bias[name] for name in VIEWS]
        return np.stack(columns, axis=-1)

    def probabilities(self, scores: FloatArray) -> FloatArray:
        """Calibrated probabilities, shape (sentences, k)."""
        logits = (scores * self.mix).sum(-1) + self.mix_bias
        return settled(np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -40.0, 40.0)))))

    def arrays(self) -> dict[str, npt.NDArray[np.float32]]:
        """As named arrays for storage."""
        named = {f"weights.{name}": self.weights[name] for name in VIEWS}
        named |= {f"bias.{name}": self.bias[name] for name in VIEWS}
        named |= {"mix": self.mix, "mix_bias": self.mix_bias, "idf": self.idf}
        return {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in named.items()}

    @classmethod
    def from_arrays(cls, named: dict[str, npt.NDArray[Any]]) -> Heads:
        """Rebuild from stored arrays.

        Raises:
            NotReady: An array is missing, of the wrong shape, or holds a number that is none.
        """
        try:
            full = {name: value.astype(np.float64) for name, value in named.items()}
            made = cls(
                weights={name: full[f"weights.{name}"] for name in VIEWS},
                bias={name: full[f"bias.{name}"] for name in VIEWS},
                mix=full["mix"],
                mix_bias=full["mix_bias"],
                idf=full["idf"],
            )
        except KeyError as error:
            raise NotReady(f"The frame model lacks the array {error}.", what_next="Run `sharedstory train`.") from error
        if made.mix.shape != (len(OUTPUTS), len(VIEWS)) or not all(np.isfinite(one).all() for one in full.values()):
            raise NotReady("The frame model's arrays are not sound.", what_next="Run `sharedstory train`.")
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What the model says of some sentences."""

    frames: FloatArray
    """Shape (sentences, outputs) in the order of `models.outputs.OUTPUTS`."""
    details: FloatArray
    """Shape (sentences, codes) in the order of `models.details.CODES`."""
    shown: tuple[dict[str, tuple[int, int]], ...]
    """For each sentence the codes of `details` that words show, and where."""


class FrameModel:
    """A trained model, ready to say how likely each frame is.

    Args:
        folder: Where the files of `FramesLayout` lie.
        encoder: The encoder the heads were trained on; loaded when None.

    Raises:
        NotReady: Files missing, damaged, or made for another encoder.
    """

    def __init__(self, folder: Path = ARTEFACTS / "frames", *, encoder: Encoder | None = None) -> None:
        layout = FramesLayout(folder)
        self.manifest: FramesManifest = layout.check()
        from safetensors.numpy import load_file

        heads = Heads.from_arrays(load_file(layout.weights))
        terms = layout.vocabulary.read_text(encoding="utf-8").split("\n")
        vectorizer = make_vectorizer({term: at for at, term in enumerate(terms)}, heads.idf)
        self._set(heads, vectorizer, encoder or Encoder())
        self._details = DetailHeads.from_arrays(load_file(layout.details), self._encoder.manifest.width)
        if self._encoder.manifest.identity != self.manifest.encoder:
            raise NotReady(
                "The frame model was trained on another encoder than the one that is here.",
                what_next="Restore models/artefacts from the repository, or run `sharedstory train`.",
            )

    def _set(self, heads: Heads, vectorizer: Any, encoder: Encoder) -> None:
        self._heads, self._vectorizer, self._encoder = heads, vectorizer, encoder

    @classmethod
    def of(cls, heads: Heads, vectorizer: Any, encoder: Encoder) -> FrameModel:
        """A model that is not stored yet, for measuring its frames; it has no manifest and tells no details."""
        made = cls.__new__(cls)
        made._set(heads, vectorizer, encoder)  # noqa: SLF001 (our own)
        return made

    def predict(self, sentences: Sequence[ReadSentence]) -> FloatArray:
        """Probabilities, shape (sentences, outputs) in the order of `models.outputs.OUTPUTS`."""
        return self._frames(sentences, self._vectors(sentences))

    def judge(self, sentences: Sequence[ReadSentence]) -> Opinion:
        """Say all that the model has to say of sentences; each is encoded once."""
        vectors = self._vectors(sentences)
        shown = tuple(words_of(read) for read in sentences)
        details = self._details.probabilities(detail_features(vectors, shown))
        return Opinion(frames=self._frames(sentences, vectors), details=details, shown=shown)

    def _vectors(self, sentences: Sequence[ReadSentence]) -> npt.NDArray[np.float32]:
        return self._encoder.encode([normalise(read.span.text) for read in sentences])

    def _frames(self, sentences: Sequence[ReadSentence], vectors: npt.NDArray[np.float32]) -> FloatArray:
        if not sentences:
            return np.zeros((0, len(OUTPUTS)))
        views = {
            "words": self._vectorizer.transform([read.span.text for read in sentences]),
            "meaning": vectors,
            "reading": reading_features(sentences),
        }
        return self._heads.probabilities(self._heads.scores(views))
