"""What the catalog finds: sentences by their words, articles by outlet, day and words of their titles."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from pullquote.index.catalog_report import LIVE, META, NEWEST_FIRST, among
from pullquote.index.cleaning import folded
from pullquote.index.database import Database
from pullquote.index.records import meta_of, to_seconds
from pullquote.index.types import ArticleMeta, ArticleSet

_MAX_WORDS_CHARS = 1000
_SHOWN = "coalesce(v.title, '') || ' ' || coalesce(v.source, '') || ' ' || v.article_id"


def search_sentences(db: Database, terms: Sequence[str], limit: int, which: ArticleSet) -> list[tuple[int, float]]:
    """Return ``(sentence id, BM25)`` for sentences with any of the terms, best first; higher is better."""
    match = " OR ".join('"' + term.replace('"', '""').replace("\0", " ") + '"' for term in terms)
    if not match:
        return []
    # The plus keeps SQLite from asking the word index once for every sentence of the articles.
    wanted, values = among("+rowid", which, "SELECT id FROM sentences WHERE article_id IN (SELECT value FROM json_each(?))")
    rows = db.rows(
        f"SELECT rowid, -bm25(sentences_fts) AS score FROM sentences_fts WHERE sentences_fts MATCH ? AND {wanted}"
        " ORDER BY score DESC, rowid LIMIT ?",
        match.encode("utf-8", "replace").decode(), *values, limit,
    )  # fmt: skip
    return [(int(row[0]), float(row[1])) for row in rows]


def published_in(db: Database, sources: Collection[str] | None, first: datetime | None, last: datetime | None) -> frozenset[str]:
    """Return the ids of live articles from some outlets (None: from any or none), published from first to last, inclusive.

    Undated articles are not among them as soon as there is a bound.
    """
    rows = db.rows(
        f"SELECT v.article_id FROM {LIVE} WHERE (?1 IS NULL OR v.source IN (SELECT value FROM json_each(?1)))"
        " AND (?2 IS NULL OR v.published_at >= ?2) AND (?3 IS NULL OR v.published_at <= ?3)",
        None if sources is None else json.dumps(sorted(sources)), to_seconds(first), to_seconds(last),
    )  # fmt: skip
    return frozenset(row[0] for row in rows)


def find_articles(db: Database, which: ArticleSet, words: str, limit: int | None, offset: int) -> tuple[list[ArticleMeta], int]:
    """Return a page of the live articles with all words in title, outlet or id, newest first, and how many there are."""
    if len(words) > _MAX_WORDS_CHARS:
        return [], 0
    wanted, values = among("v.article_id", which)
    if parts := folded(words.replace("\0", " ")).split():  # in JSON, a NUL would end a word for SQLite
        wanted += f" AND NOT EXISTS (SELECT 1 FROM json_each(?) w WHERE instr(folded({_SHOWN}), w.value) = 0)"
        values = (*values, json.dumps(parts))
    ((total,),) = db.rows(f"SELECT count(*) FROM {LIVE} WHERE {wanted}", *values)
    sql = f"SELECT {META} FROM {LIVE} WHERE {wanted} ORDER BY {NEWEST_FIRST} LIMIT ? OFFSET ?"
    rows = db.rows(sql, *values, -1 if limit is None else max(0, limit), max(0, offset))
    return [meta_of(row) for row in rows], int(total)
