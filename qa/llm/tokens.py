"""How many tokens a text has, counted without a network."""

from __future__ import annotations

import math
import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import tiktoken

MARGIN = 1.2
"""A model that tiktoken does not know may cut the same text into more tokens than o200k_base does."""

_FALLBACK = "o200k_base"
_AT_HAND = ("o200k_base", "o200k_harmony", "cl100k_base")
_STRETCH = 4000  # tiktoken takes quadratic time over a run of letters without a break


def count_tokens(text: str, model: str = "") -> int:
    """Return the number of tokens of ``text`` for ``model``; nothing is downloaded.

    For a model that tiktoken does not know it is an estimate on the safe side: the tokens of o200k_base times 1.2, rounded up.
    """
    name = _encoding_name(model)
    encoding = _encoding(name or _FALLBACK)
    tokens = sum(len(encoding.encode_ordinary(text[at : at + _STRETCH])) for at in range(0, len(text), _STRETCH))
    return tokens if name else math.ceil(tokens * MARGIN)


@cache
def _encoding_name(model: str) -> str | None:
    try:
        name = tiktoken.encoding_name_for_model(model)
    except KeyError:
        return None
    return name if name in _AT_HAND else None


@cache
def _encoding(name: str) -> tiktoken.Encoding:
    """Load an encoding from the copy that llama-index-core carries."""
    variable = "TIKTOKEN_CACHE_DIR"
    spec = None if variable in os.environ else find_spec("llama_index.core")
    if spec is None or spec.origin is None:
        return tiktoken.get_encoding(name)
    os.environ[variable] = str(Path(spec.origin).parent / "_static" / "tiktoken_cache")
    try:
        return tiktoken.get_encoding(name)
    finally:
        os.environ.pop(variable, None)
