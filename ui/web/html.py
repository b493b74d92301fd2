"""The one way a foreign string gets into a page: as text."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from urllib.parse import urlsplit

import idna

from pullquote.index.types import ArticleMeta
from pullquote.qa.render import MAX_TEXT_CHARS, display_text, web_link


def text(foreign: str | None, max_chars: int = MAX_TEXT_CHARS) -> str:
    """Return a string of an article, a model or a user as HTML text, fit for double-quoted attributes too."""
    return escape(display_text(foreign or "", max_chars))


def marked(foreign: str, start: int, end: int, max_chars: int = MAX_TEXT_CHARS) -> str:
    """Return a string as HTML text with its characters from ``start`` to ``end`` marked."""
    parts = (foreign[:start], foreign[start:end], foreign[end:])
    before, inside, after = (text(part, max_chars) for part in parts)
    opening, closing = (" " if left[-1:].isspace() or right[:1].isspace() else "" for left, right in pairwise(parts))
    return f'{before}{opening}<mark class="pq-here">{inside}</mark>{closing}{after}'


def attribute(foreign: str) -> str:
    """Return a string as the value of a double-quoted attribute that nobody reads but our own script: nothing is left out."""
    return escape(foreign)


def problem_html(reason: str) -> str:
    """Return in one line why something was not done."""
    return f'<p class="pq-problem" role="alert">{text(reason, 1000)}</p>'


def link_html(meta: ArticleMeta, label: str) -> str:
    """Return a link to where an article was published, labelled with plain words; empty when its address is none to follow."""
    if (url := web_link(meta.url)) is None:
        return ""
    return (
        f'<a class="pq-link" href="{escape(url)}" target="_blank" rel="noopener noreferrer nofollow">{escape(label)}'
        f' <span class="pq-host">{text(host_of(url), 80)}</span></a>'
    )


def host_of(url: str) -> str:
    """Return the host of a web address in the form that networks use, so that look-alike letters show as ``xn--``."""
    try:
        host = urlsplit(url).hostname or ""
        return host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except (ValueError, UnicodeError):  # idna.IDNAError is a UnicodeError
        return "an unreadable address"
