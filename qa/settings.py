"""How questions are answered: chosen once, hashed into every answer."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from pullquote.index.errors import SettingsError


@dataclass(frozen=True, slots=True)
class AskSettings:
    """Settings of the answering side; thresholds and weights come from ``weights.json``."""

    candidates: int = 24
    """Sentences that the cross-encoder reads."""
    max_sentences: int = 4
    """Most answer sentences."""
    max_question_chars: int = 2000

    def __post_init__(self) -> None:
        """Refuse values that no question could be answered with."""
        if not 4 <= self.candidates <= 200:
            raise SettingsError(f"PULLQUOTE_CANDIDATES must be 4 to 200, not {self.candidates}")
        if not 1 <= self.max_sentences <= 20:
            raise SettingsError(f"PULLQUOTE_MAX_SENTENCES must be 1 to 20, not {self.max_sentences}")

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> AskSettings:
        """Read ``PULLQUOTE_CANDIDATES`` and ``PULLQUOTE_MAX_SENTENCES``.

        Raises:
            SettingsError: a value cannot be used.
        """
        env = os.environ if env is None else env
        values = {}
        for name in ("candidates", "max_sentences"):
            text = env.get(f"PULLQUOTE_{name.upper()}")
            if text and not text.isdecimal():
                raise SettingsError(f"PULLQUOTE_{name.upper()} must be a whole number, not {text!r}")
            if text:
                values[name] = int(text)
        return cls(**values)

    def hash(self, *more: str) -> str:
        """Return 12 hex digits over these settings and whatever else decides an answer."""
        return hashlib.sha256(json.dumps([asdict(self), *more], sort_keys=True).encode()).hexdigest()[:12]
