"""An answer as a small piece of HTML, for notebooks: pure, and nothing of an article is markup."""

from __future__ import annotations

from html import escape

from pullquote.index.types import ArticleMeta
from pullquote.qa.conflict_text import conflict_heading, side_marks, side_source, side_value
from pullquote.qa.render import (
    also_text,
    as_of_text,
    coverage_text,
    display_text,
    nearest_evidence,
    refusal_text,
    reports_text,
    said_by_text,
    scope_text,
    short_text,
    source_line,
    web_link,
    written_by_text,
)
from pullquote.qa.types import Answer, Citation, Conflict


def answer_html(answer: Answer) -> str:
    """Return the answer as a small piece of HTML in which nothing of an article is markup."""
    parts = [f'<p dir="auto"><strong>{_html(short)}</strong></p>'] if (short := short_text(answer)) else []
    for sentence in answer.sentences:
        marks = "".join(f"<sup>[{c.n}]</sup>" for c in sentence.citations)
        doubt = " <em>(not supported)</em>" if sentence.support.verdict == "unsupported" else ""
        parts.append(f'<p dir="auto">{_html(said_by_text(answer, sentence))}{_html(sentence.text)}{marks}{doubt}</p>')
    parts += map(_conflict_html, answer.conflicts)
    if answer.sentences:
        parts += ["<ol>", *map(_citation_html, answer.citations), "</ol>"]
        parts += [f"<p><small>{_html(note)}</small></p>" for note in (reports_text(answer), as_of_text(answer)) if note]
    else:
        nearest = [_source_html(e.sentence.text, e.article) for e in nearest_evidence(answer)]
        parts += [f"<p><strong>No answer:</strong> {refusal_text(answer)}</p>"]
        parts += ["<p>The nearest sentences, which do not answer it:</p><ul>", *(f"<li>{item}</li>" for item in nearest), "</ul>"]
        parts += [f"<p><small>{_html(coverage_text(answer.coverage, answer.scope))}</small></p>"]
    notes = (written_by_text(answer), f"Only: {scope}." if (scope := scope_text(answer.scope)) else "")
    parts += [f"<p><small>{_html(note)}</small></p>" for note in notes if note]
    return f'<div class="pullquote-answer">{"".join(parts)}</div>'


def _conflict_html(conflict: Conflict) -> str:
    sides = (
        f'<li><q dir="auto">{_html(side_value(side))}</q><sup>{side_marks(side)}</sup><br>'
        f'<cite dir="auto">{_html(side_source(side))}</cite></li>'
        for side in conflict.sides
    )
    return f"<p><strong>{_html(conflict_heading(conflict))}:</strong></p><ul>{''.join(sides)}</ul>"


def _citation_html(citation: Citation) -> str:
    also = also_text(citation)
    more = f" · {_html(also)}" if also else ""
    return f'<li value="{citation.n}">{_source_html(citation.quote, citation.article)}{more}</li>'


def _source_html(quote: str, meta: ArticleMeta) -> str:
    source = _html(source_line(meta))
    if link := web_link(meta.url):
        source = f'<a href="{escape(link)}" rel="noopener noreferrer nofollow" target="_blank">{source}</a>'
    return f'<q dir="auto">{_html(quote)}</q><br><cite dir="auto">{source}</cite>'


def _html(text: str) -> str:
    return escape(display_text(text))
