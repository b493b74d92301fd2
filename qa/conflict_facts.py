"""What the sentences of different articles are compared by: clauses, what they are about, and whether that is the same."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from pullquote.qa.gate.dates import Named, dates_of
from pullquote.qa.gate.names import MONTHS, WEEKDAYS, Name, folded, forms, names_of
from pullquote.qa.types import ConflictKind
from pullquote.qa.verbs import FORMS
from pullquote.qa.words import STOP_WORDS, stem, words_of

_DATELINE = re.compile(r"^[A-ZÀ-Þ][^a-zà-ÿ]{3,60}?(?:[,(][^—–]{0,60})?\s*(?:—|–|--)\s+")
_CLAUSE = re.compile(
    r"[;:,]\s|\s[—–]\s|\s--\s|\s(?:and|but|while|although|though|as well as|whereas|when|where|which|who|because|before"
    r"|with(?= (?:at least |about |more than |another )?(?:\d|two|three|four|five|six|seven|eight|nine|ten|dozens)))\s",
    re.IGNORECASE,
)
_MODAL = re.compile(
    r"\b(?:could|may|might|would|should|will|shall|expect(?:s|ed)?|feared|fears|plan(?:s|ned)?|estimates?|estimated|forecasts?"
    r"|if|likely|possibly|perhaps|hopes?|hoped|aims?|target|goal|proposed|proposes|wants?|'ll)\b",
    re.IGNORECASE,
)
_EMPTY = frozenset(
    stem(word)
    for word in (
        "said say says told tell tells add added according report reported reports official officials statement people person "
        "year years day days week month time new last next first one two also would could may might will still yet still now "
        "government spokesman spokeswoman spokesperson news agency reporters media around nearly almost least more than about "
        "some including many several "
    ).split()
    + WEEKDAYS
    + MONTHS
)
_YEAR = re.compile(r"(?<![\d$€£,.])(?:1[5-9]|20)\d\d(?![\d,.]\d|\d)")
_PERIOD = re.compile(
    r"\b(?:(?:first|second|third|fourth|final) (?:quarter|half|week|month|day|year)"
    r"|(?:last|next|this|previous) (?:year|month|week|quarter|season|decade|spring|summer|autumn|fall|winter)"
    r"|(?:per|an?|each|every) (?:day|week|month|year|hour)"
    r"|daily|weekly|monthly|annual(?:ly)?|a year earlier|year-on-year|overnight|so far|since)\b",
    re.IGNORECASE,
)
_PLAIN_OPENERS = frozenset("police people troops prosecutors turnout rescuers nobody everybody somebody".split())
_AUXILIARIES = frozenset("has had have is was were will would did does do can could may might should".split())
_DATED = re.compile(rf"\d|{'|'.join(name[:3] for name in [*MONTHS, *WEEKDAYS])}", re.IGNORECASE)
_SHARED, _SHARED_WITH_NAME = 3, 2
"""So many words that carry meaning two sentences on one event have in common; fewer where a name is among them."""


class Fact(Protocol):
    """One thing that a sentence tells, as far as another may tell it otherwise."""

    @property
    def kind(self) -> ConflictKind:
        """What differs where two such facts disagree."""
        ...

    @property
    def start(self) -> int:
        """Where the words that may differ begin in the sentence."""
        ...

    @property
    def end(self) -> int:
        """Where they end."""
        ...

    @property
    def about(self) -> str:
        """What is told, in a few words."""
        ...

    @property
    def grows(self) -> bool:
        """Whether it is a count that mostly grows as news comes in."""
        ...

    def is_on(self, other: Fact) -> bool:
        """Whether both facts tell of the same thing, as far as their clauses show."""
        ...

    def agrees(self, other: Fact) -> bool:
        """Whether both may be true of the same thing."""
        ...


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of a sentence between commas and conjunctions."""

    text: str
    start: int
    """Its offset in the sentence."""
    stems: frozenset[str]
    """Of the words that carry meaning; dates, numbers, names and what every report says left out."""
    names: frozenset[str]
    """Folded."""
    modal: bool
    """Whether it tells what may or will be, rather than what is."""
    periods: frozenset[str]
    """Words for a stretch of time ("last year", "a day"), lower case."""
    weekdays: frozenset[int]
    """From 0, Mondays."""


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence taken apart."""

    text: str
    content: frozenset[str]
    """Stems of the words that carry meaning, names among them."""
    names: frozenset[str]
    """Folded."""
    title: frozenset[str]
    """Stems of its article's title that carry meaning."""
    title_names: frozenset[str]
    published_at: datetime | None
    dates: tuple[Named, ...]
    """All that are named, weekdays left out."""
    years: frozenset[str]
    """All that are named."""
    clauses: tuple[Clause, ...]


@lru_cache(maxsize=1024)
def named_dates(text: str) -> tuple[tuple[Named, ...], str]:
    """Return what ``dates_of`` does, each text looked through once."""
    return dates_of(text) if _DATED.search(text) else ((), text)


@lru_cache(maxsize=1024)
def told(text: str, title: str = "", published_at: datetime | None = None) -> Told:
    """Take a sentence apart."""
    opening = _DATELINE.match(text)
    start = opening.end() if opening else 0
    body = text[start:]
    clauses = tuple(_clause(body[a:b], start + a) for a, b in _pieces(body))
    dates = tuple(day for day in named_dates(body)[0] if day.weekday is None)
    years = frozenset(_YEAR.findall(body))
    return Told(text, _content(body), _names(body), _content(title), _names(title), published_at, dates, years, clauses)


def same_event(left: Told, right: Told) -> bool:
    """Whether two sentences seem to tell of one event: they share names where both have some, and enough other words."""
    all_names = left.names | left.title_names, right.names | right.title_names
    if differs_in_names(left.names, right.names) and differs_in_names(*all_names):
        return False
    if _enough(left.content & right.content, left.names, right.names):
        return True
    shared = (left.content | left.title) & (right.content | right.title)
    return len(shared) > _SHARED and bool(same_names(*all_names))


def same_time(left: Told, right: Told) -> bool:
    """Whether two sentences may tell of one time: not where they name other years, or other days."""
    if left.years and right.years and not left.years & right.years:
        return False
    if not left.dates or not right.dates:
        return True
    return any(a.says_no_more_than(b) or b.says_no_more_than(a) for a in left.dates for b in right.dates)


def days_apart(left: Told, right: Told) -> int:
    """Return the days between the publication of two sentences; 0 where that is not known."""
    if left.published_at is None or right.published_at is None:
        return 0
    return abs((left.published_at - right.published_at).days)


def stems_of(text: str) -> frozenset[str]:
    """Return the stems of the words of a text that carry meaning."""
    return _content(named_dates(text)[1])


def same_names(left: Collection[str], right: Collection[str]) -> frozenset[str]:
    """Return the names of the left that the right has too, perhaps in another form."""
    known = frozenset(form for name in right for form in forms(name))
    return frozenset(name for name in left if forms(name) & known)


def differs_in_names(left: Collection[str], right: Collection[str]) -> bool:
    """Whether both sides name something, and nothing in common."""
    return bool(left and right) and not same_names(left, right)


def root(word: str) -> str:
    """Return the stem of a word, the same for all forms of a verb."""
    form = FORMS.get(word)
    return stem(form.base if form else word)


def overlap(left: Clause, right: Clause, without: Collection[str] = ()) -> tuple[int, float]:
    """Return how many stems two clauses share, and how large a share of the shorter one's that is."""
    one, other = left.stems.difference(without), right.stems.difference(without)
    shared = len(one & other)
    return shared, shared / max(1, min(len(one), len(other)))


def _enough(shared: frozenset[str], left: frozenset[str], right: frozenset[str]) -> bool:
    named = shared & {stem(name) for name in same_names(left, right)}
    return len(shared) >= _SHARED or (len(shared) >= _SHARED_WITH_NAME and bool(named))


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield where clauses begin and end; a comma inside a number or between a month and a year ends none."""
    start = 0
    for joint in _CLAUSE.finditer(text):
        if joint.start() > start:
            yield start, joint.start()
        start = joint.end()
    if start < len(text):
        yield start, len(text)


def _clause(text: str, start: int) -> Clause:
    names, inside = _names(text), _names(text, inside=True)
    own = {stem(word) for name in inside for word in words_of(name)}
    periods = frozenset(period.lower() for period in _PERIOD.findall(text))
    days, rest = named_dates(text)
    weekdays = frozenset(day.weekday for day in days if day.weekday is not None)
    return Clause(text, start, _content(rest) - own, names, bool(_MODAL.search(rest)), periods, weekdays)


def _content(text: str) -> frozenset[str]:
    stems = (root(word) for word in words_of(text) if word not in STOP_WORDS and not word[0].isdigit())
    return frozenset(one for one in stems if one not in _EMPTY and len(one) > 1)


def _names(text: str, inside: bool = False) -> frozenset[str]:
    """Return the words that are names; a first word only where a name goes on behind it or a verb follows, never ``inside``."""
    return frozenset(folded(one.text) for one in names_of(text) if not one.opens or (not inside and _opens_as_name(text, one)))


def _opens_as_name(text: str, name: Name) -> bool:
    following = text[name.start + len(name.text) :].split()[:1]
    if not following or text[name.start + len(name.text) :][:1] in ",;:.":
        return bool(following)
    word = following[0]
    one_acts = word.endswith("s") and not word.endswith("ss")  # "Sanders supports" is one person, "voters support" are many
    plural = folded(name.text) in _PLAIN_OPENERS or (name.text.endswith("s") and not one_acts)
    return word[0].isupper() or (not plural and (word in FORMS or word in _AUXILIARIES or one_acts))
