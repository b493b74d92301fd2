"""The nearest chunks of some articles: found by the index, or, where these are few, by the vectors of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pullquote.index.catalog import Catalog
from pullquote.index.sync import Among, SyncedIndex
from pullquote.index.types import ArticleSet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FIRST = 20
"""Times as many chunks as are looked for among many articles are looked at first: asking for them takes hardly longer."""


def nearest_among(
    catalog: Catalog, index: SyncedIndex, vector: NDArray[np.float32], limit: int, which: ArticleSet
) -> list[tuple[int, float]]:
    """Return ``(chunk id, cosine)`` of those chunks of some articles that are nearest to a unit vector, best first."""
    among = _among(catalog, index, limit, which)
    if which.is_all or among is not None:
        return index.search(vector, limit, among)
    return index.search_exactly(catalog.chunk_ids(which), vector, limit)


def begin_nearest(catalog: Catalog, index: SyncedIndex, vector: NDArray[np.float32], limit: int, which: ArticleSet) -> None:
    """Begin what ``nearest_among`` will need of the index, without waiting for it."""
    among = _among(catalog, index, limit, which)
    if which.is_all or among is not None:
        index.begin_search(vector, limit, among)


def _among(catalog: Catalog, index: SyncedIndex, limit: int, which: ArticleSet) -> Among | None:
    """Return how the index is asked for chunks of some articles; None where it is not, or for those of all."""
    if which.is_all:
        return None

    def wanted(chunks: Sequence[int]) -> set[int]:
        return catalog.chunks_among(chunks, which)

    if which.all_but:
        return Among(wanted, _FIRST * limit)
    depth = index.depth_among(catalog.share(which), limit)
    return None if depth is None else Among(wanted, depth, lambda: catalog.chunk_ids(which))
