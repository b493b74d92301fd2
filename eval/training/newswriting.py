"""Invented news: people, what they say in several wordings, and how papers say that they said it. All text is our own."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_MEN = (
    "Aaron Bruno Caleb Dario Emil Fabian Gideon Hamid Ivo Jonas Karim Lars Malik Nadir Omar Pavel Quentin Ravi Stefan Tomas "
    "Umar Viktor Walter Yusuf Zoltan Amos Boris Cyril Desmond Ernesto"
).split()
_WOMEN = (
    "Alma Bianca Celia Dalia Edith Farida Greta Hanna Ines Judith Katja Leila Marta Nadia Olga Petra Rosa Selma Tamar Ursula "
    "Vera Wanda Yasmin Zora Agnes Birgit Corinne Dorota Elif Fatima"
).split()
_SURNAMES = (
    "Abara Bergstrom Castellan Dervish Ekholm Falkner Garabedian Hollis Ivarsson Jarvela Kowalczyk Lindqvist Marchetti "
    "Nakagawa Okafor Pellegrin Quist Rasmussen Sandoval Tamm Uddin Vasquez Whitfield Yardley Zielinski Achterberg Brannigan "
    "Corrigan Delacroix Eastman Fontaine Grimaldi Hathaway Ibsen Jankovic Kessler Lombardi McAllister Novak Oyelaran "
    "Prescott Rourke Stanhope Thorne Underhill Voss Wexler Yilmaz Zamora Ashdown Brightman Coldwell Drummond Fairbanks "
    "Greenhill Hayward Kingsley Langley Moss Noble"
).split()
_TITLES = "Senator Governor Mayor Judge Professor Minister Dr. Mr. Gov. Sen. Rep. Justice Secretary Sheriff Colonel".split()
_ROLES = (
    "the mayor of {place}", "a lawyer for {org}", "the head of {org}", "a professor at {org}", "a retired judge",
    "a city official", "a spokeswoman for {org}", "the finance minister", "an economist", "a former senator", "a pollster",
    "the police chief", "a union leader", "who runs {org}", "a Democrat from {place}", "a farmer in {place}",
)  # fmt: skip
_GROUPS = (
    "aides", "officials", "critics", "analysts", "residents", "supporters", "police", "activists", "the company",
    "the newspaper", "lawyers", "investigators", "several lawmakers", "union leaders", "the ministry", "a spokesman",
    "the campaign", "prosecutors", "Republicans", "Democrats", "local reporters", "researchers", "the agency", "the bank",
    "doctors", "multiple outlets",
)  # fmt: skip
_SLOTS = {
    "place": (
        "Ashford Brindle Carrow Dunmere Elsby Fenwick Garston Holloway Ironbridge Kelso Lorne Marwick Norcross Orrin "
        "Pembury Redcliff Stanmoor Tilbury Upwell Verran Westerly Yarrow"
    ).split(),
    "org": (
        "Norfield Steel", "the Carrow Bank", "Halden Airways", "the Lorne Institute", "Tilbury Foods", "the Marwick Gazette",
        "Orrin Motors", "Verran University", "the Harbour Authority", "the Elsby Teachers' Union", "Redcliff Energy",
        "the Yarrow Foundation", "Fenwick & Sons", "the Housing Office", "Kelso Telecom", "the Rail Board",
    ),
    "tax": ("property tax", "fuel tax", "bus fare", "water charge", "sales tax", "parking fee", "tuition fee"),
    "bill": ("housing bill", "health law", "trade deal", "gun bill", "tax plan", "immigration bill", "budget", "climate treaty"),
    "month": "January February March April May June July August September October November December".split(),
    "thing": ("milk", "fireworks", "bicycles", "medicine", "old cars", "firewood", "sugar", "train tickets"),
}  # fmt: skip
_NUMBER_WORDS = "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty".split()
_SLOT = re.compile(r"\{(\w+)\}")

SAID = (
    "said", "said", "said", "said", "says", "told reporters", "argued", "claimed", "wrote", "added", "noted", "stated",
    "insisted", "tweeted on Monday", "warned", "announced", "explained", "has said", "said in a statement", "acknowledged",
    "complained", "declared", "testified", "reported",
)  # fmt: skip
"""Fit before "that"; most also behind what was said."""
_BEHIND = (
    "said",
    "said",
    "said",
    "says",
    "added",
    "wrote",
    "noted",
    "told reporters",
    "explained",
    "said on Tuesday",
    "insisted",
)
_VERBS = ("said", "said", "said", "wrote", "added", "explained", "warned")
ALONE = (
    "{S} {said} that {c}.", "{S} {said} that {c}.", "{S} {said} {c}.", "{C}, {s} {behind}.", "{C}, according to {s}.",
    "According to {s}, {c}.", "“{C},” {s} {behind}.", "“{C},” {verb} {s}.", '"{C}," {s} {behind}.', "{S} {said}, “{C}.”",
    "{S} {said}: “{C}.”", "On Friday, {s} {said} that “{c}.”", "{S} {said} that “{c},” and left it there.",
    "For {his} part, {s} {said} that {c}.", "Later in the day, {s} {said} that {c}.", "{S}, {role}, {said} that {c}.",
    "“{C},” {verb} {s}, {role}.", "{C}, {verb} {s}, {role}.", "{S} spoke in {place} on Monday. “{C},” {he} {behind}.",
    "{S} was asked about it on Sunday. {He} {said} that {c}.", "{S} left no doubt. {He} {said} {c}.",
    "{C}, {s} {behind} in {place}.", "And {s} {said} that {c}.", "{S}, {role}, went further and {said} that {c}.",
)  # fmt: skip
"""Ways to report a statement of ``s``."""
BESIDE = (
    "{S} told {o} that {c}.", "In a letter to {o}, {s} wrote that {c}.", "{S}, a former aide to {o}, {said} that {c}.",
    "“{C},” {s} {behind} in response to {o}.", "Speaking after {o}, {s} {said} that {c}.",
    "{S}, who is running against {o}, {said} that {c}.", "A spokesman for {o} declined to comment after {s} {said} that {c}.",
    "{O} stood beside {him} as {s} {said} that {c}.", "{S} disputed the account of {o} and {said} that {c}.",
    "{O} did not answer when {s} {said} that {c}.", "{S} met {o} in {place} on Thursday. {S} later {said} that {c}.",
    "{C}, {s} {behind} after a meeting with {o}.", "{O}’s lawyer, {s}, {said} that {c}.",
    "{O}'s spokesman {s} {said} that {c}.", "{S}, {role} who has endorsed {o}, {said} that {c}.",
    "“{C},” {verb} {s}, who advised {o} last year.", "Though {o} has kept silent, {s} {said} that {c}.",
    "{O} will speak next. “{C},” {s} {behind} as {he} introduced {o}.", "Asked about {o}, {s} {said} that {c}.",
    "{C}, {s} {behind} of the question that {o} had raised.", "{S} wrote to the office of {o} that {c}.",
    "After ignoring {o} for hours, {s} {said} that {c}.", "{S} {said} on the programme of {o} that {c}.",
    "Responding to the remarks of {o}, {s} wrote: “{C}.”", "{O} supported the idea, but {s} {said} {c}.",
    "Allies of {o} were surprised. “{C},” {s} {behind}.", "{C}, {s} {behind} in putting the question to {o}.",
)  # fmt: skip
"""The same, with another, ``o``, who says nothing."""
TOGETHER = (
    "{S} {said} that {c}, but {o} {osaid} that {d}.", "{S} {said} {c}, while {o} {osaid} {d}.",
    "{O} {osaid} that {d}. {S} {said} that {c}.", "“{C},” {s} {behind}. {O} replied that {d}.",
    "{C}, {s} {behind}, and {o} {osaid} that {d}.", "{C}, according to {s}. {D}, according to {o}.",
    "“{C},” {verb} {s}. “{D},” {verb} {o}.", "{S} {said} that {c}. {O} disagreed and {osaid} that {d}.",
    "{O} {osaid} that {d} before {s} {said} that {c}.", "{D}, {o} reported, while in {place}, {c}, {s} reported.",
)  # fmt: skip
"""The same, with another who says something else, ``d``."""
CLAIMED = (
    "{S} said that {c}.", "{S} said {c}.", "{S} says that {c}.", "According to {s}, {c}.", "{C}, according to {s}.",
    "{C}, {s} said.", "{S} told reporters that {c}.", "{S} stated that {c}.", "{S} argued that {c}.", "{S} claimed that {c}.",
    "{S} has said that {c}.", "It was {s} who said that {c}.", "{S} was quoted as saying that {c}.",
    "In the view of {s}, {c}.", "As {s} sees it, {c}.", "{S} pointed out that {c}.", "{S} is reported to have said that {c}.",
    "{S} let it be known that {c}.", "“{C},” said {s}.", '"{C}," {s} said.', "{S} said: “{C}.”",
    "{S} expressed the opinion that {c}.", "{S} commented: {C}.", "The words of {s} were: “{C}.”",
)  # fmt: skip
"""Ways to say that ``s`` says something, in a claim."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who speaks, as first named and as named again."""

    full: str
    short: str
    pronouns: tuple[str, str, str]
    """He, him, his."""


def speaker(rng: random.Random, surname: str = "") -> Speaker:
    """Invent a person."""
    first, is_man = (rng.choice(_MEN), True) if rng.random() < 0.5 else (rng.choice(_WOMEN), False)
    last = surname or rng.choice(_SURNAMES)
    title = f"{rng.choice(_TITLES)} " if rng.random() < 0.25 else ""
    return Speaker(f"{title}{first} {last}", last, ("he", "him", "his") if is_man else ("she", "her", "her"))


def group(rng: random.Random) -> Speaker:
    """Take a group or an office, which has no name."""
    name = rng.choice(_GROUPS)
    return Speaker(name, name, ("they", "them", "their"))


def fill(pattern: str, rng: random.Random, values: dict[str, str]) -> str:
    """Fill a pattern; a field with a capital begins a sentence, and what ``values`` lacks is invented and kept there."""

    def value(match: re.Match[str]) -> str:
        field = match.group(1)
        own = field[0].lower() + field[1:]
        if own not in values:
            values[own] = _invented(own, rng, values)
        text = values[own]
        return text[:1].upper() + text[1:] if field != own else text

    while _SLOT.search(pattern):
        pattern = _SLOT.sub(value, pattern)
    return re.sub(r"([.!?])([”\"]?)[.,]", r"\1\2", pattern)


def clause(rng: random.Random, people: Sequence[str] = ()) -> tuple[list[str], list[str]]:
    """Invent a fact: wordings that mean the same, and wordings that contradict it. ``people`` are named in it."""
    lines = rng.choice(_clauses())
    values = dict(zip(("p", "q"), people, strict=False))
    filled = [fill(line.removeprefix("!"), rng, values) for line in lines]
    same = [text for text, line in zip(filled, lines, strict=True) if not line.startswith("!")]
    return same, [text for text, line in zip(filled, lines, strict=True) if line.startswith("!")]


def _invented(field: str, rng: random.Random, values: dict[str, str]) -> str:
    if field == "n":
        return rng.choice(_NUMBER_WORDS) if rng.random() < 0.4 else str(rng.randint(2, 99) * rng.choice((1, 1, 10, 100)))
    if field in ("p", "q"):
        taken = set(values.values())
        return next(name for name in _people(rng) if name not in taken)
    if field in ("said", "osaid"):
        return rng.choice(SAID)
    if field == "behind":
        return rng.choice(_BEHIND)
    if field == "verb":
        return rng.choice(_VERBS)
    if field == "role":
        return rng.choice(_ROLES)
    return rng.choice(_SLOTS[field])


def _people(rng: random.Random) -> Iterator[str]:
    while True:
        person = speaker(rng)
        yield rng.choice((person.full, person.short))


@cache
def _clauses() -> tuple[tuple[str, ...], ...]:
    text = Path(__file__).with_name("clauses.txt").read_text(encoding="utf-8")
    return tuple(tuple(block.split("\n")) for block in text.strip().split("\n\n"))
