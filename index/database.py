"""The catalog's SQLite file: opened and checked, transactions, and its errors as ours. All sqlite3 calls are here."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from pullquote.index.cleaning import folded
from pullquote.index.database_file import damaged, refuse_foreign
from pullquote.index.errors import StoreBusy, StoreError, StoreUnwritable
from pullquote.index.open_file import OpenFile
from pullquote.index.schema import APPLICATION_ID, SCHEMA, SCHEMA_VERSION

_VARIABLES = 900  # SQLite's oldest limit on bound values is 999
_EACH = "PRAGMA trusted_schema=OFF; PRAGMA cache_size=-65536;"
_READ_WAIT_S = 10.0
"""For as long a reader waits for a commit; that one waits for readers of other processes itself."""
_WRITE_WAIT_S = 30.0
_HOT = "SQLITE_READONLY_ROLLBACK"
"""What a reader meets where a writer was killed: it may not take the change back itself."""
_TRIES = 3


class Database(OpenFile):
    """Two connections, shared between threads one statement or one transaction at a time.

    Transactions have one of their own: while one is under way, other threads read what was committed before it. A file that
    is put in the place of this one, as by restoring a backup, is opened by itself.
    """

    def __init__(self, path: Path, *, create: bool) -> None:
        """Open the file; make it, for its owner alone, when ``create`` is set and it is missing or empty.

        Raises:
            StoreDamaged: not a catalog, or unreadable, or there is a journal of another database beside it.
            StoreForked: this process was forked in the middle of a write.
            StoreTooNew: written by a newer version; nothing in it is changed.
            StoreUnwritable: the system refuses to open it.
        """
        super().__init__(path)
        self._failure: str | None = None
        """Why nothing more may be written."""
        with self._writing:
            try:
                self._connection, self._reader = self._opened(create)
            except BaseException:
                self._leave()
                raise

    def close(self) -> None:
        """Close the connections; closing twice does no harm, and a forked child leaves them to its parent."""
        if self._owner.elsewhere:
            return
        with self._writing, self._reading:
            self._connection.close()
            self._reader.close()
        self._leave()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the database for a block of statements that all happen or none; only this thread sees what is not committed.

        Raises:
            StoreBusy: another process reads for so long that nothing can be committed.
            StoreForked: this is a forked child of the process that opened it.
            StoreUnwritable: the system refuses; or it failed to write before, so that nobody knows what it wrote.
        """
        self._owner.check()
        with self._writing:
            self._follow()
            if self._failure is not None:
                raise StoreUnwritable(self._failure)
            self._writer = threading.get_ident()
            try:
                with self._errors():
                    self._connection.execute("BEGIN IMMEDIATE")
                    with self._undone_on_error():
                        yield
                        self._commit()
            finally:
                self._writer = None

    def _commit(self) -> None:
        self._owner.check()
        if self._failure is not None:
            raise StoreUnwritable(self._failure)
        with self._reading:  # one that reads now would keep SQLite waiting
            self._connection.execute("COMMIT")

    @contextmanager
    def _undone_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            if not self._owner.elsewhere and self._connection.in_transaction:
                with suppress(sqlite3.Error):  # whoever reads next takes back what this could not
                    self._connection.execute("ROLLBACK")
            raise

    def run(self, sql: str, *values: object) -> None:
        """Execute a statement inside a transaction."""
        self._owner.check()
        try:
            self._connection.execute(sql, values)
        except sqlite3.Error as error:
            self._note(error)
            raise

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute a statement for many rows inside a transaction."""
        self._owner.check()
        try:
            self._connection.executemany(sql, rows)
        except sqlite3.Error as error:
            self._note(error)
            raise

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return all rows of a query.

        Raises:
            StoreBusy: another program keeps the file to itself.
            StoreForked: this is a forked child of the process that opened it.
        """
        self._owner.check()
        with self._errors():
            if self._writer == threading.get_ident():
                return _fetched(self._connection, sql, values)
            self._follow()
            for _ in range(_TRIES):
                try:
                    with self._reading:
                        return _fetched(self._reader, sql, values)
                except sqlite3.OperationalError as error:
                    if _name(error) != _HOT:
                        raise
                # The connection that may write takes back what a killed writer had begun.
                with self._writing:
                    self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            raise StoreBusy(f"writers of {self.path} end again and again before they are done: try again")

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

    def backup_to(self, path: Path, *, anew: bool = False) -> None:
        """Copy the whole catalog, as it is at one moment, into a file that nobody else uses; it is not yet synced to the disk.

        Whoever writes meanwhile commits after the copying. Written ``anew``, nothing is in it that was deleted.

        Raises:
            StoreBusy: another program does not let go of the catalog.
            StoreUnwritable: the file cannot be written.
        """
        self.row("SELECT count(*) FROM sqlite_master")  # takes back what a killed writer had begun: the copying cannot
        with self._copying, self._errors(), closing(self._connected("ro", _WRITE_WAIT_S)) as source:
            try:
                if anew:
                    source.execute("VACUUM INTO ?", (f"{path.absolute().as_uri()}?mode=rwc",))
                    return
                source.executescript("PRAGMA query_only=ON; BEGIN;")
                source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on, it stays as it is
                with closing(sqlite3.connect(path, isolation_level=None)) as target:
                    target.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;")
                    source.backup(target)
            except sqlite3.Error as error:
                raise _store_error(path, error) from error

    # -- opening ----------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Open the file anew when another one was put in its place."""
        if self._is_there():
            return
        with self._writing, self._reading:
            if self._is_there():
                return
            before, file = (self._connection, self._reader), self._file
            try:
                self._connection, self._reader = self._opened(create=False)
            except BaseException:
                self._file = file
                raise
            for connection in before:
                connection.close()

    def _opened(self, create: bool) -> tuple[sqlite3.Connection, sqlite3.Connection]:
        """Return one connection that may write and one that may not, both to the same file."""
        while True:
            self._enter(create)
            connection = self._connected("rw", _READ_WAIT_S)
            try:
                self._check(connection, create)
                with self._errors():
                    _set_up(connection, create)
                    # One that could play back a journal would play that of a new file into the old one that it has open.
                    reader = self._connected("ro", _READ_WAIT_S)
                    reader.executescript(f"PRAGMA query_only=ON; {_EACH}")
                if self._is_there():
                    return connection, reader
            except BaseException:
                connection.close()
                raise
            connection.close()
            reader.close()

    def _connections(self) -> Iterable[object]:
        return [value for value in vars(self).values() if isinstance(value, sqlite3.Connection)]

    def _connected(self, mode: str, wait_s: float) -> sqlite3.Connection:
        with self._errors():
            # By URI, because a plain path would be created when it is not there.
            uri = f"{self.path.absolute().as_uri()}?mode={mode}"
            connection = sqlite3.connect(uri, timeout=wait_s, isolation_level=None, check_same_thread=False, uri=True)
            connection.create_function("folded", 1, folded, deterministic=True)
            return connection

    def _check(self, connection: sqlite3.Connection, create: bool) -> None:
        with self._errors():
            # Nothing but reading until the file is known to be ours, and not from the future; all in one
            # transaction, or another process that is making the file could be seen half done.
            connection.execute("BEGIN")
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            connection.execute("COMMIT")
        # Asked again after ``inspect``: a journal may have been played back, or the file replaced.
        refuse_foreign(self.path, application, version, new=create and application == version == tables == 0)

    # -- errors -----------------------------------------------------------------------------------

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
            if self._writer == threading.get_ident():
                self._note(error)
            raise _store_error(self.path, error) from error

    def _note(self, error: sqlite3.Error) -> None:
        """Write nothing more after a failure of the disk: the system may have forgotten what it could not write."""
        if _name(error).startswith("SQLITE_IOERR"):
            self._failure = (
                f"{self.path} is not written to any more, since that failed ({error}): check the disk, then open it again"
            )


def _set_up(connection: sqlite3.Connection, create: bool) -> None:
    # A rollback journal, not WAL: this SQLite may still carry the WAL-reset bug (3.7.0 to 3.51.2). EXTRA syncs the folder,
    # too: else a change that was committed could be taken back when the power fails. Without spilling, a transaction never
    # takes the file before it ends.
    connection.executescript(
        "PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;"
        f"PRAGMA cache_spill=OFF; PRAGMA busy_timeout={_WRITE_WAIT_S * 1000:.0f}; {_EACH}"
    )
    if not create or connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        return
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        # Asked again: another process may have been faster.
        if not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            for statement in SCHEMA.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")


def _fetched(connection: sqlite3.Connection, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    try:
        return connection.execute(sql, values).fetchall()
    except (UnicodeEncodeError, OverflowError):
        return []  # a value that SQLite cannot hold matches nothing


def _name(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", None) or ""


def _store_error(path: Path, error: sqlite3.Error) -> StoreError:
    name = _name(error)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreBusy(f"{path} is locked by another program: wait for it to end, or stop it")
    if name == "SQLITE_FULL":
        return StoreUnwritable(f"no space left for {path}: free some and try again; what was stored before is whole")
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_CANTOPEN", "SQLITE_AUTH")):
        return StoreUnwritable(f"cannot open or write {path} ({error}): check its permissions, or name another --store")
    if name.startswith("SQLITE_IOERR"):
        return StoreUnwritable(f"cannot read or write {path} ({error}): check the disk and try again")
    return damaged(path, error)
