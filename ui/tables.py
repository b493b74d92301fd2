"""Rows in columns and JSON: how the terminal verbs write to stdout."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from pullquote.qa.json_form import json_text
from pullquote.qa.render import WIDTH, display_text

MAX_ID_CHARS = 200
MAX_CELL_CHARS = 60
_GAP = "  "


def cell_width(text: str) -> int:
    """Return how many terminal columns a text takes."""
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def padded(text: str, width: int) -> str:
    """Return the text with blanks up to ``width`` terminal columns."""
    return text + " " * max(0, width - cell_width(text))


def table(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return rows as lines with aligned columns; every cell is made safe to show, the last one is not padded."""
    shown = [[display_text(cell, MAX_CELL_CHARS if i else MAX_ID_CHARS) for i, cell in enumerate(row)] for row in rows]
    widths = [max(map(cell_width, column)) for column in zip(*shown, strict=True)]
    return [_GAP.join([*map(padded, row[:-1], widths), row[-1]]).rstrip() for row in shown]


def print_json(value: Any) -> None:
    """Print JSON in which every character can be seen: the others are escaped, as JSON allows."""
    print(json_text(value, ascii_only=not _is_utf8()))


def _is_utf8() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def text_width() -> int:
    """Return the width to wrap text at: the terminal's, within reason, or a fixed one when there is no terminal."""
    return min(shutil.get_terminal_size((WIDTH, 24)).columns, 120) if sys.stdout.isatty() else WIDTH


def may_color() -> bool:
    """Whether stdout is a terminal that wants colours."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
