"""What a user may choose, read once from the environment, frozen afterwards."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from pullquote.index.errors import SettingsError

DEFAULT_EMBEDDING = "bge-small-en-v1.5"
PREFIX = "PULLQUOTE_"


def default_store() -> Path:
    """Return the store's folder: ``PULLQUOTE_STORE``, else the platform's user data folder."""
    named = os.environ.get(f"{PREFIX}STORE")
    return Path(named).expanduser() if named else user_data_path("pullquote") / "store"


def lasting(embedding: str) -> str:
    """Return a setting of an embedding model as it means the same one from any working folder."""
    kind, _, place = embedding.partition(":")
    return f"folder:{os.path.abspath(Path(place).expanduser())}" if kind == "folder" else embedding


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """How articles become chunks and vectors."""

    embedding: str | None = None
    """``bge-small-en-v1.5`` (bundled), ``fastembed:NAME``, ``folder:PATH`` or ``openai:MODEL``; None is the model that the store
    was made with, and the bundled one for a new store."""
    chunk_tokens: int = 160
    """Largest chunk, in cl100k tokens; a longer sentence is a chunk of its own."""
    lock_wait_s: float = 1.0
    """How long to wait for another process to let go of the store."""

    exact_chunks: int = 2000
    """Up to so many chunks, all of them are looked at for every question, without the vector index."""
    tail_chunks: int = 1000
    """So many chunks, at most, may be in no segment of the vector index when a write ends; they are looked at one and all."""

    statements: bool = True
    """Whether articles are read for who says what, which takes a parser; off, no statement is made, and none is deleted."""

    def __post_init__(self) -> None:
        """Refuse values that no store could work with."""
        kind, _, name = (self.embedding or DEFAULT_EMBEDDING).partition(":")
        if self.embedding not in (None, DEFAULT_EMBEDDING) and (kind not in ("fastembed", "folder", "openai") or not name):
            raise SettingsError(
                f"embedding {self.embedding!r} is not known: use {DEFAULT_EMBEDDING}, fastembed:NAME, folder:PATH or openai:MODEL"
            )
        if not 32 <= self.chunk_tokens <= 400:
            raise SettingsError(f"chunk_tokens must be 32 to 400, not {self.chunk_tokens}")

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> IndexSettings:
        """Read ``PULLQUOTE_EMBEDDING``, ``PULLQUOTE_CHUNK_TOKENS`` and ``PULLQUOTE_STATEMENTS`` (on or off).

        Raises:
            SettingsError: a value cannot be used.
        """
        env = os.environ if env is None else env
        embedding = env.get(f"{PREFIX}EMBEDDING") or None
        tokens = env.get(f"{PREFIX}CHUNK_TOKENS") or "160"
        if not tokens.isdecimal():
            raise SettingsError(f"{PREFIX}CHUNK_TOKENS must be a whole number, not {tokens!r}")
        statements = env.get(f"{PREFIX}STATEMENTS") or "on"
        if statements not in ("on", "off"):
            raise SettingsError(f"{PREFIX}STATEMENTS must be on or off, not {statements!r}")
        return cls(embedding=embedding, chunk_tokens=int(tokens), statements=statements == "on")
