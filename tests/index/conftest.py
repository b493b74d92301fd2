"""Stores that are closed when their test ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pullquote.index.embedding import Embedder
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import HashEmbedder

OpenStore = Callable[..., Store]


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[OpenStore]:
    """Open the test's store (or another folder's); ``create`` and a ``HashEmbedder`` unless told otherwise."""
    stores: list[Store] = []

    def opened(
        folder: Path | None = None,
        *,
        embedder: Embedder | None = None,
        create: bool = True,
        settings: IndexSettings | None = None,
    ) -> Store:
        settings = settings or IndexSettings(lock_wait_s=0.2)
        stores.append(Store(folder or tmp_path / "store", settings, create=create, embedder=embedder or HashEmbedder()))
        return stores[-1]

    yield opened
    for store in stores:
        store.close()
