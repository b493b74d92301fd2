"""Numbers that count or measure something: what they count, how exactly, and whether two of them can both be true."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pullquote.qa.conflict_facts import Clause, Fact, Told, days_apart, differs_in_names, named_dates, overlap, root, same_time
from pullquote.qa.gate.clock import times_of
from pullquote.qa.quantities import has_number, placed_numbers
from pullquote.qa.types import ConflictKind
from pullquote.qa.words import STOP_WORDS

_INF = math.inf
_WITHIN = 0.2
"""How far a number that is said to be rough may be from the exact one, relative to it."""
_NEWS_DAYS = 30
"""Tolls that were told further apart are hardly of one event."""
_SHARE, _SHARE_OF_PARTS = 0.4, 0.6
"""So large a share of the shorter clause two clauses on the same thing have in common; percentages are of many things."""
_ROUNDED_FROM = 1000
"""Counts below are told exactly; from here on, and measures, they may be rounded to the digits that they show."""

# Kinds of counts that are what they are, whatever noun they go with; a clause that names exactly one of them counts by it.
_KINDS = {
    "dead": r"dead|die[ds]?|dying|deaths?|kill(?:s|ed|ing)?|fatalit(?:y|ies)|lost their lives|lives lost|drowned|death toll",
    "hurt": r"hurt|injur(?:e[ds]?|ing|y|ies)|wound(?:s|ed|ing)?|hospitali[sz]ed",
    "missing": r"missing|unaccounted",
    "saved": r"rescued?|rescuing|survived?|survivors|saved",
    "held": r"arrest(?:s|ed|ing)?|detain(?:s|ed|ing)?|in custody",
    "for": r"in favou?r|for the (?:bill|motion|budget|plan|measure|proposal)",
    "against": r"against",
}
_KIND = {kind: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for kind, words in _KINDS.items()}
_GROWING = frozenset({"dead", "hurt", "missing", "saved", "held"})

_UNITS = {
    "length": {"kilometre": 1000.0, "kilometer": 1000.0, "km": 1000.0, "mile": 1609.344, "metre": 1.0, "meter": 1.0,
               "foot": 0.3048, "feet": 0.3048, "yard": 0.9144, "inch": 0.0254, "inches": 0.0254, "centimetre": 0.01,
               "centimeter": 0.01},
    "minutes": {"minute": 1.0, "hour": 60.0, "day": 1440.0, "week": 10080.0, "fortnight": 20160.0},
    "months": {"month": 1.0, "year": 12.0, "decade": 120.0},
    "mass": {"kilogram": 1.0, "kg": 1.0, "tonne": 1000.0, "ton": 1000.0, "pound": 0.4536, "kilo": 1.0},
    "area": {"acre": 0.4047, "hectare": 1.0},
    "percent": {"percent": 1.0, "per cent": 1.0, "percentage point": 1.0},
    "money": {"dollar": 1.0, "euro": 1.0, "crown": 1.0, "ruble": 1.0, "rouble": 1.0, "yen": 1.0, "yuan": 1.0},
}  # fmt: skip
_BY_UNIT = {unit: (dimension, factor) for dimension, units in _UNITS.items() for unit, factor in units.items()}
_UNIT = re.compile(rf"[ -]?(?P<sign>%)|[ -](?P<unit>{'|'.join(sorted(_BY_UNIT, key=len, reverse=True))})s?\b", re.IGNORECASE)
_PERCENT = re.compile(r"%|\bper ?cent\b")
_CURRENCY = re.compile(r"(?:US|A|C)?[$€£¥]$")
_ROUGH = re.compile(
    r"\b(?:(?P<above>over|more than|at least|above|no fewer than|upwards of)"
    r"|(?P<below>under|less than|fewer than|up to|at most|no more than|as many as)"
    r"|(?P<near>nearly|almost|close to)"
    r"|(?P<about>about|around|roughly|some|approximately|an estimated|estimated))(?: an?)? ?[$€£¥]?$",
    re.IGNORECASE,
)
_BEHIND = re.compile(r" (?:or more|or so|or fewer|or less)\b", re.IGNORECASE)
_RANGE = re.compile(r" ?(?:-|–|to|or) ?[$€£]?")
_NO_COUNT_BEFORE = re.compile(
    r"(?:\b(?:No\.?|age|aged|from|number|the|their|its|his|her|these|those|all|each|every|past|the last|first|another|further"
    r"|other|than|Act|"
    r"Section|Article|Route|Highway|Chapter|Room|Flight|Channel|Game|Week|Day|Phase|Type|Covid|COVID)(?: |-)|[#/.:]|\d[-–])$"
)
_NOT_COUNTED = re.compile(
    r"^(?:(?:st|nd|rd|th)\b|[-–](?:year|month|week|day|hour)s?[-–]olds?|[-–]\d|:\d|/\d"
    r"| (?:of (?:the|them|those|these|its|their|his|her|whom|which|us|every)|in|out of|others?|more|further|additional"
    r"|years? old|years? (?:ago|later|earlier|before|after|since)"
    r"|(?:day|week|month|hour|minute)s? (?:ago|later|earlier|before|after)|a\.?m|p\.?m)\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[ -]?([^\W\d_][\w’'-]*)")
_PEOPLE = frozenset("people person persons men man women woman lives others victims passengers casualties individuals".split())
"""Words for anybody: "eleven dead", "eleven people", "eleven victims"."""
_IRREGULAR = _PEOPLE | frozenset("children police troops staff crew personnel cattle sheep fish aircraft seats".split())
_VERBS = frozenset("was is has does were are had did have been be died killed wounded injured".split())
_HEAD_REACH = 4


@dataclass(frozen=True, slots=True)
class Count:
    """A number with what it counts."""

    start: int
    end: int
    about: str
    low: float
    """The least it may stand for; in the unit of its dimension."""
    high: float
    what: str
    """Kind of count, dimension, or the stem of the noun: the same for numbers that can be compared."""
    noun: str
    """Stem of the noun; empty for people of any sort, and where there is none."""
    before_noun: frozenset[str]
    """Words between number and noun."""
    unit: str
    told: Told
    clause: Clause
    value: float

    @property
    def kind(self) -> ConflictKind:
        """A number."""
        return "number"

    @property
    def grows(self) -> bool:
        """Whether it is a toll."""
        return self.what in _GROWING

    def is_on(self, other: Fact) -> bool:
        """Whether both count the same, as far as their clauses tell."""
        if not isinstance(other, Count) or self.what != other.what or self.unit != other.unit:
            return False
        if self.noun != other.noun or self.before_noun != other.before_noun or self.clause.modal != other.clause.modal:
            return False
        if self.clause.periods != other.clause.periods or not same_time(self.told, other.told):
            return False
        days = self.clause.weekdays, other.clause.weekdays
        if all(days) and not days[0] & days[1]:
            return False
        if differs_in_names(self.clause.names, other.clause.names):
            return False
        if self.what in _KINDS:
            return days_apart(self.told, other.told) <= _NEWS_DAYS
        if differs_in_names(self.told.names, other.told.names):
            return False
        own = {self.noun, self.what, *self.before_noun}
        shared, share = overlap(self.clause, other.clause, own)
        return shared >= 2 and share >= (_SHARE_OF_PARTS if self.what == "percent" else _SHARE)

    def agrees(self, other: Fact) -> bool:
        """Whether both may be true."""
        if not isinstance(other, Count) or (self.low <= other.high and other.low <= self.high):
            return True
        if min(self.value, other.value) < _ROUNDED_FROM and not self.unit:
            return False
        return has_number(self.value, {other.value}) or has_number(other.value, {self.value})


def counts_of(told: Told) -> Iterator[Count]:
    """Yield what a sentence counts or measures; dates, times, ages, ordinals and parts ("three of the dead") left out."""
    for clause in told.clauses:
        kinds = [kind for kind, pattern in _KIND.items() if pattern.search(clause.text)]
        text = clause.text
        if not placed_numbers(text):
            continue
        text = _blanked(text)
        numbers = placed_numbers(text)
        for n, (start, end, value) in enumerate(numbers):
            # "66 percent to 27 percent": which is of what, the words alone do not tell.
            near = (*numbers[max(0, n - 1) : n], *numbers[n + 1 : n + 2])
            count = None if _is_range(text, (start, end), near) else _count(told, clause, text, start, end, value, kinds)
            if count and not (count.what == "percent" and len(_PERCENT.findall(text)) > 1):
                yield count


def _is_range(text: str, own: tuple[int, int], near: Sequence[tuple[int, int, float]]) -> bool:
    """Whether a number is one end of a range."""
    gaps = (text[own[1] : start] if start > own[0] else text[end : own[0]] for start, end, _ in near)
    return any(_RANGE.fullmatch(gap) for gap in gaps)


def _blanked(text: str) -> str:
    """Return a text of the same length without its dates, years and times of day."""
    for named in [day.text for day in named_dates(text)[0]] + [time.text for time in times_of(text)[0]]:
        text = text.replace(named, " " * len(named))
    return re.sub(r"(?<![\d$€£,.])(?:1[5-9]|20)\d\d(?![\d,.]\d|\d)", "    ", text)


def _count(told: Told, clause: Clause, text: str, start: int, end: int, value: float, kinds: Sequence[str]) -> Count | None:
    before, behind = text[:start], text[end:]
    rough = _ROUGH.search(before)
    leading = before[: rough.start()] if rough else before
    currency = _CURRENCY.search(before)
    if _NOT_COUNTED.match(behind) or (not rough and not currency and _NO_COUNT_BEFORE.search(before)):
        return None
    if _is_label(leading, before) or (value in (0.5, 1.0) and not behind.startswith((" person", " man", " woman", "%", " per"))):
        return None
    unit = _UNIT.match(behind)
    opening = rough.start() if rough else currency.start() if currency else start
    if currency or unit:
        return _measure(told, clause, opening, end, value, rough, currency, unit, text)
    return _counted(told, clause, opening, end, value, rough, kinds, text)


def _is_label(leading: str, before: str) -> bool:
    """Whether a number belongs to a name: "Boeing 737"."""
    word = re.search(r"(?:^|\s)([^\W\d_][\w.’'-]*) $", before)
    return bool(word and leading == before and word[1][0].isupper() and word.start() > 0)


def _measure(
    told: Told, clause: Clause, start: int, end: int, value: float, rough: re.Match[str] | None, currency: re.Match[str] | None,
    unit: re.Match[str] | None, text: str,
) -> Count:  # fmt: skip
    if currency:
        dimension, factor, name = "money", 1.0, currency.group().lstrip("USAC")
    else:
        name = ((unit and (unit["sign"] or unit["unit"])) or "").lower()
        dimension, factor = _BY_UNIT.get("percent" if name == "%" else name, ("", 1.0))
    stop = end + (unit.end() if unit else 0)
    low, high = _bounds(value * factor, rough, text[stop:], rounding=0.03)
    sort = name if dimension == "money" else dimension
    about = text[end:stop].strip(" -") or "money"
    place = clause.start + start, clause.start + stop
    return Count(*place, about, low, high, dimension, "", frozenset(), sort, told, clause, value * factor)


def _counted(
    told: Told, clause: Clause, start: int, end: int, value: float, rough: re.Match[str] | None, kinds: Sequence[str], text: str
) -> Count | None:
    found = _head(text, end)
    noun, stop, between = found if found else ("", end, ())
    kind = kinds[0] if len(kinds) == 1 else ""
    if not kind and not noun:
        return None
    low, high = _bounds(value, rough, text[stop:], rounding=0.0)
    is_anybody = noun in _PEOPLE
    head = "" if is_anybody else root(noun) if noun else ""
    about = kind or text[end:stop].strip()
    what = kind or root(noun)
    extra = frozenset(root(word) for word in between)
    return Count(clause.start + start, clause.start + stop, about, low, high, what, head, extra, "", told, clause, value)


def _head(text: str, at: int) -> tuple[str, int, tuple[str, ...]] | None:
    """Return the plural noun that a number counts, where it ends, and the words between."""
    between: list[str] = []
    for _ in range(_HEAD_REACH):
        word = _WORD.match(text, at)
        if not word or word[1].lower() in STOP_WORDS or word[1].lower() in _VERBS:
            return None
        plain, at = word[1].lower(), word.end()
        if plain in _IRREGULAR or (plain.endswith("s") and not plain.endswith(("ss", "us", "is")) and len(plain) > 3):
            return plain, at, tuple(between)
        between.append(plain)
    return None


def _bounds(value: float, rough: re.Match[str] | None, behind: str, rounding: float) -> tuple[float, float]:
    tail = _BEHIND.match(behind)
    more = tail.group().strip().lower() if tail else ""
    if more == "or more" or (rough and rough["above"]):
        return value, _INF
    if more in ("or fewer", "or less") or (rough and rough["below"]):
        return -_INF, value
    if rough and rough["near"]:
        return value * (1 - _WITHIN), value
    if rough or more:
        return value * (1 - _WITHIN), value * (1 + _WITHIN)
    return value * (1 - rounding), value * (1 + rounding)
