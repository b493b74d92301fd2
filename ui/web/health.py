"""Whether the server can take questions now, for those who watch it."""

from __future__ import annotations

import shutil
from pathlib import Path

LEAST_FREE_BYTES = 200 * 10**6


def unready(opening: bool, stopping: bool, free_bytes: int) -> str | None:
    """Return why no questions should be sent here, None where they may."""
    if opening:
        return "opening"
    if stopping:
        return "stopping"
    if free_bytes < LEAST_FREE_BYTES:
        return f"only {free_bytes // 10**6} MB of disk are left, {LEAST_FREE_BYTES // 10**6} MB are needed"
    return None


def free_bytes(folder: Path) -> int:
    """Return the free space where a folder is, or will be."""
    there = next((path for path in (folder, *folder.absolute().parents) if path.exists()), Path("/"))
    return shutil.disk_usage(there).free
