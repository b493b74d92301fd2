"""Words of questions and sentences: stems as the catalog's full-text index makes them, and what a question asks for."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from snowballstemmer import stemmer

_WORD = re.compile(r"\w+", re.UNICODE)
_PORTER = stemmer("porter")

STOP_WORDS = frozenset(
    """a about after all also am an and any are as at be because been before being between both but by can could did do does doing down
    during each for from further had has have having he her here hers him himself his how i if in into is it its itself just me more most my
    no nor not now of off on once only or other our out over own same she should so some such t s than that the their theirs them then there
    these they this those through to too under until up us very was we were what when where which while who whom whose why will with would
    you your""".split()
)

_ASKING = frozenset(
    stem
    for stem in """say said tell told state claim comment report announce argue believe think statement make mention according ask call
    describe express suggest speak talk""".split()
)
"""Verbs that a "who said" question uses about any speaker: they say nothing about the sentence that is looked for."""

_SPEECH = re.compile(r"\bwho\b|\bwhom\b|\bwhose\b|\baccording to whom\b|\bwhich (?:\w+ ){0,2}(?:said|says|called|warned|denied)", re.I)
_NUMBER = re.compile(r"\bhow (?:many|much|long|old|far|big|large|often|high|tall)\b|\bwhat (?:percentage|share|number|amount)\b", re.I)
_WHEN = re.compile(r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|time)\b", re.I)
_WHERE = re.compile(r"\bwhere\b|\b(?:what|which) (?:city|country|town|state|place)\b", re.I)


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """A question, taken apart once."""

    text: str
    terms: tuple[str, ...]
    """Words that carry meaning, lower case, in order, without repeats: what full-text search looks for."""
    stems: tuple[str, ...]
    """Their stems, in the same order."""
    asks_speaker: bool
    asks_number: bool
    asks_when: bool
    asks_where: bool


def question_words(text: str) -> QuestionWords:
    """Take a question apart."""
    words = list(dict.fromkeys(words_of(text)))
    terms = [w for w in words if w not in STOP_WORDS] or words
    content = [w for w in terms if w not in _ASKING] or terms
    speaker = bool(_SPEECH.search(text))
    chosen = tuple((content if speaker else terms)[:64])
    return QuestionWords(
        text,
        chosen,
        tuple(stem(w) for w in chosen),
        speaker,
        bool(_NUMBER.search(text)),
        bool(_WHEN.search(text)),
        bool(_WHERE.search(text)),
    )


def words_of(text: str) -> list[str]:
    """Return the words of a text, lower case, accents removed, as the full-text index cuts them."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    return [word for part in _WORD.findall(plain) for word in part.split("_") if word]


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return the Porter stem, the one SQLite's full-text index uses."""
    return str(_PORTER.stemWord(word))


def stems_of(text: str) -> list[str]:
    """Return the stems of all words of a text, in order."""
    return [stem(word) for word in words_of(text)]
