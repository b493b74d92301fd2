"""Texts to unit vectors: the bundled model, a local folder, a fastembed name or an OpenAI-compatible server."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

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
        """Load the model; ``fingerprint`` names its weights.

        Raises:
            ModelDamaged: the files are no such model.
        """
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
        windows = [_windows(text, self._model.tokenizer, MAX_WORD_PIECES) for text in texts]
        encodings = [encoding for parts in windows for _, encoding in parts]
        # One text is a question, which somebody waits for; several are articles that are being added.
        hidden = self._model.run(encodings, urgent=len(texts) == 1)
        rows = checked([states[0] for states in hidden], len(encodings))
        return _averaged(rows, [len(parts) for parts in windows])


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
            # Its own tokenizer cuts what is too long; ours counts it.
            own: Tokenizer = self._model.model.tokenizer
            self._window = int((own.truncation or {}).get("max_length", MAX_WORD_PIECES))
            self._tokenizer: Tokenizer = Tokenizer.from_str(own.to_str())
            self._tokenizer.no_truncation()
            self._tokenizer.no_padding()
        except Exception as error:  # fastembed raises whatever its download raised
            raise ModelMissing(f"fastembed cannot load {name!r}: {_one_line(error)}") from error
        self._fingerprint = f"fastembed:{name}"

    @property
    def fingerprint(self) -> str:
        """The name; fastembed pins the files behind it."""
        return self._fingerprint

    def length(self, text: str) -> int:
        """Return the model's own token count, special ones included."""
        return len(self._tokenizer.encode(text).ids)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit rows, shape ``(len(texts), dim)``, float32; long texts as in ``OnnxEmbedder``."""
        windows = [_windows(text, self._tokenizer, self._window) for text in texts]
        parts = [part for window in windows for part, _ in window]
        rows = checked(list(self._model.embed(parts, batch_size=1)), len(parts))
        return _averaged(rows, [len(window) for window in windows])


class OpenAIEmbedder:
    """Embeddings from OpenAI or any server that speaks its protocol (``OPENAI_BASE_URL``)."""

    def __init__(self, model: str) -> None:
        """Prepare a client; nothing is sent yet.

        Raises:
            SettingsError: neither ``OPENAI_API_KEY`` nor ``OPENAI_BASE_URL`` is set.
        """
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
            remedy = "check OPENAI_API_KEY" if error.status_code in (401, 403) else "check OPENAI_BASE_URL and the model's name"
            answer = f"the server answered {error.status_code}"
            raise ModelUnreachable(f"embedding model {self._name}: {answer}: {remedy}, or try again later") from error
        except (openai.APIResponseValidationError, json.JSONDecodeError) as error:
            raise ModelOutputError(f"embedding model {self._name}: the server's answer is not a list of vectors") from error
        except openai.OpenAIError as error:
            what = _one_line(error)
            raise ModelUnreachable(f"embedding model {self._name}: {what}: check OPENAI_BASE_URL and the network") from error
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
    hashes = []
    for file in ("model.onnx", "tokenizer.json"):
        if not (folder / file).is_file():
            raise ModelMissing(f"{folder / file} is missing: folder:PATH needs model.onnx and tokenizer.json (CLS pooling)")
        hashes.append(sha256_file(folder / file)[:16])
    return OnnxEmbedder(folder, f"folder:{'-'.join(hashes)}")


def checked(rows: Sequence[Any] | NDArray[np.float32], expected: int) -> NDArray[np.float32]:
    """Return ``rows`` as unit float32 rows.

    Raises:
        ModelOutputError: wrong count or lengths, NaN, infinity or a zero vector.
    """
    try:
        vectors = np.asarray(rows, dtype=np.float32)
    except (TypeError, ValueError, OverflowError) as error:
        raise ModelOutputError("the embedding model returned rows of different lengths, or no numbers") from error
    if expected == 0 and vectors.size == 0:
        return np.zeros((0, 0), np.float32)
    if vectors.ndim != 2 or len(vectors) != expected:
        raise ModelOutputError(f"the embedding model returned shape {vectors.shape} for {expected} texts")
    norms = np.linalg.norm(vectors.astype(np.float64), axis=1)
    if not np.isfinite(norms).all() or not (norms > 0).all():
        raise ModelOutputError("the embedding model returned NaN, infinity or a zero vector")
    return _unit(vectors)


def text_key(text: str) -> bytes:
    """Return what a vector is remembered by: SHA-256 of the text, 32 bytes."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _windows(text: str, tokenizer: Tokenizer, size: int) -> list[tuple[str, Encoding]]:
    """Halve a text, at a blank if there is one, until each part fits the model's window."""
    encoding = tokenizer.encode(text)
    if len(encoding.ids) <= size or len(text) < 2:
        encoding.truncate(size)
        return [(text, encoding)]
    near = encoding.offsets[len(encoding.ids) // 2][0] or len(text) // 2
    middle = text.rfind(" ", near // 2, near) + 1 or near
    return _windows(text[:middle], tokenizer, size) + _windows(text[middle:], tokenizer, size)


def _averaged(rows: NDArray[np.float32], counts: Sequence[int]) -> NDArray[np.float32]:
    """Return one unit row for each group of ``counts`` rows."""
    if len(rows) == len(counts):
        return rows
    sums = np.zeros((len(counts), rows.shape[1]), np.float32)
    np.add.at(sums, np.repeat(np.arange(len(counts)), counts), rows)
    return checked(sums, len(counts))


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    wide = rows.astype(np.float64)  # squares of tiny and huge numbers fit
    return np.ascontiguousarray(wide / np.linalg.norm(wide, axis=1, keepdims=True), dtype=np.float32)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__
