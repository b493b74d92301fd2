"""What the catalog finds and counts among some articles, and articles by the words of their titles."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import numpy as np
import pytest

from pullquote.index.catalog import Catalog
from pullquote.index.catalog_search import SCORED, Counts, search_sentences
from pullquote.index.ingest import add_articles
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from pullquote.index.types import ALL_ARTICLES, Article, ArticleMeta, ArticleSet, Bounds

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
    "within days": (ArticleSet(bounds=Bounds(first=datetime(2026, 3, 3, tzinfo=UTC))), {"ferry-1", "ferry-2"}),
    "of outlets": (ArticleSet(bounds=Bounds(frozenset({"Der Bote", "Meridian Wire", "\0"}))), {"strasse", "ferry-1"}),
    "of no outlet": (ArticleSet(bounds=Bounds(frozenset())), set()),
    "of an outlet's days": (
        ArticleSet(bounds=Bounds(frozenset({"Der Bote"}), datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC))),
        {"strasse"},
    ),
    "within bounds less some": (
        ArticleSet(bounds=Bounds(last=datetime(2026, 3, 3, tzinfo=UTC))).without(["ferry-1"]),
        {"strasse"},
    ),
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
    held = (len(sentences), len(chunks)) if which.is_all else (None, None)
    assert (stats.articles, stats.sentences, stats.chunks) == (len(ids), *held)
    assert sorted(source for source, _ in stats.sources) == sorted(t[1] for i, t in TITLES.items() if i in ids and t[1])
    assert stats.undated == ("bare" in ids)
    assert stats.last_ingest == catalog.stats().last_ingest


def test_a_word_search_among_many_articles_asks_the_word_index_once(open_store: Callable[..., Store]) -> None:
    store = open_store()
    text = " ".join(f"Sentence {n} tells of the storm." for n in range(60))
    list(add_articles(store, [(f"a{n}", Article(ArticleMeta(f"a{n}"), text)) for n in range(40)]))
    which = ArticleSet(frozenset(f"a{n}" for n in range(20)), all_but=False)
    some = _steps(store, lambda: store.catalog.search_sentences(["storm", "tells"], 10, which))
    whole = _steps(store, lambda: store.catalog.search_sentences(["storm", "tells"], 10))
    assert 0 < some < 3 * whole


def test_chunks_of_few_articles_are_found_without_looking_at_all_chunks(open_store: Callable[..., Store]) -> None:
    store = open_store(settings=IndexSettings(chunk_tokens=32))
    text = " ".join(f"Sentence {n} tells of the storm." for n in range(40))
    list(add_articles(store, [(f"a{n}", Article(ArticleMeta(f"a{n}"), text)) for n in range(100)]))
    ids = store.catalog.chunk_ids()
    few = ArticleSet(frozenset({"a7", "a70"}), all_but=False)
    many = ArticleSet(frozenset(f"a{n}" for n in range(90)), all_but=False)
    every = _steps(store, store.catalog.chunk_ids)
    assert 10 * _steps(store, lambda: store.catalog.chunk_ids(few)) < every
    assert _steps(store, lambda: store.catalog.chunks_among(ids[:50], many)) < every
    assert store.catalog.chunks_among(ids[:50], many) == set(ids[:50]) & set(store.catalog.chunk_ids(many))


def _steps(store: Store, search: Callable[[], object]) -> int:
    """Return how many hundreds of instructions SQLite executes for a search."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    store.catalog._db._reader.set_progress_handler(count, 100)
    search()
    store.catalog._db._reader.set_progress_handler(None, 0)
    return steps


# -- more sentences than can be scored for a question --------------------------------------------------

ARTICLES, LINES = 26, 1000
RARE = {3: "zeppelin", 25: "zeppelin", 7: "quokka"}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """26,000 sentences of two outlets: all speak of rain, half of fog, a quarter of frost, two or one of rare things."""
    folder = tmp_path_factory.mktemp("large") / "store"
    store = Store(
        folder,
        IndexSettings(chunk_tokens=400, exact_chunks=10**6),
        create=True,
        embedder=HashEmbedder(),
        reader=FakeStatementReader(),
    )
    with store.writing():
        items = [(str(n), _of_weather(n)) for n in range(ARTICLES)]
        list(add_articles(store, items))
    yield store.catalog
    store.close()


def _of_weather(n: int) -> Article:
    words = ["fog" if i % 2 else "sun" for i in range(LINES)]
    lines = [f"Rain and {word} came{' with frost' if i % 4 == 1 else ''} to {n} towns." for i, word in enumerate(words)]
    if n in RARE:
        lines[501] = f"Rain and fog and a {RARE[n]} came to town on a day that was long and dark."
    meta = ArticleMeta(f"w{n:02}", source="Post" if n % 2 else "Herald", published_at=datetime(2026, 3, 1 + n, tzinfo=UTC))
    return Article(meta, "\n\n".join(lines))


def bm25(catalog: Catalog, terms: list[str]) -> dict[int, float]:
    """Return the score of every sentence with any of the terms, as SQLite has it."""
    match = " OR ".join(f'"{term}"' for term in terms)
    rows = catalog._db.rows("SELECT rowid, -bm25(sentences_fts) FROM sentences_fts WHERE sentences_fts MATCH ?", match)
    return {int(row[0]): float(row[1]) for row in rows}


def test_sentences_with_rare_words_come_first_and_all_words_count(large: Catalog) -> None:
    scores = bm25(large, ["rain", "zeppelin", "fog", "quokka"])
    assert len(scores) > SCORED
    found = large.search_sentences(["rain", "zeppelin", "fog", "quokka"], 120)
    assert len(found) == 120
    assert {large.sentences([i])[i].article_id for i, _ in found[:3]} == {"w03", "w07", "w25"}
    assert dict(found) == pytest.approx({i: scores[i] for i, _ in found})
    assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))


def test_frequent_words_alone_find_sentences_that_have_several(large: Catalog) -> None:
    scores = bm25(large, ["rain", "towns", "frost"])
    assert len(scores) > SCORED
    found = large.search_sentences(["rain", "towns", "frost"], 50)
    assert [score for _, score in found] == pytest.approx(sorted(scores.values(), reverse=True)[:50])
    assert all("frost" in sentence.text for sentence in large.sentences(i for i, _ in found).values())


def test_words_are_counted_once_and_what_is_known_of_them_changes_no_result(large: Catalog) -> None:
    asked = [["rain", "zeppelin", "fog"], ["zeppelin"], ["rain", "towns", "frost"], ["fog", "rain"]]
    counts: Counts = {}
    first = [search_sentences(large._db, terms, 50, ALL_ARTICLES, counts) for terms in asked]
    known = dict(counts)
    assert known['"zeppelin"'][0] == len(bm25(large, ["zeppelin"]))
    assert known['"rain"'][0] > SCORED
    assert [search_sentences(large._db, terms, 50, ALL_ARTICLES, counts) for terms in asked] == first
    assert counts == known
    assert [search_sentences(large._db, terms, 50, ALL_ARTICLES) for terms in asked] == first


def test_one_word_that_nearly_all_sentences_have_is_looked_for_among_the_newest(large: Catalog) -> None:
    assert len(bm25(large, ["rain"])) == ARTICLES * LINES > SCORED
    assert len(large.search_sentences(["rain"], 120)) == 120
    assert large.search_sentences(["rain"], 0) == []


def test_sentences_that_can_all_be_scored_all_are(large: Catalog) -> None:
    scores = bm25(large, ["frost", "zeppelin"])
    assert 6000 < len(scores) < SCORED
    best = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
    assert large.search_sentences(["frost", "zeppelin"], 200) == best[:200]


@pytest.mark.parametrize("terms", [["rain", "fog", "zeppelin"], ["frost", "zeppelin"], ["rain"]])
def test_bounds_and_ids_leave_out_nothing_that_they_allow(large: Catalog, terms: list[str]) -> None:
    posts = {f"w{n:02}" for n in range(1, ARTICLES, 2)}
    for which in (ArticleSet(bounds=Bounds(frozenset({"Post"}))), ArticleSet(frozenset(posts), all_but=False)):
        found = large.search_sentences(terms, 120, which.without(["w25"]))
        sentences = large.sentences(i for i, _ in found)
        assert len(found) == 120
        assert {sentence.article_id for sentence in sentences.values()} <= posts - {"w25"}
        if "zeppelin" in terms:
            assert sentences[found[0][0]].article_id == "w03"


@pytest.mark.parametrize("first", [1, 14, 25, 27])
def test_within_bounds_the_best_are_found_however_many_better_ones_are_outside(large: Catalog, first: int) -> None:
    since = Bounds(first=datetime(2026, 3, first, tzinfo=UTC))
    scores = sorted(bm25(large, ["frost", "zeppelin"]).items(), key=lambda pair: (-pair[1], pair[0]))
    inside = {i for i, s in large.sentences(i for i, _ in scores).items() if int(s.article_id[1:]) >= first - 1}
    for limit in (5, 60):
        found = large.search_sentences(["frost", "zeppelin"], limit, ArticleSet(bounds=since))
        assert found == [pair for pair in scores if pair[0] in inside][:limit]


def test_few_articles_within_bounds_are_named_and_many_are_not(large: Catalog) -> None:
    posts = Bounds(frozenset({"Post"}))
    assert large.published_in(posts, 13) == {f"w{n:02}" for n in range(1, ARTICLES, 2)}
    assert large.published_in(posts, 12) is None
    assert large.published_in(Bounds(first=datetime(2026, 3, 26, tzinfo=UTC)), 0) is None
    assert large.published_in(Bounds(first=datetime(2027, 1, 1, tzinfo=UTC)), 0) == frozenset()


def test_vectors_of_chunks_that_are_gone_are_left_out(catalog: Catalog) -> None:
    ids = catalog.chunk_ids()
    assert list(catalog.vectors_by_id([*ids, 10**6])) == ids


def test_vectors_are_the_same_as_rows(catalog: Catalog) -> None:
    ids = catalog.chunk_ids()
    rows, vectors = catalog.vector_rows([10**6, *reversed(ids)]), catalog.vectors_by_id(ids)
    assert rows.ids.tolist() == ids
    assert all(np.array_equal(row, vectors[chunk]) for chunk, row in rows.by_id().items())
    assert len(catalog.vector_rows([10**6]).by_id()) == 0


@pytest.mark.parametrize(
    ("terms", "found"), [(["storm"], True), (["nobody", "sun"], True), (["sun"], False), ([], False), (['"', "\0"], False)]
)
def test_the_word_index_tells_whether_it_finds_one_of_some_sentences(catalog: Catalog, terms: list[str], found: bool) -> None:
    every = sorted(i for i, _ in catalog.search_sentences(["storm", "nobody"], 50))
    assert catalog.has_words(terms, every) is found
    assert not catalog.has_words(terms, [every[-1] + 1, every[-1] + 9])
    assert not catalog.has_words(terms, [])
