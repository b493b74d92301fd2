"""Which articles a question is asked of: those of some outlets, and of some days."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from pullquote.index.cleaning import folded
from pullquote.index.errors import QuestionError
from pullquote.index.types import ALL_ARTICLES, ArticleSet, Bounds

if TYPE_CHECKING:
    from pullquote.index.store import Store

MAX_OUTLET_CHARS = 500
FEW = 2000
"""So many articles are named one by one, and all of their sentences looked at, which takes some 40 ms."""
_MANY = 5
"""Of one article in so many, the best of all sentences are looked at until enough are theirs."""
_SHOWN_CHARS = 60


@dataclass(frozen=True, slots=True)
class Scope:
    """Bounds that articles must be in; without any, all articles are.

    Raises:
        QuestionError: an outlet that is no name, a day that is no date, or a first day after the last.
    """

    sources: tuple[str, ...] = ()
    """Outlets, in any case; none: every outlet, and articles that name none."""
    since: date | None = None
    """First day of publication, in UTC, inclusive; with a bound, undated articles are out."""
    until: date | None = None
    """Last day of publication, in UTC, inclusive."""

    def __post_init__(self) -> None:
        if not isinstance(self.sources, tuple) or not all(isinstance(name, str) and name.strip() for name in self.sources):
            raise QuestionError("outlets must be names: give each as pullquote stats shows it")
        if longest := max((len(name) for name in self.sources if len(name) > MAX_OUTLET_CHARS), default=0):
            raise QuestionError(f"an outlet's name has {longest:,} characters: no outlet is called that")
        if any(day is not None and type(day) is not date for day in (self.since, self.until)):
            raise QuestionError("since and until must be dates without a time: give them as datetime.date")
        if self.since is not None and self.until is not None and self.since > self.until:
            raise QuestionError(f"no day is from {self.since} until {self.until}: give the earlier one first")

    @property
    def is_all(self) -> bool:
        """Whether there is no bound."""
        return self == EVERYTHING


EVERYTHING = Scope()


def read_day(text: str) -> date:
    """Return the day that is written as ``2026-06-30``.

    Raises:
        QuestionError: it is no day.
    """
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        with suppress(ValueError):
            return date.fromisoformat(text)
    raise QuestionError(f"{text[:_SHOWN_CHARS]!r} is not a day: write it as 2026-06-30")


def known_scope(store: Store, scope: Scope) -> Scope:
    """Return a scope with its outlets spelled as the store has them.

    Raises:
        QuestionError: an outlet has no article in the store.
    """
    if not scope.sources:
        return scope
    spelled = {folded(name): name for name, _ in reversed(store.catalog.sources())}
    sources = {folded(name): name for name in scope.sources}
    unknown = [name for key, name in sources.items() if key not in spelled]
    if unknown:
        raise QuestionError(_unknown(unknown[0], list(spelled.values())))
    return replace(scope, sources=tuple(spelled[key] for key in sources))


def articles_in(store: Store, scope: Scope) -> ArticleSet:
    """Return the articles that are in the scope now: by their ids where they are few, else as bounds."""
    if scope.is_all:
        return ALL_ARTICLES
    wanted = {folded(name) for name in scope.sources}
    names = frozenset(name for name, _ in store.catalog.sources() if folded(name) in wanted) if wanted else None
    first = datetime.combine(scope.since, time.min, UTC) if scope.since else None
    last = datetime.combine(scope.until, time.max, UTC) if scope.until else None
    bounds = Bounds(names, first, last)
    ids = store.catalog.published_in(bounds, min(FEW, store.catalog.article_count() // _MANY))
    return ArticleSet(bounds=bounds) if ids is None else ArticleSet(ids, all_but=False)


def _unknown(name: str, outlets: Sequence[str]) -> str:
    key = folded(name)[:_SHOWN_CHARS]
    keys = {folded(outlet)[:_SHOWN_CHARS]: outlet for outlet in outlets}
    near = [k for k in keys if key in k][:3] or difflib.get_close_matches(key, keys, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(keys[k] for k in near)}?" if near else "pullquote stats shows all outlets"
    return f"no article is from the outlet {name[:_SHOWN_CHARS]!r}: {hint}"
