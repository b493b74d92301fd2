"""The application behind the guard: every route that Gradio makes is known, and few of them can be reached."""

from __future__ import annotations

import base64
import json
import os
import re
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from pullquote.qa.newsroom import Newsroom
from pullquote.ui.web.application import build_application, load_gradio
from pullquote.ui.web.auth import Doorkeeper, Login
from pullquote.ui.web.drain import Drain, Pace
from pullquote.ui.web.guard import Guard
from pullquote.ui.web.rules import Rules
from tests.ui.web.serving import completed, raw, status_of

REACHED = {
    "GET /", "GET /config", "GET /theme.css", "GET /favicon.ico", "GET /assets/x", "GET /static/x", "GET /reports/x",
    "GET /gradio_api/app_id", "GET /gradio_api/info", "GET /gradio_api/startup-events", "GET /gradio_api/heartbeat/x",
    "GET /gradio_api/queue/data", "GET /gradio_api/call/ask/x", "POST /gradio_api/call/ask", "POST /gradio_api/queue/join",
    "POST /gradio_api/cancel", "POST /gradio_api/reset",
}  # fmt: skip
ACCOUNTS = "/etc/passwd"
UP = ("..", "%2e%2e", "..%2f..", "%252e%252e", "..%5c..", "....//", ".%00.", "%c0%ae%c0%ae", "..;")
ROOTS = (
    "/gradio_api/file=", "/gradio_api/file/", "/file=", "/file/", "/static/", "/assets/", "/svelte/", "/gradio_api/proxy=file://",
    "/gradio_api/proxy=http://127.0.0.1:1/", "/proxy=", "/gradio_api/custom_component/1/client/component/", "/reports/",
    "/gradio_api/stream/a/b/1/playlist.m3u8?x=", "/monitoring/", "/GRADIO_API/FILE=", "/gradio_api/FILE=", "/theme.css/",
    "/gradio_api/upload/", "/gradio_api/mcp/",
)  # fmt: skip


@pytest.fixture(scope="module")
def app(sample_room: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The real page over the bundled articles."""
    before = dict(os.environ)
    load_gradio()
    from pullquote.ui.web.desk import Desk
    from pullquote.ui.web.examples import Examples

    examples = Examples(sample_room)
    yield build_application(Desk(sample_room, tmp_path_factory.mktemp("reports"), Drain(), Pace(0), examples), None)
    examples.close()
    os.environ.clear()
    os.environ.update(before)


def routes_of(app: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield method and path of all that an application routes, with something in place of each part that may vary."""
    for route in app.routes:
        path = prefix + re.sub(r"\{[^}]*\}", "x", getattr(route, "path", ""))
        inner = getattr(route, "original_router", route)  # FastAPI keeps a router that is included as it is
        if getattr(inner, "routes", None):
            yield from routes_of(inner, path)
        for method in getattr(route, "methods", None) or ():
            yield method, path.replace("/call/x", "/call/ask") or "/"


def answers(app: Any, asked: list[tuple[str, str]], login: Login | None = None) -> dict[str, int]:
    """Return the status of each request, where what gets past the guard is answered 299."""

    async def reached(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def go() -> dict[str, int]:
        guard = Guard(Rules.of([]), lambda: None, Doorkeeper(login) if login else None)
        guard.open(reached)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(guard), base_url="http://127.0.0.1:7860") as client:
            return {f"{method} {path}": (await client.request(method, path)).status_code for method, path in asked}

    return completed(go())


def test_of_all_routes_only_those_that_the_page_needs_are_reached(app: Any) -> None:
    found = answers(app, list(routes_of(app)))
    assert len(found) > 80
    assert {name for name, status in found.items() if status == 299 and not name.startswith("HEAD")} == REACHED
    assert set(found.values()) == {299, 404}
    for name in ("GET /gradio_api/file=x", "GET /gradio_api/file/x", "GET /gradio_api/proxy=x", "POST /gradio_api/upload"):
        assert found[name] == 404


def test_with_a_password_every_route_wants_it(app: Any) -> None:
    found = answers(app, list(routes_of(app)), Login("ada", "secret"))
    assert len(found) > 80
    assert set(found.values()) == {401}


def test_nothing_of_gradio_that_calls_out_or_remembers_is_on(app: Any) -> None:
    page = next(route.app for route in app.routes if hasattr(getattr(route, "app", None), "get_blocks")).get_blocks()
    assert (page.share, page.ssr_mode, page.pwa, page.enable_monitoring) == (False, False, False, False)
    assert (page.analytics_enabled, page.run_history, page.allowed_paths, page.footer_links) == (False, False, [], [])
    assert page.config["dev_mode"] is False


# -- over the wire --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def port(page_url: str) -> int:
    """Where a real server over the bundled articles listens."""
    return urlsplit(page_url).port or 0


def asked(port: int, target: str, method: str = "GET", body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    """Send a request exactly as written."""
    named = {
        "Host": f"127.0.0.1:{port}",
        "Connection": "close",
        **({"Content-Length": str(len(body))} if body else {}),
        **headers,
    }
    return raw(port, written(f"{method} {target} HTTP/1.1", named) + body)


def written(line: str, headers: dict[str, str]) -> bytes:
    """Return the head of a request."""
    return "\r\n".join([line, *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()), "", ""]).encode()


@pytest.mark.parametrize("root", ROOTS)
def test_no_file_is_read_through_any_route(port: int, root: str) -> None:
    secret = Path(ACCOUNTS).read_bytes().splitlines()[0]
    targets = [root + ACCOUNTS, root + ACCOUNTS[1:], root + "C:/Windows/win.ini", root + "file://" + ACCOUNTS, root + __file__]
    targets += [f"{root}{'/'.join([up] * 12)}{ACCOUNTS}" for up in UP]
    for target in targets:
        status, answer = asked(port, target)
        assert status in (400, 403, 404, 405), target
        assert secret not in answer, target
        assert b"Every route that Gradio makes" not in answer, target
        assert asked(port, target, "POST", b"{}", Content_Type="application/json")[0] in (400, 403, 404, 405, 413), target


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"path": ACCOUNTS}, "component_id": 1, "fn_name": "preprocess", "session_hash": "a"},
        {"data": ["../" * 12 + ACCOUNTS], "component_id": 1, "fn_name": "ls", "session_hash": "a"},
    ],
)
def test_no_component_takes_orders(port: int, body: dict[str, Any]) -> None:
    data = json.dumps(body).encode()
    assert asked(port, "/gradio_api/component_server", "POST", data, Content_Type="application/json")[0] == 404


def test_a_path_in_a_question_stays_a_question(page_url: str) -> None:
    from gradio_client import Client

    for question in (ACCOUNTS, f"file://{ACCOUNTS}", '{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}'):
        answer = Client(page_url, verbose=False).predict(question, api_name="/ask")
        assert answer["question"] == question
        assert "root:" not in json.dumps(answer)


def test_a_large_upload_is_refused_and_leaves_nothing_behind(port: int) -> None:
    before = held_bytes()
    body = b"--x\r\nContent-Disposition: form-data; name=files; filename=a.txt\r\n\r\n" + b"a" * 20_000_000 + b"\r\n--x--\r\n"
    assert asked(port, "/gradio_api/upload", "POST", body, Content_Type="multipart/form-data; boundary=x")[0] in (404, 413)
    assert asked(port, "/gradio_api/queue/join", "POST", b'{"data": ["' + b"a" * 20_000_000 + b'"]}')[0] == 413
    assert held_bytes() - before < 1_000_000


def held_bytes() -> int:
    folder = Path(os.environ.get("GRADIO_TEMP_DIR") or Path(tempfile.gettempdir()) / "gradio")
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 400),
        ({"Host": "127.0.0.1.evil.example"}, 400),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 400),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://evil.example", "Cookie": "access-token=a"}, 403),
        ({"Origin": "null", "Sec_Fetch_Site": "cross-site"}, 403),
        ({"X_Forwarded_Host": "127.0.0.1", "Host": "evil.example"}, 400),
    ],
)
def test_other_sites_reach_nothing_and_read_nothing(port: int, headers: dict[str, str], status: int) -> None:
    body = json.dumps({"data": ["who?"], "fn_index": 0, "session_hash": "a"}).encode()
    join = "/gradio_api/queue/join"
    for method, target in (("GET", "/"), ("GET", "/config"), ("POST", join), ("OPTIONS", join)):
        got, answer = asked(port, target, method, body if method == "POST" else b"", **headers)
        assert got == status
        assert b"access-control-allow-origin" not in answer.lower()


def test_even_the_page_itself_is_given_no_leave_to_share(port: int) -> None:
    status, answer = asked(port, "/config", Origin=f"http://127.0.0.1:{port}")
    assert status == 200
    assert b"access-control" not in answer.lower()


def test_the_address_that_a_request_claims_does_not_get_into_the_page(port: int) -> None:
    told = {"X_Forwarded_Host": "evil.example", "X_Gradio_Server": "http://evil.example/", "Forwarded": "host=evil.example"}
    status, answer = asked(port, "/", **told)
    assert status == 200
    assert b"evil.example" not in answer


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [("/?" + "a" * 20_000, {}, 414), ("/" + "a" * 100_000, {}, 414), ("/", {"X_A": "a" * 50_000}, 431)],
    ids=["query", "path", "header"],
)
def test_long_addresses_and_headers_are_refused(port: int, target: str, headers: dict[str, str], status: int) -> None:
    assert asked(port, target, **headers)[0] == status


BODIES = {
    "six megabytes": (json.dumps({"data": ["a" * 6 * 2**20]}).encode(), 413),
    "a million keys": (json.dumps({"data": [], **{f"k{n}": 0 for n in range(400_000)}}).encode(), 413),
    "deep": (b'{"data": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", 422),
    "ten thousand turns": (json.dumps({"data": [[["question", "answer"]] * 10_000]}).encode(), 400),
    "no JSON": (b"\xff\xfe{", 400),
    "nothing of ours": (b"[]", 422),
}


@pytest.mark.parametrize("name", BODIES)
def test_bodies_that_no_page_sends_are_refused_in_no_time(port: int, name: str) -> None:
    body, status = BODIES[name]
    begin = time.monotonic()
    got, _ = asked(port, "/gradio_api/queue/join", "POST", body, Content_Type="application/json")
    assert got == status
    assert time.monotonic() - begin < 3
    assert status_of(port, "/healthz") == 200


def test_a_body_in_chunks_is_counted_too(port: int) -> None:
    chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
    named = {"Host": f"127.0.0.1:{port}", "Transfer_Encoding": "chunked", "Connection": "close"}
    head = written("POST /gradio_api/call/ask HTTP/1.1", named)
    assert raw(port, head + chunk * 6 + b"0\r\n\r\n")[0] == 413


def test_a_very_long_question_is_refused_with_a_reason(page_url: str) -> None:
    from gradio_client import Client

    with pytest.raises(Exception, match="more than 2,000: shorten it"):
        Client(page_url, verbose=False).predict("a" * 100_000, api_name="/ask")


def test_nobody_gets_in_over_a_websocket(port: int) -> None:
    key = base64.b64encode(b"0123456789abcdef").decode()
    named = {"Host": f"127.0.0.1:{port}", "Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13"}
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(written("GET /gradio_api/queue/join HTTP/1.1", {**named, "Sec_WebSocket_Key": key}))
        assert line.recv(20).split()[1] == b"405"


def test_the_public_api_is_one_question(page_url: str) -> None:
    from gradio_client import Client

    found = Client(page_url, verbose=False).view_api(return_format="dict")
    assert list(found["named_endpoints"]) == ["/ask"]
    assert not found["unnamed_endpoints"]
    named = [parameter["parameter_name"] for parameter in found["named_endpoints"]["/ask"]["parameters"]]
    assert named == ["question", "outlets", "since", "until"]


def test_the_public_api_answers_as_the_terminal_does(
    page_url: str, bundled_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from gradio_client import Client

    from pullquote.ui.cli import main

    question = "How many people died in the ferry fire?"
    over_http = Client(page_url, verbose=False).predict(question, api_name="/ask")
    capsys.readouterr()
    assert main(["ask", question, "--json", "--store", str(bundled_store)]) == 0
    in_terminal = json.loads(capsys.readouterr().out)
    for answer in (over_http, in_terminal):
        del answer["timings_s"]
    assert over_http == in_terminal
