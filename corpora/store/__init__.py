"""The only SQL of the project: what was collected, read and judged, on disk."""

from corpora.store.forgetting import FORGOTTEN, KnownStory
from corpora.store.keeping import FOR_EVER, Holdings
from corpora.store.store import Store

__all__ = ["FORGOTTEN", "FOR_EVER", "Holdings", "KnownStory", "Store"]
