"""The page as an application: Gradio set up to stay on this machine, the reports beside it, and nothing else."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastapi import FastAPI

    from pullquote.ui.web.desk import Desk
    from pullquote.ui.web.mcp import Caller

_GRADIO = {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_SSR_MODE": "False", "GRADIO_RUN_HISTORY": "False"}
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#8c1d2f"/>'
    '<text x="16" y="33" font-family="Georgia,serif" font-size="36" text-anchor="middle" fill="#fff">”</text></svg>'
)
_QUIET = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}


def load_gradio() -> None:
    """Import Gradio, which takes seconds, so that nothing in the environment opens it up or makes it call home."""
    for name in [name for name in os.environ if name.startswith("GRADIO_") and name != "GRADIO_TEMP_DIR"]:
        del os.environ[name]
    os.environ.update(_GRADIO | _QUIET)
    for name in ("gradio", "pullquote.ui.web.page"):
        importlib.import_module(name)


def build_application(desk: Desk, mcp: Caller | None) -> FastAPI:
    """Return the page over a desk, ready to be served; with ``mcp``, its endpoint as an MCP tool, too.

    Raises:
        SettingsError: MCP is wanted and its package is not there or does not work.
    """
    from gradio import mount_gradio_app

    from pullquote.ui.web.mcp import set_up_tool
    from pullquote.ui.web.page import build_page, page_options

    app, page = _with_reports(desk), build_page(desk)
    fixed: dict[str, Any] = {"footer_links": [], "allowed_paths": [], "max_file_size": 1, "mcp_server": mcp is not None}
    fixed |= dict.fromkeys(("run_history", "enable_monitoring", "ssr_mode", "pwa", "show_error"), False)
    mount_gradio_app(app, page, path="/", **fixed, **page_options())
    if mcp is not None:
        set_up_tool(page, mcp)
    return app


def _with_reports(desk: Desk) -> FastAPI:
    from fastapi import FastAPI
    from fastapi.responses import HTMLResponse, Response

    from pullquote.ui.web.reports import report_page

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/reports/{name}", response_class=HTMLResponse)
    def report(name: str) -> HTMLResponse:
        found = report_page(desk.reports, name)
        return HTMLResponse("there is no such report", 404) if found is None else HTMLResponse(found)

    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(_ICON, media_type="image/svg+xml")

    return app
