"""The public endpoint as a tool for language models, over MCP."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from pullquote.index.errors import SettingsError

if TYPE_CHECKING:
    from gradio import Blocks
    from gradio_client import Client
    from mcp.types import TextContent

NO_MCP = "--mcp needs a package that is not installed: pip install 'pullquote[mcp]'"


def require_mcp() -> None:
    """Check that the package is there, before anything slow begins.

    Raises:
        SettingsError: it is not.
    """
    if importlib.util.find_spec("mcp") is None:
        raise SettingsError(NO_MCP)


@dataclass(frozen=True, slots=True)
class Caller:
    """How this process calls itself, which is how Gradio puts what comes over MCP into its queue."""

    url: str
    headers: dict[str, str]

    def client(self) -> Client:
        """Return a client of the running server."""
        from gradio_client import Client

        plain: dict[str, Any] = {"download_files": False, "verbose": False, "analytics_enabled": False, "_skip_components": False}
        headers = {"x-gradio-user": "mcp", **self.headers}
        return Client(f"{self.url}/", headers=headers, httpx_kwargs={"trust_env": False}, **plain)


def set_up_tool(page: Blocks, caller: Caller) -> None:
    """Make what Gradio serves over MCP call this process and nobody else, and answer in JSON.

    Left alone, it would call the address that its first caller names, without a password, and answer with Python's ``repr``.

    Raises:
        SettingsError: Gradio could not set it up.
    """
    server = page.mcp_server_obj
    if server is None:
        raise SettingsError(f"--mcp does not work here: {page.mcp_error}")
    server._get_or_create_client = cache(caller.client)  # type: ignore[method-assign]
    server.postprocess_output_data = _as_json  # type: ignore[method-assign,assignment]


def _as_json(data: list[Any], _root_url: str) -> list[TextContent]:
    from mcp.types import TextContent

    return [TextContent(type="text", text=json.dumps(one, ensure_ascii=False)) for one in data]
