"""What is sent beside the messages, and which of it a server has refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pullquote.qa.llm.settings import Structured
from pullquote.qa.llm.types import Request

_THOUGHT_TOKENS = 2048
"""Reasoning models count their thoughts as output: so much is allowed for them."""
_LENGTHS = ("minLength", "maxLength")


class Options:
    """Knows what one model accepts; learns from refusals."""

    def __init__(self, structured: Structured, reasons: bool = False, lengths: bool = True) -> None:
        """``reasons``: the model thinks before it writes; ``lengths``: the server knows the length of strings in a schema."""
        self._structured, self._reasons, self._lengths = structured, reasons, lengths
        self.refused: frozenset[str] = frozenset()

    @property
    def wants_schema(self) -> bool:
        """Whether a schema would be sent."""
        return self._structured != "text" and "response_format" not in self.refused

    def body(self, request: Request, max_tokens: int, stream: bool, without: frozenset[str] = frozenset()) -> dict[str, Any]:
        """Return the fields of the request body beside model and messages."""
        fields: dict[str, Any] = {"temperature": 1.0 if self._reasons else 0.0}
        if self._reasons:
            fields |= {"max_completion_tokens": max_tokens + _THOUGHT_TOKENS, "reasoning_effort": "low"}
        else:
            fields["max_tokens"] = max_tokens
        if stream:
            fields["stream_options"] = {"include_usage": True}
        if request.schema is not None and self._structured != "text":
            fields["response_format"] = self._response_format(request.schema)
        refused = self.refused | without
        if "max_tokens" in refused and "max_tokens" in fields:
            fields["max_completion_tokens"] = fields["max_tokens"]
        return {name: value for name, value in fields.items() if name not in refused}

    def droppable(self, sent: Mapping[str, Any], named: str | None) -> str | None:
        """Return which of the fields that were sent a refused request should be repeated without; None: repeating is no use.

        ``named`` is the parameter that the server complains of, if it names one.
        """
        name = (named or "").partition(".")[0]
        if name in sent and name not in ("response_format", "max_completion_tokens"):
            return name
        return "response_format" if "response_format" in sent and self._structured == "auto" else None

    def _response_format(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        fitting = schema if self._lengths else without_lengths(schema)
        return {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": fitting}}


def without_lengths(schema: Any, names: bool = False) -> Any:
    """Return a schema without limits on the length of strings, which OpenAI's strict mode does not take.

    ``names``: the keys on this level are names of properties, not words of the schema.
    """
    if isinstance(schema, list):
        return [without_lengths(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept = {key: value for key, value in schema.items() if names or key not in _LENGTHS}
    return {key: without_lengths(value, not names and key in ("properties", "$defs")) for key, value in kept.items()}
