"""Days and times of day at which sentences say that the same thing happens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from pullquote.qa.conflict_facts import Clause, Fact, Told, days_apart, differs_in_names, named_dates, overlap, stems_of
from pullquote.qa.gate.clock import Time, times_of
from pullquote.qa.gate.dates import Named
from pullquote.qa.quotations import CUE
from pullquote.qa.types import ConflictKind

_ROLES = {
    "until": r"until|till|through|expires?(?: on| in)?|ends?(?: on| in)?|lasts?",
    "from": r"since|from|starting|beginning|as of|after",
    "by": r"by|before",
    "at": r"on|in|at|for|early|late|of",
}
_ROLE_AT_END = {
    name: re.compile(rf"\b(?:{words})(?: about| around| early| late| the end of| the first half of| the)* *$", re.IGNORECASE)
    for name, words in _ROLES.items()
}
_ROUGH_MINUTES = 30
_YEAR = re.compile(r"\b(?:in|since|until|from|by) (?P<year>(?:1[5-9]|20)\d\d)\b(?![,.]\d)", re.IGNORECASE)
_WEEK = 7
_BESIDE = 4
"""Words on each side of a date that tell what happens then."""
_NEWS_DAYS = 30
"""Articles that are further apart hardly tell of one day."""


@dataclass(frozen=True, slots=True)
class When:
    """A date or a time of day, and what happens then."""

    start: int
    end: int
    about: str
    role: str
    """Whether it is the day itself, or that on which something begins or ends."""
    day: Named | None
    time: Time | None
    told: Told
    clause: Clause
    near: frozenset[str]
    """Stems of the words beside it."""

    @property
    def kind(self) -> ConflictKind:
        """A date."""
        return "date"

    @property
    def grows(self) -> bool:
        """Never."""
        return False

    def is_on(self, other: Fact) -> bool:
        """Whether the same seems to happen."""
        if not isinstance(other, When) or self.role != other.role or (self.day is None) != (other.day is None):
            return False
        if differs_in_names(self.clause.names, other.clause.names) or self.clause.modal != other.clause.modal:
            return False
        if not self.near & other.near or days_apart(self.told, other.told) > _NEWS_DAYS:
            return False
        shared, share = overlap(self.clause, other.clause)
        return shared >= 2 and share >= (0.6 if self.role == "at" else 0.4)

    def agrees(self, other: Fact) -> bool:
        """Whether both may be meant."""
        if not isinstance(other, When):
            return True
        if self.time and other.time:
            rough = _ROUGH_MINUTES * (self.time.is_rough or other.time.is_rough)
            return any(min((a - b) % 1440, (b - a) % 1440) <= rough for a in self.time.minutes for b in other.time.minutes)
        return self.day is None or other.day is None or _same_day(self, other)


def dates_in(told: Told) -> Iterator[When]:
    """Yield when a sentence says that something happens; when somebody said it is left out."""
    for clause in told.clauses:
        if CUE.search(clause.text) or not clause.stems:
            continue
        days = named_dates(clause.text)[0]
        for day in days:
            # "on Monday" alone is when one of many like things happened, more often than when the only one did.
            found = _when(told, clause, day.text, day, None)
            yield from (when for when in found if day.weekday is None or when.role != "at")
        for match in _YEAR.finditer(clause.text):
            # "In 2024 the race drew 3,100": the year tells which of many is counted.
            if days or re.search(r"\d", _YEAR.sub("", clause.text)) or not clause.text[: match.start()].strip():
                continue
            yield from _when(told, clause, match["year"], Named(match["year"], int(match["year"])), None)
        for time in times_of(clause.text)[0]:
            yield from _when(told, clause, time.text, None, time)


def _when(told: Told, clause: Clause, text: str, day: Named | None, time: Time | None) -> Iterator[When]:
    at = clause.text.find(text)
    if at < 0:
        return
    before = clause.text[:at]
    role = next((name for name, pattern in _ROLE_AT_END.items() if pattern.search(before)), "at")
    behind = clause.text[at + len(text) :]
    near = stems_of(" ".join([*before.split()[-_BESIDE:], *behind.split()[:_BESIDE]]))
    start = clause.start + at
    yield When(start, start + len(text), "day" if day else "time of day", role, day, time, told, clause, near)


def _same_day(one: When, other: When) -> bool:
    a, b = one.day, other.day
    if a is None or b is None:
        return True
    if any(x is not None and y is not None and x != y for x, y in ((a.year, b.year), (a.month, b.month), (a.day, b.day))):
        return False
    mine, theirs = _days(one), _days(other)
    return not mine or not theirs or bool(mine & theirs)


def _days(when: When) -> frozenset[date]:
    """Return the days that may be meant, about the day of publication; empty where that cannot be told."""
    day, published = when.day, when.told.published_at
    if day is None or published is None or (day.weekday is None and not (day.month and day.day)):
        return frozenset()
    if day.weekday is not None:
        around = [published.date() + timedelta(days) for days in range(-_WEEK, _WEEK + 1)]
        return frozenset(one for one in around if day.fits(one))
    years = (day.year,) if day.year else range(published.year - 1, published.year + 2)
    return frozenset(one for year in years if (one := _date(year, day.month, day.day)))


def _date(year: int, month: int | None, day: int | None) -> date | None:
    try:
        return date(year, month or 1, day or 1)
    except ValueError:
        return None
