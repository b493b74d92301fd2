"""What the catalog tells the quote finder: which sentences hold a phrase, and which of them are of the articles meant."""

from __future__ import annotations

from collections.abc import Sequence

from pullquote.index.catalog_report import among
from pullquote.index.database import Database
from pullquote.index.types import ArticleSet


def sentences_with(db: Database, phrase: str, upto: int) -> list[int]:
    """Return the ids of live sentences with these words in this order, whatever their endings, the oldest ones first.

    There are ``upto`` at most; a phrase without a letter or digit is nowhere.
    """
    match = '"' + phrase.replace('"', '""').replace("\0", " ") + '"'
    sql = "SELECT rowid FROM sentences_fts WHERE sentences_fts MATCH ? LIMIT ?"
    return [int(row[0]) for row in db.rows(sql, match.encode("utf-8", "replace").decode(), upto)]


def sentences_among(db: Database, ids: Sequence[int], which: ArticleSet) -> set[int]:
    """Return which of these sentences are of some articles."""
    condition, values = among("article_id", which)
    return {int(row[0]) for row in db.rows_in(f"SELECT id FROM sentences WHERE {condition} AND id IN", ids, *values)}
