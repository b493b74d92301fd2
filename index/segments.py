"""The segments that a process has open: asked by one thread at a time, and given up when they are damaged."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pullquote.index.errors import IndexDamaged
from pullquote.index.records import Segment
from pullquote.index.remote import SegmentReader, search_ahead

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")


class Unusable(IndexDamaged):
    """A segment that is not there, or damaged."""

    def __init__(self, segment: Segment, reason: str) -> None:
        """Name the segment, and say why it is of no use."""
        super().__init__(reason)
        self.segment = segment


class Segments:
    """Opens segments when they are first asked; safe to share between threads. Every method raises ``Unusable``."""

    def __init__(self, folder: Path) -> None:
        """Read the segments of the store in ``folder``."""
        self._folder = folder
        self._guard = threading.RLock()
        self._open: dict[Segment, SegmentReader] = {}

    def search(self, segment: Segment, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """Return ``(chunk id, cosine)`` of about the nearest chunks of a segment, best first; all of them where it has fewer."""
        return self._asked(segment, lambda reader: reader.search(vector, limit))

    def search_ahead(self, limits: Mapping[Segment, int], vector: NDArray[np.float32]) -> None:
        """Begin what ``search`` will be asked for, in all segments at once, without waiting; where it fails, nothing is lost."""
        if limits and self.are_open(limits):
            search_ahead([(self._folder / segment.folder, limit) for segment, limit in limits.items()], vector)

    def ids(self, segment: Segment) -> set[int]:
        """Return the ids of all chunks in a segment."""
        return self._asked(segment, lambda reader: reader.ids())

    def left(self, segment: Segment) -> set[int]:
        """Return the ids of the chunks that are left in a segment, also where some have gone missing."""
        with self._guard:
            try:
                with contextlib.closing(SegmentReader(self._folder / segment.folder, segment, whole=False)) as reader:
                    return reader.ids()
            except IndexDamaged as error:
                raise Unusable(segment, str(error)) from error

    def are_open(self, segments: Collection[Segment]) -> bool:
        """Return whether some are open already."""
        return self._open.keys() >= set(segments)

    def keep_only(self, segments: Collection[Segment]) -> None:
        """Close all but some."""
        with self._guard:
            for segment in self._open.keys() - set(segments):
                self._close(segment)

    def _asked(self, segment: Segment, ask: Callable[[SegmentReader], T]) -> T:
        with self._guard:
            try:
                if segment in self._open:
                    with contextlib.suppress(IndexDamaged):
                        self._check_folder(segment)
                        return ask(self._open[segment])
                    self._close(segment)  # its process may have ended for another one's sake: opened once more
                self._check_folder(segment)
                self._open[segment] = SegmentReader(self._folder / segment.folder, segment)
                return ask(self._open[segment])
            except IndexDamaged as error:
                self._close(segment)
                raise Unusable(segment, str(error)) from error

    def _check_folder(self, segment: Segment) -> None:
        if not (self._folder / segment.folder).is_dir():
            raise IndexDamaged(f"{self._folder / segment.folder} is not there")

    def _close(self, segment: Segment) -> None:
        if (reader := self._open.pop(segment, None)) is not None:
            with contextlib.suppress(IndexDamaged):
                reader.close()
