"""The catalog file: opened only when it is ours, and every SQLite failure told as ours."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from pullquote.index.catalog import Catalog
from pullquote.index.errors import StoreBusy, StoreDamaged, StoreError, StoreTooNew, StoreUnwritable
from pullquote.index.ingest import prepare
from pullquote.index.records import IndexState, article_digest
from pullquote.index.settings import IndexSettings
from pullquote.index.testing import HashEmbedder
from pullquote.index.types import Article, ArticleMeta

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXT = "The mayor resigned on Monday. Her deputy took over. Nobody objected."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalog.sqlite"


@pytest.fixture
def catalog(path: Path) -> Iterator[Catalog]:
    opened = Catalog(path, create=True)
    yield opened
    opened.close()


def put(catalog: Catalog, *articles: Article) -> list[str]:
    embedder = HashEmbedder()
    items = [prepare(article, embedder, IndexSettings(chunk_tokens=32)) for article in articles]
    texts = {hashlib.sha256(t.encode()).digest(): t for item in items for t in map(item.chunk_text, item.chunks)}
    vectors = dict(zip(texts, embedder.embed(list(texts.values())), strict=True))
    return catalog.store_articles(items, vectors, embedder.fingerprint, NOW)


def news(article_id: str = "a", text: str = TEXT, **meta: object) -> Article:
    return Article(ArticleMeta(article_id, **meta), text)  # type: ignore[arg-type]


# -- what goes in comes out ---------------------------------------------------------------------------


def test_an_article_comes_back_as_it_went_in(catalog: Catalog) -> None:
    meta = ArticleMeta(
        "id 1", url="https://example.org/a?b=1", title="Straße “quoted”", source="The Post", authors=("Ana Ruiz", "Ñandú, B."),
        published_at=datetime(1912, 4, 15, 2, 20, tzinfo=UTC), fetched_at=NOW, language="en",
    )  # fmt: skip
    put(catalog, Article(meta, TEXT + " \u200b🙂 العربية."))
    assert catalog.article("id 1") == Article(meta, TEXT + " \u200b🙂 العربية.")
    assert list(catalog.metas()) == [meta]
    assert catalog.metas_of(["id 1", "id 2"]) == {"id 1": meta}


def test_sentences_and_chunks_are_slices_of_the_text(catalog: Catalog) -> None:
    text = "Ça a commencé — 🙂 — à Paris. The 日本 team left. " * 20
    put(catalog, news(text=text.strip()))
    sentences = catalog.sentences_of("a")
    assert [s.number for s in sentences] == list(range(1, len(sentences) + 1))
    assert all(s.text == text[s.span.start : s.span.end] for s in sentences)
    chunks = catalog.chunks(catalog.chunk_ids())
    assert all(c.text == text[c.span.start : c.span.end] for c in chunks.values())
    assert [n for c in chunks.values() for n in c.sentences] == [s.number for s in sentences]
    assert catalog.sentence("a", 2) == sentences[1]
    inside = catalog.sentence_ids_of_chunks(list(chunks))
    assert [catalog.sentences([i])[i].number for c in chunks for i in inside[c]] == [s.number for s in sentences]


def test_articles_are_listed_newest_first_and_undated_last(catalog: Catalog) -> None:
    dates = {"old": datetime(1950, 1, 1, tzinfo=UTC), "new": datetime(2026, 1, 1, tzinfo=UTC), "undated": None}
    put(catalog, *(news(name, published_at=date) for name, date in dates.items()))
    assert [meta.id for meta in catalog.metas()] == ["new", "old", "undated"]
    assert catalog.ids() == ["new", "old", "undated"]


def test_stats_count_what_is_live(catalog: Catalog) -> None:
    empty = catalog.stats()
    assert (empty.articles, empty.sentences, empty.versions, empty.undated) == (0, 0, 0, 0)
    assert (empty.sources, empty.oldest, empty.last_ingest) == ((), None, None)
    put(catalog, news("a", source="Post"), news("b", source="Post", published_at=NOW), news("c", source="Herald"))
    put(catalog, news("a", "One sentence only.", source="Post"))
    stats = catalog.stats()
    assert (stats.articles, stats.sentences, stats.versions, stats.undated) == (3, 7, 4, 2)
    assert stats.sources == (("Post", 2), ("Herald", 1))
    assert (stats.oldest, stats.newest, stats.last_ingest) == (NOW, NOW, NOW)


def test_the_digest_covers_text_and_metadata_but_neither_version_nor_fetching_time() -> None:
    base = news(title="T", published_at=NOW)
    assert article_digest(base) == article_digest(news(title="T", published_at=NOW, version=7, fetched_at=NOW))
    others = [news(title="U", published_at=NOW), news(title="T"), news(text="Other.", title="T", published_at=NOW)]
    assert len({article_digest(article) for article in [base, *others]}) == 4


SYNTAX = ['"', '""', "AND", "OR NOT", "*", "AT&T", "NEAR(", "a:b", "text:", "^x", "-", "'; DROP TABLE x;--", "(" * 500]


@pytest.mark.parametrize("term", [*SYNTAX, "\0", "\ud800", "", " "])
def test_no_search_term_is_read_as_syntax(catalog: Catalog, term: str) -> None:
    put(catalog, news())
    assert isinstance(catalog.search_sentences([term], 10), list)
    assert len(catalog.search_sentences([term, "deputy"], 10)) == 1


def test_a_search_with_very_many_terms_works(catalog: Catalog) -> None:
    put(catalog, news())
    assert len(catalog.search_sentences([f"word{n}" for n in range(3000)] + ["mayor"], 5)) == 1
    assert catalog.search_sentences([], 5) == []


@pytest.mark.parametrize("article_id", ["' OR 1=1 --", "%", "*", "a\0", "\ud800", "", "$or", "a' UNION SELECT 1 --"])
def test_an_id_is_never_more_than_an_id(catalog: Catalog, article_id: str) -> None:
    put(catalog, news())
    assert catalog.article(article_id) is None
    assert catalog.digest(article_id) is None
    assert catalog.sentences_of(article_id) == []
    assert catalog.sentence(article_id, 1) is None
    assert catalog.metas_of([article_id]) == {}
    assert catalog.remove(article_id, NOW) is False
    assert catalog.ids() == ["a"]


def test_lists_of_ids_may_be_long_and_numbers_absurd(catalog: Catalog) -> None:
    put(catalog, news())
    assert set(catalog.metas_of([f"id {n}" for n in range(10_000)] + ["a"])) == {"a"}
    assert len(catalog.sentences(range(10_000))) == 3
    assert catalog.sentence("a", 2**70) is None
    assert catalog.article("a", -(2**70)) is None


# -- opening ------------------------------------------------------------------------------------------


def test_a_missing_file_is_not_made_by_opening_it(path: Path) -> None:
    with pytest.raises(StoreUnwritable):
        Catalog(path)
    assert not path.exists()


def test_a_path_with_odd_characters_is_opened_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a b?mode=ro#x %41 ü 日本.sqlite"
    Catalog(path, create=True).close()
    Catalog(path).close()
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_two_that_make_it_at_once_both_get_it(tmp_path: Path) -> None:
    errors: list[Exception] = []

    def make(path: Path, start: threading.Barrier) -> None:
        start.wait()
        try:
            Catalog(path, create=True).close()
        except Exception as error:
            errors.append(error)

    for number in range(60):
        path, start = tmp_path / f"{number}.sqlite", threading.Barrier(2)
        threads = [threading.Thread(target=make, args=(path, start)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert errors == []


@pytest.mark.parametrize("create", [True, False])
def test_garbage_is_refused_and_left_alone(path: Path, create: bool) -> None:
    path.write_bytes(b"garbage" * 5000)
    with pytest.raises(StoreDamaged, match=r"backup|--store"):
        Catalog(path, create=create)
    assert path.read_bytes() == b"garbage" * 5000


@pytest.mark.parametrize("create", [True, False])
def test_another_programs_database_is_refused_and_left_alone(path: Path, create: bool) -> None:
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(StoreDamaged, match="not a pullquote catalog"):
        Catalog(path, create=create)
    assert path.read_bytes() == before


def test_an_empty_file_is_no_catalog_unless_it_may_be_made(path: Path) -> None:
    path.touch()
    with pytest.raises(StoreDamaged):
        Catalog(path)
    assert path.stat().st_size == 0
    Catalog(path, create=True).close()
    Catalog(path).close()


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_a_newer_catalog_is_refused_with_no_byte_changed(path: Path, journal: str) -> None:
    made = Catalog(path, create=True)
    put(made, news())
    made.close()
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version=999")
    newer.execute(f"PRAGMA journal_mode={journal}")
    newer.close()
    before = path.read_bytes()
    for create in (True, False):
        with pytest.raises(StoreTooNew, match="upgrade"):
            Catalog(path, create=create)
    assert path.read_bytes() == before


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9])
def test_a_truncated_catalog_is_damaged_when_opened_or_read(path: Path, cut: float) -> None:
    made = Catalog(path, create=True)
    put(made, *(news(str(n), f"Number {n} spoke. " * 30) for n in range(30)))
    made.close()
    os.truncate(path, int(path.stat().st_size * cut))

    def read() -> None:
        with contextlib.closing(Catalog(path)) as catalog:
            catalog.check()
            for article_id in catalog.ids():
                catalog.article(article_id)

    with pytest.raises(StoreDamaged, match="backup"):
        read()


def test_a_garbled_middle_page_is_found_by_check(path: Path) -> None:
    made = Catalog(path, create=True)
    put(made, *(news(str(n), f"Number {n} spoke. " * 30) for n in range(30)))
    made.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xa5" * 4096)
    catalog = Catalog(path)
    try:
        assert catalog.check()
    except StoreDamaged:
        pass
    finally:
        catalog.close()


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        ("UPDATE sentences SET text = 'Never said.' WHERE number = 2", "not its article's text"),
        ("UPDATE articles SET version = 1", "superseded"),
        ("DELETE FROM vectors WHERE rowid = (SELECT min(rowid) FROM vectors)", "without a vector"),
        (
            "INSERT INTO sentences_fts(sentences_fts, rowid, text) SELECT 'delete', id, text FROM sentences WHERE number = 1",
            "word index",
        ),
    ],
)
def test_check_says_what_is_wrong(path: Path, damage: str, complaint: str) -> None:
    catalog = Catalog(path, create=True)
    put(catalog, news())
    put(catalog, news(text=TEXT + " Then it rained."))
    assert catalog.check() == []
    with sqlite3.connect(path) as other:
        other.execute(damage)
    other.close()
    (problem,) = catalog.check()
    assert complaint in problem
    catalog.close()


# -- SQLite's failures --------------------------------------------------------------------------------


def test_a_catalog_that_another_program_locks_is_busy(catalog: Catalog, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreBusy, match="wait"):
        put(catalog, news())
    with pytest.raises(StoreBusy, match="wait"):
        catalog.ids()
    other.execute("ROLLBACK")
    other.close()
    put(catalog, news())
    assert catalog.ids() == ["a"]


def test_a_closed_catalog_says_so(catalog: Catalog) -> None:
    catalog.close()
    catalog.close()
    with pytest.raises(StoreError, match="closed"):
        catalog.ids()
    with pytest.raises(StoreError, match="closed"):
        put(catalog, news())


def test_a_failure_inside_a_batch_leaves_nothing_of_it(catalog: Catalog) -> None:
    put(catalog, news("a"))
    good, bad = news("b"), news("c", title="\ud800")
    with pytest.raises(UnicodeEncodeError):
        put(catalog, news("a", "Changed."), good, bad)
    assert catalog.ids() == ["a"]
    assert catalog.article("a") is not None
    assert catalog.sentences_of("a")[0].text == "The mayor resigned on Monday."
    assert catalog.revision() == 1
    assert catalog.check() == []


def test_a_lost_vector_is_told_with_the_remedy(catalog: Catalog, path: Path) -> None:
    put(catalog, news())
    with sqlite3.connect(path) as other:
        other.execute("DELETE FROM vectors")
    other.close()
    with pytest.raises(StoreDamaged, match="reindex"):
        catalog.chunk_vectors(catalog.chunk_ids())


def test_vectors_come_in_the_order_asked_for(catalog: Catalog) -> None:
    put(catalog, *(news(str(n), f"Number {n} spoke of topic {n * 7}.") for n in range(2000)))
    ids = catalog.chunk_ids()[::-1]
    vectors = catalog.chunk_vectors(ids)
    texts = [catalog.chunks([i])[i].text for i in ids[:50]]
    assert np.array_equal(vectors[:50], HashEmbedder().embed(texts))
    assert vectors.shape == (2000, 64)


def test_the_journal_and_the_index_state_are_kept(catalog: Catalog, path: Path) -> None:
    put(catalog, news())
    assert catalog.index_state() == IndexState(None, -1, False)
    catalog.set_index_state(IndexState("index-3", 0, True))
    assert catalog.index_state() == IndexState("index-3", 0, True)
    put(catalog, news(text="Changed."))
    catalog.remove("a", NOW)
    with sqlite3.connect(path) as other:
        rows = other.execute("SELECT verb, article_id, version FROM journal ORDER BY id").fetchall()
    other.close()
    assert rows == [("added", "a", 1), ("updated", "a", 2), ("removed", "a", 2)]


def test_commits_are_synced_and_deleted_text_is_overwritten(catalog: Catalog, path: Path) -> None:
    put(catalog, news(text="The xylophonist zigzagged. " * 50))
    row = catalog._db.rows
    assert row("PRAGMA journal_mode") == [("delete",)]
    assert row("PRAGMA synchronous") == [(2,)]
    assert row("PRAGMA secure_delete") == [(1,)]
    assert row("PRAGMA trusted_schema") == [(0,)]
    catalog.remove("a", NOW)
    assert b"xylophonist zigzagged" not in path.read_bytes()
