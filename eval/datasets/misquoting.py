"""Altered quotations: a word within quotation marks that was not said, said otherwise, or left out."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

_MARKED = re.compile(r'["“](?P<inside>[^"“”]+)["”]')
_WORD = re.compile(r"(?<![\w'’])[A-Za-z]+(?![\w'’])")
_NEVER_DROPPED = frozenset("not no never nobody nothing none without nor neither but".split())
# What may be put in behind which words.
_ADDITIONS = (
    (re.compile(r"\ba\b", re.IGNORECASE), ("certain", "mere", "real")),
    (re.compile(r"\b(?:the|our|my|those|these)\b", re.IGNORECASE), ("whole", "entire", "actual")),
    (re.compile(r"\b(?:I|we|they|you)\b", re.IGNORECASE), ("really", "simply", "certainly")),
)
_LEAST_WORDS = 4  # of a quotation of which a word is dropped


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split(" ", 1) for pair in text.split(", "))


# Said otherwise: the same meaning, or nearly so.
_OTHERWISE = _pairs(
    "office room, build make, difficult troublesome, hungry starving, answer solution, soup broth, afford buy, lunch meal, "
    "sits meets, bought purchased, bother trouble, effect benefit, fade vanish, stopped quit, faster quicker, smoke fumes, "
    "lane street, lit lighted, require demand, counting keeping count, moved budged, needless pointless, pear fruit, kettle "
    "teapot, buying getting, trousers pants, bill charge, river stream, remember recall, runs stands, walk march, restraint "
    "caution, single quick, concerned worried, sides a side, punishment penalty, start begin, want wish for, rifles guns, "
    "pause break, avenge revenge, finished ended, spoke talked, worries troubles, storms gales, deserve ought, buns rolls, "
    "roads streets, proud glad, votes ballots, letter reply, anything something, boat ship, wait hold on, everything it "
    "all, calculator adding machine, mean plan, mine my own, war fighting, sandwiches lunch, reports papers"
)
# Another meaning.
_CHANGED = _pairs(
    "never always, proud ashamed, hungry spoiled, public secret, faster slower, lit dark, require forbid, buying selling, "
    "needless reckless, greatest least, deeply slightly, punishment reward, start finish, peace victory, avenge forget, "
    "young rich, everything nothing, nobody everybody, lose win, fade grow, answer problem, bought sold, stopped stayed, "
    "waiting hoping, anything nothing, wait hope, pause defeat, go stay, headlines blame, outlasted feared, permission "
    "money, moved fallen, better worse, single second, tea cards, cost won, pay steal, sides orders, afford cook, war "
    "storm, counting rowing, carried wore"
)


@dataclass(frozen=True, slots=True)
class Misquotation:
    """A text whose quotation was altered."""

    text: str
    quotation: str
    """What now stands in the quotation marks, without them."""
    is_harmless: bool
    """Whether it would still be true without the quotation marks."""


def misquoted(text: str, rng: random.Random) -> Misquotation | None:
    """Alter a word of the longest quotation: said otherwise, with another meaning, one too many, or one too few.

    None when there is no quotation, or no rule fits. A word that was dropped never turns the meaning round ("not").
    """
    found = max(_MARKED.finditer(text), key=lambda match: len(match.group()), default=None)
    if found is None:
        return None
    inside = found["inside"]
    kinds = [(list(kind), harmless) for kind, harmless in ((_otherwise(inside), True), (_changed(inside), False))]
    kinds += [(list(kind), True) for kind in (_added(inside, rng), _dropped(inside))]
    fitting = [kind for kind in kinds if kind[0]]
    if not fitting:
        return None
    choices, harmless = rng.choice(fitting)
    altered = rng.choice(choices)
    return Misquotation(text[: found.start("inside")] + altered + text[found.end("inside") :], altered, harmless)


def _otherwise(inside: str) -> Iterator[str]:
    return _exchanged(inside, _OTHERWISE)


def _changed(inside: str) -> Iterator[str]:
    return _exchanged(inside, _CHANGED)


def _exchanged(inside: str, others: dict[str, str]) -> Iterator[str]:
    for match in _WORD.finditer(inside):
        other = others.get(match.group().lower())
        if other:
            other = other[0].upper() + other[1:] if match.group()[0].isupper() else other
            yield inside[: match.start()] + other + inside[match.end() :]


def _added(inside: str, rng: random.Random) -> Iterator[str]:
    for pattern, words in _ADDITIONS:
        for match in pattern.finditer(inside):
            if inside[match.end() :].startswith(" "):
                yield f"{inside[: match.end()]} {rng.choice(words)}{inside[match.end() :]}"


def _dropped(inside: str) -> Iterator[str]:
    words = inside.split(" ")
    for place in range(1, len(words) - 1) if len(words) >= _LEAST_WORDS else ():
        if words[place].isalpha() and words[place].lower() not in _NEVER_DROPPED:
            yield " ".join(words[:place] + words[place + 1 :])
