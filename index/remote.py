"""Segments of the vector index, read by a child process: damage can end that, never whoever asks."""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pullquote.index.child import Child, ChildLost
from pullquote.index.errors import IndexDamaged
from pullquote.index.records import Segment
from pullquote.index.seal import broken
from pullquote.index.wire import Frame

_OPEN_S, _SEARCH_S, _CLOSE_S = 60, 30, 10
_ROOM_BYTES = 64 << 20
"""Files may grow by so much more than is expected of them."""


class _Reading:
    """The child that reads for all stores of this process: started when it is first asked, and again when it has ended."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._child: Child | None = None

    def start(self) -> None:
        """Start the child without waiting for it; when somebody else is asking it, that is done."""
        if self._guard.acquire(blocking=False):
            try:
                self._living()
            finally:
                self._guard.release()

    def ask(self, request: Frame, limit_s: int) -> Frame:
        """Return the reply.

        Raises:
            ChildLost: the child has ended or was ended over this; the next request gets a new one.
        """
        with self._guard:
            child = self._living()
            try:
                reply = child.ask(request, limit_s)
            except BaseException:
                self.end()
                raise
            if "error" in reply.head:  # Chroma may keep something of what it could not open
                self.end()
            return reply

    def end(self) -> None:
        """End the child, if there is one."""
        child, self._child = self._child, None
        if child is not None:
            child.end()

    def _living(self) -> Child:
        if self._child is not None and not self._child.lives():
            self.end()
        if self._child is None:
            self._child = Child()
        return self._child


_reading = _Reading()


def _forget() -> None:
    """Leave the parent's child alone after a fork, and begin anew."""
    global _reading
    _reading = _Reading()


os.register_at_fork(after_in_child=_forget)
atexit.register(lambda: _reading.end())


def search_ahead(searches: Sequence[tuple[Path, int]], vector: NDArray[np.float32]) -> None:
    """Have folders searched for so many chunks each, side by side, without waiting: soon their readers will ask for these.

    Nothing comes of it where they are not open, or where it fails.
    """
    named = [(str(folder.absolute()), limit) for folder, limit in searches]
    with contextlib.suppress(ChildLost, IndexDamaged):
        _reading.ask(Frame({"verb": "ahead", "searches": named}, rows=vector[None, :]), _SEARCH_S)


def start_reading() -> None:
    """Start the child process that reads, without waiting for it: Chroma is loaded while this process does other things."""
    with contextlib.suppress(ChildLost):
        _reading.start()


class SegmentReader:
    """One segment, open in the child process that reads for this process; safe to share between threads.

    That process may end at any time, for another segment's sake; then the segment is opened once more.
    """

    def __init__(self, folder: Path, segment: Segment, *, whole: bool = True) -> None:
        """Check the seal of the segment that is in ``folder``, and open it; chunks may be missing unless it is to be ``whole``.

        Raises:
            IndexDamaged: its files are not the ones that were sealed, another version of chromadb wrote them, or Chroma
                cannot use them.
        """
        self._folder = folder.absolute()
        self._segment = segment
        self._whole = whole
        self._closed = False
        self._open()

    def search(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """Return ``(chunk id, cosine)`` of about the nearest chunks, best first, equal ones by id.

        ``vector`` is a unit vector, shape ``(dim,)``, float32.

        Raises:
            IndexDamaged: Chroma fails, takes too long, or finds fewer chunks than there are; its process may have ended.
        """
        if limit < 1:
            return []
        reply = self._ask(Frame({"verb": "search", "limit": limit}, rows=vector[None, :]), _SEARCH_S)
        return sorted(zip(reply.ids.tolist(), reply.rows[0].tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))

    def ids(self) -> set[int]:
        """Return the ids of all chunks in the segment.

        Raises:
            IndexDamaged: Chroma fails or takes too long.
        """
        return set(self._ask(Frame({"verb": "ids"}), _OPEN_S).ids.tolist())

    def close(self) -> None:
        """Let go of the files; closing twice does no harm.

        Raises:
            IndexDamaged: Chroma fails or takes too long.
        """
        if not self._closed:
            self._closed = True
            self._send(Frame({"verb": "close"}), _CLOSE_S)

    def _ask(self, request: Frame, limit_s: int) -> Frame:
        if self._closed:
            raise self._damaged("it was closed")
        reply = self._send(request, limit_s)
        if "unknown" in reply.head:
            self._open()
            reply = self._send(request, limit_s)
        if "unknown" in reply.head:
            raise self._damaged("the process that reads it ends again and again")
        return reply

    def _open(self) -> None:
        segment = self._segment
        if (reason := broken(self._folder, segment.seal)) is not None:
            raise self._damaged(reason)
        most_bytes = _ROOM_BYTES + 2 * sum(size for _, size, _ in segment.seal)
        reply = self._send(Frame({"verb": "open", "chroma": segment.chroma, "most_bytes": most_bytes}), _OPEN_S)
        count, ids = reply.head["count"], reply.ids
        if self._whole and (count != segment.rows or len(ids) != segment.rows):
            raise self._damaged(f"it has {min(count, len(ids))} of {segment.rows} chunks")
        if len(ids) and not segment.first <= ids[0] <= ids[-1] <= segment.last:
            raise self._damaged("it has chunks of another segment")

    def _send(self, request: Frame, limit_s: int) -> Frame:
        named = Frame({**request.head, "folder": str(self._folder)}, request.ids, request.rows)
        try:
            reply = _reading.ask(named, limit_s)
        except ChildLost as error:
            raise self._damaged(str(error)) from error
        if "error" in reply.head:
            raise self._damaged(reply.head["error"])
        return reply

    def _damaged(self, reason: str) -> IndexDamaged:
        return IndexDamaged(f"the vector index {self._folder} cannot be used ({reason}): the articles are safe")
