"""The folders in which a store keeps its vector indexes: how they are named, and which of them stay."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from pullquote.index.errors import IndexDamaged, StoreBusy, StoreUnwritable
from pullquote.index.lock import StoreLock

INDEX = "index-"
"""Folders of vector indexes are named so, with a number that is not used twice."""
BEFORE = "catalog.before-restore-"
"""Catalogs in whose place a backup was put are named so, with a number that is not used twice."""


def fresh_name(store: Path, *used: str | None) -> str:
    """Return a name for a new index in a store's folder: none of those there, and none of those ``used`` before."""
    # A name is not used twice: Chroma keeps what it knows of a path for as long as anyone has it open.
    names = [path.name for path in store.glob(f"{INDEX}*")] + [name or "" for name in used]
    numbers = [int(name[len(INDEX) :]) for name in names if name[len(INDEX) :].isdecimal()]
    return f"{INDEX}{max(numbers, default=0) + 1}"


class Closable(Protocol):
    """An open index."""

    def close(self) -> None:
        """Let go of the files."""


def close_quietly(index: Closable | None) -> None:
    """Close an index, if there is one, that may be damaged."""
    if index is not None:
        with contextlib.suppress(IndexDamaged):
            index.close()


def discard(folder: Path, index: Closable | None) -> None:
    """Delete an index that could not be finished: where the disk is full, its room is needed."""
    close_quietly(index)
    shutil.rmtree(folder, ignore_errors=True)


def sweep_after_a_crash(store: Path, lock: StoreLock, current: Callable[[], str | None]) -> None:
    """Delete what a process that was killed has left beside the current index, unless the store is in use."""
    if len(list(store.glob(f"{INDEX}*"))) > 1:
        with contextlib.suppress(StoreBusy, StoreUnwritable), lock.writing(wait=False):
            sweep(store, keep=current())


def sweep(store: Path, keep: str | None) -> None:
    """Delete all indexes in a store's folder but one, and shut out other users from that one's files."""
    for path in store.glob(f"{INDEX}*"):
        with contextlib.suppress(OSError):
            if path.name == keep:
                for part in path.rglob("*"):
                    part.chmod(0o700 if part.is_dir() else 0o600)
            elif path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
