"""The ledger is kept in step with the articles, whatever wrote them, and no article is lost for it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from numpy.typing import NDArray

from pullquote.index import ingest, ledger
from pullquote.index.errors import ModelError, SettingsError
from pullquote.index.exporting import export_lines, import_lines
from pullquote.index.ingest import add_articles
from pullquote.index.ledger import LedgerKeeper, keep_ledger
from pullquote.index.reindexing import reindex
from pullquote.index.removing import compact, purge, remove
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from pullquote.index.types import Article, ArticleMeta, Span, Statement
from pullquote.qa.newsroom import Newsroom

OpenStore = Callable[..., Store]
NOW = datetime(2026, 3, 4, tzinfo=UTC)
OFF = IndexSettings(lock_wait_s=0.2, statements=False)


def news(number: int, more: str = "") -> Article:
    text = f"Pier {number} was closed. Ada Brandt said that pier {number} is safe. Carl Ode denied that it rains.{more}"
    return Article(ArticleMeta(f"a{number}"), text)


def add(store: Store, *articles: Article) -> list[str]:
    with store.writing("add"):
        reports = list(add_articles(store, ((article.meta.id, article) for article in articles)))
    return [row.status for report in reports for row in report.rows]


def said(store: Store, article_id: str) -> list[tuple[str | None, str]]:
    article = store.catalog.article(article_id)
    assert article is not None
    return [(one.speaker, article.text[slice(*one.content_spans[0])]) for one in store.catalog.statements_of(article_id)]


def counts(store: Store) -> tuple[int | None, int]:
    stats = store.catalog.stats()
    assert store.check() == []
    return stats.statements, store.catalog.unread_among()


# -- kept in step ---------------------------------------------------------------------------------


def test_what_is_added_is_read_and_what_is_changed_is_read_again(open_store: OpenStore) -> None:
    store = open_store()
    assert add(store, news(1), news(2)) == ["added", "added"]
    assert said(store, "a1") == [("Ada Brandt", "pier 1 is safe"), ("Carl Ode", "it rains")]
    assert counts(store) == (4, 0)
    assert add(store, news(1), news(2, " Eve Lund declined to say why.")) == ["unchanged", "updated"]
    assert said(store, "a2")[-1] == ("Eve Lund", "why")
    assert {one.version for one in store.catalog.statements_of("a2")} == {2}
    assert counts(store) == (5, 0)
    assert store.statement_reader.read_ids == ["a1", "a2", "a2"]  # type: ignore[union-attr]


def test_what_is_deleted_or_purged_leaves_nothing(open_store: OpenStore) -> None:
    store = open_store()
    add(store, news(1), news(2), Article(ArticleMeta("odd"), "Xantippe Quorl said that owls sing."))
    catalog = store.folder / "catalog.sqlite"
    assert b"Xantippe Quorl" in catalog.read_bytes()
    assert b"quorl" in catalog.read_bytes(), "the key of the speaker"
    assert remove(store, "a1", NOW).verified
    assert purge(store, "odd", NOW).verified
    assert counts(store) == (2, 0)
    files = [path.read_bytes().lower() for path in store.folder.rglob("*") if path.is_file()]
    assert not any(b"xantippe" in data or b"quorl" in data for data in files)
    compact(store)
    assert said(store, "a2") == [("Ada Brandt", "pier 2 is safe"), ("Carl Ode", "it rains")]
    assert counts(store) == (2, 0)


def test_a_statement_that_outlives_its_article_is_told_of(open_store: OpenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store()
    add(store, news(1))
    (kept,) = [store.catalog.statements_of("a1")]
    monkeypatch.setattr(store.catalog, "statements_of", lambda _: kept)
    with pytest.raises(Exception, match="its text is still there"):
        remove(store, "a1", NOW)


def test_articles_that_nobody_read_are_read_by_the_next_write(open_store: OpenStore) -> None:
    off = open_store(settings=OFF)
    assert off.statement_reader is None
    add(off, news(1), news(2))
    assert counts(off) == (0, 2)
    off.close()
    store = open_store()
    assert counts(store) == (0, 2)
    add(store, news(3))
    assert counts(store) == (6, 0)


def test_switched_off_nothing_is_read_and_nothing_deleted(open_store: OpenStore) -> None:
    store = open_store()
    add(store, news(1), news(2))
    store.close()
    off = open_store(settings=OFF)
    add(off, news(3), news(2, " Nobody else spoke."))
    assert counts(off) == (2, 2)
    assert said(off, "a1") == [("Ada Brandt", "pier 1 is safe"), ("Carl Ode", "it rains")]
    with off.writing():
        keep_ledger(off)
    assert counts(off) == (2, 2)


@pytest.mark.parametrize("what", ["add nothing", "rebuild", "reindex", "import"])
def test_another_reader_reads_all_again_whatever_is_written(open_store: OpenStore, tmp_path: Path, what: str) -> None:
    store = open_store()
    add(store, news(1), news(2))
    lines = list(export_lines(store.catalog))
    store.close()
    store = open_store(reader=FakeStatementReader("fake-2"))
    if what == "add nothing":
        add(store)
    elif what == "rebuild":
        Newsroom(store).rebuild()
    elif what == "reindex":
        reindex(store)
    else:
        import_lines(store, lines)
    assert store.catalog.unread("fake-2", 10) == []
    assert sorted(store.statement_reader.read_ids) == ["a1", "a2"]  # type: ignore[union-attr]
    assert counts(store) == (4, 0)


def test_an_imported_article_is_read_where_it_comes_to(open_store: OpenStore, tmp_path: Path) -> None:
    store = open_store()
    add(store, news(1))
    add(store, news(1, " Eve Lund said no."))
    lines = list(export_lines(store.catalog))
    assert not any("Brandt" in line and "speaker" in line for line in lines)
    other = open_store(tmp_path / "other", reader=FakeStatementReader("fake-2"))
    import_lines(other, lines)
    assert said(other, "a1") == said(store, "a1")
    assert {one.version for one in other.catalog.statements_of("a1")} == {2}
    assert counts(other) == (3, 0)


def test_it_is_told_how_far_it_is(open_store: OpenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "_PIECE", 2)
    off = open_store(settings=OFF)
    add(off, *map(news, range(4)))
    off.close()
    store, told = open_store(), list[tuple[int, int]]()
    store.reading = lambda done, total: told.append((done, total))
    add(store)
    assert told == [(2, 4), (4, 4)]
    add(store)
    assert told == [(2, 4), (4, 4)], "nothing is told where nothing is read"


# -- read while the next articles are embedded ----------------------------------------------------


class Slow(FakeStatementReader):
    """Is not done with what it reads before the model embeds again, or is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.goes_on = Event()
        self.threads: set[int] = set()

    def read(self, items: Sequence[tuple[Article, Sequence[Span]]]) -> list[tuple[Statement, ...]]:
        assert self.goes_on.wait(20)
        self.threads.add(threading.get_ident())
        return super().read(items)


class Waking(HashEmbedder):
    """Has the reader go on when it embeds for the second time."""

    def __init__(self, reader: Slow) -> None:
        super().__init__()
        self.reader = reader

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.calls:
            self.reader.goes_on.set()
        return super().embed(texts)


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "BATCH_CHUNKS", 1)


@pytest.mark.usefixtures("one_by_one")
def test_articles_are_read_while_the_next_ones_are_embedded(open_store: OpenStore) -> None:
    reader = Slow()
    store = open_store(reader=reader, embedder=Waking(reader))
    assert add(store, *map(news, range(4))) == ["added"] * 4
    assert reader.read_ids == [f"a{n}" for n in range(4)]
    assert threading.get_ident() not in reader.threads
    assert counts(store) == (8, 0)


@pytest.mark.usefixtures("one_by_one")
@pytest.mark.parametrize("before", ["Nobody spoke of pier 1.", news(1).text])
def test_what_was_read_of_a_version_that_is_no_more_is_dropped(open_store: OpenStore, before: str) -> None:
    reader = Slow()
    store = open_store(reader=reader, embedder=Waking(reader))
    assert add(store, Article(ArticleMeta("a1"), before), news(1, " It rained.")) == ["added", "updated"]
    assert said(store, "a1") == [("Ada Brandt", "pier 1 is safe"), ("Carl Ode", "it rains")]
    assert {one.version for one in store.catalog.statements_of("a1")} == {2}
    assert reader.read_ids == ["a1", "a1"]
    assert counts(store) == (2, 0)


@pytest.mark.usefixtures("one_by_one")
def test_what_is_being_read_when_adding_is_given_up_is_read_by_the_next_write(open_store: OpenStore) -> None:
    def given_up() -> Iterator[tuple[str, Article]]:
        yield from ((f"a{n}", news(n)) for n in range(2))
        raise KeyboardInterrupt

    store = open_store()
    with store.writing("add"), pytest.raises(KeyboardInterrupt):
        list(add_articles(store, given_up()))
    assert counts(store) == (2, 1), "the first one was read while the second was embedded"
    add(store)
    assert counts(store) == (4, 0)
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("ledger")]


def test_no_more_is_held_than_fits(open_store: OpenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "_PIECE", 2)
    monkeypatch.setattr(ledger, "_AHEAD_CHARS", 3 * len(news(1).text))
    off = open_store(settings=OFF)
    add(off, *map(news, range(7)))
    off.close()
    store = open_store()
    with store.writing("add"), LedgerKeeper(store) as keeper:
        keeper.catch_up()
        keeper.catch_up()
        assert counts(store) == (8, 3)
        keeper.finish()
    assert counts(store) == (14, 0)


# -- what goes wrong ------------------------------------------------------------------------------


def test_an_article_that_cannot_be_read_is_kept_without_statements(
    open_store: OpenStore, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(reader=FakeStatementReader(fails_at="Pier 2"))
    assert add(store, news(1), news(2), news(3)) == ["added"] * 3
    assert [len(said(store, name)) for name in ("a1", "a2", "a3")] == [2, 0, 2]
    assert counts(store) == (4, 0)
    (record,) = caplog.records
    assert (record.levelno, record.name) == (logging.WARNING, "pullquote.index.ledger")
    assert record.getMessage().startswith("the article a2 is kept without its statements")
    add(store)
    assert len(caplog.records) == 1, "it is not tried again"


class Wrong(FakeStatementReader):
    """Tells something of the second article that is not in its text."""

    def __init__(self, **changes: object) -> None:
        super().__init__()
        self.changes = changes

    def read(self, items: Sequence[tuple[Article, Sequence[Span]]]) -> list[tuple[Statement, ...]]:
        found = super().read(items)
        return [
            tuple(replace(one, **self.changes) if article.meta.id == "a2" else one for one in statements)  # type: ignore[arg-type]
            for (article, _), statements in zip(items, found, strict=True)
        ]


@pytest.mark.parametrize(
    "changes",
    [
        {"cue_span": Span(2, 10_000)},
        {"speaker_span": Span(-1, 4)},
        {"content_spans": ()},
        {"content_spans": (Span(4, 4),)},
        {"number": 0},
        {"number": 99},
        {"version": 2},
        {"article_id": "a1"},
    ],
)
def test_statements_that_are_not_in_the_text_are_not_stored(open_store: OpenStore, changes: dict[str, object]) -> None:
    store = open_store(reader=Wrong(**changes))
    add(store, news(1), news(2))
    assert [len(said(store, name)) for name in ("a1", "a2")] == [2, 0]
    assert counts(store) == (2, 0)


@pytest.mark.parametrize("error", [ModelError("the parser is not installed"), ImportError("no parser"), OSError("no file")])
def test_where_there_is_no_parser_articles_are_stored_and_read_later(
    open_store: OpenStore, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    class Missing(FakeStatementReader):
        def read(self, items: Sequence[tuple[Article, Sequence[Span]]]) -> list[tuple[Statement, ...]]:
            raise error

    store = open_store(reader=Missing())
    assert add(store, news(1), news(2)) == ["added", "added"]
    assert counts(store) == (0, 2)
    assert "statements cannot be read now" in caplog.text
    store.close()
    store = open_store()
    add(store)
    assert counts(store) == (4, 0)


def test_one_that_is_stopped_goes_on_where_it_was(open_store: OpenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped(FakeStatementReader):
        def read(self, items: Sequence[tuple[Article, Sequence[Span]]]) -> list[tuple[Statement, ...]]:
            if self.read_ids:
                raise KeyboardInterrupt
            return super().read(items)

    monkeypatch.setattr(ledger, "_PIECE", 2)
    store = open_store(reader=Stopped())
    with pytest.raises(KeyboardInterrupt):
        add(store, *map(news, range(5)))
    assert store.catalog.ids() == [f"a{n}" for n in range(5)], "they are stored all the same"
    assert counts(store) == (4, 3)
    store.close()
    store = open_store()
    add(store)
    assert counts(store) == (10, 0)
    assert len(store.statement_reader.read_ids) == 3  # type: ignore[union-attr]


def test_damage_is_mended_by_rebuilding(open_store: OpenStore) -> None:
    store = open_store()
    add(store, news(1), news(2))
    store.catalog._db._connection.execute("DELETE FROM statements WHERE article_id = 'a1'")
    assert store.check()[0] == "2 statements are counted as 4: run pullquote rebuild"
    Newsroom(store).rebuild()
    assert said(store, "a1") == [("Ada Brandt", "pier 1 is safe"), ("Carl Ode", "it rains")]
    assert counts(store) == (4, 0)


# -- settings, and what is not loaded -------------------------------------------------------------


def test_the_environment_switches_it_off() -> None:
    assert IndexSettings.from_env({}).statements
    assert IndexSettings.from_env({"PULLQUOTE_STATEMENTS": "on"}).statements
    assert not IndexSettings.from_env({"PULLQUOTE_STATEMENTS": "off"}).statements
    with pytest.raises(SettingsError, match="PULLQUOTE_STATEMENTS must be on or off, not 'no'"):
        IndexSettings.from_env({"PULLQUOTE_STATEMENTS": "no"})


def test_no_parser_is_loaded_where_nothing_is_unread(open_store: OpenStore) -> None:
    from pullquote.index.statements.reader import BundledReader

    store = open_store(reader=FakeStatementReader(BundledReader().fingerprint))
    add(store, news(1))
    store.close()
    script = """
import sys
from pathlib import Path
from pullquote.index.ingest import add_articles
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import HashEmbedder
store = Store(Path(sys.argv[1]), IndexSettings(), embedder=HashEmbedder())
with store.writing("add"):
    list(add_articles(store, []))
print([name for name in ("spacy", "thinc") if name in sys.modules], store.catalog.stats().statements)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(store.folder)], capture_output=True, text=True, timeout=60, env=os.environ, check=False
    )
    assert done.stdout == "[] 2\n", done.stderr
