"""The catalog's SQLite file: opened and checked, transactions, and its errors as ours. All sqlite3 calls are here."""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from pullquote.index.cleaning import folded
from pullquote.index.database_file import damaged, inspect, refuse_foreign
from pullquote.index.errors import StoreBusy, StoreError, StoreUnwritable
from pullquote.index.schema import APPLICATION_ID, SCHEMA, SCHEMA_VERSION

_VARIABLES = 900  # SQLite's oldest limit on bound values is 999
_EACH = "PRAGMA trusted_schema=OFF; PRAGMA cache_size=-65536;"
_BUSY_S = 1.0  # only for other programs: our own processes take turns by StoreLock
_COPY_WAIT_MS = 30_000

_OPENING = threading.Lock()
_OPEN: weakref.WeakSet[Database] = weakref.WeakSet()
"""All that this process has open; held by ``_OPENING``."""


class Database:
    """Two connections, shared between threads one statement or one transaction at a time.

    Transactions have one of their own: while one is under way, other threads read what was committed before it.
    """

    def __init__(self, path: Path, *, create: bool) -> None:
        """Open the file; make it, for its owner alone, when ``create`` is set and it is missing or empty.

        Raises:
            StoreDamaged: not a catalog, or unreadable, or there is a journal of another database beside it.
            StoreTooNew: written by a newer version; nothing in it is changed.
            StoreUnwritable: the system refuses to open it.
        """
        self.path = path
        self._writing = threading.RLock()
        # Held for one statement, or one commit. Whoever needs both takes ``_writing`` first.
        self._reading = threading.Lock()
        self._writer: int | None = None
        """The thread whose transaction is under way."""
        self._enter(create)
        try:
            self._connection = self._connected()
        except BaseException:
            self._leave()
            raise
        try:
            self._check(create)
            with self._errors():
                self._set_up(create)
            self._reader = self._connected()
            with self._errors():
                self._reader.executescript(f"PRAGMA query_only=ON; {_EACH}")
        except BaseException:
            self._connection.close()
            self._leave()
            raise

    def close(self) -> None:
        """Close the connections; closing twice does no harm."""
        with self._writing, self._reading:
            self._connection.close()
            self._reader.close()
        self._leave()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the database for a block of statements that all happen or none; only this thread sees what is not committed."""
        with self._writing, self._errors():
            self._connection.execute("BEGIN IMMEDIATE")
            self._writer = threading.get_ident()
            try:
                yield
                with self._reading:  # one that reads now would keep SQLite waiting
                    self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._writer = None

    def run(self, sql: str, *values: object) -> None:
        """Execute a statement inside a transaction."""
        self._connection.execute(sql, values)

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute a statement for many rows inside a transaction."""
        self._connection.executemany(sql, rows)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        with self._errors():
            if self._writer == threading.get_ident():
                return _fetched(self._connection, sql, values)
            try:
                with self._reading:
                    return _fetched(self._reader, sql, values)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
            # A transaction that is larger than the cache has taken the file for itself.
            with self._writing, self._reading:
                return _fetched(self._reader, sql, values)

    def row(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        """Return the first row of a query, or None."""
        rows = self.rows(sql, *values)
        return rows[0] if rows else None

    def rows_in(self, sql: str, wanted: Sequence[object], *values: object) -> list[tuple[Any, ...]]:
        """Return all rows of a query that ends in ``IN``, for any number of wanted values."""
        rows: list[tuple[Any, ...]] = []
        for start in range(0, len(wanted), _VARIABLES):
            part = wanted[start : start + _VARIABLES]
            rows += self.rows(f"{sql} ({','.join('?' * len(part))})", *values, *part)
        return rows

    def meta(self, key: str) -> str | None:
        """Return a remembered text, or None."""
        row = self.row("SELECT value FROM meta WHERE key = ?", key)
        return str(row[0]) if row and row[0] else None

    def set_meta(self, key: str, value: str) -> None:
        """Remember a text, inside a transaction."""
        self.run("INSERT INTO meta VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value", key, value)

    def backup_to(self, path: Path) -> None:
        """Copy the whole catalog, as it is at one moment, into a file that nobody else uses; it is not yet synced to the disk.

        Whoever writes meanwhile commits after the copying.

        Raises:
            StoreBusy: another program does not let go of the catalog.
            StoreUnwritable: the file cannot be written.
        """
        with self._errors(), closing(self._connected()) as source:
            source.executescript(f"PRAGMA query_only=ON; PRAGMA busy_timeout={_COPY_WAIT_MS}; BEGIN;")
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on, it stays as it is
            try:
                with closing(sqlite3.connect(path, isolation_level=None)) as target:
                    target.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;")
                    source.backup(target)
            except sqlite3.Error as error:
                raise _store_error(path, error) from error

    def _enter(self, create: bool) -> None:
        """Make the file and look at it, unless the process has it open: closing it would drop the locks it has on it."""
        with _OPENING:
            self._file = _file_id(self.path)
            if self._file is None or all(other._file != self._file for other in _OPEN):
                if create:
                    _make(self.path)
                inspect(self.path, create=create)
                self._file = _file_id(self.path)
            _OPEN.add(self)

    def _leave(self) -> None:
        with _OPENING:
            _OPEN.discard(self)

    def _connected(self) -> sqlite3.Connection:
        with self._errors():
            # By URI, because a plain path would be created when it is not there.
            uri = self.path.absolute().as_uri() + "?mode=rw"
            connection = sqlite3.connect(uri, timeout=_BUSY_S, isolation_level=None, check_same_thread=False, uri=True)
            connection.create_function("folded", 1, folded, deterministic=True)
            return connection

    def _check(self, create: bool) -> None:
        with self._errors():
            # Nothing but reading until the file is known to be ours, and not from the future; all in one
            # transaction, or another process that is making the file could be seen half done.
            self._connection.execute("BEGIN")
            (application,) = self._connection.execute("PRAGMA application_id").fetchone()
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            (tables,) = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            self._connection.execute("COMMIT")
        # Asked again after ``inspect``: a journal may have been played back, or the file replaced.
        refuse_foreign(self.path, application, version, new=create and application == version == tables == 0)

    def _set_up(self, create: bool) -> None:
        # A rollback journal, not WAL: this SQLite may still carry the WAL-reset bug (3.7.0 to 3.51.2).
        self._connection.executescript(
            f"PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; {_EACH}"
        )
        if not create or self._connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            return
        with self.transaction():
            # Asked again: another process may have been faster.
            if not self._connection.execute("SELECT 1 FROM sqlite_master").fetchone():
                for statement in SCHEMA.split(";\n"):
                    self._connection.execute(statement)
                self._connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
                self._connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError as error:
            if "closed" not in str(error):
                raise
            raise StoreError(f"the store {self.path.parent} is closed: open it again") from error
        except sqlite3.InterfaceError:
            raise
        except sqlite3.Error as error:
            raise _store_error(self.path, error) from error


def _file_id(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _make(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except PermissionError:
        pass  # a store that may only be read
    except OSError as error:
        raise StoreUnwritable(f"cannot make {path} ({error.strerror}): name another --store") from error


def _fetched(connection: sqlite3.Connection, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    try:
        return connection.execute(sql, values).fetchall()
    except (UnicodeEncodeError, OverflowError):
        return []  # a value that SQLite cannot hold matches nothing


def _store_error(path: Path, error: sqlite3.Error) -> StoreError:
    name = getattr(error, "sqlite_errorname", None) or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreBusy(f"{path} is locked by another program: wait for it to end, or stop it")
    if name == "SQLITE_FULL":
        return StoreUnwritable(f"no space left for {path}: free some and try again; what was stored before is whole")
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_CANTOPEN", "SQLITE_AUTH")):
        return StoreUnwritable(f"cannot open or write {path} ({error}): check its permissions, or name another --store")
    if name.startswith("SQLITE_IOERR"):
        return StoreUnwritable(f"cannot read or write {path} ({error}): check the disk and try again")
    return damaged(path, error)
