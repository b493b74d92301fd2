"""Text of articles as it may stand on a screen: safe with hostile articles, cut where it is too long."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from pullquote.index.types import ArticleMeta

MAX_TITLE_CHARS = 160
MAX_SOURCE_CHARS = 60
MAX_TEXT_CHARS = 4000
"""Of one sentence on the screen; the JSON form has all of it."""
MAX_URL_CHARS = 2048
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_ESCAPES = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours and cursor moves
    "|(?:\x1b[\\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\\\|\x9c)"  # links, titles, clipboard
    "|\x1b[ -/]*[0-~]?"
)
_KEPT = "\u200c\u200d\u200e\u200f"  # joiners and direction marks: Persian, Indic scripts and Hebrew need them
_HIDDEN = re.compile(  # blank on a screen, though Unicode counts them as letters, marks or symbols
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef]"
)
_MAX_MARKS = 6  # on one letter: more than any script needs


def display_text(text: str, max_chars: int = MAX_TEXT_CHARS) -> str:
    """Return a text on one line that can do nothing to a terminal: printable characters and single spaces.

    Escape sequences, control characters, bidirectional controls, zero-width characters and tags are
    dropped, unreadable ones shown as U+FFFD, a text over ``max_chars`` is cut.
    """
    if text.isascii() and text.isprintable():  # as most are: nothing to drop
        return _cut(" ".join(text.split()), max_chars)
    shown: list[str] = []
    marks = 0
    for char in _HIDDEN.sub("", _ESCAPES.sub("", text[: 8 * max_chars])):
        kind = unicodedata.category(char)
        if kind[0] == "M" or char in _KEPT:
            marks += 1
            if marks <= _MAX_MARKS:
                shown.append(char)
        elif char.isprintable() or char.isspace() or kind in ("Cs", "Co", "Cn"):
            marks = 0
            shown.append(char if char.isprintable() else " " if char.isspace() else "\ufffd")
    return _cut(" ".join("".join(shown).split()), max_chars)


def _cut(line: str, max_chars: int) -> str:
    return line if len(line) <= max_chars else f"{line[: max_chars - 1].rstrip()}…"


def date_text(moment: date | None) -> str:
    """Return a day as in ``9 Oct 2026``, or ``undated``."""
    return "undated" if moment is None else f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def source_line(meta: ArticleMeta) -> str:
    """Return outlet, title and date of an article on one line."""
    parts = [
        display_text(meta.source or "", MAX_SOURCE_CHARS),
        display_text(meta.title or "", MAX_TITLE_CHARS) or display_text(meta.id, MAX_TITLE_CHARS),
        date_text(meta.published_at),
        f"version {meta.version}" if meta.version > 1 else "",
    ]
    return " · ".join(filter(None, parts))


def web_link(url: str | None) -> str | None:
    """Return the address when it may be shown as a link: http(s), nothing hidden in it."""
    if url is None or not re.match(r"https?://[^/\s]", url, re.IGNORECASE):
        return None
    return url if url == display_text(url, MAX_URL_CHARS) and " " not in url else None
