"""What a scripted reply does on the wire, step by step, and the connection that it is played on."""

from __future__ import annotations

import os
import selectors
import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    """The status line and the headers; without a length the body is sent in HTTP chunks."""

    status: int = 200
    kind: str = "application/json"
    length: int | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def encoded(self) -> bytes:
        """Return the bytes up to the body."""
        size = ("Transfer-Encoding", "chunked") if self.length is None else ("Content-Length", str(self.length))
        lines = [f"{name}: {value}\r\n" for name, value in (("Content-Type", self.kind), size, *self.headers)]
        return f"HTTP/1.1 {self.status} Scripted\r\n{''.join(lines)}\r\n".encode("latin-1")


@dataclass(frozen=True, slots=True)
class Wait:
    """Say nothing for some seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Cut:
    """End the connection in the middle, by a reset or by closing it."""

    reset: bool = True


Step = Head | Wait | Cut | bytes


class HungUp(Exception):
    """The client closed the connection before the reply was over."""


class Closing(Exception):
    """The server is being closed while it plays."""


class Waker:
    """Ends the waits of many threads at once."""

    def __init__(self) -> None:
        self._awake, self._bell = socket.socketpair()
        self.rang = False

    def ring(self) -> None:
        """End all waits, those that begin later too."""
        self.rang = True
        self._bell.send(b"!")

    def wait(self, seconds: float, client: socket.socket) -> None:
        """Wait.

        Raises:
            HungUp: the client closed the connection meanwhile.
            Closing: ``ring`` was called.
        """
        ends = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._awake, selectors.EVENT_READ)
            selector.register(client, selectors.EVENT_READ)
            while (left := ends - time.monotonic()) > 0:
                ready = {key.fileobj for key, _ in selector.select(left)}
                if self._awake in ready:
                    raise Closing
                if client in ready:
                    if gone(client):
                        raise HungUp
                    selector.unregister(client)  # the next request on this connection is already there

    def close(self) -> None:
        """Release the two sockets."""
        self._awake.close()
        self._bell.close()


def gone(client: socket.socket) -> bool:
    """Return whether a readable connection has only its end to read: closed, or reset because data was left unread."""
    try:
        return not client.recv(1, socket.MSG_PEEK)
    except OSError:
        return True


class Line:
    """One reply on one connection."""

    def __init__(self, client: socket.socket, waker: Waker) -> None:
        self._client, self._waker = client, waker
        self._chunks = False

    def play(self, steps: Iterator[Step], before_last: Callable[[], None]) -> bool:
        """Play the steps; return whether the connection can be used again.

        ``before_last`` is called before the last step: whoever counts must have counted when the client knows the end.

        Raises:
            HungUp: the client closed the connection before the end.
            Closing: the server did.
        """
        step = next(steps)
        for following in steps:
            self._do(step)
            step = following
        before_last()
        self._do(step)
        if isinstance(step, Cut):
            return False
        if self._chunks:
            self._send(b"0\r\n\r\n")
        return True

    def _do(self, step: Step) -> None:
        match step:
            case Head():
                self._chunks = step.length is None
                self._send(step.encoded())
            case Wait():
                self._waker.wait(step.seconds, self._client)
            case Cut():
                cut(self._client, step.reset)
            case bytes():
                self._send(b"%x\r\n%b\r\n" % (len(step), step) if self._chunks else step)

    def _send(self, data: bytes) -> None:
        try:
            self._client.sendall(data)
        except OSError as error:
            raise (Closing if self._waker.rang else HungUp) from error


def cut(client: socket.socket, reset: bool) -> None:
    """Close a connection without a word, or so that the other side sees a reset."""
    if reset:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    descriptor = client.detach()  # files made of the socket would keep it open
    os.close(descriptor)
