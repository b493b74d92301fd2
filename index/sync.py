"""The vector index of a store: found, opened, brought in step with the catalog, made anew when it is damaged."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pullquote.index.backoff import Backoff
from pullquote.index.catalog import Catalog
from pullquote.index.errors import IndexDamaged, StoreBusy, StoreUnwritable
from pullquote.index.failpoints import failpoint
from pullquote.index.folders import close_quietly, discard, fresh_name, sweep, sweep_after_a_crash
from pullquote.index.lock import StoreLock
from pullquote.index.nearest import Rows, ranked, rows_of
from pullquote.index.records import IndexState

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pullquote.index.vectors import VectorIndex

_BATCH = 5000
# While Chroma adds, no other thread of this process runs: where somebody searches meanwhile, it is given little at a time.
_ADDED_AT_ONCE, _ADDED_MEANWHILE = 512, 64
_PAUSE = 2.0
"""Times as long as adding took, for those who search meanwhile."""
_MEANWHILE_S = 5.0
_MORE = 30  # looked at closely besides those that are asked for: a graph's order is nearly right, and copies tie
_MOST_COPIES = 1000
_NEVER = IndexState(None, -1, False)

_log = logging.getLogger(__name__)


class SyncedIndex:
    """The vector index as the catalog has it; safe to share between threads.

    Whoever adds articles makes nobody wait: while the index is behind the catalog and cannot be brought in step, it is searched
    as it is, and the chunks that it lacks are searched one and all.
    """

    def __init__(self, folder: Path, catalog: Catalog, lock: StoreLock) -> None:
        """Keep the index of the store in ``folder``; nothing is opened yet."""
        self._folder = folder
        self._catalog = catalog
        self._lock = lock
        # Held while an index is opened, searched or closed, never while one is written to: that takes the store's lock, and
        # whoever needs both takes that first.
        self._guard = threading.RLock()
        self._open: VectorIndex | None = None
        self._held = _NEVER
        """What ``_open`` holds, as the catalog has it."""
        self._upto: int | None = None
        """``_open`` was seen to hold every live chunk up to this id; None when nobody has looked."""
        self._backoff = Backoff()
        """Keeps searches from making the index anew where that has just failed; whoever writes tries all the same."""
        self._built: str | None = None  # the folder that was begun last
        self._healed = -1
        """The revision at which a search last had the index made anew."""
        self._lacked: tuple[int, int, Rows] | None = None
        """The chunks behind an id at a revision: what an index that is behind lacks."""
        self._searched_s = -math.inf
        """When an index that was behind was searched last."""
        self._warned = -1
        """The revision at which it was told last that there is no index to search."""

    def close(self) -> None:
        """Let go of the index; closing twice does no harm."""
        with self._guard:
            self._let_go()

    def search(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """Return ``(chunk id, cosine)`` of the nearest chunks, best first, equal ones by id.

        The cosines are those of the vectors in the catalog: which index found the chunks, and when it was made, makes no
        difference.
        """
        if limit < 1:
            return []
        try:
            return self._search_in_step(vector, limit)
        except (StoreBusy, StoreUnwritable, IndexDamaged) as error:
            return self._search_behind(vector, limit, error)

    def search_exactly(self, ids: Sequence[int], vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """Do what ``search`` does among some chunks, by their vectors in the catalog."""
        found: list[tuple[int, float]] = []
        for start in range(0, len(ids), _BATCH):  # one that was removed a moment ago is not there
            found += ranked(self._catalog.vectors_by_id(ids[start : start + _BATCH]), vector)[:limit]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def ready(self) -> VectorIndex:
        """Return the index, complete for the catalog as it is now; brought in step when it is not.

        Raises:
            StoreBusy: it is not in step, and another process uses the store.
            IndexDamaged: it cannot be made (a full disk); the articles are safe.
        """
        if (index := self._current()) is not None:
            return index
        with self._lock.writing():
            return self._current() or self._in_step()

    def drop(self) -> None:
        """Delete the index, so that the next use makes it anew."""
        with self._lock.writing(), self._guard:
            self._let_go()
            self._catalog.set_index_state(_NEVER)
            sweep(self._folder, keep=None)

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

    # -- searching --------------------------------------------------------------------------------

    def _search_in_step(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        if self._current() is None:
            if self._backoff.holds(self._catalog.revision()):
                raise IndexDamaged(f"the vector index of {self._folder} could not be made a moment ago")
            with self._lock.writing(wait=False):
                if self._current() is None:
                    self._in_step()
        try:
            return self._search(vector, limit)
        except IndexDamaged as error:
            revision = self._catalog.revision()
            if self._healed == revision:
                raise
            _log.warning("making the vector index anew: %s", error)
            with self._lock.writing(wait=False):
                self._healed = revision
                self._rebuilt()
            return self._search(vector, limit)

    def _search_behind(self, vector: NDArray[np.float32], limit: int, error: Exception) -> list[tuple[int, float]]:
        """Search the index as it is, and all that it lacks; everything where there is no index that could be searched."""
        self._searched_s = time.monotonic()
        try:
            with self._guard:
                upto = self._seen()
            return self._search(vector, limit, self._lacking(upto))
        except IndexDamaged:
            self._upto = None
            if self._warned != (revision := self._catalog.revision()):
                self._warned = revision
                _log.warning("searching without the vector index: %s", error)
            return self._closely(self._lacking(-1).nearest(vector, limit + _MORE), vector)[:limit]

    def _search(self, vector: NDArray[np.float32], limit: int, lacking: Rows | None = None) -> list[tuple[int, float]]:
        wanted = limit + _MORE
        also = [] if lacking is None else lacking.nearest(vector, wanted)
        while True:
            with self._guard:
                if self._open is None:
                    raise IndexDamaged(f"no vector index of {self._folder} is open")
                near = {chunk for chunk, _ in self._open.search(vector, wanted)}
            found = self._closely([*near, *also], vector)
            last = min((cosine for chunk, cosine in found if chunk in near), default=1.0)
            # Chunks that are gone may have taken places; and of many copies, the first ones need not be among those found.
            lacks = len(found) < limit or (last >= found[limit - 1][1] and wanted < _MOST_COPIES)
            if len(near) < wanted or not lacks:
                return found[:limit]
            wanted *= 4

    def _closely(self, ids: Iterable[int], vector: NDArray[np.float32]) -> list[tuple[int, float]]:
        return ranked(self._catalog.vectors_by_id(sorted(set(ids))), vector)

    def _lacking(self, upto: int) -> Rows:
        """Return the live chunks behind an id; ids grow and are never used twice."""
        with self._guard:
            revision = self._catalog.revision()
            if self._lacked is None or self._lacked[:2] != (revision, upto):
                known = self._lacked[2].by_id() if self._lacked is not None and self._lacked[1] == upto else {}
                ids = [chunk for chunk in self._catalog.chunk_ids() if chunk > upto]
                known |= self._catalog.vectors_by_id([chunk for chunk in ids if chunk not in known])
                self._lacked = revision, upto, rows_of({chunk: known[chunk] for chunk in ids if chunk in known})
            return self._lacked[2]

    # -- what is open -----------------------------------------------------------------------------

    def _current(self) -> VectorIndex | None:
        """Return the index if it is in step with the catalog."""
        with self._guard:
            state = self._catalog.index_state()
            if state.dirty or state.revision != self._catalog.revision():
                return None
            index = self._opened(state)
            if index is not None and self._upto is None:
                try:
                    live = self._catalog.chunk_ids()
                    if index.count() == len(live) and self._catalog.revision() == state.revision:
                        self._upto = max(live, default=0)
                except IndexDamaged as error:
                    _log.warning("%s", error)
            return None if self._upto is None else index

    def _seen(self) -> int:
        """Return up to which chunk an index that is behind is complete.

        Raises:
            IndexDamaged: nobody knows, or there is none.
        """
        state = self._catalog.index_state()
        if self._open is None and not state.dirty and (index := self._opened(state)) is not None:
            held = index.ids()
            upto = max(held, default=0)
            self._upto = upto if held.issuperset(chunk for chunk in self._catalog.chunk_ids() if chunk <= upto) else None
        if self._open is None or self._upto is None:
            raise IndexDamaged(f"no vector index of {self._folder} can be used")
        return self._upto

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
        sweep_after_a_crash(self._folder, self._lock, lambda: self._catalog.index_state().folder)
        return index

    def _let_go(self) -> None:
        index, self._open, self._held, self._upto, self._lacked = self._open, None, _NEVER, None, None
        close_quietly(index)

    # -- writing: by whoever holds the store's lock ----------------------------------------------------

    def _in_step(self) -> VectorIndex:
        state = self._catalog.index_state()
        with self._guard:
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
        failpoint("index-behind")
        index.delete(old)
        self._fill(index, new)
        return self._finished(index, IndexState(folder, revision, dirty=False), live)

    def _rebuilt(self) -> VectorIndex:
        """Fill a new folder from the catalog, then make it the current one: no embedding, no half-built index."""
        from pullquote.index.vectors import VectorIndex

        revision, ids = self._catalog.revision(), self._catalog.chunk_ids()
        self._built = name = fresh_name(self._folder, self._catalog.index_state().folder, self._built)
        index = None
        try:
            index = VectorIndex(self._folder / name)
            failpoint("build-half")
            self._fill(index, ids)
            return self._finished(index, IndexState(name, revision, dirty=False), ids)
        except BaseException:
            if index is None or self._open is not index:
                discard(self._folder / name, index)
            self._backoff.note(revision)
            raise

    def _fill(self, index: VectorIndex, ids: list[int]) -> None:
        start = 0
        while start < len(ids):
            begun = time.monotonic()
            meanwhile = begun - self._searched_s < _MEANWHILE_S
            part = ids[start : start + (_ADDED_MEANWHILE if meanwhile else _ADDED_AT_ONCE)]
            index.add(part, self._catalog.chunk_vectors(part))
            failpoint("index-batch")
            start += len(part)
            if meanwhile:
                time.sleep(_PAUSE * (time.monotonic() - begun))

    def _finished(self, index: VectorIndex, state: IndexState, ids: Collection[int]) -> VectorIndex:
        if (count := index.count()) != len(ids):
            raise IndexDamaged(f"the vector index of {self._folder} took {count} of {len(ids)} chunks: the catalog is whole")
        failpoint("index-before-mark")
        with self._guard:
            self._catalog.set_index_state(state)
            self._backoff.forget()
            before, self._open = self._open, index
            self._held, self._upto, self._lacked = state, max(ids, default=0), None
            if before is not index:
                close_quietly(before)
            failpoint("swap-before-sweep")
            sweep(self._folder, keep=state.folder)
        return index
