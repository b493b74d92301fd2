"""Chunks and vectors: those of the live cut, and those of one that is made beside it and then takes its place."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from pullquote.index.catalog import Catalog
from pullquote.index.embedding import text_key
from pullquote.index.ingest import prepare
from pullquote.index.records import IndexState, PreparedArticle, Segment
from pullquote.index.settings import IndexSettings
from pullquote.index.testing import HashEmbedder
from pullquote.index.types import Article, ArticleMeta, ArticleSet

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD, NEW = HashEmbedder(16), HashEmbedder(24)
SIZES = {OLD.fingerprint: 32, NEW.fingerprint: 64}
STATE = IndexState((Segment("index-4", 1, 10**6, 20, "1.5.9", ()),), number=4)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalog.sqlite"


@pytest.fixture
def catalog(path: Path) -> Iterator[Catalog]:
    opened = Catalog(path, create=True)
    put(opened, *(news(f"a{n}", text_of(n)) for n in range(8)))
    yield opened
    opened.close()


def text_of(n: int, revision: int = 1) -> str:
    return " ".join(f"Sentence {s} of article {n} tells of {n * 100 + s * 7} boats in revision {revision}." for s in range(6))


def news(article_id: str, text: str) -> Article:
    return Article(ArticleMeta(article_id), text)


def vectors_of(items: Sequence[PreparedArticle], embedder: HashEmbedder) -> dict[bytes, np.ndarray]:
    texts = list({item.chunk_text(chunk): None for item in items for chunk in item.chunks})
    return dict(zip(map(text_key, texts), embedder.embed(texts), strict=True))


def put(catalog: Catalog, *articles: Article) -> None:
    model = catalog.model() or OLD.fingerprint
    embedder = {e.fingerprint: e for e in (OLD, NEW)}[model]
    items = [prepare(article, embedder, IndexSettings(chunk_tokens=SIZES[model])) for article in articles]
    catalog.store_articles(items, vectors_of(items, embedder), model, NOW)


def recut(catalog: Catalog, ids: Sequence[str], tokens: int = 64) -> list[PreparedArticle]:
    return [prepare(a, NEW, IndexSettings(chunk_tokens=tokens)) for i in ids if (a := catalog.article(i))]


def stage(catalog: Catalog, cut: int, ids: Sequence[str], tokens: int = 64) -> None:
    items = recut(catalog, ids, tokens)
    vectors = vectors_of(items, NEW)
    missing = catalog.missing_vectors(vectors, NEW.fingerprint)
    catalog.stage_chunks(cut, items, {key: vectors[key] for key in missing}, NEW.fingerprint)


def held(path: Path) -> tuple[set[int], set[str], int]:
    """Return the cuts and models in the file, and how many of its vectors belong to no chunk."""
    with contextlib.closing(sqlite3.connect(path)) as other:
        cuts = {row[0] for row in other.execute("SELECT DISTINCT cut FROM chunks")}
        models = {row[0] for row in other.execute("SELECT DISTINCT model FROM vectors")}
        ((orphans,),) = other.execute("SELECT count(*) FROM vectors WHERE text_key NOT IN (SELECT text_key FROM chunks)")
    return cuts, models, orphans


def seen(catalog: Catalog) -> object:
    ids = catalog.chunk_ids()
    vectors = {i: row.tobytes() for i, row in catalog.vectors_by_id(ids).items()}
    return ids, catalog.chunks(ids), vectors, catalog.sentence_ids_of_chunks(ids), catalog.stats().chunks, catalog.revision()


# -- ids ----------------------------------------------------------------------------------------------


def test_ids_are_given_for_any_part_of_the_line(catalog: Catalog) -> None:
    ids = catalog.chunk_ids()
    assert ids == sorted(ids)
    assert len(ids) == catalog.chunk_count() == catalog.stats().chunks
    assert len(ids) > 20
    middle = ids[len(ids) // 2]
    assert catalog.chunk_ids(above=middle) == [i for i in ids if i > middle]
    assert catalog.chunk_ids(above=ids[2], upto=middle) == [i for i in ids if ids[2] < i <= middle]
    assert catalog.chunk_count(above=ids[2], upto=middle) == len(catalog.chunk_ids(above=ids[2], upto=middle))
    assert catalog.chunk_count(above=ids[-1]) == 0 == catalog.chunk_count(above=middle, upto=middle)
    some = ArticleSet(frozenset(("a1", "a6")), all_but=False)
    assert set(catalog.chunk_ids(some, above=middle)) == {i for i in catalog.chunks_among(ids, some) if i > middle}


def test_ids_of_what_was_replaced_or_removed_are_never_used_again(catalog: Catalog) -> None:
    before = catalog.chunk_ids()
    put(catalog, news("a3", text_of(3, 2)))
    catalog.remove("a7", NOW)
    put(catalog, news("a8", text_of(8)))
    after = catalog.chunk_ids()
    assert set(after) - set(before)
    assert min(set(after) - set(before)) > max(before)
    assert catalog.chunk_count() == len(after)
    assert catalog.vectors_by_id(before).keys() == set(before) & set(after)


# -- a cut beside the live one --------------------------------------------------------------------------


def test_a_cut_that_is_being_made_is_seen_by_nobody(catalog: Catalog) -> None:
    before = seen(catalog)
    cut = catalog.begin_cut(NEW.fingerprint, 64)
    assert catalog.lacking(cut) == catalog.ids()
    stage(catalog, cut, catalog.ids()[:5])
    assert seen(catalog) == before
    assert catalog.lacking(cut) == catalog.ids()[5:]
    staged = catalog.staged_ids(cut)
    assert catalog.vectors_by_id(staged) == catalog.chunks(staged) == {}
    assert catalog.chunks_among(staged, ArticleSet()) == set()
    vectors = catalog.staged_vectors(staged, cut, NEW.fingerprint)
    assert list(vectors) == staged
    assert {len(row) for row in vectors.values()} == {24}
    assert catalog.staged_vectors(staged, cut, OLD.fingerprint) == {}


def test_one_step_makes_it_the_live_one(catalog: Catalog, path: Path) -> None:
    old, revision = catalog.chunk_ids(), catalog.revision()
    cut = catalog.begin_cut(NEW.fingerprint, 64)
    stage(catalog, cut, catalog.ids())
    staged = catalog.staged_ids(cut)
    catalog.switch_cut(cut, NEW.fingerprint, "folder:new", STATE)
    assert catalog.chunk_ids() == staged
    assert set(staged).isdisjoint(old)
    assert catalog.chunk_count() == len(staged) == catalog.stats().chunks
    assert len(staged) < len(old)
    assert (catalog.model(), catalog.embedding(), catalog.index_state()) == (NEW.fingerprint, "folder:new", STATE)
    assert catalog.revision() > revision
    texts = [catalog.chunks([i])[i].text for i in staged]
    assert np.array_equal(catalog.chunk_vectors(staged), NEW.embed(texts))
    assert catalog.vectors_by_id(old) == {}
    assert held(path) == ({1, cut}, {OLD.fingerprint, NEW.fingerprint}, 0)


def test_one_that_was_cut_off_goes_on_with_the_same_model_only(catalog: Catalog, path: Path) -> None:
    cut = catalog.begin_cut(NEW.fingerprint, 64)
    stage(catalog, cut, catalog.ids()[:3])
    assert catalog.begin_cut(NEW.fingerprint, 64) == cut
    assert catalog.lacking(cut) == catalog.ids()[3:]
    other = catalog.begin_cut(NEW.fingerprint, 128)
    assert other > cut
    assert catalog.lacking(other) == catalog.ids()
    stage(catalog, other, catalog.ids(), 128)
    while catalog.drop_dead(3):
        pass
    assert held(path)[0] == {1, other}
    catalog.switch_cut(other, NEW.fingerprint, "", STATE)
    third = catalog.begin_cut(OLD.fingerprint, 32)
    assert third > other


def test_what_changes_or_goes_meanwhile_is_cut_anew_or_not_at_all(catalog: Catalog) -> None:
    cut = catalog.begin_cut(NEW.fingerprint, 64)
    stage(catalog, cut, catalog.ids())
    assert catalog.lacking(cut) == []
    put(catalog, news("a2", text_of(2, 2)), news("b", text_of(9)))
    catalog.remove("a5", NOW)
    assert catalog.lacking(cut) == ["a2", "b"]
    stage(catalog, cut, catalog.lacking(cut))
    stage(catalog, cut, ["a2"])  # once more does no harm
    catalog.switch_cut(cut, NEW.fingerprint, "", STATE)
    chunks = catalog.chunks(catalog.chunk_ids()).values()
    assert {chunk.article_id for chunk in chunks} == set(catalog.ids())
    for article_id in catalog.ids():
        inside = [n for chunk in chunks if chunk.article_id == article_id for n in chunk.sentences]
        assert inside == [s.number for s in catalog.sentences_of(article_id)]
    assert catalog.check() == []


def test_what_is_dead_goes_in_slices_and_nothing_else_does(catalog: Catalog, path: Path) -> None:
    cut = catalog.begin_cut(NEW.fingerprint, 64)
    stage(catalog, cut, catalog.ids())
    assert catalog.drop_dead(100) == 0
    catalog.switch_cut(cut, NEW.fingerprint, "", STATE)
    before, dropped = seen(catalog), []
    while count := catalog.drop_dead(5):
        dropped.append(count)
        assert seen(catalog) == before
    assert len(dropped) > 4
    assert max(dropped) <= 10
    assert held(path) == ({cut}, {NEW.fingerprint}, 0)
    assert catalog.check() == []
    put(catalog, news("a1", text_of(1, 2)))
    catalog.remove("a0", NOW)
    assert held(path) == ({cut}, {NEW.fingerprint}, 0)
    assert catalog.check() == []


def test_the_same_model_with_larger_chunks_keeps_what_it_can_use(catalog: Catalog, path: Path) -> None:
    whole = news("short", "One sentence only.")
    put(catalog, whole)
    cut = catalog.begin_cut(OLD.fingerprint, 64)
    items = [prepare(a, OLD, IndexSettings(chunk_tokens=64)) for i in catalog.ids() if (a := catalog.article(i))]
    vectors = vectors_of(items, OLD)
    missing = catalog.missing_vectors(vectors, OLD.fingerprint)
    assert text_key(whole.text) not in missing
    catalog.stage_chunks(cut, items, {key: vectors[key] for key in missing}, OLD.fingerprint)
    catalog.switch_cut(cut, OLD.fingerprint, "", STATE)
    while catalog.drop_dead(7):
        pass
    assert held(path) == ({cut}, {OLD.fingerprint}, 0)
    assert len(catalog.vectors_by_id(catalog.chunk_ids())) == catalog.chunk_count()


# -- speed that only an index gives ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM chunks WHERE cut = 1 AND id > 3 AND id <= 9 ORDER BY id",
        "SELECT count(*) FROM chunks WHERE cut = 1 AND id > 3 AND id <= 9",
        "DELETE FROM vectors WHERE model = 'm' AND text_key = x'00' AND NOT EXISTS (SELECT 1 FROM chunks WHERE text_key = x'00')",
        "SELECT max(version) FROM journal WHERE article_id = 'a'",
        "SELECT max(published_at) FROM articles WHERE published_at <= 9",
        "SELECT id FROM articles WHERE source = 'Post' AND published_at BETWEEN 3 AND 9",
    ],
)
def test_no_table_is_read_from_end_to_end(catalog: Catalog, sql: str) -> None:
    plan = [str(row[3]) for row in catalog._db.rows(f"EXPLAIN QUERY PLAN {sql}")]
    assert any("SEARCH" in step for step in plan)
    assert not any(step.startswith("SCAN") for step in plan), plan
