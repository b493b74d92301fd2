"""The only layer that asks again: three requests at most, none that the deadline forbids, none to a server that is down."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from pullquote.index.errors import ModelError, ModelRequestRefused, ModelUnreachable
from pullquote.qa.llm.faults import timeout
from pullquote.qa.llm.place import Place
from pullquote.qa.llm.types import Deadline

T = TypeVar("T")
MAX_REQUESTS = 3
FAILURES = 10
"""Failures in a row after which a server is left alone for a while."""
REST_S = 30.0
_FIRST_PAUSE_S = 0.5
_JITTER_S = 0.25


class Breaker:
    """Remembers a server that is down, so that nobody waits for it; after half a minute one request may try."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._failures, self._since = 0, 0.0

    def let_through(self) -> bool:
        """Tell whether a request may be made now; after a rest only the first who asks may."""
        with self._lock:
            if self._failures < FAILURES:
                return True
            rested = self._clock() - self._since >= REST_S
            if rested:
                self._since = self._clock()
            return rested

    def succeeded(self) -> None:
        """Note that the server answered, if only with a refusal."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """Note that it did not, or only that it cannot."""
        with self._lock:
            self._failures += 1
            self._since = self._clock()


class Line:
    """What this process shares about one server: how many calls may be under way, and whether it is down."""

    def __init__(self, in_flight: int) -> None:
        self.breaker = Breaker()
        self._free, self._changed = in_flight, threading.Condition()

    @contextmanager
    def slot(self, place: Place, deadline: Deadline) -> Iterator[None]:
        """Wait for one's turn.

        Raises:
            ModelTimeout: it did not come before the deadline.
            Stopped: the deadline was ended early.
        """
        self._take(place, deadline)
        try:
            yield
        finally:
            self._give()

    def _take(self, place: Place, deadline: Deadline) -> None:
        forget = deadline.when_stopped(self._wake)
        try:
            with self._changed:
                if not self._changed.wait_for(lambda: self._free or deadline.stopped, deadline.left_s):
                    raise timeout(place, deadline)
                deadline.check()
                self._free -= 1
        finally:
            forget()

    def _give(self) -> None:
        with self._changed:
            self._free += 1
            self._changed.notify_all()  # one alone might be one that gives up

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


_lines: dict[tuple[str, int], Line] = {}
_lines_lock = threading.Lock()


def line_to(base_url: str, in_flight: int) -> Line:
    """Return the one line of this process to a server."""
    with _lines_lock:
        return _lines.setdefault((base_url, in_flight), Line(in_flight))


def persist(
    attempt: Callable[[], T],
    deadline: Deadline,
    line: Line,
    place: Place,
    adapt: Callable[[ModelError], bool] = lambda _: False,
    draw: Callable[[], float] = random.random,
) -> tuple[T, int]:
    """Make an attempt, again where that may help; return its result and how many requests it took.

    ``attempt`` makes one request and raises nothing but ``ModelError`` and ``Stopped``. ``adapt`` is told of a refused request
    and says whether it changed something so that asking again at once makes sense. ``draw`` returns numbers from 0 to 1.

    Raises:
        ModelError: the last attempt's; ``requests`` says how many there were.
        ModelUnreachable: the server failed so often that it was not asked.
        Stopped: the deadline was ended early, if only between two requests.
    """
    if not line.breaker.let_through():
        what = f"failed {FAILURES} times in a row and is left alone for {REST_S:.0f} s"
        raise ModelUnreachable(place.say(what, "try again later, or check OPENAI_BASE_URL"))
    for number in range(1, MAX_REQUESTS + 1):
        try:
            result = attempt()
        except ModelError as error:
            fault = error
        else:
            line.breaker.succeeded()
            return result, number
        (line.breaker.failed if fault.retryable else line.breaker.succeeded)()
        fault.requests = number
        changed = isinstance(fault, ModelRequestRefused) and adapt(fault)
        pause_s = 0.0 if changed else _pause_s(fault, number, draw())
        if number == MAX_REQUESTS or not (changed or fault.retryable) or pause_s >= deadline.left_s:
            break
        deadline.wait(pause_s)
        if not line.breaker.let_through():
            break
    raise fault


def _pause_s(error: ModelError, number: int, drawn: float) -> float:
    """Return the seconds to wait: what the server asks for and a little more, else 0.25 to 0.75 s, doubled each time."""
    if error.retry_after_s is not None:
        return error.retry_after_s + _JITTER_S * drawn
    return _FIRST_PAUSE_S * float(2 ** (number - 1)) * (0.5 + drawn)
