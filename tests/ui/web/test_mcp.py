"""``pullquote ui --mcp``: a question asked by a real MCP client."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from pullquote.ui.cli import main
from tests.ui.web.serving import Running, completed, running, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser

QUESTION = "How many people died in the ferry fire?"
AUTH = {"Authorization": "Basic " + base64.b64encode(b"ada:secret").decode()}


@pytest.fixture(scope="module")
def server(bundled_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with a tool and a password, where an address may ask nine times a minute."""
    env = {"PULLQUOTE_AUTH": "ada:secret", "PULLQUOTE_QUESTIONS_PER_MINUTE": "3"}
    with running(bundled_store, tmp_path_factory.mktemp("mcp"), "--mcp", "--verbose", env=env) as here:
        until("it is ready", lambda: here.status("/readyz") == 200)
        yield here


async def talk(url: str, questions: list[str]) -> tuple[Any, list[Any]]:
    """List the tools and ask questions as an MCP client does."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async with (
        httpx.AsyncClient(headers=AUTH, timeout=60) as http,
        streamable_http_client(f"{url}/gradio_api/mcp/", http_client=http) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        tools = (await session.list_tools()).tools
        return tools, [await session.call_tool("ask", {"question": question}) for question in questions]


def test_one_tool_is_listed_and_answers_as_the_terminal_does(
    server: Running, bundled_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tools, (result,) = completed(talk(server.url, [QUESTION]))
    assert [tool.name for tool in tools] == ["ask"]
    assert tools[0].inputSchema["required"] == ["question"]
    assert set(tools[0].inputSchema["properties"]) == {"question", "outlets", "since", "until"}
    assert not result.isError
    over_mcp = json.loads(result.content[0].text)
    capsys.readouterr()
    assert main(["ask", QUESTION, "--json", "--store", str(bundled_store)]) == 0
    in_terminal = json.loads(capsys.readouterr().out)
    for answer in (over_mcp, in_terminal):
        del answer["timings_s"]
    assert over_mcp == in_terminal


def test_what_cannot_be_asked_is_an_error_with_its_reason(server: Running) -> None:
    _, (result,) = completed(talk(server.url, ["a" * 3000]))
    assert result.isError
    assert "more than 2,000: shorten it" in result.content[0].text


def test_one_address_may_not_ask_too_fast_over_mcp_either(server: Running) -> None:
    _, results = completed(talk(server.url, ["a" * 3000] * 10))
    assert "more than 2,000" in results[0].content[0].text
    assert "Too many questions within a minute" in results[-1].content[0].text


def test_the_tool_wants_the_password_too(server: Running) -> None:
    answer = httpx.post(f"{server.url}/gradio_api/mcp/", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    assert answer.status_code == 401


def test_other_sites_do_not_reach_it(server: Running) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    for headers, status in (({"Origin": "http://evil.example"}, 403), ({"Host": "evil.example"}, 400)):
        assert httpx.post(f"{server.url}/gradio_api/mcp/", json=body, headers={**AUTH, **headers}).status_code == status


def test_without_the_option_there_is_no_tool(page_url: str) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert httpx.post(f"{page_url}/gradio_api/mcp/", json=body).status_code == 404


def test_without_its_package_the_option_names_what_to_install(tmp_path: Path) -> None:
    code = "import sys; sys.modules['mcp'] = None; from pullquote.ui.cli import main; sys.exit(main(['ui', '--mcp']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert done.returncode == 2
    assert done.stderr == "pullquote: --mcp needs a package that is not installed: pip install 'pullquote[mcp]'\n"


# -- the same server, by its password ---------------------------------------------------------------


def test_gradio_client_comes_in_with_a_header_and_with_auth(server: Running) -> None:
    from gradio_client import Client

    for way in ({"headers": AUTH}, {"auth": ("ada", "secret")}):
        client = Client(server.url, verbose=False, **way)
        assert list(client.view_api(return_format="dict")["named_endpoints"]) == ["/ask"]
    with pytest.raises(Exception, match="Invalid credentials"):
        Client(server.url, verbose=False, auth=("ada", "wrong"))


def test_a_browser_comes_in_with_a_password(server: Running, browser: Browser) -> None:
    with browser.new_context(http_credentials={"username": "ada", "password": "secret"}) as context:
        page = context.new_page()
        page.goto(server.url)
        page.locator(".pq-greeting").wait_for()


def test_guessing_is_stopped(server: Running) -> None:
    wrong = [httpx.get(server.url, auth=("ada", f"guess {number}")).status_code for number in range(12)]
    assert wrong[-1] == 429
    answer = httpx.get(server.url, auth=("ada", "secret"))
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert server.status("/healthz") == 200
