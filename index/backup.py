"""A store in one file: written while others use the store, and put back in its place."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from pullquote.index.catalog import Catalog
from pullquote.index.catalog_report import damage_of
from pullquote.index.database import Database
from pullquote.index.database_file import kind_of
from pullquote.index.errors import StoreBusy, StoreDamaged, StoreError, StoreTooNew, StoreUnwritable, UsageError
from pullquote.index.folders import BEFORE, next_number, sweep
from pullquote.index.lock import WriterLock
from pullquote.index.migrations import upgrade
from pullquote.index.records import IndexState
from pullquote.index.schema import APPLICATION_ID, SCHEMA_VERSION
from pullquote.index.store import CATALOG, LOCK, check_folder
from pullquote.index.whole_file import check_target, part_beside, synced

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
    check_target(folder, file, replace)
    with part_beside(file) as part:
        _copy_of_catalog(folder / CATALOG, part, file)
        kept = _sound(part, f"{folder / CATALOG}", "no backup was made; an earlier one is put back with pullquote restore FILE")
        synced(part)
        os.replace(part, file)
        synced(file.parent)
    return kept


def restore(file: Path, folder: Path, wait_s: float) -> Restored:
    """Put a backup in the place of a store's catalog, which is kept under another name, whatever its state.

    Whoever has the store open goes on with what was restored. The vector index is dropped: the next write makes it anew,
    without embedding. Catalogs that were kept before stay, too: each may be the only one with articles that are in no backup.

    Raises:
        UsageError: the file is not there, or is the store's own catalog.
        StoreDamaged, StoreTooNew: the file is not a sound backup, or not for this version; nothing is changed.
        StoreBusy: somebody writes to the store.
        NotAStore: the folder holds other things.
        StoreUnwritable: the system refuses; nothing is changed.
    """
    _check_source(folder, file)
    made = not folder.exists()
    with contextlib.suppress(StoreDamaged):  # a catalog that was lost is what backups are for
        check_folder(folder, create=True)
    try:
        with contextlib.closing(WriterLock(folder / LOCK, wait_s)) as lock, lock.writing("restore"):
            return _put_in_place(file, folder)
    except BaseException:
        if made and not (folder / CATALOG).exists():
            with contextlib.suppress(OSError):
                (folder / LOCK).unlink()
                folder.rmdir()
        raise


# -- a backup -------------------------------------------------------------------------------------


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
        kind = kind_of(file)
        pending = [side for side in _SIDES if _size(file.with_name(file.name + side))]
    except OSError as error:
        raise UsageError(f"cannot read {file} ({error.strerror}): name a file that pullquote backup wrote") from error
    if kind is None or kind[0] != APPLICATION_ID:
        raise StoreDamaged(f"{file} is not a backup of a store: name a file that pullquote backup wrote")
    if kind[1] > SCHEMA_VERSION:
        raise StoreTooNew(f"{file} was written by a newer pullquote (schema {kind[1]}): upgrade pullquote")
    if pending:
        raise StoreDamaged(f"{file} is in use, or a change to it was cut off: name a file that pullquote backup wrote")


def _put_in_place(file: Path, folder: Path) -> Restored:
    part = folder / _PART
    try:
        kept = _copied(file, part)
        _number_on(part, folder)
        before = _kept_aside(folder)
        os.replace(part, folder / CATALOG)
        synced(folder)
        sweep(folder, keep=())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StoreUnwritable(f"cannot restore {folder} ({reason}): check its permissions and the free space") from error
    finally:
        _clear(part)
    return Restored(kept, before)


def _copied(file: Path, part: Path) -> Kept:
    """Copy a backup, and see to it that what was copied is sound."""
    _clear(part)
    with file.open("rb") as source, open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
    return _sound(part, f"{file}", "name another backup; nothing was changed")


def _number_on(part: Path, folder: Path) -> None:
    """Number a copy higher than what it replaces, for those who remember things by such numbers; it has no vector index."""
    revision, number = _numbers(folder / CATALOG)
    with contextlib.closing(Database(part, create=False)) as db, db.transaction():
        known = IndexState.from_json(db.meta("index") or "").number
        db.set_meta("revision", str(max(int(db.meta("revision") or 0), revision) + 1))
        db.set_meta("index", IndexState(number=next_number(folder, max(known, number))).to_json())
    synced(part)


def _numbers(catalog: Path) -> tuple[int, int]:
    """Return the revision of a catalog and the highest number of its vector indexes; what was cut off in it is taken back."""
    try:
        with contextlib.closing(Database(catalog, create=False)) as db:
            return int(db.meta("revision") or 0), IndexState.from_json(db.meta("index") or "").number
    except StoreBusy:
        raise
    except (StoreError, ValueError):
        return int(time.time() * 1000), 0  # lost, or unreadable: more than any has had by now


def _kept_aside(folder: Path) -> Path | None:
    """Give the catalog that is there another name, and what SQLite keeps beside it, that nothing has."""
    there = [side for side in ("", *_SIDES) if os.path.lexists(folder / f"{CATALOG}{side}")]
    taken = [path.name.removeprefix(BEFORE).split(".")[0] for path in folder.glob(f"{BEFORE}*")]
    number = max((int(name) for name in taken if name.isdecimal()), default=0) + 1
    before = folder / f"{BEFORE}{number}.sqlite"
    if there == [""]:
        with contextlib.suppress(OSError):  # some file systems have one name for a file
            os.link(folder / CATALOG, before)
            return before  # so that there is never none for those who open the store
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
            if not damage:
                upgrade(db)
        if not damage:
            with contextlib.closing(Catalog(part)) as catalog:
                return Kept(len(catalog.ids()), len(catalog.chunk_ids()), part.stat().st_size)
    except StoreDamaged as error:
        damage = [str(error.__cause__ or error)]
    raise StoreDamaged(f"{name} is damaged ({damage[0]}): {remedy}")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _clear(part: Path) -> None:
    for side in ("", *_SIDES):
        part.with_name(part.name + side).unlink(missing_ok=True)
