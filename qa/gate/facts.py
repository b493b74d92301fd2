"""Every number, date and name of a sentence must stand in what it cites, or follow from it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from pullquote.qa.gate.clock import hours_of, missing_times, times_of
from pullquote.qa.gate.dates import dates_of, missing_dates, years_meant
from pullquote.qa.gate.names import Name, capitalised, folded, forms, initials, names_of, side_by_side, torn, words_in
from pullquote.qa.gate.periods import same_periods, with_others
from pullquote.qa.quantities import claimed_numbers, has_number, numbers_of
from pullquote.qa.types import Evidence
from pullquote.qa.words import STOP_WORDS, stem

_ADDRESS = re.compile(
    r"(?i:https?:|www\.)[^\s()<>\"“”]+|(?<![\w.+-])[\w.+-]{1,64}@[\w.-]+"
    r"|(?<![\w.-])(?:[A-Za-z0-9-]{2,63}\.)+[a-z]{2,24}\b(?:/[^\s()<>\"“”]*)?"
)
_NUMBER = re.compile(r"\d[\d,.]*\d|\d|\b[a-z]+(?:-[a-z]+)?\b", re.IGNORECASE)
_ROUGH = re.compile(
    r"\b(?:(?P<above>over|more than|at least|above|(?:shortly|just) after)"
    r"|(?P<below>nearly|almost|under|less than|fewer than|up to|close to|(?:shortly|just) before)"
    r"|about|around|roughly|some|approximately) (?=[\w€$£])",
    re.IGNORECASE,
)
_WITHIN = 0.2
"""How far a number that is said to be rough may be from the exact one, relative to it."""
_COUNTED = re.compile(r"[ -](?!percent\b|per\b)([a-z]{3,})")
_DEFINITE = re.compile(r"\b(?:the|these|those|their|its|his|her) (?:other )?two\b", re.IGNORECASE)
"""Who was named before, rather than how many there are."""
_PERIODS = (("decade", 10.0), ("century", 100.0), ("centuries", 100.0))
_FROM_WORDS = (("double", 2.0), ("couple", 2.0), ("both", 2.0), ("pair", 2.0), ("twin", 2.0))
_LISTED = re.compile(r"[A-Z][\w’-]+(?: [A-Z][\w’-]+)*(?:, [A-Z][\w’-]+(?: [A-Z][\w’-]+)*)* and [A-Z]")
"""Names in a list: two of them are "both", and may be called "the two"."""
_YEARS = range(1000, 2101)


class Missing(NamedTuple):
    """A fact of a sentence that its citations do not hold."""

    kind: Literal["address", "number", "date", "time", "name"]
    text: str

    @property
    def reason(self) -> str:
        """In words for a reader."""
        return f"the {self.kind} {self.text} is not in the cited sentence"


def missing_facts(text: str, cited: Sequence[Evidence], evidence: Sequence[Evidence]) -> tuple[Missing, ...]:
    """Return the addresses, numbers, dates and names that what is cited lacks; ``evidence`` tells what is a name at all."""
    dates, rest = dates_of(text)
    times, rest = times_of(rest)
    return (
        *(Missing("address", address) for address in missing_addresses(text, cited)),
        *(Missing("number", number) for number in missing_numbers(rest, cited)),
        *(Missing("date", date) for date in missing_dates(dates, cited)),
        *(Missing("time", time) for time in missing_times(times, [piece.sentence.text for piece in cited])),
        *(Missing("name", name) for name in missing_names(text, cited, evidence)),
    )


def missing_addresses(text: str, cited: Sequence[Evidence]) -> tuple[str, ...]:
    """Return the web and mail addresses that neither a cited sentence has nor a cited article is found at."""
    known = " ".join(f"{piece.sentence.text} {piece.article.url or ''}" for piece in cited).lower()
    return tuple(found for found in (match.rstrip(".,;:") for match in _ADDRESS.findall(text)) if found.lower() not in known)


def missing_numbers(text: str, cited: Sequence[Evidence]) -> tuple[str, ...]:
    """Return the numbers that are missing, by value; a sum of others counts as missing, so does one of other things."""
    known = {number for piece in cited for number in _known_numbers(piece)}
    texts = [dates_of(piece.sentence.text)[1] for piece in cited]
    others = _of_other_things(text, texts)
    claimed = sorted(claimed_numbers(_DEFINITE.sub(" ", text)))
    missing = [number for number in claimed if number in others or not has_number(number, known)]
    if not missing:
        return ()
    following = _rough_numbers(text, known) | same_periods(text, texts) | with_others(text, texts)
    return tuple(f"{number:,.12g}" for number in missing if number not in following)


def missing_names(text: str, cited: Sequence[Evidence], evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """Return the names, words that belong together as one, that neither the cited sentences nor their articles' heads name."""
    torn_apart = torn(text, [t for piece in evidence for t in (piece.sentence.text, *_heads(piece))])
    texts = [text for piece in cited for text in (piece.sentence.text, *_heads(piece))]
    words = words_in(texts)
    known = words | frozenset(form for word in words for form in forms(word))
    short = initials(texts)
    everywhere = capitalised(piece.sentence.text for piece in evidence)
    missing = [
        name
        for name in names_of(text)
        if (not name.opens or folded(name.text) in everywhere) and not _is_there(name, known, short)
    ]
    articles = {piece.article.id for piece in cited}
    called = side_by_side(piece.sentence.text for piece in evidence if piece.article.id in articles)
    missing = [name for name in missing if not _is_first_name(name, text, words, called)]
    return (*(run for run in _joined(missing, text) if _initials(run) not in words), *torn_apart)


def _known_numbers(piece: Evidence) -> Iterator[float]:
    """Yield the numbers of a sentence, and those that follow from its clock times, periods and date."""
    text = dates_of(piece.sentence.text)[1]
    hours = hours_of(text)
    numbers = numbers_of(times_of(text)[1]) | {year for year in numbers_of(piece.sentence.text) if year in _YEARS}
    yield from numbers | hours
    lower = text.lower()
    yield from (value for word, value in _FROM_WORDS if word in lower)
    yield from (number * years for word, years in _PERIODS if word in lower for number in (numbers | {1.0}))
    yield from (float(len(re.findall(r",| and ", run))) + 1 for run in _LISTED.findall(text))
    if not any(number in _YEARS for number in numbers):
        yield from years_meant(piece)


def _rough_numbers(text: str, known: Collection[float]) -> frozenset[float]:
    """Return the numbers that are said to be rough, and that a known one bears out: "more than 200" of 212."""
    found = set()
    for match in _ROUGH.finditer(text):
        for number in numbers_of(" ".join(text[match.end() : match.end() + 40].split()[:3])):
            low = number if match["above"] else number / (1 + _WITHIN)
            high = number if match["below"] else number * (1 + _WITHIN)
            found |= {number for exact in known if exact > 2 and low <= exact <= high}
    return frozenset(found)


def _of_other_things(text: str, texts: Sequence[str]) -> frozenset[float]:
    """Return the numbers that the texts only know of other things, while they count those by other numbers.

    "Four votes" is not in "a four-term mayor, by nine votes".
    """
    counted = [pair for other in texts for pair in _counts(other)]
    loose = {number for other in texts for number in numbers_of(other) if not any(n == number for n, _ in counted)}
    wrong = set()
    for number, thing in _counts(text):
        things = {other for n, other in counted if n == number}
        if number not in loose and things and thing not in things and any(other == thing for _, other in counted):
            wrong.add(number)
    return frozenset(wrong)


def _counts(text: str) -> Iterator[tuple[float, str]]:
    """Yield numbers with the stem of the word right behind them."""
    for match in _NUMBER.finditer(text):
        thing = _COUNTED.match(text, match.end())
        if thing and thing[1] not in STOP_WORDS:
            yield from ((number, stem(thing[1])) for number in numbers_of(match.group()))


def _is_there(name: Name, known: frozenset[str], short: frozenset[str]) -> bool:
    word = folded(name.text)
    parts = [part for part in re.split(r"[-’'&]", word) if len(part) > 1] or [word]
    return word in short or not forms(word).isdisjoint(known) or all(not forms(part).isdisjoint(known) for part in parts)


def _is_first_name(name: Name, text: str, words: frozenset[str], called: frozenset[tuple[str, str]]) -> bool:
    """Whether a cited sentence has the surname alone, and its article the first name with it."""
    after = names_of(text[name.start + len(name.text) + 1 :])[:1]
    surname = folded(after[0].text) if after and after[0].start == 0 else ""
    return surname in words and (folded(name.text), surname) in called


def _heads(piece: Evidence) -> Iterable[str]:
    article = piece.article
    return [text for text in (article.title, article.source, *article.authors) if text]


def _joined(names: Sequence[Name], text: str) -> Iterator[str]:
    """Yield neighbouring names as one."""
    start = end = -1
    for name in names:
        if start >= 0 and text[end : name.start] not in (" ", " of ", " of the "):
            yield text[start:end]
            start = -1
        start, end = (name.start if start < 0 else start), name.start + len(name.text)
    if start >= 0:
        yield text[start:end]


def _initials(run: str) -> str:
    return "".join(word[0] for word in run.split() if word[0].isupper()).lower() if " " in run else run.lower()
