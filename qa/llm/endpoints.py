"""The llama-index side of a served model: its class, its client, its messages and what it can read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import openai
from llama_index.core.llms import ChatMessage, MessageRole
from llama_index.llms.openai import OpenAI
from llama_index.llms.openai.utils import ALL_AVAILABLE_MODELS, O1_MODELS, to_openai_message_dicts
from llama_index.llms.openai_like import OpenAILike

from pullquote.qa.llm.options import Options
from pullquote.qa.llm.settings import ModelSettings
from pullquote.qa.llm.transport import BoundedTransport
from pullquote.qa.llm.types import Deadline, Request

OPENAI_URL = "https://api.openai.com/v1"
CONTEXT_TOKENS = 4096
"""Taken for granted of a model that nothing is known of."""

_CONNECT_S = 5.0
_NO_KEY = "none"  # the client wants one; servers that need none ignore it


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model at a server."""

    name: str
    context_tokens: int
    options: Options
    llm: Any

    @property
    def client(self) -> openai.OpenAI:
        """What posts requests."""
        client = self.llm._get_client()
        assert isinstance(client, openai.OpenAI)
        return client

    def messages(self, request: Request) -> Any:
        """Return the messages as the server wants them; old reasoning models know no system message."""
        system = self.llm.metadata.system_role
        messages = [
            ChatMessage(role=system, content=request.system),
            ChatMessage(role=MessageRole.USER, content=request.user),
        ]
        return to_openai_message_dicts(messages, model=self.name)


def make_client(settings: ModelSettings) -> openai.OpenAI:
    """Return a client that asks once, with limits on time and size."""
    user, _, password = settings.credentials.reveal().partition(":")
    client = openai.OpenAI(
        api_key=settings.key or _NO_KEY,
        base_url=settings.base_url or OPENAI_URL,
        max_retries=0,
        default_headers={"Accept-Encoding": "identity"},
        http_client=httpx.Client(transport=BoundedTransport(), auth=(user, password) if user else None),
    )
    # The first use imports for a second: not on the time of a question.
    assert client.chat.completions
    assert client.models
    return client


def make_endpoint(name: str, settings: ModelSettings, client: openai.OpenAI) -> Endpoint:
    """Return a model: llama-index's ``OpenAI`` without a base URL, ``OpenAILike`` with one.

    The key is in the client only: llama-index shows in a model's repr, JSON and pickle what the model itself holds.
    """
    given: dict[str, Any] = {"model": name, "api_key": _NO_KEY, "max_retries": 0, "temperature": 0.0, "openai_client": client}
    if settings.base_url or name not in ALL_AVAILABLE_MODELS:
        tokens = settings.context_tokens or CONTEXT_TOKENS
        url = settings.base_url or OPENAI_URL
        llm = OpenAILike(**given, api_base=url, is_chat_model=True, context_window=tokens)
        return Endpoint(name, tokens, Options(settings.structured, lengths=bool(settings.base_url)), llm)
    llm = OpenAI(**given, api_base=OPENAI_URL)
    tokens = settings.context_tokens or llm.metadata.context_window
    return Endpoint(name, tokens, Options(settings.structured, reasons=name in O1_MODELS, lengths=False), llm)


def first_model(client: openai.OpenAI, deadline: Deadline) -> str | None:
    """Ask the server for its models and return the first; None where it lists none."""
    for model in client.models.list(timeout=within(deadline)).data or ():
        if isinstance(model.id, str) and model.id:
            return model.id
    return None


def within(deadline: Deadline) -> httpx.Timeout:
    """Return the time-outs of one request; ``BoundedTransport`` takes the read time-out as a limit on the whole."""
    return httpx.Timeout(deadline.left_s, connect=min(_CONNECT_S, deadline.left_s))
