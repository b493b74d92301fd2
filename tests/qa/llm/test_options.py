"""What is sent beside the messages."""

from __future__ import annotations

import pytest

from pullquote.qa.llm.options import Options, without_lengths
from pullquote.qa.llm.types import Request

SCHEMA = {
    "type": "object",
    "properties": {
        "maxLength": {"type": "string", "maxLength": 5},
        "list": {"type": "array", "items": {"type": "string", "minLength": 1}},
    },
    "required": ["maxLength", "list"],
}
PLAIN, JSON = Request("s", "u"), Request("s", "u", SCHEMA)


def test_a_plain_request_is_cold_and_bounded() -> None:
    assert Options("auto").body(PLAIN, 500, stream=False) == {"temperature": 0.0, "max_tokens": 500}


def test_a_stream_is_asked_for_its_costs() -> None:
    assert Options("auto").body(PLAIN, 500, stream=True)["stream_options"] == {"include_usage": True}


def test_a_reasoning_model_gets_room_to_think_and_its_own_words() -> None:
    sent = Options("auto", reasons=True).body(PLAIN, 500, stream=False)
    assert "max_tokens" not in sent
    assert sent["max_completion_tokens"] > 1000
    assert (sent["temperature"], sent["reasoning_effort"]) == (1.0, "low")


def test_a_schema_is_strict_and_sent_unless_text_is_wanted() -> None:
    sent = Options("auto").body(JSON, 500, stream=False)["response_format"]
    assert sent == {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": SCHEMA}}
    assert "response_format" not in Options("text").body(JSON, 500, stream=False)
    assert [Options(way).wants_schema for way in ("auto", "json", "text")] == [True, True, False]  # type: ignore[arg-type]


def test_lengths_are_taken_out_of_a_schema_but_not_properties_of_that_name() -> None:
    assert without_lengths(SCHEMA) == {
        "type": "object",
        "properties": {"maxLength": {"type": "string"}, "list": {"type": "array", "items": {"type": "string"}}},
        "required": ["maxLength", "list"],
    }


@pytest.mark.parametrize(
    ("structured", "request_", "named", "dropped"),
    [
        ("auto", JSON, None, "response_format"),
        ("auto", JSON, "response_format.json_schema.strict", "response_format"),
        ("auto", JSON, "temperature", "temperature"),
        ("auto", PLAIN, "max_tokens", "max_tokens"),
        ("auto", PLAIN, "messages", None),
        ("auto", PLAIN, None, None),
        ("json", JSON, None, None),
        ("json", JSON, "response_format", None),
        ("text", JSON, None, None),
    ],
)
def test_what_a_server_refuses_is_left_out(structured: str, request_: Request, named: str | None, dropped: str | None) -> None:
    options = Options(structured)  # type: ignore[arg-type]
    assert options.droppable(options.body(request_, 500, stream=False), named) == dropped


def test_what_was_refused_is_not_sent_again() -> None:
    options = Options("auto")
    assert "temperature" not in options.body(PLAIN, 500, stream=False, without=frozenset({"temperature"}))
    options.refused |= {"response_format", "max_tokens"}
    assert options.body(JSON, 500, stream=False) == {"temperature": 0.0, "max_completion_tokens": 500}
    assert not options.wants_schema
