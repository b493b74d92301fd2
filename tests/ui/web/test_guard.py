"""What gets past the guard, and what its answers carry."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from pullquote.ui.web.auth import Doorkeeper, Login
from pullquote.ui.web.guard import Guard
from pullquote.ui.web.rules import Rules
from tests.ui.web.serving import completed

HERE = "http://127.0.0.1:7860"
LOGIN = ("ada", "secret")
seen: list[dict[str, Any]] = []


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with what was received, and with headers that a guard should not let through."""
    body = (await receive())["body"] if scope["method"] == "POST" else b"page"
    seen.append({"headers": dict(scope["headers"]), "client": scope["client"]})
    headers = [(b"Access-Control-Allow-Origin", b"*"), (b"content-security-policy", b"none"), (b"X-Own", b"kept")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def guarded(app: Any = echo, rules: Rules | None = None, login: tuple[str, str] | None = None) -> Guard:
    guard = Guard(rules or Rules.of([]), lambda: None, Doorkeeper(Login(*login)) if login else None)
    guard.open(app)
    seen.clear()
    return guard


def asked(guard: Guard, path: str = "/", method: str = "GET", **options: Any) -> httpx.Response:
    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(guard, client=("10.0.0.9", 1))
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
            return await client.request(method, path, **options)

    return completed(go())


def test_every_answer_says_what_it_may_do_and_none_may_be_read_by_others() -> None:
    for path, status in (("/", 200), ("/nothing", 404), ("/healthz", 200)):
        answer = asked(guarded(), path)
        assert answer.status_code == status
        policy = answer.headers.get_list("content-security-policy")
        assert len(policy) == 1
        rules = {"default-src 'self'", "img-src 'self' data: blob:", "script-src-attr 'none'", "frame-ancestors 'self'"}
        assert rules | {"object-src 'none'", "connect-src 'self'"} <= set(policy[0].split("; "))
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-resource-policy"] == answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        assert not [name for name in answer.headers if name.startswith("access-control")]
    assert asked(guarded(), "/").headers["x-own"] == "kept"
    assert "cache-control" not in asked(guarded(), "/assets/a.js").headers


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"origin": "http://evil.example"}, {"origin": "null"}])
def test_a_stranger_learns_nothing_and_reaches_nothing(headers: dict[str, str]) -> None:
    for method, path in (("GET", "/"), ("POST", "/gradio_api/queue/join"), ("OPTIONS", "/gradio_api/queue/join")):
        answer = asked(guarded(), path, method, headers={**headers, "cookie": "a=b"})
        assert answer.status_code in (400, 403)
        assert not [name for name in answer.headers if name.startswith("access-control")]
    assert seen == []


def test_a_posted_body_gets_through_whole() -> None:
    assert asked(guarded(), "/gradio_api/call/ask", "POST", json={"data": ["who?"]}).json() == {"data": ["who?"]}


def test_a_body_without_a_length_is_counted_while_it_comes() -> None:
    async def parts() -> Any:
        for _ in range(300):
            yield b" " * 1024

    async def go() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(guarded()), base_url=HERE) as client:
            return await client.post("/gradio_api/call/ask", content=parts())

    assert completed(go()).status_code == 413
    assert seen == []


def test_where_a_request_says_it_comes_from_is_not_believed() -> None:
    told = {
        "x-forwarded-for": "1.2.3.4",
        "x-forwarded-host": "evil.example",
        "forwarded": "for=1.2.3.4",
        "x-gradio-server": "http://evil.example",
    }
    own = {"x-pullquote-own": "guess", "x-pullquote-reader": "1.2.3.4", "x-forwarded-proto": "ftp", "x-mine": "kept"}
    asked(guarded(), headers={**told, **own})
    assert seen[0]["client"] == ("10.0.0.9", 0)
    assert not [name for name in seen[0]["headers"] if name.decode() in {**told, **own} and name != b"x-mine"]
    assert seen[0]["headers"][b"x-mine"] == b"kept"


def test_that_tls_ended_before_is_believed() -> None:
    asked(guarded(), headers={"x-forwarded-proto": "https"})
    assert seen[0]["headers"][b"x-forwarded-proto"] == b"https"


def test_with_a_password_nothing_but_health_is_open() -> None:
    guard = guarded(login=LOGIN)
    for path in ("/", "/config", "/nothing", "/gradio_api/file=/etc/passwd", "/login"):
        assert asked(guard, path).status_code == 401
        assert asked(guard, path, auth=("ada", "wrong!")).status_code == 401
    assert seen == []
    assert asked(guarded(login=LOGIN), "/", auth=LOGIN).text == "page"
    assert asked(guard, "/healthz").status_code == asked(guard, "/readyz").status_code == 200


def test_a_form_of_gradio_client_signs_in() -> None:
    guard = guarded(login=LOGIN)
    done = asked(guard, "/login", "POST", data={"username": "ada", "password": "secret"})
    assert done.json() == {"success": True}
    assert asked(guard, "/", headers={"cookie": done.headers["set-cookie"].split(";")[0]}).text == "page"
    assert asked(guard, "/login", "POST", data={"username": "ada", "password": "x"}).status_code == 401
    assert asked(guard, "/login", "POST", data={"username": "ada", "password": "x" * 5000}).status_code == 413
    assert asked(guard, "/login", "POST", data={"username": "a"}, headers={"origin": "http://evil.example"}).status_code == 403


def test_without_a_password_there_is_nothing_to_sign_in_to() -> None:
    assert asked(guarded(), "/login", "POST", data={"username": "ada", "password": "secret"}).status_code == 404


def test_what_this_process_asks_itself_comes_in_and_names_the_reader() -> None:
    guard = guarded(rules=Rules.of([], mcp=True), login=LOGIN)
    asked(guard, "/gradio_api/mcp/", "POST", auth=LOGIN, headers={"x-pullquote-reader": "1.2.3.4"})
    assert seen[0]["headers"][b"x-pullquote-reader"] == b"10.0.0.9"
    asked(guard, "/", headers={**guard.own_headers, "x-pullquote-reader": "10.0.0.7"})
    assert seen[1]["client"] == ("10.0.0.7", 0)
    assert b"x-pullquote-own" not in seen[1]["headers"]


def test_while_it_opens_a_browser_is_asked_to_come_again() -> None:
    guard = Guard(Rules.of([]), lambda: "opening")
    page, other = asked(guard), asked(guard, "/config")
    assert (page.status_code, other.status_code) == (503, 503)
    assert "refresh" in page.text
    assert page.headers["retry-after"] == other.headers["retry-after"] == "1"
    assert asked(guard, "/healthz").status_code == 200
    ready = asked(guard, "/readyz")
    assert (ready.status_code, ready.json()) == (503, {"status": "opening"})


def test_nobody_gets_through_over_a_websocket() -> None:
    async def never(*_: Any) -> None:
        pytest.fail("it got through")

    completed(guarded(never)({"type": "websocket", "path": "/gradio_api/queue/join"}, never, never))


def test_answers_are_handed_on_piece_by_piece_and_counted_until_they_end() -> None:
    async def go() -> None:
        more = asyncio.Event()

        async def slow(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"first", "more_body": True})
            await more.wait()
            await send({"type": "http.response.body", "body": b"last"})

        guard, sent = guarded(slow), []
        task = asyncio.create_task(guard(*call("/gradio_api/queue/data", sent.append)))
        while len(sent) < 2:
            await asyncio.sleep(0)
        assert sent[1]["body"] == b"first"
        assert guard.streams == 1
        more.set()
        await task
        assert (sent[2]["body"], guard.streams) == (b"last", 0)

    completed(asyncio.wait_for(go(), 10))


def test_hanging_up_ends_what_would_never_end_properly() -> None:
    async def go() -> None:
        async def endless(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            while True:
                await send({"type": "http.response.body", "body": b"alive", "more_body": True})
                await asyncio.sleep(0.01)

        guard, sent = guarded(endless), []
        task = asyncio.create_task(guard(*call("/gradio_api/heartbeat/a", sent.append)))
        while len(sent) < 3:
            await asyncio.sleep(0.01)
        assert guard.streams == 0
        guard.hang_up()
        await task
        assert sent[-1] == {"type": "http.response.body", "body": b""}

    completed(asyncio.wait_for(go(), 10))


def test_hanging_up_answers_what_has_no_answer_yet() -> None:
    async def go() -> None:
        begun = asyncio.Event()

        async def silent(scope: Any, receive: Any, send: Any) -> None:
            begun.set()
            await asyncio.Event().wait()

        guard, sent = guarded(silent), []
        task = asyncio.create_task(guard(*call("/gradio_api/heartbeat/a", sent.append)))
        await begun.wait()
        guard.hang_up()
        await task
        assert (sent[0]["status"], sent[1]["body"]) == (503, b"pullquote is stopping")

    completed(asyncio.wait_for(go(), 10))


def call(path: str, take: Callable[[Any], None]) -> tuple[Any, Any, Any]:
    """Return an ASGI call of a reader who stays."""

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        take(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"host", b"localhost")], "client": ("10.0.0.9", 1)}
    return scope, receive, send
