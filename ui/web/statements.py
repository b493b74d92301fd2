"""The Statements tab: who said what, found by words and by speaker, and what one speaker said over time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from pullquote.eval.wording import count_text
from pullquote.index.errors import PullquoteError
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.render import date_text
from pullquote.qa.said import Said, SaidPage
from pullquote.qa.types import Coverage
from pullquote.ui.web.filters import CLEAR, Filters, bounds_html, form_html, line_field, line_of
from pullquote.ui.web.html import problem_html, text
from pullquote.ui.web.places import copies_html, read_button, speaker_button, speaker_html
from pullquote.ui.web.wishes import number_of

PAGE = 20
"""Rows that each "more" brings."""
_MOST_ROWS = 400
_LATEST, _MOST_NAMES = 40, 8
"""Articles that are looked at for speakers to begin with, and how many of those are named."""
_TEXT_CHARS, _NAME_CHARS, _OUTLET_CHARS = 700, 160, 60
_ORDER = {True: "the best first", False: "newest first"}
"""By whether words were looked for."""
_POLARITIES = {"denied": "denial", "declined": "would not say"}


@dataclass(frozen=True, slots=True)
class SaidView(Filters):
    """Which statements are looked at."""

    by: str = ""
    """A speaker's name, or part of it."""
    shown: int = PAGE
    """So many rows at most."""
    asking: int = 0
    """Counted by the page, so that what comes back can be told apart."""

    @classmethod
    def from_json(cls, value: Any) -> SaidView:
        """Return the view that the page asks for; what makes no sense is left out, with a note."""
        sent: dict[str, Any] = value if isinstance(value, dict) else {}
        shown, asking = number_of(sent.get("shown")) or PAGE, number_of(sent.get("asking")) or 0
        return cls(**Filters.known(value), by=line_of(sent.get("by")), shown=min(max(shown, 1), _MOST_ROWS), asking=asking)


def said_form_html(room: Newsroom) -> str:
    """Return the head of the tab and the form."""
    return f'<h1>Statements</h1><p class="pq-lead">Who said what, in which article.</p>{form_html(room, _form)}'


def _form(coverage: Coverage) -> str:
    words = line_field("words", "What was said", "", "said", "search")
    speaker = line_field("by", "Who said it", "", "said", "search")
    return (
        '<form class="pq-filters" data-act="said" role="search" aria-label="Find statements">'
        f'{words}{speaker}{bounds_html(coverage, SaidView(), "said")}<button type="submit" class="pq-button">Search</button>'
        f"{CLEAR}</form>"
    )


def said_html(room: Newsroom, view: SaidView) -> str:
    """Return the statements of a view; or why they cannot be shown; or, where nothing is looked for, whom to begin with."""
    try:
        body = _found(room, view) if view.words or view.by else _beginning(room, view)
    except PullquoteError as error:
        body = problem_html(str(error))
    note = f'<p class="pq-problem" role="status">{text(view.note)}</p>' if view.note else ""
    return f'<div class="pq-result" data-asking="{view.asking}">{note}{body}</div>'


def _found(room: Newsroom, view: SaidView) -> str:
    return rows_html(room.said(view.words, by=view.by or None, scope=view.scope, limit=view.shown + 1), view)


def _beginning(room: Newsroom, view: SaidView) -> str:
    """Return how many statements there are, and some who speak in the latest articles."""
    stats = room.store.catalog.stats()
    if not stats.articles:
        return ""
    wanted = "" if view.scope.is_all else '<p role="status">Name some words or a speaker, too.</p>'
    counted = (
        f'<p class="pq-counts">{count_text(stats.statements or 0, "statement")} in {count_text(stats.articles, "article")}</p>'
    )
    return f"{wanted}{counted}{unread_html(room.store.catalog.unread_among())}{_speakers(room)}"


def _speakers(room: Newsroom) -> str:
    """Return who speaks most in the latest articles."""
    latest, _ = room.find_articles(limit=_LATEST)
    said = (one.speaker for meta in latest for one in room.store.catalog.statements_of(meta.id))
    names = [name for name, _ in Counter(name for name in said if name).most_common(_MOST_NAMES)]
    items = "".join(f'<li dir="auto">{speaker_button(name)}</li>' for name in names)
    return f'<h2>In the latest articles</h2><ul class="pq-speakers">{items}</ul>' if names else ""


# -- rows: pure ---------------------------------------------------------------------------------------


def rows_html(page: SaidPage, view: SaidView) -> str:
    """Return the rows that were found, of which one may be more than the view shows, with how many there are."""
    more = len(page.rows) > view.shown
    page = replace(page, rows=page.rows[: view.shown])
    if not page.rows:
        return f"{_nothing(page, view)}{unread_html(page.unread)}"
    items = "".join(map(_row, page.rows))
    label = f"What {_name(page, view)} said" if view.by else "Statements"
    return (
        f'{_heading(page, view, more)}{unread_html(page.unread)}<ol class="pq-said" aria-label="{label}">{items}</ol>'
        f"{_more(view) if more else ''}"
    )


def unread_html(articles: int) -> str:
    """Return how many articles have not been looked through for statements."""
    if not articles:
        return ""
    verb = "has" if articles == 1 else "have"
    return (
        f'<p class="pq-note pq-unread" role="status">{count_text(articles, "article")} {verb} not been read for statements yet,'
        " and what is said there is missing here.</p>"
    )


def _heading(page: SaidPage, view: SaidView, more: bool) -> str:
    count = count_text(len(page.rows) if page.total is None else page.total, "statement")
    where = f" {view.html('about')}".rstrip()
    told = f"The best {count}{where}" if more and page.total is None else f"{count}{where}, {_ORDER[bool(view.words)]}"
    counts = f'<p class="pq-counts" role="status" dir="auto">{told}</p>'
    if not view.by:
        return counts
    others = [text(name, _NAME_CHARS) for name in page.names[1:]]
    also = f'<p class="pq-note" dir="auto">Also named {", ".join(others)}.</p>' if others else ""
    return f'<h2 tabindex="-1" dir="auto">{_name(page, view)}</h2>{also}{counts}'


def _name(page: SaidPage, view: SaidView) -> str:
    return text(page.names[0] if page.names else view.by, _NAME_CHARS)


def _row(row: Said) -> str:
    when, outlet = row.article.published_at, text(row.article.source, _OUTLET_CHARS)
    day = f'<time datetime="{when:%Y-%m-%d}">{date_text(when)}</time>' if when else date_text(None)
    where = f'<span class="pq-outlet" dir="auto">{outlet}</span>' if outlet else ""
    who = speaker_html(row.statement.speaker, row.statement.role, row.cue)
    return (
        f'<li><p class="pq-when">{day} {where}</p><div class="pq-saying"><p class="pq-who" dir="auto">{who}{_polarity(row)}</p>'
        f'<p class="pq-words" dir="auto">{_statement(row)}</p>{copies_html(row.citation)}</div></li>'
    )


def _polarity(row: Said) -> str:
    """Return a word for what is not said but denied, or not said at all."""
    word = _POLARITIES.get(row.statement.polarity)
    return f' <span class="pq-polarity">{word}</span>' if word else ""


def _statement(row: Said) -> str:
    words = f"“{row.text}”" if row.statement.kind == "direct" else row.text
    return read_button(words, row.article, row.citation.span, "pq-title", chars=_TEXT_CHARS)


def _more(view: SaidView) -> str:
    if view.shown >= _MOST_ROWS:
        return '<p class="pq-note">There are more: narrow the search to see them.</p>'
    return (
        f'<button type="button" class="pq-button pq-onward" data-act="said-more" data-shown="{view.shown + PAGE}">More</button>'
    )


def _nothing(page: SaidPage, view: SaidView) -> str:
    """Return what was looked for in vain, and what might be found in its place."""
    if view.by and not page.names:
        told = f"Nobody who is called “{text(view.by, _NAME_CHARS)}” says anything in these articles."
        return f'<div class="pq-nothing"><p role="status" dir="auto">{told}</p></div>'
    by = f" by {_name(page, view)}" if view.by else ""
    whole = f"<p>All that is known: {speaker_button(page.names[0])}</p>" if view.by else ""
    where = view.html("about")
    return f'<div class="pq-nothing"><p role="status" dir="auto">No statement{by}{f" {where}" if where else ""}.</p>{whole}</div>'
