"""Names in a text: words written with a capital, and in which other forms the same name may be written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from pullquote.qa.words import STOP_WORDS

MONTHS = "january february march april may june july august september october november december".split()
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_DATES = frozenset([*MONTHS, *WEEKDAYS, *(m[:3] for m in MONTHS), "sept", *(d[:3] for d in WEEKDAYS), "tues", "thurs"])
_HONORIFICS = frozenset(
    "mr mrs ms miss mx dr prof sir dame lord lady rev hon gen sen rep gov lt col capt sgt st ltd inc co".split()
)
TITLES = _HONORIFICS
_NO_NAMES = frozenset(
    "i i'm i've i'll i'd ok yes no am pm ad bc mr mrs ms dr prof miss sir mx ok tv dna covid whether both according however "
    "meanwhile still also finally overall additionally moreover later earlier although though despite several many some one two "
    "three four five six seven eight nine ten eleven twelve".split()
)
_TOKEN = re.compile(r"(?:[A-Z]\.){2,}|[^\W\d_](?:[\w]|[’'&-](?=\w))*")
_OPENS = re.compile(r"(?:^|[.!?:;…]|[\"“‘«(\[]|—|–)[\s\"“‘'(\[]*$")
_ABBREVIATED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen|Lt|Col|Prof|Sgt|Capt|Rev|Hon|St|vs|No|Jan|Feb|Aug|Sept?|Oct|Nov|Dec|[A-Z])\.\s*$"
)
_SUFFIXES = (
    "'s",
    "ians",
    "ian",
    "ans",
    "ans",
    "an",
    "ese",
    "ish",
    "is",
    "ic",
    "ns",
    "n",
    "es",
    "s",
    "i",
    "ia",
    "a",
    "y",
    "e",
    "ers",
    "er",
)
_LEAST_BASE = 4
_SAME = {
    name: group
    for group in (
        "us u.s. usa america american americans united-states", "uk u.k. britain british britons briton united-kingdom",
        "france french frenchman", "netherlands dutch", "spain spanish spaniard spaniards", "denmark danish dane danes",
        "poland polish pole poles", "switzerland swiss", "wales welsh", "ireland irish", "scotland scottish scots",
        "turkey turkish",
        "greece greek greeks", "sweden swedish swede swedes", "finland finnish finn finns", "norway norwegian", "thailand thai",
        "england english", "germany german germans", "philippines filipino philippine", "peru peruvian", "iraq iraqi",
        "prof professor professors", "gen general generals", "sen senator senators", "rep representative representatives",
        "gov governor", "lt lieutenant", "col colonel", "capt captain", "sgt sergeant", "rev reverend", "st saint", "dr doctor",
        "afghanistan afghan afghans", "czechia czech", "kyiv kiev", "un united-nations", "eu european-union",
    )
    for name in group.split()
}  # fmt: skip


class Name(NamedTuple):
    """A word written with a capital, and whether a capital says something there."""

    text: str
    start: int
    opens: bool
    """It opens a sentence or a quotation."""


def names_of(text: str) -> tuple[Name, ...]:
    """Return all words written with a capital that may be names, dates and titles before names left out."""
    found = []
    for match in _TOKEN.finditer(text):
        word = match.group()
        if word[0].isupper() and folded(word) not in _NO_NAMES and folded(word) not in _DATES:
            found.append(Name(word, match.start(), _opens(text, match.start())))
    return tuple(name for name in found if not (name.opens and folded(name.text) in STOP_WORDS))


def words_in(texts: Iterable[str]) -> frozenset[str]:
    """Return all words, folded, compounds also in their parts."""
    words = {folded(word) for text in texts for word in _TOKEN.findall(text)}
    return frozenset(words | {part for word in words for part in re.split(r"[-’'&]", word) if part})


def capitalised(texts: Iterable[str]) -> frozenset[str]:
    """Return the words, folded, that are written with a capital where a capital says something."""
    return frozenset(folded(name.text) for text in texts for name in names_of(text) if not name.opens)


@lru_cache(maxsize=65536)
def folded(word: str) -> str:
    """Return a word in lower case, without accents, a possessive's ending and the full stops of initials."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(c))
    plain = plain.replace("’", "'").removesuffix("'s").rstrip("'")
    return plain.replace(".", "") if "." in plain else plain


@lru_cache(maxsize=65536)
def forms(word: str) -> frozenset[str]:
    """Return what other forms of a folded name share with it: "torvania" for "torvanian", a group for "french"."""
    bases = {word} | {word.removesuffix(s) for s in _SUFFIXES if word.endswith(s) and len(word) - len(s) >= _LEAST_BASE}
    return frozenset(bases | {_SAME[word]} if word in _SAME else bases)


def torn(text: str, texts: Iterable[str]) -> tuple[str, ...]:
    """Return pairs of names that stand side by side here and in none of the texts, which name both: "Ida Ruiz"."""
    texts = tuple(texts)
    pairs = side_by_side(texts)
    known = frozenset(word for pair in pairs for word in pair) | capitalised(texts)
    common = frozenset(word.lower() for other in texts for word in _TOKEN.findall(other) if word.islower())
    mine = [pair for pair in _side_by_side(text, reach=1) if not common.intersection(pair) and known.issuperset(pair)]
    # "On Chapel Bank Kovarra attacked": what ends one name here and begins none anywhere does not belong to the next.
    ends = {b for a, b in _side_by_side(text, reach=1) if (a, b) in pairs} - {a for a, _ in pairs}
    return tuple(f"{a.title()} {b.title()}" for a, b in mine if (a, b) not in pairs and a not in ends)


def side_by_side(texts: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Return all pairs of words, folded, that stand in one name, in their order."""
    return frozenset(pair for text in texts for pair in _side_by_side(text, reach=3))


def _side_by_side(text: str, reach: int) -> Iterator[tuple[str, str]]:
    """Yield pairs of capitalised words, folded, at most ``reach`` words apart in one name."""
    for run in re.findall(r"[A-ZÀ-ÖØ-Þ][\w’.-]*(?: (?:of the |of |de |van |von )?[A-ZÀ-ÖØ-Þ][\w’.-]*)+", text):
        words = [folded(word.strip(".")) for word in run.split()]
        for i, word in enumerate(words):
            yield from ((word, other) for other in words[i + 1 : i + 1 + reach])


def initials(texts: Iterable[str]) -> frozenset[str]:
    """Return the initials of names of several words, folded: "eu" for "European Union"."""
    found: set[str] = set()
    for text in texts:
        for run in re.findall(r"[A-Z][\w’'-]*(?: (?:(?:of|and|for|the|on|in) ){0,2}[A-Z][\w’'-]*){1,7}", text):
            letters = "".join(word[0] for word in run.split() if word[0].isupper()).lower()
            found |= {letters[i:j] for i in range(len(letters)) for j in range(i + 2, len(letters) + 1)}
    return frozenset(found)


def _opens(text: str, at: int) -> bool:
    before = text[max(0, at - 14) : at]
    return at == 0 or bool(_OPENS.search(before) and not _ABBREVIATED.search(before))
