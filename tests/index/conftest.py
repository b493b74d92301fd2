"""Stores that are closed when their test ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pullquote.index.catalog import Catalog
from pullquote.index.embedding import Embedder
from pullquote.index.settings import IndexSettings
from pullquote.index.statements.reader import StatementReader
from pullquote.index.store import Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder

OpenStore = Callable[..., Store]


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[OpenStore]:
    """Open the test's store (or another folder's); ``create`` and small models of tests unless told otherwise."""
    stores: list[Store] = []

    def opened(
        folder: Path | None = None,
        *,
        embedder: Embedder | None = None,
        create: bool = True,
        settings: IndexSettings | None = None,
        reader: StatementReader | None = None,
    ) -> Store:
        settings = settings or IndexSettings(lock_wait_s=0.2)
        embedder, reader = embedder or HashEmbedder(), reader or FakeStatementReader()
        stores.append(Store(folder or tmp_path / "store", settings, create=create, embedder=embedder, reader=reader))
        return stores[-1]

    yield opened
    for store in stores:
        store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the test's catalog is."""
    return tmp_path / "catalog.sqlite"


@pytest.fixture
def catalog(path: Path) -> Iterator[Catalog]:
    """Open an empty catalog."""
    opened = Catalog(path, create=True)
    yield opened
    opened.close()


@contextmanager
def elsewhere(store: Store) -> Iterator[None]:
    """Let another thread of this process hold the store for writing, so that no search mends anything."""
    held, go = threading.Event(), threading.Event()

    def hold() -> None:
        with store.writing():
            held.set()
            go.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(5)
    try:
        yield
    finally:
        go.set()
        thread.join()
