"""A real client for scripted servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import openai
import pytest

Connect = Callable[[str], openai.OpenAI]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Makes plain openai clients for a base URL: no retries, no proxy."""
    with ExitStack() as stack:

        def made(base_url: str) -> openai.OpenAI:
            http = httpx.Client(trust_env=False)
            client = openai.OpenAI(base_url=base_url, api_key="sk-scripted", max_retries=0, timeout=20, http_client=http)
            return stack.enter_context(client)

        yield made
