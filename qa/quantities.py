"""Numbers that a text names, by value: "twelve" is found in "12", "$3m" in "three million dollars"."""

from __future__ import annotations

import math
import re
from collections.abc import Collection

_UNITS = "zero one two three four five six seven eight nine"
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth"
_LATE_ORDINALS = (
    "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth"
)
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_LETTERS = {"k": 10**3, "m": 10**6, "mn": 10**6, "bn": 10**9, "b": 10**9, "tn": 10**12}
_OTHERS = {"dozen": 12.0, "half": 0.5, "once": 1.0, "twice": 2.0, "thrice": 3.0}
_VAGUE = frozenset({0.5, 1.0})
"""Words for these are mostly no numbers ("one of", "at first", "half-hearted")."""

_VALUES: dict[str, float] = {word: float(n) for n, word in enumerate(f"{_UNITS} {_TEENS}".split())}
_VALUES |= {word: float(n) for n, word in enumerate(_ORDINALS.split(), 1)}
_VALUES |= {word: float(n) for n, word in enumerate(_LATE_ORDINALS.split()[:-1], 10)} | {"thirtieth": 30.0}
_VALUES |= {word: 10.0 * n for n, word in enumerate(_TENS.split(), 2)}

_ONE = "|".join((_UNITS + " " + _ORDINALS).split())
_BELOW_100 = rf"(?:(?:{'|'.join(_TENS.split())})(?:[- ](?:{_ONE}))?|{'|'.join((_TEENS + ' ' + _LATE_ORDINALS).split())}|{_ONE})"
_BELOW_1000 = rf"(?:{_BELOW_100}(?:[- ]hundred(?:(?: and)? {_BELOW_100}\b)?)?|hundred)"
_SCALE = "|".join(_SCALES)
_DIGITS = r"\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,6})?(?!\d)|\d{1,15}(?:\.\d{1,6})?"
_NUMBER = re.compile(
    rf"(?<![^\W_])(?P<digits>{_DIGITS})(?:(?:\s|-)?(?P<letter>bn|tn|mn|[kmb])\b|(?:\s|-)(?P<scale>{_SCALE})s?\b)?"
    rf"|\b(?P<words>{_BELOW_1000}\b(?:[- ](?:{_SCALE})\b(?:,? (?:and )?{_BELOW_1000}\b)?)*)"
    rf"|\b(?P<other>{'|'.join(_OTHERS)})\b",
    re.IGNORECASE,
)
_CLOSE = 0.03
"""How far a rounded number may be from the exact one, relative to it."""
_YEARS = range(1000, 2101)


def numbers_of(text: str) -> frozenset[float]:
    """Return the values of all numbers in a text, of dates, percentages and amounts of money too."""
    return frozenset(value for match in _NUMBER.finditer(text) if (value := _value(match)) is not None)


def placed_numbers(text: str) -> tuple[tuple[int, int, float], ...]:
    """Return where all numbers of a text begin and end, and their values, in order."""
    return tuple((m.start(), m.end(), value) for m in _NUMBER.finditer(text) if (value := _value(m)) is not None)


def claimed_numbers(claim: str) -> frozenset[float]:
    """Return the numbers of a claim that need evidence."""
    return numbers_of(claim) - _VAGUE


def has_number(number: float, known: Collection[float]) -> bool:
    """Whether a number is known, or is a known one rounded to the digits that it shows."""
    return number in known or any(_is_rounded(number, exact) for exact in known)


def _is_rounded(number: float, exact: float) -> bool:
    if not exact or abs(number - exact) > _CLOSE * abs(exact) or (number in _YEARS and exact in _YEARS):
        return False
    digits = len(f"{number:.12g}".replace(".", "").strip("0"))
    return math.isclose(round(exact, digits - 1 - math.floor(math.log10(abs(exact)))), number, rel_tol=1e-9)


def _value(match: re.Match[str]) -> float | None:
    if match["words"]:
        return _words_value(re.split(r"[-, ]+", match["words"].lower()))
    if match["other"]:
        return _OTHERS[match["other"].lower()]
    factor = _LETTERS[match["letter"].lower()] if match["letter"] else _SCALES.get((match["scale"] or "").lower(), 1)
    return round(float(match["digits"].replace(",", "")) * factor, 6)


def _words_value(words: list[str]) -> float:
    total = part = 0.0
    for word in words:
        if word == "hundred":
            part = max(part, 1.0) * 100
        elif word in _SCALES:
            total, part = total + max(part, 1.0) * _SCALES[word], 0.0
        else:
            part += _VALUES.get(word, 0.0)  # "and" counts for nothing
    return total + part
