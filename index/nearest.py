"""The nearest of some vectors, to the last bit the same however they were found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Rows:
    """Chunks with their vectors, to be searched one and all."""

    ids: NDArray[np.int64]
    vectors: NDArray[np.float32]
    """Unit rows, shape ``(len(ids), dim)``."""

    def by_id(self) -> dict[int, NDArray[np.float32]]:
        """Return the vectors by chunk id."""
        return dict(zip(self.ids.tolist(), self.vectors, strict=True))

    def nearest(self, vector: NDArray[np.float32], limit: int) -> list[int]:
        """Return the ids of about the nearest, in no order."""
        if len(self.ids) <= limit:
            return [int(i) for i in self.ids]
        return [int(i) for i in self.ids[np.argpartition(self.vectors @ vector, -limit)[-limit:]]]


def rows_of(vectors: Mapping[int, NDArray[np.float32]]) -> Rows:
    """Return the rows of vectors by chunk id."""
    ids = sorted(vectors)
    return Rows(np.array(ids, np.int64), np.stack([vectors[i] for i in ids]) if ids else np.zeros((0, 0), np.float32))


def ranked(vectors: Mapping[int, NDArray[np.float32]], vector: NDArray[np.float32]) -> list[tuple[int, float]]:
    """Return ``(chunk id, cosine)`` of all, best first, equal ones by id.

    Each cosine is summed up by itself and in double precision: which others stand beside it does not change a bit of it.
    """
    ids = sorted(vectors)
    if not ids:
        return []
    cosines = _cosines([vectors[i] for i in ids], vector)
    return sorted(zip(ids, cosines, strict=True), key=lambda pair: (-pair[1], pair[0]))


def _cosines(rows: Sequence[NDArray[np.float32]], vector: NDArray[np.float32]) -> list[float]:
    products = np.stack(rows).astype(np.float64) * vector.astype(np.float64)
    cosines: list[float] = products.sum(axis=1).tolist()
    return cosines
