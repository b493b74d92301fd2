"""The nearest of some vectors, to the last bit the same however they were found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_NEARLY = 1e-5
"""By so much, at most, do cosines in single precision differ from ours."""
_MOST_COPIES = 1000
Found = list[tuple[int, float]]
"""Chunk ids with their cosines."""
Read = Callable[[Sequence[int]], Mapping[int, "NDArray[np.float32]"]]
"""Gives the vectors of those chunks that have one."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Chunks with their vectors, to be searched one and all."""

    ids: NDArray[np.int64]
    vectors: NDArray[np.float32]
    """Unit rows, shape ``(len(ids), dim)``."""

    def by_id(self) -> dict[int, NDArray[np.float32]]:
        """Return the vectors by chunk id."""
        return dict(zip(self.ids.tolist(), self.vectors, strict=True))

    def of(self, ids: Collection[int]) -> Rows:
        """Return those of some chunks."""
        chosen = np.isin(self.ids, list(ids))
        return Rows(self.ids[chosen], self.vectors[chosen])

    def near(self, vector: NDArray[np.float32], limit: int) -> Rows:
        """Return those that may be among the nearest: copies are more than ``limit``."""
        if len(self.ids) <= limit:
            return self
        cosines = self.vectors @ vector
        chosen = cosines >= np.partition(cosines, -limit)[-limit] - _NEARLY
        return Rows(self.ids[chosen], self.vectors[chosen])

    def nearest(self, vector: NDArray[np.float32], limit: int) -> Found:
        """Return what ``ranked`` returns, as far as the ``limit`` nearest."""
        return ranked(self.near(vector, limit).by_id(), vector)[:limit]


def rows_of(vectors: Mapping[int, NDArray[np.float32]]) -> Rows:
    """Return the rows of vectors by chunk id."""
    ids = sorted(vectors)
    return Rows(np.array(ids, np.int64), np.stack([vectors[i] for i in ids]) if ids else np.zeros((0, 0), np.float32))


def ranked(vectors: Mapping[int, NDArray[np.float32]], vector: NDArray[np.float32]) -> Found:
    """Return ``(chunk id, cosine)`` of all, best first, equal ones by id.

    Each cosine is summed up by itself and in double precision: which others stand beside it does not change a bit of it.
    """
    ids = sorted(vectors)
    if not ids:
        return []
    cosines = _cosines([vectors[i] for i in ids], vector)
    return sorted(zip(ids, cosines, strict=True), key=lambda pair: (-pair[1], pair[0]))


def best(read: Read, sure: Collection[int], likely: Mapping[int, float], vector: NDArray[np.float32], limit: int) -> Found:
    """Return what ``ranked`` returns of those that have a vector, as far as the ``limit`` nearest, and read few vectors for it.

    All of the ``sure`` ones are read, and as many of the ``likely`` ones, whose cosines in single precision are known, as may be
    among the nearest.
    """
    order = sorted(likely, key=lambda chunk: (-likely[chunk], chunk))
    vectors, taken, more = dict(read(sorted(sure))), 0, limit
    while True:
        vectors |= read(sorted(order[taken : taken + more]))
        taken, more = taken + more, 2 * more
        found = ranked(vectors, vector)[:limit]
        if taken >= len(order) or (len(found) == limit and likely[order[taken]] < found[-1][1] - _NEARLY):
            return found


def may_hold_more(edge: float, depth: int, last: float | None) -> bool:
    """Return whether an index may hold more of the nearest.

    It has shown its ``depth`` nearest, down to a cosine of ``edge``; ``last`` is the one to beat, None while there are too few.
    """
    if last is None or edge > last + _NEARLY:  # chunks that are gone have taken the places
        return True
    return edge >= last - _NEARLY and depth < _MOST_COPIES  # copies: the first ones need not be among those found


def _cosines(rows: Sequence[NDArray[np.float32]], vector: NDArray[np.float32]) -> list[float]:
    products = np.stack(rows).astype(np.float64) * vector.astype(np.float64)
    cosines: list[float] = products.sum(axis=1).tolist()
    return cosines
