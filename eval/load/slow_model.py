"""A language model that takes a second, says it in ten pieces where it may, and repeats the first sentence it was shown."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

from pullquote.qa.testing import Reply, ScriptedServer, chunked, reply

PIECES = 10
_FIRST = re.compile(r"^\[1\] \([^\n]*?\) (.*)$", re.MULTILINE)


class SlowModel:
    """A server of it, as a context."""

    def __init__(self, seconds: float = 1.0) -> None:
        """Let an answer take so many seconds."""
        self.seconds = seconds
        self._server = ScriptedServer(self._reply)

    def __enter__(self) -> SlowModel:
        """Begin to listen."""
        self._server.__enter__()
        return self

    def __exit__(self, *raised: Any) -> None:
        """Stop."""
        self._server.__exit__(*raised)

    @property
    def settings(self) -> Mapping[str, str]:
        """What makes pullquote ask it."""
        fixed = {"PULLQUOTE_ENGINE": "llm", "PULLQUOTE_STRUCTURED": "text", "PULLQUOTE_CONTEXT_TOKENS": "8192"}
        return {"OPENAI_BASE_URL": self._server.base_url, "PULLQUOTE_MODEL": "slow", **fixed}

    def wait_for(self, n: int, seconds: float) -> None:
        """Wait until it is at ``n`` answers at once, or the time is over."""
        ends = time.monotonic() + seconds
        while self._server.in_flight < n and time.monotonic() < ends:
            time.sleep(0.01)

    def _reply(self, body: Mapping[str, Any]) -> Reply:
        shown = _FIRST.search(str(body["messages"][-1]["content"]))
        text = f"{shown[1]} [1]." if shown else "NO_ANSWER"
        if body.get("stream"):
            return chunked(text, PIECES, pause_s=self.seconds / PIECES)
        return reply(text, delay_s=self.seconds)
