"""How much memory this process and its children hold, now and at most."""

from __future__ import annotations

import threading
from contextlib import suppress

import psutil

_EVERY_S = 0.2


def memory_mb() -> float:
    """Return the resident memory of this process and all its children, in megabytes."""
    process, total = psutil.Process(), 0
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.Error):  # it has just ended
            total += one.memory_info().rss
    return round(total / 2**20, 1)


class Peak:
    """Looks at the memory again and again, as long as the block lasts."""

    def __init__(self) -> None:
        self.peak_mb = 0.0
        """The most that was seen."""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while True:
            self.peak_mb = max(self.peak_mb, memory_mb())
            if self._ended.wait(_EVERY_S):
                return
