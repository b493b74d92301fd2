"""Which catalogs this process has open: their locks, and what becomes of them when it is forked.

POSIX locks belong to a process: whoever closes a file drops all those that its process has on it. So a file is looked at
only before it is opened as a database.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterable, Iterator
from ctypes import py_object, pythonapi
from pathlib import Path

from pullquote.index.database_file import inspect
from pullquote.index.errors import StoreUnwritable
from pullquote.index.forks import Lock, Owner, check_whole, hold_while_forking

_OPENING = threading.Lock()
_OPEN: weakref.WeakSet[OpenFile] = weakref.WeakSet()
"""All that this process has open; held by ``_OPENING``."""


class OpenFile:
    """The file of a database, and the locks of those who use it."""

    def __init__(self, path: Path) -> None:
        """Open nothing yet.

        Raises:
            StoreForked: this process was forked in the middle of a write.
        """
        check_whole()
        self.path = path
        self._owner = Owner(f"the store {path.parent}")
        self._writing = threading.RLock()
        # Held for one statement, or one commit. Whoever needs both takes ``_writing`` first.
        self._reading = threading.Lock()
        self._copying = threading.Lock()
        self._writer: int | None = None
        """The thread whose transaction is under way."""
        self._file: tuple[int, int] | None = None
        """Device and inode."""

    def _enter(self, create: bool) -> None:
        """Make the file and look at it, unless the process has it open: closing it would drop the locks it has on it."""
        with _OPENING:
            self._file, file = None, file_id(self.path)
            if file is None or all(other._file != file for other in _OPEN):
                if create:
                    _make(self.path)
                inspect(self.path, create=create)
                file = file_id(self.path)
            self._file = file
            _OPEN.add(self)

    def _leave(self) -> None:
        with _OPENING:
            self._file = None
            _OPEN.discard(self)

    def _is_there(self) -> bool:
        """Return whether this is still the file at its path; none at all is no reason to let go of what is open."""
        return self._file is None or file_id(self.path) in (self._file, None)

    def _connections(self) -> Iterable[object]:
        """Return what a forked child must never close."""
        return ()


def file_id(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from one that is put in its place; None when there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _make(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except PermissionError:
        pass  # a store that may only be read
    except OSError as error:
        raise StoreUnwritable(f"cannot make {path} ({error.strerror}): name another --store") from error


# -- forks ----------------------------------------------------------------------------------------


def _locks() -> Iterator[Lock]:
    yield _OPENING
    for file in list(_OPEN):
        yield from (file._writing, file._reading, file._copying)


def _at_rest() -> bool:
    return all(file._writer is None for file in list(_OPEN))


def _keep_open() -> None:
    """Have a child never close its parent's connections: that would take back what the parent is about to commit."""
    for file in list(_OPEN):
        for connection in file._connections():
            pythonapi.Py_IncRef(py_object(connection))
    _OPEN.clear()


hold_while_forking(_locks, _at_rest, _keep_open)
