"""The chunks that no segment of a vector index is asked for: searched one and all, by their vectors in the catalog."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pullquote.index.catalog import Catalog
from pullquote.index.folders import CATALOG
from pullquote.index.nearest import Rows, rows_of
from pullquote.index.open_file import file_id

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Ranges = tuple[tuple[int, int], ...]
"""First and last ids of chunks."""
Wanted = Callable[[Sequence[int]], Collection[int]]
"""Gives those of some chunks that are looked for."""

_SLICE = 5000
_HELD = 25_000
"""So many chunks that are in no segment are held in memory; of more, a slice is read at a time."""


@dataclass(frozen=True, slots=True)
class _Lacking:
    """Live chunks that are searched one and all."""

    key: tuple[object, int, Ranges]
    """Which file the catalog is, its revision, and ranges of ids."""
    ids: Sequence[int]
    rows: Rows | None
    """None where they are too many to be held."""


class Lacking:
    """Holds in memory what was searched last, and reads only what has come since; safe to share between threads."""

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        """Search chunks of the store in ``folder``; nothing is read yet."""
        self._folder = folder
        self._catalog = catalog
        self._loading = threading.Lock()
        self._held: _Lacking | None = None

    def forget(self) -> None:
        """Hold nothing any more."""
        self._held = None

    def count(self, ranges: Ranges) -> int:
        """Return how many live chunks have ids in some ranges."""
        return len(self._in(ranges).ids)

    def nearest(self, ranges: Ranges, vector: NDArray[np.float32], limit: int, wanted: Wanted | None) -> list[int]:
        """Return the ids of all that may be among the nearest of those ranges' chunks that are wanted, in no order."""
        lacking = self._in(ranges)
        if lacking.rows is None:
            ids = lacking.ids if wanted is None else sorted(wanted(lacking.ids))
            return [chunk for chunk, _ in searched(self._catalog, ids, vector, limit)]
        rows = lacking.rows if wanted is None or not lacking.ids else lacking.rows.of(wanted(lacking.ids))
        return [int(chunk) for chunk in rows.near(vector, limit).ids]

    def _in(self, ranges: Ranges) -> _Lacking:
        """Return the live chunks of some ranges; ids grow and are never used twice."""
        with self._loading:
            key = file_id(self._folder / CATALOG), self._catalog.revision(), ranges
            before = self._held
            if before is None or before.key != key:
                ids = [chunk for first, last in ranges for chunk in self._catalog.chunk_ids(above=first - 1, upto=last)]
                known = before.rows.by_id() if before and before.rows and before.key[0] == key[0] else {}
                self._held = before = _Lacking(key, ids, self._loaded(ids, known) if len(ids) <= _HELD else None)
            return before

    def _loaded(self, ids: Sequence[int], known: dict[int, NDArray[np.float32]]) -> Rows:
        there = {chunk: known[chunk] for chunk in ids if chunk in known}
        return rows_of(there | self._catalog.vectors_by_id([chunk for chunk in ids if chunk not in there]))


def searched(catalog: Catalog, ids: Sequence[int], vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
    """Return ``(chunk id, cosine)`` of the nearest of some chunks, best first; one that was removed is not there.

    Raises:
        ValueError: the vectors in the catalog are of another length.
    """
    found: list[tuple[int, float]] = []
    for start in range(0, len(ids), _SLICE):
        found += catalog.vector_rows(ids[start : start + _SLICE]).nearest(vector, limit)
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]
