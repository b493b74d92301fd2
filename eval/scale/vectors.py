"""Vectors that cost next to nothing: words counted in hashed bins, as long as those of the bundled model."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"\w+")
_BINS = 3


class CheapEmbedder:
    """Follows ``pullquote.index.embedding.Embedder``: texts that share words are near each other, the same everywhere."""

    def __init__(self, dim: int = 384) -> None:
        """Make a model with vectors of ``dim`` numbers."""
        self._dim = dim

    @property
    def fingerprint(self) -> str:
        """Name and dimension."""
        return f"cheap-{self._dim}"

    def length(self, text: str) -> int:
        """Return the number of words and two, as if each were one word piece between two special ones."""
        return len(_WORD.findall(text)) + 2

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit rows, shape ``(len(texts), dim)``, float32."""
        rows = np.stack([self._counted(text) for text in texts]) if texts else np.zeros((0, self._dim))
        unit: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        return unit

    def _counted(self, text: str) -> NDArray[np.float64]:
        """Count each word in some bins, up or down; long words, which are rarer, count more."""
        words = _WORD.findall(text.lower()) or [text]
        hashes = np.array([zlib.crc32(f"{n}{word}".encode()) for word in words for n in range(_BINS)], np.int64)
        weights = np.repeat([float(min(len(word), 8)) for word in words], _BINS) * np.where(hashes & 1, 1.0, -1.0)
        row = np.bincount((hashes >> 1) % self._dim, weights, self._dim).astype(np.float64)
        row[hashes[0] % self._dim] += 0.5  # else words could cancel each other out
        return row
