"""Where the server listens: an address of this machine, taken before anything slow begins."""

from __future__ import annotations

import errno
import ipaddress
import socket
from dataclasses import dataclass

from pullquote.index.errors import SettingsError, UsageError

_BACKLOG = 2048


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that listens already."""

    socket: socket.socket
    host: str
    """As it was named."""

    @property
    def port(self) -> int:
        """The port, also where any would have done."""
        return int(self.socket.getsockname()[1])

    @property
    def url(self) -> str:
        """Where a browser on this machine finds it."""
        number = ipaddress.ip_address(self.socket.getsockname()[0].partition("%")[0])
        if not number.is_unspecified:
            return self._url(self.host)
        return self._url("127.0.0.1" if number.version == 4 else "::1")

    @property
    def local_url(self) -> str:
        """The same with the socket's own address, which needs no look-up."""
        return self.url if self.host == "localhost" or _number(self.host) else self._url(self.socket.getsockname()[0])

    def _url(self, host: str) -> str:
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach an address."""
    number = _number(host)
    return host.lower() == "localhost" or (number is not None and number.is_loopback)


def listen(host: str, port: int) -> Listener:
    """Take a port, 0 for any that is free.

    Raises:
        SettingsError: the address is none of this machine's.
        UsageError: the port is taken, or not for everybody.
    """
    family, place = _place(host, port)
    taken = socket.socket(family, socket.SOCK_STREAM)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            taken.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        taken.bind(place)
        taken.listen(_BACKLOG)
    except OSError as error:
        taken.close()
        raise _error(error, host, port) from None
    return Listener(taken, host)


def _place(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    name = "127.0.0.1" if host.lower() == "localhost" else host
    if (number := _number(name)) is not None:
        return (socket.AF_INET if number.version == 4 else socket.AF_INET6), (name, port)
    try:
        family, _, _, _, place = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError):
        raise SettingsError(f"--host {host} is not known here: name an address of this machine") from None
    return socket.AddressFamily(family), (str(place[0]), port)


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _error(error: OSError, host: str, port: int) -> UsageError:
    if error.errno == errno.EADDRINUSE:
        return UsageError(f"port {port} is in use: name another with --port, or --port 0 for any that is free")
    if error.errno == errno.EACCES:
        return UsageError(f"port {port} is not for everybody: name one from 1024 with --port")
    return SettingsError(f"cannot listen on {host}: {error.strerror}: name an address of this machine with --host")
