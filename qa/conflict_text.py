"""How a disagreement of articles reads, in every form of an answer: its heading, and a line for each side."""

from __future__ import annotations

from pullquote.qa.display import MAX_SOURCE_CHARS, date_text, display_text
from pullquote.qa.types import Conflict, ConflictSide

_VALUE_CHARS, _ABOUT_CHARS, _OUTLETS = 160, 80, 3
_HEADINGS = {
    "number": "Articles disagree on a number",
    "date": "Articles disagree on a date",
    "actor": "Articles disagree on who it was",
    "denial": "Articles disagree on whether it is so",
}


def conflict_heading(conflict: Conflict) -> str:
    """Return what articles disagree on, as in ``Articles disagree on a number (dead)``."""
    about = display_text(conflict.about, _ABOUT_CHARS)
    return f"{_HEADINGS[conflict.kind]} ({about})" if about else _HEADINGS[conflict.kind]


def side_value(side: ConflictSide) -> str:
    """Return the words in which a side differs, without quotation marks."""
    return display_text(side.value, _VALUE_CHARS)


def side_source(side: ConflictSide) -> str:
    """Return who says so and since when, as in ``Island Herald, 3 Oct 2026, later``."""
    named = (display_text(c.article.source or c.article.title or c.article.id, MAX_SOURCE_CHARS) for c in side.citations)
    outlets = list(dict.fromkeys(filter(None, named)))
    more = f" and {len(outlets) - _OUTLETS} more" if len(outlets) > _OUTLETS else ""
    who = ", ".join(outlets[:_OUTLETS]) + more
    return ", ".join(filter(None, (who, date_text(side.published_at), "later" if side.later else "")))


def side_marks(side: ConflictSide) -> str:
    """Return the numbers of the citations that say so, as in ``[1][3]``."""
    return "".join(f"[{citation.n}]" for citation in side.citations)
