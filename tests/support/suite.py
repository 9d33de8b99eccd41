"""The functional suite and what the shipped model says of it, asked once for all tests."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import county

from corpora.codebook import load_codebook
from corpora.spec_templates import load_suite

if TYPE_CHECKING:
    from corpora.spec_cases import SpecCase


@cache
def cases() -> tuple[SpecCase, ...]:
    """The whole suite."""
    from models.spec_results import SUITE

    return load_suite(SUITE, load_codebook())


@cache
def said() -> list[dict[str, Any]]:
    """The shipped model's rows, in the order of `cases`; some minutes on a slow machine. Do not change them."""
    from models.spec_results import ask

    return ask(county.judge(), cases())
