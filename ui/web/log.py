"""What the server tells those who run it: one line of JSON per event, on standard error."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

_LOG = logging.getLogger("pullquote.ui.web")
_OTHERS = ("uvicorn.error", "gradio", "mcp", "asyncio")
_FACTS = "facts"


def note(event: str, level: int = logging.INFO, **facts: Any) -> None:
    """Tell of an event. A question's text is for ``logging.DEBUG`` only."""
    _LOG.log(level, event, extra={_FACTS: facts})


def start_logging(verbosity: int) -> None:
    """Write errors (0), events too (1), or questions too (2) to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    level = {0: logging.ERROR, 1: logging.INFO}.get(verbosity, logging.DEBUG)
    for name in (_LOG.name, *_OTHERS):
        log = logging.getLogger(name)
        log.handlers, log.propagate = [handler], False
        log.setLevel(level if name == _LOG.name else logging.ERROR)


class JsonLines(logging.Formatter):
    """One line for each record, whatever is in it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a JSON object in ASCII: line ends and terminal codes in it are escaped."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": when, "level": record.levelname.lower(), "event": record.getMessage().strip()}
        line |= getattr(record, _FACTS, {})
        if record.exc_info and record.exc_info[1] is not None:
            line["reason"] = f"{type(record.exc_info[1]).__name__}: {record.exc_info[1]}"[:1000]
        return json.dumps(line, default=str)
