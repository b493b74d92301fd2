"""Texts to unit vectors: the bundled model, a local folder, a fastembed name or an OpenAI-compatible server."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding

from pullquote.index.errors import ModelMissing, ModelOutputError, ModelUnreachable, SettingsError
from pullquote.index.models import BGE_SMALL, bundled_model, sha256_file
from pullquote.index.onnx import MAX_WORD_PIECES, OnnxModel
from pullquote.index.settings import DEFAULT_EMBEDDING

_OPENAI_BATCH = 256


class Embedder(Protocol):
    """The seam: text in, unit rows out."""

    @property
    def fingerprint(self) -> str:
        """What a store remembers: the same fingerprint means comparable vectors."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit rows, shape ``(len(texts), dim)``, float32, each independent of the others."""
        ...

    def length(self, text: str) -> int:
        """Return how much of the model's window the text takes, in the model's own tokens."""
        ...


class OnnxEmbedder:
    """A BERT-like encoder with CLS pooling from a folder with ``model.onnx`` and ``tokenizer.json``."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        """Load the model; ``fingerprint`` names its weights."""
        self._model = OnnxModel(folder)
        self._fingerprint = fingerprint

    @property
    def fingerprint(self) -> str:
        """Name and hash of the weights."""
        return self._fingerprint

    def length(self, text: str) -> int:
        """Return the word pieces of ``text``, special ones included."""
        return len(self._model.tokenizer.encode(text).ids)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit rows, shape ``(len(texts), dim)``, float32.

        A text longer than the window is read in windows whose vectors are averaged: nothing is cut off unseen.
        """
        windows: list[Encoding] = []
        owner: list[int] = []
        for number, text in enumerate(texts):
            parts = self._windows(text)
            windows += parts
            owner += [number] * len(parts)
        if not windows:
            return np.zeros((0, 0), np.float32)
        rows = _unit(np.stack([hidden[0] for hidden in self._model.run(windows)]))
        if len(rows) == len(texts):
            return rows
        sums = np.zeros((len(texts), rows.shape[1]), np.float32)
        np.add.at(sums, np.array(owner), rows)
        return _unit(sums)

    def _windows(self, text: str) -> list[Encoding]:
        encoding = self._model.tokenizer.encode(text)
        if len(encoding.ids) <= MAX_WORD_PIECES:
            return [encoding]
        starts = [start for start, end in encoding.offsets if end > start]
        size = MAX_WORD_PIECES - 2
        cuts = [*starts[::size], len(text)]
        # Cut at piece boundaries; a window re-tokenised alone can grow by a piece or two, hence the truncation.
        pieces = [self._model.tokenizer.encode(text[a:b]) for a, b in zip(cuts, cuts[1:], strict=False)]
        for piece in pieces:
            piece.truncate(MAX_WORD_PIECES)
        return pieces


class FastembedEmbedder:
    """Any model that fastembed knows by name (needs the extra ``fastembed``, and its files at hand)."""

    def __init__(self, name: str) -> None:
        """Load the model, downloading it if fastembed has to.

        Raises:
            ModelMissing: fastembed is not installed, or knows no such model, or cannot fetch it.
        """
        try:
            from fastembed import TextEmbedding
        except ImportError as error:
            raise ModelMissing("fastembed is not installed: pip install 'pullquote[fastembed]'") from error
        try:
            self._model: Any = TextEmbedding(name)
        except Exception as error:  # fastembed raises whatever its download raised
            raise ModelMissing(f"fastembed cannot load {name!r}: {_one_line(error)}") from error
        self._fingerprint = f"fastembed:{name}"

    @property
    def fingerprint(self) -> str:
        """The name; fastembed pins the files behind it."""
        return self._fingerprint

    def length(self, text: str) -> int:
        """Return the model's own token count."""
        return len(self._model.model.tokenizer.encode(text).ids)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit rows, shape ``(len(texts), dim)``, float32."""
        return checked(list(self._model.embed(list(texts), batch_size=1)), len(texts))


class OpenAIEmbedder:
    """Embeddings from OpenAI or any server that speaks its protocol (``OPENAI_BASE_URL``)."""

    def __init__(self, model: str) -> None:
        """Prepare a client; nothing is sent yet.

        Raises:
            SettingsError: neither ``OPENAI_API_KEY`` nor ``OPENAI_BASE_URL`` is set.
        """
        import os

        from openai import OpenAI

        base_url = os.environ.get("OPENAI_BASE_URL")
        key = os.environ.get("OPENAI_API_KEY")
        if not key and not base_url:
            raise SettingsError(f"embedding openai:{model} needs OPENAI_API_KEY, or OPENAI_BASE_URL for a local server")
        self._client = OpenAI(api_key=key or "none", max_retries=2, timeout=60)
        self._name = model

    @property
    def fingerprint(self) -> str:
        """The model's name: servers do not tell more."""
        return f"openai:{self._name}"

    def length(self, text: str) -> int:
        """Return a bound on the tokens: these models take 8,191, far above any chunk."""
        return len(text) // 4

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit rows, shape ``(len(texts), dim)``, float32.

        Raises:
            ModelUnreachable: the server refused or did not answer.
            ModelOutputError: it sent something else than finite vectors.
        """
        import openai

        rows: list[list[float]] = []
        try:
            for start in range(0, len(texts), _OPENAI_BATCH):
                part = list(texts[start : start + _OPENAI_BATCH])
                reply = self._client.embeddings.create(model=self._name, input=part, encoding_format="float")
                rows += [item.embedding for item in sorted(reply.data, key=lambda item: item.index)]
        except openai.APIStatusError as error:
            raise ModelUnreachable(f"embedding model {self._name}: the server answered {error.status_code}") from error
        except openai.OpenAIError as error:
            raise ModelUnreachable(f"embedding model {self._name}: {_one_line(error)}: check OPENAI_BASE_URL and the key") from error
        except (AttributeError, TypeError) as error:
            raise ModelOutputError(f"embedding model {self._name}: the server's answer is not a list of vectors") from error
        return checked(rows, len(texts))


def open_embedder(name: str) -> Embedder:
    """Return the embedder for a setting (see ``IndexSettings.embedding``).

    Raises:
        ModelError: its files or its package are missing or damaged.
        SettingsError: it needs a setting that is not there.
    """
    kind, _, rest = name.partition(":")
    if name == DEFAULT_EMBEDDING:
        return OnnxEmbedder(bundled_model(BGE_SMALL), f"{BGE_SMALL.name}:{BGE_SMALL.onnx_sha256[:16]}")
    if kind == "fastembed":
        return FastembedEmbedder(rest)
    if kind == "openai":
        return OpenAIEmbedder(rest)
    folder = Path(rest).expanduser()
    for file in ("model.onnx", "tokenizer.json"):
        if not (folder / file).is_file():
            raise ModelMissing(f"{folder / file} is missing: folder:PATH needs model.onnx and tokenizer.json (CLS pooling)")
    return OnnxEmbedder(folder, f"folder:{sha256_file(folder / 'model.onnx')[:16]}")


def checked(rows: Sequence[Any], expected: int) -> NDArray[np.float32]:
    """Return ``rows`` as unit float32 rows.

    Raises:
        ModelOutputError: wrong count or lengths, NaN, infinity or a zero vector.
    """
    try:
        vectors = np.asarray(rows, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise ModelOutputError("the embedding model returned rows of different lengths, or no numbers") from error
    if vectors.ndim != 2 or len(vectors) != expected:
        raise ModelOutputError(f"the embedding model returned shape {vectors.shape} for {expected} texts")
    if not np.isfinite(vectors).all() or not (np.linalg.norm(vectors, axis=1) > 0).all():
        raise ModelOutputError("the embedding model returned NaN, infinity or a zero vector")
    return _unit(vectors)


def text_key(text: str) -> bytes:
    """Return what a vector is remembered by: SHA-256 of the text, 32 bytes."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.ascontiguousarray(rows / np.maximum(norms, 1e-12), dtype=np.float32)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__
