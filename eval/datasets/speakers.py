"""Speakers as annotators marked them: cleaned, told apart, and which of an article's others can stand in for one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product

from pullquote.eval.datasets.rewording import begins_with

_BRACKETS = re.compile(r"\s*\([^()]*\)")
_POSSESSIVE = re.compile(r"['’]s?$")
_UNFIT = re.compile(r"[\"“”?!:;/@()\[\]–—Ã]|--|\d in \d|in 10\b|percent|%|^\W*\d")
_PRONOUN = re.compile(
    r"(?:as|i|me|we|us|you|he|him|she|her|it|they|them|who|whom|which|that|this|these|those|one|ones|some|many|most|others?|both|all|"
    r"each|any|anyone|everyone|everybody|nobody|no one|none|few|several|someone|somebody|people|what|there|myself|himself|"
    r"herself|two|three|the (?:two|three|other|others|former|latter|pair|ones?|rest|same)|another|my|our|your|his|"
    r"their|its)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*")
# A capital does not make these a name: whoever holds the office may be named elsewhere.
_OFFICES = frozenset(
    "president senator governor secretary candidate nominee republican democrat congressman congresswoman speaker mayor "
    "judge director officer official chairman chairwoman leader party administration campaign government department white "
    "house court committee doctor lawyer counsel adviser aide professor expert analyst spokesman spokeswoman american "
    "european british poll polls study report survey ad memo newspaper magazine paper texan californian floridian".split()
)
_ONE_OF_A_KIND = re.compile(r"(?:the|an?) .*|.*[^s]", re.IGNORECASE)
_CUT_OFF = re.compile(r"[Aa]n?(?: [A-Z]\S*)+")  # "a New York Times", of a "New York Times report"
_MOST_WORDS = 8
_STEM = 5  # letters that tell a word, whatever its ending, and mostly though it is misspelt
_PARTICLES = frozenset("the a an of for to and at in on mr mrs ms dr sen rep gov jr sr new former".split())


def speaker_name(marked: str) -> str:
    """Return the speaker without what explains it: brackets, and what follows a comma."""
    plain = _BRACKETS.sub("", " ".join(marked.split())).strip(" ,")
    head, comma, rest = plain.partition(", ")
    return head if comma and not re.search(r"\band\b", rest) else plain


def is_speaker(name: str) -> bool:
    """Whether it is a name or a short description, not a pronoun, nor somebody's (``Trump's claim``)."""
    words = name.split()
    if not words or len(words) > _MOST_WORDS or _UNFIT.search(name) or "," in name:
        return False
    return not (_PRONOUN.match(name) or _POSSESSIVE.search(name) or _CUT_OFF.fullmatch(name))


def is_named(name: str) -> bool:
    """Whether it ends in a proper name: what is described may be named elsewhere, and be the same."""
    last = name.split()[-1]
    return last[0].isupper() and last.lower() not in _OFFICES and name.lower() not in _OFFICES


def may_stand_in(name: str, excluded: Iterable[str], text: str) -> bool:
    """Whether a speaker of an article with this text goes by a name, and by none of those who are excluded."""
    if not is_speaker(name) or not is_named(name) or (" " not in name and begins_with(name, text) != "name"):
        return False
    return not any(_may_be_same(name, other, text) for other in excluded)


def is_one_of_a_kind(name: str) -> bool:
    """Whether a speaker is described by what only one can be ("the senator"): a name elsewhere may be the same one's."""
    return not is_named(name) and bool(_ONE_OF_A_KIND.fullmatch(name))


def _may_be_same(name: str, other: str, text: str) -> bool:
    """Whether two names share a word, are short for one another, or stand side by side (``Hillary Clinton``)."""
    first, second = _telling(name), _telling(other)
    if {word[:_STEM] for word in first} & {word[:_STEM] for word in second}:
        return True
    if _is_short_for(name, other) or _is_short_for(other, name):
        return True
    pairs = [pair for a, b in product(sorted(first), sorted(second)) for pair in ((a, b), (b, a))]
    return any(re.search(rf"\b{re.escape(a)} (?:\w+\.? )?{re.escape(b)}\b", text, re.IGNORECASE) for a, b in pairs)


def _telling(name: str) -> frozenset[str]:
    """Return the words of a name that tell who it is, in lower case."""
    return frozenset(word.lower() for word in _WORD.findall(_POSSESSIVE.sub("", name))) - _PARTICLES


def _is_short_for(short: str, name: str) -> bool:
    """Whether a name is one word of at least three capitals, the initials of the other's last words."""
    initials = "".join(word[0] for word in name.split() if word.lower() not in _PARTICLES)
    return len(short) > 2 and short.isupper() and initials.upper().endswith(short)
