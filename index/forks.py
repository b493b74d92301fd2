"""What a forked child must not touch: an open store stays with the process that opened it.

A child can open the store afresh, provided that no call of SQLite was under way in its parent: that would leave its copy
of SQLite locked for ever, and with wrong ideas of what it has locked. So a fork waits a moment for such calls to end.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from pullquote.index.errors import StoreForked

_PATIENCE_S = 2.0

_forks = 0
"""Forks between the process that first imported this and the one at hand."""
_torn = False
"""Whether one of them came in the midst of a write."""


class Owner:
    """The process that opened something; a copy of it, made by a fork, may not use that."""

    __slots__ = ("_forks", "_what")

    def __init__(self, what: str) -> None:
        """Belong to the process at hand; ``what`` names the thing in the error."""
        self._what = what
        self._forks = _forks

    @property
    def elsewhere(self) -> bool:
        """Whether this is a forked child of the owner."""
        return self._forks != _forks

    def check(self) -> None:
        """Do nothing in the process that owns the thing.

        Raises:
            StoreForked: this is a forked child of it.
        """
        if self._forks != _forks:
            raise StoreForked(f"{self._what} was opened before this process was forked: open the store in the child itself")


def check_whole() -> None:
    """Do nothing in a process that can open stores.

    Raises:
        StoreForked: it was forked while its parent was in the midst of a write.
    """
    if _torn:
        raise StoreForked("this process was forked in the middle of a write to a store: start it afresh (spawn) to open one")


class Lock(Protocol):
    """A lock, or one that its thread may take again."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take it, or give up after ``timeout`` seconds."""

    def release(self) -> None:
        """Let it go."""


def hold_while_forking(locks: Callable[[], Iterable[Lock]], at_rest: Callable[[], bool], in_child: Callable[[], None]) -> None:
    """Take locks before every fork of this process, and let them go after it, in the child too.

    Where they cannot be had in time, or it is not ``at_rest`` then, the child is marked (see ``check_whole``).
    """
    forking, held, rests = threading.RLock(), list[Lock](), True

    def before() -> None:
        nonlocal rests
        forking.acquire()
        rests, until = True, time.monotonic() + _PATIENCE_S
        for lock in locks():
            if lock.acquire(timeout=max(0.0, until - time.monotonic())):
                held.append(lock)
            else:
                rests = False
        rests = rests and at_rest()

    def after() -> None:
        while held:
            held.pop().release()
        forking.release()

    def after_in_child() -> None:
        global _torn
        _torn = _torn or not rests
        in_child()
        after()

    os.register_at_fork(before=before, after_in_parent=after, after_in_child=after_in_child)


def _count() -> None:
    global _forks
    _forks += 1


os.register_at_fork(after_in_child=_count)
