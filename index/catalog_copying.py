"""What is copied from one catalog to another: every version of every article, and which articles were deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from pullquote.index.catalog_report import META
from pullquote.index.catalog_versions import note, unpacked
from pullquote.index.database import Database
from pullquote.index.records import to_moment
from pullquote.index.types import Article

Place = tuple[str, int]
"""Id and version of an article."""


@dataclass(frozen=True, slots=True)
class Removal:
    """That an article was deleted."""

    article_id: str
    """Or a hash of it, where the article was to be forgotten."""
    version: int
    """Its newest one at that time."""
    at: datetime


def everything(db: Database) -> tuple[list[Place], list[Removal]]:
    """Return the versions of all articles, by id and number, and what was deleted, in that order: all of one moment."""
    while True:
        revision = db.meta("revision")
        places = [(row[0], int(row[1])) for row in db.rows("SELECT article_id, version FROM versions ORDER BY 1, 2")]
        rows = db.rows("SELECT article_id, version, at FROM journal WHERE verb = 'removed' ORDER BY id")
        if db.meta("revision") == revision:
            return places, _removals(rows)


def versions(db: Database, article_id: str) -> list[tuple[Article, bytes]]:
    """Return all versions of an article with their digests as they were stored, the first one first.

    Raises:
        StoreDamaged: one cannot be unpacked.
    """
    rows = db.rows(
        f"SELECT {META}, v.text, v.packed, v.digest FROM versions v WHERE v.article_id = ? ORDER BY v.version DESC", article_id
    )
    articles = list(unpacked(db, (row[:-1] for row in rows)))
    return [(article, bytes(row[-1])) for article, row in zip(articles, rows, strict=True)][::-1]


def removals_of(db: Database, article_ids: Iterable[str]) -> list[Removal]:
    """Return when some articles were deleted, in that order."""
    ids = sorted(set(article_ids))
    rows = db.rows_in("SELECT article_id, version, at, id FROM journal WHERE verb = 'removed' AND article_id IN", ids)
    return _removals(sorted(rows, key=lambda row: int(row[3])))


def note_removals(db: Database, removals: Iterable[Removal]) -> None:
    """Write down that articles were deleted, unless that is known."""
    wanted = list(removals)
    with db.transaction():
        known = set(removals_of(db, (removal.article_id for removal in wanted)))
        for removal in wanted:
            if removal not in known:
                note(db, "removed", removal.article_id, removal.version, removal.at)


def _removals(rows: Iterable[Sequence[Any]]) -> list[Removal]:
    return [Removal(row[0], int(row[1]), cast(datetime, to_moment(row[2]))) for row in rows]
