"""Words of questions and sentences: stems as the catalog's full-text index makes them, and what a question asks for."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from snowballstemmer import stemmer

_WORD = re.compile(r"[^\W_]+")
_PORTER, _PORTER_LOCK = stemmer("porter"), threading.Lock()
_MAX_TERMS = 64

STOP_WORDS = frozenset(
    "a about after all also am an and any are as at be because been before being between both but by can could did do "
    "does doing down during each for from further had has have having he her here hers him himself his how i if in into "
    "is it its itself just me more most my no nor not now of off on once only or other our out over own same she should "
    "so some such t s than that the their theirs them then there these they this those through to too under until up us "
    "very was we were what when where which while who whom whose why will with would you your".split()
)

_SPEAKERS = frozenset({"who", "whom", "which"})
_QUESTION = re.compile(r"\?|\b(?:who|whom|whose|what|when|where|which|why|how)\b", re.IGNORECASE)
_MEASURES = "many|much|long|old|far|big|often|high|tall|large"
_EXPLANATION = re.compile(
    rf"^\W*(?:why\b|how (?!{_MEASURES})|what (?:is|are|was|were|does|do|did|caused|happened)\b)",
    re.IGNORECASE,
)
_ONE_THING = re.compile(rf"^\W*(?:who|whom|whose|when|where|which|how (?:{_MEASURES}))\b", re.IGNORECASE)
_PARTS = re.compile(r",? and (?=(?:who|whom|what|when|where|which|why|how)\b)", re.IGNORECASE)
_CAPITAL = re.compile(r"\b[^\W\d_a-zß-öø-ÿ]\w*")

Kind = Literal["statement", "fact"]


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """A question, taken apart once."""

    text: str
    kind: Kind
    """``statement``: who said something, told by its words; ``fact``: anything else, told by its meaning."""
    terms: tuple[str, ...]
    """Words that carry meaning, lower case, in order, without repeats: what full-text search looks for."""
    stems: tuple[str, ...]
    """Their stems, in the same order."""
    all_stems: tuple[str, ...]
    """Stems of all words, in order."""
    capitals: tuple[str, ...]
    """Words written with a capital, the first word left out."""
    is_question: bool
    """Whether it reads as a question rather than as a list of keywords."""
    asks_explanation: bool
    """Whether it asks how, why or what, to be answered by more than one sentence."""
    asks_one_thing: bool
    """Whether it asks for a person, a time, a place or a number."""


def question_words(text: str, kind: Kind | None = None) -> QuestionWords:
    """Take a question apart; ``kind`` overrides what its words say it is."""
    words = words_of(text)
    stems = tuple(stem(word) for word in words)
    asks_statement = kind == "statement" if kind else _asks_statement(words, stems)
    skipped = _EMPTY_ASKING if asks_statement else frozenset()
    unique = list(dict.fromkeys(words))
    terms = [w for w in unique if w not in STOP_WORDS and stem(w) not in skipped] or unique
    return QuestionWords(
        text,
        "statement" if asks_statement else "fact",
        tuple(terms[:_MAX_TERMS]),
        tuple(stem(w) for w in terms[:_MAX_TERMS]),
        stems,
        tuple(_CAPITAL.findall(text)[_starts_capital(text) : _MAX_TERMS]),
        bool(_QUESTION.search(text)),
        bool(_EXPLANATION.search(text)),
        bool(_ONE_THING.search(text)),
    )


def _asks_statement(words: Sequence[str], stems: Sequence[str]) -> bool:
    """Whether a verb of saying follows close behind "who"."""
    return any(word in _SPEAKERS and not _ASKING.isdisjoint(stems[place + 1 : place + 4]) for place, word in enumerate(words))


def question_parts(text: str) -> tuple[str, ...]:
    """Split a question that asks two things: "who supported and who opposed the plan?" gives two whole questions."""
    parts = [part.strip(" ,") for part in _PARTS.split(text)]
    if len(parts) == 1 or not all(_QUESTION.search(part) for part in parts):
        return (text,)
    return tuple(_completed(part, parts[-1]) for part in parts)


def _completed(part: str, last: str) -> str:
    """Give a part without an object ("who supported") the object of the last one."""
    content = [w for w in words_of(part) if w not in STOP_WORDS]
    if len(content) > 1 or part == last:
        return part
    verb = next((w for w in words_of(last) if w not in STOP_WORDS), "")
    _, _, rest = last.lower().partition(verb)
    return f"{part} {last[len(last) - len(rest) :].strip()}" if verb and words_of(rest) else part


def words_of(text: str) -> list[str]:
    """Return the words of a text, lower case, accents removed, as the full-text index cuts them."""
    plain = text
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain.lower())
        for mark in filter(unicodedata.combining, set(plain)):
            plain = plain.replace(mark, "")
    # Once more: a compatibility form may come apart into capitals.
    plain = plain.lower()
    return _WORD.findall(plain)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return the Porter stem, the one SQLite's full-text index uses."""
    with _PORTER_LOCK:  # the stemmer holds the word that it works on
        return str(_PORTER.stemWord(word))


def stems_of(text: str) -> list[str]:
    """Return the stems of all words of a text, in order."""
    return [stem(word) for word in words_of(text)]


def content_stems(text: str) -> frozenset[str]:
    """Return the stems of the words that carry meaning."""
    return frozenset(stem(word) for word in words_of(text) if word not in STOP_WORDS)


def _stems(words: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words.split())


# Words that a question about a statement uses of any speaker: they say nothing about the sentence that is looked for.
_EMPTY_ASKING = _stems(
    "say said says tell told state statement claim comment report made make mention express speak spoke talk tweet"
)
# Words that make a question one about a statement or a stance.
_ASKING = _EMPTY_ASKING | _stems(
    "accuse acknowledge admit agree announce apologise apologize argue ask assert attack back believe blame blast brag "
    "call caution challenge cite compare contend declare decry denounce dub estimate forecast hail lament tout complain "
    "concede conclude condemn confirm criticise criticize decline defend demand deny describe disagree dismiss dispute "
    "doubt emphasise emphasize encourage endorse expect explain fear hope insist invite joke mock note object offer "
    "oppose plead pledge praise predict promise propose question quote read recall recommend refuse reject remember "
    "repeat reply request respond reveal ridicule slam stress suggest support swear testify thank think threaten thought "
    "urge voice vow warn welcome wonder"
)


def _starts_capital(text: str) -> int:
    first = _WORD.search(text)
    return int(bool(first and first.group()[0].isupper()))
