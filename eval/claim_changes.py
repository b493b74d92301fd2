"""False claims from true ones: a word negated, a number changed, a name put in another's place."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence

_AUXILIARY = r"\b(?:is|are|was|were|has|have|had|will|would|can|could|did|does|do|should|may|might|must)\b"
_AFFIRMED = re.compile(rf"{_AUXILIARY}(?! not\b)(?!['’]t\b)", re.IGNORECASE)
_DENIED = re.compile(rf"({_AUXILIARY}) not\b", re.IGNORECASE)
_DIGITS = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_NUMBER_WORDS = "two three four five six seven eight nine ten twelve twenty thirty fifty".split()
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_NUMBER_WORDS)})\b")
_NAME = re.compile(r"(?<!^)(?<![.!?] )\b[A-Z][a-zà-ÿ]+(?: [A-Z][a-zà-ÿ]+)*")
_YEARS = range(1800, 2100)


def changed(text: str, names: Sequence[str], rng: random.Random) -> dict[str, str]:
    """Return all false claims that can be made of a true one, by kind: ``negated``, ``number``, ``name``."""
    made = {"negated": negated(text), "number": number_changed(text, rng), "name": name_changed(text, names, rng)}
    return {kind: claim for kind, claim in made.items() if claim is not None}


def negated(text: str) -> str | None:
    """Put a "not" behind the first auxiliary verb, or take one away; None when there is none."""
    if found := _DENIED.search(text):
        return text[: found.end(1)] + text[found.end() :]
    found = _AFFIRMED.search(text)
    return f"{text[: found.end()]} not{text[found.end() :]}" if found else None


def number_changed(text: str, rng: random.Random) -> str | None:
    """Put another number in one's place; None when there is none."""
    found = list(_DIGITS.finditer(text)) or list(_NUMBER_WORD.finditer(text))
    if not found:
        return None
    number = rng.choice(found)
    return text[: number.start()] + _other_number(number.group(), rng) + text[number.end() :]


def name_changed(text: str, names: Sequence[str], rng: random.Random) -> str | None:
    """Put one of ``names`` in the place of a name; None when there is none, or no other one."""
    found, others = list(_NAME.finditer(text)), sorted(name for name in set(names) if name not in text)
    if not found or not others:
        return None
    name = rng.choice(found)
    return text[: name.start()] + rng.choice(others) + text[name.end() :]


def names_in(texts: Iterable[str]) -> list[str]:
    """Return what looks like names: runs of capitalised words within sentences."""
    return [match.group() for text in texts for match in _NAME.finditer(text)]


def _other_number(number: str, rng: random.Random) -> str:
    if number in _NUMBER_WORDS:
        return rng.choice([word for word in _NUMBER_WORDS if word != number])
    value = float(number.replace(",", ""))
    if number.isdecimal() and value in _YEARS:
        return str(int(value) + rng.choice([-4, -3, -2, -1, 1, 2, 3, 4]))
    other = value * rng.choice([0.4, 0.6, 1.5, 2, 3]) + rng.choice([1, 2])
    if other == value or int(other) == value:
        other += 3
    if "." in number:
        return f"{other:.{len(number.partition('.')[2])}f}"
    return f"{int(other):,}" if "," in number else str(int(other))
