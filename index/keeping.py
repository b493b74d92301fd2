"""The segments of a vector index: which ones are worth building, and how they are built from the catalog."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pullquote.index.building import build_segment
from pullquote.index.catalog import Catalog
from pullquote.index.errors import StoreDamaged
from pullquote.index.failpoints import failpoint
from pullquote.index.folders import INDEX, next_number, quarantine, sweep
from pullquote.index.records import IndexState, Segment
from pullquote.index.seal import CATALOG

Vectors = Callable[[Sequence[int]], NDArray[np.float32]]
"""Gives the vectors of chunks, in the order asked for."""

_BATCH = 1000
_RATIO = 3
"""Segments grow smaller by this towards the end, or they are merged: a chunk is built into few of them."""
_SMALL = 8
"""Segments of no more than so many parts of the largest are small, and up to half of it they are middling."""
_MANY_SMALL, _MANY_MIDDLING = 4, 2
"""So many of a kind side by side are merged, also while articles are being added: each costs every search some 10 ms."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many chunks go where."""

    tail: int = 1000
    """At most so many chunks stay behind the last segment when a write ends."""
    meanwhile: int = 20_000
    """At most so many stay behind it while articles are being added."""
    most: int = 200_000
    """No segment is built larger."""


@dataclass(frozen=True, slots=True)
class Step:
    """A segment to be built in the place of others."""

    begin: int
    """The first segment that it replaces."""
    end: int
    """The segment before which it ends; the same as ``begin`` where it replaces none."""
    tail: int
    """So many of the chunks behind the last segment go into it, too."""


def plan(
    state: IndexState, tail: int, live: Sequence[int], *, at_end: bool, worn: Collection[str] = (), sizes: Sizes | None = None
) -> Step | None:
    """Return what is to be done next, or None when all is well.

    ``tail`` live chunks are behind the last segment, ``live`` of each segment's chunks are left, and segments whose folders are
    ``worn`` are of no more use. While articles are being added, worn ones are left for later.
    """
    sizes, count = sizes or Sizes(), len(state.segments)
    due = tail > (sizes.tail if at_end else sizes.meanwhile) or (at_end and not count and tail > 0)
    new = min(tail, sizes.most) if due else 0
    alike = _many_alike([segment.rows for segment in state.segments], sizes)
    if not at_end or new == sizes.most:
        return Step(count, count, new) if new else alike
    gone = [i for i, left in enumerate(live) if not left]
    if gone:
        return Step(gone[0], gone[0] + 1, 0)
    begin = _merged_from([segment.rows for segment in state.segments], live, new, sizes)
    if new or begin < count - 1:
        return Step(begin, count, new)
    if alike:
        return alike
    for i, segment in enumerate(state.segments):
        if (segment.folder in worn or 2 * live[i] < segment.rows) and live[i] <= sizes.most:
            return Step(i, i + 1, 0)
    return None


def _merged_from(rows: Sequence[int], live: Sequence[int], new: int, sizes: Sizes) -> int:
    """Return the first of the segments at the end that are too small to stand beside what follows them."""
    begin, size = len(rows), new
    if not new and rows:
        begin, size = begin - 1, live[-1]
    while begin and rows[begin - 1] < _RATIO * size and live[begin - 1] + size <= sizes.most:
        begin -= 1
        size += live[begin]
    return begin


def _many_alike(rows: Sequence[int], sizes: Sizes) -> Step | None:
    """Return the merging of the first segments side by side that are of one kind and too many, but for the large ones."""
    small, middling = sizes.most // _SMALL, sizes.most // 2
    for least, largest, many in ((0, small, _MANY_SMALL), (small + 1, middling, _MANY_MIDDLING)):
        begin = 0
        for end, size in enumerate(rows, 1):
            if not least <= size <= largest:
                begin = end
            elif end - begin == many:
                return Step(begin, end, 0)
    return None


class Keeper:
    """Builds and drops segments. Whoever calls it holds the store's lock; only changes of ``IndexState`` make its work count.

    What cannot be built raises ``IndexDamaged`` or ``StoreUnwritable``, and leaves nothing behind.
    """

    def __init__(self, folder: Path, catalog: Catalog, sizes: Sizes) -> None:
        """Keep the segments of the store in ``folder``."""
        self._folder = folder
        self._catalog = catalog
        self._sizes = sizes

    def keep(self, damaged: Mapping[str, str], *, at_end: bool, most: int | None = None) -> None:
        """Do all that is due, and build nothing larger than ``most``; ``damaged`` folders, a reason each, are put aside first."""
        state = self._catalog.index_state()
        sweep(self._folder, keep=names_of(state))
        worn = self._worn(state, damaged) if at_end else set()
        sizes = self._sizes if most is None else replace(self._sizes, most=most)
        while (step := self._next(at_end=at_end, worn=worn, sizes=sizes)) is not None:
            self._take(step)

    def renew(self) -> int:
        """Build all segments anew, then let go of the old ones; return how many chunks are in them."""
        sweep(self._folder, keep=names_of(self._catalog.index_state()))
        ids = self._catalog.chunk_ids()
        self._publish(self._cut_up(ids, self._catalog.chunk_vectors))
        return len(ids)

    def drop_dead(self) -> None:
        """Build those segments anew that hold chunks which are gone: no byte of these is left."""
        state = self._catalog.index_state()
        sweep(self._folder, keep=names_of(state))
        live = [self._catalog.chunk_count(segment.first - 1, segment.last) for segment in state.segments]
        worn = {segment.folder for segment, left in zip(state.segments, live, strict=True) if left < segment.rows}
        while (step := self._next(at_end=True, worn=worn, sizes=self._sizes)) is not None:
            self._take(step)

    def beside(self, cut: int, model: str) -> IndexState:
        """Build segments for a cut that is not live yet; return the state that names them, and no others."""
        sweep(self._folder, keep=names_of(self._catalog.index_state()))

        def vectors(ids: Sequence[int]) -> NDArray[np.float32]:
            by_id = self._catalog.staged_vectors(ids, cut, model)
            if lost := [chunk for chunk in ids if chunk not in by_id]:
                raise StoreDamaged(f"{self._folder} lacks the new vectors of {len(lost)} chunks: run pullquote reindex again")
            return np.stack([by_id[chunk] for chunk in ids])

        segments = self._cut_up(self._catalog.staged_ids(cut), vectors)
        return replace(self._catalog.index_state(), segments=segments)

    def drop(self) -> None:
        """Delete all segments."""
        self._publish(())

    def _worn(self, state: IndexState, damaged: Mapping[str, str]) -> set[str]:
        """Return which folders are of no more use, and put those aside that are damaged."""
        worn = set()
        for segment in state.segments:
            if segment.chroma != version("chromadb"):
                worn.add(segment.folder)
            elif (reason := damaged.get(segment.folder) or _seen_damage(self._folder / segment.folder, segment)) is not None:
                quarantine(self._folder, segment, reason)
                worn.add(segment.folder)
        return worn

    def _next(self, *, at_end: bool, worn: Collection[str], sizes: Sizes) -> Step | None:
        state = self._catalog.index_state()
        tail = self._catalog.chunk_count(above=_last(state))
        live = self._live(state, tail) if at_end else ()
        return plan(state, tail, live, at_end=at_end, worn=worn, sizes=sizes)

    def _live(self, state: IndexState, tail: int) -> list[int]:
        """Return how many chunks of each segment are left; those that can hardly be worn are not counted."""
        dead = sum(segment.rows for segment in state.segments) + tail - self._catalog.chunk_count()
        return [
            segment.rows if segment.rows > 2 * dead else self._catalog.chunk_count(segment.first - 1, segment.last)
            for segment in state.segments
        ]

    def _take(self, step: Step) -> None:
        state = self._catalog.index_state()
        before, replaced, after = state.segments[: step.begin], state.segments[step.begin : step.end], state.segments[step.end :]
        first = replaced[0].first if replaced else _last(state) + 1
        last = self._catalog.chunk_ids(above=_last(state))[step.tail - 1] if step.tail else replaced[-1].last
        ids = self._catalog.chunk_ids(above=first - 1, upto=last)
        if ids:
            self._publish((*before, self._built(ids, first, last, self._catalog.chunk_vectors), *after))
        elif before:  # nothing is left: a neighbour takes over the range
            self._publish((*before[:-1], replace(before[-1], last=last), *after))
        else:
            self._publish((replace(after[0], first=first), *after[1:]) if after else ())

    def _cut_up(self, ids: Sequence[int], vectors: Vectors) -> tuple[Segment, ...]:
        segments, first = list[Segment](), 1
        for start in range(0, len(ids), self._sizes.most):
            part = ids[start : start + self._sizes.most]
            segments.append(self._built(part, first, part[-1], vectors))
            first = part[-1] + 1
        return tuple(segments)

    def _built(self, ids: Sequence[int], first: int, last: int, vectors: Vectors) -> Segment:
        state = self._catalog.index_state()
        number = next_number(self._folder, state.number)
        self._catalog.set_index_state(replace(state, number=number))
        failpoint("index-numbered")
        name = f"{INDEX}{number}"
        try:
            seal, chroma = build_segment(self._folder / name, _batches(ids, vectors), len(ids))
        except BaseException:
            shutil.rmtree(self._folder / name, ignore_errors=True)  # where the disk is full, its room is needed
            raise
        failpoint("index-before-mark")
        return Segment(name, first, last, len(ids), chroma, seal)

    def _publish(self, segments: tuple[Segment, ...]) -> None:
        state = replace(self._catalog.index_state(), segments=segments)
        self._catalog.set_index_state(state)
        failpoint("swap-before-sweep")
        sweep(self._folder, keep=names_of(state))


def names_of(state: IndexState) -> set[str]:
    """Return the names of the folders that a state names."""
    return {segment.folder for segment in state.segments}


def _batches(ids: Sequence[int], vectors: Vectors) -> Iterator[tuple[Sequence[int], NDArray[np.float32]]]:
    for start in range(0, len(ids), _BATCH):
        if start <= len(ids) // 2 < start + _BATCH:
            failpoint("build-half")
        part = ids[start : start + _BATCH]
        yield part, vectors(part)
        failpoint("index-batch")


def _seen_damage(folder: Path, segment: Segment) -> str | None:
    """Return what can be seen to be wrong with a segment without opening it."""
    for name, size in ((CATALOG, None), *((name, size) for name, size, _ in segment.seal)):
        try:
            found = (folder / name).stat().st_size
        except OSError as error:
            return f"{folder.name}/{name} cannot be read ({error.strerror})"
        if size is not None and found != size:
            return f"{folder.name}/{name} has {found:,} bytes, not {size:,}"
    return None


def _last(state: IndexState) -> int:
    return state.segments[-1].last if state.segments else 0
