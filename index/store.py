"""A store: the folder with the catalog, its lock and its vector index, kept in step."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from pullquote.index.among import begin_nearest, nearest_among
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
from pullquote.index.folders import BEFORE, DAMAGED, INDEX, MIGRATED, Report, orphans, reports, size_bytes
from pullquote.index.folders import CATALOG as CATALOG
from pullquote.index.folders import LOCK as LOCK
from pullquote.index.keeping import Sizes, names_of
from pullquote.index.lock import WriterLock
from pullquote.index.settings import DEFAULT_EMBEDDING, IndexSettings, lasting
from pullquote.index.sync import SyncedIndex
from pullquote.index.types import ALL_ARTICLES, ArticleSet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pullquote.index.records import IndexState
    from pullquote.index.statements.reader import StatementReader

Progress = Callable[[int, int], None]

_MEANWHILE = 20
"""Times as many chunks may be in no segment of the index while articles are being added as when that ends."""


class Store:
    """An open store. Anybody may read it at any time; one process writes."""

    def __init__(
        self,
        folder: Path,
        settings: IndexSettings,
        *,
        create: bool = False,
        embedder: Embedder | None = None,
        reader: StatementReader | None = None,
    ) -> None:
        """Open the folder, or make it when ``create`` is set; ``reader`` finds statements instead of the bundled one.

        Raises:
            StoreMissing: nothing there, and ``create`` is not set.
            NotAStore: the path is a file, or a folder of other things.
            StoreDamaged: the catalog cannot be read.
            StoreUnwritable: the system refuses.
        """
        self.folder = folder
        self.settings = settings
        check_folder(folder, create)
        self._lock = WriterLock(folder / LOCK, settings.lock_wait_s)
        self.catalog = Catalog(folder / CATALOG, create=create)
        sizes = Sizes(settings.tail_chunks, _MEANWHILE * settings.tail_chunks)
        self._index = SyncedIndex(folder, self.catalog, self._lock, sizes, settings.exact_chunks)
        self._given_embedder = embedder
        self._loading = threading.Lock()
        self._loaded: tuple[str, Embedder] | None = None
        self._asked: tuple[tuple[str, str], NDArray[np.float32]] | None = None
        """The text that was looked for last with the model that read it, and its vector: it is often asked for twice."""
        self._reader = reader
        self.reading: Progress | None = None
        """Called with how many of how many articles are read for statements when a write ends; whoever tells a user sets it."""

    def close(self) -> None:
        """Close catalog, index and lock; closing twice does no harm, and a forked child leaves them to its parent."""
        if self._lock.elsewhere:
            return
        self._index.close()
        self.catalog.close()
        self._lock.close()

    def writing(self, what: str = "") -> AbstractContextManager[None]:
        """Be the one who writes, for a block of writes; ``what`` is one word for those who are refused meanwhile: ``add``.

        Raises:
            StoreBusy: another process is writing; the error names it.
            StoreForked: this process is a forked child of the one that opened the store.
            StoreUnwritable: the store may only be read.
        """
        return self._lock.writing(what)

    @property
    def embedding(self) -> str:
        """The setting of the embedding model: the user's, else the store's own, else the default; empty for one that is given."""
        if self._given_embedder is not None:
            return ""
        return lasting(self.settings.embedding or self.catalog.embedding() or DEFAULT_EMBEDDING)

    @property
    def embedder(self) -> Embedder:
        """The embedding model at hand; loaded when first used, and again when the store has gone over to another.

        Raises:
            ModelError: it cannot be loaded.
        """
        if self._given_embedder is not None:
            return self._given_embedder
        with self._loading:
            name = self.embedding
            if self._loaded is None or self._loaded[0] != name:
                self._loaded = name, open_embedder(name)
            return self._loaded[1]

    @property
    def statement_reader(self) -> StatementReader | None:
        """What finds statements in articles; None where the settings say that nothing does. It loads its parser when it reads."""
        if not self.settings.statements:
            return None
        if self._reader is None:
            from pullquote.index.statements.process import ReaderProcess

            self._reader = ReaderProcess()
        return self._reader

    def require_model(self) -> None:
        """Check that the live vectors were made by the embedding model at hand.

        Raises:
            StoreModelMismatch: they were not.
        """
        while True:
            name, model, stored = self.embedding, self.embedder.fingerprint, self.catalog.model()
            if stored is None or stored == model:
                return
            if name == self.embedding:  # else it has gone over to another model just now
                break
        raise StoreModelMismatch(
            f"the store {self.folder} was made with the embedding model {stored}, the settings name {model}:"
            f" run pullquote reindex --store {self.folder}, or change the setting back"
        )

    def require_dimension(self, dim: int, embedder: Embedder | None = None) -> None:
        """Check that vectors of a model (by default, the embedding model at hand) are as long as the stored ones of that model.

        Raises:
            ModelOutputError: they are not, so something else answers under the model's name.
        """
        model = (embedder or self.embedder).fingerprint
        stored = self.catalog.dimension(model)
        if stored is not None and stored != dim:
            raise ModelOutputError(
                f"the embedding model {model} gives {dim} numbers, and gave {stored} when {self.folder} was"
                " made: put the old model back, or add the articles to another --store"
            )

    def check(self) -> list[str]:
        """Return what is wrong with the store, one line each; empty when all is well."""
        stale = self.check_index()
        return self.catalog.check() + ([f"the vector index {stale}: run pullquote rebuild"] if stale else [])

    def check_index(self) -> str | None:
        """Return how many chunks the vector index lacks and why, or None when all is well; no article is affected by it."""
        return self._index.check()

    def put_aside(self) -> list[Report]:
        """Return which damaged parts of the vector index were put aside, the last five, oldest first."""
        return reports(self.folder)

    def orphans(self) -> list[str]:
        """Return the folders of the vector index that belong to nothing: being built, or left by a process that was killed."""
        return orphans(self.folder, names_of(self.catalog.index_state()))

    def size_bytes(self) -> int:
        """Return how many bytes the store takes on the disk."""
        return size_bytes(self.folder)

    def search_chunks(self, question: str, limit: int, which: ArticleSet = ALL_ARTICLES) -> list[tuple[int, float]]:
        """Return ``(chunk id, cosine)`` of those chunks of some articles that are nearest to a text, best first.

        Raises:
            StoreModelMismatch: the store was made with another model.
            ModelOutputError: the model gave no proper vector.
        """
        self._index.expect()  # Chroma is loaded while the models are
        while True:
            if limit < 1 or (asked := self._vector_of(question)) is None:
                return []
            vector, model = asked
            found = nearest_among(self.catalog, self._index, vector, limit, which)
            if model == self.catalog.model():  # else it has gone over to another model meanwhile
                return found

    def begin_search(self, question: str, limit: int, which: ArticleSet = ALL_ARTICLES) -> None:
        """Begin what ``search_chunks`` will need, without waiting for the vector index: other things can be done meanwhile.

        Raises:
            StoreModelMismatch, ModelOutputError: as there.
        """
        self._index.expect()
        if limit > 0 and (asked := self._vector_of(question)) is not None:
            begin_nearest(self.catalog, self._index, asked[0], limit, which)

    def _vector_of(self, question: str) -> tuple[NDArray[np.float32], str] | None:
        """Return the vector of a text and the model that made it, or None where there is nothing to search."""
        self.require_model()
        if not self.catalog.revision():
            return None
        embedder = self.embedder
        key, known = (question, embedder.fingerprint), self._asked
        vector = known[1] if known and known[0] == key else checked(embedder.embed([question]), 1)[0]
        self._asked = key, vector
        self.require_dimension(len(vector), embedder)
        return vector, embedder.fingerprint

    def nearest(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """Return ``(chunk id, cosine)`` of the chunks that are nearest to a unit vector of the live model, best first."""
        return self._index.search(vector, limit)

    def index_at_hand(self) -> bool:
        """Return whether a search would not have to wait for the vector index to be opened or built."""
        return self._index.at_hand()

    # -- the vector index: where it is behind or damaged, answers are the same, and take longer ----------

    def keep_up(self) -> None:
        """Bring the index in step, roughly, while articles are being added; where it cannot be built, that is only told.

        Raises:
            StoreBusy: another process is writing.
        """
        self._index.keep_up()

    def finish_index(self) -> None:
        """Bring the index in step at the end of a write, and mend it; where it cannot be built, that is only told.

        Raises:
            StoreBusy: another process is writing.
        """
        self._index.finish()

    def rebuild_index(self) -> int:
        """Build the whole index anew from the catalog, without embedding; return how many chunks are in it.

        Raises:
            StoreBusy: another process is writing.
            StoreDamaged: the catalog lacks vectors.
            IndexDamaged, StoreUnwritable: it cannot be built (a full disk); the articles are safe.
        """
        return self._index.rebuild()

    def build_beside(self, cut: int, model: str) -> IndexState:
        """Build an index of chunks that are not live yet; return what the catalog must know of it when they become so.

        Raises:
            StoreBusy: another process is writing.
            IndexDamaged, StoreUnwritable: it cannot be built (a full disk).
        """
        return self._index.beside(cut, model)

    def drop_dead_rows(self) -> None:
        """Build those parts of the index anew that hold vectors of chunks which are gone: no byte of these is left.

        Raises:
            StoreBusy: another process is writing.
            IndexDamaged, StoreUnwritable: it cannot be built (a full disk).
        """
        self._index.drop_dead()

    def indexed_ids(self) -> set[int]:
        """Return the ids of all chunks in the index; those that are gone from the catalog stay in it for a while.

        Raises:
            IndexDamaged: it cannot be read.
        """
        return self._index.ids()

    def drop_vectors(self) -> None:
        """Delete the vector index."""
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
        if any(name.startswith((INDEX, BEFORE, DAMAGED, MIGRATED)) for name in others):
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
