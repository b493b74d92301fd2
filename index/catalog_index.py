"""What the catalog knows of chunks and their vectors: the live cut of all articles, and one that is being made beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pullquote.index.catalog_report import LIVE_CUT, among, kept_counts
from pullquote.index.database import Database
from pullquote.index.embedding import text_key
from pullquote.index.errors import StoreDamaged
from pullquote.index.failpoints import failpoint
from pullquote.index.nearest import Rows
from pullquote.index.records import IndexState, PreparedArticle
from pullquote.index.types import ArticleSet, Chunk, Span

LAST_ID = 2**63 - 1
_LIVE_MODEL = "(SELECT value FROM meta WHERE key = 'model')"

# -- chunks of the live cut -----------------------------------------------------------------------


def chunk_ids(db: Database, which: ArticleSet, above: int, upto: int) -> list[int]:
    """Return the ids of the live chunks of some articles that are above one number and up to another, ascending."""
    wanted, values = among("article_id", which)
    # The plus keeps SQLite from looking at every chunk for those of few articles, also for the sake of their order.
    column = "id" if which.is_all else "+id"
    sql = f"SELECT id FROM chunks WHERE cut = {LIVE_CUT} AND {column} > ? AND {column} <= ? AND {wanted} ORDER BY {column}"
    return [int(row[0]) for row in db.rows(sql, above, upto, *values)]


def chunk_count(db: Database, above: int, upto: int) -> int:
    """Return how many live chunks have such an id; of all of them it is known."""
    if (above, upto) == (0, LAST_ID):
        return kept_counts(db)["chunks"]
    ((count,),) = db.rows(f"SELECT count(*) FROM chunks WHERE cut = {LIVE_CUT} AND id > ? AND id <= ?", above, upto)
    return int(count)


def chunks_among(db: Database, ids: Sequence[int], which: ArticleSet) -> set[int]:
    """Return those of some chunks that are live and of some articles."""
    # The plus: chunks by their ids, else every article of the set is looked through for each of them.
    wanted, values = among("+article_id", which)
    sql = f"SELECT id FROM chunks WHERE +cut = {LIVE_CUT} AND {wanted} AND id IN"
    return {int(row[0]) for row in db.rows_in(sql, ids, *values)}


def chunks_of(db: Database, ids: Sequence[int]) -> dict[int, Chunk]:
    """Return live chunks by id."""
    rows = db.rows_in(
        "SELECT c.id, c.article_id, c.version, c.start, c.end, c.first, c.last,"
        " substr(v.text, c.start + 1, c.end - c.start) FROM chunks c"
        f" JOIN versions v ON v.article_id = c.article_id AND v.version = c.version WHERE c.cut = {LIVE_CUT} AND c.id IN",
        list(ids),
    )
    return {
        int(row[0]): Chunk(row[0], row[1], row[2], Span(row[3], row[4]), row[7], tuple(range(row[5], row[6] + 1)))
        for row in rows
    }  # fmt: skip


def sentence_ids_of(db: Database, chunk_ids: Sequence[int]) -> dict[int, list[int]]:
    """Return the sentence ids of each live chunk, in reading order."""
    found: dict[int, list[int]] = {chunk: [] for chunk in chunk_ids}
    rows = db.rows_in(
        "SELECT c.id, s.id FROM chunks c JOIN sentences s ON s.article_id = c.article_id"
        f" AND s.number BETWEEN c.first AND c.last WHERE c.cut = {LIVE_CUT} AND c.id IN",
        list(chunk_ids),
    )
    for chunk, sentence in sorted((int(a), int(b)) for a, b in rows):
        found[chunk].append(sentence)
    return found


# -- vectors --------------------------------------------------------------------------------------


def missing_vectors(db: Database, keys: Iterable[bytes], model: str) -> set[bytes]:
    """Return the text keys that have no vector of this model yet."""
    wanted = set(keys)
    known = db.rows_in("SELECT text_key FROM vectors WHERE model = ? AND text_key IN", list(wanted), model)
    return wanted - {row[0] for row in known}


def dimension(db: Database, model: str) -> int | None:
    """Return how many numbers the vectors of a model have, or None when there are none."""
    row = db.row("SELECT length(vector) FROM vectors WHERE model = ? LIMIT 1", model)
    return None if row is None else int(row[0]) // np.dtype(np.float32).itemsize


def chunk_vectors(db: Database, ids: Sequence[int]) -> NDArray[np.float32]:
    """Return the vectors of live chunks in the order asked for, shape ``(len(ids), dim)``."""
    by_id = vectors_by_id(db, ids)
    if len(by_id) != len(set(ids)):
        lost = len(set(ids)) - len(by_id)
        raise StoreDamaged(f"{db.path} lacks the vectors of {lost} chunks: run pullquote reindex")
    return np.stack([by_id[i] for i in ids]) if ids else np.zeros((0, 0), np.float32)


def vectors_by_id(db: Database, ids: Sequence[int]) -> dict[int, NDArray[np.float32]]:
    """Return the vectors of those chunks that are live, by the model that is."""
    return _vectors(db, ids, LIVE_CUT, _LIVE_MODEL)


def vector_rows(db: Database, ids: Sequence[int]) -> Rows:
    """Return the same as rows, by id."""
    found = sorted(_packed(db, ids, LIVE_CUT, _LIVE_MODEL))
    numbers = np.frombuffer(b"".join([vector for _, vector in found]), np.float32)
    shape = (len(found), -1) if found else (0, 0)
    return Rows(np.array([chunk for chunk, _ in found], np.int64), numbers.reshape(shape))


def _vectors(db: Database, ids: Sequence[int], cut: str, model: str, *values: object) -> dict[int, NDArray[np.float32]]:
    return {int(chunk): np.frombuffer(vector, np.float32) for chunk, vector in _packed(db, ids, cut, model, *values)}


def _packed(db: Database, ids: Sequence[int], cut: str, model: str, *values: object) -> list[tuple[int, bytes]]:
    return db.rows_in(  # CROSS JOIN: chunks first, else all vectors of the model are read for every part
        f"SELECT c.id, v.vector FROM chunks c CROSS JOIN vectors v ON v.text_key = c.text_key AND v.model = {model}"
        f" WHERE +c.cut = {cut} AND c.id IN",
        list(ids),
        *values,
    )


def insert_vectors(db: Database, vectors: Mapping[bytes, NDArray[np.float32]], model: str) -> None:
    """Keep the vectors of texts, inside a transaction."""
    db.run_many(
        "INSERT OR IGNORE INTO vectors(model, text_key, vector) VALUES (?, ?, ?)",
        ((model, key, np.asarray(row, np.float32).tobytes()) for key, row in vectors.items()),
    )


def forget_vectors(db: Database, keys: Iterable[bytes]) -> None:
    """Delete the vectors of those texts that no chunk has any more, inside a transaction."""
    models = _distinct(db, "vectors", "model")  # named one by one: no index begins with the text
    db.run_many(
        "DELETE FROM vectors WHERE model = ?1 AND text_key = ?2 AND NOT EXISTS (SELECT 1 FROM chunks WHERE text_key = ?2)",
        ((model, key) for key in keys for model in models),
    )


def insert_chunks(db: Database, item: PreparedArticle, version: int, cut: int) -> None:
    """Keep the chunks of an article, inside a transaction."""
    article_id = item.article.meta.id
    db.run_many(
        "INSERT INTO chunks(article_id, version, start, end, first, last, text_key, cut) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (article_id, version, *item.chunk_span(chunk), *chunk, text_key(item.chunk_text(chunk)), cut)
            for chunk in item.chunks
        ),
    )  # fmt: skip


# -- a cut beside the live one --------------------------------------------------------------------


def live_cut(db: Database) -> int:
    """Return the number of the cut that is searched."""
    ((cut,),) = db.rows(f"SELECT {LIVE_CUT}")
    return int(cut)


def begin_cut(db: Database, model: str, chunk_tokens: int) -> int:
    """Return the number of the cut that is being made with a model; of one that was cut off, what is there stays."""
    with db.transaction():
        known = _staging(db)
        if known is not None and known[1:] == (model, chunk_tokens):
            return known[0]
        cut = max(live_cut(db), *_cuts(db), 0) + 1
        db.set_meta("staging", json.dumps([cut, model, chunk_tokens]))
        return cut


def lacking(db: Database, cut: int) -> list[str]:
    """Return the ids of the articles that have no chunks of a cut, sorted."""
    sql = "SELECT id FROM articles a WHERE NOT EXISTS (SELECT 1 FROM chunks WHERE article_id = a.id AND cut = ?) ORDER BY id"
    return [row[0] for row in db.rows(sql, cut)]


def stage_chunks(
    db: Database, cut: int, prepared: Sequence[PreparedArticle], vectors: Mapping[bytes, NDArray[np.float32]], model: str
) -> None:
    """Keep the chunks of live versions, cut from their stored sentences, and those vectors that were missing."""
    with db.transaction():
        insert_vectors(db, vectors, model)
        for item in prepared:
            db.run("DELETE FROM chunks WHERE article_id = ? AND cut = ?", item.article.meta.id, cut)
            insert_chunks(db, item, item.article.meta.version, cut)


def staged_ids(db: Database, cut: int) -> list[int]:
    """Return the ids of the chunks of a cut, ascending."""
    return [int(row[0]) for row in db.rows("SELECT id FROM chunks WHERE cut = ? ORDER BY id", cut)]


def staged_vectors(db: Database, ids: Sequence[int], cut: int, model: str) -> dict[int, NDArray[np.float32]]:
    """Return the vectors of those chunks that are of a cut, by a model."""
    return _vectors(db, ids, "?", "?", model, cut)


def switch_cut(db: Database, cut: int, model: str, embedding: str, state: IndexState) -> None:
    """Make a cut the live one, with the segments that hold it."""
    with db.transaction():
        for key, value in (("cut", str(cut)), ("model", model), ("embedding", embedding), ("index", state.to_json())):
            db.set_meta(key, value)
        db.run("DELETE FROM meta WHERE key = 'staging'")
        db.run("INSERT OR REPLACE INTO counts(name, n) SELECT 'chunks', count(*) FROM chunks WHERE cut = ?", cut)
        bump(db)
        failpoint("cut-before-commit")


def drop_dead(db: Database, limit: int) -> int:
    """Delete chunks of dead cuts and vectors that nothing uses, at most so many of each; return how many there were."""
    with db.transaction():
        staging = _staging(db)
        models = {db.meta("model"), staging[1] if staging else None}
        dead = [model for model in _distinct(db, "vectors", "model") if model not in models]
        return _drop_chunks(db, _dead_cuts(db)[:1], limit) + _drop_vectors(db, dead[:1], limit)


def bump(db: Database) -> None:
    """Count a change of what is searched, inside a transaction."""
    db.set_meta("revision", str(int(db.meta("revision") or 0) + 1))


def _drop_chunks(db: Database, cuts: Sequence[int], limit: int) -> int:
    dropped = 0
    for cut in cuts:
        rows = db.rows("SELECT id, text_key FROM chunks WHERE cut = ? ORDER BY id LIMIT ?", cut, limit)
        db.run_many("DELETE FROM chunks WHERE id = ?", ((row[0],) for row in rows))
        forget_vectors(db, {row[1] for row in rows})
        dropped += len(rows)
    return dropped


def _drop_vectors(db: Database, models: Sequence[str], limit: int) -> int:
    dropped = 0
    for model in models:
        rows = db.rows("SELECT rowid FROM vectors WHERE model = ? LIMIT ?", model, limit)
        db.run_many("DELETE FROM vectors WHERE rowid = ?", rows)
        dropped += len(rows)
    return dropped


def _staging(db: Database) -> tuple[int, str, int] | None:
    """Return the cut that is being made, its model and its chunks' tokens."""
    try:
        cut, model, chunk_tokens = json.loads(db.meta("staging") or "")
        return int(cut), str(model), int(chunk_tokens)
    except (ValueError, TypeError):
        return None


def _cuts(db: Database) -> list[int]:
    return [int(value) for value in _distinct(db, "chunks", "cut")]


def _dead_cuts(db: Database) -> list[int]:
    staging = _staging(db)
    kept = {live_cut(db), staging[0] if staging else None}
    return [cut for cut in _cuts(db) if cut not in kept]


def _distinct(db: Database, table: str, column: str) -> list[Any]:
    """Return the few values of an indexed column, without looking at all rows."""
    rows = db.rows(
        f"WITH RECURSIVE found(value) AS (SELECT min({column}) FROM {table} UNION ALL"
        f" SELECT (SELECT min({column}) FROM {table} WHERE {column} > value) FROM found WHERE value IS NOT NULL)"
        " SELECT value FROM found WHERE value IS NOT NULL"
    )
    return [row[0] for row in rows]
