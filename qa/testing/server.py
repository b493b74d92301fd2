"""An OpenAI-compatible server on loopback that plays a script."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any

from pullquote.qa.testing.faults import KEY, fault, refusal
from pullquote.qa.testing.replies import Reply, whole
from pullquote.qa.testing.wire import Closing, HungUp, Line, Waker

Script = Sequence[Reply] | Callable[[dict[str, Any]], Reply]
"""Replies in order, the last one over and over; or a function of the body of the request."""


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    """By lower-case name."""
    body: dict[str, Any]
    """The JSON object; empty where there was none."""
    at_s: float
    """When, on the clock of ``time.monotonic``."""


class ScriptedServer:
    """Plays a script to whoever asks ``/v1/chat/completions``; lists one model under ``/v1/models``.

    ``key`` is the only API key it accepts, if given. With ``refuses_schema`` a request with a ``response_format`` is answered
    400, as servers do that cannot bind a model to a schema. Refusals of these two kinds take nothing from the script.
    """

    def __init__(self, script: Script, *, model: str = "scripted", key: str | None = None, refuses_schema: bool = False) -> None:
        self.model, self.key, self.refuses_schema = model, key, refuses_schema
        self.requests: list[Received] = []
        self.in_flight = self.most_in_flight = self.hung_up = 0
        self._script, self._played = script, 0
        self._lock, self._waker = threading.Lock(), Waker()
        self._broken: Exception | None = None
        self._http = _Http(self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def base_url(self) -> str:
        """Where it listens: what an OpenAI client calls its base URL."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def __enter__(self) -> ScriptedServer:
        """Begin to listen."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop at once, whatever is being played.

        Raises:
            Exception: the one that the script raised, if it did and nothing else went wrong.
        """
        self._waker.ring()
        self._http.shutdown()
        self._thread.join()
        self._http.hang_up()
        self._waker.close()
        if self._broken and error is None:
            raise self._broken

    def wait_until_idle(self, seconds: float = 5.0) -> bool:
        """Wait until no request is being answered; return whether that came to be."""
        ends = time.monotonic() + seconds
        while self.in_flight and time.monotonic() < ends:
            time.sleep(0.01)
        return not self.in_flight

    def answer(self, received: Received, client: socket.socket) -> bool:
        """Record a request and play the reply to it; return whether the connection can be used again."""
        with self._lock:
            self.requests.append(received)
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
        left = _Once(self._leave)
        try:
            key = received.headers.get("authorization", "").removeprefix("Bearer ")
            steps = self._reply(received, key).play({**received.body, KEY: key})
            return Line(client, self._waker).play(steps, left)
        except HungUp:
            with self._lock:
                self.hung_up += 1
        except Closing:
            pass
        finally:
            left()
        return False

    def _leave(self) -> None:
        with self._lock:
            self.in_flight -= 1

    def _reply(self, received: Received, key: str) -> Reply:
        if self.key is not None and key != self.key:
            return fault("401")
        if (received.method, received.path) == ("GET", "/v1/models"):
            listed = {"id": self.model, "object": "model", "created": 0, "owned_by": "scripted"}
            return Reply("models", lambda _: whole({"object": "list", "data": [listed]}))
        if (received.method, received.path) != ("POST", "/v1/chat/completions"):
            return Reply("nowhere", lambda _: whole({"detail": "Not Found"}, 404))
        if self.refuses_schema and "response_format" in received.body:
            return refusal(400, "invalid_request_error", None, "response_format is not supported by this model")
        return self._next(received.body)

    def _next(self, body: dict[str, Any]) -> Reply:
        try:
            if callable(self._script):
                return self._script(body)
            with self._lock:
                place, self._played = min(self._played, len(self._script) - 1), self._played + 1
            return self._script[place]
        except Exception as error:  # told to the test when it leaves the server
            self._broken = error
            return refusal(500, "server_error", "script", f"the script raised {type(error).__name__}")


class _Once:
    """A call that is made at most once."""

    def __init__(self, call: Callable[[], None]) -> None:
        self._call: Callable[[], None] | None = call

    def __call__(self) -> None:
        call, self._call = self._call, None
        if call is not None:
            call()


class _Http(socketserver.TCPServer):
    """Accepts connections, a thread for each; knows all that are open."""

    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, owner: ScriptedServer) -> None:
        self.owner = owner
        self._open: dict[threading.Thread, socket.socket] = {}
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Handle a connection in a thread of its own."""
        thread = threading.Thread(target=self._handle, args=(request, client_address), daemon=True)
        self._open[thread] = request
        thread.start()

    def _handle(self, request: Any, client_address: Any) -> None:
        with suppress(OSError):  # the client is gone, or the connection was cut on purpose
            self.finish_request(request, client_address)
        self.shutdown_request(request)
        self._open.pop(threading.current_thread(), None)

    def hang_up(self) -> None:
        """Close all connections and wait for their threads."""
        self.server_close()
        for thread, client in list(self._open.items()):
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
            thread.join(5.0)


class _Handler(BaseHTTPRequestHandler):
    """Reads requests from one connection."""

    server: _Http
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Answer a request that has a body."""
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(data)
        except ValueError:
            body = {}
        self._answer(body if isinstance(body, dict) else {})

    def do_GET(self) -> None:
        """Answer a request that has none."""
        self._answer({})

    def _answer(self, body: dict[str, Any]) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        received = Received(self.command, self.path, headers, body, time.monotonic())
        self.close_connection = not self.server.owner.answer(received, self.connection)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the names are the library's)
        """Say nothing."""
