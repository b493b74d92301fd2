"""OpenAI and servers that speak like it, through llama-index: one narrow seam, every fault a documented error.

llama-index makes the models and the messages and knows what each can read. The bytes of a reply are read by ourselves: its own
reading hides whether a stream was finished, and stumbles over replies that are none.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Generator
from typing import TypeVar

from pullquote.index.errors import ContextTooLong, ModelError, ModelUnknown
from pullquote.qa.llm.adapter import LlamaIndexModel
from pullquote.qa.llm.delivery import completion_of, pieces_of
from pullquote.qa.llm.endpoints import CONTEXT_TOKENS, OPENAI_URL, Endpoint, first_model, make_client, make_endpoint
from pullquote.qa.llm.exchange import Exchange
from pullquote.qa.llm.faults import guarded
from pullquote.qa.llm.place import Place
from pullquote.qa.llm.retrying import line_to, persist
from pullquote.qa.llm.settings import ModelSettings
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
            Stopped: the deadline was ended early.
        """
        with self._line.slot(self._place, deadline):
            exchange = self._exchange(request, deadline)
            reply, requests = self._ask(exchange.whole, deadline, exchange.adapt)
        return completion_of(reply, request, self.name, requests)

    def stream(self, request: Request, deadline: Deadline) -> Generator[str, None, Completion]:
        """Yield the reply piece by piece and return it whole; a stream cut short returns ``finish="incomplete"``.

        Nothing is sent before the first piece is asked for. Closing the generator closes the connection.

        Raises:
            ModelError: as ``complete``; never after the first piece.
            Stopped: the deadline was ended early.
        """
        with self._line.slot(self._place, deadline):
            exchange = self._exchange(request, deadline)
            opened, requests = self._ask(exchange.opened, deadline, exchange.adapt)
            yield from pieces_of(opened)
        deadline.check()
        return completion_of(opened.reply, request, self.name, requests)

    @property
    def _place(self) -> Place:
        user = self._settings.credentials.reveal()
        return Place(self.name, self._url.partition("://")[2], (self._settings.key, user, user.partition(":")[2]))

    def _exchange(self, request: Request, deadline: Deadline) -> Exchange:
        max_tokens = min(request.max_tokens, self._settings.max_output_tokens)
        return Exchange(self._ready(deadline), request, max_tokens, deadline)

    def _ready(self, deadline: Deadline) -> Endpoint:
        if self._endpoint is not None:
            return self._endpoint
        # Without the lock: a server that does not answer one question keeps no other waiting longer than it would itself.
        name = self._ask(lambda: first_model(self._client, deadline), deadline)[0]
        if name is None:
            raise ModelUnknown(self._place.say("lists no model", "name one with PULLQUOTE_MODEL"))
        with self._lock:
            self._endpoint = self._endpoint or make_endpoint(name, self._settings, self._client)
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
