"""Sentences to chunks: neighbouring whole sentences, small enough for the embedding model."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import tiktoken

from pullquote.index.onnx import MAX_WORD_PIECES

ENCODING = "cl100k_base"


@cache
def token_encoding() -> tiktoken.Encoding:
    """Return cl100k_base from the copy that llama-index-core carries: nothing is downloaded."""
    variable = "TIKTOKEN_CACHE_DIR"
    before = os.environ.get(variable)
    spec = find_spec("llama_index.core")
    if before is None and spec is not None and spec.origin is not None:
        os.environ[variable] = str(Path(spec.origin).parent / "_static" / "tiktoken_cache")
    try:
        return tiktoken.get_encoding(ENCODING)
    finally:
        if before is None:
            os.environ.pop(variable, None)


def count_tokens(texts: Sequence[str]) -> list[int]:
    """Return the number of cl100k tokens of each text."""
    encoding = token_encoding()
    return [len(encoding.encode_ordinary(text)) for text in texts]


def chunk_sentences(
    sentences: Sequence[str], max_tokens: int, length: Callable[[str], int], max_length: int = MAX_WORD_PIECES
) -> tuple[tuple[int, int], ...]:
    """Return first and last sentence number (from 1, inclusive) of each chunk.

    A chunk holds at most ``max_tokens`` cl100k tokens and ``max_length`` of the embedding model's own
    tokens (as counted by ``length``); only a sentence that is longer by itself exceeds them, alone.
    """
    tokens = count_tokens(sentences)
    chunks: list[tuple[int, int]] = []
    first, used = 1, 0
    for number, size in enumerate(tokens, 1):
        if used and used + size > max_tokens:
            chunks.append((first, number - 1))
            first, used = number, 0
        used += size
    if tokens:
        chunks.append((first, len(tokens)))
    return tuple(part for chunk in chunks for part in _fitting(chunk, sentences, length, max_length))


def _fitting(
    chunk: tuple[int, int], sentences: Sequence[str], length: Callable[[str], int], max_length: int
) -> list[tuple[int, int]]:
    """Halve a chunk until the model can read each part whole."""
    first, last = chunk
    text = " ".join(sentences[first - 1 : last])
    # A piece is at least one byte (a Hangul syllable can be three pieces), so a short text needs no counting.
    if first == last or len(text.encode("utf-8", "surrogatepass")) + 2 <= max_length or length(text) <= max_length:
        return [chunk]
    middle = (first + last) // 2
    halves = ((first, middle), (middle + 1, last))
    return [part for half in halves for part in _fitting(half, sentences, length, max_length)]
