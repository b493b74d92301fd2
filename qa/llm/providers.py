"""OpenAI and servers that speak like it, through llama-index: one narrow seam, every fault a documented error.

llama-index makes the models and the messages and knows what each can read. The bytes of a reply are read by ourselves: its own
reading hides whether a stream was finished, and stumbles over replies that are none.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Generator, Iterator
from typing import TypeVar

from pullquote.index.errors import ContextTooLong, ModelError, ModelUnknown
from pullquote.qa.llm.adapter import LlamaIndexModel
from pullquote.qa.llm.endpoints import CONTEXT_TOKENS, OPENAI_URL, Endpoint, first_model, make_client, make_endpoint
from pullquote.qa.llm.exchange import Exchange, OpenStream
from pullquote.qa.llm.faults import guarded
from pullquote.qa.llm.place import Place
from pullquote.qa.llm.replies import Reply
from pullquote.qa.llm.retrying import line_to, persist
from pullquote.qa.llm.settings import ModelSettings
from pullquote.qa.llm.tokens import count_tokens
from pullquote.qa.llm.types import Completion, Deadline, LanguageModel, Request

__all__ = ["LlamaIndexModel", "ServedModel", "language_model"]

T = TypeVar("T")


def language_model(settings: ModelSettings) -> LanguageModel:
    """Return the model that the settings name; nothing is sent yet.

    Warns where the key would travel unencrypted.
    """
    if settings.warning:
        warnings.warn(settings.warning, stacklevel=2)
    return ServedModel(settings)


class ServedModel:
    """A model behind an OpenAI-compatible server; may be used by several threads."""

    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings
        self._url = settings.base_url or OPENAI_URL
        self._client = make_client(settings)
        self._line = line_to(self._url, settings.in_flight)
        self._lock = threading.Lock()
        self._endpoint = make_endpoint(settings.model, settings, self._client) if settings.model else None
        self._said_limit: int | None = None

    def __repr__(self) -> str:
        return f"ServedModel({self.name!r}, {self._url!r})"

    @property
    def name(self) -> str:
        """The model's name; before the first call, where none was set: that it is the server's first."""
        return self._endpoint.name if self._endpoint else "the server's first model"

    @property
    def context_tokens(self) -> int:
        """What was set, else what llama-index knows of the model, else 4,096; less once the server has said less."""
        known = self._endpoint.context_tokens if self._endpoint else self._settings.context_tokens or CONTEXT_TOKENS
        return min(known, self._said_limit or known)

    @property
    def wants_schema(self) -> bool:
        """Whether a schema is sent on to the server: not with ``structured="text"``, nor after the server refused one."""
        return self._endpoint.options.wants_schema if self._endpoint else self._settings.structured != "text"

    def complete(self, request: Request, deadline: Deadline) -> Completion:
        """Return the whole reply.

        Raises:
            ModelError: one of its documented kinds; ``retryable`` says whether a later try may do better.
        """
        with self._line.slot(self._place, deadline):
            exchange = self._exchange(request, deadline)
            reply, requests = self._ask(exchange.whole, deadline, exchange.adapt)
        return self._completion(request, reply, requests)

    def stream(self, request: Request, deadline: Deadline) -> Generator[str, None, Completion]:
        """Yield the reply piece by piece and return it whole; a stream cut short returns ``finish="incomplete"``.

        Nothing is sent before the first piece is asked for. Closing the generator closes the connection.

        Raises:
            ModelError: as ``complete``; never after the first piece.
        """
        with self._line.slot(self._place, deadline):
            exchange = self._exchange(request, deadline)
            opened, requests = self._ask(exchange.opened, deadline, exchange.adapt)
            yield from _pieces(opened)
        return self._completion(request, opened.reply, requests)

    @property
    def _place(self) -> Place:
        user = self._settings.credentials.reveal()
        return Place(self.name, self._url.partition("://")[2], (self._settings.key, user, user.partition(":")[2]))

    def _exchange(self, request: Request, deadline: Deadline) -> Exchange:
        max_tokens = min(request.max_tokens, self._settings.max_output_tokens)
        return Exchange(self._ready(deadline), request, max_tokens, deadline)

    def _ready(self, deadline: Deadline) -> Endpoint:
        with self._lock:
            if self._endpoint is None:
                name = self._ask(lambda: first_model(self._client, deadline), deadline)[0]
                if name is None:
                    raise ModelUnknown(self._place.say("lists no model", "name one with PULLQUOTE_MODEL"))
                self._endpoint = make_endpoint(name, self._settings, self._client)
            return self._endpoint

    def _ask(
        self, step: Callable[[], T], deadline: Deadline, adapt: Callable[[ModelError], bool] = lambda _: False
    ) -> tuple[T, int]:
        place = self._place
        try:
            return persist(lambda: guarded(step, place, deadline), deadline, self._line, place, adapt)
        except ContextTooLong as error:
            self._said_limit = error.context_tokens or self._said_limit
            raise

    def _completion(self, request: Request, reply: Reply, requests: int) -> Completion:
        asked, said = reply.prompt_tokens, reply.completion_tokens
        return Completion(
            reply.text,
            reply.outcome(),
            count_tokens(f"{request.system}\n{request.user}", self.name) if asked is None else asked,
            count_tokens(reply.text, self.name) if said is None else said,
            requests,
        )


def _pieces(opened: OpenStream) -> Iterator[str]:
    try:
        piece: str | None = opened.first
        while piece is not None:
            yield piece
            piece = opened.following()
    finally:
        opened.close()
