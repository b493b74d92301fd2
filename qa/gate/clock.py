"""Times of day that a sentence names: "9:47 p.m." is "21:47", and "shortly before ten" is none of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_WORDS = "noon|midday|midnight"
_BEHIND = "|".join(rf"(?<={word} )" for word in "at by to from since until till before after around about between past".split())
_OF_A_THING = r"(?! (?-i:(?!(?:on|in|and|or|but|as|when|that|local|today)\b)[a-z]))"
"""A midday meal is a meal at no time of day."""
_TIME = re.compile(
    r"(?P<about>\b(?:(?:shortly|just) (?:before|after)|around|about|almost|nearly|roughly|before|after|past|towards?) )?"
    r"(?:(?<![\d.,:])(?P<hour>[01]?\d|2[0-4])(?:[:.](?P<minute>[0-5]\d))?\s?(?P<half>[ap])\.?m\b\.?"
    r"|(?<![\d.,:])(?P<plain>[01]?\d|2[0-3]):(?P<minutes>[0-5]\d)(?![\d:])|\b(?P<word>"
    rf"(?:{_BEHIND})(?:{_WORDS})\b|(?:{_WORDS})\b{_OF_A_THING}))",
    re.IGNORECASE,
)
_HALF_DAY = 12 * 60
_ROUNDING = 30
"""Minutes by which "around" may be wrong."""


class Time(NamedTuple):
    """A time as it is named, and the minutes of the day that may be meant."""

    text: str
    minutes: frozenset[int]
    is_rough: bool


def times_of(text: str) -> tuple[tuple[Time, ...], str]:
    """Return the times that a text names, and the text without them."""
    times = tuple(_time(match) for match in _TIME.finditer(text))
    return times, _TIME.sub(" ", text)


def missing_times(named: Iterable[Time], texts: Iterable[str]) -> tuple[str, ...]:
    """Return the times that are named in none of the texts, not even about."""
    known = frozenset(minute for text in texts for time in times_of(text)[0] for minute in time.minutes)
    return tuple(time.text for time in named if not any(_is_meant(time, minute) for minute in known))


def hours_of(text: str) -> frozenset[float]:
    """Return the hours that a text names, as numbers of both halves of the day."""
    return frozenset(float(hour) for time in times_of(text)[0] for m in time.minutes for hour in (m // 60, m // 60 % 12 or 12))


def _is_meant(time: Time, minute: int) -> bool:
    return minute in time.minutes or (time.is_rough and any(_apart(minute, own) <= _ROUNDING for own in time.minutes))


def _apart(one: int, other: int) -> int:
    """Return the minutes between two times of day, across midnight too."""
    return min((one - other) % (2 * _HALF_DAY), (other - one) % (2 * _HALF_DAY))


def _time(match: re.Match[str]) -> Time:
    if match["word"]:
        minutes = {0} if match["word"].lower() == "midnight" else {_HALF_DAY}
    elif match["half"]:
        minutes = {int(match["hour"]) % 12 * 60 + int(match["minute"] or 0) + _HALF_DAY * (match["half"] in "pP")}
    else:
        minute = int(match["plain"]) * 60 + int(match["minutes"])
        minutes = {minute} if int(match["plain"]) > 12 else {minute, (minute + _HALF_DAY) % (2 * _HALF_DAY)}
    return Time(match.group().strip(), frozenset(minutes), bool(match["about"]))
