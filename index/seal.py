"""What the files of a finished segment are, so that damage is seen before Chroma meets it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

Seal = tuple[tuple[str, int, int], ...]
"""Path below the folder, bytes and CRC-32 of each file, in the order of the paths."""
CATALOG = "chroma.sqlite3"
"""Chroma's own catalog, and what SQLite may keep beside it: not sealed, because Chroma notes in it whenever it is opened."""
_PIECE = 1 << 20


def seal_of(folder: Path) -> Seal:
    """Return the seal of a segment that is finished and closed.

    Raises:
        OSError: the files cannot be read.
    """
    sealed = [(name, info.st_size) for name, info in _files(folder) if stat.S_ISREG(info.st_mode) and not _unsealed(name)]
    return tuple((name, size, _sum_of(folder / name)) for name, size in sealed)


def broken(folder: Path, seal: Seal) -> str | None:
    """Return what is wrong with the files of a segment, in a few words; None when they are as they were sealed.

    Sizes are compared first: a file that has grown beyond all bounds is not read.
    """
    if folder.is_symlink():
        return "it is a link"
    try:
        found = dict(_files(folder))
        return _wrong_names(found, seal) or _wrong_sizes(found, seal) or _wrong_sums(folder, seal)
    except OSError as error:
        return f"it cannot be read ({error.strerror})"


def _wrong_names(found: dict[str, os.stat_result], seal: Seal) -> str | None:
    for name in sorted({CATALOG, *(name for name, _, _ in seal)} - found.keys()):
        return f"{_short(name)} is missing"
    for name, info in found.items():
        if not stat.S_ISREG(info.st_mode):
            return f"{_short(name)} is not a plain file"
    for name in sorted(found.keys() - {name for name, _, _ in seal}):
        if not _unsealed(name):
            return f"{_short(name)} does not belong to it"
    return None


def _wrong_sizes(found: dict[str, os.stat_result], seal: Seal) -> str | None:
    for name, size, _ in seal:
        if found[name].st_size != size:
            return f"{_short(name)} is {found[name].st_size} bytes long, not {size}"
    return None if found[CATALOG].st_size else f"{CATALOG} is empty"


def _wrong_sums(folder: Path, seal: Seal) -> str | None:
    for name, _, checksum in seal:
        if _sum_of(folder / name) != checksum:
            return f"{_short(name)} has other bytes than when it was written"
    return None


def _files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield what is in a folder and in its folders, links as what they are, in the order of the names."""
    for entry in _entries(folder):
        if entry.is_dir(follow_symlinks=False):
            for inner in _entries(folder / entry.name):
                yield f"{entry.name}/{inner.name}", inner.stat(follow_symlinks=False)
        else:
            yield entry.name, entry.stat(follow_symlinks=False)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _unsealed(name: str) -> bool:
    return name in (CATALOG, f"{CATALOG}-journal", f"{CATALOG}-wal", f"{CATALOG}-shm")


def _short(name: str) -> str:
    return name.rpartition("/")[2]


def _sum_of(path: Path) -> int:
    value = 0
    with path.open("rb", buffering=0) as file:
        while piece := file.read(_PIECE):
            value = crc32(piece, value)
    return value
