"""The cores that this process may use, shared out between the texts that its models read: those somebody waits for come first."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from heapq import heappop, heappush
from itertools import count as count_up
from typing import TypeVar

from pullquote.index.errors import SettingsError
from pullquote.index.once import once

T = TypeVar("T")
R = TypeVar("R")
THREADS = "PULLQUOTE_THREADS"
"""Environment variable: how many cores the models may use (default: all); several processes side by side share them out."""
_URGENT_TEXTS = 10
"""So many are read between two others: adding goes on, if slowly, however many ask."""


class Cores:
    """As many texts are read at once as there are cores, by whichever model and for whomever.

    Texts are urgent when somebody waits for them. The fewer were asked for together, the earlier they are read: a question's
    longest step comes near its beginning, and what is left of one that is nearly answered does not wait for those that came
    after it. Other texts are read while no urgent ones are under way, and one of them after every few urgent ones.
    """

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, "onnx")
        self._changed = threading.Condition()
        self._urgent: list[tuple[int, int, Callable[[], None]]] = []
        """A heap: how many came together, a number of their own, and what is to be done."""
        self._others: deque[Callable[[], None]] = deque()
        self._numbers = count_up()
        self._asking = 0
        """Who waits for urgent texts."""
        self._passed = 0
        """Urgent texts that were begun since the last other one."""

    def map(self, work: Callable[[T], R], items: Sequence[T], *, urgent: bool) -> list[R]:
        """Return what ``work`` makes of each item, in their order."""
        results: list[Future[R]] = [Future() for _ in items]
        jobs: list[Callable[[], None]] = [partial(_do, work, *pair) for pair in zip(items, results, strict=True)]
        with self._changed:
            self._asking += urgent
            if urgent:
                for job in jobs:
                    heappush(self._urgent, (len(jobs), next(self._numbers), job))
            else:
                self._others += jobs
            self._changed.notify_all()
        try:
            for _ in jobs:
                self._pool.submit(self._do_next)
            return [result.result() for result in results]
        finally:
            with self._changed:
                self._asking -= urgent
                self._changed.notify_all()

    def _do_next(self) -> None:
        with self._changed:
            while (job := self._next()) is None:
                self._changed.wait()
        job()

    def _next(self) -> Callable[[], None] | None:
        if self._others and (self._passed >= _URGENT_TEXTS or not self._asking):
            self._passed = 0
            return self._others.popleft()
        if not self._urgent:
            return None
        self._passed += 1
        return heappop(self._urgent)[2]


def _do(work: Callable[[T], R], item: T, result: Future[R]) -> None:
    try:
        made = work(item)
    except BaseException as error:
        result.set_exception(error)
    else:
        result.set_result(made)


@once
def shared_cores() -> Cores:
    """Return the cores of this process.

    Raises:
        SettingsError: as ``threads_to_use``.
    """
    return Cores(threads_to_use())


def threads_to_use() -> int:
    """Return how many texts models read at once; their numbers do not depend on it.

    Raises:
        SettingsError: ``PULLQUOTE_THREADS`` is not a whole number from 1 to 256.
    """
    text = os.environ.get(THREADS)
    if text:
        if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 256):
            raise SettingsError(f"{THREADS} must be a whole number from 1 to 256, not {text!r}")
        return int(text)
    return available_cores()


def available_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
