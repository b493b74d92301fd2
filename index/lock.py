"""One lock per store: any number of readers, or one writer."""

from __future__ import annotations

import errno
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pullquote.index.errors import StoreBusy, StoreError, StoreUnwritable

_POLL_S = 0.05


class StoreLock:
    """An operating-system lock on a file: it ends with the process that held it, however that ends."""

    def __init__(self, path: Path, wait_s: float) -> None:
        """Take the lock for reading.

        Raises:
            StoreBusy: another process is writing.
            StoreUnwritable: the lock file cannot be made.
        """
        self._path = path
        self._wait_s = wait_s
        self._threads = threading.RLock()
        self._depth = 0
        self._fd, self._writable = _opened(path)
        try:
            self._take(fcntl.LOCK_SH, wait_s)
        except StoreError:
            self.close()
            raise

    @contextmanager
    def writing(self, *, wait: bool = True) -> Iterator[None]:
        """Hold the lock alone for the length of the block; may be nested.

        Threads of this process wait for each other as long as it takes, other processes ``wait_s``;
        without ``wait``, neither does.

        Raises:
            StoreBusy: another process is reading or writing.
            StoreUnwritable: the store may only be read.
        """
        if not self._threads.acquire(blocking=wait):
            raise StoreBusy(f"the store {self._path.parent} is being written to: try again when that has ended")
        try:
            if self._depth == 0:
                self._alone(self._wait_s if wait else 0.0)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0 and self._fd >= 0:
                    fcntl.flock(self._fd, fcntl.LOCK_SH)
        finally:
            self._threads.release()

    def close(self) -> None:
        """Let go; closing twice does no harm."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def _alone(self, wait_s: float) -> None:
        if self._fd < 0:
            raise StoreError(f"the store {self._path.parent} is closed: open it again")
        if not self._writable:
            raise StoreUnwritable(f"the store {self._path.parent} may only be read: check the permissions of its files")
        try:
            self._take(fcntl.LOCK_EX, wait_s)
        except StoreBusy:
            # A failed upgrade may have cost the shared lock.
            self._take(fcntl.LOCK_SH, wait_s)
            raise
        os.pwrite(self._fd, f"{os.getpid():<20}".encode(), 0)

    def _take(self, kind: int, wait_s: float) -> None:
        deadline = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(self._fd, kind | fcntl.LOCK_NB)
                return
            except OSError as error:
                if error.errno not in (errno.EAGAIN, errno.EACCES):
                    reason = f"cannot lock {self._path} ({error.strerror})"
                    raise StoreUnwritable(f"{reason}: keep the store on a local disk") from error
            if time.monotonic() >= deadline:
                raise StoreBusy(f"the store {self._path.parent} is in use by {self._holder()}: wait for it to end, or stop it")
            time.sleep(_POLL_S)

    def _holder(self) -> str:
        pids = self._pids()
        if pids == [str(os.getpid())]:
            return f"this process ({pids[0]})"
        return f"process {', '.join(pids)}" if pids else "another process"

    def _pids(self) -> list[str]:
        status = os.fstat(self._fd)
        mark = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
        try:
            lines = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
        except OSError:
            lines = []
        held = {words[4] for words in lines if words[1] == "FLOCK" and words[5] == mark and words[4].isdecimal()}
        if held:
            return sorted(held - {str(os.getpid())} or held)
        # No such list on this system: the last writer is known, and a living one is probably it.
        pid = os.pread(self._fd, 20, 0).decode("ascii", "replace").strip()
        return [pid] if pid.isdecimal() and _is_alive(int(pid)) else []


def _opened(path: Path) -> tuple[int, bool]:
    """Return the lock file's descriptor and whether it may be written to."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), True
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise StoreUnwritable(f"cannot open {path} ({error.strerror}): name another --store") from error
        reason = error.strerror
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC), False
    except OSError as error:
        raise StoreUnwritable(f"cannot make {path} ({reason}): check the permissions, or name another --store") from error


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
