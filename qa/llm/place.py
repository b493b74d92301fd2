"""Who is asked, as shown in messages; and what a reply with status 200 can be instead of a text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_CHARS = 200
_KEY = re.compile(r"\b(sk|pk|key|token)[-_][\w*.-]{6,}|\bBearer\s+\S+|(?<=//)[^/\s@]+@", re.IGNORECASE)


class Unusable(Exception):
    """A reply that came with status 200 and holds no text that could be used."""

    def __init__(self, what: str, remedy: str, retryable: bool = False) -> None:
        super().__init__(what)
        self.what, self.remedy, self.retryable = what, remedy, retryable


class ReportedError(Exception):
    """An error that the server reports inside a reply with status 200."""

    def __init__(self, body: Any) -> None:
        super().__init__("error inside a reply")
        self.body: Mapping[str, Any] = body if isinstance(body, Mapping) else {"message": str(body)}


@dataclass(frozen=True, slots=True)
class Place:
    """Who is asked, and what must not be shown."""

    model: str
    server: str
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def say(self, what: str, remedy: str) -> str:
        """Return a message of at most 200 characters: what, where, what to do."""
        who = f"{self.shown(self.model, 40) or 'the model'} at {self.shown(self.server, 60)}"
        return f"{who} {self.shown(what, MAX_CHARS - len(who) - len(remedy) - 3)}: {remedy}"

    def shown(self, text: str, limit: int) -> str:
        """Return foreign text on one line, without secrets, of at most ``limit`` characters."""
        for secret in sorted(filter(None, self.secrets), key=len, reverse=True):
            text = text.replace(secret, "***")
        text = " ".join(_KEY.sub("***", text).split())
        text = "".join(letter if letter.isprintable() else "?" for letter in text)
        return text if len(text) <= limit else text[: limit - 1] + "…"
