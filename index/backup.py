"""A store in one file: written while others use the store, and put back in its place."""

from __future__ import annotations

import contextlib
import os
import shutil
import struct
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pullquote.index.catalog import Catalog
from pullquote.index.catalog_report import damage_of
from pullquote.index.database import Database
from pullquote.index.errors import StoreBusy, StoreDamaged, StoreTooNew, StoreUnwritable, UsageError
from pullquote.index.folders import BEFORE, sweep
from pullquote.index.lock import StoreLock
from pullquote.index.records import IndexState
from pullquote.index.schema import APPLICATION_ID, SCHEMA_VERSION
from pullquote.index.store import CATALOG, LOCK, check_folder

_MAGIC = b"SQLite format 3\0"
_PATIENCE_S = 30.0
_PART = "catalog.restoring"
_SIDES = ("-journal", "-wal", "-shm")
"""What SQLite keeps beside its file; a journal that stays behind would be played into the next file of that name."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a backup holds."""

    articles: int
    chunks: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Restored:
    """What a store holds after a backup was put in its place."""

    kept: Kept
    before: Path | None
    """Where the catalog went that was there before."""


def backup(folder: Path, file: Path, *, replace: bool = False) -> Kept:
    """Write everything a store holds at one moment to one file; others may read the store meanwhile, and one may write.

    Raises:
        UsageError: the file is there and ``replace`` is not set, or it is no place for a backup.
        StoreMissing, NotAStore: there is no such store.
        StoreDamaged, StoreTooNew: the store's catalog is not sound, or not for this version; no file is written.
        StoreBusy: another program does not let go of the catalog, or it was replaced meanwhile.
        StoreUnwritable: the system refuses, or the disk is full; no file is written.
    """
    check_folder(folder, create=False)
    _check_target(folder, file, replace)
    with _part_beside(file) as part:
        _copy_of_catalog(folder / CATALOG, part, file)
        kept = _sound(part, f"{folder / CATALOG}", "no backup was made; an earlier one is put back with pullquote restore FILE")
        _synced(part)
        os.replace(part, file)
        _synced(file.parent)
    return kept


def restore(file: Path, folder: Path, wait_s: float) -> Restored:
    """Put a backup in the place of a store's catalog, which is kept under another name, whatever its state.

    Nobody may have the store open. The vector index is dropped: the next use makes it anew, without embedding.

    Raises:
        UsageError: the file is not there, or is the store's own catalog.
        StoreDamaged, StoreTooNew: the file is not a sound backup, or not for this version; nothing is changed.
        StoreBusy: somebody has the store open.
        NotAStore: the folder holds other things.
        StoreUnwritable: the system refuses; nothing is changed.
    """
    _check_source(folder, file)
    made = not folder.exists()
    with contextlib.suppress(StoreDamaged):  # a catalog that was lost is what backups are for
        check_folder(folder, create=True)
    try:
        with contextlib.closing(StoreLock(folder / LOCK, wait_s)) as lock, lock.writing():
            return _put_in_place(file, folder)
    except BaseException:
        if made and not (folder / CATALOG).exists():
            with contextlib.suppress(OSError):
                (folder / LOCK).unlink()
                folder.rmdir()
        raise


# -- a backup -------------------------------------------------------------------------------------


def _check_target(folder: Path, file: Path, replace: bool) -> None:
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
def _part_beside(file: Path) -> Iterator[Path]:
    """Make a file, for its owner alone, that is renamed when it is whole; what the system refuses is told of the other one."""
    part = None
    try:
        fd, name = tempfile.mkstemp(prefix=".pullquote-", suffix=".part", dir=file.parent)
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


def _copy_of_catalog(catalog: Path, part: Path, file: Path) -> None:
    was = catalog.stat()
    with contextlib.closing(_opened(catalog)) as db:
        try:
            db.backup_to(part)
        except StoreUnwritable as error:
            reason = error.__cause__ or error
            raise StoreUnwritable(f"cannot write {file} ({reason}): free some space, or name a file on another disk") from error
    if not catalog.exists() or not os.path.samestat(was, catalog.stat()):
        raise StoreBusy(f"{catalog} was replaced meanwhile: try again")


def _opened(catalog: Path) -> Database:
    """Open the catalog, between two changes of whoever writes to it."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return Database(catalog, create=False)
        except StoreBusy:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


# -- putting one back -----------------------------------------------------------------------------


def _check_source(folder: Path, file: Path) -> None:
    """Tell a backup by its first bytes: SQLite would play back a journal that lies beside it."""
    try:
        # Asked first: closing a file that is open as a database here, too, would let go of its locks.
        if (folder / CATALOG).exists() and file.samefile(folder / CATALOG):
            raise UsageError(f"{file} is the store's own catalog: name a backup")
        with file.open("rb") as opened:
            head = opened.read(100)
        pending = [side for side in _SIDES if _size(file.with_name(file.name + side))]
    except OSError as error:
        raise UsageError(f"cannot read {file} ({error.strerror}): name a file that pullquote backup wrote") from error
    version, application = struct.unpack(">60xI4xI28x", head.ljust(100, b"\0"))
    if not head.startswith(_MAGIC) or application != APPLICATION_ID:
        raise StoreDamaged(f"{file} is not a backup of a store: name a file that pullquote backup wrote")
    if version > SCHEMA_VERSION:
        raise StoreTooNew(f"{file} was written by a newer pullquote (schema {version}): upgrade pullquote")
    if pending:
        raise StoreDamaged(f"{file} is in use, or a change to it was cut off: name a file that pullquote backup wrote")


def _put_in_place(file: Path, folder: Path) -> Restored:
    part = folder / _PART
    try:
        kept = _copied(file, part)
        before = _moved_aside(folder)
        os.replace(part, folder / CATALOG)
        _synced(folder)
        sweep(folder, keep=None)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StoreUnwritable(f"cannot restore {folder} ({reason}): check its permissions and the free space") from error
    finally:
        _clear(part)
    return Restored(kept, before)


def _copied(file: Path, part: Path) -> Kept:
    """Copy a backup, and see to it that what was copied is sound and names no vector index."""
    _clear(part)
    with file.open("rb") as source, open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
    kept = _sound(part, f"{file}", "name another backup; nothing was changed")
    with contextlib.closing(Catalog(part)) as catalog:
        catalog.set_index_state(IndexState(None, -1, dirty=False))
    _synced(part)
    return kept


def _moved_aside(folder: Path) -> Path | None:
    """Rename the catalog that is there, and what SQLite keeps beside it, to names that nothing has."""
    there = [side for side in ("", *_SIDES) if os.path.lexists(folder / f"{CATALOG}{side}")]
    taken = [path.name.removeprefix(BEFORE).split(".")[0] for path in folder.glob(f"{BEFORE}*")]
    number = max((int(name) for name in taken if name.isdecimal()), default=0) + 1
    before = folder / f"{BEFORE}{number}.sqlite"
    for side in there:  # the catalog first: without its journal, a change that was cut off would pass for a whole one
        os.rename(folder / f"{CATALOG}{side}", f"{before}{side}")
    return before if "" in there else None


# -- both -----------------------------------------------------------------------------------------


def _sound(part: Path, name: str, remedy: str) -> Kept:
    """Count what a copy holds; ``name`` is what it is a copy of.

    Raises:
        StoreDamaged: it is not sound.
    """
    try:
        with contextlib.closing(Database(part, create=False)) as db:
            damage = damage_of(db)
        with contextlib.closing(Catalog(part)) as catalog:
            kept = Kept(len(catalog.ids()), len(catalog.chunk_ids()), part.stat().st_size)
    except StoreDamaged as error:
        damage = [str(error.__cause__ or error)]
    if damage:
        raise StoreDamaged(f"{name} is damaged ({damage[0]}): {remedy}")
    return kept


def _synced(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _clear(part: Path) -> None:
    for side in ("", *_SIDES):
        part.with_name(part.name + side).unlink(missing_ok=True)
