"""What files a model is made of, and how they are checked before anything is loaded."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from corpora.errors import NotReady

ARTEFACTS = Path(str(resources.files("models"))) / "artefacts"
"""`encoder/` and `frames/`, both shipped: the second holds heads for exactly the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderManifest:
    """What an encoder is."""

    name: str
    """Of the published encoder it was trained from."""
    recipe: str
    """How the graph was made."""
    graph_sha256: str
    tokenizer_sha256: str
    width: int
    """Numbers per embedding."""
    pad: int
    """Number of the padding token."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @property
    def identity(self) -> str:
        """Same graph, same tokenizer: same embeddings up to rounding of the machine's arithmetic."""
        parts = [self.graph_sha256, self.tokenizer_sha256, self.recipe]
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class EncoderLayout:
    """Files of an encoder folder."""

    folder: Path

    @property
    def graph(self) -> Path:
        """The ONNX graph."""
        return self.folder / "encoder.onnx"

    @property
    def tokenizer(self) -> Path:
        """The tokenizer in Hugging Face's JSON format."""
        return self.folder / "tokenizer.json"

    @property
    def manifest(self) -> Path:
        """What was built from what."""
        return self.folder / "manifest.json"

    def check(self) -> EncoderManifest:
        """Return the manifest once every file matches it.

        Raises:
            NotReady: A file is missing or its bytes changed.
        """
        if not self.manifest.is_file():
            raise NotReady("The language encoder is not there.", what_next=_RESTORE_ENCODER)
        try:
            manifest = EncoderManifest(**json.loads(self.manifest.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise NotReady("The encoder's manifest is damaged.", what_next=_RESTORE_ENCODER) from error
        for path, wanted in ((self.graph, manifest.graph_sha256), (self.tokenizer, manifest.tokenizer_sha256)):
            if not path.is_file() or sha256_of(path) != wanted:
                raise NotReady(
                    f"{path.name} of the language encoder is missing or damaged.", what_next=_RESTORE_ENCODER
                )
        return manifest


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class FramesManifest:
    """What a trained frame model is, and what it must be used with."""

    format: int
    """Layout of the files; another number is refused."""
    coder: str
    """Name under which its labels are stored: `model:<name>-<digest>`."""
    encoder: str
    """`EncoderManifest.identity` the heads were trained on."""
    codebook: str
    thresholds: dict[str, float]
    """`<frame>.<aspect>` to the lowest probability that is sure enough to be shown beside an outlet's name."""
    quality: dict[str, float]
    """Measured on held-out real sentences; see `corpora.coding.Coder.quality`."""
    files: dict[str, str]
    """File name to SHA-256."""
    counting: dict[str, float] = field(default_factory=dict)
    """As `thresholds`, from which a sentence enters a report's counts. Empty in a model that counts what it shows."""
    triage: dict[str, float] = field(default_factory=dict)
    """As `thresholds`, but low enough that little is missed: for people who read every sentence. Empty in a model
    that has one level only."""

    @property
    def digest(self) -> str:
        """Short digest of the weights."""
        return self.coder.rsplit("-", 1)[-1]


FRAMES_FORMAT = 2
CODEBOOK = "v1"
"""Version of the codebook the corpus and the model go by."""


@dataclass(frozen=True, slots=True)
class FramesLayout:
    """Files of a trained frame model."""

    folder: Path

    @property
    def weights(self) -> Path:
        """Heads and calibration, as safetensors."""
        return self.folder / "heads.safetensors"

    @property
    def details(self) -> Path:
        """Heads for subtypes and neighbours, as safetensors."""
        return self.folder / "details.safetensors"

    @property
    def vocabulary(self) -> Path:
        """Terms of the TF-IDF view, one a line, in column order."""
        return self.folder / "vocabulary.txt"

    @property
    def manifest(self) -> Path:
        """What it is."""
        return self.folder / "manifest.json"

    @property
    def metrics(self) -> Path:
        """All that was measured when it was trained."""
        return self.folder / "metrics.json"

    @property
    def card(self) -> Path:
        """The model card, written by the training run."""
        return self.folder / "CARD.md"

    def check(self) -> FramesManifest:
        """Return the manifest once every file matches it.

        Raises:
            NotReady: A file is missing, changed, or of another format.
        """
        if not self.manifest.is_file():
            raise NotReady("There is no trained frame model.", what_next="Run `sharedstory train`.")
        try:
            manifest = FramesManifest(**json.loads(self.manifest.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise NotReady("The frame model's manifest is damaged.", what_next=_RESTORE) from error
        if manifest.format != FRAMES_FORMAT:
            raise NotReady(
                f"The frame model is of format {manifest.format}, this program reads format {FRAMES_FORMAT}.",
                what_next=_RESTORE,
            )
        for name in sorted({self.weights.name, self.details.name, self.vocabulary.name, *manifest.files}):
            path = self.folder / name
            if not path.is_file() or sha256_of(path) != manifest.files.get(name):
                raise NotReady(f"{name} of the frame model is missing or damaged.", what_next=_RESTORE)
        return manifest


_RESTORE_ENCODER = "Restore models/artefacts/encoder from the repository, or run `sharedstory train`."
_RESTORE = "Restore models/artefacts/frames from the repository, or run `sharedstory train`."
