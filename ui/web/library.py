"""The Articles tab: what the store holds, found by words, outlets and days, and deleted when asked twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pullquote.eval.wording import count_text
from pullquote.index.errors import PullquoteError, StoreDamaged
from pullquote.index.types import ArticleMeta
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.render import date_text
from pullquote.qa.types import Coverage
from pullquote.ui.web.filters import Filters, filters_html
from pullquote.ui.web.html import attribute, text

PAGE = 50
"""Articles on one page of the list."""
_TITLE_CHARS, _OUTLET_CHARS, _PROBLEM_CHARS = 160, 60, 500
_LAST_PAGE = 10**6


@dataclass(frozen=True, slots=True)
class LibraryView(Filters):
    """Which articles are looked at."""

    page: int = 1

    @classmethod
    def from_json(cls, value: Any) -> LibraryView:
        """Return the view that the page asks for; what makes no sense is left out, with a note."""
        page = value.get("page") if isinstance(value, dict) else None
        number = page if isinstance(page, int) and not isinstance(page, bool) else 1
        return cls(**Filters.known(value), page=min(max(number, 1), _LAST_PAGE))


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
    return (
        f'<div class="pq-nothing"><p role="status">No article {view.html()}. Words are looked for in titles, outlets and ids.</p>'
        '<button type="button" class="pq-button" data-act="clear-filters">'
        f"Show all {count_text(coverage.articles, 'article')}</button></div>"
    )


def _empty() -> str:
    return (
        '<div class="pq-nothing"><p>There are no articles yet. Add your own below, or begin with a few that come along.</p>'
        '<button type="button" class="pq-button" data-act="load-bundled">Load the 15 bundled articles</button></div>'
    )


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
