"""The vector index over chunks, in Chroma. All chromadb calls are here.

It is derived: the catalog holds every vector, so a folder of this module may be deleted at any time. Only ids and
embeddings go in and come out; Chroma's own embedding functions, documents and configuration are never touched (a hostile
data folder could run code there). Chroma may end the process that runs it: only ``serving`` uses this module.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import chromadb
import chromadb_rust_bindings  # type: ignore[import-untyped]
import numpy as np
from chromadb.config import Settings
from numpy.typing import NDArray

from pullquote.index.errors import IndexDamaged

_COLLECTION = "chunks"
VERSION: str = chromadb.__version__
"""Another version may not be able to open what this one wrote."""
_BATCH = 5000  # Chroma refuses more than 5,461 at once
_QUEUED = 100  # Chroma's default: so many are added to the graph together
# Chroma's defaults (16, 100, 100) find 62 % of the ten nearest among 6,400 random vectors, these all; among 300
# chunks that are nearly the same, the defaults lost the two that were not in half of all builds, these in none.
# A graph differs from build to build, by threads or by chance. With ef_search 400, one in a hundred of 900 questions
# to 6,371 chunks found other chunks after each of five builds; with 1,600 none did, for half a millisecond more. Searched
# so well, a graph need not be built with 400: with 128, all of the ten nearest among 20,000 random vectors are found as well.
_HNSW = {"space": "cosine", "max_neighbors": 48, "ef_construction": 128, "ef_search": 1600}


class VectorIndex:
    """Cosine search over chunk vectors in one folder. Every method raises ``IndexDamaged`` when Chroma fails."""

    def __init__(self, folder: Path, *, make_for: int | None = 1000) -> None:
        """Open the folder; make it, for its owner alone, when it is not there, unless ``make_for`` is None.

        Chroma writes the files of its graph whenever ``make_for`` more chunks were added: for as many as there will be, once.
        """
        self._folder = folder
        settings = Settings(anonymized_telemetry=False, is_persistent=True)
        with self._failures():
            if make_for is not None:
                folder.mkdir(mode=0o700, exist_ok=True)
            self._client: Any = chromadb.PersistentClient(str(folder), settings)
        try:
            with self._failures():
                self._collection: Any = (
                    self._client.get_collection(_COLLECTION, embedding_function=None)
                    if make_for is None
                    else self._made(make_for)
                )
        except IndexDamaged:
            self.close()
            raise

    def _made(self, rows: int) -> Any:
        hnsw = _HNSW | {"sync_threshold": rows, "batch_size": min(rows, _QUEUED)}
        return self._client.get_or_create_collection(_COLLECTION, configuration={"hnsw": hnsw}, embedding_function=None)

    def close(self) -> None:
        """Let go of the files; closing twice does no harm."""
        with self._failures():
            self._client.close()

    def add(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Add chunks that are not there yet; ``vectors`` are unit rows, shape ``(len(ids), dim)``, float32."""
        with self._failures():
            for start in range(0, len(ids), _BATCH):
                part = ids[start : start + _BATCH]
                self._collection.add(ids=[str(i) for i in part], embeddings=vectors[start : start + _BATCH])

    def delete(self, ids: Sequence[int]) -> None:
        """Delete chunks."""
        with self._failures():
            for start in range(0, len(ids), _BATCH):
                self._collection.delete(ids=[str(i) for i in ids[start : start + _BATCH]])

    def search(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """Return ``(chunk id, cosine)`` of about the nearest chunks, best first, equal ones by id.

        Raises:
            IndexDamaged: Chroma fails, or finds fewer chunks than it counts.
        """
        if limit < 1:
            return []
        with self._failures():
            reply = self._collection.query(query_embeddings=[vector], n_results=limit, include=["distances"])
            found = [(int(i), 1.0 - float(d)) for i, d in zip(reply["ids"][0], reply["distances"][0], strict=True)]
        if len(found) < limit and len(found) < min(limit, self.count()):
            raise IndexDamaged(f"the vector index {self._folder} finds {len(found)} of {limit} chunks")
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def ids(self) -> set[int]:
        """Return the ids of all chunks in the index."""
        with self._failures():
            return {int(i) for i in self._collection.get(include=[])["ids"]}

    def count(self) -> int:
        """Return the number of chunks in the index."""
        with self._failures():
            return int(self._collection.count())

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError, IndexDamaged):
            raise
        except BaseException as error:  # a panic in Chroma's Rust is no Exception
            reason = " ".join(str(error).split())[:160]
            raise IndexDamaged(f"the vector index {self._folder} cannot be used ({reason}): the articles are safe") from error


def pack(folder: Path) -> None:
    """Give back the room that Chroma took while chunks were added, about half of all; nobody may have the folder open.

    Chroma's own tool does it, and where it cannot, it only prints so: the index is whole all the same.
    """
    with suppress(Exception):
        chromadb_rust_bindings.cli(["chroma", "vacuum", "--path", str(folder), "--force"])
