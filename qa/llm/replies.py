"""A chat completion's JSON, whole or in pieces, read as text, finish and token counts; every shape of nonsense is noticed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pullquote.qa.llm.place import ReportedError, Unusable
from pullquote.qa.llm.sse import data_of_events
from pullquote.qa.llm.types import Finish

MAX_CHARS = 65536
"""Most characters of a reply that are read; what follows is cut off and the finish is ``length``."""

FINISHES: Mapping[str, Finish] = {
    "stop": "complete",
    "eos": "complete",
    "eos_token": "complete",
    "end_turn": "complete",
    "stop_sequence": "complete",
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "filtered",
    "safety": "filtered",
}
"""What servers call the end of a reply; any other name, a tool call among them, is ``incomplete``."""

_ANOTHER_MODEL = "use another model"
_ANOTHER_SERVER = "check that OPENAI_BASE_URL is an OpenAI-compatible server's"


@dataclass(slots=True)
class Reply:
    """A reply as far as it has been read."""

    text: str = ""
    finish: Finish | None = None
    ended: bool = False
    """Whether the server said that nothing follows."""
    tells: bool = False
    """Whether it comes from a server that says how a reply ends, if it does."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None

    def outcome(self) -> Finish:
        """Return how it ended.

        Raises:
            Unusable: it holds no text.
        """
        if not self.text.strip():
            raise _without_text(self.finish)
        return self.finish or ("complete" if self.ended else "incomplete")

    def add(self, text: str) -> str:
        """Append text up to the limit; return what was appended."""
        added = text[: MAX_CHARS - len(self.text)]
        self.text += added
        if len(added) < len(text):
            self.finish = "length"
        return added

    def full(self) -> bool:
        """Tell whether no more text is read."""
        return len(self.text) >= MAX_CHARS

    def note(self, value: Mapping[str, Any], choice: Mapping[str, Any]) -> None:
        """Take over how it ended and what it cost."""
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            self.finish = FINISHES.get(reason.lower(), "incomplete")
        usage = value.get("usage")
        if isinstance(usage, Mapping):
            self.prompt_tokens = _count(usage.get("prompt_tokens"), self.prompt_tokens)
            self.completion_tokens = _count(usage.get("completion_tokens"), self.completion_tokens)


def read_body(data: bytes) -> Reply:
    """Return the reply that a JSON body holds; without a finish reason it is complete, as Ollama sends none.

    Raises:
        Unusable: it is no chat completion, or holds no text.
        ReportedError: it is an error.
    """
    value = _parsed(data.decode("utf-8-sig", "replace"))
    choice = _first_choice(value)
    if choice is None:
        raise Unusable("sent a reply without choices", _ANOTHER_SERVER)
    message = choice.get("message")
    if not isinstance(message, Mapping):
        raise Unusable("sent a reply without a message", _ANOTHER_SERVER)
    reply = Reply(ended=True)
    reply.note(value, choice)
    reply.add(_mended(_text(message)))
    if not reply.text.strip() and message.get("refusal"):
        raise Unusable("refused to answer", "ask differently, or use another model")
    reply.outcome()
    return reply


def read_stream(chunks: Iterable[bytes], reply: Reply) -> Iterator[str]:
    """Yield the pieces of text of a stream and collect them in ``reply``, as they come.

    Raises:
        Unusable: something in it is no chat completion.
        ReportedError: the server reports an error.
    """
    held = ""  # half a character, until its other half comes
    for data in data_of_events(chunks):
        if data.strip() == "[DONE]":
            reply.ended = True
            break
        if not data.strip():  # a sign of life
            continue
        value = _parsed(data)
        choice = _first_choice(value) or {}
        reply.note(value, choice)
        delta = choice.get("delta") or choice.get("message")
        text = held + (_text(delta) if isinstance(delta, Mapping) else "")
        held = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        if piece := reply.add(_mended(text[: len(text) - len(held)])):
            yield piece
        if reply.full():
            reply.finish = "length"
            break


def _without_text(finish: Finish | None) -> Unusable:
    if finish == "length":
        return Unusable("used up its tokens before it had said anything", _ANOTHER_MODEL)
    if finish == "filtered":
        return Unusable("withheld its reply (content filter)", "ask differently, or use another model")
    if finish == "incomplete":
        return Unusable("wanted something else than to answer (a tool call)", _ANOTHER_MODEL)
    return Unusable("sent an empty reply", "ask again, or use another model", retryable=finish is None)


def _parsed(text: str) -> Mapping[str, Any]:
    """Return a JSON object that is no error.

    Raises:
        Unusable: it is no JSON object.
        ReportedError: it is an error.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Unusable("sent a reply that is not whole JSON", "try again", retryable=True) from None
    if not isinstance(value, Mapping):
        raise Unusable("sent JSON that is no chat completion", _ANOTHER_SERVER)
    if value.get("error"):
        raise ReportedError(value["error"])
    if value.get("object") == "error":
        raise ReportedError(value)
    return value


def _first_choice(value: Mapping[str, Any]) -> Mapping[str, Any] | None:
    choices = value.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, Mapping) else None


def _text(message: Mapping[str, Any]) -> str:
    """Return the text of a message or a delta; some servers send it as a list of parts."""
    content = message.get("content")
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, Mapping) and part.get("type", "text") == "text"]
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _mended(text: str) -> str:
    """Return text in which halves of characters are joined, and those without the other half replaced."""
    return text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _count(value: Any, default: int | None) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else default
