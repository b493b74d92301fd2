"""What the child process in which Chroma runs is asked for: to read segments, and to make one."""

from __future__ import annotations

import os
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from pullquote.index.cores import available_cores
from pullquote.index.errors import IndexDamaged
from pullquote.index.seal import seal_of
from pullquote.index.vectors import VERSION, VectorIndex, pack
from pullquote.index.wire import Frame, Read, packed, read_frame

_NICE = 10
_SAMPLES = 20
"""So many of the chunks that were added have to be found by their own vectors."""
_SAME = 1 - 1e-3
"""The least cosine of a vector with itself, or with a copy of it."""
_MORE_S = 5
"""Whoever asks ends this process when an answer takes too long; so much later it ends by itself, should they be gone."""
_MOST_AHEAD = 1000
"""Searches that were begun and nobody asked for yet: whoever had them begun may have ended."""
_FULL = ("no space left", "disk is full", "os error 28", "quota exceeded", "os error 122")


@dataclass(slots=True)
class _Build:
    """A segment that is being made."""

    folder: Path
    rows: int
    index: VectorIndex
    ids: set[int] = field(default_factory=set)
    samples: list[tuple[int, NDArray[np.float32]]] = field(default_factory=list)


class _Reader:
    """A segment that is open for reading: searched by one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self.index = VectorIndex(folder, make_for=None)
        self._guard = threading.Lock()

    def search(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        with self._guard:
            return self.index.search(vector, limit)


class Worker:
    """The segments that are open for reading, by folder, and the one that is being made."""

    def __init__(self) -> None:
        """Begin with nothing open."""
        self._most_bytes = 0
        self._allowed_bytes, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
        self._open: dict[str, _Reader] = {}
        self._ahead: dict[tuple[str, int, bytes], Future[list[tuple[int, float]]]] = {}
        """Searches that were begun before they are asked for, by folder, limit and vector."""
        self._pool = ThreadPoolExecutor(available_cores(), "chroma")
        self._build: _Build | None = None
        self._nice = False
        self._verbs: dict[str, Callable[[Frame], Frame]] = {
            "open": self._opened,
            "ahead": self._begun_ahead,
            "search": self._searched,
            "ids": self._listed,
            "close": self._closed,
            "begin": self._begun,
            "add": self._added,
            "finish": lambda _: self._finished(),
        }

    def reply(self, request: Frame) -> Frame:
        """Do what is asked for; an error is a reply, too."""
        try:
            return self._verbs[request.head["verb"]](request)
        except (IndexDamaged, OSError) as error:
            reason = str(error.__cause__ or error)
            return Frame({"error": " ".join(reason.split())[:200], "full": any(sign in reason.lower() for sign in _FULL)})

    def _opened(self, request: Frame) -> Frame:
        folder, chroma = request.head["folder"], request.head["chroma"]
        if chroma != VERSION:
            raise IndexDamaged(f"it was written by chromadb {chroma}, and this is {VERSION}")
        self._closed(request)
        self._limit_files(request.head["most_bytes"])
        self._open[folder] = _Reader(Path(folder))
        return self._listed(request)

    def _begun_ahead(self, request: Frame) -> Frame:
        """Begin to search, in several segments at once, for what will be asked for in a moment; those that are open."""
        if len(self._ahead) > _MOST_AHEAD:
            self._settle()
        vector = request.rows[0]
        for folder, limit in request.head["searches"]:
            if (reader := self._open.get(folder)) is not None and (key := (folder, limit, vector.tobytes())) not in self._ahead:
                self._ahead[key] = self._pool.submit(reader.search, vector, limit)
        return Frame({})

    def _settle(self) -> None:
        """Wait for all that was begun, and forget it."""
        while self._ahead:
            _, future = self._ahead.popitem()
            if not future.cancel():
                future.exception()

    def _searched(self, request: Frame) -> Frame:
        if (reader := self._open.get(folder := request.head["folder"])) is None:
            return Frame({"unknown": True})
        limit, vector = request.head["limit"], request.rows[0]
        begun = self._ahead.pop((folder, limit, vector.tobytes()), None)
        found = reader.search(vector, limit) if begun is None else begun.result()
        cosines = np.array([[cosine for _, cosine in found]], np.float32)
        return Frame({}, np.array([chunk for chunk, _ in found], np.int64), cosines)

    def _listed(self, request: Frame) -> Frame:
        if (reader := self._open.get(request.head["folder"])) is None:
            return Frame({"unknown": True})
        return Frame({"count": reader.index.count()}, np.array(sorted(reader.index.ids()), np.int64))

    def _closed(self, request: Frame) -> Frame:
        self._settle()
        if (reader := self._open.pop(request.head["folder"], None)) is not None:
            reader.index.close()
        return Frame({})

    def _begun(self, request: Frame) -> Frame:
        if not self._nice:
            os.nice(_NICE)
            self._nice = True
        folder, rows = Path(request.head["folder"]), request.head["rows"]
        self._limit_files(request.head["most_bytes"])
        self._build = _Build(folder, rows, VectorIndex(folder, make_for=rows))
        return Frame({})

    def _added(self, request: Frame) -> Frame:
        assert self._build is not None
        ids = request.ids.tolist()
        self._build.index.add(ids, request.rows)
        self._build.ids.update(ids)
        step = max(1, self._build.rows // _SAMPLES)
        self._build.samples += list(zip(ids[::step], request.rows[::step].copy(), strict=True))
        return Frame({})

    def _finished(self) -> Frame:
        """Look at what was made as a reader will find it, then seal it."""
        assert self._build is not None
        build = self._build
        build.index.close()
        if len(build.ids) != build.rows:
            raise IndexDamaged(f"it was given {len(build.ids)} chunks, not {build.rows}")
        pack(build.folder)
        again = VectorIndex(build.folder, make_for=None)
        if again.ids() != build.ids:
            raise IndexDamaged(f"it took {again.count()} of {build.rows} chunks")
        for chunk, row in build.samples[:: max(1, len(build.samples) // _SAMPLES)]:
            if again.search(row, 1)[0][1] < _SAME:
                raise IndexDamaged(f"it does not find chunk {chunk}, which was added to it")
        again.close()
        self._build = None
        return Frame({"seal": seal_of(build.folder), "chroma": VERSION})

    def _limit_files(self, most_bytes: int) -> None:
        """Let no file of this process grow beyond a size: a broken graph has filled whole disks."""
        self._most_bytes = max(self._most_bytes, most_bytes)
        unlimited = self._allowed_bytes == resource.RLIM_INFINITY
        limit = self._most_bytes if unlimited else min(self._most_bytes, self._allowed_bytes)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def serve(requests: Read, replies: BinaryIO) -> None:
    """Answer each request until there are no more.

    Raises:
        IndexDamaged: a request is cut or garbled.
        OSError: nobody reads the replies.
    """
    worker = Worker()
    _send(replies, Frame({"chroma": VERSION}))
    while (request := read_frame(requests)) is not None:
        signal.alarm(request.head["limit_s"] + _MORE_S)
        reply = worker.reply(request)
        signal.alarm(0)
        _send(replies, reply)


def _send(replies: BinaryIO, frame: Frame) -> None:
    for part in packed(frame):
        replies.write(part)
    replies.flush()
