"""Segments of the vector index, made by a child process and looked at before anybody reads them."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pullquote.index.child import Child, ChildLost
from pullquote.index.errors import IndexDamaged, StoreUnwritable
from pullquote.index.seal import Seal
from pullquote.index.wire import Frame

_BEGIN_S, _ADD_S = 60, 120
_ROWS_A_S = 200  # a graph that was made is looked at faster than that
_AT_ONCE = 2000  # rows in a frame
_IDLE_S = 30
_SMALL_ROWS = 5000  # whoever built more keeps much memory
_NO_ROOM_BYTES = 1 << 20
_ROOM_BYTES = 64 << 20
"""Files may grow by so much more than is expected of them."""


class _Spare:
    """A child that has built a small segment and may build the next one: loading Chroma takes longer than that."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._child: Child | None = None
        self._idle: threading.Timer | None = None

    def take(self) -> Child:
        """Return the child, or a new one.

        Raises:
            ChildLost: the system lets no process be started.
        """
        child = self._taken()
        if child is not None and child.lives():
            return child
        if child is not None:
            child.end()
        return Child()

    def keep(self, child: Child) -> None:
        """Keep a child that has done its work, for a while."""
        idle = threading.Timer(_IDLE_S, self.end)
        idle.daemon = True
        if (before := self._taken(child, idle)) is not None:
            before.end()
        idle.start()

    def end(self) -> None:
        """End the child, if there is one."""
        if (child := self._taken()) is not None:
            child.end()

    def _taken(self, instead: Child | None = None, idle: threading.Timer | None = None) -> Child | None:
        with self._guard:
            child, self._child = self._child, instead
            before, self._idle = self._idle, idle
        if before is not None:
            before.cancel()
        return child


_spare = _Spare()


def _forget() -> None:
    """Leave the parent's child alone after a fork."""
    global _spare
    _spare = _Spare()


os.register_at_fork(after_in_child=_forget)
atexit.register(lambda: _spare.end())


def build_segment(folder: Path, batches: Iterable[tuple[Sequence[int], NDArray[np.float32]]], rows: int) -> tuple[Seal, str]:
    """Make a segment of ``rows`` chunks in ``folder``, which must not be there yet; return its seal and Chroma's version.

    ``batches`` gives chunk ids and their unit vectors, shape ``(len(ids), dim)``, float32; ``rows`` is at least 1. The folder
    is gone when this fails, and also when ``batches`` does, whose errors are passed on.

    Raises:
        IndexDamaged: Chroma fails, takes too long, or did not take what it was given.
        StoreUnwritable: there is no room on the disk, or the folder cannot be made.
    """
    folder = folder.absolute()
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise StoreUnwritable(f"{folder} cannot be made ({error.strerror}): make it possible to write there") from error
    try:
        with contextlib.closing(_Building(folder)) as building:
            return building.build(batches, rows)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


class _Building:
    """A child process that makes one segment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept = False
        try:
            self._child = _spare.take()
        except ChildLost as error:
            raise self._failed(str(error)) from error

    def build(self, batches: Iterable[tuple[Sequence[int], NDArray[np.float32]]], rows: int) -> tuple[Seal, str]:
        begun = False
        for ids, vectors in batches:
            if not begun:
                self._begin(rows, vectors.shape[1])
                begun = True
            for start in range(0, len(ids), _AT_ONCE):
                part = np.asarray(ids[start : start + _AT_ONCE], np.int64)
                self._send(Frame({"verb": "add"}, part, vectors[start : start + _AT_ONCE]), _ADD_S)
        if not begun:
            raise self._failed("it was given no chunks")
        reply = self._send(Frame({"verb": "finish"}), _ADD_S + rows // _ROWS_A_S)
        if rows <= _SMALL_ROWS:
            self._kept = True
            _spare.keep(self._child)
        return tuple((name, size, checksum) for name, size, checksum in reply.head["seal"]), reply.head["chroma"]

    def close(self) -> None:
        """End the child, unless it was kept."""
        if not self._kept:
            self._child.end()

    def _begin(self, rows: int, dim: int) -> None:
        needed = _expected_bytes(rows, dim)
        if _free_bytes(self._folder) < needed:
            raise _no_room(self._folder)
        head = {"verb": "begin", "folder": str(self._folder), "rows": rows, "most_bytes": 4 * needed + _ROOM_BYTES}
        self._send(Frame(head), _BEGIN_S)

    def _send(self, request: Frame, limit_s: int) -> Frame:
        try:
            reply = self._child.ask(request, limit_s)
        except ChildLost as error:
            raise self._failed(str(error)) from error
        if "error" in reply.head:
            raise self._failed(reply.head["error"], full=reply.head["full"])
        return reply

    def _failed(self, reason: str, *, full: bool = False) -> IndexDamaged | StoreUnwritable:
        if full or _free_bytes(self._folder) < _NO_ROOM_BYTES:
            return _no_room(self._folder)
        return IndexDamaged(f"the vector index {self._folder} cannot be made ({reason}): the articles are safe")


def _expected_bytes(rows: int, dim: int) -> int:
    """Return about how many bytes a segment takes: each vector is in the graph and, for a while, in Chroma's catalog."""
    return (1 << 20) + rows * (8 * dim + 1200)


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder.parent).free


def _no_room(folder: Path) -> StoreUnwritable:
    free_mb = _free_bytes(folder) / (1 << 20)
    return StoreUnwritable(f"there is no room for the vector index {folder} ({free_mb:.0f} MB are free): make room on the disk")
