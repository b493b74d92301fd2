"""The public endpoint: ``ask``, for programs, with the JSON of ``pullquote ask --json``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from pullquote.index.errors import PullquoteError
from pullquote.qa.scope import Scope
from pullquote.ui.web.desk import Desk
from pullquote.ui.web.drain import Refused
from pullquote.ui.web.wishes import scope_of


def reader_of(request: gr.Request) -> tuple[str, str]:
    """Return who asks: the session and the address of a request; all that comes over MCP would be one session, so it has none."""
    session = "" if request.headers.get("x-gradio-user") == "mcp" else request.session_hash or ""
    return session, request.client.host if request.client else ""


def ask_endpoint(desk: Desk) -> Callable[..., dict[str, Any]]:
    """Return the function behind ``/ask``."""

    def ask(
        question: str, request: gr.Request, outlets: list[str] | None = None, since: str = "", until: str = ""
    ) -> dict[str, Any]:
        """Answer a question from the news articles in this store, with cited sentences, or abstain.

        Args:
            question: The question, in plain words.
            outlets: Names of outlets to ask; none asks all.
            since: Only articles published on this day or later, as 2026-01-31.
            until: Only articles published on this day or earlier.
        """
        try:
            desk.pace.check(*reader_of(request))
            scope: Scope = scope_of({"outlets": outlets or [], "since": since, "until": until})
            with desk.drain.answer():
                return desk.room.ask(question, scope=scope).to_dict()
        except (PullquoteError, Refused) as error:
            raise gr.Error(str(error)) from error

    return ask
