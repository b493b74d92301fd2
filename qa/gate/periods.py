"""Numbers that follow exactly from others: three days from 72 hours, a group of three from "with two others"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pullquote.qa.quantities import numbers_of

_MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60, "week": 7 * 24 * 60, "fortnight": 14 * 24 * 60}
_MONTHS = {"month": 1, "year": 12, "decade": 120}
_PERIOD = re.compile(rf"(?P<number>[\w.,]+(?:-\w+)?)[ -](?P<unit>{'|'.join([*_MINUTES, *_MONTHS])})s?\b", re.IGNORECASE)
_OTHERS = re.compile(r"(?P<number>\w+(?:-\w+)?) others?\b", re.IGNORECASE)
_MOST_OTHERS = 20
_ONE = frozenset({"a", "an"})

Length = tuple[str, float]
"""Minutes or months: a month is no number of days."""


def same_periods(text: str, texts: Iterable[str]) -> frozenset[float]:
    """Return the numbers of a text that count a period as long as one in the texts, in whatever unit."""
    known = {length for other in texts for _, length in _periods(other)}
    return frozenset(number for number, length in _periods(text) if length in known)


def in_units_of(text: str, texts: Iterable[str]) -> str:
    """Return a text with its periods as the texts count them, where these know one as long: "72 hours" for "three days"."""
    told = {length: match.group() for other in texts for match in _PERIOD.finditer(other) for _, length in _lengths(match)}
    return _PERIOD.sub(lambda match: next((told[n] for _, n in _lengths(match) if n in told), match.group()), text)


def with_others(text: str, texts: Iterable[str]) -> frozenset[float]:
    """Return the numbers of a text that are one more than the "others" of the texts, or "others" of one more there."""
    texts = tuple(texts)
    everybody = frozenset(number for other in texts for number in numbers_of(other))
    more = {number + 1 for other in texts for number in _others(other)}
    fewer = {number for number in _others(text) if number + 1 in everybody}
    return frozenset(number for number in numbers_of(text) if number in more) | fewer


def _periods(text: str) -> Iterator[tuple[float, Length]]:
    return (pair for match in _PERIOD.finditer(text) for pair in _lengths(match))


def _lengths(match: re.Match[str]) -> Iterator[tuple[float, Length]]:
    """Yield the number of a period, as it stands, and how long that is."""
    word, unit = match["number"].lower(), match["unit"].lower()
    kind, factor = ("minutes", _MINUTES[unit]) if unit in _MINUTES else ("months", _MONTHS[unit])
    yield from ((n, (kind, n * factor)) for n in (numbers_of(word) or ({1.0} if word in _ONE else ())))


def _others(text: str) -> Iterator[float]:
    return (n for match in _OTHERS.finditer(text) for n in numbers_of(match["number"]) if 1 <= n <= _MOST_OTHERS)
