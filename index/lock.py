"""One lock per store: whoever writes holds it; readers need none, and wait for nobody."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pullquote.index.errors import StoreBusy, StoreError, StoreUnwritable
from pullquote.index.forks import Owner

_POLL_S = 0.05
_LONGEST = 4096

_FORKING = threading.RLock()
"""Held while descriptors come and go, and while the process is forked."""
_HELD: set[int] = set()
"""The descriptors of all locks of this process; a child that kept one would keep the lock when its parent is gone."""


@dataclass(frozen=True, slots=True)
class _Holder:
    pid: int
    since: datetime
    what: str


class WriterLock:
    """An operating-system lock on a file: it ends with the process that held it, however that ends."""

    def __init__(self, path: Path, wait_s: float) -> None:
        """Name the lock's file, and how many seconds to wait for other processes; nothing is opened or made."""
        self._path = path
        self._wait_s = wait_s
        self._owner = Owner(f"the store {path.parent}")
        self._threads = threading.RLock()
        self._depth = 0
        self._fd = -1
        self._closed = False

    @contextmanager
    def writing(self, what: str = "", *, wait: bool = True) -> Iterator[None]:
        """Hold the lock for the length of the block; may be nested. ``what`` is one word for those who are refused meanwhile.

        Threads of this process wait for each other as long as it takes, other processes ``wait_s``;
        without ``wait``, neither does.

        Raises:
            StoreBusy: another process is writing.
            StoreForked: this process is a forked child of the one that opened the store.
            StoreUnwritable: the store may only be read.
        """
        self._owner.check()
        if not self._threads.acquire(blocking=wait):
            raise StoreBusy(f"the store {self._path.parent} is being written to: try again when that has ended")
        try:
            if self._depth == 0:
                self._fd = self._taken(what, self._wait_s if wait else 0.0)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0 and not self._owner.elsewhere:
                    _let_go(self._fd)
        finally:
            self._threads.release()

    @property
    def elsewhere(self) -> bool:
        """Whether this is a forked child of the process that made it."""
        return self._owner.elsewhere

    def close(self) -> None:
        """Give the lock to nobody any more; a block that holds it keeps it to its end. Closing twice does no harm."""
        self._closed = True

    def _taken(self, what: str, wait_s: float) -> int:
        """Return the descriptor of the lock file, locked."""
        if self._closed:
            raise StoreError(f"the store {self._path.parent} is closed: open it again")
        deadline = time.monotonic() + wait_s
        while True:
            fd = self._opened()
            try:
                if _lock(fd, self._path) and _is_file(fd, self._path):
                    _sign(fd, what)
                    return fd
            except BaseException:
                _close(fd)
                raise
            _close(fd)
            if time.monotonic() >= deadline:
                holder = _holder(self._path)
                raise StoreBusy(f"the store {self._path.parent} is being written to by {holder}: wait for it to end, or stop it")
            time.sleep(_POLL_S)

    def _opened(self) -> int:
        try:
            with _FORKING:
                fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                _HELD.add(fd)
                return fd
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
                reason = f"the store {self._path.parent} may only be read ({error.strerror})"
                raise StoreUnwritable(f"{reason}: check the permissions of its files") from error
            raise StoreUnwritable(f"cannot open {self._path} ({error.strerror}): name another --store") from error


def _close(fd: int) -> None:
    with _FORKING:
        _HELD.discard(fd)
        os.close(fd)


def _let_go(fd: int) -> None:
    with contextlib.suppress(OSError):
        os.ftruncate(fd, 0)
    _close(fd)


def _lock(fd: int, path: Path) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES):
            return False
        raise StoreUnwritable(f"cannot lock {path} ({error.strerror}): keep the store on a local disk") from error
    return True


def _is_file(fd: int, path: Path) -> bool:
    """Return whether a descriptor is that of the file there: one that was deleted meanwhile keeps nobody out."""
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except OSError:
        return False


def _sign(fd: int, what: str) -> None:
    signature = {"pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds"), "what": what}
    with contextlib.suppress(OSError):  # a full disk: the lock holds all the same
        os.ftruncate(fd, 0)
        os.pwrite(fd, json.dumps(signature).encode(), 0)


# -- who holds it ---------------------------------------------------------------------------------


def _holder(path: Path) -> str:
    """Name who holds a lock, since when and what for, as far as that is known."""
    signed, held = _signature(path), _pids(path)
    if held is None:  # no list of locks on this system: a living process that signed is probably it
        held = {signed.pid} if signed is not None and _is_alive(signed.pid) else set()
    others = sorted(held - {os.getpid()})
    if not held:
        return "another process"
    name = f"process {', '.join(map(str, others))}" if others else f"this process ({os.getpid()})"
    if signed is None or signed.pid not in (others or held):
        return name
    now = datetime.now(UTC)
    day = "" if (now - signed.since).days < 1 else "%Y-%m-%d "
    since = signed.since.astimezone().strftime(f"{day}%H:%M:%S")
    return f"{name}{f' ({signed.what})' * bool(signed.what)} since {since}, {_lasted((now - signed.since).total_seconds())}"


def _lasted(seconds: float) -> str:
    minutes = max(0, int(seconds)) // 60
    if minutes < 1:
        return f"{max(0, int(seconds))} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _signature(path: Path) -> _Holder | None:
    try:
        with path.open("rb") as file:
            known = json.loads(file.read(_LONGEST))
        return _Holder(int(known["pid"]), datetime.fromisoformat(known["since"]).astimezone(UTC), str(known["what"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _pids(path: Path) -> set[int] | None:
    """Return the processes that hold the lock, or None where the system does not tell."""
    try:
        status = path.stat()
        lines = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    except OSError:
        return None
    mark = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    held = {words[4] for words in lines if words[1] == "FLOCK" and words[5] == mark and words[4].isdecimal()}
    return {int(pid) for pid in held} or None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True


# -- forks ----------------------------------------------------------------------------------------


def _drop() -> None:
    """Close the descriptors in a child: unlocking them would unlock them for its parent, too."""
    for fd in _HELD:
        with contextlib.suppress(OSError):
            os.close(fd)
    _HELD.clear()
    _FORKING.release()


os.register_at_fork(before=_FORKING.acquire, after_in_parent=_FORKING.release, after_in_child=_drop)
