"""What is made once in a process, however many threads ask for it first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache, wraps
from typing import TypeVar

T = TypeVar("T")


def once(make: Callable[[], T]) -> Callable[[], T]:
    """Return a function that makes a thing when it is first called; who comes meanwhile waits for it and gets the same."""
    made, lock = cache(make), threading.Lock()

    @wraps(make)
    def get() -> T:
        with lock:
            return made()

    return get
