"""How details are written down: JSON that leaves out whatever is as it would be if nothing were said."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any, TypeVar

from corpora.coding import SentenceDetail, StoryDetail

Detail = TypeVar("Detail", SentenceDetail, StoryDetail)


def written(detail: SentenceDetail | StoryDetail) -> str:
    """Write a detail; one that says nothing is the empty text."""
    said = {one.name: getattr(detail, one.name) for one in fields(detail)}
    told = {one.name: said[one.name] for one in fields(detail) if said[one.name] != one.default}
    return json.dumps(told, sort_keys=True, ensure_ascii=False) if told else ""


def read(kind: type[Detail], text: str) -> Detail:
    """Read a detail back. Fields this version does not know are left out."""
    if not text:
        return kind()
    known = {one.name for one in fields(kind)}
    said: dict[str, Any] = {}
    for name, value in json.loads(text).items():
        if name in known:
            said[name] = tuple(value) if isinstance(value, list) else value
    return kind(**said)
