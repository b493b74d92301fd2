"""How articles come into the catalog and go: each change is one transaction, with all that depends on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from pullquote.index.catalog_check import misread_articles, word_problems
from pullquote.index.catalog_index import bump, forget_vectors, insert_chunks, insert_vectors, live_cut
from pullquote.index.catalog_near import link, unlink
from pullquote.index.catalog_report import LIVE_CUT, add_to_counts, counted, kept_counts, outlet_counts
from pullquote.index.catalog_statements import drop_statements, reread
from pullquote.index.catalog_versions import forget, newest_versions, note, pack, version_of
from pullquote.index.database import Database
from pullquote.index.failpoints import failpoint
from pullquote.index.records import VERSION_COLUMNS, PreparedArticle, Removed, article_row, to_seconds

_MERGED_PAGES = 5000
"""Some 20 MB of the word index: what a transaction changes is held in memory."""
_PLACES = ", ".join("?" * (VERSION_COLUMNS.count(",") + 1))


def store_articles(
    db: Database,
    prepared: Sequence[PreparedArticle],
    vectors: Mapping[bytes, NDArray[np.float32]],
    model: str,
    embedding: str,
    at: datetime,
    numbered: bool = False,
) -> list[str]:
    """Store articles as new live versions, all or none, and return what each was: added, or updated.

    ``numbered`` articles bring their version numbers, higher than any they had.
    """
    changes: list[str] = []
    with db.transaction():
        failpoint("catalog-begun")
        if db.meta("model") is None:
            db.set_meta("model", model)
            db.set_meta("embedding", embedding)
        insert_vectors(db, vectors, model)
        stale: set[bytes] = set()
        counts: Counter[str] = Counter()
        newest, cut = newest_versions(db, (item.article.meta.id for item in prepared)), live_cut(db)
        for item in prepared:
            article_id = item.article.meta.id
            newest[article_id] = item.article.meta.version if numbered else newest[article_id] + 1
            stale |= _drop_parts(db, article_id, counts)
            changes.append(_store_article(db, item, newest[article_id], at, counts))
            _insert_parts(db, item, newest[article_id], cut, counts)
            note(db, changes[-1], article_id, newest[article_id], at)
            link(db, article_id, item.article.text)
        _settle(db, stale, counts)
        failpoint("catalog-before-commit")
    return changes


def remove(db: Database, article_id: str, at: datetime) -> Removed | None:
    """Delete an article with all its versions; return what it was, or None when it was not there."""
    with db.transaction():
        article = version_of(db, article_id, None)
        if article is None:
            return None
        removed = _parts_of(db, article_id)
        counts = outlet_counts(article.meta.source, to_seconds(article.meta.published_at), -1)
        counts["versions"] = -removed[0]
        stale = _drop_parts(db, article_id, counts)
        failpoint("remove-parts")
        unlink(db, article_id)
        db.run("DELETE FROM articles WHERE id = ?", article_id)
        note(db, "removed", article_id, article.meta.version, at)
        _settle(db, stale, counts)
    failpoint("remove-committed")
    return Removed(article, *removed)


def forget_removed(db: Database, article_ids: Sequence[str]) -> None:
    """Leave no trace of articles that were deleted but when they were, and how many versions they had.

    Of their words, too, nothing stays in the file: SQLite overwrites what it frees, but the word index keeps the words of what
    was deleted until it is written anew. One that is there again is left alone.
    """
    with db.transaction():
        there = {row[0] for row in db.rows_in("SELECT id FROM articles WHERE id IN", article_ids)}
        gone = [article_id for article_id in article_ids if article_id not in there]
        for article_id in gone:
            forget(db, article_id)
    if gone:
        merge_words(db)


def merge_words(db: Database) -> None:
    """Write the word index anew, without the words of what was deleted, in steps; one that was cut off can be made again."""
    pages = -_MERGED_PAGES  # what is negative begins with all there is, what is positive goes on with it
    while True:
        with db.transaction():
            ((before,),) = db.rows("SELECT total_changes()")
            db.run("INSERT INTO sentences_fts(sentences_fts, rank) VALUES ('merge', ?)", pages)
            ((after,),) = db.rows("SELECT total_changes()")
        if after - before < 2:  # as SQLite tells it
            return
        pages = _MERGED_PAGES


def rederive(db: Database) -> None:
    """Make anew what follows from articles and sentences, chunks and vectors apart: words, outlets, days and counts.

    Statements that are not of their texts are deleted, and their articles have to be read again; all, where some are lost.
    """
    wrong = word_problems(db)
    with db.transaction():
        if wrong:
            db.run("INSERT INTO sentences_fts(sentences_fts) VALUES ('rebuild')")
        db.run(
            "UPDATE articles SET (source, published_at) = (SELECT source, published_at FROM versions v"
            " WHERE v.article_id = articles.id AND v.version = articles.version)"
        )
        db.run("DELETE FROM bands WHERE article_id NOT IN (SELECT article_id FROM sketches)")
        miscounted = kept_counts(db)["statements"] != counted(db)["statements"]
        reread(db, [article_id for article_id, _ in misread_articles(db)], some_lost=miscounted)
        db.run("DELETE FROM counts")
        _settle(db, (), counted(db))


def _store_article(db: Database, item: PreparedArticle, version: int, at: datetime, counts: Counter[str]) -> str:
    meta = item.article.meta
    row = db.row("SELECT version, source, published_at FROM articles WHERE id = ?", meta.id)
    if row is not None:
        counts.update(outlet_counts(row[1], row[2], -1))
    published = to_seconds(meta.published_at)
    counts.update(outlet_counts(meta.source, published, 1) + Counter(versions=1))
    db.run(
        "INSERT INTO articles(id, version, source, published_at) VALUES (?, ?, ?, ?) ON CONFLICT(id) DO UPDATE"
        " SET version = excluded.version, source = excluded.source, published_at = excluded.published_at, ledger = NULL",
        meta.id, version, meta.source, published,
    )  # fmt: skip
    db.run(f"INSERT INTO versions({VERSION_COLUMNS}) VALUES ({_PLACES})", *article_row(item.article, version, at))
    if row is not None:
        pack(db, meta.id, row[0], item.article.text)
    failpoint("catalog-article")
    return "added" if row is None else "updated"


def _insert_parts(db: Database, item: PreparedArticle, version: int, cut: int, counts: Counter[str]) -> None:
    text, article_id = item.article.text, item.article.meta.id
    db.run_many(
        "INSERT INTO sentences(article_id, version, number, start, end, text) VALUES (?, ?, ?, ?, ?, ?)",
        ((article_id, version, n, a, b, text[a:b]) for n, (a, b) in enumerate(item.sentences, 1)),
    )
    # No triggers: with trusted_schema off, a trigger may not touch a virtual table.
    db.run("INSERT INTO sentences_fts(rowid, text) SELECT id, text FROM sentences WHERE article_id = ?", article_id)
    insert_chunks(db, item, version, cut)
    counts.update(sentences=len(item.sentences), chunks=len(item.chunks))
    failpoint("catalog-chunks")


def _drop_parts(db: Database, article_id: str, counts: Counter[str]) -> set[bytes]:
    """Delete sentences, statements, and chunks of all cuts, and return the text keys that may be unused now."""
    _, sentences, chunks = _parts_of(db, article_id)
    counts.update(sentences=-len(sentences), chunks=-len(chunks), statements=-drop_statements(db, article_id))
    keys = {row[0] for row in db.rows("SELECT text_key FROM chunks WHERE article_id = ?", article_id)}
    db.run(
        "INSERT INTO sentences_fts(sentences_fts, rowid, text) SELECT 'delete', id, text FROM sentences WHERE article_id = ?",
        article_id,
    )
    db.run("DELETE FROM sentences WHERE article_id = ?", article_id)
    db.run("DELETE FROM chunks WHERE article_id = ?", article_id)
    return keys


def _parts_of(db: Database, article_id: str) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
    """Return how many versions an article has, and the ids of its sentences and of its live chunks."""
    versions, sentences, chunks = (
        db.rows(f"SELECT {column} FROM {table} WHERE article_id = ? {live} ORDER BY 1", article_id)
        for column, table, live in (
            ("version", "versions", ""), ("id", "sentences", ""), ("id", "chunks", f"AND cut = {LIVE_CUT}")
        )
    )  # fmt: skip
    return len(versions), tuple(row[0] for row in sentences), tuple(row[0] for row in chunks)


def _settle(db: Database, stale: Iterable[bytes], counts: Mapping[str, int]) -> None:
    forget_vectors(db, stale)
    add_to_counts(db, counts)
    bump(db)
