"""What the catalog remembers of an article beyond its live version: earlier versions, and the journal of what was done."""

from __future__ import annotations

import json
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from pullquote.index.catalog_report import META
from pullquote.index.database import Database
from pullquote.index.errors import StoreDamaged
from pullquote.index.records import VERSION_COLUMNS, meta_of, to_moment, to_seconds
from pullquote.index.types import Article, ArticleMeta

_RAW = -zlib.MAX_WBITS
_LEVEL = 9


def version_of(db: Database, article_id: str, version: int | None) -> Article | None:
    """Return one version of an article (the live one by default), or None.

    Raises:
        StoreDamaged: an earlier version cannot be unpacked.
    """
    rows = db.rows(
        f"SELECT {META}, text, packed FROM versions v JOIN articles a ON a.id = v.article_id"
        " WHERE v.article_id = ?1 AND v.version >= coalesce(?2, a.version) ORDER BY v.version DESC",
        article_id, version,
    )  # fmt: skip
    found = deque(unpacked(db, rows), maxlen=1)
    return found[0] if found and version in (None, found[0].meta.version) else None


def unpacked(db: Database, rows: Iterable[Sequence[Any]]) -> Iterator[Article]:
    """Yield the versions of one article from rows of metadata, text and packed text, latest first and none left out.

    Raises:
        StoreDamaged: one cannot be unpacked.
    """
    newer = ""
    for *meta, text, packed in rows:
        newer = text if packed is None else _unpack(db, meta, packed, newer)
        yield Article(meta_of(meta), newer)


def pack(db: Database, article_id: str, version: int, newer: str) -> None:
    """Keep the text of a superseded version as its difference from the next one's, inside a transaction."""
    row = db.row("SELECT text FROM versions WHERE article_id = ? AND version = ? AND packed IS NULL", article_id, version)
    if row is None:
        return
    text = row[0].encode()
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW, _LEVEL, zdict=newer.encode())
    packed = packer.compress(text) + packer.flush()
    if len(packed) < len(text):
        # A new row: one that shrinks in its place leaves the rest of its page to nobody.
        columns = VERSION_COLUMNS.replace("text", "''")
        db.run(
            f"INSERT OR REPLACE INTO versions({VERSION_COLUMNS}, packed) SELECT {columns}, ? FROM versions"
            " WHERE article_id = ? AND version = ?",
            packed, article_id, version,
        )  # fmt: skip


def history(db: Database, article_id: str) -> list[ArticleMeta]:
    """Return the metadata of all versions of an article, the first one first."""
    rows = db.rows(f"SELECT {META} FROM versions v WHERE v.article_id = ? ORDER BY v.version", article_id)
    return [meta_of(row) for row in rows]


def newest_versions(db: Database, article_ids: Iterable[str]) -> dict[str, int]:
    """Return the highest version number that each article ever had, those that were removed too; 0 for one never seen."""
    by_name = {name: article_id for article_id in article_ids for name in (article_id, forgotten(article_id))}
    newest = dict.fromkeys(by_name.values(), 0)
    rows = db.rows(
        "SELECT value, max(coalesce((SELECT max(version) FROM versions WHERE article_id = value), 0),"
        " coalesce((SELECT max(version) FROM journal WHERE article_id = value), 0)) FROM json_each(?)",
        json.dumps(list(by_name)),
    )
    for name, version in rows:
        newest[by_name[name]] = max(newest[by_name[name]], int(version))
    return newest


def removed_at(db: Database, article_id: str) -> datetime | None:
    """Return when an article of this id was deleted last, or None."""
    # By the journal's counter: the clock may have been set back.
    row = db.row(
        "SELECT at FROM journal WHERE article_id IN (?, ?) AND verb = 'removed' ORDER BY id DESC LIMIT 1",
        article_id, forgotten(article_id),
    )  # fmt: skip
    return None if row is None else to_moment(row[0])


def note(db: Database, verb: str, article_id: str, version: int, at: datetime) -> None:
    """Write down what was done, inside a transaction."""
    sql = "INSERT INTO journal(at, verb, article_id, version) VALUES (?, ?, ?, ?)"
    db.run(sql, to_seconds(at), verb, article_id, version)


def forget(db: Database, article_id: str) -> None:
    """Leave one line about a deleted article in the journal, that does not name it, inside a transaction."""
    names = article_id, forgotten(article_id)
    row = db.row(
        "SELECT max(CASE WHEN verb = 'removed' THEN id END), max(version) FROM journal WHERE article_id IN (?, ?)", *names
    )
    if row is not None and row[0] is not None:
        db.run("DELETE FROM journal WHERE article_id IN (?, ?) AND id <> ?", *names, row[0])
        db.run("UPDATE journal SET article_id = ?, version = ? WHERE id = ?", names[1], row[1], row[0])


def forgotten(article_id: str) -> str:
    """Return what stands in the journal for an article that was to be forgotten."""
    return f"sha256:{sha256(article_id.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _unpack(db: Database, meta: Sequence[Any], packed: bytes, newer: str) -> str:
    try:
        unpacker = zlib.decompressobj(_RAW, zdict=newer.encode())
        text = (unpacker.decompress(packed) + unpacker.flush()).decode()
        if unpacker.eof:
            return text
        reason = "it is cut off"
    except (zlib.error, UnicodeDecodeError) as error:
        reason = str(error)
    name = f"version {meta[1]} of {meta[0]}"
    raise StoreDamaged(f"{db.path}: {name} cannot be unpacked ({reason}): restore a backup (pullquote restore FILE)")
