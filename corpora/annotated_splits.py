"""Which sentences are for training and which are kept for testing, and what the shipped files must hash to."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from corpora.annotated import FOLDER, AnnotatedSentence
from corpora.errors import BadInput

SPLITS = FOLDER / "splits.json"
CHECKSUMS = FOLDER / "checksums.json"
TEST_SHARE = 0.15

RULE = (
    "Within each theme (file), twins counted together, the keys with the lowest SHA-256 go to test until 15 % of the "
    "theme's sentences are there. The key is the pair id, or the id of a sentence without a twin."
)


def held_out(sentences: Sequence[AnnotatedSentence], *, share: float = TEST_SHARE) -> tuple[str, ...]:
    """Ids kept for testing, sorted. Twins are never parted, and each theme gives the same share.

    Args:
        sentences: The whole corpus.
        share: Share of each theme's sentences to keep, 0 to 1.
    """
    kept: list[str] = []
    themes: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in sentences:
        themes[one.theme][one.pair or one.id].append(one.id)
    for keys in themes.values():
        room = share * sum(len(ids) for ids in keys.values())
        taken = 0
        for key in sorted(keys, key=lambda name: hashlib.sha256(name.encode()).hexdigest()):
            if taken + len(keys[key]) > room:
                break
            kept.extend(keys[key])
            taken += len(keys[key])
    return tuple(sorted(kept))


def splits_text(sentences: Sequence[AnnotatedSentence]) -> str:
    """Content of `splits.json`."""
    ids = held_out(sentences)
    return json.dumps({"rule": RULE, "train": len(sentences) - len(ids), "test": list(ids)}, indent=1) + "\n"


def load_held_out(path: Path = SPLITS) -> frozenset[str]:
    """Ids kept for testing; all others are for training.

    Raises:
        BadInput: The file is missing or not as it should be.
    """
    try:
        return frozenset(json.loads(path.read_text(encoding="utf-8"))["test"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"The split {path.name} cannot be read.", what_next=f"{error}.") from error


def checksums_text(folder: Path = FOLDER) -> str:
    """Content of `checksums.json`: SHA-256 of every data file of the corpus, by its name below `folder`."""
    single = [folder / name for name in ("codings.csv", "second_coding.jsonl", "splits.json")]
    files = sorted([*folder.glob("sentences/*.jsonl"), *single])
    sums = {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    return json.dumps(sums, indent=1) + "\n"


def changed_files(folder: Path = FOLDER) -> tuple[str, ...]:
    """Names of data files that are not what `checksums.json` pins; empty when all is well."""
    pinned: dict[str, str] = json.loads((folder / "checksums.json").read_text(encoding="utf-8"))
    found: dict[str, str] = json.loads(checksums_text(folder))
    return tuple(sorted(name for name in pinned.keys() | found.keys() if pinned.get(name) != found.get(name)))
