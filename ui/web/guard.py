"""What stands in front of the page: nothing that the rules do not allow gets to Gradio, and every answer says what it may do."""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pullquote.ui.web.auth import Doorkeeper
from pullquote.ui.web.bodies import Incoming, body_refusal
from pullquote.ui.web.log import note
from pullquote.ui.web.rules import KIB, MCP, Head, Refusal, Route, Rules

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Gradio's page starts from inline scripts and compiles templates; handlers in markup, which it has none of, stay forbidden.
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "script-src-attr 'none'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "frame-src 'self'",
        "frame-ancestors 'self'",
        "form-action 'none'",
        "base-uri 'self'",
        "object-src 'none'",
    )
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_OWN, _READER = "x-pullquote-own", "x-pullquote-reader"
_NOT_BELIEVED = ("x-forwarded-", "x-gradio-server", "forwarded", "x-real-ip", _OWN, _READER)
_STARTING = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="1">'
    '<meta name="color-scheme" content="light dark"><title>pullquote</title></head>'
    "<body><p>pullquote is starting …</p></body></html>"
)


@dataclass(slots=True)
class _Reply:
    """What became of the answer to one request."""

    send: Send
    path: str
    status: int = 0
    done: bool = False

    async def __call__(self, message: Message) -> None:
        """Send a part of it."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": _dressed(message.get("headers", ()), self.path)}
        elif message["type"] == "http.response.body":
            self.done = not message.get("more_body", False)
        await self.send(message)

    async def whole(self, status: int, text: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        """Send all of it."""
        kind = "text/html" if text.startswith("<") else "application/json" if text.startswith("{") else "text/plain"
        body = text.encode()
        known = (("content-type", f"{kind}; charset=utf-8"), ("content-length", str(len(body))), *headers)
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in known]
        await self({"type": "http.response.start", "status": status, "headers": raw})
        await self({"type": "http.response.body", "body": body})


class Guard:
    """An ASGI application around another; it holds whole requests, never answers."""

    def __init__(self, rules: Rules, ready: Callable[[], str | None], door: Doorkeeper | None = None) -> None:
        """Refuse what breaks the rules; ``ready`` says why no questions should be sent here, if so."""
        self._rules, self._ready, self._door = rules, ready, door
        self._app: ASGIApp | None = None
        self._own = secrets.token_urlsafe(32)
        self._tasks: dict[asyncio.Task[Any], Route] = {}
        self._closing = False

    def open(self, app: ASGIApp) -> None:
        """Let requests through to an application."""
        self._app = app

    @property
    def own_headers(self) -> dict[str, str]:
        """Headers by which this process calls itself: Gradio puts what MCP asks through its own door."""
        return {_OWN: self._own}

    @property
    def streams(self) -> int:
        """Requests in flight on which answers to questions come back."""
        return sum(route.streams for route in self._tasks.values())

    def hang_up(self) -> None:
        """End all requests in flight."""
        self._closing = True
        for task in self._tasks:
            task.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let it through."""
        if scope["type"] != "http":  # nothing here speaks over WebSockets, which close when nobody accepts them
            return
        head, reply = Head.of(scope), _Reply(send, scope["path"])
        incoming = Incoming(head, receive)
        found = await self._answered(head, incoming, reply)
        if isinstance(found, Refusal):
            note("refused", status=found.status, reason=found.reason, request=f"{head.method} {head.path}"[:200], by=head.address)
            await incoming.discard()
            await reply.whole(found.status, found.reason, found.headers)
        elif found is not None:
            seen = {**scope, "headers": _believed(head, found), "client": (self._reader(head), 0)}
            await self._pass(found, (seen, incoming, reply))

    async def _answered(self, head: Head, incoming: Incoming, reply: _Reply) -> Route | Refusal | None:
        """Return where a request may go, or why nowhere; None where it was answered here."""
        if head.path in ("/healthz", "/readyz") and head.method in ("GET", "HEAD"):
            reason = self._ready() if head.path == "/readyz" else None
            await reply.whole(503 if reason else 200, json.dumps({"status": reason or "ok"}))
            return None
        refusal = self._rules.refusal(head)
        if refusal is None and self._door is not None and not self._is_own(head):
            if head.path.rstrip("/") == "/login" and head.method == "POST":
                return await _signed_in(self._door, head, incoming, reply)
            refusal = self._door.refusal(head)
        route = refusal or self._rules.route(head)
        if isinstance(route, Refusal):
            return route
        if self._app is None:
            text = _STARTING if head.path == "/" else "pullquote is starting"
            await reply.whole(503, text, (("retry-after", "1"),))
            return None
        if head.method != "POST":
            return route
        body = await incoming.read(route.body_bytes)
        return body if isinstance(body, Refusal) else body_refusal(body) or route

    def _is_own(self, head: Head) -> bool:
        return hmac.compare_digest((head.one(_OWN) or "").encode("latin-1"), self._own.encode())

    def _reader(self, head: Head) -> str:
        """Return the address of who asks in the end."""
        return (head.one(_READER) if self._is_own(head) else None) or head.address

    async def _pass(self, route: Route, call: tuple[Scope, Receive, _Reply]) -> None:
        task, reply = asyncio.current_task(), call[2]
        assert task is not None
        assert self._app is not None
        self._tasks[task] = route
        try:
            await self._app(*call)
        except asyncio.CancelledError:
            if not self._closing:
                raise
            if not reply.status:
                await reply.whole(503, "pullquote is stopping", (("retry-after", "1"),))
            elif not reply.done:
                await reply({"type": "http.response.body", "body": b""})
        finally:
            del self._tasks[task]


async def _signed_in(door: Doorkeeper, head: Head, incoming: Incoming, reply: _Reply) -> Refusal | None:
    form = await incoming.read(KIB)
    found = form if isinstance(form, Refusal) else door.signed_in(head, form)
    if isinstance(found, Refusal):
        return found
    await reply.whole(200, '{"success": true}', (("set-cookie", found),))
    return None


def _believed(head: Head, route: Route) -> list[tuple[bytes, bytes]]:
    """Return a request's headers without those by which it could pass for another; TLS may end before this server."""
    kept = [(n, v) for n, v in head.headers if not n.startswith(_NOT_BELIEVED) or (n, v) == ("x-forwarded-proto", "https")]
    own = [(_READER, head.address)] if route is MCP else []
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in (*kept, *own)]


def _dressed(headers: Iterable[tuple[bytes, bytes]], path: str) -> list[tuple[bytes, bytes]]:
    """Return an answer's headers with ours, and with none that lets other sites read it."""
    ours = {name.encode(): value.encode() for name, value in _HEADERS.items()}
    own = [(n, v) for n, v in headers if n.lower() not in ours and not n.lower().startswith(b"access-control-")]
    if not path.startswith(("/assets/", "/static/")) and not any(name.lower() == b"cache-control" for name, _ in own):
        own.append((b"cache-control", b"no-store"))
    return [*own, *ours.items()]
