"""How a catalog of an earlier version becomes one of this: in one transaction, with a copy kept beside it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from pullquote.index.catalog_report import add_to_counts, counted
from pullquote.index.database import Database
from pullquote.index.errors import StoreUnwritable
from pullquote.index.failpoints import failpoint
from pullquote.index.folders import LOCK, MIGRATED
from pullquote.index.lock import WriterLock
from pullquote.index.schema import SCHEMA_VERSION
from pullquote.index.whole_file import synced

_WAIT_S = 10.0
_FROM_1 = (
    "ALTER TABLE articles ADD COLUMN source TEXT",
    "ALTER TABLE articles ADD COLUMN published_at INTEGER",
    "UPDATE articles SET (source, published_at) = (SELECT source, published_at FROM versions v"
    " WHERE v.article_id = articles.id AND v.version = articles.version)",
    "CREATE INDEX articles_by_source ON articles(source, published_at)",
    "CREATE INDEX articles_by_day ON articles(published_at)",
    "ALTER TABLE versions ADD COLUMN packed BLOB",
    "ALTER TABLE chunks ADD COLUMN cut INTEGER NOT NULL DEFAULT 1",
    "DROP INDEX chunks_by_article",
    "CREATE INDEX chunks_by_article ON chunks(article_id, cut)",
    "CREATE INDEX chunks_by_cut ON chunks(cut)",
    "CREATE INDEX journal_by_article ON journal(article_id, id)",
    "CREATE TABLE counts (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE sketches (article_id TEXT PRIMARY KEY REFERENCES articles(id) ON DELETE CASCADE,"
    " report INTEGER NOT NULL, sketch BLOB NOT NULL) WITHOUT ROWID",
    "CREATE INDEX sketches_by_report ON sketches(report)",
    "CREATE TABLE bands (band INTEGER NOT NULL, article_id TEXT NOT NULL, PRIMARY KEY (band, article_id)) WITHOUT ROWID",
    # The vector index is made anew: folders of that form are not read any more.
    "DELETE FROM meta WHERE key IN ('index_folder', 'index_revision', 'index_dirty')",
    "INSERT INTO meta(key, value) VALUES ('store_id', lower(hex(randomblob(16)))), ('cut', '1')",
)
_FROM_2 = (
    "ALTER TABLE articles ADD COLUMN ledger TEXT",
    "CREATE INDEX articles_by_ledger ON articles(ledger)",
    "CREATE TABLE statements (article_id TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE, place INTEGER NOT NULL,"
    " version INTEGER NOT NULL, number INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,"
    " kind INTEGER NOT NULL, polarity INTEGER NOT NULL, speaker TEXT, role TEXT, key TEXT, published_at INTEGER,"
    " spans BLOB NOT NULL, PRIMARY KEY (article_id, place)) WITHOUT ROWID",
    "CREATE INDEX statements_by_key ON statements(key, published_at DESC) WHERE key IS NOT NULL",
    "CREATE TABLE speakers (key TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, n INTEGER NOT NULL,"
    " PRIMARY KEY (key, name, role)) WITHOUT ROWID",
)


def migrate(db: Database, folder: Path) -> None:
    """Bring the catalog of the store in a folder up to date, if it is not; the old one is ``before-3.sqlite`` then.

    A process that is killed at it has changed nothing.

    Raises:
        StoreBusy: another process is writing to the store.
        StoreUnwritable: the store may only be read, or the disk is full.
    """
    if _is_current(db):
        return
    before = folder / f"{MIGRATED}{SCHEMA_VERSION}.sqlite"
    lock = WriterLock(folder / LOCK, _WAIT_S)
    with _told(folder), closing(lock), lock.writing("upgrade"), db.transaction():
        if not _is_current(db):  # another process may have been faster
            if not os.access(db.path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            part = before.with_suffix(".part")
            try:
                _take([partial(_copy, db, part), partial(_put, part, before), *_steps(db)])
            finally:
                part.unlink(missing_ok=True)


def upgrade(db: Database) -> None:
    """Bring a copy of a catalog, that nobody else uses, up to date; nothing is kept of what it was."""
    if not _is_current(db):
        with db.transaction():
            _take(_steps(db))


def _take(steps: list[Callable[[], None]]) -> None:
    for step in steps:
        step()
        failpoint("schema-step")


def _steps(db: Database) -> list[Callable[[], None]]:
    """Return what is to be done, in order; nobody reads the articles for statements here: whoever writes next does."""
    number = partial(db.run, f"PRAGMA user_version={SCHEMA_VERSION}")
    steps = [partial(db.run, sql) for sql in _FROM_2]
    if _version(db) < 2:
        # Counted last: what is counted may be new.
        steps = [*(partial(db.run, sql) for sql in _FROM_1), *steps, partial(_count, db)]
    return [*steps, number]


def _count(db: Database) -> None:
    add_to_counts(db, counted(db))


def _is_current(db: Database) -> bool:
    return _version(db) >= SCHEMA_VERSION


def _version(db: Database) -> int:
    ((version,),) = db.rows("PRAGMA user_version")
    return int(version)


def _copy(db: Database, part: Path) -> None:
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    db.backup_to(part)
    synced(part)


def _put(part: Path, before: Path) -> None:
    os.replace(part, before)
    synced(before.parent)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, StoreUnwritable) as error:
        reason = getattr(error, "strerror", None) or error.__cause__ or error
        raise StoreUnwritable(
            f"the store {folder} was made by an earlier pullquote and cannot be brought up to date ({reason}): free some space,"
            " or copy the folder to where you may write, and name the copy with --store"
        ) from error
