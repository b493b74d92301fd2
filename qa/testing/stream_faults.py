"""What goes wrong in the middle of a stream, and streams that are odd but right."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import repeat

from pullquote.qa.testing.replies import (
    DONE,
    EVENTS,
    Body,
    Reply,
    chunk,
    counted,
    event,
    opened,
    piece,
    reply,
    streamed,
    text_body,
    usage_chunk,
    words,
)
from pullquote.qa.testing.wire import Cut, Head, Step, Wait

TEXT = "The council met on Monday – in Ōsaka – and postponed the vote [1]."
"""What is said, as far as anything is; some of its letters are longer than one byte."""


def in_a_stream(play: Callable[[Body], Iterator[Step]], text: str = TEXT) -> Reply:
    """Make a reply of steps that need a stream; other requests get the text as JSON."""
    return Reply("stream", lambda body: play(body) if body.get("stream") else reply(text).play(body))


def begun(body: Body, text: str) -> Iterator[Step]:
    """Begin a stream and send the first half of the text."""
    yield from opened(body)
    parts = words(text)
    for part in parts[: max(1, len(parts) // 2)]:
        yield piece(body, part)


def with_delta(body: Body, delta: Body, finish: str) -> Iterator[Step]:
    """Send a stream of one chunk."""
    yield Head(kind=EVENTS)
    yield event(chunk(body, delta))
    yield event(chunk(body, {}, finish))
    yield DONE


def clean_cut(text: str = TEXT) -> Reply:
    """End in the middle, properly as far as HTTP goes: no finish reason, no ``[DONE]``."""
    return in_a_stream(lambda body: begun(body, text), text)


def dirty_cut(text: str = TEXT, *, reset: bool = True) -> Reply:
    """Cut the connection in the middle, by a reset or by closing it inside the body."""

    def play(body: Body) -> Iterator[Step]:
        yield from begun(body, text)
        yield Wait(0.05)
        yield Cut(reset)

    return in_a_stream(play, text)


def bad_json(text: str = TEXT) -> Reply:
    """Send an event whose data is half a JSON object, then go on."""

    def play(body: Body) -> Iterator[Step]:
        yield from begun(body, text)
        yield b'data: {"id": "chatcmpl-scripted", "choices": [{"delta": {"cont\n\n'
        yield DONE

    return in_a_stream(play, text)


def error_event(text: str = TEXT, message: str = "The server had an error while processing your request.") -> Reply:
    """Send an error as an event in the middle."""

    def play(body: Body) -> Iterator[Step]:
        yield from begun(body, text)
        yield event({"error": {"message": message, "type": "server_error", "code": None}})
        yield DONE

    return in_a_stream(play, text)


def length(text: str = TEXT) -> Reply:
    """Stop at the token limit."""
    return in_a_stream(lambda body: streamed(body, words(text), "length", counted(body, text)), text)


def html(text: str = TEXT) -> Reply:
    """Answer the request for a stream with a page."""
    page = b"<!doctype html><html><body>Please sign in to the network</body></html>"
    return in_a_stream(lambda _: text_body(page, "text/html"), text)


def stall(seconds: float = 30.0, text: str = TEXT) -> Reply:
    """Fall silent in the middle, then end as if nothing had been."""

    def play(body: Body) -> Iterator[Step]:
        yield from begun(body, text)
        yield Wait(seconds)
        yield event(chunk(body, {}, "stop"))
        yield DONE

    return in_a_stream(play, text)


def drip(text: str = TEXT * 10, every_s: float = 0.5) -> Reply:
    """Send a word at a time, each within any limit on a single read."""
    return in_a_stream(lambda body: streamed(body, words(text), "stop", None, every_s), text)


def endless(text: str = "and so on " * 100, pause_s: float = 0.0) -> Reply:
    """Never end; a piece has some 1,000 characters."""

    def play(body: Body) -> Iterator[Step]:
        yield from opened(body)
        for data in repeat(piece(body, text)):
            yield data
            if pause_s:
                yield Wait(pause_s)

    return in_a_stream(play, text)


def odd_sse(text: str = TEXT, *, bom: str = "comment", comments: int = 3, comment_every_s: float = 0.01) -> Reply:
    """Send the whole text in a stream that is right but has every oddity there is.

    A byte order mark (before a ``comment``, before the first ``data`` or ``none``), comments as signs of life, ``event:``
    lines, CRLF, data on several lines, letters split over TCP segments, two events in one piece, no role anywhere, and a
    last chunk that has only the usage, asked for or not.
    """

    def play(body: Body) -> Iterator[Step]:
        parts = words(text)
        parts += [""] * (6 - len(parts))
        mark = b"\xef\xbb\xbf"
        yield Head(kind=EVENTS)
        yield {"comment": mark + b": hello\n\n", "data": mark, "none": b": hello\n\n"}[bom]
        yield piece(body, parts[0])
        for _ in range(comments):
            yield Wait(comment_every_s)
            yield b": OPENROUTER PROCESSING\n\n"
        yield b"event: message\n" + piece(body, parts[1])
        yield piece(body, parts[2]).replace(b"\n", b"\r\n")
        yield on_several_lines(chunk(body, {"content": parts[3]}))
        yield from torn(piece(body, "".join(parts[4:-1])))
        yield piece(body, parts[-1]) + event(chunk(body, {}, "stop"))
        yield event(usage_chunk(body, counted(body, text)))
        yield DONE

    return in_a_stream(play, text)


def on_several_lines(value: Body) -> bytes:
    """Return an event whose JSON has one ``data:`` line for each of its lines."""
    lines = json.dumps(value, ensure_ascii=False, indent=1).split("\n")
    return "".join(f"data: {line}\n" for line in lines).encode() + b"\n"


def torn(data: bytes) -> Iterator[Step]:
    """Send an event in two segments, cut inside a letter of several bytes where there is one."""
    at = next((at for at, byte in enumerate(data) if byte >= 0xC0), len(data) // 2) + 1
    yield data[:at]
    yield Wait(0.02)
    yield data[at:]


PLAYS: dict[str, Callable[..., Reply]] = {
    "stream_clean_cut": clean_cut,
    "stream_dirty_cut": dirty_cut,
    "stream_bad_json": bad_json,
    "stream_error_event": error_event,
    "stream_length": length,
    "stream_html": html,
    "stream_stall": stall,
    "stream_drip": drip,
    "stream_endless": endless,
    "stream_odd_sse": odd_sse,
}
