"""To whom, from where and for what a request may be."""

from __future__ import annotations

import pytest

from pullquote.ui.web.rules import Head, Refusal, Rules, host_name

RULES = Rules.of(["127.0.0.1", "News.Example"])


def head(path: str = "/", method: str = "GET", host: str = "127.0.0.1:7860", **headers: str) -> Head:
    named = [("host", host), *((name.replace("_", "-"), value) for name, value in headers.items())]
    return Head(method, path, tuple(named), len(path), "127.0.0.1")


def status(refusal: object) -> int | None:
    return refusal.status if isinstance(refusal, Refusal) else None


@pytest.mark.parametrize(
    "host", ["127.0.0.1:7860", "localhost", "LOCALHOST:9000", "[::1]:7860", "news.example", "NEWS.example:443"]
)
def test_names_of_this_machine_and_allowed_ones_are_answered(host: str) -> None:
    assert RULES.refusal(head(host=host)) is None


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "evil.example:127.0.0.1", "news.example.",
     "127.0.0.1@evil.example",
     "127.0.0.1:7860:1", "127.0.0.1, evil.example", "[::1", "0.0.0.0", "127.0.0.2", "2130706433", "", "a" * 300],
)  # fmt: skip
def test_other_names_are_not(host: str) -> None:
    assert status(RULES.refusal(head(host=host))) == 400


def test_a_request_with_two_hosts_or_none_is_refused() -> None:
    two = Head("GET", "/", (("host", "127.0.0.1"), ("host", "evil.example")), 1, "")
    assert status(RULES.refusal(two)) == 400
    assert status(RULES.refusal(Head("GET", "/", (), 1, ""))) == 400


def test_the_reason_says_how_to_allow_a_name() -> None:
    refusal = RULES.refusal(head(host="evil.example"))
    assert refusal is not None
    assert "--allow-host NAME" in refusal.reason


@pytest.mark.parametrize("origin", ["http://127.0.0.1:7860", "HTTP://127.0.0.1:7860"])
def test_the_page_itself_may_ask(origin: str) -> None:
    assert RULES.refusal(head(origin=origin)) is None


def test_behind_a_server_that_speaks_tls_the_page_may_ask_too() -> None:
    assert RULES.refusal(head(host="news.example", origin="https://news.example")) is None
    assert RULES.refusal(head(host="news.example:443", origin="https://news.example")) is None


@pytest.mark.parametrize(
    "origin",
    ["null", "", "http://evil.example", "http://127.0.0.1", "http://127.0.0.1:3000", "http://localhost:7860", "file://",
     "http://127.0.0.1:7860.evil.example",
     "http://[", "http://127.0.0.1:99999", "data:text/html,x", "chrome-extension://abc"],
)  # fmt: skip
def test_the_pages_of_other_sites_may_not(origin: str) -> None:
    assert status(RULES.refusal(head(origin=origin))) == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_sites_may_link_here_and_load_nothing(site: str) -> None:
    assert RULES.refusal(head(sec_fetch_site=site, sec_fetch_mode="navigate")) is None
    assert status(RULES.refusal(head(sec_fetch_site=site, sec_fetch_mode="no-cors"))) == 403
    assert status(RULES.refusal(head(method="POST", sec_fetch_site=site, sec_fetch_mode="navigate"))) == 403
    assert RULES.refusal(head(sec_fetch_site="same-origin", sec_fetch_mode="cors")) is None


def test_long_addresses_and_large_headers_are_refused() -> None:
    assert status(RULES.refusal(head("/" + "a" * 9000))) == 414
    assert status(RULES.refusal(head(cookie="a" * 40_000))) == 431


@pytest.mark.parametrize(
    "path",
    ["/", "/config", "/theme.css", "/assets/index-DphvyggB.js", "/static/fonts/IBMPlexMono/IBMPlexMono-Regular.woff2",
     "/gradio_api/queue/data",
     "/gradio_api/heartbeat/abc", "/gradio_api/call/ask/0f", "/reports/smoke.json", "/gradio_api/info"],
)  # fmt: skip
def test_what_the_page_needs_is_there(path: str) -> None:
    assert not isinstance(RULES.route(head(path)), Refusal)
    assert status(RULES.route(head(path, "PUT"))) == 405


@pytest.mark.parametrize(
    "path",
    ["/docs", "/openapi.json", "/gradio_api/openapi.json", "/gradio_api/upload", "/gradio_api/file=/etc/passwd",
     "/gradio_api/file/etc/passwd",
     "/gradio_api/proxy=http://evil.example", "/gradio_api/call/other", "/gradio_api/run/ask", "/gradio_api/api/ask",
     "/monitoring", "/monitoring/summary",
     "/gradio_api/component_server", "/gradio_api/stream/a", "/gradio_api/dev/reload", "/gradio_api/mcp/", "/gradio_api/runs",
     "/gradio_api/vibe-code",
     "/assets/../config.py", "/assets/..", "/assets/.hidden", "/assets//etc/passwd", "/static/a/../../b", "/assets/a\\..\\b",
     "/assets/a\0b", "/assets/",
     "/reports/../store", "/reports/a/b", "/reports/..", "//", "/config/", "/CONFIG", "/Gradio_api/file=/etc/passwd",
     "/logout", "/token", "/svelte/x.js"],
)  # fmt: skip
def test_nothing_else_is(path: str) -> None:
    assert status(RULES.route(head(path))) == 404
    assert status(RULES.route(head(path, "POST"))) == 404


def test_a_tool_for_models_is_there_only_when_wanted_and_only_to_be_posted_to() -> None:
    rules = Rules.of([], mcp=True)
    assert not isinstance(rules.route(head("/gradio_api/mcp/", "POST")), Refusal)
    assert status(rules.route(head("/gradio_api/mcp/"))) == 405
    for path in ("/gradio_api/mcp/sse", "/gradio_api/mcp/schema", "/gradio_api/mcp/messages/"):
        assert status(rules.route(head(path, "POST"))) == 404


@pytest.mark.parametrize(
    ("path", "most"), [("/gradio_api/queue/join", 6 * 2**20), ("/gradio_api/call/ask", 2**18), ("/gradio_api/cancel", 2**18)]
)
def test_a_body_that_is_said_to_be_too_large_is_not_read(path: str, most: int) -> None:
    assert not isinstance(RULES.route(head(path, "POST", content_length=str(most))), Refusal)
    for length in (str(most + 1), "9" * 40, "-1", "x"):
        assert status(RULES.route(head(path, "POST", content_length=length))) == 413


def test_a_hosts_name_is_what_stands_before_its_port() -> None:
    assert [host_name(text) for text in ("A.b:80", "[::1]:80", "a b", "a/b", "a:b")] == ["a.b", "[::1]", "", "", ""]
