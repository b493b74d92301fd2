"""Where something stands in an article as HTML: a button that opens it there, its outlet and date, its copies."""

from __future__ import annotations

from pullquote.index.types import ArticleMeta, Span
from pullquote.qa.render import also_text, date_text
from pullquote.qa.types import Citation
from pullquote.ui.web.html import attribute, link_html, text

_COPIES = 20
"""So many copies of one cited sentence are listed."""
_TITLE_CHARS, _SOURCE_CHARS, _SPEAKER_CHARS, _ROLE_CHARS, _CUE_CHARS = 160, 60, 160, 90, 60


def read_button(
    label: str, meta: ArticleMeta, span: Span, style: str, spoken: str = "", *, chars: int = _TITLE_CHARS, exact: bool = False
) -> str:
    """Return a button that opens an article at a sentence, and with ``exact`` marks the characters of the span alone."""
    aria = f' aria-label="{text(f"{spoken}: {_plain(meta)}", 300)}"' if spoken else ""
    place = f'data-id="{attribute(meta.id)}" data-version="{meta.version}" data-start="{span.start}" data-end="{span.end}"'
    more = ' data-exact="1"' if exact else ""
    return f'<button type="button" class="{style}" data-act="open-article" {place}{more}{aria}>{text(label, chars)}</button>'


def speaker_button(name: str) -> str:
    """Return a speaker's name as a button that leads to what else they said."""
    shown = text(name, _SPEAKER_CHARS)
    return (
        f'<button type="button" class="pq-speaker" data-act="speaker" data-name="{attribute(name)}"'
        f' aria-label="{shown}: all statements">{shown}</button>'
    )


def speaker_html(name: str | None, role: str | None, cue: str) -> str:
    """Return who says something, as what, and with which words."""
    named = speaker_button(name) if name else '<span class="pq-nobody">No speaker named</span>'
    known = role if role and role.casefold() not in (name or "").casefold() else ""
    title = f'<span class="pq-role">, {text(known, _ROLE_CHARS)}</span>' if known else ""
    words = f' <span class="pq-cue">{text(cue, _CUE_CHARS)}</span>' if cue else ""
    return f"{named}{title}{words}"


def title_button(meta: ArticleMeta, span: Span) -> str:
    """Return an article's title as a button that opens it at a sentence."""
    return read_button(meta.title or meta.id, meta, span, "pq-title")


def source_html(meta: ArticleMeta) -> str:
    """Return outlet and date of an article."""
    outlet = text(meta.source, _SOURCE_CHARS)
    named = f'<span class="pq-outlet">{outlet}</span> · ' if outlet else ""
    edition = f" · version {meta.version}" if meta.version > 1 else ""
    return f"{named}{date_text(meta.published_at)}{edition}"


def place_html(meta: ArticleMeta) -> str:
    """Return outlet and date of an article, and a link to where it was published."""
    link = link_html(meta, "read it at")
    return f"{source_html(meta)}{f' · {link}' if link else ''}"


def _plain(meta: ArticleMeta) -> str:
    return ", ".join(filter(None, (meta.source, meta.title, date_text(meta.published_at))))


def copies_html(citation: Citation) -> str:
    """Return where else the very same sentence stands, folded."""
    if not citation.also:
        return ""
    items = "".join(
        f'<li><div dir="auto">{title_button(copy.article, copy.span)}</div>'
        f'<div class="pq-where">{place_html(copy.article)}</div></li>'
        for copy in citation.also[:_COPIES]
    )
    rest = len(citation.also) - _COPIES
    more = f"<li>and {rest} more</li>" if rest > 0 else ""
    return f'<details class="pq-copies"><summary>{text(also_text(citation))}</summary><ul>{items}{more}</ul></details>'
