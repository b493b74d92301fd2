"""The catalog: one SQLite file, the only truth about a store. All SQL is here and in ``schema``."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pullquote.index.embedding import text_key
from pullquote.index.errors import StoreDamaged, StoreTooNew
from pullquote.index.schema import APPLICATION_ID, SCHEMA, SCHEMA_VERSION
from pullquote.index.types import Article, ArticleMeta, Chunk, Sentence, Span

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VARIABLES = 900  # SQLite's oldest limit on bound values is 999


@dataclass(frozen=True, slots=True)
class PreparedArticle:
    """An article cut into sentences and chunks, ready to be stored in one transaction."""

    article: Article
    sentences: tuple[Span, ...]
    chunks: tuple[tuple[int, int], ...]
    """First and last sentence number of each chunk, from 1, inclusive."""

    def chunk_span(self, chunk: tuple[int, int]) -> Span:
        """Return the characters of a chunk."""
        return Span(self.sentences[chunk[0] - 1].start, self.sentences[chunk[1] - 1].end)

    def chunk_text(self, chunk: tuple[int, int]) -> str:
        """Return the text of a chunk, verbatim."""
        span = self.chunk_span(chunk)
        return self.article.text[span.start : span.end]


@dataclass(frozen=True, slots=True)
class IndexState:
    """Which vector index belongs to the catalog, and whether it is complete."""

    folder: str | None
    revision: int
    """The catalog revision that the index holds."""
    dirty: bool
    """A write to the index began and did not end."""


@dataclass(frozen=True, slots=True)
class CatalogStats:
    """What a store holds."""

    articles: int
    sentences: int
    chunks: int
    versions: int
    sources: tuple[tuple[str, int], ...]
    """Outlets with their article counts, most first."""
    oldest: datetime | None
    newest: datetime | None
    undated: int
    last_ingest: datetime | None


class Catalog:
    """One connection to the catalog; safe to share between threads."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        """Open the file, or make it.

        Raises:
            StoreDamaged: not a catalog, or unreadable.
            StoreTooNew: written by a newer version.
        """
        self._path = path
        self._lock = threading.RLock()
        with self._errors():
            self._db = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
            # A rollback journal, not WAL: this SQLite may still carry the WAL-reset bug (3.7.0 to 3.51.2).
            self._db.executescript(
                "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                "PRAGMA trusted_schema=OFF; PRAGMA secure_delete=ON; PRAGMA cache_size=-65536;"
            )
            if create and not self._db.execute("SELECT 1 FROM sqlite_master").fetchone():
                self._db.executescript(
                    f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA application_id={APPLICATION_ID};"
                    f"PRAGMA user_version={SCHEMA_VERSION}; COMMIT;"
                )
            (application,) = self._db.execute("PRAGMA application_id").fetchone()
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION_ID:
            raise StoreDamaged(f"{path} is not a pullquote catalog: name another --store")
        if version > SCHEMA_VERSION:
            raise StoreTooNew(f"{path} was written by a newer pullquote (schema {version}): upgrade pullquote")

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._db.close()

    # -- articles ---------------------------------------------------------------------------------

    def digest(self, article_id: str) -> bytes | None:
        """Return the digest of the live version (see ``article_digest``), or None if there is none."""
        row = self._one(
            "SELECT digest FROM articles JOIN versions ON article_id = id AND versions.version = articles.version WHERE id = ?",
            article_id,
        )
        return None if row is None else bytes(row[0])

    def store_articles(
        self, prepared: Sequence[PreparedArticle], vectors: Mapping[bytes, NDArray[np.float32]], model: str, at: datetime
    ) -> list[int]:
        """Store articles as new live versions, all or none, and return their version numbers.

        ``vectors`` holds a unit row for every chunk text that ``missing_vectors`` named.
        """
        versions: list[int] = []
        with self._transaction() as db:
            if self._meta("model") is None:
                self._set_meta("model", model)
            db.executemany(
                "INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)",
                ((model, key, np.asarray(row, np.float32).tobytes()) for key, row in vectors.items()),
            )
            stale: set[bytes] = set()
            for item in prepared:
                stale |= self._drop_parts(db, item.article.meta.id)
                versions.append(self._store_article(db, item, at))
            self._forget(db, stale)
            self._bump(db)
        return versions

    def _store_article(self, db: sqlite3.Connection, item: PreparedArticle, at: datetime) -> int:
        meta = item.article.meta
        (newest,) = db.execute("SELECT max(version) FROM versions WHERE article_id = ?", (meta.id,)).fetchone()
        version = (newest or 0) + 1
        db.execute(
            "INSERT INTO articles VALUES (?, ?) ON CONFLICT(id) DO UPDATE SET version = excluded.version", (meta.id, version)
        )
        db.execute(
            "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                meta.id, version, meta.url, meta.title, meta.source, json.dumps(meta.authors, ensure_ascii=False),
                _seconds(meta.published_at), _seconds(meta.fetched_at or at), meta.language,
                item.article.text, article_digest(item.article),
            ),
        )  # fmt: skip
        self._insert_parts(db, item, version)
        verb = "added" if version == 1 else "updated"
        db.execute("INSERT INTO journal(at, verb, article_id, version) VALUES (?, ?, ?, ?)", (_seconds(at), verb, meta.id, version))
        return version

    def _insert_parts(self, db: sqlite3.Connection, item: PreparedArticle, version: int) -> None:
        text, article_id = item.article.text, item.article.meta.id
        db.executemany(
            "INSERT INTO sentences(article_id, version, number, start, end, text) VALUES (?, ?, ?, ?, ?, ?)",
            ((article_id, version, n, a, b, text[a:b]) for n, (a, b) in enumerate(item.sentences, 1)),
        )
        # No triggers: with trusted_schema off, a trigger may not touch a virtual table.
        db.execute("INSERT INTO sentences_fts(rowid, text) SELECT id, text FROM sentences WHERE article_id = ?", (article_id,))
        db.executemany(
            "INSERT INTO chunks(article_id, version, start, end, first, last, text_key) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (article_id, version, *item.chunk_span(chunk), *chunk, text_key(item.chunk_text(chunk)))
                for chunk in item.chunks
            ),
        )

    def remove(self, article_id: str, at: datetime) -> bool:
        """Delete an article with all its versions; return whether it was there."""
        with self._transaction() as db:
            row = db.execute("SELECT version FROM articles WHERE id = ?", (article_id,)).fetchone()
            if row is None:
                return False
            stale = self._drop_parts(db, article_id)
            db.execute("DELETE FROM articles WHERE id = ?", (article_id,))
            self._forget(db, stale)
            db.execute(
                "INSERT INTO journal(at, verb, article_id, version) VALUES (?, 'removed', ?, ?)", (_seconds(at), article_id, row[0])
            )
            self._bump(db)
        return True

    def article(self, article_id: str, version: int | None = None) -> Article | None:
        """Return one version of an article (the live one by default), or None."""
        row = self._one(
            f"SELECT {_META}, text FROM versions v JOIN articles a ON a.id = v.article_id"
            " WHERE v.article_id = ? AND v.version = coalesce(?, a.version)",
            article_id, version,
        )  # fmt: skip
        return None if row is None else Article(_meta_of(row), row[-1])

    def metas(self) -> Iterator[ArticleMeta]:
        """Yield the live articles' metadata, newest published first, undated last, then by id."""
        rows = self._all(
            f"SELECT {_META} FROM versions v JOIN articles a ON a.id = v.article_id AND a.version = v.version"
            " ORDER BY v.published_at IS NULL, v.published_at DESC, v.article_id"
        )
        return map(_meta_of, rows)

    def metas_of(self, article_ids: Iterable[str]) -> dict[str, ArticleMeta]:
        """Return the live metadata of some articles, by id."""
        rows = self._in(
            f"SELECT {_META} FROM versions v JOIN articles a ON a.id = v.article_id AND a.version = v.version WHERE v.article_id IN",
            sorted(set(article_ids)),
        )
        return {row[0]: _meta_of(row) for row in rows}

    def ids(self) -> list[str]:
        """Return the live articles' ids, sorted."""
        return [row[0] for row in self._all("SELECT id FROM articles ORDER BY id")]

    # -- sentences and chunks ---------------------------------------------------------------------

    def search_sentences(self, terms: Sequence[str], limit: int) -> list[tuple[int, float]]:
        """Return ``(sentence id, BM25)`` for sentences with any of the terms, best first; higher is better."""
        match = " OR ".join('"' + term.replace('"', '""').replace("\0", " ") + '"' for term in terms)
        if not match:
            return []
        rows = self._all(
            "SELECT rowid, -bm25(sentences_fts) AS score FROM sentences_fts WHERE sentences_fts MATCH ?"
            " ORDER BY score DESC, rowid LIMIT ?",
            match, limit,
        )  # fmt: skip
        return [(int(row[0]), float(row[1])) for row in rows]

    def sentences(self, ids: Iterable[int]) -> dict[int, Sentence]:
        """Return sentences by id; unknown ids are left out."""
        rows = self._in(f"SELECT id, {_SENTENCE} FROM sentences WHERE id IN", sorted(set(ids)))
        return {int(row[0]): _sentence_of(row[1:]) for row in rows}

    def sentences_of(self, article_id: str) -> list[Sentence]:
        """Return an article's live sentences in reading order."""
        rows = self._all(f"SELECT {_SENTENCE} FROM sentences WHERE article_id = ? ORDER BY number", article_id)
        return [_sentence_of(row) for row in rows]

    def sentence(self, article_id: str, number: int) -> Sentence | None:
        """Return one live sentence by its number, or None."""
        row = self._one(f"SELECT {_SENTENCE} FROM sentences WHERE article_id = ? AND number = ?", article_id, number)
        return None if row is None else _sentence_of(row)

    def sentence_ids_of_chunks(self, chunk_ids: Sequence[int]) -> dict[int, list[int]]:
        """Return the sentence ids of each chunk, in reading order."""
        found: dict[int, list[int]] = {chunk: [] for chunk in chunk_ids}
        rows = self._in(
            "SELECT c.id, s.id FROM chunks c JOIN sentences s ON s.article_id = c.article_id"
            " AND s.number BETWEEN c.first AND c.last WHERE c.id IN",
            list(chunk_ids),
        )
        for chunk, sentence in sorted((int(a), int(b)) for a, b in rows):
            found[chunk].append(sentence)
        return found

    def chunks(self, ids: Sequence[int]) -> dict[int, Chunk]:
        """Return chunks by id; unknown ids are left out."""
        rows = self._in(
            "SELECT c.id, c.article_id, c.version, c.start, c.end, c.first, c.last,"
            " substr(v.text, c.start + 1, c.end - c.start) FROM chunks c"
            " JOIN versions v ON v.article_id = c.article_id AND v.version = c.version WHERE c.id IN",
            list(ids),
        )
        return {
            int(row[0]): Chunk(row[0], row[1], row[2], Span(row[3], row[4]), row[7], tuple(range(row[5], row[6] + 1)))
            for row in rows
        }

    # -- vectors and the state of their index -----------------------------------------------------

    def missing_vectors(self, keys: Iterable[bytes], model: str) -> set[bytes]:
        """Return the text keys that have no vector of this model yet."""
        wanted = set(keys)
        with self._lock, self._errors():
            known = {
                key
                for key in wanted
                if self._db.execute("SELECT 1 FROM vectors WHERE model = ? AND text_key = ?", (model, key)).fetchone()
            }
        return wanted - known

    def chunk_ids(self) -> list[int]:
        """Return the ids of all live chunks, ascending."""
        return [int(row[0]) for row in self._all("SELECT id FROM chunks ORDER BY id")]

    def chunk_vectors(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Return the vectors of chunks in the order asked for, shape ``(len(ids), dim)``, float32, unit rows."""
        rows = self._in(
            "SELECT c.id, v.vector FROM chunks c JOIN vectors v ON v.text_key = c.text_key AND v.model ="
            " (SELECT value FROM meta WHERE key = 'model') WHERE c.id IN",
            list(ids),
        )
        by_id = {int(row[0]): np.frombuffer(row[1], np.float32) for row in rows}
        if len(by_id) != len(set(ids)):
            raise StoreDamaged(f"{self._path} lacks vectors of {len(set(ids)) - len(by_id)} chunks: run pullquote reindex")
        return np.stack([by_id[i] for i in ids]) if ids else np.zeros((0, 0), np.float32)

    def model(self) -> str | None:
        """Return the fingerprint of the model that made the live vectors; None in an empty store."""
        return self._meta("model")

    def stage_vectors(self, vectors: Mapping[bytes, NDArray[np.float32]], model: str) -> None:
        """Keep vectors of a model that is not the live one yet."""
        with self._transaction() as db:
            db.executemany(
                "INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)",
                ((model, key, np.asarray(row, np.float32).tobytes()) for key, row in vectors.items()),
            )

    def switch_model(self, prepared: Iterable[PreparedArticle], model: str) -> None:
        """Make a staged model the live one, with the sentences and chunks made for it, all at once."""
        with self._transaction() as db:
            db.execute("DELETE FROM chunks")
            db.execute("DELETE FROM sentences")
            db.execute("INSERT INTO sentences_fts(sentences_fts) VALUES ('delete-all')")
            for item in prepared:
                self._insert_parts(db, item, item.article.meta.version)
            self._set_meta("model", model)
            db.execute("DELETE FROM vectors WHERE model <> ? OR text_key NOT IN (SELECT text_key FROM chunks)", (model,))
            self._bump(db)

    def revision(self) -> int:
        """Return a number that grows with every change of articles."""
        return int(self._meta("revision") or 0)

    def index_state(self) -> IndexState:
        """Return which vector index is the current one."""
        return IndexState(self._meta("index_folder"), int(self._meta("index_revision") or -1), self._meta("index_dirty") == "1")

    def set_index_state(self, state: IndexState) -> None:
        """Remember the current vector index, durably."""
        with self._transaction():
            self._set_meta("index_folder", state.folder or "")
            self._set_meta("index_revision", str(state.revision))
            self._set_meta("index_dirty", "1" if state.dirty else "0")

    # -- the whole --------------------------------------------------------------------------------

    def stats(self) -> CatalogStats:
        """Count what the store holds."""
        live = "versions v JOIN articles a ON a.id = v.article_id AND a.version = v.version"
        oldest, newest, undated = self._all(f"SELECT min(published_at), max(published_at), sum(published_at IS NULL) FROM {live}")[0]
        sources = self._all(f"SELECT source, count(*) FROM {live} WHERE source IS NOT NULL GROUP BY source ORDER BY 2 DESC, 1")
        counts = [self._all(f"SELECT count(*) FROM {table}")[0][0] for table in ("articles", "sentences", "chunks", "versions")]
        last = self._all("SELECT max(at) FROM journal WHERE verb <> 'removed'")[0][0]
        pairs = tuple((str(name), int(n)) for name, n in sources)
        return CatalogStats(*counts, pairs, _moment(oldest), _moment(newest), int(undated or 0), _moment(last))

    def check(self) -> list[str]:
        """Return what is wrong with the catalog, one line each; empty when all is well."""
        problems = [row[0] for row in self._all("PRAGMA integrity_check(10)") if row[0] != "ok"]
        problems += [f"broken reference in {row[0]}" for row in self._all("PRAGMA foreign_key_check")]
        wrong = self._all(
            "SELECT s.article_id, s.number FROM sentences s JOIN versions v ON v.article_id = s.article_id AND"
            " v.version = s.version WHERE substr(v.text, s.start + 1, s.end - s.start) <> s.text LIMIT 10"
        )
        problems += [f"sentence {number} of {article} is not its article's text" for article, number in wrong]
        mixed = self._all("SELECT c.article_id FROM chunks c JOIN articles a ON a.id = c.article_id AND a.version <> c.version LIMIT 10")
        problems += [f"{row[0]} has chunks of a superseded version" for row in mixed]
        return problems

    # -- plumbing ---------------------------------------------------------------------------------

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreDamaged(f"cannot use {self._path}: {error}: restore it from a backup, or name another --store") from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _all(self, sql: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]
        with self._lock, self._errors():
            return self._db.execute(sql, values).fetchall()

    def _one(self, sql: str, *values: object) -> tuple | None:  # type: ignore[type-arg]
        rows = self._all(sql, *values)
        return rows[0] if rows else None

    def _in(self, sql: str, values: Sequence[object]) -> list[tuple]:  # type: ignore[type-arg]
        rows = []
        for start in range(0, len(values), _VARIABLES):
            part = values[start : start + _VARIABLES]
            rows += self._all(f"{sql} ({','.join('?' * len(part))})", *part)
        return rows

    def _meta(self, key: str) -> str | None:
        row = self._one("SELECT value FROM meta WHERE key = ?", key)
        return str(row[0]) if row and row[0] else None

    def _set_meta(self, key: str, value: str) -> None:
        self._db.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value", (key, value))

    def _bump(self, db: sqlite3.Connection) -> None:
        (value,) = db.execute("SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM meta WHERE key = 'revision'").fetchone()
        self._set_meta("revision", str(value + 1))

    @staticmethod
    def _drop_parts(db: sqlite3.Connection, article_id: str) -> set[bytes]:
        """Delete sentences and chunks, and return the text keys that may be unused now."""
        keys = {row[0] for row in db.execute("SELECT text_key FROM chunks WHERE article_id = ?", (article_id,))}
        db.execute(
            "INSERT INTO sentences_fts(sentences_fts, rowid, text) SELECT 'delete', id, text FROM sentences WHERE article_id = ?",
            (article_id,),
        )
        db.execute("DELETE FROM sentences WHERE article_id = ?", (article_id,))
        db.execute("DELETE FROM chunks WHERE article_id = ?", (article_id,))
        return keys

    @staticmethod
    def _forget(db: sqlite3.Connection, keys: Iterable[bytes]) -> None:
        db.executemany(
            "DELETE FROM vectors WHERE text_key = ?1 AND NOT EXISTS (SELECT 1 FROM chunks WHERE text_key = ?1)",
            ((key,) for key in keys),
        )


def article_digest(article: Article) -> bytes:
    """Return SHA-256 over everything that makes a new version when it changes: text and metadata."""
    meta = article.meta
    fields = [meta.url, meta.title, meta.source, list(meta.authors), _seconds(meta.published_at), meta.language, article.text]
    return sha256(json.dumps(fields, ensure_ascii=True).encode()).digest()


_META = "v.article_id, v.version, v.url, v.title, v.source, v.authors, v.published_at, v.fetched_at, v.language"
_SENTENCE = "article_id, version, number, start, end, text"


def _meta_of(row: Sequence) -> ArticleMeta:  # type: ignore[type-arg]
    article_id, version, url, title, source, authors, published, fetched, language = row[:9]
    return ArticleMeta(
        article_id, version, url, title, source, tuple(json.loads(authors)), _moment(published), _moment(fetched), language
    )


def _sentence_of(row: Sequence) -> Sentence:  # type: ignore[type-arg]
    article_id, version, number, start, end, text = row
    return Sentence(article_id, version, number, Span(start, end), text)


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int((moment - _EPOCH).total_seconds())


def _moment(seconds: int | None) -> datetime | None:
    # Not fromtimestamp(): it refuses dates before 1970 on some platforms.
    return None if seconds is None else _EPOCH + timedelta(seconds=seconds)
