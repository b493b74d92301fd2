"""When something is worth another attempt."""

from __future__ import annotations

import time

_AGAIN_S = 60.0


class Backoff:
    """Remembers the last attempt: for a minute, or until something has changed, another one would end as that did."""

    def __init__(self) -> None:
        """Begin without an attempt."""
        self._last: tuple[int, float] | None = None

    def note(self, revision: int) -> None:
        """Remember an attempt that was made now, with things as they were at a revision."""
        self._last = revision, time.monotonic()

    def forget(self) -> None:
        """Remember that an attempt is welcome."""
        self._last = None

    def holds(self, revision: int | None = None) -> bool:
        """Return whether the last attempt was made less than a minute ago: at this very revision, or whenever by default."""
        if self._last is None or time.monotonic() - self._last[1] >= _AGAIN_S:
            return False
        return revision is None or self._last[0] == revision
