"""A language model without HTTP that says what it is told to say."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Sequence

from pullquote.qa.llm.types import Completion, Deadline, Request

Said = str | Completion | Exception
"""A text, a whole completion, or an error to raise."""


class ScriptedModel:
    """A ``LanguageModel`` that gives replies in order, the last one over and over, or those that a function makes.

    ``requests`` holds what it was asked. A stream comes in pieces of ``piece`` characters with a pause after each; one that
    meets its deadline ends there, incomplete. An ``Exception`` among the replies is raised, in a stream before the first piece.
    """

    def __init__(
        self,
        replies: Sequence[Said] | Callable[[Request], Said],
        *,
        name: str = "scripted",
        context_tokens: int = 8192,
        wants_schema: bool = True,
        piece: int = 12,
        pause_s: float = 0.0,
    ) -> None:
        self.requests: list[Request] = []
        self._replies = [replies] if isinstance(replies, str) else replies
        self._name, self._context_tokens = name, context_tokens
        self.wants_schema = wants_schema
        self._piece, self._pause_s = piece, pause_s
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    @property
    def context_tokens(self) -> int:
        """Tokens that prompt and reply may have together; nothing is checked against it."""
        return self._context_tokens

    def complete(self, request: Request, deadline: Deadline) -> Completion:  # noqa: ARG002  (a script takes no time)
        """Return the next reply.

        Raises:
            Exception: the next reply, if it is one.
        """
        with self._lock:
            asked = len(self.requests)
            self.requests.append(request)
        said = self._replies(request) if callable(self._replies) else self._replies[min(asked, len(self._replies) - 1)]
        if isinstance(said, Exception):
            raise said
        return said if isinstance(said, Completion) else _completion(request, said)

    def stream(self, request: Request, deadline: Deadline) -> Generator[str, None, Completion]:
        """Yield the next reply in small pieces and return it.

        Raises:
            Exception: the next reply, if it is one.
        """
        whole = self.complete(request, deadline)
        for start in range(0, len(whole.text), self._piece):
            if not deadline.left_s:
                return Completion(whole.text[:start], "incomplete", whole.prompt_tokens, start // 4)
            yield whole.text[start : start + self._piece]
            if self._pause_s:
                time.sleep(min(self._pause_s, deadline.left_s))
        return whole


def _completion(request: Request, text: str) -> Completion:
    """Return a text with the tokens it may have had: a quarter of the characters."""
    return Completion(text, prompt_tokens=(len(request.system) + len(request.user)) // 4, completion_tokens=len(text) // 4)
