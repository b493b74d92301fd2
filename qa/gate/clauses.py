"""Parts of a sentence of which its citations say nothing, and a denial that was put in or left out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from pullquote.qa.claims import TextWords, text_words
from pullquote.qa.gate.quotation_marks import outside, quotations
from pullquote.qa.quantities import has_number, numbers_of
from pullquote.qa.types import Evidence
from pullquote.qa.words import STOP_WORDS, content_stems, stem, words_of

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
_DENYING = re.compile(
    r"(?:\b(?:not(?! (?:only|just|merely|least|until))|never|cannot)\b|n['’]t\b|\b(?:nobody|no one|none)"
    r"(?= (?:is|are|was|were|has|had|have|been|will|would|can|could|does|do|did|should|may|might|must)\b))"
    r"(?P<rest>(?: [^\W\d_][\w’'-]*){1,6})",
    re.IGNORECASE,
)

UNSAID = "the cited sentence says nothing of “{}”"
DENIED = "the cited sentence does not deny it"
UNDENIED = "the cited sentence denies it"


def unsaid(text: str, cited: Sequence[Evidence]) -> tuple[str, ...]:
    """Return the parts of a sentence that share no word with what is cited, nor a number: added, or in other words.

    Words are the same that begin with the same five letters. Parts of fewer than two words that carry meaning do not count.
    """
    evidence = _said(cited)
    known = frozenset(_beginning(stem(word)) for word in words_of(evidence))
    numbers = numbers_of(evidence)
    found = []
    for part in _parts(text):
        content = [s for word in words_of(part) if word not in STOP_WORDS and (s := stem(word)) not in _EMPTY]
        if len(content) < _LEAST_WORDS or any(_beginning(s) in known for s in content):
            continue
        if not any(has_number(number, numbers) for number in numbers_of(part)):
            found.append(part)
    return tuple(found)


def shares_nothing(text: str, cited: Sequence[Evidence]) -> bool:
    """Whether a sentence has words that carry meaning, and none of them stands in what is cited."""
    mine, theirs = ({_beginning(s) for s in content_stems(said)} for said in (text, _said(cited)))
    return bool(mine) and not mine & theirs


def _said(cited: Sequence[Evidence]) -> str:
    heads = [head for piece in cited for head in (piece.article.title, piece.article.source) if head]
    return " ".join([*(piece.sentence.text for piece in cited), *heads])


def denial_reason(text: str, cited: Sequence[Evidence]) -> str:
    """Return why a sentence turns its citations round: it denies a verb that they affirm, or affirms one that they deny.

    Like is compared with like: the same word, behind a plain "not" on one side only. What else may deny is the verifier's.
    """
    mine = text_words(text)
    theirs = [text_words(piece.sentence.text) for piece in cited]
    own = outside(text, quotations(text))
    if any(_is_affirmed(verb, theirs, mine.present) for verb in _denied(own, mine)):
        return DENIED
    if not theirs or _TURN.search(text):
        return ""
    closest = max(theirs, key=lambda words: len(words.present & frozenset(mine.content)))
    affirmed = mine.affirmed - mine.negated
    others = frozenset().union(*(words.affirmed for words in theirs))
    return UNDENIED if any(verb in affirmed and verb not in others for verb in _denied(closest.text, closest)) else ""


def denies_alone(text: str, cited: Sequence[Evidence]) -> bool:
    """Whether a sentence says "not" and nothing that is cited denies anything, or may be meant so: "miss" for "not reach"."""
    mine = text_words(text).present
    return bool(_DENYING.search(outside(text, quotations(text)))) and not any(_turns(p.sentence.text, mine) for p in cited)


def _denied(text: str, words: TextWords) -> Iterator[str]:
    """Yield the stems of the words that a plain "not" denies, and that the text does not affirm as well."""
    for match in _DENYING.finditer(text):
        content = [word for word in words_of(match["rest"]) if word not in STOP_WORDS]
        yield from (s for word in content[:1] if (s := stem(word)) not in words.affirmed)


def _is_affirmed(verb: str, theirs: Sequence[TextWords], mine: Collection[str]) -> bool:
    """Whether a word stands in the texts, and in none of those where it does with anything that may deny it."""
    having = [words for words in theirs if verb in words.present]
    return bool(having) and not any(verb in words.negated or _turns(words.text, mine) for words in having)


def _turns(text: str, stems: Collection[str]) -> bool:
    """Whether a text denies something, or has a word that a denial may stand for and that is not in the claim itself."""
    return any(_DENIAL.match(word[0]) or stem(word[0].lower()) not in stems for word in _TURN.finditer(text))


def _parts(text: str) -> list[str]:
    return [part for piece in _JOINT.split(text) if (part := piece.strip(" ,.;:!?\"“”'"))]


def _beginning(word: str) -> str:
    return word[:_SAME_LETTERS]
