"""Articles into the store: what costs an embedding, what makes a version, and what a failure leaves behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pullquote.index.errors import ModelError, ModelOutputError
from pullquote.index.ingest import add_articles, prepare
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import FailingEmbedder, HashEmbedder
from pullquote.index.types import Article, ArticleMeta, IngestReport, SkippedItem

OpenStore = Callable[..., Store]
SMALL = IndexSettings(chunk_tokens=32)

FIRST = "The mayor resigned on Monday after a long dispute over the harbour. Her deputy took over at once and promised calm."
SECOND = "The mayor resigned on Tuesday after a long dispute over the harbour. Her deputy took over at once and promised calm."


def news(article_id: str = "a", text: str = FIRST, **meta: Any) -> Article:
    return Article(ArticleMeta(article_id, **meta), text)


def add(store: Store, *items: Article | SkippedItem) -> IngestReport:
    with store.writing():
        named = ((item.meta.id if isinstance(item, Article) else item.where, item) for item in items)
        return IngestReport.joined(add_articles(store, named))


def long_text(chunks: int, mark: str = "") -> str:
    """Return a text of so many chunks under ``SMALL``: two such sentences do not fit one."""
    sentence = "Witness {} {} told the inquiry on that day about exhibit number {} and about the letters."
    return " ".join(sentence.format(n, mark, n * 17) for n in range(chunks))


def rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    tables = ("meta", "articles", "versions", "sentences", "chunks", "vectors", "journal", "counts", "sketches", "bands")
    return {table: store.catalog._db.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables}


def found(store: Store, word: str) -> list[str]:
    """Return the articles that word search and vector search find for a word."""
    sentences = store.catalog.sentences(i for i, _ in store.catalog.search_sentences([word], 50))
    return sorted({sentence.article_id for sentence in sentences.values() if word in sentence.text})


def statuses(report: IngestReport) -> list[str]:
    return [row.status for row in report.rows]


# -- the same again -----------------------------------------------------------------------------------


def test_adding_the_same_again_changes_no_row_and_embeds_nothing(open_store: OpenStore) -> None:
    embedder = HashEmbedder()
    store = open_store(embedder=embedder)
    articles = [news(f"a{n}", f"Speaker {n} said {n * n} things. Nobody else spoke that day.") for n in range(100)]
    assert add(store, *articles).count("added") == 100
    before, calls = rows(store), embedder.calls
    files = {path: path.read_bytes() for path in store.folder.rglob("*") if path.is_file() and path.name != "chroma.sqlite3"}
    again = add(store, *articles)
    assert again.count("unchanged") == 100
    assert again.embedded_chunks == 0
    assert embedder.calls == calls
    assert rows(store) == before
    assert {path: path.read_bytes() for path in files} == files


def test_changed_metadata_alone_is_a_new_version_and_embeds_nothing(open_store: OpenStore) -> None:
    embedder = HashEmbedder()
    store = open_store(embedder=embedder)
    add(store, news(title="Mayor quits", authors=("Ana Ruiz",), source="Post"))
    calls = embedder.calls
    report = add(store, news(title="Mayor resigns", source="Post"))
    assert statuses(report) == ["updated"]
    assert embedder.calls == calls
    (meta,) = store.catalog.metas()
    assert (meta.version, meta.title, meta.authors) == (2, "Mayor resigns", ())
    old = store.catalog.article("a", 1)
    assert old is not None
    assert (old.meta.title, old.meta.authors) == ("Mayor quits", ("Ana Ruiz",))


def test_a_wire_story_carried_twice_is_found_twice_and_embedded_once(open_store: OpenStore) -> None:
    embedder = HashEmbedder()
    store = open_store(embedder=embedder)
    report = add(store, news("post", source="Post"), news("herald", source="Herald"))
    assert statuses(report) == ["added", "added"]
    assert embedder.texts == [FIRST]
    add(store, news("gazette"))
    assert embedder.texts == [FIRST]
    chunks = store.catalog.chunks([chunk for chunk, _ in store.search_chunks(FIRST, 10)])
    assert sorted(chunk.article_id for chunk in chunks.values()) == ["gazette", "herald", "post"]
    store.catalog.remove("post", datetime.now(UTC))
    assert len(store.search_chunks(FIRST, 10)) == 2


def test_a_paragraph_that_an_edit_leaves_alone_is_not_embedded_again(open_store: OpenStore) -> None:
    embedder = HashEmbedder()
    store = open_store(embedder=embedder, settings=SMALL)
    text = long_text(20)
    add(store, news(text=text))
    before = len(embedder.texts)
    add(store, news(text=text.replace("Witness 19", "Nobody")))
    assert len(embedder.texts) == before + 1


def test_one_id_several_times_in_one_run_keeps_all_versions_and_the_last_is_live(open_store: OpenStore) -> None:
    store = open_store()
    report = add(store, news(), news(text=SECOND), news(text=SECOND), news())
    assert statuses(report) == ["added", "updated", "unchanged", "updated"]
    texts = [store.catalog.article("a", version) for version in (1, 2, 3, None)]
    assert [article.text for article in texts if article] == [FIRST, SECOND, FIRST, FIRST]
    assert store.check() == []


# -- changes and removals -----------------------------------------------------------------------------


def test_an_update_leaves_nothing_of_the_old_version_behind(open_store: OpenStore) -> None:
    store = open_store()
    add(store, news(), news("b", "A zeppelin landed. Nobody was hurt."))
    add(store, news(text=SECOND))
    assert found(store, "Monday") == []
    assert found(store, "Tuesday") == ["a"]
    chunks = store.catalog.chunks([chunk for chunk, _ in store.search_chunks(FIRST, 50)])
    assert all("Monday" not in chunk.text for chunk in chunks.values())
    assert {chunk.version for chunk in chunks.values() if chunk.article_id == "a"} == {2}
    keys = store.catalog._db.rows("SELECT text_key FROM vectors EXCEPT SELECT text_key FROM chunks")
    assert keys == []
    assert store.rebuild_index() == len(store.catalog.chunk_ids())
    assert store.indexed_ids() == set(store.catalog.chunk_ids())
    assert store.check() == []


def test_an_old_versions_text_and_date_can_still_be_had(open_store: OpenStore) -> None:
    store = open_store()
    add(store, news(published_at=datetime(2026, 1, 1, tzinfo=UTC)))
    add(store, news(text=SECOND, published_at=datetime(2026, 1, 2, tzinfo=UTC)))
    old, new = store.catalog.article("a", 1), store.catalog.article("a")
    assert old is not None
    assert new is not None
    assert (old.text, old.meta.published_at) == (FIRST, datetime(2026, 1, 1, tzinfo=UTC))
    assert (new.text, new.meta.version) == (SECOND, 2)
    assert old.meta.fetched_at is not None
    assert store.catalog.article("a", 3) is None


def test_an_article_that_shrinks_takes_its_chunks_along(open_store: OpenStore) -> None:
    store = open_store(settings=SMALL)
    add(store, news(text=long_text(20)), news("b", long_text(5, "elsewhere")))
    old = set(store.catalog.chunk_ids())
    add(store, news(text=long_text(3, "alone")))
    live = set(store.catalog.chunk_ids())
    assert len(live) == 8
    assert len(live - old) == 3
    assert {chunk for chunk, _ in store.search_chunks("Witness told the inquiry", 50)} == live
    store.rebuild_index()
    assert store.indexed_ids() == live


def test_a_removed_article_may_come_back(open_store: OpenStore) -> None:
    store = open_store()
    add(store, news())
    store.catalog.remove("a", datetime.now(UTC))
    assert store.search_chunks(FIRST, 5) == []
    assert statuses(add(store, news())) == ["added"]
    assert len(store.search_chunks(FIRST, 5)) == 1


def test_version_numbers_go_on_where_they_ended_when_a_removed_article_comes_back(open_store: OpenStore) -> None:
    store = open_store()
    add(store, news(), news("b"))
    add(store, news(text=SECOND))
    store.catalog.remove("a", datetime.now(UTC))
    # "The a of version 1" was FIRST, and names nothing now, whatever comes under its id.
    report = add(store, news(text="Another story began. Nobody knew."), news(text="Another story began. All knew."), news("c"))
    assert statuses(report) == ["added", "updated", "added"]
    assert [store.catalog.article("a", version) for version in (1, 2)] == [None, None]
    texts = {version: store.catalog.article("a", version) for version in (3, 4)}
    assert [item and item.text[21:] for item in texts.values()] == ["Nobody knew.", "All knew."]
    assert {meta.id: meta.version for meta in store.catalog.metas()} == {"a": 4, "b": 1, "c": 1}
    store.catalog.remove("a", datetime.now(UTC))
    store.close()
    store = open_store()
    assert statuses(add(store, news())) == ["added"]
    assert {sentence.version for sentence in store.catalog.sentences_of("a")} == {5}
    verbs = store.catalog._db.rows("SELECT verb, version FROM journal WHERE article_id = 'a' ORDER BY id")
    assert verbs == [("added", 1), ("updated", 2), ("removed", 2), ("added", 3), ("updated", 4), ("removed", 4), ("added", 5)]


# -- sizes --------------------------------------------------------------------------------------------


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 500))
def test_as_many_chunks_are_stored_as_were_made(open_store: OpenStore, tmp_path: Path, count: int) -> None:
    store = open_store(tmp_path / f"store-{count}", settings=SMALL)
    article = news(text=long_text(count))
    made = len(prepare(article, store.embedder, SMALL).chunks)
    add(store, article)
    assert made == count == len(store.catalog.chunk_ids()) == len(store.indexed_ids())
    store.close()


def test_an_article_of_6000_chunks_is_stored_whole(open_store: OpenStore) -> None:
    store = open_store(settings=SMALL)
    sentences = [" ".join(["Witness", *(f"word{n * k % 9973}" for k in range(2, 14))]) + "." for n in range(6000)]
    report = add(store, news(text=" ".join(sentences)), news("b"))
    assert statuses(report) == ["added", "added"]
    assert len(store.catalog.chunk_ids()) == len(store.indexed_ids()) == 6001
    for wanted in sentences[::500]:
        chunk, cosine = store.search_chunks(wanted, 1)[0]
        assert store.catalog.chunks([chunk])[chunk].text == wanted
        assert cosine == pytest.approx(1, abs=1e-5)


def test_reports_come_batch_by_batch_after_their_articles_are_stored(open_store: OpenStore) -> None:
    store = open_store()
    seen = 0
    with store.writing():
        for report in add_articles(store, ((str(n), news(f"a{n}", f"Number {n} spoke.")) for n in range(600))):
            seen += len(report.rows)
            assert store.catalog.stats().articles == seen
    assert seen == 600


# -- what cannot be stored ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("article", "reason"),
    [
        (news(text=""), "no sentence"),
        (news(text=" \n\t\u200b \n"), "no sentence"),
        (news(text="*** 🙂 ***"), "no sentence"),
        (news(text="A NUL\0 here."), "NULs"),
        (news(text="Half a \ud83d face."), "surrogates"),
        (news(title="Half a \ud83d face"), "surrogates"),
        (news(authors=("Ana", "\udfff")), "surrogates"),
        (news("\ud800"), "surrogates"),
        (news(" "), "no id"),
        (news(published_at=datetime(2026, 1, 1)), "without a zone"),
        (news(text="It rained. " * 181_819), "2,000,009 characters, and no article has more than 2,000,000: split it"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_article_that_cannot_be_stored_is_skipped_and_the_others_go_in(
    open_store: OpenStore, article: Article, reason: str
) -> None:
    store = open_store()
    report = add(store, news("x"), article, SkippedItem("b.jsonl:3", "broken"), news("y"))
    if statuses(report) != ["added", "skipped", "skipped", "added"]:
        pytest.fail(str(report.rows))
    assert reason in (report.rows[1].reason or "")
    assert (report.rows[2].where, report.rows[2].reason) == ("b.jsonl:3", "broken")
    assert store.catalog.ids() == ["x", "y"]


READABLE = [
    "مرحبا بالعالم. كيف الحال؟",
    "שלום עולם.",
    "نیم‌فاصله هست.",
    "\u202eright to left\u202c text.",
    "🙂 ok",
    "x",
    "한국어 문장입니다.",
]


@pytest.mark.parametrize("text", READABLE)
def test_any_readable_text_is_stored_as_it_is(open_store: OpenStore, text: str) -> None:
    store = open_store()
    assert statuses(add(store, news(text=text))) == ["added"]
    stored = store.catalog.article("a")
    assert stored is not None
    assert stored.text == text
    assert all(s.text == text[s.span.start : s.span.end] for s in store.catalog.sentences_of("a"))


# -- a model that fails -------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["raises", "nan", "infinity", "zeros", "too few", "too many", "ragged", "no numbers"])
def test_a_failing_model_leaves_the_old_version_answering_and_a_retry_succeeds(open_store: OpenStore, fault: Any) -> None:
    store = open_store()
    add(store, news(), news("b", "A zeppelin landed. Nobody was hurt."))
    store.close()
    store = open_store(embedder=FailingEmbedder(fault, "Tuesday"))
    before = rows(store)
    with pytest.raises(ModelError) as caught:
        add(store, news("c", "Something new happened."), news(text=SECOND))
    assert "\n" not in str(caught.value)
    assert rows(store) == before
    assert found(store, "Monday") == ["a"]
    store.close()
    store = open_store()
    assert found(store, "Monday") == ["a"]
    assert len(store.search_chunks(FIRST, 5)) == 2
    assert statuses(add(store, news("c", "Something new happened."), news(text=SECOND))) == ["added", "updated"]
    assert store.check() == []


def test_batches_before_a_failure_stay_and_are_found(open_store: OpenStore) -> None:
    store = open_store(embedder=FailingEmbedder("raises", "poison"), settings=SMALL)
    with pytest.raises(ModelError, match="went away"):
        add(store, *(news(f"a{n}", long_text(10, f"m{n}")) for n in range(30)), news("bad", "A poison pill."))
    assert store.catalog.stats().articles == 26
    assert store.search_chunks("Witness 3 m5 told the inquiry", 5)
    assert store.check() == []


def test_a_last_report_names_the_articles_that_the_model_failed_on(open_store: OpenStore) -> None:
    store = open_store(embedder=FailingEmbedder("raises", "poison"), settings=SMALL)
    add(store, news("old"))
    items = [news("a", long_text(300)), news("old"), SkippedItem("b.jsonl:3", "broken"), news("c", "A poison pill."), news("d")]
    reports: list[IngestReport] = []
    with store.writing(), pytest.raises(ModelError, match="went away"):
        reports.extend(add_articles(store, ((f"file of {n}", item) for n, item in enumerate(items))))
    assert [statuses(report) for report in reports] == [["added"], ["unchanged", "skipped", "failed", "failed"]]
    failed = reports[1].rows[2]
    assert (failed.article_id, failed.where, failed.sentences) == ("c", "file of 3", 0)
    assert "went away" in (failed.reason or "")
    assert store.catalog.ids() == ["a", "old"]
    store.close()
    assert statuses(add(open_store(settings=SMALL), *items)) == ["unchanged", "unchanged", "skipped", "added", "added"]


@pytest.mark.parametrize("kind", [np.float16, np.float64, list])
def test_vectors_of_any_number_type_are_stored_as_unit_float32(open_store: OpenStore, kind: Any) -> None:
    class Other(HashEmbedder):
        def embed(self, texts: Any) -> Any:
            rows = super().embed(texts) * 7
            return [[round(float(x) * 100) for x in row] for row in rows] if kind is list else rows.astype(kind)

    store = open_store(embedder=Other())
    add(store, news())
    vectors = store.catalog.chunk_vectors(store.catalog.chunk_ids())
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)


# -- threads ------------------------------------------------------------------------------------------


def in_threads(count: int, work: Callable[[int], object]) -> None:
    errors: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_eight_threads_adding_one_article_make_one_version(open_store: OpenStore) -> None:
    embedder = HashEmbedder()
    store = open_store(embedder=embedder, settings=SMALL)
    article = news(text=long_text(12))
    reports: list[IngestReport] = []
    in_threads(8, lambda _: reports.append(add(store, article)))
    assert sorted(status for report in reports for status in statuses(report)) == ["added"] + ["unchanged"] * 7
    assert store.catalog.stats().versions == 1
    assert len(embedder.texts) == 12
    assert store.check() == []


def test_threads_adding_different_articles_lose_none(open_store: OpenStore) -> None:
    store = open_store()
    in_threads(6, lambda n: [add(store, news(f"a{n}-{k}", f"Speaker {n} said {k} things.")) for k in range(8)])
    assert store.catalog.stats().articles == 48
    assert len(store.search_chunks("Speaker said things", 100)) == 48
    assert store.check() == []


def test_a_source_of_articles_that_fails_keeps_what_was_stored(open_store: OpenStore) -> None:
    def articles() -> Iterator[tuple[str, Article]]:
        for n in range(300):
            yield str(n), news(f"a{n}", f"Number {n} spoke.")
        raise OSError("the disk with the articles is gone")

    def ingest(items: Iterable[tuple[str, Article]]) -> None:
        with store.writing():
            list(add_articles(store, items))

    store = open_store()
    with pytest.raises(OSError, match="is gone"):
        ingest(articles())
    assert store.catalog.stats().articles == 256
    assert len(store.search_chunks("number 17 spoke", 3)) == 3


def test_a_model_that_returns_nonsense_is_no_output(open_store: OpenStore) -> None:
    with pytest.raises(ModelOutputError):
        add(open_store(embedder=FailingEmbedder("nan")), news())
