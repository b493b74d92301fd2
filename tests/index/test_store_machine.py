"""Any order of adding, changing, deleting, purging, moving, breaking, killing and changing models keeps a store true."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import chromadb
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pullquote.index import failpoints
from pullquote.index.errors import StoreModelMismatch
from pullquote.index.exporting import export_lines, import_lines
from pullquote.index.ingest import add_articles, prepare
from pullquote.index.records import PreparedArticle
from pullquote.index.reindexing import reindex
from pullquote.index.removing import compact, purge, remove
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from pullquote.index.types import Article, ArticleMeta, Statement

SETTINGS = IndexSettings(chunk_tokens=32, exact_chunks=0)
IDS = st.sampled_from([f"article {n}" for n in range(6)])
WORDS = ["harbour", "budget", "school", "bridge", "flood", "vaccine", "tariff", "museum"]
TOPICS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6)
TITLES = st.sampled_from([None, "Morning", "Evening"])
KILLED = st.sampled_from([name for name in failpoints.NAMES if name not in ("schema-step", "index-damaged")])
DIMS = {"hash": 64, "other": 48}
# Two hundred runs by `make crash-test`: whoever is killed while building an index has loaded Chroma for it.
RUNS, STEPS = int(os.environ.get("PULLQUOTE_MACHINE_RUNS", "10")), int(os.environ.get("PULLQUOTE_MACHINE_STEPS", "50"))

Live = tuple[str, str | None, int]
"""Text, title and version."""


def text_of(topics: list[str]) -> str:
    sentence = "On day {} the council voted on the {} plan and on nothing else at all."
    said = [f"Mayor {topic.title()} said that the {topic} stays." for topic in topics[::2]]
    return " ".join([*(sentence.format(n, topic) for n, topic in enumerate(topics)), *said])


@lru_cache(maxsize=10_000)
def prepared(text: str, model: str) -> PreparedArticle:
    return prepare(Article(ArticleMeta("any"), text), HashEmbedder(name=model, dim=DIMS[model]), SETTINGS)


@lru_cache(maxsize=10_000)
def said_in(text: str, article_id: str, version: int) -> tuple[Statement, ...]:
    article = Article(ArticleMeta(article_id, version), text)
    return FakeStatementReader().read([(article, prepared(text, "hash").sentences)])[0]


def put(store: Store, article_id: str, text: str, title: str | None) -> str:
    """Add an article, and return what it was."""
    with store.writing("add"):
        reports = list(add_articles(store, [("here", Article(ArticleMeta(article_id, title=title), text))]))
    (row,) = (row for report in reports for row in report.rows)
    return row.status


class StoreMachine(RuleBasedStateMachine):
    """Compares a store with a dict of what it should hold."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.place = self.folder / "store 0"
        self.live: dict[str, Live] = {}
        self.old: dict[tuple[str, int], str] = {}
        self.newest: dict[str, int] = {}
        """The highest version number that an article ever had; deleting it does not take that back."""
        self.model = "hash"
        self.reader: str | None = "fake-1"
        self.open()

    def open(self) -> None:
        self.embedder = HashEmbedder(name=self.model, dim=DIMS[self.model])
        self.store = self.opened(self.embedder)

    def opened(self, embedder: HashEmbedder) -> Store:
        asked, reader = replace(SETTINGS, statements=self.reader is not None), FakeStatementReader(self.reader or "none")
        return Store(self.place, asked, create=True, embedder=embedder, reader=reader)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            shutil.rmtree(self.folder)

    # -- articles ---------------------------------------------------------------------------------

    @rule(article_id=IDS, topics=TOPICS, title=TITLES)
    def add(self, article_id: str, topics: list[str], title: str | None) -> None:
        text, before = text_of(topics), self.live.get(article_id)
        status = "added" if before is None else "unchanged" if before[:2] == (text, title) else "updated"
        assert put(self.store, article_id, text, title) == status
        assert self.reader is None or not self.store.catalog.count_unread(self.reader)
        if status != "unchanged":
            self.was_put(article_id, text, title)

    def was_put(self, article_id: str, text: str, title: str | None) -> None:
        version = self.newest[article_id] = self.newest.get(article_id, 0) + 1
        self.live[article_id] = (text, title, version)
        self.old[article_id, version] = text

    @rule(article_id=IDS)
    def remove(self, article_id: str) -> None:
        removal = remove(self.store, article_id, datetime.now(UTC))
        assert removal.found is removal.verified is (article_id in self.live)
        self.was_removed(article_id)

    @rule(article_id=IDS)
    def purge(self, article_id: str) -> None:
        assert bool(purge(self.store, article_id, datetime.now(UTC))) is (article_id in self.newest)
        self.was_removed(article_id)

    def was_removed(self, article_id: str) -> None:
        self.live.pop(article_id, None)
        self.old = {key: text for key, text in self.old.items() if key[0] != article_id}

    # -- the store --------------------------------------------------------------------------------

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.open()

    @rule(reader=st.sampled_from(["fake-1", "fake-2", None]))
    def change_what_reads_statements(self, reader: str | None) -> None:
        self.reader = reader
        self.reopen()

    @rule()
    def compact(self) -> None:
        compact(self.store)

    @rule()
    def delete_the_index(self) -> None:
        for path in self.place.glob("index-*"):
            shutil.rmtree(path)
        self.store._index._mended.forget()  # a search mends once a minute: one has passed

    @precondition(lambda self: self.store.catalog.index_state().segments)
    @rule(share=st.integers(1, 4))
    def lose_vectors(self, share: int) -> None:
        folder = self.place / self.store.catalog.index_state().segments[-1].folder
        if not folder.exists():
            return
        client = chromadb.PersistentClient(str(folder))
        collection = client.get_collection("chunks", embedding_function=None)
        if lost := collection.get(include=[])["ids"][::share]:
            collection.delete(ids=lost)
        client.close()
        self.reopen()

    @rule()
    def change_the_model(self) -> None:
        self.store.close()
        self.model = "other" if self.model == "hash" else "hash"
        self.open()
        if self.store.catalog.model() is not None:
            with pytest.raises(StoreModelMismatch):
                self.store.search_chunks("harbour", 3)
        reindex(self.store)

    @rule()
    def move_house(self) -> None:
        lines = list(export_lines(self.store.catalog))
        self.store.close()
        self.place = self.folder / f"store {int(self.place.name.split()[1]) + 1}"
        self.open()
        import_lines(self.store, lines)
        assert list(export_lines(self.store.catalog))[1:-1] == lines[1:-1]

    # -- killed -----------------------------------------------------------------------------------

    @rule(article_id=IDS, topics=TOPICS, title=TITLES, where=KILLED, time=st.integers(1, 3))
    def be_killed_adding(self, article_id: str, topics: list[str], title: str | None, where: failpoints.Name, time: int) -> None:
        text, before = text_of(topics), self.live.get(article_id)
        killed = self.in_a_child(lambda store: put(store, article_id, text, title), where, time)
        meta = self.store.catalog.metas_of([article_id]).get(article_id)
        stored = meta is not None and meta.version != (before[2] if before else 0)
        assert stored or killed or (before is not None and before[:2] == (text, title))
        if stored:
            self.was_put(article_id, text, title)

    @rule(article_id=IDS, where=KILLED, time=st.integers(1, 3), purged=st.booleans())
    def be_killed_deleting(self, article_id: str, where: failpoints.Name, time: int, purged: bool) -> None:
        delete = purge if purged else remove
        killed = self.in_a_child(lambda store: delete(store, article_id, datetime.now(UTC)), where, time)
        if article_id not in self.store.catalog.ids():
            self.was_removed(article_id)
        assert killed or article_id not in self.live

    @rule(where=KILLED, time=st.integers(1, 3))
    def be_killed_compacting(self, where: failpoints.Name, time: int) -> None:
        self.in_a_child(compact, where, time)

    @rule(where=KILLED, time=st.integers(1, 3))
    def be_killed_changing_the_model(self, where: failpoints.Name, time: int) -> None:
        before, after = self.model, "other" if self.model == "hash" else "hash"
        killed = self.in_a_child(reindex, where, time, model=after)
        stored = self.store.catalog.model()
        self.model = after if stored == HashEmbedder(name=after, dim=DIMS[after]).fingerprint else before
        assert killed or self.model == after or stored is None
        self.reopen()

    def in_a_child(self, work: Callable[[Store], object], where: failpoints.Name, time: int, model: str | None = None) -> bool:
        """Let another process do something and kill it on the way, while this one has the store open; return whether it was."""
        model = model or self.model
        child = os.fork()
        if child == 0:
            code = 1
            try:
                failpoints.arm(f"{where}:{time}")
                work(self.opened(HashEmbedder(name=model, dim=DIMS[model])))
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        assert status in (0, signal.SIGKILL), status
        return status != 0

    # -- what holds at any time ---------------------------------------------------------------------

    @invariant()
    def the_catalog_is_the_dict(self) -> None:
        if not hasattr(self, "store"):
            return
        catalog = self.store.catalog
        assert {meta.id: (meta.title, meta.version) for meta in catalog.metas()} == {
            article_id: (title, version) for article_id, (_, title, version) in self.live.items()
        }
        for (article_id, version), text in self.old.items():
            article = catalog.article(article_id, version)
            assert article is not None
            assert article.text == text
        chunks = catalog.chunks(catalog.chunk_ids()).values()
        unread = set(catalog.unread(self.reader or "none", 100))
        for article_id, (text, _, version) in self.live.items():
            item, said = prepared(text, self.model), said_in(text, article_id, version)
            assert catalog.statements_of(article_id) in ({(), said} if article_id in unread else {said})
            assert tuple(s.span for s in catalog.sentences_of(article_id)) == item.sentences
            mine = [chunk for chunk in chunks if chunk.article_id == article_id]
            assert [chunk.text for chunk in mine] == [item.chunk_text(chunk) for chunk in item.chunks]
            assert {chunk.version for chunk in mine} == {version}
        assert catalog.check() == []

    @rule(topic=st.sampled_from(["harbour", "museum"]))
    def search(self, topic: str) -> None:
        calls = self.embedder.calls
        question = f"On day 0 the council voted on the {topic} plan and on nothing else at all."
        found = self.store.search_chunks(question, 100)
        assert self.embedder.calls <= calls + 1
        assert sorted(chunk for chunk, _ in found) == self.store.catalog.chunk_ids()
        chunks = self.store.catalog.chunks([chunk for chunk, _ in found])
        wanted = self.embedder.embed([question])[0]
        exact = [float(self.embedder.embed([chunks[i].text])[0] @ wanted) for i, _ in found]
        assert np.allclose([cosine for _, cosine in found], exact, atol=1e-5)
        assert self.store.check() == []


StoreMachine.TestCase.settings = settings(max_examples=RUNS, stateful_step_count=STEPS, deadline=None)
test_any_order_of_operations_keeps_a_store_true = pytest.mark.timeout(3600)(StoreMachine.TestCase)
