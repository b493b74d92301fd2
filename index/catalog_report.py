"""The catalog as a whole: what it holds, and whether that is sound."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from pullquote.index.database import Database
from pullquote.index.records import to_moment
from pullquote.index.types import ArticleSet

META = "v.article_id, v.version, v.url, v.title, v.source, v.authors, v.published_at, v.fetched_at, v.language"
NEWEST_FIRST = "v.published_at IS NULL, v.published_at DESC, v.article_id"
LIVE = "versions v JOIN articles a ON a.id = v.article_id AND a.version = v.version"


@dataclass(frozen=True, slots=True)
class CatalogStats:
    """What a store, or some of its articles, hold."""

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
    """When the store last took in any article."""


def among(column: str, which: ArticleSet, ids: str = "SELECT value FROM json_each(?)") -> tuple[str, tuple[str, ...]]:
    """Return a condition, that a column is one of these articles, and the values to bind; ``ids`` makes other ids of theirs."""
    if which.is_all:
        return "1", ()
    return f"{column} {'NOT ' if which.all_but else ''}IN ({ids})", (json.dumps(sorted(which.ids)),)


def stats_of(db: Database, which: ArticleSet) -> CatalogStats:
    """Count what some articles hold."""
    live, values = among("v.article_id", which)
    ((articles, oldest, newest, undated),) = db.rows(
        f"SELECT count(*), min(v.published_at), max(v.published_at), sum(v.published_at IS NULL) FROM {LIVE} WHERE {live}",
        *values,
    )
    wanted, values = among("article_id", which)
    counts = ", ".join(f"(SELECT count(*) FROM {table} WHERE {wanted})" for table in ("sentences", "chunks", "versions"))
    ((sentences, chunks, versions, last),) = db.rows(
        f"SELECT {counts}, (SELECT max(at) FROM journal WHERE verb <> 'removed')", *values * 3
    )
    sources, dates = sources_of(db, which), (to_moment(oldest), to_moment(newest))
    return CatalogStats(articles, sentences, chunks, versions, sources, *dates, int(undated or 0), to_moment(last))


def sources_of(db: Database, which: ArticleSet) -> tuple[tuple[str, int], ...]:
    """Return the outlets of some articles with their article counts, most first."""
    wanted, values = among("v.article_id", which)
    rows = db.rows(
        f"SELECT v.source, count(*) FROM {LIVE} WHERE v.source IS NOT NULL AND {wanted} GROUP BY v.source ORDER BY 2 DESC, 1",
        *values,
    )
    return tuple((str(name), int(n)) for name, n in rows)


def damage_of(db: Database) -> list[str]:
    """Return what is broken in the file itself, one line each; empty when it is sound."""
    damage = [row[0] for row in db.rows("PRAGMA integrity_check(10)") if row[0] != "ok"]
    return damage + [f"broken reference in {row[0]}" for row in db.rows("PRAGMA foreign_key_check")]


def problems_of(db: Database) -> list[str]:
    """Return what is wrong with the catalog, one line each; empty when all is well."""
    problems = damage_of(db)
    wrong = db.rows(
        "SELECT s.article_id, s.number FROM sentences s JOIN versions v ON v.article_id = s.article_id AND"
        " v.version = s.version WHERE substr(v.text, s.start + 1, s.end - s.start) <> s.text LIMIT 10"
    )
    problems += [f"sentence {number} of {article} is not its article's text" for article, number in wrong]
    mixed = db.rows(
        "SELECT DISTINCT a.id FROM articles a JOIN (SELECT article_id, version FROM chunks UNION"
        " SELECT article_id, version FROM sentences) p ON p.article_id = a.id AND p.version <> a.version LIMIT 10"
    )
    problems += [f"{row[0]} has sentences or chunks of a superseded version" for row in mixed]
    bare = db.rows(
        "SELECT DISTINCT article_id FROM chunks c WHERE NOT EXISTS (SELECT 1 FROM vectors v WHERE v.text_key = c.text_key"
        " AND v.model = (SELECT value FROM meta WHERE key = 'model')) LIMIT 10"
    )
    problems += [f"{row[0]} has chunks without a vector: run pullquote reindex" for row in bare]
    ((unheard,),) = db.rows(
        "SELECT count(*) FROM sentences WHERE id NOT IN (SELECT id FROM sentences_fts_docsize)"
    )  # fmt: skip
    return problems + ([f"{unheard} sentences are not in the word index: run pullquote reindex"] if unheard else [])
