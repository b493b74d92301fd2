"""The vector index of a store: found, opened, brought in step with the catalog, made anew when it is damaged."""

from __future__ import annotations

import contextlib
import logging
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pullquote.index.catalog import Catalog
from pullquote.index.errors import IndexDamaged, StoreBusy, StoreUnwritable
from pullquote.index.lock import StoreLock
from pullquote.index.records import IndexState

if TYPE_CHECKING:
    from pullquote.index.vectors import VectorIndex

INDEX = "index-"
"""Folders of vector indexes are named so, with a number that is not used twice."""
_BATCH = 5000
_NEVER = IndexState(None, -1, False)

_log = logging.getLogger(__name__)


class SyncedIndex:
    """The vector index as the catalog has it; safe to share between threads."""

    def __init__(self, folder: Path, catalog: Catalog, lock: StoreLock) -> None:
        """Keep the index of the store in ``folder``; nothing is opened yet."""
        self._folder = folder
        self._catalog = catalog
        self._lock = lock
        # Held while the index is used. Whoever waits for the store's lock takes that first.
        self._guard = threading.RLock()
        self._open: VectorIndex | None = None
        self._held = _NEVER
        """What ``_open`` holds, as the catalog has it."""
        self._counted = False
        """Whether ``_open`` was seen to hold as many chunks as the catalog."""
        self._healed = -1
        """The revision at which a search last had the index made anew."""

    def close(self) -> None:
        """Let go of the index; closing twice does no harm."""
        with self._guard:
            self._let_go()

    def search(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """Return ``(chunk id, cosine)`` of the nearest chunks, best first.

        When the index cannot be brought in step now (another thread or process is writing, the disk
        is full, the store may only be read), the vectors in the catalog are searched instead.
        """
        try:
            with self._guard:
                return self._search_index(vector, limit)
        except (StoreBusy, StoreUnwritable, IndexDamaged) as error:
            _log.warning("searching without the vector index: %s", error)
            return self._search_catalog(vector, limit)

    def ready(self) -> VectorIndex:
        """Return the index, complete for the catalog as it is now; brought in step when it is not.

        Raises:
            StoreBusy: it is not in step, and another process uses the store.
            IndexDamaged: it cannot be made (a full disk); the articles are safe.
        """
        with self._guard:
            if (index := self._current()) is not None:
                return index
        with self._lock.writing(), self._guard:
            return self._current() or self._in_step()

    def drop(self) -> None:
        """Delete the index, so that the next use makes it anew."""
        with self._lock.writing(), self._guard:
            self._let_go()
            self._catalog.set_index_state(_NEVER)
            self._sweep(keep=None)

    def check(self) -> list[str]:
        """Return how the index differs from what the catalog says of it, one line each."""
        with self._guard:
            state, live = self._catalog.index_state(), set(self._catalog.chunk_ids())
            if state.dirty or state.revision != self._catalog.revision():
                return []  # known to be behind, and brought in step by the next use
            index = self._opened(state)
            held = set() if index is None else index.ids()
        lost, left = len(live - held), len(held - live)
        problems = [f"the vector index lacks {lost} of {len(live)} chunks: the next start makes them anew"] if lost else []
        return problems + ([f"the vector index holds {left} chunks that are gone: the next start drops them"] if left else [])

    def _search_index(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        index = self._current()
        if index is None:
            with self._lock.writing(wait=False):
                index = self._in_step()
        try:
            return index.search(vector, limit)
        except IndexDamaged as error:
            revision = self._catalog.revision()
            if self._healed == revision:
                raise
            _log.warning("making the vector index anew: %s", error)
            with self._lock.writing(wait=False):
                self._healed = revision
                return self._rebuilt().search(vector, limit)

    def _search_catalog(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        found: list[tuple[int, float]] = []
        ids = self._catalog.chunk_ids()
        for start in range(0, len(ids), _BATCH):
            part = ids[start : start + _BATCH]
            found += zip(part, (self._catalog.chunk_vectors(part) @ vector).tolist(), strict=True)
            found = sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]
        return found

    def _current(self) -> VectorIndex | None:
        """Return the index if it is in step with the catalog."""
        state = self._catalog.index_state()
        if state.dirty or state.revision != self._catalog.revision():
            return None
        index = self._opened(state)
        if index is not None and not self._counted:
            try:
                self._counted = index.count() == len(self._catalog.chunk_ids())
            except IndexDamaged as error:
                _log.warning("%s", error)
        return index if self._counted else None

    def _opened(self, state: IndexState) -> VectorIndex | None:
        """Return the index that the catalog names, or None if it is not there or cannot be opened."""
        there = state.folder is not None and (self._folder / state.folder).is_dir()
        if self._open is not None and self._held == state and there:
            return self._open
        # Opened anew when another process has written to it: Chroma does not notice by itself.
        self._let_go()
        if state.folder is None or not there:
            return None
        from pullquote.index.vectors import VectorIndex

        try:
            index = VectorIndex(self._folder / state.folder)
        except IndexDamaged as error:
            _log.warning("%s", error)
            return None
        self._open, self._held = index, state
        return index

    def _in_step(self) -> VectorIndex:
        state = self._catalog.index_state()
        index = None if state.dirty else self._opened(state)
        if index is not None:
            try:
                return self._caught_up(index)
            except IndexDamaged as error:
                _log.warning("making the vector index anew: %s", error)
        return self._rebuilt()

    def _caught_up(self, index: VectorIndex) -> VectorIndex:
        """Bring an index in step by its differences; a crash meanwhile leaves it marked, to be made anew."""
        live, held = set(self._catalog.chunk_ids()), index.ids()
        new, old = sorted(live - held), sorted(held - live)
        if len(new) > len(held):
            return self._rebuilt()
        folder, revision = self._held.folder, self._catalog.revision()
        self._catalog.set_index_state(IndexState(folder, self._held.revision, dirty=True))
        index.delete(old)
        self._fill(index, new)
        return self._finished(index, IndexState(folder, revision, dirty=False), len(live))

    def _rebuilt(self) -> VectorIndex:
        """Fill a new folder from the catalog, then make it the current one: no embedding, no half-built index."""
        from pullquote.index.vectors import VectorIndex

        revision, ids = self._catalog.revision(), self._catalog.chunk_ids()
        name = self._fresh_name()
        self._let_go()
        index = self._open = VectorIndex(self._folder / name)
        self._fill(index, ids)
        return self._finished(index, IndexState(name, revision, dirty=False), len(ids))

    def _fill(self, index: VectorIndex, ids: list[int]) -> None:
        for start in range(0, len(ids), _BATCH):
            part = ids[start : start + _BATCH]
            index.add(part, self._catalog.chunk_vectors(part))

    def _finished(self, index: VectorIndex, state: IndexState, count: int) -> VectorIndex:
        if index.count() != count:
            raise IndexDamaged(f"the vector index of {self._folder} took {index.count()} of {count} chunks: the catalog is whole")
        self._catalog.set_index_state(state)
        self._held, self._counted = state, True
        self._sweep(keep=state.folder)
        return index

    def _let_go(self) -> None:
        index, self._open, self._held, self._counted = self._open, None, _NEVER, False
        if index is not None:
            with contextlib.suppress(IndexDamaged):
                index.close()

    def _fresh_name(self) -> str:
        # A name is not used twice: Chroma keeps what it knows of a path for as long as anyone has it open.
        names = [path.name for path in self._folder.glob(f"{INDEX}*")] + [self._catalog.index_state().folder or ""]
        numbers = [int(name[len(INDEX) :]) for name in names if name[len(INDEX) :].isdecimal()]
        return f"{INDEX}{max(numbers, default=0) + 1}"

    def _sweep(self, keep: str | None) -> None:
        """Delete other indexes, and shut out other users from this one's files."""
        for path in self._folder.glob(f"{INDEX}*"):
            with contextlib.suppress(OSError):
                if path.name == keep:
                    for part in path.rglob("*"):
                        part.chmod(0o700 if part.is_dir() else 0o600)
                elif path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()
