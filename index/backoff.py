"""When something that has failed is worth another attempt."""

from __future__ import annotations

import time

_AGAIN_S = 60.0


class Backoff:
    """Remembers the last failure: as long as nothing has changed since, the same would fail again."""

    def __init__(self) -> None:
        """Begin without a failure."""
        self._failed: tuple[int, float] | None = None

    def note(self, revision: int) -> None:
        """Remember that an attempt has failed now, with things as they were at a revision."""
        self._failed = revision, time.monotonic()

    def forget(self) -> None:
        """Remember that an attempt went well."""
        self._failed = None

    def holds(self, revision: int) -> bool:
        """Return whether the last attempt failed at this very revision, less than a minute ago."""
        return self._failed is not None and self._failed[0] == revision and time.monotonic() - self._failed[1] < _AGAIN_S
