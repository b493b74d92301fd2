"""A store: the folder with the catalog, its lock and its vector index, kept in step."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pullquote.index.catalog import Catalog
from pullquote.index.embedding import Embedder, checked, open_embedder
from pullquote.index.errors import (
    ModelOutputError,
    NotAStore,
    StoreDamaged,
    StoreMissing,
    StoreModelMismatch,
    StoreUnwritable,
)
from pullquote.index.folders import BEFORE, INDEX
from pullquote.index.lock import StoreLock
from pullquote.index.settings import IndexSettings
from pullquote.index.sync import SyncedIndex
from pullquote.index.types import ALL_ARTICLES, ArticleSet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pullquote.index.vectors import VectorIndex

CATALOG = "catalog.sqlite"
LOCK = "lock"
_FEW_CHUNKS = 1000  # some 20 ms to look at all of them; more are faster asked of the index


class Store:
    """An open store. Readers share it; writing takes it alone, for as long as it lasts."""

    def __init__(self, folder: Path, settings: IndexSettings, *, create: bool = False, embedder: Embedder | None = None) -> None:
        """Open the folder, or make it when ``create`` is set.

        Raises:
            StoreMissing: nothing there, and ``create`` is not set.
            NotAStore: the path is a file, or a folder of other things.
            StoreBusy: another process is writing to it.
            StoreDamaged: the catalog cannot be read.
            StoreUnwritable: the system refuses.
        """
        self.folder = folder
        self.settings = settings
        check_folder(folder, create)
        self._lock = StoreLock(folder / LOCK, settings.lock_wait_s)
        try:
            self.catalog = Catalog(folder / CATALOG, create=create)
        except BaseException:
            self._lock.close()
            raise
        self._index = SyncedIndex(folder, self.catalog, self._lock)
        self._given_embedder = embedder

    def close(self) -> None:
        """Close catalog, index and lock; closing twice does no harm."""
        self._index.close()
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

    def require_dimension(self, dim: int) -> None:
        """Check that vectors of the embedding model at hand are as long as the stored ones.

        Raises:
            ModelOutputError: they are not, so something else answers under the model's name.
        """
        stored = self.catalog.dimension(self.embedder.fingerprint)
        if stored is not None and stored != dim:
            raise ModelOutputError(
                f"the embedding model {self.embedder.fingerprint} gives {dim} numbers, and gave {stored} when {self.folder} was"
                " made: put the old model back, or add the articles to another --store"
            )

    def check(self) -> list[str]:
        """Return what is wrong with the store, one line each; empty when all is well."""
        return self.catalog.check() + self._index.check()

    def search_chunks(self, question: str, limit: int, which: ArticleSet = ALL_ARTICLES) -> list[tuple[int, float]]:
        """Return ``(chunk id, cosine)`` of those chunks of some articles that are nearest to a text, best first.

        Raises:
            StoreModelMismatch: the store was made with another model.
            ModelOutputError: the model gave no proper vector.
        """
        self.require_model()
        if limit < 1 or not self.catalog.revision():
            return []
        vector = checked(self.embedder.embed([question]), 1)[0]
        self.require_dimension(len(vector))
        return self._index.search(vector, limit) if which.is_all else self._nearest_among(vector, limit, which)

    def _nearest_among(self, vector: NDArray[np.float32], limit: int, which: ArticleSet) -> list[tuple[int, float]]:
        """Look at all chunks of few articles, or at ever more of the nearest ones until enough are of the articles."""
        ids = None if which.all_but else self.catalog.chunk_ids(which)
        depth = limit
        while ids is None or depth <= _FEW_CHUNKS < len(ids):
            found = self._index.search(vector, depth)
            wanted = self.catalog.chunks_among([chunk for chunk, _ in found], which)
            kept = [pair for pair in found if pair[0] in wanted]
            if len(kept) >= limit or len(found) < depth:
                return kept[:limit]
            depth *= 4
        return self._index.search_exactly(ids, vector, limit)

    def vectors(self) -> VectorIndex:
        """Return the vector index, complete for the catalog as it is now; brought in step when it is not.

        Raises:
            StoreBusy: it is not in step, and another process uses the store.
            IndexDamaged: it cannot be made (a full disk); the articles are safe.
        """
        return self._index.ready()

    def drop_vectors(self) -> None:
        """Delete the vector index, so that the next use makes it anew."""
        self._index.drop()


def check_folder(folder: Path, create: bool) -> None:
    """Tell a store from all else, and make the folder when asked to.

    Raises:
        StoreMissing: nothing there, and ``create`` is not set.
        NotAStore: the path is a file, or a folder of other things.
        StoreDamaged: a store that has lost its catalog.
        StoreUnwritable: the system refuses.
    """
    try:
        if folder.is_symlink() and not folder.exists():
            raise NotAStore(f"{folder} is a link to nothing: name a folder with --store")
        if folder.exists() and not folder.is_dir():
            raise NotAStore(f"{folder} is a file, not a store: name a folder with --store")
        if (folder / CATALOG).is_file() and (folder / CATALOG).stat().st_size:
            return
        others = {path.name for path in folder.iterdir()} - {LOCK, CATALOG} if folder.is_dir() else set()
        if any(name.startswith((INDEX, BEFORE)) for name in others):
            remedy = "restore it from a backup (pullquote restore FILE), or remove the folder and add the articles again"
            raise StoreDamaged(f"{folder} has lost its {CATALOG}: {remedy}")
        # An empty catalog is one whose making was cut off before the first article.
        if others - {f"{CATALOG}-journal"}:
            raise NotAStore(f"{folder} is not a store and not empty: name another folder with --store")
        if not create:
            remedy = "add articles first (pullquote add PATH), or name one with --store"
            raise StoreMissing(f"there is no store at {folder}: {remedy}")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StoreUnwritable(f"cannot use {folder} as a store ({reason}): check the path and its permissions") from error
