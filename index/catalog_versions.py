"""What the catalog remembers of an article beyond its live version: earlier versions, and the journal of what was done."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from pullquote.index.catalog_report import META
from pullquote.index.database import Database
from pullquote.index.records import meta_of, to_moment, to_seconds
from pullquote.index.types import Article


def version_of(db: Database, article_id: str, version: int | None) -> Article | None:
    """Return one version of an article (the live one by default), or None."""
    row = db.row(
        f"SELECT {META}, text FROM versions v JOIN articles a ON a.id = v.article_id"
        " WHERE v.article_id = ? AND v.version = coalesce(?, a.version)",
        article_id, version,
    )  # fmt: skip
    return None if row is None else Article(meta_of(row), row[-1])


def newest_versions(db: Database, article_ids: Iterable[str]) -> dict[str, int]:
    """Return the highest version number that each article ever had, those that were removed too; 0 for one never seen."""
    ids = sorted(set(article_ids))
    # For many articles at once: the journal is read from end to end.
    rows = db.rows(
        "WITH asked AS MATERIALIZED (SELECT value FROM json_each(?)) SELECT article_id, max(version) FROM"
        " (SELECT article_id, version FROM versions WHERE article_id IN asked UNION ALL"
        " SELECT article_id, version FROM journal WHERE article_id IN asked) GROUP BY article_id",
        json.dumps(ids),
    )
    return dict.fromkeys(ids, 0) | {row[0]: int(row[1]) for row in rows}


def removed_at(db: Database, article_id: str) -> datetime | None:
    """Return when an article of this id was deleted last, or None."""
    row = db.row("SELECT max(at) FROM journal WHERE article_id = ? AND verb = 'removed'", article_id)
    return None if row is None else to_moment(row[0])


def note(db: Database, verb: str, article_id: str, version: int, at: datetime) -> None:
    """Write down what was done, inside a transaction."""
    sql = "INSERT INTO journal(at, verb, article_id, version) VALUES (?, ?, ?, ?)"
    db.run(sql, to_seconds(at), verb, article_id, version)
