"""From a reply that is read to what the caller gets: its pieces as they come, and the whole of it with what it took."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from pullquote.qa.llm.replies import Reply
from pullquote.qa.llm.tokens import count_tokens
from pullquote.qa.llm.types import Completion, Request


class Opened(Protocol):
    """A stream that has begun to say something."""

    first: str

    def following(self) -> str | None:
        """Return the next piece; None at the end, wherever it comes from."""

    def close(self) -> None:
        """Let the other side know that nobody listens any more."""


def pieces_of(opened: Opened) -> Iterator[str]:
    """Yield the pieces of a stream; it is closed at its end, or when nobody wants more."""
    try:
        piece: str | None = opened.first
        while piece is not None:
            yield piece
            piece = opened.following()
    finally:
        opened.close()


def completion_of(reply: Reply, request: Request, model: str, requests: int) -> Completion:
    """Return a reply as it is handed on; tokens that the server did not count are counted here, for the model of that name.

    Raises:
        Unusable: it holds no text.
    """
    asked, said = reply.prompt_tokens, reply.completion_tokens
    return Completion(
        reply.text,
        reply.outcome(),
        count_tokens(f"{request.system}\n{request.user}", model) if asked is None else asked,
        count_tokens(reply.text, model) if said is None else said,
        requests,
    )
