"""A claim taken apart: what its evidence has to say, in which order, of whom, how many, and whether not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pullquote.index.sentences import split_sentences
from pullquote.qa.quantities import claimed_numbers
from pullquote.qa.quotations import CUE
from pullquote.qa.words import STOP_WORDS, stem, words_of

MAX_CHARS = 1500
"""A longer text is no sentence."""

_NEGATIONS = frozenset(
    "not no never none nobody nothing neither nor nowhere without cannot hardly barely fail failed fails failing deny denied "
    "denies denying refuse refused refuses refusing lack lacks lacked lacking unable".split()
)
_SCOPE = 4
"""How many words after a negation are taken as negated."""
_PUNCTUATION = re.compile(r"[,.;:!?\"“”()\[\]—–]+")
_SHORT_NOT = re.compile(r"n['’]t\b", re.IGNORECASE)
_CITATION_MARK = re.compile(r"\s*\[\d{1,4}\]")
_QUOTED = re.compile(r"[\"“]([^\"“”]{3,})[\"”]")
_JOINT = re.compile(
    r"\s*(?:[;:,]|\b(?:and|but|while|although|because|which|who|whose|where|when|after|before|including)\b)\s+", re.IGNORECASE
)
_LEAST_WORDS = 3
"""A part has at least so many words that carry meaning."""
_MOST_PARTS = 4
_WORD = re.compile(r"[^\W\d_]\w*")
_BEGINNING = re.compile(r"(?P<word>\w*)(?P<mark>[.!?:“\"(])\s*$")
_SPEAKER = re.compile(rf"(?P<name>[^\W\d_]\w*)(?:['’]s)?(?::| (?:\w+ )?{CUE.pattern}| (?:\w+ ){{1,5}}that )", re.IGNORECASE)
_PEOPLE = frozenset(
    "activists advocates aides analysts another authorities critics doctors economists executives experts investigators "
    "lawmakers lawyers observers officials one opponents others people police polls prosecutors reporters reports "
    "researchers residents scholars scientists several someone sources studies supporters voters witnesses".split()
)
"""Speakers that are not named."""
_ABBREVIATION = re.compile(r"Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen|Lt|Col|Prof|St|vs|No|\w")


@dataclass(frozen=True, slots=True)
class TextWords:
    """A text as stems."""

    text: str
    stems: tuple[str, ...]
    """Of all words, in order."""
    content: tuple[str, ...]
    """Of the words that carry meaning, in order, with repeats."""
    present: frozenset[str]
    """All stems."""
    negated: frozenset[str]
    """Content stems close behind a negation, with no punctuation between."""
    affirmed: frozenset[str]
    """Content stems that are not, at least once."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim and what is to be looked for."""

    words: TextWords
    sentences: tuple[TextWords, ...]
    wanted: tuple[str, ...]
    """Content stems, once each, in order."""
    names: frozenset[str]
    """Stems of the words written with a capital; of those at the beginning of a sentence, only who says the rest."""
    numbers: frozenset[float]
    quotes: tuple[tuple[str, ...], ...]
    """Stems of each string in quotation marks."""
    parts: tuple[str, ...]
    """The claim cut at commas and conjunctions; a part may lack its subject."""

    @property
    def text(self) -> str:
        """The claim without citation marks."""
        return self.words.text


def claim_of(text: str) -> Claim:
    """Take a claim apart; citation marks such as ``[2]`` are no part of it."""
    plain = " ".join(_CITATION_MARK.sub("", text).split())
    words = text_words(plain)
    wanted = tuple(dict.fromkeys(words.content)) or tuple(dict.fromkeys(words.stems))
    quotes = tuple(stems for quote in _QUOTED.findall(plain) if (stems := text_words(quote).stems))
    sentences = tuple(text_words(plain[start:end]) for start, end in split_sentences(plain))
    return Claim(words, sentences, wanted, _names(plain) & frozenset(wanted), claimed_numbers(plain), quotes, _parts(plain))


def text_words(text: str) -> TextWords:
    """Return the stems of a text, and which of them are negated."""
    stems: list[str] = []
    content: list[tuple[str, bool]] = []
    for clause in _PUNCTUATION.split(_SHORT_NOT.sub(" not", text)):
        since = _SCOPE + 1
        for word in words_of(clause):
            stems.append(stem(word))
            since = 0 if word in _NEGATIONS else since + 1
            if since and word not in STOP_WORDS:
                content.append((stems[-1], since <= _SCOPE))
    negated, affirmed = ([s for s, denied in content if denied is wanted] for wanted in (True, False))
    return TextWords(text, tuple(stems), tuple(s for s, _ in content), frozenset(stems), frozenset(negated), frozenset(affirmed))


def _names(text: str) -> frozenset[str]:
    capitals = (match for match in _WORD.finditer(text) if match.group()[0].isupper())
    inside = (match.group() for match in capitals if not _begins(text, match.start()) or _is_named_speaker(text, match))
    return frozenset(stem(word) for name in inside for word in words_of(name)[:1])


def _is_named_speaker(text: str, word: re.Match[str]) -> bool:
    """Whether the first word of a sentence is the name of who says the rest."""
    found = _SPEAKER.match(text, word.start())
    return bool(found) and not {word.group().lower()} & (STOP_WORDS | _PEOPLE)


def _begins(text: str, at: int) -> bool:
    """Whether a sentence, or a quotation, begins there: a capital says nothing."""
    mark = _BEGINNING.search(text[max(0, at - 12) : at])
    return at == 0 or bool(mark and not (mark["mark"] == "." and _ABBREVIATION.fullmatch(mark["word"])))


def _parts(text: str) -> tuple[str, ...]:
    """Cut a claim into parts; one that says too little stays with the part before it, the first with the one behind."""
    joints = list(_JOINT.finditer(text))
    pieces = zip([0, *(j.end() for j in joints)], [*(j.start() for j in joints), len(text)], strict=True)
    parts: list[tuple[int, int]] = []
    for start, end in pieces:
        if parts and (_is_short(text[start:end]) or _is_short(text[slice(*parts[-1])]) or len(parts) == _MOST_PARTS):
            parts[-1] = (parts[-1][0], end)
        else:
            parts.append((start, end))
    return tuple(text[start:end].strip(" ,;:") for start, end in parts)


def _is_short(piece: str) -> bool:
    return sum(word not in STOP_WORDS for word in words_of(piece)) < _LEAST_WORDS
