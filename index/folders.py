"""The folders in which a store keeps its vector indexes: how they are named, and which of them stay."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

INDEX = "index-"
"""Folders of vector indexes are named so, with a number that is not used twice."""


def fresh_name(store: Path, current: str | None) -> str:
    """Return a name for a new index in a store's folder whose index is the ``current`` one."""
    # A name is not used twice: Chroma keeps what it knows of a path for as long as anyone has it open.
    names = [path.name for path in store.glob(f"{INDEX}*")] + [current or ""]
    numbers = [int(name[len(INDEX) :]) for name in names if name[len(INDEX) :].isdecimal()]
    return f"{INDEX}{max(numbers, default=0) + 1}"


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
