"""The half of the catalog that the vector index asks: chunks, their vectors, and which segments hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pullquote.index import catalog_index as index
from pullquote.index.database import Database
from pullquote.index.nearest import Rows
from pullquote.index.records import IndexState, PreparedArticle
from pullquote.index.types import ALL_ARTICLES, ArticleSet, Chunk


class ChunkCatalog:
    """What a catalog knows of chunks; safe to share between threads."""

    def __init__(self, db: Database) -> None:
        """Ask an open database."""
        self._db = db

    # -- chunks, their vectors and the index of these ---------------------------------------------

    def chunks(self, ids: Sequence[int]) -> dict[int, Chunk]:
        """Return live chunks by id; unknown ids are left out."""
        return index.chunks_of(self._db, ids)

    def chunk_ids(self, which: ArticleSet = ALL_ARTICLES, above: int = 0, upto: int = index.LAST_ID) -> list[int]:
        """Return the ids of the live chunks of some articles, those above one number and up to another, ascending."""
        return index.chunk_ids(self._db, which, above, upto)

    def chunk_count(self, above: int = 0, upto: int = index.LAST_ID) -> int:
        """Return how many live chunks have such an id; without bounds, nothing has to be counted."""
        return index.chunk_count(self._db, above, upto)

    def chunks_among(self, ids: Sequence[int], which: ArticleSet) -> set[int]:
        """Return those of some chunks that are of some articles."""
        return index.chunks_among(self._db, ids, which)

    def sentence_ids_of_chunks(self, chunk_ids: Sequence[int]) -> dict[int, list[int]]:
        """Return the sentence ids of each chunk, in reading order."""
        return index.sentence_ids_of(self._db, chunk_ids)

    def missing_vectors(self, keys: Iterable[bytes], model: str) -> set[bytes]:
        """Return the text keys that have no vector of this model yet."""
        return index.missing_vectors(self._db, keys, model)

    def dimension(self, model: str) -> int | None:
        """Return how many numbers the vectors of a model have, or None when there are none."""
        return index.dimension(self._db, model)

    def chunk_vectors(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Return the vectors of chunks in the order asked for, shape ``(len(ids), dim)``, float32, unit rows.

        Raises:
            StoreDamaged: some have none.
        """
        return index.chunk_vectors(self._db, ids)

    def vectors_by_id(self, ids: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        """Return the vectors of those chunks that are live, float32, unit rows."""
        return index.vectors_by_id(self._db, ids)

    def vector_rows(self, ids: Sequence[int]) -> Rows:
        """Return the same as rows, ascending by id; many are faster read so.

        Raises:
            ValueError: they are not all of one length.
        """
        return index.vector_rows(self._db, ids)

    def model(self) -> str | None:
        """Return the fingerprint of the model that made the live vectors; None in a new store."""
        return self._db.meta("model")

    def embedding(self) -> str | None:
        """Return the setting that names that model; None when nobody knows."""
        return self._db.meta("embedding")

    def store_id(self) -> str | None:
        """Return what tells this store from others, wherever it is copied to."""
        return self._db.meta("store_id")

    def revision(self) -> int:
        """Return a number that grows with every change of articles, and with every switch of cuts."""
        return int(self._db.meta("revision") or 0)

    def index_state(self) -> IndexState:
        """Return which segments make up the vector index; none when what is remembered makes no sense."""
        return IndexState.from_json(self._db.meta("index") or "")

    def set_index_state(self, state: IndexState) -> None:
        """Remember the segments of the vector index, durably."""
        with self._db.transaction():
            self._db.set_meta("index", state.to_json())

    # -- a cut beside the live one: chunks and vectors for another model --------------------------

    def begin_cut(self, model: str, chunk_tokens: int) -> int:
        """Return the number of the cut that is being made with a model; of one that was cut off, what is there stays."""
        return index.begin_cut(self._db, model, chunk_tokens)

    def lacking(self, cut: int) -> list[str]:
        """Return the ids of the articles that have no chunks of a cut yet, or whose chunks of it went with a change, sorted."""
        return index.lacking(self._db, cut)

    def stage_chunks(
        self, cut: int, prepared: Sequence[PreparedArticle], vectors: Mapping[bytes, NDArray[np.float32]], model: str
    ) -> None:
        """Keep chunks of a cut, and the vectors that ``missing_vectors`` named, in one transaction.

        The articles are live versions; their sentences are the stored ones.
        """
        index.stage_chunks(self._db, cut, prepared, vectors, model)

    def staged_ids(self, cut: int) -> list[int]:
        """Return the ids of the chunks of a cut, ascending."""
        return index.staged_ids(self._db, cut)

    def staged_vectors(self, ids: Sequence[int], cut: int, model: str) -> dict[int, NDArray[np.float32]]:
        """Return the vectors of those chunks that are of a cut, by its model."""
        return index.staged_vectors(self._db, ids, cut, model)

    def switch_cut(self, cut: int, model: str, embedding: str, state: IndexState) -> None:
        """Make a cut the live one, with its model, the setting that names it and the segments that hold it, in one small step."""
        index.switch_cut(self._db, cut, model, embedding, state)

    def drop_dead(self, limit: int) -> int:
        """Delete chunks of dead cuts and vectors of dead models, at most so many of each; return how many: 0 when done."""
        return index.drop_dead(self._db, limit)
