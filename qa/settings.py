"""How questions are answered: chosen once, hashed into every answer."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from pullquote.index.errors import SettingsError
from pullquote.qa.gate.types import Policy

Engine = Literal["auto", "extractive", "llm"]
DEADLINE_S = 60.0


def read_deadline(env: Mapping[str, str]) -> float:
    """Return the seconds in ``PULLQUOTE_DEADLINE_S``, 60 where it is not set.

    Raises:
        SettingsError: it is no number.
    """
    text = env.get("PULLQUOTE_DEADLINE_S", "").strip()
    if text and not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", text):
        raise SettingsError(f"PULLQUOTE_DEADLINE_S must be a number of seconds, not {text[:40]!r}")
    return float(text or DEADLINE_S)


def check_deadline(seconds: float) -> None:
    """Refuse a time in which no model could answer, or none that anybody would wait.

    Raises:
        SettingsError: it is less than a second or more than an hour.
    """
    if not 1 <= seconds <= 3600:
        raise SettingsError(f"PULLQUOTE_DEADLINE_S must be 1 to 3600 seconds, not {seconds:g}")


@dataclass(frozen=True, slots=True)
class AskSettings:
    """Settings of the answering side; thresholds and weights come from ``weights.json``."""

    candidates: int = 24
    """Sentences that the cross-encoder reads."""
    max_sentences: int = 4
    """Most answer sentences."""
    max_question_chars: int = 2000
    engine: Engine = "auto"
    """``auto``: a language model writes where one is set; ``extractive``: never; ``llm``: always."""
    fallback: bool = True
    """Whether the extractive engine answers when the language model fails."""
    unsupported: Policy = "drop"
    """What becomes of a drafted sentence that its citations do not support: left out, or marked."""
    deadline_s: float = DEADLINE_S
    """Most seconds that the language model may take for one question."""
    tokens_per_day: int | None = None
    """Most tokens that the questions of one store may spend in a UTC day; None: no limit."""

    def __post_init__(self) -> None:
        """Refuse values that no question could be answered with."""
        if not 4 <= self.candidates <= 200:
            raise SettingsError(f"PULLQUOTE_CANDIDATES must be 4 to 200, not {self.candidates}")
        if not 1 <= self.max_sentences <= 20:
            raise SettingsError(f"PULLQUOTE_MAX_SENTENCES must be 1 to 20, not {self.max_sentences}")
        if self.engine not in get_args(Engine):
            raise SettingsError(f"PULLQUOTE_ENGINE must be auto, extractive or llm, not {self.engine!r}")
        if self.tokens_per_day is not None and self.tokens_per_day < 1:
            raise SettingsError(f"PULLQUOTE_TOKENS_PER_DAY must be at least 1, not {self.tokens_per_day}")
        check_deadline(self.deadline_s)

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> AskSettings:
        """Read ``PULLQUOTE_CANDIDATES``, ``_MAX_SENTENCES``, ``_ENGINE``, ``_DEADLINE_S`` and ``_TOKENS_PER_DAY``.

        Raises:
            SettingsError: a value cannot be used.
        """
        env = os.environ if env is None else env
        values: dict[str, Any] = {}
        for name in ("candidates", "max_sentences", "tokens_per_day"):
            text = env.get(f"PULLQUOTE_{name.upper()}")
            if text and not text.isdecimal():
                raise SettingsError(f"PULLQUOTE_{name.upper()} must be a whole number, not {text!r}")
            if text:
                values[name] = int(text)
        if env.get("PULLQUOTE_ENGINE"):
            values["engine"] = env["PULLQUOTE_ENGINE"]
        return cls(**values, deadline_s=read_deadline(env))

    def hash(self, *more: str) -> str:
        """Return 12 hex digits over these settings and whatever else decides an answer."""
        return hashlib.sha256(json.dumps([asdict(self), *more], sort_keys=True).encode()).hexdigest()[:12]
