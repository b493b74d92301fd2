"""A part of a sentence of which its citations say nothing, and a denial that was put in or left out."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from pullquote.qa.claims import text_words
from pullquote.qa.gate.quotation_marks import outside, quotations
from pullquote.qa.quantities import has_number, numbers_of
from pullquote.qa.types import Evidence
from pullquote.qa.words import STOP_WORDS, stem, words_of

_JOINT = re.compile(
    r"[,;:—–]\s|\s[—–-]\s|\b(?:and|but|while|although|though|because|since|which|who|whose|where|when|after|before|despite|as|amid|"
    r"according to|leaving|due to|following|with|without|causing|making|prompting|that|saying)\b",
    re.IGNORECASE,
)
_LEAST_WORDS = 2
"""Words that carry meaning in a part that can be said to be missing: one may be another word for what is there."""
_EMPTY = frozenset(
    stem(word)
    for word in "say said says told report reported article articles according statement adding added making year people".split()
)
_SAME_LETTERS = 5
_DENIAL = re.compile(r"\b(?:not|never|no|none|nobody|nothing|neither|nor|cannot)\b|n['’]t\b", re.IGNORECASE)
_TURN = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|neither|nor|cannot|without|hardly|barely|only|few|fewer|less|too|unless|instead|rather|"
    r"(?:fail|den[iy]|refus|lack|reject|oppos|declin|halt|stop|miss|clos|shut|prevent|avoid|suspend|dismiss|unable|absen)\w*"
    r"|un(?!der|til|i|less|to\b)\w{4,}|dis(?:agree|allow|approv|continu|put)\w*)\b|n['’]t\b",
    re.IGNORECASE,
)
"""Words that deny, and those that a paraphrase may well turn into a denial, or the other way round."""

UNSAID = "the cited sentence says nothing of “{}”"
DENIED = "the cited sentence does not deny it"
UNDENIED = "the cited sentence denies it"


def unsaid(text: str, cited: Sequence[Evidence]) -> str:
    """Return the first part of a sentence that shares no word with what is cited, nor a number; empty when there is none.

    Words are the same that begin with the same five letters. Parts of fewer than two words that carry meaning do not count.
    """
    heads = [head for piece in cited for head in (piece.article.title, piece.article.source) if head]
    evidence = " ".join([*(piece.sentence.text for piece in cited), *heads])
    known = frozenset(_beginning(stem(word)) for word in words_of(evidence))
    numbers = numbers_of(evidence)
    for part in _parts(text):
        content = [s for word in words_of(part) if word not in STOP_WORDS and (s := stem(word)) not in _EMPTY]
        if len(content) < _LEAST_WORDS or any(_beginning(s) in known for s in content):
            continue
        if not any(has_number(number, numbers) for number in numbers_of(part)):
            return part
    return ""


def denial_reason(text: str, cited: Sequence[Evidence]) -> str:
    """Return why a sentence turns its citations round: it denies what none of them denies, or does not what the closest does."""
    own = outside(text, quotations(text))
    mine = text_words(text)
    content = frozenset(mine.content)
    theirs = sorted((text_words(piece.sentence.text) for piece in cited), key=lambda words: -len(words.present & content))
    if not theirs:
        return ""
    closest = theirs[0]
    near = [words for words in theirs if 2 * len(words.present & content) >= len(closest.present & content)]
    if _DENIAL.search(own) and not any(_turns(words.text, mine.present) for words in near):
        return DENIED
    if _TURN.search(text):
        return ""
    dropped = (closest.negated - closest.affirmed) & (mine.affirmed - mine.negated)
    return UNDENIED if dropped else ""


def _turns(text: str, stems: Collection[str]) -> bool:
    """Whether a text denies something, or has a word that a denial may stand for and that is not in the claim itself."""
    return any(_DENIAL.match(word[0]) or stem(word[0].lower()) not in stems for word in _TURN.finditer(text))


def _parts(text: str) -> list[str]:
    return [part for piece in _JOINT.split(text) if (part := piece.strip(" ,.;:!?\"“”'"))]


def _beginning(word: str) -> str:
    return word[:_SAME_LETTERS]
