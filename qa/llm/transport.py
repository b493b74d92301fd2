"""HTTP with a limit on the whole time and the whole size of a reply, whatever the server does in between."""

from __future__ import annotations

import base64
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from pullquote.qa.llm.addresses import is_loopback
from pullquote.qa.llm.deadline import Deadline, abandonable, ruling_deadline
from pullquote.qa.llm.place import Unusable

MAX_BYTES = 8 * 2**20
"""Most bytes of one reply, as sent; 64 KB of text in small events take about five million."""


class BoundedTransport(httpx.BaseTransport):
    """Makes one connection for each request and closes it with the reply.

    The read time-out of a request is a limit on everything from the connection to the last byte: a server that sends a byte
    now and then does not prolong it. Nor does it last longer than the deadline that rules it, and when that one is stopped the
    connection is cut at once. Proxies of the environment are used, but never for this machine.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._tls = httpx.create_ssl_context()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and return the reply, its body still to be read.

        Raises:
            httpx.TransportError: no connection, or time is over.
            Unusable: the reply is compressed, though that was not asked for; while reading, that it is too large.
        """
        deadline = ruling_deadline() or Deadline(request.extensions["timeout"]["read"])
        pool = _pool(request.url, self._tls, _Backend(deadline))
        sent = httpcore.Request(
            method=request.method,
            url=_url(request.url),
            headers=request.headers.raw,
            content=cast(Iterable[bytes], request.stream),
            extensions=request.extensions,
        )
        try:
            with _httpx_errors():
                reply = pool.handle_request(sent)
            headers = httpx.Headers(reply.headers)
            if headers.get("content-encoding", "identity").lower() != "identity":
                raise Unusable("sent a compressed reply, which was not asked for", "switch compression off at the server")
        except BaseException:
            pool.close()
            raise
        return httpx.Response(reply.status, headers=headers, stream=_Body(reply, pool, self._max_bytes))


class _Body(httpx.SyncByteStream):
    """The bytes of a reply, up to a limit."""

    def __init__(self, reply: httpcore.Response, pool: httpcore.ConnectionPool, max_bytes: int) -> None:
        self._reply, self._pool, self._left = reply, pool, max_bytes

    def __iter__(self) -> Iterator[bytes]:
        with _httpx_errors():
            for data in cast(Iterable[bytes], self._reply.stream):
                self._left -= len(data)
                if self._left < 0:
                    raise Unusable("sent a reply of many megabytes", "check OPENAI_BASE_URL")
                yield data

    def close(self) -> None:
        with _httpx_errors():
            self._reply.close()
            self._pool.close()


class _Backend(httpcore.NetworkBackend):
    """Opens connections on which nothing lasts longer than the deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._inner, self._deadline = httpcore.SyncBackend(), deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left_s = _left(self._deadline, timeout, httpcore.ConnectTimeout)

        def connect() -> httpcore.NetworkStream:
            return self._inner.connect_tcp(host, port, left_s, local_address, socket_options)

        try:  # looking up a name has no time-out
            stream = abandonable(connect, self._deadline, lambda unwanted: unwanted.close())
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("the time is over") from error
        return _Stream(stream, self._deadline, stream.get_extra_info("socket").dup())


class _Stream(httpcore.NetworkStream):
    """A connection on which nothing lasts longer than the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline, plug: socket.socket) -> None:
        """``plug`` is the connection's socket once more: whoever waits for bytes from it holds on to the other one."""
        self._inner, self._deadline, self._plug = inner, deadline, plug
        self._forget = deadline.when_stopped(self._cut)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(self._deadline, timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(self._deadline, timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._forget()
        self._plug.close()
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left_s = _left(self._deadline, timeout, httpcore.ConnectTimeout)
        try:
            self._inner = self._inner.start_tls(ssl_context, server_hostname, left_s)
        except BaseException:
            self.close()
            raise
        return self

    def _cut(self) -> None:
        with suppress(OSError):  # closed already, by either side
            self._plug.shutdown(socket.SHUT_RDWR)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(deadline: Deadline, timeout: float | None, error: type[Exception]) -> float:
    left_s = deadline.left_s
    if left_s <= 0:
        raise error("the time is over")
    return left_s if timeout is None else min(left_s, timeout)


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for a URL; None for this machine and for what ``NO_PROXY`` excepts."""
    parts, proxies = urlsplit(url), getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or is_loopback(url) or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _pool(url: httpx.URL, tls: ssl.SSLContext, backend: _Backend) -> httpcore.ConnectionPool:
    proxy = proxy_for(str(url))
    if proxy is None:
        return httpcore.ConnectionPool(ssl_context=tls, max_connections=1, network_backend=backend)
    parts = urlsplit(proxy)
    if parts.scheme not in ("http", "https"):
        raise httpx.ProxyError(f"a proxy of the kind {parts.scheme} cannot be used, set HTTPS_PROXY or NO_PROXY")
    user = [unquote(part) for part in (parts.username, parts.password) if part is not None]
    login = base64.b64encode(":".join(user).encode())
    return httpcore.HTTPProxy(
        proxy_url=_url(httpx.URL(proxy)),
        proxy_headers=[(b"Proxy-Authorization", b"Basic " + login)] if user else None,
        ssl_context=tls,
        max_connections=1,
        network_backend=backend,
    )


def _url(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


@contextmanager
def _httpx_errors() -> Iterator[None]:
    """Raise httpx's exception for httpcore's of the same name."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError) as error:
        kind = getattr(httpx, type(error).__name__, httpx.TransportError)
        raise kind(str(error)) from error
