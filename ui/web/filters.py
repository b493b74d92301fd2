"""Words, outlets and days to find articles by: what the page sends of them, and the controls that set them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from pullquote.eval.wording import count_text
from pullquote.index.errors import PullquoteError, QuestionError
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.render import display_text
from pullquote.qa.scope import MAX_OUTLET_CHARS, Scope, read_day
from pullquote.qa.types import Coverage
from pullquote.ui.web.html import attribute, problem_html, text

WORDS_CHARS = 200
_MOST_OUTLETS = 300
"""Outlets that can be chosen, those with most articles; the others are found by their names."""
_OUTLET_CHARS = 60
_NOT_IN_ORDER = "The first day is after the last one, so no days were chosen."
_NO_ARTICLES = (
    '<div class="pq-nothing"><p>There are no articles yet. Add your own under <a href="#articles">Articles</a>, or begin with a'
    ' few that come along.</p><button type="button" class="pq-button" data-act="load-bundled">Load the bundled articles</button>'
    "</div>"
)
CLEAR = '<button type="button" class="pq-quiet" data-act="clear-filters">Clear</button>'


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked for, and where."""

    words: str = ""
    sources: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    note: str = ""
    """What could not be followed of what was asked for; may be empty."""

    @staticmethod
    def known(value: Any) -> dict[str, Any]:
        """Return the fields that the page sends; what makes no sense is left out, with a note."""
        sent: dict[str, Any] = value if isinstance(value, dict) else {}
        notes: list[str] = []
        since, until = (_day(sent.get(name), notes) for name in ("since", "until"))
        if since is not None and until is not None and since > until:
            since, until = None, None
            notes.append(_NOT_IN_ORDER)
        words, outlets = line_of(sent.get("words")), _outlets(sent.get("outlets"))
        return {"words": words, "sources": outlets, "since": since, "until": until, "note": " ".join(notes)}

    @property
    def is_filtered(self) -> bool:
        """Whether there is anything to clear."""
        return bool(self.words) or not self.scope.is_all

    @property
    def scope(self) -> Scope:
        """The outlets and days."""
        return Scope(self.sources, self.since, self.until)

    def html(self, having: str = "with") -> str:
        """Return what was asked for in words, to follow a noun; empty where it was nothing."""
        parts = (
            f"{having} “{text(self.words, WORDS_CHARS)}”" if self.words else "",
            f"from {' or '.join(text(name, _OUTLET_CHARS) for name in self.sources[:3])}" if self.sources else "",
            f"since {self.since}" if self.since else "",
            f"until {self.until}" if self.until else "",
        )
        return " ".join(filter(None, parts))


def line_of(value: Any) -> str:
    """Return what the page sent of a field of one line."""
    return display_text(value, WORDS_CHARS) if isinstance(value, str) else ""


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


# -- the controls -------------------------------------------------------------------------------------


def filters_html(room: Newsroom, view: Filters, name: str, *, words: bool = False) -> str:
    """Return the controls for outlets and days, and with ``words`` one for words; nothing while there are no articles.

    ``name`` begins the ids of the controls: several of these may be on one page.
    """
    try:
        coverage = room.coverage()
    except PullquoteError:
        return ""  # whoever asks for the articles themselves is told why
    if not coverage.articles:
        return ""
    kind = 'role="search" aria-label="Find articles"' if words else 'role="group" aria-label="Ask only some articles"'
    field = line_field("words", "Search", view.words, name, "search") if words else ""
    return f'<div class="pq-filters" {kind}>{field}{bounds_html(coverage, view, name)}{CLEAR}</div>'


def form_html(room: Newsroom, form: Callable[[Coverage], str]) -> str:
    """Return a form to search the articles with; while there are none, how to get some."""
    try:
        coverage = room.coverage()
    except PullquoteError as error:
        return problem_html(str(error))
    return form(coverage) if coverage.articles else _NO_ARTICLES


def bounds_html(coverage: Coverage, view: Filters, name: str) -> str:
    """Return the controls for outlets and days."""
    days = _day_field("since", "From", view.since, name) + _day_field("until", "To", view.until, name)
    return _outlet_choices(coverage, view, name) + days


def line_field(which: str, label: str, value: str, name: str, kind: str = "text") -> str:
    """Return a control for one line of text, with its label; ``kind`` is the type of the input."""
    return (
        f'<div class="pq-field"><label for="{name}-{which}">{label}</label><input type="{kind}" id="{name}-{which}"'
        f' data-filter="{which}" maxlength="{WORDS_CHARS}" autocomplete="off" value="{attribute(value)}"></div>'
    )


def _day_field(which: str, label: str, day: date | None, name: str) -> str:
    return (
        f'<div class="pq-field"><label for="{name}-{which}">{label}</label><input type="date" id="{name}-{which}"'
        f' data-filter="{which}" value="{day or ""}"></div>'
    )


def _outlet_choices(coverage: Coverage, view: Filters, name: str) -> str:
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
