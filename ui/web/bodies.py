"""The body of a request: read whole, as far as it may go, before anybody else sees a byte of it."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from pullquote.ui.web.rules import KIB, Head, Refusal

if TYPE_CHECKING:
    from starlette.types import Message, Receive

MAX_DEPTH = 64
MAX_VALUES = 50_000
_TOO_MANY = Refusal(413, f"more than {MAX_VALUES:,} values")
_READ_S = 30.0
_DISCARD_S = 0.7


class Incoming:
    """A request's body, and after it what else there is to receive: that the other end has gone."""

    def __init__(self, head: Head, receive: Receive) -> None:
        """Begin where nothing was received yet."""
        self._receive = receive
        self._complete = not head.one("content-length") and head.one("transfer-encoding") is None
        self._waits = head.one("expect") is not None
        self._kept: bytes | None = None

    async def read(self, most_bytes: int) -> bytes | Refusal:
        """Return the whole body, or why it is not read."""
        parts: list[bytes] = []
        held = 0
        try:
            async with asyncio.timeout(_READ_S):
                while not self._complete:
                    parts.append(await self._next())
                    if (held := held + len(parts[-1])) > most_bytes:
                        return Refusal(413, f"more than {most_bytes // KIB:,} KiB")
        except TimeoutError:
            return Refusal(408, "the request took too long to come")
        self._kept = b"".join(parts)
        return self._kept

    async def discard(self) -> None:
        """Let in what is still on its way, for a moment: who is not done sending might not read the answer."""
        if self._waits:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(_DISCARD_S):
                while not self._complete:
                    await self._next()

    async def __call__(self) -> Message:
        """Give the body that was read, once; be what an ASGI application receives from."""
        if self._kept is None:
            return await self._receive()
        body, self._kept = self._kept, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def _next(self) -> bytes:
        message = await self._receive()
        self._complete = message["type"] != "http.request" or not message.get("more_body", False)
        return bytes(message.get("body", b""))


def body_refusal(body: bytes) -> Refusal | None:
    """Return why a JSON body is not read: nested deeper, or of more values, than anything that the page sends."""
    if body.count(b'"') - body.count(b'\\"') > 4 * MAX_VALUES:  # each of them costs time below
        return _TOO_MANY
    marks = re.sub(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', b"", body, flags=re.DOTALL)
    if sum(map(marks.count, (b",", b":", b"[", b"{"))) > 2 * MAX_VALUES:
        return _TOO_MANY
    depth = 0
    for mark in re.finditer(rb"[\[\]{}]", marks):
        depth += 1 if mark[0] in b"[{" else -1
        if depth > MAX_DEPTH:
            return Refusal(422, f"nested more than {MAX_DEPTH} deep")
    return None
