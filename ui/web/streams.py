"""Between Gradio and its clients: each session hears of its events in one stream, and two things can go wrong around it.

Gradio closes the stream when no events are left. A client that hears of a new event before it has read that close takes the
stream for open, and waits for ever; so the answer to a new event waits for a moment where a close may be on its way. And
Gradio notices by the stream that a client has gone; one that goes before it has opened it is reported here.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from pullquote.ui.web.log import note

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SETTLE_S = 0.25
"""So long after its stream was closed a session is told of no new event."""
GONE_S = 5.0
"""Who has an event and opens no stream for so long has gone."""
_STREAM, _JOIN = "/gradio_api/queue/data", "/gradio_api/queue/join"
_CLOSE = b'"close_stream"'


class EventStreams:
    """An ASGI application around Gradio's."""

    def __init__(self, app: ASGIApp, settle_s: float = SETTLE_S, gone_s: float = GONE_S) -> None:
        """Pass everything on to an application."""
        self._app, self._settle_s, self._gone_s = app, settle_s, gone_s
        self._closed: dict[str, float] = {}
        """When a session's stream was closed, the oldest first."""
        self._open: Counter[str] = Counter()
        """How many streams a session has open."""
        self._expected: dict[str, asyncio.Task[None]] = {}
        """What waits for a session to open its stream."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        path = scope.get("path")
        if path == _STREAM:
            await self._stream(scope, receive, send)
        elif path == _JOIN:
            await self._join(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[0]

        async def watched(message: Message) -> None:
            if _CLOSE in message.get("body", b""):
                self._forget()
                self._closed.pop(session, None)
                self._closed[session] = asyncio.get_running_loop().time()
            await send(message)

        if (expecting := self._expected.pop(session, None)) is not None:
            expecting.cancel()
        self._open[session] += 1
        try:
            await self._app(scope, receive, watched)
        finally:
            self._open -= Counter([session])  # forgets those that have none

    async def _join(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, session = bytearray(), ""

        async def read() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        async def settled(message: Message) -> None:
            nonlocal session
            if message["type"] == "http.response.start":
                session = _session_in(bytes(body)) if message["status"] == 200 else ""
                await asyncio.sleep(self._left_s(session))
            await send(message)

        try:
            await self._app(scope, read, settled)
        finally:
            if session and not self._open[session] and session not in self._expected:
                self._expected[session] = asyncio.create_task(self._expect(scope, session))

    async def _expect(self, scope: Scope, session: str) -> None:
        """Have Gradio meet a client that has gone, unless the session opens its stream."""
        await asyncio.sleep(self._gone_s)
        del self._expected[session]
        note("a reader went before the answer began")
        query = urlencode({"session_hash": session}).encode()
        with suppress(Exception):
            await self._app({**scope, "method": "GET", "path": _STREAM, "query_string": query}, _gone, _unheard)

    def _left_s(self, session: str) -> float:
        now = asyncio.get_running_loop().time()
        return max(0.0, self._closed.get(session, now - self._settle_s) + self._settle_s - now)

    def _forget(self) -> None:
        long_ago = asyncio.get_running_loop().time() - self._settle_s
        while self._closed and next(iter(self._closed.values())) < long_ago:
            del self._closed[next(iter(self._closed))]


async def _gone() -> Message:
    return {"type": "http.disconnect"}


async def _unheard(_: Message) -> None:
    return


def _session_in(body: bytes) -> str:
    with suppress(ValueError, TypeError, KeyError):
        return str(json.loads(body)["session_hash"])
    return ""
