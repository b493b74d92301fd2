"""Replies in the shapes that OpenAI-compatible servers give them: one JSON body, or server-sent events."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pullquote.qa.testing.wire import Head, Step, Wait

Body = Mapping[str, Any]
"""The JSON body of a request or of a reply."""

DONE = b"data: [DONE]\n\n"
EVENTS = "text/event-stream; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """Something a server can do with a request."""

    name: str
    play: Callable[[Body], Iterator[Step]]
    """Called with the body of the request."""


def reply(
    text: str | None,
    finish: str | None = "stop",
    *,
    prompt_tokens: int | None = None,
    completion_tokens: int | None = None,
    delay_s: float = 0.0,
) -> Reply:
    """Answer with a text, as JSON or as a stream, whichever the request asks for.

    ``finish`` is sent as the ``finish_reason``; tokens that are not given are a quarter of the characters.
    """

    def play(body: Body) -> Iterator[Step]:
        usage = counted(body, text or "", prompt_tokens, completion_tokens)
        if delay_s:
            yield Wait(delay_s)
        if body.get("stream"):
            yield from streamed(body, words(text) if text else [text], finish, usage)
        else:
            yield from whole(completion(body, text, finish, usage))

    return Reply("reply", play)


def chunked(text: str, n: int = 8, *, pause_s: float = 0.01, finish: str | None = "stop") -> Reply:
    """Answer with a stream of ``n`` pieces with a pause after each; with one JSON body where no stream was asked for."""

    def play(body: Body) -> Iterator[Step]:
        usage = counted(body, text)
        if body.get("stream"):
            yield from streamed(body, pieces(text, n), finish, usage, pause_s)
        else:
            yield from whole(completion(body, text, finish, usage))

    return Reply("chunked", play)


# -- one JSON body --------------------------------------------------------------------------------


def completion(body: Body, text: str | None, finish: str | None, usage: Body, **message: Any) -> dict[str, Any]:
    """Return a ``chat.completion``; ``message`` adds to its message."""
    said = {"role": "assistant", "content": text, **message}
    return {
        "id": "chatcmpl-scripted",
        "object": "chat.completion",
        "created": 0,
        "model": body.get("model", "scripted"),
        "choices": [{"index": 0, "message": said, "finish_reason": finish}],
        "usage": usage,
    }


def whole(value: Body, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Iterator[Step]:
    """Send a JSON body."""
    data = json.dumps(value, ensure_ascii=False).encode()
    yield Head(status, length=len(data), headers=headers)
    yield data


def text_body(data: bytes, kind: str, status: int = 200) -> Iterator[Step]:
    """Send a body of any kind."""
    yield Head(status, kind, len(data))
    yield data


def counted(body: Body, text: str, prompt: int | None = None, written: int | None = None) -> dict[str, int]:
    """Return the usage: the tokens given, or a quarter of the characters."""
    if prompt is None:
        prompt = sum(len(str(message.get("content"))) for message in body.get("messages", ())) // 4 + 1
    if written is None:
        written = len(text) // 4 + 1
    return {"prompt_tokens": prompt, "completion_tokens": written, "total_tokens": prompt + written}


# -- a stream -------------------------------------------------------------------------------------


def streamed(
    body: Body, parts: Sequence[str | None], finish: str | None, usage: Body | None, pause_s: float = 0.0
) -> Iterator[Step]:
    """Send a whole stream: a role, the parts, the finish, the usage where it was asked for, and the end."""
    yield from opened(body)
    for part in parts:
        yield piece(body, part)
        if pause_s:
            yield Wait(pause_s)
    yield event(chunk(body, {}, finish))
    if usage and (body.get("stream_options") or {}).get("include_usage"):
        yield event(usage_chunk(body, usage))
    yield DONE


def opened(body: Body) -> Iterator[Step]:
    """Begin a stream as OpenAI does: with the role and an empty text."""
    yield Head(kind=EVENTS)
    yield event(chunk(body, {"role": "assistant", "content": ""}))


def piece(body: Body, text: str | None) -> bytes:
    """Return the event that carries a part of the text."""
    return event(chunk(body, {"content": text}))


def chunk(body: Body, delta: Body, finish: str | None = None) -> dict[str, Any]:
    """Return a ``chat.completion.chunk``."""
    return {
        "id": "chatcmpl-scripted",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": body.get("model", "scripted"),
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


def usage_chunk(body: Body, usage: Body) -> dict[str, Any]:
    """Return the chunk after the last one: no choices, only the usage."""
    return {**chunk(body, {}), "choices": [], "usage": usage}


def event(value: Body) -> bytes:
    """Return a server-sent event."""
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n".encode()


def pieces(text: str, n: int) -> list[str]:
    """Cut a text into at most ``n`` parts of about the same length."""
    size = max(1, -(-len(text) // max(1, n)))
    return [text[start : start + size] for start in range(0, len(text), size)]


def words(text: str) -> list[str]:
    """Cut a text after every space, which is about where tokens end."""
    parts = text.split(" ")
    return [f"{part} " for part in parts[:-1]] + [parts[-1]]
