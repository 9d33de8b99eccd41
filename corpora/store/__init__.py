"""The only SQL of the project: what was collected, read and judged, on disk."""

from corpora.store.store import Store

__all__ = ["Store"]
