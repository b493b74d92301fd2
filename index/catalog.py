"""The catalog: the only truth about a store. All SQL is here, in ``catalog_*``, ``schema`` and ``database``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pullquote.index.catalog_report import LIVE, META, NEWEST_FIRST, CatalogStats, among, problems_of, sources_of, stats_of
from pullquote.index.catalog_search import find_articles, published_in, search_sentences
from pullquote.index.catalog_versions import newest_versions, note, removed_at, version_of
from pullquote.index.database import Database
from pullquote.index.embedding import text_key
from pullquote.index.errors import StoreDamaged
from pullquote.index.failpoints import failpoint
from pullquote.index.records import IndexState, PreparedArticle, article_row, meta_of, sentence_of
from pullquote.index.types import ALL_ARTICLES, Article, ArticleMeta, ArticleSet, Chunk, Sentence, Span

_SENTENCE = "article_id, version, number, start, end, text"


class Catalog:
    """One connection to the catalog; safe to share between threads."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        """Open the file, or make it.

        Raises:
            StoreDamaged: not a catalog, or unreadable.
            StoreTooNew: written by a newer version.
            StoreUnwritable: the system refuses to open it.
        """
        self._db = Database(path, create=create)

    def close(self) -> None:
        """Close the connection; closing twice does no harm."""
        self._db.close()

    # -- articles ---------------------------------------------------------------------------------

    def digest(self, article_id: str) -> bytes | None:
        """Return the digest of the live version (see ``article_digest``), or None if there is none."""
        row = self._db.row(f"SELECT v.digest FROM {LIVE} WHERE a.id = ?", article_id)
        return None if row is None else bytes(row[0])

    def store_articles(
        self, prepared: Sequence[PreparedArticle], vectors: Mapping[bytes, NDArray[np.float32]], model: str, at: datetime
    ) -> list[str]:
        """Store articles as new live versions, all or none, and return what each was: added, or updated.

        ``vectors`` holds a unit row for every chunk text that ``missing_vectors`` named. Version numbers are never used twice,
        also when an article was removed in between: a citation of one never comes to name another text.
        """
        changes: list[str] = []
        with self._db.transaction():
            failpoint("catalog-begun")
            if self._db.meta("model") is None:
                self._db.set_meta("model", model)
            self._insert_vectors(vectors, model)
            stale: set[bytes] = set()
            newest = newest_versions(self._db, (item.article.meta.id for item in prepared))
            for item in prepared:
                stale |= self._drop_parts(item.article.meta.id)
                newest[item.article.meta.id] += 1
                changes.append(self._store_article(item, newest[item.article.meta.id], at))
            self._forget(stale)
            self._bump()
            failpoint("catalog-before-commit")
        return changes

    def _store_article(self, item: PreparedArticle, version: int, at: datetime) -> str:
        article_id = item.article.meta.id
        change = "updated" if self._db.row("SELECT 1 FROM articles WHERE id = ?", article_id) else "added"
        self._db.run(
            "INSERT INTO articles VALUES (?, ?) ON CONFLICT(id) DO UPDATE SET version = excluded.version", article_id, version
        )
        self._db.run("INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", *article_row(item.article, version, at))
        failpoint("catalog-article")
        self._insert_parts(item, version)
        note(self._db, change, article_id, version, at)
        return change

    def _insert_parts(self, item: PreparedArticle, version: int) -> None:
        text, article_id = item.article.text, item.article.meta.id
        self._db.run_many(
            "INSERT INTO sentences(article_id, version, number, start, end, text) VALUES (?, ?, ?, ?, ?, ?)",
            ((article_id, version, n, a, b, text[a:b]) for n, (a, b) in enumerate(item.sentences, 1)),
        )
        # No triggers: with trusted_schema off, a trigger may not touch a virtual table.
        self._db.run("INSERT INTO sentences_fts(rowid, text) SELECT id, text FROM sentences WHERE article_id = ?", article_id)
        self._db.run_many(
            "INSERT INTO chunks(article_id, version, start, end, first, last, text_key) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (article_id, version, *item.chunk_span(chunk), *chunk, text_key(item.chunk_text(chunk)))
                for chunk in item.chunks
            ),
        )  # fmt: skip
        failpoint("catalog-chunks")

    def _drop_parts(self, article_id: str) -> set[bytes]:
        """Delete sentences and chunks, and return the text keys that may be unused now."""
        keys = {row[0] for row in self._db.rows("SELECT text_key FROM chunks WHERE article_id = ?", article_id)}
        self._db.run(
            "INSERT INTO sentences_fts(sentences_fts, rowid, text) SELECT 'delete', id, text FROM sentences WHERE article_id = ?",
            article_id,
        )
        self._db.run("DELETE FROM sentences WHERE article_id = ?", article_id)
        self._db.run("DELETE FROM chunks WHERE article_id = ?", article_id)
        return keys

    def remove(self, article_id: str, at: datetime) -> bool:
        """Delete an article with all its versions; return whether it was there."""
        with self._db.transaction():
            row = self._db.row("SELECT version FROM articles WHERE id = ?", article_id)
            if row is None:
                return False
            stale = self._drop_parts(article_id)
            failpoint("remove-parts")
            self._db.run("DELETE FROM articles WHERE id = ?", article_id)
            self._forget(stale)
            note(self._db, "removed", article_id, row[0], at)
            self._bump()
        failpoint("remove-committed")
        return True

    def article(self, article_id: str, version: int | None = None) -> Article | None:
        """Return one version of an article (the live one by default), or None."""
        return version_of(self._db, article_id, version)

    def removed_at(self, article_id: str) -> datetime | None:
        """Return when an article of this id was deleted last, or None."""
        return removed_at(self._db, article_id)

    def metas(self) -> Iterator[ArticleMeta]:
        """Yield the live articles' metadata, newest published first, undated last, then by id."""
        return map(meta_of, self._db.rows(f"SELECT {META} FROM {LIVE} ORDER BY {NEWEST_FIRST}"))

    def metas_of(self, article_ids: Iterable[str]) -> dict[str, ArticleMeta]:
        """Return the live metadata of some articles, by id."""
        rows = self._db.rows_in(f"SELECT {META} FROM {LIVE} WHERE v.article_id IN", sorted(set(article_ids)))
        return {row[0]: meta_of(row) for row in rows}

    def ids(self) -> list[str]:
        """Return the live articles' ids, sorted."""
        return [row[0] for row in self._db.rows("SELECT id FROM articles ORDER BY id")]

    def published_in(self, sources: Collection[str] | None, first: datetime | None, last: datetime | None) -> frozenset[str]:
        """Return the ids of live articles from some outlets (None: any or none), published from first to last, inclusive."""
        return published_in(self._db, sources, first, last)

    def find(self, which: ArticleSet, words: str, limit: int | None, offset: int) -> tuple[list[ArticleMeta], int]:
        """Return a page of the live articles with all words in title, outlet or id, newest first, and their number."""
        return find_articles(self._db, which, words, limit, offset)

    # -- sentences and chunks ---------------------------------------------------------------------

    def search_sentences(self, terms: Sequence[str], limit: int, which: ArticleSet = ALL_ARTICLES) -> list[tuple[int, float]]:
        """Return ``(sentence id, BM25)`` for sentences with any of the terms, best first; higher is better."""
        return search_sentences(self._db, terms, limit, which)

    def sentences(self, ids: Iterable[int]) -> dict[int, Sentence]:
        """Return sentences by id; unknown ids are left out."""
        rows = self._db.rows_in(f"SELECT id, {_SENTENCE} FROM sentences WHERE id IN", sorted(set(ids)))
        return {int(row[0]): sentence_of(row[1:]) for row in rows}

    def sentences_of(self, article_id: str) -> list[Sentence]:
        """Return an article's live sentences in reading order."""
        return [sentence_of(row) for row in self._sentence_rows("article_id = ? ORDER BY number", article_id)]

    def sentence(self, article_id: str, number: int) -> Sentence | None:
        """Return one live sentence by its number, or None."""
        rows = self._sentence_rows("article_id = ? AND number = ?", article_id, number)
        return sentence_of(rows[0]) if rows else None

    def _sentence_rows(self, where: str, *values: object) -> list[tuple[Any, ...]]:
        return self._db.rows(f"SELECT {_SENTENCE} FROM sentences WHERE {where}", *values)

    def sentence_ids_of_chunks(self, chunk_ids: Sequence[int]) -> dict[int, list[int]]:
        """Return the sentence ids of each chunk, in reading order."""
        found: dict[int, list[int]] = {chunk: [] for chunk in chunk_ids}
        rows = self._db.rows_in(
            "SELECT c.id, s.id FROM chunks c JOIN sentences s ON s.article_id = c.article_id"
            " AND s.number BETWEEN c.first AND c.last WHERE c.id IN",
            list(chunk_ids),
        )
        for chunk, sentence in sorted((int(a), int(b)) for a, b in rows):
            found[chunk].append(sentence)
        return found

    def chunks(self, ids: Sequence[int]) -> dict[int, Chunk]:
        """Return chunks by id; unknown ids are left out."""
        rows = self._db.rows_in(
            "SELECT c.id, c.article_id, c.version, c.start, c.end, c.first, c.last,"
            " substr(v.text, c.start + 1, c.end - c.start) FROM chunks c"
            " JOIN versions v ON v.article_id = c.article_id AND v.version = c.version WHERE c.id IN",
            list(ids),
        )
        return {
            int(row[0]): Chunk(row[0], row[1], row[2], Span(row[3], row[4]), row[7], tuple(range(row[5], row[6] + 1)))
            for row in rows
        }  # fmt: skip

    # -- vectors and the state of their index -----------------------------------------------------

    def missing_vectors(self, keys: Iterable[bytes], model: str) -> set[bytes]:
        """Return the text keys that have no vector of this model yet."""
        wanted = set(keys)
        known = self._db.rows_in("SELECT text_key FROM vectors WHERE model = ? AND text_key IN", list(wanted), model)
        return wanted - {row[0] for row in known}

    def dimension(self, model: str) -> int | None:
        """Return how many numbers the vectors of a model have, or None when there are none."""
        row = self._db.row("SELECT length(vector) FROM vectors WHERE model = ? LIMIT 1", model)
        return None if row is None else int(row[0]) // np.dtype(np.float32).itemsize

    def chunk_ids(self, which: ArticleSet = ALL_ARTICLES) -> list[int]:
        """Return the ids of the live chunks of some articles, ascending."""
        wanted, values = among("article_id", which)
        return [int(row[0]) for row in self._db.rows(f"SELECT id FROM chunks WHERE {wanted} ORDER BY id", *values)]

    def chunks_among(self, ids: Sequence[int], which: ArticleSet) -> set[int]:
        """Return those of some chunks that are of some articles."""
        wanted, values = among("article_id", which)
        return {int(row[0]) for row in self._db.rows_in(f"SELECT id FROM chunks WHERE {wanted} AND id IN", ids, *values)}

    def chunk_vectors(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Return the vectors of chunks in the order asked for, shape ``(len(ids), dim)``, float32, unit rows."""
        by_id = self.vectors_by_id(ids)
        if len(by_id) != len(set(ids)):
            lost = len(set(ids)) - len(by_id)
            raise StoreDamaged(f"{self._db.path} lacks the vectors of {lost} chunks: run pullquote reindex")
        return np.stack([by_id[i] for i in ids]) if ids else np.zeros((0, 0), np.float32)

    def vectors_by_id(self, ids: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        """Return the vectors of those chunks that are there, float32, unit rows."""
        rows = self._db.rows_in(  # CROSS JOIN: chunks first, else all vectors of the model are read for every part
            "SELECT c.id, v.vector FROM chunks c CROSS JOIN vectors v ON v.model = ? AND v.text_key = c.text_key WHERE c.id IN",
            list(ids),
            self.model(),
        )
        return {int(row[0]): np.frombuffer(row[1], np.float32) for row in rows}

    def model(self) -> str | None:
        """Return the fingerprint of the model that made the live vectors; None in a new store."""
        return self._db.meta("model")

    def stage_vectors(self, vectors: Mapping[bytes, NDArray[np.float32]], model: str) -> None:
        """Keep vectors of a model that is not the live one yet."""
        with self._db.transaction():
            self._insert_vectors(vectors, model)

    def switch_model(self, prepared: Iterable[PreparedArticle], model: str) -> None:
        """Make a staged model the live one, with the sentences and chunks made for it, all at once."""
        with self._db.transaction():
            self._db.run("DELETE FROM chunks")
            self._db.run("DELETE FROM sentences")
            self._db.run("INSERT INTO sentences_fts(sentences_fts) VALUES ('delete-all')")
            for item in prepared:
                self._insert_parts(item, item.article.meta.version)
            self._db.set_meta("model", model)
            self._db.set_meta("index_dirty", "1")  # its vectors may not even have the same dimension
            self._db.run("DELETE FROM vectors WHERE model <> ? OR text_key NOT IN (SELECT text_key FROM chunks)", model)
            self._bump()
            failpoint("cut-before-commit")

    def revision(self) -> int:
        """Return a number that grows with every change of articles."""
        return int(self._db.meta("revision") or 0)

    def index_state(self) -> IndexState:
        """Return which vector index is the current one."""
        known = dict(self._db.rows("SELECT key, value FROM meta WHERE key LIKE 'index%'"))
        revision = int(known.get("index_revision") or -1)
        return IndexState(known.get("index_folder") or None, revision, known.get("index_dirty") == "1")

    def set_index_state(self, state: IndexState) -> None:
        """Remember the current vector index, durably."""
        with self._db.transaction():
            self._db.set_meta("index_folder", state.folder or "")
            self._db.set_meta("index_revision", str(state.revision))
            self._db.set_meta("index_dirty", "1" if state.dirty else "0")

    # -- the whole --------------------------------------------------------------------------------

    def stats(self, which: ArticleSet = ALL_ARTICLES) -> CatalogStats:
        """Count what the store holds of some articles."""
        return stats_of(self._db, which)

    def sources(self) -> tuple[tuple[str, int], ...]:
        """Return the outlets with their article counts, most first."""
        return sources_of(self._db, ALL_ARTICLES)

    def check(self) -> list[str]:
        """Return what is wrong with the catalog, one line each; empty when all is well."""
        return problems_of(self._db)

    # -- inside a transaction ---------------------------------------------------------------------

    def _insert_vectors(self, vectors: Mapping[bytes, NDArray[np.float32]], model: str) -> None:
        self._db.run_many(
            "INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)",
            ((model, key, np.asarray(row, np.float32).tobytes()) for key, row in vectors.items()),
        )

    def _forget(self, keys: Iterable[bytes]) -> None:
        self._db.run_many(
            "DELETE FROM vectors WHERE text_key = ?1 AND NOT EXISTS (SELECT 1 FROM chunks WHERE text_key = ?1)",
            ((key,) for key in keys),
        )

    def _bump(self) -> None:
        self._db.set_meta("revision", str(self.revision() + 1))
