"""What the model says of a sentence: one probability for each frame and aspect, always in this order."""

from __future__ import annotations

from corpora.records import Aspect, Frame

OUTPUTS: tuple[tuple[Frame, Aspect], ...] = (
    ("us_them", "active"),
    ("blame", "active"),
    ("shared_story", "active"),
    ("us_them", "contested"),
    ("blame", "contested"),
)
"""shared_story is hardly ever contested (none of 2,706 real development sentences), so it has no such head."""

NAMES = tuple(f"{frame}.{aspect}" for frame, aspect in OUTPUTS)
"""`us_them.active` and so on: keys of thresholds and metrics."""
