"""How long a question may take, and an end to it at once when nobody waits for its answer any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from pullquote.index.errors import Stopped

T = TypeVar("T")


class Deadline:
    """A total time for everything that answers one question; ``stop`` ends it early, from any thread."""

    __slots__ = ("_ends", "_stop", "seconds")

    def __init__(self, seconds: float) -> None:
        """Start the clock."""
        self.seconds = seconds
        self._ends = time.monotonic() + seconds
        self._stop = _Stop()

    @property
    def left_s(self) -> float:
        """Seconds that are left, never below 0."""
        return 0.0 if self._stop.done.is_set() else max(0.0, self._ends - time.monotonic())

    @property
    def stopped(self) -> bool:
        """Whether it was ended early."""
        return self._stop.done.is_set()

    def stop(self) -> None:
        """End it now: whatever waits under it wakes up, its connections are cut; stopping twice does no harm."""
        self._stop.now()

    def check(self) -> None:
        """Do nothing while somebody waits.

        Raises:
            Stopped: it was ended early.
        """
        if self.stopped:
            raise Stopped("the question was given up before it was answered: ask it again")

    def wait(self, seconds: float) -> None:
        """Sleep so long.

        Raises:
            Stopped: it was ended early, also while this slept.
        """
        self._stop.done.wait(seconds)
        self.check()

    def share(self, part: float) -> Deadline:
        """Return a deadline for a part of the time that is left; it is stopped with this one."""
        child = Deadline(self.left_s * part)
        child._stop = self._stop
        return child

    def when_stopped(self, call: Callable[[], Any]) -> Callable[[], None]:
        """Have something called, from whichever thread, as soon as it is stopped; return what takes that back."""
        return self._stop.tell(call)


class _Stop:
    """Whether a question was given up, and who has to know."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self._lock = threading.Lock()
        self._calls: dict[object, Callable[[], Any]] = {}

    def now(self) -> None:
        with self._lock:
            self.done.set()
            calls, self._calls = list(self._calls.values()), {}
        for call in calls:
            call()

    def tell(self, call: Callable[[], Any]) -> Callable[[], None]:
        key = object()
        with self._lock:
            late = self.done.is_set()
            if not late:
                self._calls[key] = call
        if late:
            call()
        return lambda: self._forget(key)

    def _forget(self, key: object) -> None:
        with self._lock:
            self._calls.pop(key, None)


_ruling: ContextVar[Deadline | None] = ContextVar("ruling", default=None)


@contextmanager
def ruled_by(deadline: Deadline) -> Iterator[None]:
    """Let a deadline rule the connections that are opened in the block: what opens them hears of no deadline otherwise."""
    token = _ruling.set(deadline)
    try:
        yield
    finally:
        _ruling.reset(token)


def ruling_deadline() -> Deadline | None:
    """Return the deadline of the innermost ``ruled_by``."""
    return _ruling.get()


def abandonable(call: Callable[[], T], deadline: Deadline, discard: Callable[[T], None]) -> T:
    """Make a call that nothing can interrupt in a thread of its own, and wait for it no longer than until the deadline.

    A thread that is left behind ends with its call, whose result is discarded.

    Raises:
        TimeoutError: the deadline passed, or was stopped.
        Exception: the one that the call raised.
    """
    result: Future[T] = Future()
    threading.Thread(target=_work, args=(call, result, discard), daemon=True, name="pullquote-call").start()
    forget = deadline.when_stopped(result.cancel)
    try:
        return result.result(deadline.left_s)
    except (CancelledError, TimeoutError):
        if not result.cancel():  # it ended at the last moment
            return result.result()
        raise TimeoutError from None
    finally:
        forget()


def _work(call: Callable[[], T], result: Future[T], discard: Callable[[T], None]) -> None:
    try:
        made = call()
    except BaseException as error:
        fault = error
        _told(lambda: result.set_exception(fault))
        return
    if not _told(lambda: result.set_result(made)):
        discard(made)


def _told(tell: Callable[[], None]) -> bool:
    try:
        tell()
    except InvalidStateError:  # nobody waits any more
        return False
    return True
