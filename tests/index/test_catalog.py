"""The catalog file: opened only when it is ours, and every SQLite failure told as ours."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from pullquote.index import database
from pullquote.index.catalog import Catalog
from pullquote.index.errors import StoreBusy, StoreDamaged, StoreError, StoreTooNew, StoreUnwritable
from pullquote.index.ingest import prepare
from pullquote.index.records import IndexState, Removed, Segment, article_digest
from pullquote.index.settings import IndexSettings
from pullquote.index.testing import HashEmbedder
from pullquote.index.types import Article, ArticleMeta, ArticleSet

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXT = "The mayor resigned on Monday. Her deputy took over. Nobody objected."


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
    assert catalog.remove(article_id, NOW) is None
    assert catalog.history(article_id) == []
    catalog.forget_removed(article_id)
    assert catalog.removed_at(article_id) is None
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


# -- SQLite's failures --------------------------------------------------------------------------------


def test_a_catalog_that_another_program_locks_is_busy(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for wait in ("_READ_WAIT_S", "_WRITE_WAIT_S"):
        monkeypatch.setattr(database, wait, 0.5)
    catalog = Catalog(path, create=True)
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
    catalog.close()


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


def test_the_journal_is_kept(catalog: Catalog, path: Path) -> None:
    put(catalog, news())
    put(catalog, news(text="Changed."))
    catalog.remove("a", NOW)
    with sqlite3.connect(path) as other:
        rows = other.execute("SELECT verb, article_id, version FROM journal ORDER BY id").fetchall()
    other.close()
    assert rows == [("added", "a", 1), ("updated", "a", 2), ("removed", "a", 2)]


def test_a_store_knows_its_name_and_how_its_model_is_called(catalog: Catalog, tmp_path: Path) -> None:
    assert (catalog.model(), catalog.embedding()) == (None, None)
    item = prepare(news(), HashEmbedder(), IndexSettings())
    catalog.store_articles([item], {}, "first", NOW, "folder:model")
    catalog.store_articles([item], {}, "second", NOW, "folder:other")
    assert (catalog.model(), catalog.embedding()) == ("first", "folder:model")
    with contextlib.closing(Catalog(tmp_path / "other.sqlite", create=True)) as other:
        assert other.store_id() not in (None, catalog.store_id())


def test_removing_tells_what_went(catalog: Catalog) -> None:
    put(catalog, news("a"), news("b", "Another sentence. And one more."))
    put(catalog, news("a", TEXT + " Then it rained.", title="T"))
    sentences = tuple(sentence for sentence, _ in sorted(catalog.search_sentences(["mayor", "deputy", "objected", "rained"], 9)))
    article, chunks = catalog.article("a"), catalog.chunk_ids(ArticleSet(frozenset("a"), all_but=False))
    removed = catalog.remove("a", NOW)
    assert removed == Removed(article, 2, sentences, tuple(chunks))  # type: ignore[arg-type]
    assert len(sentences) == 4
    assert catalog.remove("a", NOW) is None
    assert catalog.ids() == ["b"]
    assert catalog.check() == []


def test_copies_are_one_report_until_one_of_them_goes_or_changes(catalog: Catalog) -> None:
    wire = " ".join(f"The harbour of Sallen was closed {n} times after crane {n * n} fell on pier {n + 7}." for n in range(9))
    other = " ".join(f"Teacher {n} of Elm wrote {n * 3} letters about the {n}th budget of the school." for n in range(9))
    put(catalog, news("a", wire), news("b", f"{wire} The paper adds a line."), news("c", other))
    reports = catalog.reports_of(["a", "b", "c", "d"])
    assert sorted(reports) == ["a", "b", "c"]
    assert reports["a"] == reports["b"] != reports["c"]
    assert catalog.copies_of(["a", "b", "c"]) == {"a": ("b",), "b": ("a",)}
    put(catalog, news("b", other + " More follows."))
    assert catalog.copies_of(["a", "b", "c"]) == {"b": ("c",), "c": ("b",)}
    catalog.remove("c", NOW)
    assert catalog.copies_of(["a", "b", "c"]) == {}
    assert catalog.check() == []


# -- what the vector index remembers ------------------------------------------------------------------

STATE = IndexState(
    (
        Segment("index-3", 1, 900, 880, "1.5.9", (("a/header.bin", 100, 2**32 - 1), ("a/data_level0.bin", 123_456, 0))),
        Segment("index-7", 901, 950, 50, "1.5.9", ()),
    ),
    number=8,
)


def test_the_segments_are_remembered(catalog: Catalog, path: Path) -> None:
    assert catalog.index_state() == IndexState()
    catalog.set_index_state(STATE)
    assert catalog.index_state() == STATE
    with contextlib.closing(Catalog(path)) as again:
        assert again.index_state() == STATE
        again.set_index_state(IndexState(number=9))
    assert catalog.index_state() == IndexState(number=9)


GOOD = STATE.to_json()
BROKEN = {
    "cut off": GOOD[:-30],
    "no number": GOOD.replace('"number"', '"numbers"'),
    "a number that is none": GOOD.replace('"number": 8', '"number": true'),
    "a negative one": GOOD.replace('"number": 8', '"number": -8'),
    "another folder": GOOD.replace("index-3", "../index-3"),
    "a folder with a newline": GOOD.replace("index-3", "index-3\\n"),
    "ranges that overlap": GOOD.replace('"first": 901', '"first": 900'),
    "a range that is none": GOOD.replace('"last": 950', '"last": 899'),
    "a seal of two": GOOD.replace('["a/header.bin", 100, 4294967295]', '["a/header.bin", 100]'),
    "a list": "[]",
    "deep": "[" * 100_000,
    "text": "null",
    "empty": "",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_segments_that_make_no_sense_are_none(catalog: Catalog, path: Path, text: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as other, other:
        other.execute("INSERT INTO meta VALUES ('index', ?)", (text,))
    assert text != GOOD
    assert catalog.index_state().segments == ()


# -- the file -----------------------------------------------------------------------------------------


def test_commits_are_synced_and_deleted_text_is_overwritten(catalog: Catalog, path: Path) -> None:
    put(catalog, news(text="The xylophonist zigzagged. " * 50))
    row = catalog._db.rows
    assert row("PRAGMA journal_mode") == [("delete",)]
    assert row("PRAGMA synchronous") == [(2,)]
    assert row("PRAGMA secure_delete") == [(1,)]
    assert row("PRAGMA trusted_schema") == [(0,)]
    catalog.remove("a", NOW)
    assert b"xylophonist zigzagged" not in path.read_bytes()
