"""What the catalog says of itself: counts that nobody has to count, dates, and whether all is sound."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pullquote.index.catalog import Catalog
from pullquote.index.catalog_report import counted, kept_counts
from pullquote.index.embedding import text_key
from pullquote.index.ingest import prepare
from pullquote.index.records import PreparedArticle
from pullquote.index.settings import IndexSettings
from pullquote.index.testing import HashEmbedder
from pullquote.index.types import ALL_ARTICLES, Article, ArticleMeta, ArticleSet

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXT = "The mayor resigned on Monday. Her deputy took over. Nobody objected."


def put(catalog: Catalog, *articles: Article, at: datetime = NOW) -> None:
    embedder = HashEmbedder(16)
    items = [prepare(article, embedder, IndexSettings(chunk_tokens=32)) for article in articles]
    texts = list({item.chunk_text(chunk): None for item in items for chunk in item.chunks})
    vectors = dict(zip(map(text_key, texts), embedder.embed(texts), strict=True))
    catalog.store_articles(items, vectors, embedder.fingerprint, at)


def news(article_id: str = "a", text: str = TEXT, **meta: object) -> Article:
    return Article(ArticleMeta(article_id, **meta), text)  # type: ignore[arg-type]


def recut(catalog: Catalog) -> list[PreparedArticle]:
    settings = IndexSettings(chunk_tokens=64)
    return [prepare(a, HashEmbedder(16), settings) for i in catalog.ids() if (a := catalog.article(i))]


def only(*ids: str) -> ArticleSet:
    return ArticleSet(frozenset(ids), all_but=False)


# -- counts -------------------------------------------------------------------------------------------


def test_stats_tell_what_is_live(catalog: Catalog) -> None:
    empty = catalog.stats()
    assert (empty.articles, empty.sentences, empty.versions, empty.undated, empty.future) == (0, 0, 0, 0, 0)
    assert (empty.sources, empty.oldest, empty.last_ingest) == ((), None, None)
    put(catalog, news("a", source="Post"), news("b", source="Post", published_at=NOW), news("c", source="Herald"))
    put(catalog, news("a", "One sentence only.", source="Post"))
    stats = catalog.stats()
    assert (stats.articles, stats.sentences, stats.versions, stats.undated) == (3, 7, 4, 2)
    assert stats.sources == catalog.sources() == (("Post", 2), ("Herald", 1))
    assert (stats.oldest, stats.newest, stats.last_ingest) == (NOW, NOW, NOW)
    some = catalog.stats(only("a", "c", "z"))
    assert (some.articles, some.sentences, some.versions, some.undated) == (2, None, None, 2)
    assert (some.sources, some.oldest) == ((("Herald", 1), ("Post", 1)), None)


def test_counts_stay_true_whatever_is_done(catalog: Catalog) -> None:
    rng = random.Random(3)
    for step in range(60):
        ids = rng.sample("abcdefgh", rng.randint(1, 4))
        if rng.random() < 0.3:
            catalog.remove(ids[0], NOW)
        else:
            source, date = rng.choice([None, "Post", "Herald: late", ""]), rng.choice([None, NOW])
            put(catalog, *(news(i, f"{TEXT} Step {step}. " * rng.randint(1, 5), source=source, published_at=date) for i in ids))
        if rng.random() < 0.1:
            cut = catalog.begin_cut("other", 64)
            items = recut(catalog)
            catalog.stage_chunks(cut, items, {}, "other")
            if rng.random() < 0.5:
                catalog.switch_cut(cut, "other", "", catalog.index_state())
        assert kept_counts(catalog._db) == counted(catalog._db)
    assert catalog.stats().articles == len(catalog.ids()) > 0


def test_stats_of_all_articles_read_no_table_of_them(catalog: Catalog) -> None:
    put(catalog, *(news(str(n), source=f"Outlet {n % 3}", published_at=NOW - timedelta(days=n)) for n in range(20)))
    asked: list[str] = []
    catalog._db._reader.set_trace_callback(asked.append)
    catalog.stats()
    catalog._db._reader.set_trace_callback(None)
    plans = [str(row[3]) for sql in asked for row in catalog._db.rows(f"EXPLAIN QUERY PLAN {sql}")]
    assert asked
    assert [plan for plan in plans if plan.startswith("SCAN") and plan not in ("SCAN counts", "SCAN journal")] == []
    assert not any(name in " ".join(asked) for name in ("sentences", "chunks", "versions"))


def test_one_transaction_keeps_or_loses_the_counts_with_the_rest(catalog: Catalog) -> None:
    put(catalog, news("a"))
    with pytest.raises(UnicodeEncodeError):
        put(catalog, news("b", source="Post"), news("c", title="\ud800"))
    assert kept_counts(catalog._db) == counted(catalog._db)
    assert catalog.sources() == ()


# -- dates --------------------------------------------------------------------------------------------


def test_articles_are_listed_newest_first_then_those_of_the_future_and_undated_last(catalog: Catalog) -> None:
    dates = {
        "old": datetime(1950, 1, 1, tzinfo=UTC),
        "new": datetime(2026, 1, 1, tzinfo=UTC),
        "far": datetime(2099, 1, 1, tzinfo=UTC),
        "undated": None,
        "ahead": NOW + timedelta(hours=14),  # today, in a zone that is east of here
        "next week": NOW + timedelta(days=7),
    }
    put(catalog, *(news(name, published_at=date) for name, date in dates.items()))
    order = ["ahead", "new", "old", "far", "next week", "undated"]
    assert [meta.id for meta in catalog.metas(NOW)] == order
    assert [meta.id for meta in catalog.find(ALL_ARTICLES, "", 4, 0, NOW)[0]] == order[:4]
    assert [meta.id for meta in catalog.metas(NOW + timedelta(days=30))][:2] == ["next week", "ahead"]
    assert catalog.ids() == sorted(dates)


@pytest.mark.parametrize(
    ("now", "newest", "future"),
    [
        (datetime(1960, 1, 1, tzinfo=UTC), "1950-01-01", 3),
        (datetime(2025, 12, 30, 23, 59, tzinfo=UTC), "1950-01-01", 3),
        (datetime(2025, 12, 31, tzinfo=UTC), "2026-01-01", 2),
        (datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC), "2037-06-01", 1),
        (datetime(2099, 12, 31, tzinfo=UTC), "2099-01-01", 0),
        (datetime(1900, 1, 1, tzinfo=UTC), None, 4),
    ],
)
def test_the_newest_article_is_never_one_of_the_future(catalog: Catalog, now: datetime, newest: str | None, future: int) -> None:
    days = ["1950-01-01", "2026-01-01", "2037-06-01", "2099-01-01"]
    put(catalog, *(news(day, published_at=datetime.fromisoformat(f"{day}T00:00:00+00:00")) for day in days), news("undated"))
    for which in (ALL_ARTICLES, only(*days, "undated")):
        stats = catalog.stats(which, now)
        assert (stats.newest and stats.newest.date().isoformat(), stats.future, stats.undated) == (newest, future, 1)
        assert (stats.oldest is None) == (newest is None)


def test_without_a_clock_of_the_callers_it_is_today(catalog: Catalog) -> None:
    put(catalog, news("far", published_at=datetime.now(UTC) + timedelta(days=9)), news("old", published_at=NOW))
    assert [meta.id for meta in catalog.metas()] == ["old", "far"]
    assert (catalog.stats().future, catalog.stats().newest) == (1, NOW)


# -- check --------------------------------------------------------------------------------------------

DAMAGE = {
    "a sentence": ("UPDATE sentences SET text = 'Never said.' WHERE number = 2", "not its article's text"),
    "a mix": ("UPDATE articles SET version = 1", "superseded"),
    "a vector": ("DELETE FROM vectors WHERE rowid = (SELECT min(rowid) FROM vectors)", "without a vector"),
    "a word": (
        "INSERT INTO sentences_fts(sentences_fts, rowid, text) SELECT 'delete', id, text FROM sentences WHERE number = 1",
        "1 sentences are not in the word index",
    ),
    "words of nothing": ("INSERT INTO sentences_fts(rowid, text) VALUES (4711, 'gone')", "1 sentences that are gone"),
    "other words": (
        "UPDATE sentences_fts_data SET block = replace(block, CAST('object' AS BLOB), CAST('subject' AS BLOB)) WHERE id > 10",
        "word index",
    ),
    "a text": ("UPDATE versions SET title = 'Other' WHERE version = 2", "version 2 of a is not what was stored"),
    "an old text": ("UPDATE versions SET digest = zeroblob(32) WHERE version = 1", "version 1 of a is not what was stored"),
    "no text": ("UPDATE articles SET version = 7", "no text of its version"),
    "an outlet": ("UPDATE articles SET source = 'Herald'", "another outlet or day"),
    "a day": ("UPDATE articles SET published_at = 1", "another outlet or day"),
    "no chunks": ("DELETE FROM chunks", "no chunks"),
    "no sentences": ("DELETE FROM sentences", "no sentences"),
    "a count": ("UPDATE counts SET n = n + 1 WHERE name = 'versions'", "2 versions are counted as 3"),
    "a lost count": ("DELETE FROM counts WHERE name = 'source:Post'", "1 articles of Post are counted as 0"),
    "bands": ("INSERT INTO bands VALUES (1, 'nobody')", "nobody is compared with others"),
    "a sketch": ("INSERT INTO sketches VALUES ('nobody', 9, X'00')", "broken reference in sketches"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_check_says_what_is_wrong(path: Path, what: str) -> None:
    damage, complaint = DAMAGE[what]
    catalog = Catalog(path, create=True)
    put(catalog, news(source="Post", published_at=NOW))
    put(catalog, news(text=TEXT + " Then it rained.", source="Post", published_at=NOW))
    assert catalog.check() == []
    with sqlite3.connect(path) as other:
        other.execute(damage)
    other.close()
    problems = catalog.check()
    catalog.close()
    assert any(complaint in problem for problem in problems), problems
    others = {"a mix", "no text", "no chunks", "no sentences", "an outlet", "a day"}  # more follows from these
    assert len(problems) == 1 or what in others, problems
    assert all("\n" not in problem for problem in problems)


DERIVED = ["a word", "words of nothing", "other words", "an outlet", "a day", "a count", "a lost count", "bands"]


@pytest.mark.parametrize("what", DERIVED)
def test_what_follows_from_the_rest_can_be_made_anew(path: Path, what: str) -> None:
    with contextlib.closing(Catalog(path, create=True)) as catalog:
        put(catalog, news(source="Post", published_at=NOW), news("b", "Nobody came."))
        put(catalog, news(text=TEXT + " Then it rained.", source="Post", published_at=NOW))
        before = catalog.stats()
        with contextlib.closing(sqlite3.connect(path)) as other, other:
            other.execute(DAMAGE[what][0])
        assert "rebuild" in catalog.check()[0]
        catalog.rederive()
        assert catalog.check() == []
        assert catalog.stats() == before
        assert len(catalog.search_sentences(["objected", "mayor"], 5)) == 2


def test_check_changes_nothing_and_asks_no_writer_to_wait_long(catalog: Catalog, path: Path) -> None:
    put(catalog, *(news(str(n)) for n in range(50)))
    before = path.read_bytes()
    assert catalog.check() == []
    assert path.read_bytes() == before


def test_a_dead_cut_is_no_problem(catalog: Catalog) -> None:
    put(catalog, news("a"), news("b", "Another one. " * 30))
    cut = catalog.begin_cut("other", 64)
    items = recut(catalog)
    texts = [item.chunk_text(chunk) for item in items for chunk in item.chunks]
    vectors = dict(zip(map(text_key, texts), HashEmbedder(16).embed(texts), strict=True))
    catalog.stage_chunks(cut, items[:1], vectors, "other")
    assert catalog.check() == []
    catalog.stage_chunks(cut, items[1:], {}, "other")
    catalog.switch_cut(cut, "other", "", catalog.index_state())
    assert catalog.check() == []
    assert kept_counts(catalog._db) == counted(catalog._db)
