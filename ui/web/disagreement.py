"""On what the cited articles disagree, as HTML: a heading, and each side with where it stands."""

from __future__ import annotations

from pullquote.qa.conflict_text import conflict_heading, side_source, side_value
from pullquote.qa.types import Answer, Citation, Conflict, ConflictSide
from pullquote.ui.web.html import text
from pullquote.ui.web.places import read_button

_CHARS = 200


def conflicts_html(answer: Answer) -> str:
    """Return all disagreements below an answer; empty when there is none."""
    return "".join(map(_conflict, answer.conflicts))


def _conflict(conflict: Conflict) -> str:
    sides = "".join(map(_side, conflict.sides))
    heading = f'<h3 dir="auto">{text(conflict_heading(conflict), _CHARS)}</h3>'
    return f'<div class="pq-conflict" data-kind="{conflict.kind}">{heading}<ul>{sides}</ul></div>'


def _side(side: ConflictSide) -> str:
    marks = "".join(map(_mark, side.citations))
    said = f'<q dir="auto">{text(side_value(side), _CHARS)}</q> {marks}'
    return f'<li>{said}<div class="pq-where" dir="auto">{text(side_source(side), _CHARS)}</div></li>'


def _mark(citation: Citation) -> str:
    return read_button(str(citation.n), citation.article, citation.span, "pq-mark", f"Source {citation.n}")
