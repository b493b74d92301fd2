"""What a reader wants, out of what the page sent: every value of it is checked, none is trusted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pullquote.qa.pack import Pack
from pullquote.qa.scope import Scope, read_day

_MAX_OUTLETS, _MAX_CHARS = 200, 300


def scope_of(filters: Any) -> Scope:
    """Return which articles are asked, from ``{"outlets": [...], "since": "2026-01-31", "until": ""}``.

    Raises:
        QuestionError: a date is none, or the first is after the last.
    """
    known: Mapping[str, Any] = filters if isinstance(filters, dict) else {}
    outlets = known.get("outlets")
    names = [name[:_MAX_CHARS] for name in outlets if isinstance(name, str)] if isinstance(outlets, list) else []
    since, until = (words_of(known, name) for name in ("since", "until"))
    return Scope(tuple(names[:_MAX_OUTLETS]), read_day(since) if since else None, read_day(until) if until else None)


def words_of(value: Any, name: str) -> str:
    """Return a text that the page sent under a name, or nothing."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def number_of(value: Any) -> int | None:
    """Return a whole number that the page sent, which may come as text."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None


def pack_file(pack: Pack, kind: str) -> dict[str, str]:
    """Return an evidence pack as a file for the page to save."""
    stem = f"pullquote-{pack.made_at:%Y-%m-%d-%H%M%S}"
    if kind == "json":
        return {"name": f"{stem}.json", "type": "application/json", "text": pack.json()}
    return {"name": f"{stem}.html", "type": "text/html", "text": pack.html()}
