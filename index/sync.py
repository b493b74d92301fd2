"""The vector index of a store as the catalog has it: segments that are asked, and what is in none, searched one and all."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pullquote.index.backoff import Backoff
from pullquote.index.catalog import Catalog
from pullquote.index.catalog_index import LAST_ID
from pullquote.index.errors import IndexDamaged, StoreBusy, StoreUnwritable
from pullquote.index.folders import CATALOG, sweep_after_a_crash
from pullquote.index.keeping import Keeper, Sizes, names_of
from pullquote.index.lock import WriterLock
from pullquote.index.nearest import Rows, may_hold_more, ranked, rows_of
from pullquote.index.open_file import file_id
from pullquote.index.records import IndexState, Segment
from pullquote.index.remote import start_reading
from pullquote.index.segments import Segments, Unusable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SLICE = 5000
_MORE = 30  # looked at closely besides those that are asked for: a graph's order is nearly right, and copies tie
_TRIES = 5
_HELD = 25_000
"""So many chunks that are in no segment are held in memory; of more, a slice is read at a time."""
_IN_A_SEARCH = 20_000
"""No search keeps anybody waiting for more chunks than these to be built into a segment."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _View:
    """What there is to search at one moment."""

    state: IndexState
    asked: tuple[Segment, ...]
    ranges: tuple[tuple[int, int], ...]
    """First and last ids of the chunks that are searched one and all."""
    few: bool = False
    """All of them: there are so few that no segment is asked."""


@dataclass(frozen=True, slots=True)
class _Lacking:
    """Live chunks that are searched one and all."""

    key: tuple[object, int, tuple[tuple[int, int], ...]]
    """Which file the catalog is, its revision, and ranges of ids."""
    ids: Sequence[int]
    rows: Rows | None
    """None where they are too many to be held."""


class SyncedIndex:
    """The vector index as the catalog has it; safe to share between threads and processes.

    Whoever writes makes nobody wait: what is in no segment yet, or in one that is damaged, is searched by its vectors in the
    catalog, with the same results.
    """

    def __init__(self, folder: Path, catalog: Catalog, lock: WriterLock, sizes: Sizes, exact_chunks: int) -> None:
        """Keep the index of the store in ``folder``; nothing is opened yet.

        Where there are at most ``exact_chunks`` chunks, no segment is asked.
        """
        self._folder = folder
        self._catalog = catalog
        self._lock = lock
        self._sizes = sizes
        self._exact_chunks = exact_chunks
        self._keeper = Keeper(folder, catalog, sizes)
        self._segments = Segments(folder)
        self._broken: dict[str, str] = {}
        """Why a folder's segment is not asked any more."""
        self._seen: IndexState | None = None
        self._loading = threading.Lock()
        self._lacked: _Lacking | None = None
        self._failed = Backoff()
        """Keeps searches from building what could not be built a moment ago; whoever writes tries all the same."""
        self._mended = Backoff()
        """Keeps searches from mending again and again what breaks whenever it is asked."""
        self._warned = ""

    def close(self) -> None:
        """Let go of all segments; closing twice does no harm."""
        self._segments.keep_only(())
        self._lacked = None

    # -- searching --------------------------------------------------------------------------------

    def search(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """Return ``(chunk id, cosine)`` of the nearest chunks, best first, equal ones by id.

        The cosines are those of the vectors in the catalog: what found the chunks, and when it was built, makes no difference.
        Nothing is found where the store has gone over to a model with vectors of another length meanwhile.
        """
        if limit < 1:
            return []
        tries = 0
        while True:
            revision, view = self._catalog.revision(), self._view()
            try:
                found, tries = self._found(view, vector, limit), tries + 1
                # Of what was changed meanwhile, old chunks are gone and new ones were not looked at.
                if len(found) >= limit or tries == _TRIES or self._catalog.revision() == revision:
                    break
            except (Unusable, ValueError) as error:
                if self._is_of_another_model(vector):
                    return []
                if isinstance(error, ValueError):
                    raise
                # What is gone may have been merged by another process a moment ago.
                if self._catalog.index_state() == view.state:
                    self._broken[error.segment.folder] = str(error)
        self._mend(view)
        return found

    def expect(self) -> None:
        """Begin what the first search would have to wait for, without waiting."""
        if not self.at_hand():
            start_reading()

    def at_hand(self) -> bool:
        """Return whether a search would not have to wait for anything to be opened or built."""
        view = self._view()
        return view.few or (bool(view.asked) and self._segments.are_open(view.asked))

    def search_exactly(self, ids: Sequence[int], vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """Do what ``search`` does among some chunks, by their vectors in the catalog."""
        found: list[tuple[int, float]] = []
        for start in range(0, len(ids), _SLICE):  # one that was removed a moment ago is not there
            try:
                found += ranked(self._catalog.vectors_by_id(ids[start : start + _SLICE]), vector)[:limit]
            except ValueError:
                if self._is_of_another_model(vector):
                    return []
                raise
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def _is_of_another_model(self, vector: NDArray[np.float32]) -> bool:
        model = self._catalog.model()
        return model is not None and self._catalog.dimension(model) not in (len(vector), None)

    def _view(self) -> _View:
        state = self._catalog.index_state()
        if state != self._seen:
            self._segments.keep_only(state.segments)
            sweep_after_a_crash(self._folder, self._lock, lambda: names_of(self._catalog.index_state()))
            self._seen = state
        if self._catalog.chunk_count() <= self._exact_chunks:
            return _View(state, (), ((1, LAST_ID),), few=True)
        asked = tuple(segment for segment in state.segments if segment.folder not in self._broken)
        ranges = [(segment.first, segment.last) for segment in state.segments if segment.folder in self._broken]
        return _View(state, asked, (*ranges, (state.segments[-1].last + 1 if state.segments else 1, LAST_ID)))

    def _found(self, view: _View, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        candidates = set(self._nearest_lacking(view, vector, limit))
        depths = {segment: min(limit + _MORE, segment.rows) for segment in view.asked}
        while True:
            near = {segment: self._segments.search(segment, vector, depth) for segment, depth in depths.items()}
            candidates |= {chunk for found in near.values() for chunk, _ in found}
            found = ranked(self._catalog.vectors_by_id(sorted(candidates)), vector)[:limit]
            last = found[-1][1] if len(found) == limit else None
            depths = {
                segment: min(4 * depth, segment.rows)
                for segment, depth in depths.items()
                if depth < segment.rows and may_hold_more(near[segment][-1][1], depth, last)
            }
            if not depths:
                return found

    def _nearest_lacking(self, view: _View, vector: NDArray[np.float32], limit: int) -> list[int]:
        lacking = self._lacking(view)
        if lacking.rows is None:
            return [chunk for chunk, _ in self.search_exactly(lacking.ids, vector, limit)]
        return lacking.rows.nearest(vector, limit)

    def _lacking(self, view: _View) -> _Lacking:
        """Return the live chunks that no segment is asked for; ids grow and are never used twice."""
        with self._loading:
            key = file_id(self._folder / CATALOG), self._catalog.revision(), view.ranges
            before = self._lacked
            if before is None or before.key != key:
                ids = [chunk for first, last in view.ranges for chunk in self._catalog.chunk_ids(above=first - 1, upto=last)]
                known = before.rows.by_id() if before and before.rows and before.key[0] == key[0] else {}
                self._lacked = before = _Lacking(key, ids, self._loaded(ids, known) if len(ids) <= _HELD else None)
            return before

    def _loaded(self, ids: Sequence[int], known: dict[int, NDArray[np.float32]]) -> Rows:
        there = {chunk: known[chunk] for chunk in ids if chunk in known}
        return rows_of(there | self._catalog.vectors_by_id([chunk for chunk in ids if chunk not in there]))

    def _mend(self, view: _View) -> None:
        """Build what this search had to do without, unless somebody writes, it is too much, or it has just failed."""
        lacking, broken = len(self._lacking(view).ids), self._broken_in(view.state)
        if view.few or not (broken or lacking > max(self._exact_chunks, self._sizes.tail)):
            return
        if self._failed.holds(self._catalog.revision()) or (broken and self._mended.holds()):
            return
        if lacking > _IN_A_SEARCH:
            self._warn(f"{lacking:,} chunks of {self._folder} are searched one by one: run pullquote rebuild to be faster")
            return
        try:
            with self._lock.writing("mend", wait=False):
                self._keep(at_end=True, most=_IN_A_SEARCH)
            if broken:
                self._mended.note(self._catalog.revision())
        except (StoreBusy, StoreUnwritable, IndexDamaged) as error:
            self._warn(f"searching without a whole vector index: {error}")

    def _broken_in(self, state: IndexState) -> dict[str, str]:
        return {name: why for name, why in list(self._broken.items()) if name in names_of(state)}

    def _warn(self, message: str) -> None:
        if message != self._warned:
            self._warned = message
            _log.warning("%s", message)

    # -- writing: by whoever holds the store's lock ----------------------------------------------------

    def keep_up(self) -> None:
        """Build what is due while articles are being added; what cannot be built now is told, and searched one by one."""
        with self._lock.writing():
            if not self._failed.holds():
                self._try_to_keep(at_end=False)

    def finish(self) -> None:
        """Build and mend all that is due at the end of a write; what cannot be built is told, and searched one by one."""
        with self._lock.writing():
            self._try_to_keep(at_end=True)

    def rebuild(self) -> int:
        """Build everything anew; return how many chunks are in the index.

        Raises:
            IndexDamaged, StoreUnwritable: it cannot be built (a full disk); what was there before stays.
        """
        with self._lock.writing("rebuild"):
            return self._keeper.renew()

    def beside(self, cut: int, model: str) -> IndexState:
        """Build segments for a cut that is not live yet, and return the state that names them, and no others.

        Raises:
            IndexDamaged, StoreUnwritable: they cannot be built (a full disk); nothing of them is left.
        """
        with self._lock.writing():
            return self._keeper.beside(cut, model)

    def drop_dead(self) -> None:
        """Build those segments anew that hold chunks which are gone.

        Raises:
            IndexDamaged, StoreUnwritable: one cannot be built (a full disk); what was there before stays.
        """
        with self._lock.writing():
            self._keeper.drop_dead()

    def drop(self) -> None:
        """Delete all segments."""
        with self._lock.writing():
            self._keeper.drop()

    def _try_to_keep(self, *, at_end: bool) -> None:
        try:
            self._keep(at_end=at_end)
        except (IndexDamaged, StoreUnwritable) as error:
            self._warn(f"the articles are stored, the vector index lacks some, and answers take longer: {error}")

    def _keep(self, *, at_end: bool, most: int | None = None) -> None:
        try:
            self._keeper.keep(self._broken_in(self._catalog.index_state()), at_end=at_end, most=most)
        except BaseException:
            self._failed.note(self._catalog.revision())
            raise
        self._failed.forget()

    # -- what is there --------------------------------------------------------------------------------

    def ids(self) -> set[int]:
        """Return the ids of all chunks in segments, live or not.

        Raises:
            IndexDamaged: one is damaged.
        """
        return set[int]().union(*(self._segments.ids(segment) for segment in self._catalog.index_state().segments))

    def check(self) -> str | None:
        """Return how many chunks the segments lack of those that they should hold, and why; None when all is well."""
        lost, reasons = 0, list[str]()
        for segment in self._catalog.index_state().segments:
            live = set(self._catalog.chunk_ids(above=segment.first - 1, upto=segment.last))
            try:
                lost += len(live - self._segments.left(segment))
            except IndexDamaged as error:
                lost += len(live)
                reasons.append(str(error))
        if not lost and not reasons:
            return None
        told = f" ({'; '.join(reasons)})" if reasons else ""
        return f"lacks {lost:,} of {self._catalog.chunk_count():,} chunks{told}"
