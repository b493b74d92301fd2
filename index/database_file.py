"""The bytes of a catalog and of its rollback journal, looked at before SQLite opens them.

SQLite plays any journal it finds back into the file beside it, whosever it is, at the first read. So what
must not be changed has to be recognised before: a file that is not ours or too new, a journal that is not its own.
"""

from __future__ import annotations

import fcntl
import os
import stat
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pullquote.index.errors import StoreDamaged, StoreTooNew
from pullquote.index.schema import APPLICATION_ID, SCHEMA_VERSION

_DATABASE = b"SQLite format 3\0"
_JOURNAL = bytes.fromhex("d9d505f920a163d7")
_HEADER = 100
_LEAST = 512
"""Bytes that the first page has at least."""
_TO_END = 0xFFFFFFFF
"""The number of records in a journal that was written without waiting for the disk: all there are."""
_RESERVED = 0x40000001
_SHARED = (510, 0x40000002)
_BUSY_S = 1.0


@dataclass(frozen=True, slots=True)
class _FirstPage:
    head: bytes
    page_size: int
    changes: int
    pages: int
    schema_changes: int
    schema: int
    application_id: int
    empty: bool

    @property
    def new(self) -> bool:
        """Whether this is a database in which nobody has made anything yet."""
        return self.application_id == self.schema == 0 and self.empty


@dataclass(frozen=True, slots=True)
class _Journal:
    page_size: int
    pages: int
    first: bytes | None


def inspect(path: Path, *, create: bool) -> None:
    """Refuse what SQLite would damage; change nothing. The process must not have the file open: its locks would be lost.

    Raises:
        StoreDamaged: not a catalog, or there is a journal of something else beside it.
        StoreTooNew: written by a newer version.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return  # SQLite will say why
    try:
        if stat.S_ISREG(os.fstat(file).st_mode) and _shared(file):
            first = _read_first(path, file)
            refuse_foreign(path, first.application_id, first.schema, new=create and first.new)
            _refuse_strays(path, file, first)
    finally:
        os.close(file)


def kind_of(path: Path) -> tuple[int, int] | None:
    """Return application id and schema of a database, or None if the file is none. The process must not have it open.

    Raises:
        OSError: it cannot be read.
    """
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        first = _parsed(os.read(file, _LEAST))
    finally:
        os.close(file)
    return None if first is None else (first.application_id, first.schema)


def refuse_foreign(path: Path, application_id: int, schema: int, *, new: bool) -> None:
    """Refuse a database that is neither a catalog of ours nor ``new``.

    Raises:
        StoreDamaged: it belongs to another program.
        StoreTooNew: written by a newer version.
    """
    if application_id != APPLICATION_ID and not new:
        raise StoreDamaged(f"{path} is not a pullquote catalog: name another --store")
    if schema > SCHEMA_VERSION:
        raise StoreTooNew(f"{path} was written by a newer pullquote (schema {schema}): upgrade pullquote")


def damaged(path: Path, reason: object) -> StoreDamaged:
    """Return the error for a catalog that cannot be read."""
    return StoreDamaged(f"cannot use {path} ({reason}): restore a backup (pullquote restore FILE), or name another --store")


def _shared(file: int) -> bool:
    """Take the lock that SQLite's readers have: nobody commits or plays back a journal until the file is closed."""
    until = time.monotonic() + _BUSY_S
    while True:
        try:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB, *_SHARED)
            return True
        except OSError:
            if time.monotonic() > until:
                return False  # somebody who has opened it is at work; SQLite will say so
            time.sleep(0.01)


def _reserved(file: int) -> bool:
    """Return whether a transaction is under way: then the journal is in use, and SQLite leaves it alone."""
    if sys.platform == "darwin":
        asked, type_at = struct.pack("qqihh", _RESERVED, 1, 0, fcntl.F_WRLCK, os.SEEK_SET), 20
    else:
        asked, type_at = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, _RESERVED, 1, 0), 0
    (found,) = struct.unpack_from("h", fcntl.fcntl(file, fcntl.F_GETLK, asked), type_at)
    return bool(found != fcntl.F_UNLCK)


def _read_first(path: Path, file: int) -> _FirstPage:
    read = os.pread(file, _LEAST, 0)
    if not read:
        return _FirstPage(b"", 0, 0, 0, 0, 0, 0, empty=True)
    first = _parsed(read)
    if first is None:
        raise damaged(path, "file is not a database")
    return first


def _parsed(page: bytes) -> _FirstPage | None:
    if len(page) < _LEAST or not page.startswith(_DATABASE):
        return None
    (size,) = struct.unpack_from(">H", page, 16)
    changes, pages = struct.unpack_from(">II", page, 24)
    (schema_changes,) = struct.unpack_from(">I", page, 40)
    (schema,) = struct.unpack_from(">i", page, 60)
    (application_id,) = struct.unpack_from(">I", page, 68)
    empty = page[_HEADER] == 13 and page[_HEADER + 3 : _HEADER + 5] == b"\0\0"  # a leaf with no rows: no tables
    size = 65536 if size == 1 else size
    return _FirstPage(page[:_HEADER], size, changes, pages, schema_changes, schema, application_id, empty)


def _refuse_strays(path: Path, file: int, first: _FirstPage) -> None:
    real = os.path.realpath(path)  # SQLite follows links before it names the journal
    log, journal = Path(f"{real}-wal"), Path(f"{real}-journal")
    if log.is_file() and log.stat().st_size:
        raise _stray(path, log)
    if not journal.is_file() or _reserved(file):
        return
    try:
        with journal.open("rb") as opened:
            length = os.fstat(opened.fileno()).st_size
            if opened.read(1) in (b"", b"\0"):
                return  # unfinished or done with: it is never played back
            found = _read_journal(opened, length)
    except OSError:
        return  # SQLite will say why
    if found is None or not _fits(found, first, os.fstat(file).st_size):
        raise _stray(path, journal)
    image = _parsed(found.first) if found.first else None
    if image is not None and not image.new:
        refuse_foreign(path, image.application_id, image.schema, new=False)


def _stray(path: Path, journal: Path) -> StoreDamaged:
    return StoreDamaged(
        f"{journal} is damaged or belongs to another database and would overwrite {path.name}: move it away, then open again"
    )


def _read_journal(file: BinaryIO, length: int) -> _Journal | None:
    """Return what a journal would put back, or None when it is not whole; several parts follow each other in a large one."""
    file.seek(0)
    start = file.read(28)
    if length < 28 or not start.startswith(_JOURNAL):
        return None
    pages, sector, size = struct.unpack_from(">III", start, 16)
    if not (_power_of_two(size, 512) and _power_of_two(sector, 32)) or sector > length or _names_others(file):
        return None
    at, first = 0, None
    while at + sector <= length:
        file.seek(at)
        part = file.read(16)
        if not part.startswith(_JOURNAL):
            break  # of this part nothing was relied on yet
        count, nonce = struct.unpack_from(">II", part, 8)
        at += sector
        if count == _TO_END:
            count = (length - at) // (size + 8)
        if at + count * (size + 8) > length:
            return None
        file.seek(at)
        for _ in range(count):
            number, page, checksum = struct.unpack(f">I{size}sI", file.read(size + 8))
            if not number or (nonce + sum(page[size - 200 : 0 : -200])) & 0xFFFFFFFF != checksum:
                return None  # SQLite would stop here, with half of it played back
            first = page if number == 1 else first
        at += count * (size + 8)
        at += -at % sector
    return _Journal(size, pages, first)


def _names_others(file: BinaryIO) -> bool:
    """Return whether the journal is one of several that belong together; ours stands alone."""
    file.seek(-8, os.SEEK_END)
    return file.read(8) == _JOURNAL


def _power_of_two(number: int, least: int) -> bool:
    return least <= number <= 65536 and number & (number - 1) == 0


def _fits(journal: _Journal, now: _FirstPage, size: int) -> bool:
    """Return whether a journal can have been written by the transaction after which the file looks like this."""
    if not size:
        return journal.pages == 0
    if journal.page_size != now.page_size:
        return False
    if journal.pages == 0:
        # The transaction that made the file. A whole copy counts its changes from 1 too, but also those of its schema.
        return now.changes <= 1 < now.schema_changes
    if journal.first is None:
        return journal.pages == now.pages  # a transaction so large that it was written before it ended
    before = _parsed(journal.first)
    if before is None or before.page_size != now.page_size or not (before.new or before.application_id == APPLICATION_ID):
        return False
    if not before.pages <= journal.pages <= size // now.page_size:
        return False  # a file only grows as long as there is a journal
    # The first page is written last, and with a new number.
    return now.head == before.head or now.changes == (before.changes + 1) & 0xFFFFFFFF
