"""A quotation as it was asked and a text as it stands, cut into words that compare however they are typed."""

# ruff: noqa: RUF001  (apostrophes of every kind are meant)

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from pullquote.qa.words import STOP_WORDS

_APOSTROPHES = "'’‘ʼ`´"
_WORD = re.compile(
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![^\W_])|\d+\.\d+(?![^\W_])"  # 1,250 and 3.5 are one number
    r"|[^\W\d_](?:\.[^\W\d_])+\b\.?"  # U.S., p.m.
    rf"|(?:\[[^\W\d_]\])?[^\W_]+(?:[{_APOSTROPHES}][^\W_]+)*"  # don’t; [t]he
    r"|[$€£¥%]"
)
_TO_ONE = str.maketrans(dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys("[],", None))
_PART = re.compile(r"[^\W_]+")
_ELLIPSIS = re.compile(r"[\[(]?\s?(?:…|\.\s?\.\s?\.(?:\s?\.)?)\s?[\])]?")
_INSERTED = re.compile(r"\[[^\[\]]{2,300}\]")
_LIGHT, _HEAVY = 4, 10


class Word(NamedTuple):
    """A word of a text: what it is compared by, and where it stands."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AskedQuote:
    """A quotation, taken apart once."""

    text: str
    words: tuple[Word, ...]
    breaks: frozenset[int]
    """Places of words before which an ellipsis stands."""
    inserted: frozenset[int]
    """Places of words in brackets: whoever quotes put them in."""

    @property
    def own(self) -> tuple[int, ...]:
        """The places of the other words: those that are to be found; at least one."""
        return tuple(n for n in range(len(self.words)) if n not in self.inserted)

    @property
    def parts(self) -> tuple[tuple[int, int], ...]:
        """The stretches of words between the ellipses, half-open."""
        edges = [0, *sorted(self.breaks), len(self.words)]
        return tuple((a, b) for a, b in pairwise(edges) if a < b)


def asked_quote(text: str) -> AskedQuote:
    """Take a quotation apart; its outer quotation marks do not count."""
    words = tuple(words_in(text))
    starts = [word.start for word in words]
    breaks = {bisect_left(starts, match.end()) for match in _ELLIPSIS.finditer(text)} - {0, len(words)}
    spans = [match.span() for match in _INSERTED.finditer(text) if not _ELLIPSIS.fullmatch(match.group())]
    inserted = {n for n, word in enumerate(words) for start, end in spans if start < word.start and word.end < end}
    return AskedQuote(text, words, frozenset(breaks), frozenset(inserted if len(inserted) < len(words) else ()))


def keys_in(text: str) -> list[str]:
    """Return what the words of a text are compared by, in order."""
    return list(map(key_of, _WORD.findall(text)))


def words_in(text: str, offset: int = 0) -> Iterator[Word]:
    """Yield the words of a text in order; ``offset`` is where the text begins.

    Case, accents, the kind of apostrophe and the commas of a number do not count, a hyphen parts words; currency and percent
    signs are words.
    """
    for match in _WORD.finditer(text):
        yield Word(key_of(match.group()), offset + match.start(), offset + match.end())


@lru_cache(maxsize=65536)
def key_of(word: str) -> str:
    """Return what a word is compared by."""
    plain = word.translate(_TO_ONE).casefold()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return plain.replace(".", "") if not plain[:1].isdigit() else plain


def phrase_of(words: tuple[Word, ...], text: str) -> str:
    """Return words of a text as the full-text index is asked for them: letters and digits, with blanks between."""
    return " ".join(part for word in words for part in _PART.findall(text[word.start : word.end]))


def weight_of(key: str) -> int:
    """Return how much a word in common counts: function words a little, all others more."""
    return _LIGHT if is_light(key) else _HEAVY


def is_light(key: str) -> bool:
    """Whether a word is of those that every text has."""
    return key in STOP_WORDS or (len(key) == 1 and key.isalpha()) or key.partition("'")[0] in STOP_WORDS
