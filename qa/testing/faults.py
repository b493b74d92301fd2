"""Everything that goes wrong between a client and a language model's server, by name."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from functools import partial
from typing import Any

from pullquote.qa.testing import stream_faults
from pullquote.qa.testing.replies import EVENTS, Body, Reply, chunk, completion, counted, reply, streamed, text_body, whole
from pullquote.qa.testing.stream_faults import TEXT
from pullquote.qa.testing.wire import Head, Step

PAGE = b"<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>"
RATE = "Rate limit reached for requests. Please slow down."
QUOTA = "You exceeded your current quota, please check your plan and billing details."
TOO_LONG = "This model's maximum context length is 4096 tokens. However, your messages resulted in 5000 tokens."


def fault(name: str, **options: Any) -> Reply:
    """Return a reply that goes wrong; the options are those of the function that plays it.

    Raises:
        KeyError: ``FAULTS`` has no such name.
    """
    return Reply(name, _PLAYS[name](**options).play)


# -- refusals -------------------------------------------------------------------------------------


def refusal(
    status: int, kind: str, code: str | None, message: str, *, retry_after: float | str | None = None, as_date: bool = False
) -> Reply:
    """Answer with an error in OpenAI's shape; ``retry_after`` is sent as it is, or as a date so many seconds from now."""

    def play(_: Body) -> Iterator[Step]:
        error = {"error": {"message": message, "type": kind, "param": None, "code": code}}
        value = formatdate(time.time() + float(retry_after or 0), usegmt=True) if as_date else str(retry_after)
        yield from whole(error, status, () if retry_after is None else (("Retry-After", value),))

    return Reply(str(status), play)


def _retry_after(seconds: float | str = 2, *, as_date: bool = False) -> Reply:
    return refusal(429, "requests", "rate_limit_exceeded", RATE, retry_after=seconds, as_date=as_date)


def wrong_key(message: str = "Incorrect API key provided: {key}. You can find your API key in your account.") -> Reply:
    """Answer 401 and repeat the key, as gateways do."""

    def play(body: Body) -> Iterator[Step]:
        said = message.format(key=body.get(KEY, ""))
        yield from refusal(401, "invalid_request_error", "invalid_api_key", said).play(body)

    return Reply("401", play)


KEY = "\0key"
"""Under this name the server adds the key that was sent to the body that a reply sees."""


def too_long(style: str = "openai") -> Reply:
    """Answer 400 because the prompt is longer than the context, in the words of a server: openai, llama.cpp or vllm."""
    openai = {"message": TOO_LONG, "type": "invalid_request_error", "param": "messages", "code": "context_length_exceeded"}
    sizes = {"n_prompt_tokens": 5000, "n_ctx": 4096}
    llama = "request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it"
    bodies: dict[str, Body] = {
        "openai": {"error": openai},
        "llama.cpp": {"error": {"code": 400, "message": llama, "type": "exceed_context_size_error", **sizes}},
        "vllm": {"object": "error", "message": TOO_LONG, "type": "BadRequestError", "param": None, "code": 400},
    }
    value = bodies[style]
    return Reply("context_length_exceeded", lambda _: whole(value, 400))


# -- replies with status 200 that are none --------------------------------------------------------


def changed(change: Callable[[dict[str, Any]], Body], text: str = TEXT) -> Reply:
    """Answer with a completion after a change to its JSON, whether a stream was asked for or not."""
    return Reply("changed", lambda body: whole(change(completion(body, text, "stop", counted(body, text)))))


def _error_in_200(message: str = "Provider returned error") -> Reply:
    return Reply("error_in_200", lambda _: whole({"error": {"message": message, "code": 502, "metadata": {}}}))


def cut_json(text: str = TEXT) -> Reply:
    """Answer with the first half of a JSON body, as if that were all."""

    def play(body: Body) -> Iterator[Step]:
        data = json.dumps(completion(body, text, "stop", counted(body, text))).encode()
        yield from text_body(data[: len(data) // 2], "application/json")

    return Reply("cut_json", play)


def tool_calls() -> Reply:
    """Answer with a call of a tool that was never offered."""
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "search", "arguments": "{}"}}

    def play(body: Body) -> Iterator[Step]:
        if body.get("stream"):
            yield from stream_faults.with_delta(body, {"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls")
        else:
            yield from whole(completion(body, None, "tool_calls", counted(body, ""), tool_calls=[call]))

    return Reply("tool_calls", play)


def huge(megabytes: int = 50, piece_bytes: int = 65536) -> Reply:
    """Answer with a text of so many megabytes, never held in memory as a whole."""

    def play(body: Body) -> Iterator[Step]:
        in_stream, mark = bool(body.get("stream")), "<here>"
        value = chunk(body, {"content": mark}) if in_stream else completion(body, mark, "stop", counted(body, ""))
        before, after = json.dumps(value).split(mark)
        yield Head(kind=EVENTS if in_stream else "application/json")
        yield ("data: " if in_stream else "").encode() + before.encode()
        for _ in range(megabytes * 2**20 // piece_bytes):
            yield b"x" * piece_bytes
        yield after.encode() + (b"\n\n" if in_stream else b"")

    return Reply("huge_body", play)


def silence(seconds: float = 30.0, text: str = TEXT) -> Reply:
    """Say nothing for a while, then answer."""
    return reply(text, delay_s=seconds)


def null_finish(text: str = TEXT) -> Reply:
    """Answer in full but never say why it ended, as Ollama does: null in the body, null in every chunk before ``[DONE]``."""

    def play(body: Body) -> Iterator[Step]:
        if body.get("stream"):
            yield from streamed(body, [text], None, None)
        else:
            yield from whole(completion(body, text, None, counted(body, text)))

    return Reply("null_finish", play)


def _finished(finish: str, text: str | None = TEXT) -> Reply:
    return reply(text, finish)


def _empty(text: str | None, finish: str = "stop") -> Reply:
    return reply(text, finish)


_PLAYS: dict[str, Callable[..., Reply]] = {
    "429": partial(refusal, 429, "requests", "rate_limit_exceeded", RATE),
    "429_retry_after": _retry_after,
    "insufficient_quota": partial(refusal, 429, "insufficient_quota", "insufficient_quota", QUOTA),
    "500": partial(refusal, 500, "server_error", None, "The server had an error while processing your request."),
    "503": partial(refusal, 503, "server_error", None, "The engine is currently overloaded, please try again later."),
    "401": wrong_key,
    "403": partial(refusal, 403, "permission_error", "unsupported_country", "Country, region, or territory not supported."),
    "404": partial(refusal, 404, "invalid_request_error", "model_not_found", "The model does not exist or you have no access."),
    "400": partial(refusal, 400, "invalid_request_error", None, "Unsupported value: 'temperature'."),
    "422": partial(refusal, 422, "invalid_request_error", None, "Input should be a valid integer."),
    "context_length_exceeded": too_long,
    "html": lambda: Reply("html", lambda _: text_body(PAGE, "text/html; charset=utf-8")),
    "cut_json": cut_json,
    "no_choices": partial(changed, lambda value: {**value, "choices": []}),
    "null_content": partial(_empty, None),
    "empty": partial(_empty, ""),
    "length": partial(_finished, "length"),
    "content_filter": partial(_finished, "content_filter"),
    "tool_calls": tool_calls,
    "error_in_200": _error_in_200,
    "silence": silence,
    "huge_body": huge,
    "null_finish": null_finish,
    **stream_faults.PLAYS,
}

FAULTS: tuple[str, ...] = tuple(_PLAYS)
"""The names of all faults; those that begin with ``stream_`` befall streams only, other requests get the text as JSON."""
