"""What the catalog finds and counts among some articles, and articles by the words of their titles."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from pullquote.index.catalog import Catalog
from pullquote.index.ingest import add_articles
from pullquote.index.store import Store
from pullquote.index.types import ALL_ARTICLES, Article, ArticleMeta, ArticleSet

TITLES = {
    "ferry-1": ("Ferry ablaze off Port Sallen", "Meridian Wire", 3),
    "ferry-2": ("FERRY  company halts service", "Island Herald", 4),
    "strasse": ("Die Straße nach Öland", "Der Bote", 2),
    "bare": (None, None, None),
}


@pytest.fixture
def catalog(open_store: Callable[..., Store]) -> Catalog:
    store = open_store()
    for name, (title, source, day) in TITLES.items():
        published = datetime(2026, 3, day, tzinfo=UTC) if day else None
        meta = ArticleMeta(name, title=title, source=source, published_at=published)
        list(add_articles(store, [(name, Article(meta, f"A storm came to {name}. Nobody was hurt."))]))
    return store.catalog


def found(catalog: Catalog, words: str, which: ArticleSet = ALL_ARTICLES) -> list[str]:
    metas, total = catalog.find(which, words, None, 0)
    assert total == len(metas)
    return [meta.id for meta in metas]


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("", ["ferry-2", "ferry-1", "strasse", "bare"]),
        ("  ", ["ferry-2", "ferry-1", "strasse", "bare"]),
        ("ferry", ["ferry-2", "ferry-1"]),
        ("sallen FERRY", ["ferry-1"]),
        ("herald ferry", ["ferry-2"]),
        ("company halts", ["ferry-2"]),
        ("STRASSE", ["strasse"]),
        ("O\u0308land", ["strasse"]),
        ("ferry-", ["ferry-2", "ferry-1"]),
        ("bar", ["bare"]),
        ("storm", []),
        ("%", []),
        ("_", []),
        ("ferry' OR '1'='1", []),
        ("\0sallen\0", ["ferry-1"]),
        ("\ud800", []),
        ("q " * 400, []),
        ("ferry " * 10_000, []),
        ("x" * 1_000_000, []),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_articles_are_found_by_all_words_in_title_outlet_or_id(catalog: Catalog, words: str, ids: list[str]) -> None:
    assert found(catalog, words) == ids


def test_pages_follow_each_other_and_know_how_many_there_are(catalog: Catalog) -> None:
    pages = [catalog.find(ALL_ARTICLES, "", 3, offset) for offset in (0, 3, 6)]
    assert [[m.id for m in metas] for metas, _ in pages] == [["ferry-2", "ferry-1", "strasse"], ["bare"], []]
    assert {total for _, total in pages} == {4}
    for limit, offset in ((-1, -5), (0, 0), (10**30, 0), (1, 10**30)):
        assert catalog.find(ALL_ARTICLES, "", limit, offset) == ([], 4)
    assert [m.id for m in catalog.find(ALL_ARTICLES, "", None, 0)[0]] == [m.id for m in catalog.metas()]


SETS = {
    "all": (ALL_ARTICLES, set(TITLES)),
    "some": (ArticleSet(frozenset({"ferry-1", "bare", "nobody"}), all_but=False), {"ferry-1", "bare"}),
    "none": (ArticleSet(all_but=False), set()),
    "all but some": (ALL_ARTICLES.without(["ferry-1", "nobody"]), {"ferry-2", "strasse", "bare"}),
    "some less some": (ArticleSet(frozenset({"ferry-1", "bare"}), all_but=False).without(["bare"]), {"ferry-1"}),
    "hostile": (ArticleSet(frozenset({"' OR 1=1 --", "\0", "\ud800", "x" * 100_000}), all_but=False), set()),
}


@pytest.mark.parametrize("name", SETS)
def test_sentences_chunks_counts_and_titles_are_those_of_the_articles_meant(catalog: Catalog, name: str) -> None:
    which, ids = SETS[name]
    sentences = catalog.sentences(i for i, _ in catalog.search_sentences(["storm", "nobody"], 50, which))
    chunks = catalog.chunks(catalog.chunk_ids(which))
    stats = catalog.stats(which)
    assert {s.article_id for s in sentences.values()} == {c.article_id for c in chunks.values()} == ids
    assert set(found(catalog, "", which)) == ids
    assert catalog.chunks_among(catalog.chunk_ids(), which) == set(chunks)
    assert (stats.articles, stats.sentences, stats.chunks) == (len(ids), len(sentences), len(chunks))
    assert sorted(source for source, _ in stats.sources) == sorted(t[1] for i, t in TITLES.items() if i in ids and t[1])
    assert stats.undated == ("bare" in ids)
    assert stats.last_ingest == catalog.stats().last_ingest


def test_a_word_search_among_many_articles_asks_the_word_index_once(open_store: Callable[..., Store]) -> None:
    store = open_store()
    text = " ".join(f"Sentence {n} tells of the storm." for n in range(60))
    list(add_articles(store, [(f"a{n}", Article(ArticleMeta(f"a{n}"), text)) for n in range(40)]))
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    store.catalog._db._connection.set_progress_handler(count, 1000)
    store.catalog.search_sentences(["storm", "tells"], 10)
    whole, steps = steps, 0
    store.catalog.search_sentences(["storm", "tells"], 10, ArticleSet(frozenset(f"a{n}" for n in range(20)), all_but=False))
    assert steps < 3 * whole + 10


def test_vectors_of_chunks_that_are_gone_are_left_out(catalog: Catalog) -> None:
    ids = catalog.chunk_ids()
    assert list(catalog.vectors_by_id([*ids, 10**6])) == ids
