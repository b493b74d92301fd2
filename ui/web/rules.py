"""What a request may look like: to whom, from where, for what, and how large. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

KIB, MIB = 2**10, 2**20
MAX_TARGET_BYTES = 8 * KIB
MAX_HEADER_BYTES = 32 * KIB
MAX_BODY_BYTES = 256 * KIB
MAX_EVENT_BYTES = 6 * MIB
"""Events of the page bring the articles that a reader adds."""
_NO_ROUTE = "there is nothing here"
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not let through."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """All of a request but its body."""

    method: str
    path: str
    """With escapes undone."""
    headers: tuple[tuple[str, str], ...]
    target_bytes: int
    address: str
    """Of the machine at the other end; what a request says about that is not believed."""

    @classmethod
    def of(cls, scope: Any) -> Head:
        """Read an ASGI scope."""
        headers = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"])
        target = len(scope.get("raw_path") or scope["path"].encode()) + len(scope.get("query_string", b""))
        return cls(scope["method"], scope["path"], headers, target, (scope.get("client") or ("",))[0])

    def one(self, name: str) -> str | None:
        """Return a header that is there once; an empty text where it is there more often."""
        values = [value for key, value in self.headers if key == name]
        return values[0] if len(values) == 1 else ("" if values else None)


@dataclass(frozen=True, slots=True)
class Route:
    """Something that may be asked for."""

    path: re.Pattern[str]
    methods: tuple[str, ...]
    body_bytes: int = MAX_BODY_BYTES
    streams: bool = False
    """Whether answers to questions come back on it."""


_SEGMENT = r"[A-Za-z0-9_-]{1,128}"
_FILES = r"(?:[A-Za-z0-9_@+~-][A-Za-z0-9_.@+~-]*/)*[A-Za-z0-9_@+~-][A-Za-z0-9_.@+~-]*"


def _reads(path: str, streams: bool = False) -> Route:
    return Route(re.compile(path), ("GET", "HEAD"), streams=streams)


def _posts(path: str, body_bytes: int = MAX_BODY_BYTES, streams: bool = False) -> Route:
    return Route(re.compile(path), ("POST",), body_bytes, streams)


# What the page and gradio_client ask for, and no more: Gradio's routes for files, uploads, proxies and components are left out.
ROUTES = (
    _reads(r"/"),
    _reads(r"/config"),
    _reads(r"/(?:theme\.css|favicon\.ico)"),
    _reads(rf"/(?:assets|static)/{_FILES}"),
    _reads(r"/reports/[^/\\\0]{1,255}"),
    _reads(r"/gradio_api/info"),
    _reads(r"/gradio_api/app_id"),
    _reads(r"/gradio_api/startup-events"),
    _reads(rf"/gradio_api/heartbeat/{_SEGMENT}"),
    _reads(r"/gradio_api/queue/data", streams=True),
    _reads(rf"/gradio_api/call/ask/{_SEGMENT}", streams=True),
    _posts(r"/gradio_api/queue/join", MAX_EVENT_BYTES),
    _posts(r"/gradio_api/cancel"),
    _posts(r"/gradio_api/reset"),
    _posts(r"/gradio_api/call/ask"),
)
MCP = _posts(r"/gradio_api/mcp/?", streams=True)


@dataclass(frozen=True, slots=True)
class Rules:
    """What is let through here."""

    hosts: frozenset[str]
    """Names, in small letters, under which this server may be called."""
    routes: tuple[Route, ...] = ROUTES

    @classmethod
    def of(cls, names: Iterable[str], mcp: bool = False) -> Rules:
        """Allow the names of this machine for itself, and others."""
        return cls(frozenset({*_LOOPBACK, *map(host_name, names)}), (*ROUTES, MCP) if mcp else ROUTES)

    def refusal(self, head: Head) -> Refusal | None:
        """Return why a request goes no further, whoever makes it."""
        if head.target_bytes > MAX_TARGET_BYTES:
            return Refusal(414, "the address is too long")
        if sum(len(name) + len(value) for name, value in head.headers) > MAX_HEADER_BYTES:
            return Refusal(431, "the headers are too large")
        name = host_name(head.one("host") or "")
        if name not in self.hosts:
            return Refusal(400, "this server is not known by that name: start pullquote ui with --allow-host NAME to use another")
        return _foreign(head)

    def route(self, head: Head) -> Route | Refusal:
        """Return what is asked for, or why it is not to be had."""
        found = [route for route in self.routes if route.path.fullmatch(head.path)]
        if not found or ".." in head.path:
            return Refusal(404, _NO_ROUTE)
        if head.method not in found[0].methods:
            return Refusal(405, "not with this method", (("allow", ", ".join(found[0].methods)),))
        length = head.one("content-length")
        if length and (not length.isdecimal() or int(length[:20]) > found[0].body_bytes):
            return Refusal(413, f"more than {found[0].body_bytes // KIB:,} KiB")
        return found[0]


def host_name(host: str) -> str:
    """Return a ``Host`` without its port, in small letters; empty where it is none."""
    found = re.fullmatch(r"(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9_.-]{1,253})(?::[0-9]{1,5})?", host.strip())
    return found[1].lower() if found else ""


def _foreign(head: Head) -> Refusal | None:
    """Refuse what another site's page asks for; a link from there to this page is followed."""
    origin = head.one("origin")
    if origin is not None and _place(origin) != _place(f"http://{head.one('host')}", origin):
        return Refusal(403, "asked for by another site")
    site, mode = head.one("sec-fetch-site"), head.one("sec-fetch-mode")
    if site not in (None, "same-origin", "none") and not (mode == "navigate" and head.method == "GET"):
        return Refusal(403, "asked for by another site")
    return None


def _place(address: str, like: str = "") -> tuple[str, int] | None:
    """Return host and port; a port that is not named is that of the scheme, which ``like`` may lend."""
    try:
        parts = urlsplit(address)
        port = parts.port or {"http": 80, "https": 443}.get(urlsplit(like or address).scheme)
    except ValueError:
        return None
    return None if not parts.hostname or port is None else (parts.hostname.lower(), port)
