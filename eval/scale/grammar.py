"""Articles that never were: grown from given ones by a grammar, as many as one likes, the same ones every time.

A grown article takes the shape of a given one. Half of its sentences are that article's own, half are anybody's, and some end in
the second half of yet another one. Names, numbers, months, days of the week and some other words are exchanged, the same one
in the same way all through an article: frequent words stay as frequent as they are in news, and new names keep coming.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from pullquote.index.sentences import split_sentences
from pullquote.index.types import Article, ArticleMeta

OUTLETS = tuple(
    f"{place} {kind}"
    for kind in ("Courier", "Gazette", "Wire", "Herald", "Post")
    for place in ("Amberley", "Brackwater", "Corvane", "Dunmore", "Eastmark", "Fellowe", "Garrin", "Holloway")
)
FIRST_DAY, DAYS = datetime(2016, 1, 1, tzinfo=UTC), 3650
_UNDATED, _UNNAMED = 0.03, 0.01
_OWN = 0.5
"""Share of sentences that an article takes from the one whose shape it has."""
_JOINED = 0.35
_KEPT = 0.3
"""Share of names that stay as they are, so that those of the given articles stay frequent words."""
_MIXED = 0.15
"""Share of other words for which any other of them may stand."""
_NAMES = 200_000
_PARAGRAPH = 3
_MONTHS = "January February March April May June July August September October November December".split()
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_CALENDAR = {word: words for words in (_MONTHS, _WEEKDAYS) for word in words}
_WRITTEN_SMALL = re.compile(r"\b[a-zß-öø-ÿ]+\b")
_SMALL = re.compile(r"\b[a-zß-öø-ÿ]{4,}\b")
_EXCHANGED = re.compile(rf"\d+|\b[^\W\d_a-zß-öø-ÿ][a-zß-öø-ÿ]{{2,}}\b|{_SMALL.pattern}")
_JOINT = re.compile(r", | (?=(?:that|who|which|because|after|before|while|when|as|and|but) )")
_ONSETS = "b br c ch d dr f g gr h j k l m n p pr r s sh st t th tr v w".split()
_NUCLEI = "a e i o u ai ea ie oa".split()
_CODAS = ("", "l", "n", "r", "s", "t", "ck", "nd", "rn", "st")


class Grammar:
    """Grows articles; the first ones are the given ones themselves."""

    def __init__(self, given: Sequence[Article], seed: int) -> None:
        """Learn from at least one article with a sentence; the same ones and ``seed`` always grow the same articles."""
        self._given = given
        self._seed = seed
        self._sentences = [[a.text[start:end] for start, end in split_sentences(a.text)] for a in given]
        self._all = [sentence for sentences in self._sentences for sentence in sentences]
        self._small = [word for sentence in self._all for word in _SMALL.findall(sentence)]
        # A word that is also written small is no name.
        self._common = {word.capitalize() for sentence in self._all for word in _WRITTEN_SMALL.findall(sentence)}

    def articles(self, size: int) -> Iterator[Article]:
        """Yield the first ``size`` articles: a larger number begins with all of a smaller one."""
        yield from self._given[:size]
        yield from map(self._grown, range(len(self._given), size))

    def _grown(self, number: int) -> Article:
        draw = random.Random(f"{self._seed} {number}")
        exchange = _Exchange(draw, self._small, self._common)
        lines = [exchange.told(self._sentence(draw, own)) for own in self._shape(draw)]
        paragraphs = (" ".join(lines[at : at + _PARAGRAPH]) for at in range(0, len(lines), _PARAGRAPH))
        outlet = OUTLETS[int(len(OUTLETS) * draw.random() ** 2)] if draw.random() >= _UNNAMED else None
        published = FIRST_DAY + timedelta(seconds=draw.randrange(DAYS * 86_400)) if draw.random() >= _UNDATED else None
        title = " ".join(lines[0].split()[:9]).rstrip(".,;:")
        meta = ArticleMeta(f"grown-{number:07}", 1, f"https://grown.example/{number}", title, outlet, (), published)
        return Article(meta, "\n\n".join(paragraphs))

    def _shape(self, draw: random.Random) -> Sequence[str]:
        while True:
            if shape := self._sentences[draw.randrange(len(self._given))]:
                return shape

    def _sentence(self, draw: random.Random, own: str) -> str:
        sentence = own if draw.random() < _OWN else draw.choice(self._all)
        if draw.random() >= _JOINED:
            return sentence
        head, tail = _halves(sentence), _halves(draw.choice(self._all))
        return head[0] + tail[1] if head and tail else sentence


class _Exchange:
    """The words that one article has for others."""

    def __init__(self, draw: random.Random, small: Sequence[str], common: set[str]) -> None:
        self._draw = draw
        self._small = small
        self._common = common
        self._words: dict[str, str] = {}

    def told(self, sentence: str) -> str:
        """Return the sentence with its words exchanged."""
        return _EXCHANGED.sub(lambda match: self._word(match[0]), sentence)

    def _word(self, word: str) -> str:
        if word not in self._words:
            self._words[word] = self._other(word)
        return self._words[word]

    def _other(self, word: str) -> str:
        draw = self._draw
        if word.isdigit():
            year = len(word) == 4 and word[:2] in ("19", "20")
            return str(draw.randrange(1990, 2030)) if year else str(draw.randrange(10 ** min(len(word), 9)))
        if word[0].islower():
            return draw.choice(self._small) if draw.random() < _MIXED else word
        if words := _CALENDAR.get(word):
            return draw.choice(words)
        if word in self._common or draw.random() < _KEPT:
            return word
        return made_name(int(_NAMES ** draw.random()))


def made_name(rank: int) -> str:
    """Return the name of some rank, from 1: always the same one."""
    draw = random.Random(rank)
    syllables = 1 + (rank > 50) + (rank > 5_000)
    name = "".join(draw.choice(_ONSETS) + draw.choice(_NUCLEI) for _ in range(syllables)) + draw.choice(_CODAS)
    return name.capitalize()


def _halves(sentence: str) -> tuple[str, str] | None:
    """Return a sentence's part before its middlemost joint, and the one from there on; None where it has none."""
    joints = [match.start() for match in _JOINT.finditer(sentence)]
    if not joints:
        return None
    cut = min(joints, key=lambda at: abs(at - len(sentence) // 2))
    return sentence[:cut], sentence[cut:]
