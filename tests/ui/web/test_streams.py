"""A session hears of a new event only when it has surely read that its stream was closed."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from pullquote.ui.web.streams import EventStreams
from tests.ui.web.serving import completed

SETTLE_S = 0.3
EVENTS = "/gradio_api/queue/data"
JOIN = "/gradio_api/queue/join"


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Give the body back, after a stream that is closed where one was asked for."""
    body = (await receive())["body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == EVENTS:
        await send({"type": "http.response.body", "body": b'data: {"msg":"process_completed"}\n\n', "more_body": True})
        if b"open" not in scope["query_string"]:
            await send({"type": "http.response.body", "body": b'data: {"msg":"close_stream"}\n\n', "more_body": True})
    await send({"type": "http.response.body", "body": body})


async def call(streams: EventStreams, path: str, session: str = "", body: bytes | None = None) -> tuple[float, bytes]:
    """Return the seconds until the answer began, and its body."""
    began, sent, first = time.monotonic(), bytearray(), [0.0]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": json.dumps({"session_hash": session}).encode() if body is None else body}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            first[0] = time.monotonic() - began
        sent.extend(message.get("body", b""))

    await streams(
        {
            "type": "http",
            "method": "GET" if path == EVENTS else "POST",
            "path": path,
            "query_string": f"session_hash={session}".encode(),
        },
        receive,
        send,
    )
    return first[0], bytes(sent)


def test_an_event_just_after_the_close_is_answered_a_moment_later_and_whole() -> None:
    async def go() -> None:
        streams = EventStreams(app, SETTLE_S)
        await call(streams, EVENTS, "mine")
        took, body = await call(streams, JOIN, "mine")
        assert took >= SETTLE_S - 0.05
        assert json.loads(body) == {"session_hash": "mine"}
        assert (await call(streams, JOIN, "mine"))[0] < SETTLE_S / 2, "the moment is over"

    completed(go())


def test_nobody_else_waits() -> None:
    async def go() -> None:
        streams = EventStreams(app, SETTLE_S)
        await call(streams, EVENTS, "mine")
        await call(streams, EVENTS, "open")
        waits = [(JOIN, "other"), (JOIN, "open"), (JOIN, ""), ("/gradio_api/queue/cancel", "mine"), (EVENTS, "mine")]
        assert [place for place in waits if (await call(streams, *place))[0] >= SETTLE_S / 2] == []

    completed(go())


def test_bodies_that_name_no_session_go_through_as_they_are() -> None:
    async def go() -> None:
        streams = EventStreams(app, SETTLE_S)
        await call(streams, EVENTS, "mine")
        for body in (b"", b"{", b"[]", b"7", b"null", b'{"session_hash": ["mine"]}', b"\xff"):
            took, given = await call(streams, JOIN, body=body)
            assert given == body
            assert took < SETTLE_S / 2

    completed(go())


def test_who_opens_no_stream_after_an_event_is_met_as_gone() -> None:
    met: list[tuple[str, bytes, str]] = []

    async def noting(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == EVENTS:
            met.append((scope["method"], scope["query_string"], (await receive())["type"]))
        else:
            await app(scope, receive, send)

    async def go() -> None:
        streams = EventStreams(noting, 0.0, gone_s=0.1)
        for session in ("gone & away", "here", "gone & away"):
            await call(streams, JOIN, session)
        await call(streams, EVENTS, "here")
        met.clear()
        await asyncio.sleep(0.3)
        assert met == [("GET", b"session_hash=gone+%26+away", "http.disconnect")]
        assert not streams._expected

    completed(go())


def test_sessions_are_forgotten() -> None:
    async def go() -> None:
        streams = EventStreams(app, 0.01)
        for number in range(100):
            await call(streams, EVENTS, f"session-{number}")
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.02)
        await call(streams, EVENTS, "last")
        assert list(streams._closed) == ["last"]
        assert not streams._open

    completed(go())
