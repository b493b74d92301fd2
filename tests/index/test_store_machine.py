"""Any order of adding, changing, removing, reopening, breaking the index and changing the model keeps a store true."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import chromadb
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pullquote.index.errors import StoreModelMismatch
from pullquote.index.ingest import add_articles, prepare, reindex
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import HashEmbedder
from pullquote.index.types import Article, ArticleMeta

SETTINGS = IndexSettings(chunk_tokens=32)
IDS = st.sampled_from([f"article {n}" for n in range(6)])
WORDS = ["harbour", "budget", "school", "bridge", "flood", "vaccine", "tariff", "museum"]
TOPICS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6)
TITLES = st.sampled_from([None, "Morning", "Evening"])


def text_of(topics: list[str]) -> str:
    sentence = "On day {} the council voted on the {} plan and on nothing else at all."
    return " ".join(sentence.format(n, topic) for n, topic in enumerate(topics))


class StoreMachine(RuleBasedStateMachine):
    """Compares a store with a dict of what it should hold."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.live: dict[str, tuple[str, str | None, int]] = {}
        self.old: dict[tuple[str, int], str] = {}
        self.newest: dict[str, int] = {}
        """The highest version number that an article ever had; removing it does not take that back."""
        self.model = "hash"
        self.embedded: set[str] = set()
        self.open()

    def open(self) -> None:
        self.embedder = HashEmbedder(name=self.model, dim=64 if self.model == "hash" else 48)
        self.store = Store(self.folder / "store", SETTINGS, create=True, embedder=self.embedder)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            shutil.rmtree(self.folder)

    @rule(article_id=IDS, topics=TOPICS, title=TITLES)
    def add(self, article_id: str, topics: list[str], title: str | None) -> None:
        text, before = text_of(topics), self.live.get(article_id)
        article = Article(ArticleMeta(article_id, title=title), text)
        with self.store.writing():
            (report,) = add_articles(self.store, [("here", article)])
        status = "added" if before is None else "unchanged" if before[:2] == (text, title) else "updated"
        assert [row.status for row in report.rows] == [status]
        if status != "unchanged":
            version = self.newest[article_id] = self.newest.get(article_id, 0) + 1
            self.live[article_id] = (text, title, version)
            self.old[article_id, version] = text

    @rule(article_id=IDS)
    def remove(self, article_id: str) -> None:
        with self.store.writing():
            assert self.store.catalog.remove(article_id, datetime.now(UTC)) is (article_id in self.live)
        self.live.pop(article_id, None)
        self.old = {key: text for key, text in self.old.items() if key[0] != article_id}

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.open()

    @rule()
    def delete_the_index(self) -> None:
        for path in (self.folder / "store").glob("index-*"):
            shutil.rmtree(path)

    @precondition(lambda self: self.store.catalog.chunk_ids())
    @rule(share=st.integers(2, 4))
    def lose_vectors(self, share: int) -> None:
        self.store.vectors()
        name = self.store.catalog.index_state().folder
        assert name is not None
        self.store.close()
        client = chromadb.PersistentClient(str(self.folder / "store" / name))
        collection = client.get_collection("chunks", embedding_function=None)
        if lost := collection.get(include=[])["ids"][::share]:
            collection.delete(ids=lost)
        client.close()
        self.open()

    @rule()
    def change_the_model(self) -> None:
        self.store.close()
        self.model = "other" if self.model == "hash" else "hash"
        self.open()
        if self.store.catalog.model() is not None:
            with pytest.raises(StoreModelMismatch):
                self.store.search_chunks("harbour", 3)
        reindex(self.store)

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
        for article_id, (text, _, version) in self.live.items():
            item = prepare(Article(ArticleMeta(article_id), text), self.embedder, SETTINGS)
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


StoreMachine.TestCase.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
test_any_order_of_operations_keeps_a_store_true = StoreMachine.TestCase
