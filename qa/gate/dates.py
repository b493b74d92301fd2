"""Dates that a sentence names, and the days that its evidence may mean by them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from pullquote.qa.gate.names import MONTHS, WEEKDAYS
from pullquote.qa.types import Evidence

_MONTH = rf"(?:{'|'.join(MONTHS)}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)"
_DATE = re.compile(
    rf"\b(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m1>{_MONTH})\b\.?(?:,? (?P<y1>\d{{4}})\b)?"
    rf"|\b(?P<m2>{_MONTH})\b\.? (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|[.,]\d)(?:,? (?P<y2>\d{{4}})\b)?"
    rf"|\b(?P<m3>{_MONTH})\b\.?,? (?P<y3>\d{{4}})\b"
    r"|\b(?P<y4>\d{4})-(?P<n4>\d{2})-(?P<d4>\d{2})\b"
    rf"|\b(?P<m5>{'|'.join(m.title() for m in MONTHS if m not in ('may', 'march'))})\b"
    r"|\b(?:in|by|since|until|of|last|next|late|early|mid|this)[ -](?P<m6>May|March)\b(?!,? \d)",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(rf"\b({'|'.join(WEEKDAYS)})s?\b", re.IGNORECASE)
_RELATIVE = {"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}
_YEARS = {"last year": -1, "a year ago": -1, "next year": 1, "this year": 0}


@dataclass(frozen=True, slots=True)
class Named:
    """A date as it is named; what is not said is None."""

    text: str
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    """From 0, a Monday."""

    def fits(self, other: date) -> bool:
        """Whether a day may be meant."""
        return (
            self.year in (None, other.year)
            and self.month in (None, other.month)
            and self.day in (None, other.day)
            and self.weekday in (None, other.weekday())
        )

    def says_no_more_than(self, other: Named) -> bool:
        """Whether all that is said here is said there."""
        mine = (self.year, self.month, self.day, self.weekday)
        return all(a is None or a == b for a, b in zip(mine, (other.year, other.month, other.day, other.weekday), strict=True))


def dates_of(text: str) -> tuple[tuple[Named, ...], str]:
    """Return the dates and weekdays that a text names, and the text without the dates."""
    found = [named for match in _DATE.finditer(text) if (named := _named(match))]
    found += [Named(m.group(), weekday=WEEKDAYS.index(m[1].lower())) for m in _WEEKDAY.finditer(text)]
    return tuple(found), _DATE.sub(lambda match: " " if _named(match) else match.group(), text)


def missing_dates(named: Iterable[Named], cited: Iterable[Evidence]) -> tuple[str, ...]:
    """Return the dates that neither stand in the cited sentences nor follow from the day on which they were published."""
    cited = tuple(cited)
    said = [other for piece in cited for other in dates_of(piece.sentence.text)[0]]
    days = {day for piece in cited for day in days_meant(piece)}
    return tuple(n.text for n in named if not any(n.says_no_more_than(o) for o in said) and not any(map(n.fits, days)))


def days_meant(piece: Evidence) -> frozenset[date]:
    """Return the days that a sentence may mean: those it names, about the day of publication, or that day itself."""
    published = piece.article.published_at
    if published is None:
        return frozenset()
    text = piece.sentence.text
    named = dates_of(text)[0]
    around = [published.date() + timedelta(days) for days in range(-7, 8)]
    days = {day for day in around for one in named if one.weekday is not None and one.fits(day)}
    days |= {day for one in named if (day := _day(one, published.year))}
    days |= {published.date() + timedelta(shift) for word, shift in _RELATIVE.items() if re.search(rf"\b{word}\b", text)}
    return frozenset(days or ({published.date()} if not named else ()))


def years_meant(piece: Evidence) -> frozenset[float]:
    """Return the years that a sentence may mean without naming them."""
    published = piece.article.published_at
    if published is None:
        return frozenset()
    text = piece.sentence.text.lower()
    shifts = {shift for words, shift in _YEARS.items() if words in text}
    return frozenset(float(day.year) for day in days_meant(piece)) | {float(published.year + shift) for shift in shifts}


def _day(named: Named, year: int) -> date | None:
    try:
        return date(named.year or year, named.month, named.day) if named.month and named.day else None
    except ValueError:
        return None


def _named(match: re.Match[str]) -> Named | None:
    parts = {key[0]: value for key, value in match.groupdict().items() if value}
    word = parts.get("m", "")
    if word and not word[0].isupper():
        return None
    month = int(parts["n"]) if "n" in parts else next(i for i, name in enumerate(MONTHS, 1) if name.startswith(word[:3].lower()))
    day, year = parts.get("d"), parts.get("y")
    return Named(match.group().rstrip("."), int(year) if year else None, month, int(day) if day else None)
