"""What a store keeps beside its catalog: folders of the vector index, and damaged ones that were put aside."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pullquote.index.errors import StoreBusy, StoreUnwritable
from pullquote.index.failpoints import failpoint
from pullquote.index.lock import WriterLock
from pullquote.index.records import Segment

CATALOG = "catalog.sqlite"
LOCK = "lock"
"""The file that a store is about; all else is derived from it."""
INDEX = "index-"
"""Folders of the vector index are named so, with a number that is not used twice."""
DAMAGED = "damaged-"
"""Those that were put aside are named so, with the number that they had, and so are the reports of why."""
COMPACTING = "catalog.compacting"
"""The catalog is written anew under this name."""
MIGRATED = "before-"
"""Catalogs that were brought up to date are kept so, as they were, with the number of the new form."""
BEFORE = "catalog.before-restore-"
"""Catalogs in whose place a backup was put are named so, with a number that is not used twice."""

_REPORTS = 5
_KEPT_BYTES = 80_000_000
_SLACK_BYTES, _ROW_BYTES = 1_000_000, 1000
"""What Chroma's own database takes for a segment, and for each chunk in it, at most."""


@dataclass(frozen=True, slots=True)
class Report:
    """Why a folder of the vector index was put aside."""

    folder: str
    """The name that it had."""
    when: str
    """UTC, as ISO 8601."""
    reason: str


def next_number(store: Path, number: int) -> int:
    """Return a number for a new index in a store's folder: greater than ``number``, and than those of all that are there."""
    # A name is not used twice: Chroma keeps what it knows of a path for as long as anyone has it open.
    names = [path.name.removeprefix(INDEX) for path in store.glob(f"{INDEX}*")]
    return max([number, *(int(name) for name in names if name.isdecimal())]) + 1


def sweep_after_a_crash(store: Path, lock: WriterLock, current: Callable[[], Collection[str]]) -> None:
    """Delete what a process that was killed has left beside the current folders, unless somebody writes to the store."""
    if any(path.name not in current() for path in store.glob(f"{INDEX}*")):
        with contextlib.suppress(StoreBusy, StoreUnwritable), lock.writing("sweep", wait=False):
            sweep(store, keep=current())


def sweep(store: Path, keep: Collection[str]) -> None:
    """Delete all folders of the vector index in a store's folder but some, and a catalog that was not written to its end."""
    for path in (*store.glob(f"{INDEX}*"), *store.glob(f"{COMPACTING}*")):
        if path.name not in keep:
            _delete(path)


def orphans(store: Path, keep: Collection[str]) -> list[str]:
    """Return the names of those folders of the vector index that belong to nothing."""
    return sorted(path.name for path in store.glob(f"{INDEX}*") if path.name not in keep)


def size_bytes(folder: Path) -> int:
    """Return how many bytes the files in a folder take on the disk; what vanishes meanwhile counts nothing."""
    return sum(status.st_blocks * 512 for _, status in _files(folder))


# -- damaged folders ------------------------------------------------------------------------------


def quarantine(store: Path, segment: Segment, reason: str) -> None:
    """Put a damaged folder aside, with a report; its content stays unless it takes too much room, older ones' goes."""
    folder, number = store / segment.folder, segment.folder.removeprefix(INDEX)
    if not folder.is_dir():
        return
    for other in store.glob(f"{DAMAGED}*"):
        if other.is_dir():
            _delete(other)
    with contextlib.suppress(OSError):  # a full disk: the report is lost, the rest goes on
        _write_report(store / f"{DAMAGED}{number}.json", segment, reason, folder)
    failpoint("index-damaged")
    if size_bytes(folder) > min(_KEPT_BYTES, 2 * _expected_bytes(segment)):
        _delete(folder)
    else:
        with contextlib.suppress(OSError):
            folder.rename(store / f"{DAMAGED}{number}")


def reports(store: Path) -> list[Report]:
    """Return the reports of damaged folders, oldest first."""
    told = []
    for path in _report_files(store):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            told.append(Report(str(raw["folder"]), str(raw["when"]), str(raw["reason"])))
    return told


def _write_report(path: Path, segment: Segment, reason: str, folder: Path) -> None:
    files = [{"path": name, "bytes": status.st_size} for name, status in _files(folder)]
    when = datetime.now(UTC).isoformat(timespec="seconds")
    value = {"folder": segment.folder, "when": when, "reason": reason, "rows": segment.rows, "files": files}
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)
    for old in _report_files(path.parent)[:-_REPORTS]:
        _delete(old)


def _report_files(store: Path) -> list[Path]:
    numbered = [(path.name.removeprefix(DAMAGED).removesuffix(".json"), path) for path in store.glob(f"{DAMAGED}*.json")]
    return [path for _, path in sorted((int(number), path) for number, path in numbered if number.isdecimal())]


def _expected_bytes(segment: Segment) -> int:
    return sum(size for _, size, _ in segment.seal) + segment.rows * _ROW_BYTES + _SLACK_BYTES


def _delete(path: Path) -> None:
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    # Not rglob(): it ends with an error where a folder is deleted meanwhile.
    for path in sorted(Path(root, name) for root, _, names in os.walk(folder) for name in names):
        with contextlib.suppress(OSError):
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(folder).as_posix(), path.lstat()
