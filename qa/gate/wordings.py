"""Texts in one typography, so that they can be compared to the letter, and where a quotation stands in them."""

# ruff: noqa: RUF001  (quotation marks and dashes of every kind are meant)

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from pullquote.qa.gate.quotation_marks import quotations

_DASHES = re.compile(r"\s*(?:[‐‑‒–—―−]|--+|(?<=\s)-(?=\s))\s*")
_JOINING = re.compile(r"(?<=\w)[‐‑–](?=\w)")
_QUOTES = re.compile("[\"“”„«»「」‘’'`´]+")
_LOOSE_QUOTES = re.compile(r"(?<!\w)'|'(?!\w)")
_DOTS = re.compile(r"\s?(?:…|\. ?\. ?\.(?: ?\.)?)\s?")
_EDGES = " .,;:!?-"
_LETTER = re.compile(r"\[(\w)\](?=\w)")
_OMISSION = re.compile(r"\(?\.\.\.\)?|\[[^\[\]]*\]")
_DENIAL = re.compile(r"\b(?:not|never|no|nor|neither|without|hardly|cannot)\b|n't\b", re.IGNORECASE)
_TURNED = re.compile(
    r"\b(?:not|never|no|nor|neither|without|hardly|cannot|den(?:y|ied|ies|ying)|reject\w*|refus\w*|disput\w*)\b|n['’]t\b",
    re.IGNORECASE,
)
_CLAUSE_CHARS = 24


@lru_cache(maxsize=4096)
def normal(text: str) -> str:
    """Return a text with one kind of dash, apostrophe and blank, and without quotation marks."""
    text = _DASHES.sub(" - ", _JOINING.sub("-", text))
    text = _LOOSE_QUOTES.sub("", _QUOTES.sub("'", text))
    return " ".join(_DOTS.sub("... ", text).split())


@lru_cache(maxsize=4096)
def wordings(text: str) -> tuple[str, ...]:
    """Return how the words of a sentence may be read: as they stand, and its quotations without what stands between them."""
    spoken = [quote.text.strip(" ,") for quote in quotations(text)]
    whole = normal(text)
    return (whole, normal(" ".join(spoken))) if len(spoken) > 1 else (whole,)


def parts_of(quote: str) -> tuple[str, ...]:
    """Cut a quotation where it shows that something was left out or put in: at an ellipsis and at brackets."""
    pieces = _OMISSION.split(normal(_LETTER.sub(r"…\1", quote)))
    return tuple(part for piece in pieces if (part := piece.strip(_EDGES)))


def stands(quote: str, text: str) -> bool:
    """Whether a quotation stands in a text to the letter, with its ellipses or as its parts in order.

    Both are as ``normal`` returns them. Not when what was left out denies what is left.
    """
    whole = quote.strip(_EDGES)
    if not whole:
        return False
    return place_of(whole, text) >= 0 or _stand_in_order(parts_of(quote), text)


def place_of(part: str, text: str, start: int = 0) -> int:
    """Return where words begin in a text, -1 when they do not stand there; the first letter's case does not matter."""
    for first in (part[0], part[0].swapcase()):
        at = text.find(first + part[1:], start)
        while at >= 0:
            end = at + len(part)
            if not (text[at - 1 : at].isalnum() or (part[-1].isalnum() and text[end : end + 1].isalnum())):
                return at
            at = text.find(first + part[1:], at + 1)
    return -1


def denied_before(quote: str, text: str) -> bool:
    """Whether the words right before a quotation deny it: "bought a vote" cut out of "I have never bought a vote"."""
    parts = parts_of(quote)
    at = place_of(parts[0], text) if parts else -1
    clause = re.split(r"[.,;:!?]|\b(?:and|but|that)\b", text[max(0, at - _CLAUSE_CHARS) : at])[-1] if at > 0 else ""
    return bool(_DENIAL.search(clause))


def denies(text: str) -> bool:
    """Whether a text has a word that denies."""
    return bool(_TURNED.search(text))


def _stand_in_order(parts: Sequence[str], text: str) -> bool:
    at = 0
    for number, part in enumerate(parts):
        found = place_of(part, text, at)
        if found < 0 or (number and _DENIAL.search(text[at:found])):
            return False
        at = found + len(part)
    return bool(parts)
