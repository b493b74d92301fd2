"""The vector index of a store as the catalog has it: segments that are asked, and what is in none, searched one and all."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pullquote.index.backoff import Backoff
from pullquote.index.catalog import Catalog
from pullquote.index.catalog_index import LAST_ID
from pullquote.index.errors import IndexDamaged, StoreBusy, StoreUnwritable
from pullquote.index.folders import sweep_after_a_crash
from pullquote.index.keeping import Keeper, Sizes, names_of
from pullquote.index.lacking import Lacking, Ranges, Wanted, searched
from pullquote.index.lock import WriterLock
from pullquote.index.nearest import best, may_hold_more
from pullquote.index.records import IndexState, Segment
from pullquote.index.remote import start_reading
from pullquote.index.segments import Segments, Unusable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MORE = 30  # looked at closely besides those that are asked for: a graph's order is nearly right, and copies tie
_TRIES = 5
_AS_FAST = 500
"""So many vectors are read in the time in which a segment is asked while other things are done; one more for each chunk that it
is asked for."""
_DEEP = 2000
"""The index is of little help where a segment's nearest chunks, so many of them, are too few of those that are looked for."""
_IN_A_SEARCH = 20_000
"""No search keeps anybody waiting for more chunks than these to be built into a segment."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _View:
    """What there is to search at one moment."""

    state: IndexState
    asked: tuple[Segment, ...]
    ranges: Ranges
    """Of the chunks that are searched one and all."""
    few: bool = False
    """All of them: there are so few that no segment is asked."""


@dataclass(frozen=True, slots=True)
class Among:
    """Which chunks are searched, where it is not all."""

    wanted: Wanted
    depth: int
    """So many of a segment's nearest chunks are looked at first."""
    ids: Callable[[], Sequence[int]] | None = None
    """Gives all of them, where they are few enough to be searched one and all when the index does not help."""


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
        self._lacking = Lacking(folder, catalog)
        self._failed = Backoff()
        """Keeps searches from building what could not be built a moment ago; whoever writes tries all the same."""
        self._mended = Backoff()
        """Keeps searches from mending again and again what breaks whenever it is asked."""
        self._warned = ""

    def close(self) -> None:
        """Let go of all segments; closing twice does no harm."""
        self._segments.keep_only(())
        self._lacking.forget()

    # -- searching --------------------------------------------------------------------------------

    def search(self, vector: NDArray[np.float32], limit: int, among: Among | None = None) -> list[tuple[int, float]]:
        """Return ``(chunk id, cosine)`` of the nearest chunks, or of those among some, best first, equal ones by id.

        The cosines are those of the vectors in the catalog: what found the chunks, and when it was built, makes no difference.
        Nothing is found where the store has gone over to a model with vectors of another length meanwhile.
        """
        if limit < 1:
            return []
        tries = 0
        while True:
            revision, view = self._catalog.revision(), self._view()
            try:
                found, tries = self._found(view, vector, limit, among), tries + 1
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

    def begin_search(self, vector: NDArray[np.float32], limit: int, among: Among | None = None) -> None:
        """Begin what ``search`` will need first, without waiting for it: other things can be done meanwhile."""
        view = self._view()
        if view.asked and limit > 0:
            self._segments.search_ahead(_depths(view, limit, among), vector)

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
        try:
            return searched(self._catalog, ids, vector, limit)
        except ValueError:
            if self._is_of_another_model(vector):
                return []
            raise

    def depth_among(self, share: float, limit: int) -> int | None:
        """Return how deep each segment is to be asked for the nearest of a share of all chunks, 0 to 1.

        None where it is faster to read the vectors of all of these.
        """
        # Twice as many as it takes if they are spread evenly among all.
        segments = len(self._view().asked)
        depth = int(2 * limit / share / segments) if share and segments else 0
        return max(limit, depth) if share * self._catalog.chunk_count() > segments * (_AS_FAST + depth) and segments else None

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

    def _found(self, view: _View, vector: NDArray[np.float32], limit: int, among: Among | None) -> list[tuple[int, float]]:
        lacking = set(self._lacking.nearest(view.ranges, vector, limit, among.wanted if among else None))
        likely: dict[int, float] = {}
        depths = _depths(view, limit, among)
        edge = -_MORE if among else -1  # far down, a graph's order is less right
        while True:
            if len(depths) > 1:
                self._segments.search_ahead(depths, vector)
            near = {segment: self._segments.search(segment, vector, depth) for segment, depth in depths.items()}
            seen = {chunk: cosine for found in near.values() for chunk, cosine in found}
            wanted = seen if among is None else among.wanted(sorted(seen))
            likely |= {chunk: seen[chunk] for chunk in wanted}
            found = best(self._catalog.vectors_by_id, lacking, likely, vector, limit)
            last = found[-1][1] if len(found) == limit else None
            depths = {
                segment: min(4 * depth, segment.rows)
                for segment, depth in depths.items()
                if depth < segment.rows and may_hold_more(near[segment][edge][1], depth, last)
            }
            if not depths:
                return found
            if among is not None and among.ids is not None and max(depths.values()) > _DEEP:
                return searched(self._catalog, among.ids(), vector, limit)

    def _mend(self, view: _View) -> None:
        """Build what this search had to do without, unless somebody writes, it is too much, or it has just failed."""
        lacking, broken = self._lacking.count(view.ranges), self._broken_in(view.state)
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
            if not live:
                continue  # all that it held is deleted: whatever has become of its files, nothing is missing
            try:
                lost += len(live - self._segments.left(segment))
            except IndexDamaged as error:
                lost += len(live)
                reasons.append(str(error))
        if not lost:
            return None
        told = f" ({'; '.join(reasons)})" if reasons else ""
        return f"lacks {lost:,} of {self._catalog.chunk_count():,} chunks{told}"


def _depths(view: _View, limit: int, among: Among | None) -> dict[Segment, int]:
    """Return how many of the nearest chunks each segment is asked for first."""
    return {segment: min((among.depth if among else limit) + _MORE, segment.rows) for segment in view.asked}
