"""A store: the folder with the catalog, its lock and its vector index, kept in step."""

from __future__ import annotations

import shutil
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pullquote.index.catalog import Catalog, IndexState
from pullquote.index.embedding import Embedder, open_embedder
from pullquote.index.errors import NotAStore, StoreDamaged, StoreError, StoreMissing, StoreModelMismatch
from pullquote.index.lock import StoreLock
from pullquote.index.settings import IndexSettings

if TYPE_CHECKING:
    from pullquote.index.vectors import VectorIndex

CATALOG = "catalog.sqlite"
_LOCK = "lock"
_INDEX = "index-"
_REBUILD_BATCH = 5000


class Store:
    """An open store. Readers share it; writing takes it alone, for as long as it lasts."""

    def __init__(self, folder: Path, settings: IndexSettings, *, create: bool = False, embedder: Embedder | None = None) -> None:
        """Open the folder, or make it when ``create`` is set.

        Raises:
            StoreMissing: nothing there, and ``create`` is not set.
            NotAStore: the path is a file, or a folder of other things.
            StoreBusy: another process is writing to it.
            StoreDamaged: the catalog cannot be read.
        """
        self.folder = folder
        self.settings = settings
        _check_folder(folder, create)
        self._lock = StoreLock(folder / _LOCK, settings.lock_wait_s)
        try:
            self.catalog = Catalog(folder / CATALOG, create=create)
        except StoreError:
            self._lock.close()
            raise
        self._given_embedder = embedder
        self._vectors: VectorIndex | None = None

    def close(self) -> None:
        """Close catalog, index and lock."""
        if self._vectors is not None:
            self._vectors.close()
        self.catalog.close()
        self._lock.close()

    def writing(self) -> AbstractContextManager[None]:
        """Hold the store alone for a block of writes."""
        return self._lock.writing()

    @cached_property
    def embedder(self) -> Embedder:
        """The embedding model that the settings name; loaded when first used.

        Raises:
            ModelError: it cannot be loaded.
        """
        return self._given_embedder or open_embedder(self.settings.embedding)

    def require_model(self) -> None:
        """Check that the live vectors were made by the embedding model at hand.

        Raises:
            StoreModelMismatch: they were not.
        """
        stored = self.catalog.model()
        if stored is not None and stored != self.embedder.fingerprint:
            raise StoreModelMismatch(
                f"the store {self.folder} was made with the embedding model {stored}, the settings name"
                f" {self.embedder.fingerprint}: run pullquote reindex --store {self.folder}, or change the setting back"
            )

    def search_chunks(self, question: str, limit: int) -> list[tuple[int, float]]:
        """Return ``(chunk id, cosine)`` of the chunks nearest to a text, best first.

        Raises:
            StoreModelMismatch: the store was made with another model.
        """
        self.require_model()
        if not self.catalog.revision():
            return []
        vector: NDArray[np.float32] = self.embedder.embed([question])[0]
        return self.vectors().search(vector, limit)

    # -- the vector index -------------------------------------------------------------------------

    def vectors(self) -> VectorIndex:
        """Return the vector index, complete for the catalog as it is now; rebuilt from it when it is not."""
        state = self.catalog.index_state()
        current = state.revision == self.catalog.revision() and not state.dirty
        if current and self._vectors is not None:
            return self._vectors
        with nullcontext() if current else self.writing():
            opened = None if state.dirty else self._opened(state.folder)
            if opened is None:
                return self._rebuild()
            if not current or opened.count() != len(self.catalog.chunk_ids()):
                return self._caught_up(opened, state)
            return opened

    def drop_vectors(self) -> None:
        """Forget the index folder, so that the next use rebuilds it."""
        with self.writing():
            if self._vectors is not None:
                self._vectors.close()
                self._vectors = None
            self.catalog.set_index_state(IndexState(None, -1, False))
            self._sweep(keep=None)

    def _opened(self, name: str | None) -> VectorIndex | None:
        if self._vectors is not None:
            return self._vectors
        if name is None or not (self.folder / name).is_dir():
            return None
        from pullquote.index.vectors import VectorIndex

        try:
            self._vectors = VectorIndex(self.folder / name)
            self._vectors.count()
        except Exception:  # whatever Chroma raises on a damaged folder, the catalog can replace it
            self._vectors = None
        return self._vectors

    def _caught_up(self, index: VectorIndex, state: IndexState) -> VectorIndex:
        """Bring an index in step by its differences; a crash meanwhile leaves it marked, to be rebuilt."""
        live, held = set(self.catalog.chunk_ids()), index.ids()
        new, old = sorted(live - held), sorted(held - live)
        if len(new) > len(held):
            return self._rebuild()
        with self.writing():
            self.catalog.set_index_state(IndexState(state.folder, state.revision, dirty=True))
            index.delete(old)
            index.add(new, self.catalog.chunk_vectors(new))
            self.catalog.set_index_state(IndexState(state.folder, self.catalog.revision(), dirty=False))
        return index

    def _rebuild(self) -> VectorIndex:
        """Fill a new folder from the catalog, then make it the current one: no embedding, no half-built index."""
        from pullquote.index.vectors import VectorIndex

        with self.writing():
            if self._vectors is not None:
                self._vectors.close()
                self._vectors = None
            revision = self.catalog.revision()
            name = self._fresh_name()
            index = VectorIndex(self.folder / name)
            ids = self.catalog.chunk_ids()
            for start in range(0, len(ids), _REBUILD_BATCH):
                part = ids[start : start + _REBUILD_BATCH]
                index.add(part, self.catalog.chunk_vectors(part))
            if index.count() != len(ids):
                raise StoreDamaged(f"the vector index {self.folder / name} did not take all chunks: run pullquote check")
            self.catalog.set_index_state(IndexState(name, revision, dirty=False))
            self._sweep(keep=name)
            self._vectors = index
        return index

    def _fresh_name(self) -> str:
        numbers = [int(p.name[len(_INDEX) :]) for p in self.folder.glob(f"{_INDEX}*") if p.name[len(_INDEX) :].isdecimal()]
        return f"{_INDEX}{max(numbers, default=0) + 1}"

    def _sweep(self, keep: str | None) -> None:
        for path in self.folder.glob(f"{_INDEX}*"):
            if path.name != keep:
                shutil.rmtree(path, ignore_errors=True)


def _check_folder(folder: Path, create: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise NotAStore(f"{folder} is a file, not a store: name a folder with --store")
    if (folder / CATALOG).is_file():
        return
    others = [path.name for path in folder.iterdir() if path.name != _LOCK] if folder.is_dir() else []
    if any(name.startswith(_INDEX) for name in others):
        raise StoreDamaged(f"{folder} has lost its {CATALOG}: restore it from a backup, or remove the folder and add the articles again")
    if others:
        raise NotAStore(f"{folder} is not a store and not empty: name another folder with --store")
    if not create:
        raise StoreMissing(f"there is no store at {folder}: add articles first (pullquote add PATH), or name one with --store")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
