"""The vector index over chunks, in Chroma. All chromadb calls are here.

It is derived: the catalog holds every vector, so a folder of this module may be deleted at
any time. Only ids and embeddings go in and come out; Chroma's own embedding functions,
documents and configuration are never touched (a hostile data folder could run code there).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.config import Settings
from numpy.typing import NDArray

_COLLECTION = "chunks"
_BATCH = 5000  # Chroma refuses more than 5,461 at once


class VectorIndex:
    """Cosine search over chunk vectors in one folder."""

    def __init__(self, folder: Path) -> None:
        """Open the folder, making it when it is not there."""
        settings = Settings(anonymized_telemetry=False, is_persistent=True)
        self._client: Any = chromadb.PersistentClient(str(folder), settings)
        self._collection: Any = self._client.get_or_create_collection(
            _COLLECTION, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
        )

    def close(self) -> None:
        """Let go of the files."""
        self._client.close()

    def add(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Add chunks that are not there yet; ``vectors`` are unit rows, shape ``(len(ids), dim)``, float32."""
        for start in range(0, len(ids), _BATCH):
            part = ids[start : start + _BATCH]
            self._collection.add(ids=[str(i) for i in part], embeddings=vectors[start : start + _BATCH])

    def delete(self, ids: Sequence[int]) -> None:
        """Delete chunks."""
        for start in range(0, len(ids), _BATCH):
            self._collection.delete(ids=[str(i) for i in ids[start : start + _BATCH]])

    def search(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """Return ``(chunk id, cosine)`` of the nearest chunks, best first."""
        count = self._collection.count()
        if count == 0:
            return []
        reply = self._collection.query(query_embeddings=[vector], n_results=min(limit, count), include=["distances"])
        found = [(int(i), 1.0 - float(d)) for i, d in zip(reply["ids"][0], reply["distances"][0], strict=True)]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def ids(self) -> set[int]:
        """Return the ids of all chunks in the index."""
        return {int(i) for i in self._collection.get(include=[])["ids"]}

    def count(self) -> int:
        """Return the number of chunks in the index."""
        return int(self._collection.count())
