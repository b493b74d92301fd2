"""One lock per store: any number of readers, or one writer."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pullquote.index.errors import StoreBusy

_POLL_S = 0.05


class StoreLock:
    """An operating-system lock on a file: it ends with the process that held it, however that ends."""

    def __init__(self, path: Path, wait_s: float) -> None:
        """Take the lock for reading.

        Raises:
            StoreBusy: another process is writing.
        """
        self._path = path
        self._wait_s = wait_s
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._depth = 0
        try:
            self._take(fcntl.LOCK_SH)
        except StoreBusy:
            os.close(self._fd)
            raise

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lock alone for the length of the block; may be nested.

        Raises:
            StoreBusy: another process is reading or writing.
        """
        if self._depth == 0:
            try:
                self._take(fcntl.LOCK_EX)
            except StoreBusy:
                # A failed upgrade may have cost the shared lock.
                self._take(fcntl.LOCK_SH)
                raise
            os.pwrite(self._fd, f"{os.getpid():<20}".encode(), 0)
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if self._depth == 0:
                fcntl.flock(self._fd, fcntl.LOCK_SH)

    def close(self) -> None:
        """Let go."""
        os.close(self._fd)

    def _take(self, kind: int) -> None:
        deadline = time.monotonic() + self._wait_s
        while True:
            try:
                fcntl.flock(self._fd, kind | fcntl.LOCK_NB)
                return
            except OSError as error:
                if error.errno not in (errno.EAGAIN, errno.EACCES):
                    raise
            if time.monotonic() >= deadline:
                raise StoreBusy(f"the store {self._path.parent} is in use by {self._holder()}: wait for it to end, or stop it")
            time.sleep(_POLL_S)

    def _holder(self) -> str:
        pid = os.pread(self._fd, 20, 0).decode("ascii", "replace").strip()
        return f"process {pid}" if pid.isdecimal() and Path(f"/proc/{pid}").exists() else "another process"
