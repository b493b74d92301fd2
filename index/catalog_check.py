"""Whether the catalog is sound: all that follows from something else, compared with that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby, islice

from pullquote.index.catalog_report import LIVE_CUT, META, OUTLET, counted, damage_of, kept_counts
from pullquote.index.catalog_speakers import miscounted_speakers
from pullquote.index.catalog_statements import misread
from pullquote.index.catalog_versions import unpacked
from pullquote.index.database import Database
from pullquote.index.errors import StoreBusy, StoreDamaged, StoreUnwritable
from pullquote.index.records import article_digest

_NAMED = 10
"""So many of each kind are told of."""
_AT_ONCE = 200

# Each names what is wrong with at most ten articles.
_QUERIES = (
    (
        "{} has no text of its version: restore a backup (pullquote restore FILE)",
        "SELECT id FROM articles a WHERE NOT EXISTS"
        " (SELECT 1 FROM versions v WHERE v.article_id = a.id AND v.version = a.version)",
    ),
    (
        "{} is filed under another outlet or day than its text: run pullquote rebuild",
        "SELECT id FROM articles a JOIN versions v ON v.article_id = a.id AND v.version = a.version"
        " WHERE v.source IS NOT a.source OR v.published_at IS NOT a.published_at",
    ),
    (
        "{} has no sentences: run pullquote remove {}, then add it again",
        "SELECT id FROM articles a WHERE NOT EXISTS (SELECT 1 FROM sentences s WHERE s.article_id = a.id)",
    ),
    (
        "sentence {0} of {1} is not its article's text: run pullquote remove {1}, then add it again",
        "SELECT s.number, s.article_id FROM sentences s JOIN versions v ON v.article_id = s.article_id AND"
        " v.version = s.version WHERE substr(v.text, s.start + 1, s.end - s.start) <> s.text",
    ),
    (
        "{} has sentences or chunks of a superseded version: run pullquote remove {}, then add it again",
        "SELECT DISTINCT a.id FROM articles a JOIN (SELECT article_id, version FROM chunks UNION"
        " SELECT article_id, version FROM sentences) p ON p.article_id = a.id AND p.version <> a.version",
    ),
    (
        "{} has no chunks: run pullquote reindex",
        "SELECT id FROM articles a WHERE NOT EXISTS"
        f" (SELECT 1 FROM chunks c WHERE c.article_id = a.id AND c.cut = {LIVE_CUT})",
    ),
    (
        "{} has chunks without a vector: run pullquote reindex",
        f"SELECT DISTINCT article_id FROM chunks c WHERE c.cut = {LIVE_CUT} AND NOT EXISTS (SELECT 1 FROM vectors v"
        " WHERE v.text_key = c.text_key AND v.model = (SELECT value FROM meta WHERE key = 'model'))",
    ),
    (
        "{} is compared with others and is not there: run pullquote rebuild",
        "SELECT DISTINCT article_id FROM bands WHERE article_id NOT IN (SELECT article_id FROM sketches)",
    ),
)  # fmt: skip


def problems_of(db: Database) -> list[str]:
    """Return what is wrong with the catalog, one line each; empty when all is well."""
    checks = (_queried, _retold, _misread, _miscounted)
    problems = damage_of(db) + [line for check in checks for line in _told(db, check)]
    return problems + word_problems(db, with_texts=not problems)


def word_problems(db: Database, *, with_texts: bool = True) -> list[str]:
    """Return how the word index differs from the sentences: their ids and, ``with_texts``, if these are the same, all words."""
    return _told(db, _unheard) or (_told(db, _misheard) if with_texts else [])


def _told(db: Database, check: Callable[[Database], Iterator[str]]) -> list[str]:
    try:
        return list(islice(check(db), _NAMED * len(_QUERIES)))
    except StoreDamaged as error:
        return [str(error)]


def _queried(db: Database) -> Iterator[str]:
    for line, sql in _QUERIES:
        for row in db.rows(f"{sql} LIMIT {_NAMED}"):
            yield line.replace("{}", "{0}").format(*row)


def _retold(db: Database) -> Iterator[str]:
    """Compare the text and metadata of all versions with the digests they had when they came."""
    for ids in _ids(db, "SELECT id FROM articles WHERE id > ? ORDER BY id"):
        rows = db.rows(
            f"SELECT {META}, text, packed, digest FROM versions v WHERE article_id BETWEEN ? AND ?"
            " ORDER BY article_id, version DESC",
            ids[0],
            ids[-1],
        )
        for _, group in groupby(rows, key=lambda row: row[0]):
            versions = list(group)
            yield from _changed(db, versions)


def misread_articles(db: Database) -> Iterator[tuple[str, str]]:
    """Yield the ids of articles whose statements are not of their texts, each with what is wrong with them."""
    for ids in _ids(db, "SELECT DISTINCT article_id FROM statements WHERE article_id > ? ORDER BY article_id"):
        yield from misread(db, ids).items()


def _misread(db: Database) -> Iterator[str]:
    for article_id, reason in misread_articles(db):
        yield f"the statements of {article_id} {reason}: run pullquote rebuild"


def _ids(db: Database, sql: str) -> Iterator[list[str]]:
    """Yield what a query finds behind an id, so many at once."""
    last = ""
    while ids := [row[0] for row in db.rows(f"{sql} LIMIT ?", last, _AT_ONCE)]:
        yield ids
        last = ids[-1]


def _changed(db: Database, versions: list[tuple[object, ...]]) -> Iterator[str]:
    articles = unpacked(db, (row[:-1] for row in versions))
    for row in versions:
        try:
            article = next(articles)
        except StoreDamaged as error:
            yield str(error).removeprefix(f"{db.path}: ")
            return
        if article_digest(article) != row[-1]:
            yield f"version {row[1]} of {row[0]} is not what was stored: restore a backup (pullquote restore FILE)"


def _miscounted(db: Database) -> Iterator[str]:
    kept, true = kept_counts(db), counted(db)
    for name in sorted({*kept, *true}):
        if kept[name] != true[name]:
            what = f"articles of {name.removeprefix(OUTLET)}" if name.startswith(OUTLET) else name
            yield f"{true[name]} {what} are counted as {kept[name]}: run pullquote rebuild"
    if miscounted_speakers(db):
        yield "speakers are counted otherwise than their statements: run pullquote rebuild"


def _unheard(db: Database) -> Iterator[str]:
    ((lost,),) = db.rows("SELECT count(*) FROM sentences WHERE id NOT IN (SELECT id FROM sentences_fts_docsize)")
    ((left,),) = db.rows("SELECT count(*) FROM sentences_fts_docsize WHERE id NOT IN (SELECT id FROM sentences)")
    if lost:
        yield f"{lost} sentences are not in the word index: run pullquote rebuild"
    if left:
        yield f"the word index has {left} sentences that are gone: run pullquote rebuild"


def _misheard(db: Database) -> Iterator[str]:
    """Have SQLite compare all words of the index with the sentences; a store that may only be read is not asked."""
    try:
        with db.transaction():  # it asks for one, though nothing is written
            db.run("INSERT INTO sentences_fts(sentences_fts, rank) VALUES ('integrity-check', 1)")
    except StoreDamaged:
        yield "the word index is not that of the sentences: run pullquote rebuild"
    except (StoreBusy, StoreUnwritable):
        return
