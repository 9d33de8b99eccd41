"""How long work shows that it moves: a bar on the terminal, nothing where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def bar(items: Iterable[T], label: str, total: int) -> Iterator[T]:
    """Yield `items`, drawing a progress bar on standard error when that is a terminal."""
    from tqdm import tqdm

    yield from tqdm(items, desc=label, total=total, disable=None, unit="", ncols=80, leave=False)
