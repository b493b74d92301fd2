"""Which language model is asked, and how: read from the environment, with the key kept out of everything that is shown."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from pullquote.index.errors import SettingsError
from pullquote.qa.llm.addresses import clean_base_url, is_loopback
from pullquote.qa.settings import DEADLINE_S, check_deadline, read_deadline

Structured = Literal["auto", "json", "text"]
DEFAULT_MODEL = "gpt-5-mini"
_MAX_NAME_CHARS = 200


class Secret:
    """A text that is neither printed nor stored: copies of it on disk are empty."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text, to be sent to the server and nowhere else."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('***')" if self._text else "Secret('')"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce__(self) -> tuple[type[Secret], tuple[()]]:
        return Secret, ()


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """A model behind an OpenAI-compatible server.

    ``api_key`` may be given as a string; it and what ``base_url`` holds before an ``@`` are kept as secrets.
    """

    model: str = ""
    """Its name; empty: with a base URL the first that the server lists, without one ``gpt-5-mini``."""
    base_url: str = ""
    """Empty: OpenAI's own."""
    api_key: str | Secret = field(default="", repr=False, compare=False)
    context_tokens: int | None = None
    """Tokens that prompt and reply may have together; None: what is known of the model, else 4,096."""
    max_output_tokens: int = 700
    deadline_s: float = DEADLINE_S
    structured: Structured = "auto"
    """``json``: always ask for JSON by schema; ``text``: never; ``auto``: until the server refuses it."""
    in_flight: int = 16
    """Most calls at once to one server, in this process; as many as the page answers questions at once."""
    credentials: Secret = field(default_factory=Secret, repr=False, compare=False)
    """``user:password``, taken from ``base_url``."""

    def __post_init__(self) -> None:
        """Make it whole and refuse values that no model could be asked with."""
        key = self.api_key if isinstance(self.api_key, Secret) else Secret(self.api_key.strip())
        object.__setattr__(self, "api_key", key)
        if self.base_url.strip():
            base_url, user = clean_base_url(self.base_url)
            object.__setattr__(self, "base_url", base_url)
            object.__setattr__(self, "credentials", Secret(user) if user else self.credentials)
        else:
            object.__setattr__(self, "base_url", "")
            object.__setattr__(self, "model", self.model or DEFAULT_MODEL)
        self._check()

    def _check(self) -> None:
        if not re.fullmatch(r"[!-~]*", self.key):
            raise SettingsError("OPENAI_API_KEY must be printable ASCII without blanks: copy the key again")
        if len(self.model) > _MAX_NAME_CHARS or not self.model.isprintable():
            raise SettingsError(f"PULLQUOTE_MODEL must be a name of at most {_MAX_NAME_CHARS} printable characters")
        if self.context_tokens is not None and not 512 <= self.context_tokens <= 4_000_000:
            raise SettingsError(f"PULLQUOTE_CONTEXT_TOKENS must be 512 to 4000000, not {self.context_tokens}")
        if not 16 <= self.max_output_tokens <= 100_000:
            raise SettingsError(f"max_output_tokens must be 16 to 100000, not {self.max_output_tokens}")
        check_deadline(self.deadline_s)
        if self.structured not in get_args(Structured):
            raise SettingsError(f"PULLQUOTE_STRUCTURED must be auto, json or text, not {self.structured!r}")
        if not 1 <= self.in_flight <= 64:
            raise SettingsError(f"in_flight must be 1 to 64, not {self.in_flight}")

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> ModelSettings | None:
        """Read ``OPENAI_API_KEY``, ``OPENAI_BASE_URL``; ``PULLQUOTE_`` MODEL, CONTEXT_TOKENS, DEADLINE_S, STRUCTURED.

        Returns None where there is neither a key nor a base URL: nobody to ask.

        Raises:
            SettingsError: a value cannot be used; the message names the variable and what it may be.
        """
        env = os.environ if env is None else env
        read = {name: env.get(name, "").strip() for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL")}
        if not any(read.values()):
            return None
        values: dict[str, Any] = {"api_key": read["OPENAI_API_KEY"], "base_url": read["OPENAI_BASE_URL"]}
        for name in ("model", "structured", "context_tokens"):
            if text := env.get(f"PULLQUOTE_{name.upper()}", "").strip():
                values[name] = _whole_number(name, text) if name == "context_tokens" else text
        return cls(**values, deadline_s=read_deadline(env))

    @property
    def key(self) -> str:
        """The API key itself: to be sent to the server and nowhere else."""
        assert isinstance(self.api_key, Secret)
        return self.api_key.reveal()

    @property
    def warning(self) -> str | None:
        """What the user should know before a request is made: the key would travel in the clear."""
        if (self.key or self.credentials) and self.base_url.startswith("http://") and not is_loopback(self.base_url):
            return f"OPENAI_BASE_URL {self.base_url} is not encrypted: the API key and the question travel readable; use https://"
        return None

    def to_dict(self) -> dict[str, Any]:
        """Return all that may be shown and stored: everything but the secrets."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.compare}

    def hash(self) -> str:
        """Return 12 hex digits over what decides an answer; the same whatever the key."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()[:12]


def _whole_number(name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise SettingsError(f"PULLQUOTE_{name.upper()} must be a whole number, not {text[:40]!r}")
    return int(text)
