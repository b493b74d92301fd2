"""The real small model is there and does what it is needed for: schemas, streams, and a limit to its context."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest

QUESTION: list[Any] = [
    {"role": "system", "content": "Answer in JSON."},
    {"role": "user", "content": "[1] The EU called for restraint on Monday.\n\nWho called for restraint?"},
]
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string", "maxLength": 60}, "citation": {"enum": [1, 2, 3]}},
    "required": ["answer", "citation"],
    "additionalProperties": False,
}
FORMAT: Any = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA}}


@pytest.fixture(scope="module")
def client(local_model_url: str) -> Iterator[openai.OpenAI]:
    http = httpx.Client(trust_env=False)
    with openai.OpenAI(base_url=local_model_url, api_key="none", max_retries=0, timeout=120, http_client=http) as made:
        yield made


def test_it_keeps_to_a_json_schema(client: openai.OpenAI) -> None:
    options: Any = {"model": "m", "messages": QUESTION, "temperature": 0, "max_tokens": 80, "response_format": FORMAT}
    reply = client.chat.completions.create(**options)
    value = json.loads(reply.choices[0].message.content or "")
    assert set(value) == {"answer", "citation"}
    assert len(value["answer"]) <= 60
    assert value["citation"] in (1, 2, 3)
    assert reply.choices[0].finish_reason == "stop"
    assert client.chat.completions.create(**options).choices[0].message.content == reply.choices[0].message.content


def test_it_streams_and_says_when_it_was_cut_short(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(model="m", messages=QUESTION, temperature=0, max_tokens=8, stream=True)
    choices = [choice for chunk in stream for choice in chunk.choices]
    assert "".join(choice.delta.content or "" for choice in choices).strip()
    assert choices[-1].finish_reason == "length"


def test_a_prompt_longer_than_its_context_is_refused(client: openai.OpenAI) -> None:
    long: list[Any] = [{"role": "user", "content": "restraint " * 6000}]
    with pytest.raises(openai.BadRequestError, match="exceed_context_size_error"):
        client.chat.completions.create(model="m", messages=long, max_tokens=8)
