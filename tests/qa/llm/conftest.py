"""A served model for each test, and ways to ask it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import pytest

from pullquote.qa.llm.providers import ServedModel
from pullquote.qa.llm.settings import ModelSettings
from pullquote.qa.llm.types import Completion, Deadline, LanguageModel, Request
from pullquote.qa.testing import ScriptedServer

KEY = "sk-live-0123456789abcdef"
REQUEST = Request("Answer from the evidence.", "Who met? [1] The council met.")

Ask = Callable[..., Completion]


@pytest.fixture(scope="session")
def model_at() -> Callable[..., ServedModel]:
    """Return a function that makes the model of a server."""

    def make(server: ScriptedServer, **settings: Any) -> ServedModel:
        values = {"model": "scripted", "base_url": server.base_url, "api_key": KEY} | settings
        return ServedModel(ModelSettings(**values))

    return make


def whole(model: LanguageModel, seconds: float = 10.0, request: Request = REQUEST) -> Completion:
    return model.complete(request, Deadline(seconds))


def streamed(model: LanguageModel, seconds: float = 10.0, request: Request = REQUEST) -> Completion:
    pieces, completion = drained(model.stream(request, Deadline(seconds)))
    assert "".join(pieces) == completion.text
    return completion


def drained(stream: Generator[str, None, Completion]) -> tuple[list[str], Completion]:
    pieces = []
    while True:
        try:
            pieces.append(next(stream))
        except StopIteration as end:
            return pieces, end.value


@pytest.fixture(params=[whole, streamed], ids=["complete", "stream"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Ask a model in one of the two ways."""
    way: Ask = request.param
    return way


@pytest.fixture
def ask_whole() -> Ask:
    return whole


@pytest.fixture
def ask_stream() -> Ask:
    return streamed


@pytest.fixture
def drain() -> Callable[[Generator[str, None, Completion]], tuple[list[str], Completion]]:
    """Return a function that takes a stream to its end: its pieces and what it came to."""
    return drained


@pytest.fixture
def key() -> str:
    """The API key that the models are given."""
    return KEY
