"""Where the server listens."""

from __future__ import annotations

import socket

import pytest

from pullquote.index.errors import SettingsError, UsageError
from pullquote.ui.web.address import is_loopback, listen


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "::1", "127.8.9.1"])
def test_some_addresses_are_this_machines_alone(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "news.example", "localhost.evil.example", ""])
def test_others_are_not(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_any_port_is_taken_at_once_and_its_address_can_be_opened(host: str) -> None:
    there = listen(host, 0)
    with there.socket:
        assert there.url == f"http://{host}:{there.port}"
        socket.create_connection(("127.0.0.1", there.port), timeout=5).close()


def test_of_all_addresses_a_browser_here_uses_this_machines_own() -> None:
    there = listen("0.0.0.0", 0)
    with there.socket:
        assert there.url == there.local_url == f"http://127.0.0.1:{there.port}"


def test_a_taken_port_is_named_and_another_asked_for() -> None:
    there = listen("127.0.0.1", 0)
    with there.socket, pytest.raises(UsageError, match=f"port {there.port} is in use: name another with --port"):
        listen("127.0.0.1", there.port)


@pytest.mark.parametrize("host", ["198.51.100.7", "no such name", "a" * 300])
def test_an_address_of_another_machine_cannot_be_listened_on(host: str) -> None:
    with pytest.raises(SettingsError, match="name an address of this machine"):
        listen(host, 0)
