"""The verb said: rows of the ledger, by what is said and by who says it."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Iterator

from pullquote.qa.aliases import nearest_names
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.render import MAX_SOURCE_CHARS, also_text, coverage_text, date_text, display_text, wrapped_text
from pullquote.qa.said import Said, SaidPage
from pullquote.qa.scope import Scope, articles_in
from pullquote.qa.types import Coverage
from pullquote.ui.arguments import chosen_scope
from pullquote.ui.tables import MAX_ID_CHARS, may_color, print_json, text_width

_NAME_CHARS, _ROLE_CHARS, _CUE_CHARS, _TEXT_CHARS = 120, 160, 80, 1000
_NAMES = 5
_NOT_SAID = {"denied": "[denial]", "declined": "[would not say]"}
_TOLD = re.compile(r"\bden(?:y|ie)|\b(?:declin|refus)", re.IGNORECASE)
"""A cue that tells as much itself."""
_INDENT = "    "
_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def said(options: Namespace) -> int:
    """Print who said what, or whom one might have meant."""
    words, scope = " ".join(options.words), chosen_scope(options)
    with Newsroom.open(options.store, create=False) as room:
        page = room.said(words, by=options.by, scope=scope, limit=options.limit)
        notes = [] if options.json else list(_notes(room, page, options, scope))
    if options.json:
        print_json(page.to_dict(words, options.by))
        return 0
    print("\n".join(said_lines(page, notes, text_width(), may_color())))
    return 0


def said_lines(page: SaidPage, notes: list[str], width: int, color: bool = False) -> Iterator[str]:
    """Yield the rows of a page and below them what a reader must know of them, as lines of at most ``width`` characters."""
    width = max(40, width)
    for row in page.rows:
        yield from _row(row, width, color)
        yield ""
    for note in notes:
        yield from _styled(wrapped_text(note, width), _DIM if page.rows else "", color)


def _row(row: Said, width: int, color: bool) -> Iterator[str]:
    statement, meta = row.statement, row.article
    head = " · ".join(filter(None, (date_text(meta.published_at), display_text(meta.source or "", MAX_SOURCE_CHARS))))
    role = f"({display_text(statement.role, _ROLE_CHARS)})" if statement.role else ""
    speaker = display_text(statement.speaker or "", _NAME_CHARS) or "(not named)"
    mark = "" if _TOLD.search(row.cue) else _NOT_SAID.get(statement.polarity, "")
    parts = (speaker, role, display_text(row.cue, _CUE_CHARS), mark)
    where = f"{display_text(meta.id, MAX_ID_CHARS)}, sentence {statement.number}"
    yield from _styled(wrapped_text(head, width), _DIM, color)
    yield from _styled(wrapped_text(" ".join(filter(None, parts)), width, _INDENT), _BOLD, color)
    words = display_text(row.text, _TEXT_CHARS)
    shown = f"“{words}”" if row.statement.kind == "direct" else words
    yield from _styled(wrapped_text(shown, width, _INDENT), "", color)
    yield from _styled(wrapped_text(" · ".join(filter(None, (where, also_text(row.citation)))), width, _INDENT), _DIM, color)


def _styled(text: str, style: str, color: bool) -> Iterator[str]:
    for line in text.splitlines():
        yield f"{style}{line}{_PLAIN}" if style and color else line


# -- what a reader must know ----------------------------------------------------------------------


def _notes(room: Newsroom, page: SaidPage, options: Namespace, scope: Scope) -> Iterator[str]:
    if page.rows:
        yield f"{_counted(page, options)}. pullquote show ID shows an article with its sentences numbered."
    else:
        yield _nothing(room, page, options)
        yield coverage_text(Coverage.of(room.store.catalog.stats(articles_in(room.store, scope))), scope)
    if page.unread and room.store.settings.statements:
        yield f"{_articles(page.unread)} not been read for statements yet: run pullquote rebuild."
    elif page.unread:
        yield f"{_articles(page.unread)} not been read for statements: PULLQUOTE_STATEMENTS is off."


def _counted(page: SaidPage, options: Namespace) -> str:
    names = f" by {_listed(page.names)}" if page.names else ""
    shown, total = len(page.rows), page.total if page.total is not None or options.limit <= len(page.rows) else len(page.rows)
    if total is None:
        return f"The {'best' if options.words else 'newest'} {shown:,}{names}: -n shows more or fewer"
    counted = f"{total:,} statement{'' if total == 1 else 's'}{names}"
    return f"{counted}, the newest {shown:,} shown: -n shows more or fewer" if shown < total else counted


def _nothing(room: Newsroom, page: SaidPage, options: Namespace) -> str:
    if options.by and not page.names:
        near = nearest_names(room.store.catalog, options.by)
        hint = f": did you mean {' or '.join(display_text(name, _NAME_CHARS) for name in near)}?" if near else "."
        return f"No article names a speaker {display_text(options.by, _NAME_CHARS)!r}{hint}"
    said_by = f" by {_listed(page.names)}" if page.names else ""
    return f"No statement{said_by} {'has these words' if options.words else 'is in the articles that were asked'}."


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(display_text(name, _NAME_CHARS) for name in names[:_NAMES])
    return f"{shown}{f' and {len(names) - _NAMES:,} more names' if len(names) > _NAMES else ''}"


def _articles(number: int) -> str:
    return "1 article has" if number == 1 else f"{number:,} articles have"
