"""Limits on time and size, proxies, and certificates."""

from __future__ import annotations

import ssl
import subprocess
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from shutil import which
from socket import create_server, socket

import httpx
import pytest

from pullquote.index.errors import ModelReplyUnusable, ModelUnknown, ModelUnreachable
from pullquote.qa.llm.place import Unusable
from pullquote.qa.llm.providers import ServedModel
from pullquote.qa.llm.settings import ModelSettings
from pullquote.qa.llm.transport import BoundedTransport, proxy_for
from pullquote.qa.llm.types import Completion
from pullquote.qa.testing import Reply, ScriptedServer, fault, reply
from pullquote.qa.testing.wire import Head, Wait

Ask = Callable[..., Completion]
Make = Callable[..., ServedModel]


def posted(server: ScriptedServer, seconds: float, max_bytes: int = 1000) -> bytes:
    with httpx.Client(transport=BoundedTransport(max_bytes)) as client:
        return client.post(f"{server.base_url}/chat/completions", json={}, timeout=seconds).content


def dripping(every_s: float) -> Reply:
    def play(_: object) -> Iterator[Head | Wait | bytes]:
        yield Head()
        while True:
            yield b"x"
            yield Wait(every_s)

    return Reply("dripping", play)


def test_a_byte_now_and_then_does_not_prolong_the_deadline() -> None:
    begin = time.monotonic()
    with ScriptedServer([dripping(0.1)]) as server, pytest.raises(httpx.ReadTimeout):
        posted(server, 0.7)
    assert 0.6 < time.monotonic() - begin < 2.7


def test_a_server_that_drips_its_headers_does_not_prolong_the_deadline() -> None:
    with create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=drip_headers, args=(listening,), daemon=True).start()
        begin = time.monotonic()
        with httpx.Client(transport=BoundedTransport()) as client, pytest.raises(httpx.ReadTimeout):
            client.get(f"http://127.0.0.1:{listening.getsockname()[1]}/", timeout=0.7)
        assert time.monotonic() - begin < 2.7


def drip_headers(listening: socket) -> None:
    with suppress(OSError):
        client, _ = listening.accept()
        with closing(client):
            for byte in b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100:
                client.sendall(bytes([byte]))
                time.sleep(0.05)


def test_a_reply_is_read_up_to_the_limit_and_no_further() -> None:
    with ScriptedServer([reply("x" * 100), reply("x" * 2000)]) as server:
        assert posted(server, 5.0)
        with pytest.raises(Unusable, match="megabytes"):
            posted(server, 5.0)


def test_fifty_megabytes_are_not_kept(model_at: Make, ask: Ask) -> None:
    with ScriptedServer([fault("huge_body")]) as server:
        model = model_at(server)
        tracemalloc.start()
        with pytest.raises(ModelReplyUnusable):
            ask(model, 20.0)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert server.wait_until_idle(2.0)
        assert server.hung_up == 1
    assert most < 50 * 2**20


def test_a_compressed_reply_is_refused_as_nobody_asked_for_it(model_at: Make, ask: Ask) -> None:
    zipped = Reply("zipped", lambda _: iter([Head(length=4, headers=(("Content-Encoding", "gzip"),)), b"\x1f\x8b\x08\x00"]))
    with ScriptedServer([zipped]) as server, pytest.raises(ModelReplyUnusable, match="compressed"):
        ask(model_at(server))


def test_a_redirect_is_not_followed(model_at: Make, ask_whole: Ask) -> None:
    with ScriptedServer([reply("stolen")]) as thief:
        away = Reply(
            "away", lambda _: iter([Head(307, length=2, headers=(("Location", f"{thief.base_url}/chat/completions"),)), b"{}"])
        )
        with ScriptedServer([away]) as server, pytest.raises(Exception, match="307"):
            ask_whole(model_at(server))
        assert thief.requests == []


# -- proxies --------------------------------------------------------------------------------------


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    """A server that all variables name as a proxy."""
    with ScriptedServer([reply("x")]) as server:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.setenv(name.lower(), server.base_url.removesuffix("/v1"))
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        yield server


def test_a_proxy_never_hears_of_what_stays_on_this_machine(proxy: ScriptedServer, model_at: Make, ask: Ask) -> None:
    with ScriptedServer([reply("x")]) as server:
        assert ask(model_at(server)).text == "x"
        assert len(server.requests) == 1
    assert proxy.requests == []


def test_a_proxy_is_used_for_what_goes_out(proxy: ScriptedServer, ask_whole: Ask) -> None:
    with pytest.raises(ModelUnknown):  # the stand-in knows no such path
        ask_whole(ServedModel(ModelSettings("m", "http://models.example/v1")))
    assert [request.path for request in proxy.requests] == ["http://models.example/v1/chat/completions"]


def test_no_proxy_is_honoured(proxy: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert proxy_for("https://models.example/v1") == proxy.base_url.removesuffix("/v1")
    monkeypatch.setenv("no_proxy", "models.example")
    assert proxy_for("https://models.example/v1") is None
    assert proxy_for("https://other.example/v1") is not None


def test_a_kind_of_proxy_that_cannot_be_used_is_told(proxy: ScriptedServer, monkeypatch: pytest.MonkeyPatch, ask: Ask) -> None:
    monkeypatch.setenv("https_proxy", "socks5://127.0.0.1:1")
    with pytest.raises(ModelUnreachable, match=r"socks5.*NO_PROXY"):
        ask(ServedModel(ModelSettings("m", "https://models.example/v1")), 0.3)


# -- certificates ---------------------------------------------------------------------------------


@pytest.mark.skipif(which("openssl") is None, reason="openssl makes the certificate")
def test_a_certificate_of_ones_own_making_is_refused(tmp_path: Path, ask_whole: Ask) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*words.split(), "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with create_server(("127.0.0.1", 0)) as listening, context.wrap_socket(listening, server_side=True) as secure:
        threading.Thread(target=accept_all, args=(secure,), daemon=True).start()
        model = ServedModel(ModelSettings("m", f"https://127.0.0.1:{secure.getsockname()[1]}/v1", "sk-live-0123456789"))
        with pytest.raises(ModelUnreachable, match="certificate") as caught:
            ask_whole(model)
    assert caught.value.requests == 1


def accept_all(listening: ssl.SSLSocket) -> None:
    while listening.fileno() >= 0:
        with suppress(OSError):
            listening.accept()
