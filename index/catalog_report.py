"""The catalog as a whole: what it holds, in counts that are kept and in counts that are taken."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pullquote.index.database import Database
from pullquote.index.dates import AHEAD
from pullquote.index.records import to_moment, to_seconds
from pullquote.index.types import ALL_ARTICLES, ArticleSet, Bounds

META = "v.article_id, v.version, v.url, v.title, v.source, v.authors, v.published_at, v.fetched_at, v.language"
LIVE = "versions v JOIN articles a ON a.id = v.article_id AND a.version = v.version"
LIVE_CUT = "coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'cut'), 1)"
_PARTS = ("sentences", "chunks", "versions", "statements")
OUTLET = "source:"
"""The counts of an outlet's articles are named so, and then as it is."""


@dataclass(frozen=True, slots=True)
class CatalogStats:
    """What a store, or some of its articles, hold."""

    articles: int
    sentences: int | None
    """None of some articles, where an answer would have to wait for the counting; likewise the next three."""
    chunks: int | None
    versions: int | None
    statements: int | None
    sources: tuple[tuple[str, int], ...]
    """Outlets with their article counts, most first."""
    oldest: datetime | None
    newest: datetime | None
    """The latest date that is not in the future; ``oldest`` likewise."""
    undated: int
    future: int
    """Articles that are dated more than a day ahead of the clock."""
    last_ingest: datetime | None
    """When the store last took in any article."""


def among(column: str, which: ArticleSet, ids: str = "SELECT value FROM json_each(?)") -> tuple[str, tuple[object, ...]]:
    """Return a condition, that a column is one of these articles, and the values to bind; ``ids`` makes other ids of theirs."""
    condition, values = _listed(column, which, ids)
    if which.bounds is None:
        return condition, values
    within, bounds = inside(which.bounds, "b.")
    return f"{condition} AND EXISTS (SELECT 1 FROM articles b WHERE b.id = {column} AND {within})", (*values, *bounds)


def meant(which: ArticleSet, table: str = "") -> tuple[str, tuple[object, ...]]:
    """Return the same condition for a row of ``articles`` itself; ``table`` is what its columns' names begin with."""
    condition, values = _listed(f"{table}id", which, "SELECT value FROM json_each(?)")
    if which.bounds is None:
        return condition, values
    within, bounds = inside(which.bounds, table)
    return f"{condition} AND {within}", (*values, *bounds)


def inside(bounds: Bounds, table: str = "") -> tuple[str, tuple[object, ...]]:
    """Return a condition, that a row of ``articles`` is within bounds, and the values to bind."""
    names = None if bounds.sources is None else json.dumps(sorted(bounds.sources))
    parts = (
        (f"{table}source IN (SELECT value FROM json_each(?))", names),
        (f"{table}published_at >= ?", to_seconds(bounds.first)),
        (f"{table}published_at <= ?", to_seconds(bounds.last)),
    )
    used = [part for part in parts if part[1] is not None]
    return " AND ".join(sql for sql, _ in used) or "1", tuple(value for _, value in used)


def _listed(column: str, which: ArticleSet, ids: str) -> tuple[str, tuple[object, ...]]:
    if which.all_but and not which.ids:
        return "1", ()
    return f"{column} {'NOT ' if which.all_but else ''}IN ({ids})", (json.dumps(sorted(which.ids)),)


def newest_first(now: datetime) -> str:
    """Return an order of ``LIVE``: latest published first, then what is dated in the future, undated last, then by id."""
    return f"a.published_at IS NULL, a.published_at > {latest_date(now)}, a.published_at DESC, a.id"


def stats_of(db: Database, which: ArticleSet, now: datetime) -> CatalogStats:
    """Tell what some articles hold; what all of them hold was counted when they came."""
    counts = kept_counts(db) if which.is_all else _articles(db, which)
    wanted, values = meant(which)
    oldest, newest, future = (
        db.rows(f"SELECT {what} FROM articles WHERE published_at {bound} ? AND {wanted}", latest_date(now), *values)[0][0]
        for what, bound in (("min(published_at)", "<="), ("max(published_at)", "<="), ("count(*)", ">"))
    )
    sentences, chunks, versions, statements = (counts[name] if which.is_all else None for name in _PARTS)
    return CatalogStats(
        articles=counts["articles"],
        sentences=sentences,
        chunks=chunks,
        versions=versions,
        statements=statements,
        sources=_outlets(counts),
        oldest=to_moment(oldest),
        newest=to_moment(newest),
        undated=counts["undated"],
        future=int(future),
        last_ingest=_last_ingest(db),
    )


def sources_of(db: Database, which: ArticleSet) -> tuple[tuple[str, int], ...]:
    """Return the outlets of some articles with their article counts, most first."""
    return _outlets(kept_counts(db) if which.is_all else Counter(_sources(db, which)))


def kept_counts(db: Database) -> Counter[str]:
    """Return the counts that writers keep; by name."""
    return Counter({str(name): int(n) for name, n in db.rows("SELECT name, n FROM counts")})


def share_of(db: Database, which: ArticleSet) -> float:
    """Return which share of all articles those are that a set names one by one, 0 to 1."""
    return len(which.ids) / max(1, kept_counts(db)["articles"])


def counted(db: Database) -> Counter[str]:
    """Count the same anew."""
    where = {name: f" WHERE cut = {LIVE_CUT}" if name == "chunks" else "" for name in _PARTS}
    counts = Counter({name: int(db.rows(f"SELECT count(*) FROM {name}{live}")[0][0]) for name, live in where.items()})
    return counts + _articles(db, ALL_ARTICLES)


def _articles(db: Database, which: ArticleSet) -> Counter[str]:
    wanted, values = meant(which)
    ((articles, dated),) = db.rows(f"SELECT count(*), count(published_at) FROM articles WHERE {wanted}", *values)
    return Counter(articles=articles, undated=articles - dated) + Counter(_sources(db, which))


def add_to_counts(db: Database, changes: Mapping[str, int]) -> None:
    """Keep the counts, inside the transaction that changes what they count."""
    sql = "INSERT INTO counts(name, n) VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET n = n + excluded.n"
    db.run_many(sql, [(name, n) for name, n in changes.items() if n])
    # An outlet's name goes with its last article.
    db.run_many("DELETE FROM counts WHERE name = ? AND n <= 0", [(name,) for name in changes if name.startswith(OUTLET)])


def outlet_counts(source: str | None, published_at: int | None, by: int) -> Counter[str]:
    """Return the changes of counts that the outlet and the date of one article make."""
    changes = Counter(articles=by, undated=by if published_at is None else 0)
    if source is not None:
        changes[OUTLET + source] = by
    return changes


def damage_of(db: Database) -> list[str]:
    """Return what is broken in the file itself, one line each; empty when it is sound."""
    damage = [row[0] for row in db.rows("PRAGMA integrity_check(10)") if row[0] != "ok"]
    return damage + [f"broken reference in {row[0]}" for row in db.rows("PRAGMA foreign_key_check")]


def latest_date(now: datetime) -> int:
    """Return the last moment that is not in the future, in seconds since 1970."""
    return int(to_seconds(now + AHEAD) or 0)


def unread_among(db: Database, which: ArticleSet) -> int:
    """Return in how many of some articles nobody has looked for statements yet."""
    wanted, values = meant(which)
    # Few as a rule, so they are what is looked through.
    ((count,),) = db.rows(
        f"SELECT count(*) FROM articles INDEXED BY articles_by_ledger WHERE ledger IS NULL AND {wanted}", *values
    )
    return int(count)


def _last_ingest(db: Database) -> datetime | None:
    # By the journal's counter: the clock may have been set back.
    row = db.row("SELECT at FROM journal WHERE verb <> 'removed' ORDER BY id DESC LIMIT 1")
    return None if row is None else to_moment(row[0])


def _sources(db: Database, which: ArticleSet) -> dict[str, int]:
    wanted, values = meant(which)
    # By days, SQLite would look up the outlet of every article.
    by = "INDEXED BY articles_by_source" if which.bounds else ""
    sql = f"SELECT source, count(*) FROM articles {by} WHERE source IS NOT NULL AND {wanted} GROUP BY source"
    return {f"{OUTLET}{name}": int(n) for name, n in db.rows(sql, *values)}


def _outlets(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    found = [(name.removeprefix(OUTLET), n) for name, n in counts.items() if name.startswith(OUTLET) and n > 0]
    return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))
