"""What is said to a language model and what comes back: no vendor type passes this line."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from pullquote.index.errors import ModelError
from pullquote.qa.llm.deadline import Deadline

__all__ = ["Completion", "Deadline", "Finish", "LanguageModel", "Request", "Spending"]

Finish = Literal["complete", "length", "filtered", "incomplete"]
"""How a reply ended: by itself, at the token limit, by a content filter, or nobody knows."""


@dataclass(frozen=True, slots=True)
class Request:
    """One call to a language model."""

    system: str
    user: str
    schema: Mapping[str, Any] | None = None
    """JSON schema of the reply, every string and list in it bounded; None for plain text."""
    max_tokens: int = 700


@dataclass(frozen=True, slots=True)
class Completion:
    """What came back, as text."""

    text: str
    finish: Finish = "complete"
    prompt_tokens: int = 0
    completion_tokens: int = 0
    requests: int = 1
    """HTTP requests that it took, retries among them."""


class LanguageModel(Protocol):
    """Anything that completes text."""

    @property
    def name(self) -> str:
        """The model's name as shown with an answer; holds no key."""

    @property
    def context_tokens(self) -> int:
        """Tokens that prompt and reply may have together."""

    @property
    def wants_schema(self) -> bool:
        """Whether a request may have a schema; without one the reply is plain text."""

    def complete(self, request: Request, deadline: Deadline) -> Completion:
        """Return the whole reply.

        Raises:
            ModelError: one of its documented kinds; ``retryable`` says whether a later try may do better.
            Stopped: the deadline was ended early.
        """

    def stream(self, request: Request, deadline: Deadline) -> Generator[str, None, Completion]:
        """Yield the reply piece by piece and return it whole; a stream cut short returns ``finish="incomplete"``.

        Raises:
            ModelError, Stopped: as ``complete``.
        """


@dataclass(slots=True)
class Spending:
    """Counts what one question has cost so far; the limits are per question."""

    calls: int = 0
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    max_calls: int = field(default=2)

    def count(self, completion: Completion) -> None:
        """Add one call."""
        self.calls += 1
        self.requests += completion.requests
        self.prompt_tokens += completion.prompt_tokens
        self.completion_tokens += completion.completion_tokens

    def count_failed(self, error: ModelError) -> None:
        """Add one call that came to nothing."""
        self.calls += 1
        self.requests += error.requests
