"""The Articles tab: what the store holds, found by words, outlets and days, and deleted when asked twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pullquote.eval.wording import count_text
from pullquote.index.errors import PullquoteError, QuestionError, StoreDamaged
from pullquote.index.types import ArticleMeta
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.render import date_text, display_text
from pullquote.qa.scope import MAX_OUTLET_CHARS, Scope, read_day
from pullquote.qa.types import Coverage
from pullquote.ui.web.html import attribute, text

PAGE = 50
"""Articles on one page of the list."""
_MOST_OUTLETS = 300
"""Outlets that can be chosen, those with most articles; the others are found by their names."""
_WORDS_CHARS, _TITLE_CHARS, _OUTLET_CHARS, _PROBLEM_CHARS = 200, 160, 60, 500
_LAST_PAGE = 10**6
_NOT_IN_ORDER = "The first day is after the last one, so no days were chosen."


@dataclass(frozen=True, slots=True)
class LibraryView:
    """Which articles are looked at."""

    words: str = ""
    sources: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    page: int = 1
    note: str = ""
    """What could not be followed of what was asked for; may be empty."""

    @classmethod
    def from_json(cls, value: Any) -> LibraryView:
        """Return the view that the page asks for; what makes no sense is left out, with a note."""
        known: dict[str, Any] = value if isinstance(value, dict) else {}
        words, page = known.get("words"), known.get("page")
        notes: list[str] = []
        since, until = (_day(known.get(name), notes) for name in ("since", "until"))
        if since is not None and until is not None and since > until:
            since, until = None, None
            notes.append(_NOT_IN_ORDER)
        return cls(
            display_text(words, _WORDS_CHARS) if isinstance(words, str) else "",
            _outlets(known.get("outlets")),
            since,
            until,
            min(max(page, 1), _LAST_PAGE) if isinstance(page, int) and not isinstance(page, bool) else 1,
            " ".join(notes),
        )

    @property
    def is_filtered(self) -> bool:
        """Whether there is anything to clear."""
        return bool(self.words) or not self.scope.is_all

    @property
    def scope(self) -> Scope:
        """The outlets and days of the view."""
        return Scope(self.sources, self.since, self.until)


def _day(value: Any, notes: list[str]) -> date | None:
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        return read_day(value.strip())
    except QuestionError as error:
        notes.append(f"{error}.")
        return None


def _outlets(value: Any) -> tuple[str, ...]:
    names = value[:_MOST_OUTLETS] if isinstance(value, list) else []
    whole = (name for name in names if isinstance(name, str) and name.strip() and len(name) <= MAX_OUTLET_CHARS)
    return tuple(name.encode("utf-8", "replace").decode() for name in whole)  # half a character would break the page


# -- the list -----------------------------------------------------------------------------------------


def library_html(room: Newsroom, view: LibraryView) -> str:
    """Return the tab: the filters, and below them the articles that they leave."""
    return f"<h1>Articles</h1>{filters_html(room, view, 'library', words=True)}{shelf_html(room, view)}"


def shelf_html(room: Newsroom, view: LibraryView) -> str:
    """Return the articles of a view, a page of them, with how many there are; or why they cannot be shown."""
    try:
        coverage = room.coverage()
        if not coverage.articles:
            return _empty()
        view, metas, total = _page_of(room, view)
        counts = [len(room.sentences(meta.id)) for meta in metas]
    except PullquoteError as error:
        return f'<p class="pq-problem" role="alert">{text(str(error), _PROBLEM_CHARS)}</p>'
    note = f'<p class="pq-problem" role="status">{text(view.note, _PROBLEM_CHARS)}</p>' if view.note else ""
    if not metas:
        return f"{note}{_nothing(view, coverage)}"
    return f"{note}{_counts(view, coverage, total)}{_table(metas, counts)}{_pages(view, total)}"


def _page_of(room: Newsroom, view: LibraryView) -> tuple[LibraryView, list[ArticleMeta], int]:
    """Return the articles of the page, and how many there are; of the last page when there are fewer pages than that."""
    metas, total = room.find_articles(view.words, view.scope, PAGE, (view.page - 1) * PAGE)
    if not metas and total:
        view = replace(view, page=_last(total))
        metas, total = room.find_articles(view.words, view.scope, PAGE, (view.page - 1) * PAGE)
    return view, metas, total


def _last(total: int) -> int:
    return max(1, -(-total // PAGE))


def _counts(view: LibraryView, coverage: Coverage, total: int) -> str:
    there = count_text(coverage.articles, "article")
    if view.is_filtered:
        found = f"{total:,} of {there}"
    else:
        outlets = f" from {count_text(len(coverage.sources), 'outlet')}" if coverage.sources else ""
        found = f"{there}{outlets}, {_dates(coverage)}"
    return f'<p class="pq-counts" role="status">{found}</p>'


def _dates(coverage: Coverage) -> str:
    ahead = f"{coverage.future:,} dated in the future" if coverage.future else ""
    if coverage.newest is None:
        return ahead or "all undated"
    oldest, newest = date_text(coverage.oldest), date_text(coverage.newest)
    return ", ".join(filter(None, (newest if oldest == newest else f"{oldest} to {newest}", ahead)))


def _table(metas: Sequence[ArticleMeta], counts: Sequence[int]) -> str:
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Date", "Outlet", "Title", "Length"))
    rows = "".join(_row(meta, count) for meta, count in zip(metas, counts, strict=True))
    return (
        '<table class="pq-articles"><caption class="pq-sr">Articles, newest first</caption>'
        f'<thead><tr>{heads}<th scope="col"><span class="pq-sr">Delete</span></th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _row(meta: ArticleMeta, count: int) -> str:
    when = meta.published_at
    day = f'<time datetime="{when:%Y-%m-%d}">{date_text(when)}</time>' if when else date_text(None)
    edition = f", version {meta.version}" if meta.version > 1 else ""
    return (
        f'<tr><td class="pq-day">{day}</td><td class="pq-from" dir="auto">{text(meta.source, _OUTLET_CHARS)}</td>'
        f'<td class="pq-what" dir="auto">{article_button(meta.id, _title(meta), meta.version)}</td>'
        f'<td class="pq-long">{count_text(count, "sentence")}{edition}</td>'
        f'<td class="pq-do"><button type="button" class="pq-quiet" data-act="ask-delete" data-id="{attribute(meta.id)}"'
        f' aria-label="Delete {text(_title(meta), _TITLE_CHARS)}">Delete</button></td></tr>'
    )


def article_button(article_id: str, title: str, version: int | None = None) -> str:
    """Return an article's title as a button that opens it; without a ``version``, the newest."""
    place = f' data-id="{attribute(article_id)}"' + ("" if version is None else f' data-version="{version}"')
    name = text(title, _TITLE_CHARS) or "Untitled"
    return f'<button type="button" class="pq-title" data-act="open-article"{place}>{name}</button>'


def _pages(view: LibraryView, total: int) -> str:
    last = _last(total)
    if last == 1:
        return ""
    here = f"<span>Page {view.page:,} of {last:,}</span>"
    steps = (("Previous", view.page - 1, view.page > 1), ("Next", view.page + 1, view.page < last))
    previous, following = (
        f'<button type="button" class="pq-quiet" data-act="library-page" data-page="{page}"{"" if there else " disabled"}>'
        f"{name}</button>"
        for name, page, there in steps
    )
    return f'<nav class="pq-pages" aria-label="Pages of articles">{previous}{here}{following}</nav>'


def _nothing(view: LibraryView, coverage: Coverage) -> str:
    asked = " ".join(
        filter(
            None,
            (
                f"with “{text(view.words, _WORDS_CHARS)}”" if view.words else "",
                f"from {' or '.join(text(name, _OUTLET_CHARS) for name in view.sources[:3])}" if view.sources else "",
                f"since {view.since}" if view.since else "",
                f"until {view.until}" if view.until else "",
            ),
        )
    )
    return (
        f'<div class="pq-nothing"><p role="status">No article {asked}. Words are looked for in titles, outlets and ids.</p>'
        '<button type="button" class="pq-button" data-act="clear-filters">'
        f"Show all {count_text(coverage.articles, 'article')}</button></div>"
    )


def _empty() -> str:
    return (
        '<div class="pq-nothing"><p>There are no articles yet. Add your own below, or begin with a few that come along.</p>'
        '<button type="button" class="pq-button" data-act="load-bundled">Load the 15 bundled articles</button></div>'
    )


# -- the filters --------------------------------------------------------------------------------------


def filters_html(room: Newsroom, view: LibraryView, name: str, *, words: bool = False) -> str:
    """Return the controls for outlets and days, and with ``words`` one for words; nothing while there are no articles.

    ``name`` begins the ids of the controls: two of these may be on one page.
    """
    try:
        coverage = room.coverage()
    except PullquoteError:
        return ""  # whoever asks for the articles themselves is told why
    if not coverage.articles:
        return ""
    kind = 'role="search" aria-label="Find articles"' if words else 'role="group" aria-label="Ask only some articles"'
    fields = (
        _words_field(view, name) if words else "",
        _outlet_choices(coverage, view, name),
        _day_field("since", "From", view.since, name),
        _day_field("until", "To", view.until, name),
    )
    clear = '<button type="button" class="pq-quiet" data-act="clear-filters">Clear</button>'
    return f'<div class="pq-filters" {kind}>{"".join(fields)}{clear}</div>'


def _words_field(view: LibraryView, name: str) -> str:
    return (
        f'<div class="pq-field"><label for="{name}-words">Search</label><input type="search" id="{name}-words"'
        f' data-filter="words" maxlength="{_WORDS_CHARS}" autocomplete="off" value="{attribute(view.words)}"></div>'
    )


def _day_field(which: str, label: str, day: date | None, name: str) -> str:
    return (
        f'<div class="pq-field"><label for="{name}-{which}">{label}</label><input type="date" id="{name}-{which}"'
        f' data-filter="{which}" value="{day or ""}"></div>'
    )


def _outlet_choices(coverage: Coverage, view: LibraryView, name: str) -> str:
    """Return a list of checkboxes, most articles first, that opens on demand; those that are chosen are always in it."""
    if not coverage.sources:
        return ""
    counts = dict(coverage.sources)
    listed = dict.fromkeys([*list(counts)[:_MOST_OUTLETS], *view.sources])
    boxes = "".join(
        f'<li><input type="checkbox" id="{name}-outlet-{n}" data-filter="outlets" value="{attribute(outlet)}"'
        f'{" checked" if outlet in view.sources else ""}><label for="{name}-outlet-{n}" dir="auto">{text(outlet, _OUTLET_CHARS)}'
        f' <span class="pq-count">{counts.get(outlet, 0):,}</span></label></li>'
        for n, outlet in enumerate(listed, 1)
    )
    left = len(counts) - _MOST_OUTLETS
    more = f'<p class="pq-note">{count_text(left, "outlet")} with fewer articles: search for the name.</p>' if left > 0 else ""
    chosen = f"Outlets: {len(view.sources):,} chosen" if view.sources else "Outlets"
    return f'<details class="pq-outlets"><summary>{chosen}</summary><ul>{boxes}</ul>{more}</details>'


# -- deleting -----------------------------------------------------------------------------------------


def confirm_delete_html(meta: ArticleMeta) -> str:
    """Return the question whether an article is to be deleted."""
    where = ", ".join(filter(None, (text(meta.source, _OUTLET_CHARS), date_text(meta.published_at))))
    versions = " with its earlier versions" if meta.version > 1 else ""
    return (
        '<div class="pq-confirm" role="group" aria-labelledby="pq-confirm"><p id="pq-confirm" dir="auto">Delete'
        f" “{text(_title(meta), _TITLE_CHARS)}” ({where}){versions}? This cannot be undone.</p>"
        f'<button type="button" class="pq-button" data-act="delete" data-id="{attribute(meta.id)}">Delete it</button>'
        '<button type="button" class="pq-quiet" data-act="cancel">Keep it</button></div>'
    )


def delete_article(room: Newsroom, article_id: str) -> str:
    """Delete an article with all its versions, and return what came of it."""
    try:
        meta = room.store.catalog.metas_of([article_id]).get(article_id)
        if not room.remove(article_id) or meta is None:
            return '<p class="pq-note" role="status">That article is not in the store any more.</p>'
    except PullquoteError as error:
        kept = "" if isinstance(error, StoreDamaged) else "Nothing was deleted: "  # a damaged store says what became of it
        return f'<p class="pq-problem" role="alert">{kept}{text(str(error), _PROBLEM_CHARS)}</p>'
    return f'<p class="pq-note" role="status" dir="auto">Deleted “{text(_title(meta), _TITLE_CHARS)}”.</p>'


def _title(meta: ArticleMeta) -> str:
    return meta.title or meta.id
