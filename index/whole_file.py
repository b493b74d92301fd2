"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pullquote.index.errors import StoreUnwritable, UsageError

_PREFIX, _SUFFIX = ".pullquote-", ".part"
_ABANDONED_S = 3600.0
"""Nobody has written to a part for as long when it is deleted."""


def check_target(folder: Path, file: Path, replace: bool) -> None:
    """See to it that a copy of the store in ``folder`` may be written to a file.

    Raises:
        UsageError: the file is in the store's folder, is none, or is there and ``replace`` is not set.
    """
    try:
        inside = file.resolve().is_relative_to(folder.resolve())
        there, is_file = file.exists(), file.is_file()
    except (OSError, RuntimeError) as error:
        raise UsageError(f"cannot use {file} ({getattr(error, 'strerror', None) or error}): name another file") from error
    if inside:
        raise UsageError(f"{file} is in the store's own folder: name a file elsewhere, so that it outlives the store")
    if there and not is_file:
        raise UsageError(f"{file} is not a file: name one")
    if there and not replace:
        raise UsageError(f"{file} is there already: name another file, or replace it with --force")


@contextlib.contextmanager
def part_beside(file: Path) -> Iterator[Path]:
    """Make a file for its owner alone, to be renamed to ``file`` when it is whole, and deleted otherwise.

    Raises:
        StoreUnwritable: the system refuses something; the error names ``file``.
    """
    part = None
    try:
        _sweep(file.parent)
        fd, name = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX, dir=file.parent)
        os.close(fd)
        part = Path(name)
        yield part
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StoreUnwritable(f"cannot write {file} ({reason}): name a file in a folder you may write to") from error
    finally:
        if part is not None:
            with contextlib.suppress(OSError):
                part.unlink()


def _sweep(folder: Path) -> None:
    """Delete what processes that were killed have left in a folder."""
    for path in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
        with contextlib.suppress(OSError):
            found = path.lstat()
            if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and found.st_mtime < time.time() - _ABANDONED_S:
                path.unlink()


def synced(path: Path) -> None:
    """Make sure that a file, or which names are in a folder, is on the disk."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
