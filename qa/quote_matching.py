"""Whether a stretch of an article carries a quotation: to the letter, edited, or put together of pieces.

* ``exact``: the same words in the same order. Typography, case and punctuation do not count, nor does what the article puts
  between two halves of a quotation ('"We will," he said, "and soon"').
* ``edited``: most words in the same order and close together. Of the others, and of what the article has instead, the changes
  tell. Words left out at an ellipsis are edited, too, where they are of one sentence or of two that follow each other.
* ``stitched``: the same, but between the pieces lies a whole sentence, or more words than an edit leaves out.

A quotation of one or two words, or of function words alone, is found to the letter only: too many texts have such words.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from pullquote.index.types import Span
from pullquote.qa.quote_alignment import Pair, aligned
from pullquote.qa.quote_places import Stretch
from pullquote.qa.quote_words import AskedQuote, Word, is_light

Change = tuple[Literal["same", "missing", "added"], str]
"""Words that stand in both, only in what was asked, or only in the article: verbatim, those of both as the article has them."""
QuoteVerdict = Literal["exact", "edited", "stitched", "not_found"]
"""The same words; nearly the same words; words of several places put together; none of these."""

_IN_ORDER = 0.6
"""Share of a quotation's words that an edited one has in order. Chosen on quotations of PolNeAR train, altered and strange."""
_THERE = 0.75
"""The same in any order, from a little before the words in order to a little behind them."""
_HEAVY_THERE = 0.65
"""The same of the words that carry meaning."""
_A_LITTLE = 3
_FEW_RUNS, _WORDS_A_RUN = 3, 2.5
"""Words stand in at most so many runs, or runs have so many words on average: else they are picked from here and there."""
_LEFT_OUT = 12
"""Words of the article that an edit may leave out in one place without an ellipsis."""
_MARKS = "\"“”„«»‘’'"
_ASIDE = re.compile(
    rf"(?P<before>(?:[^\w\s{_MARKS}])*)[{_MARKS}]+(?P<said>[\s—–-][^{_MARKS}]*?)[\s,—–-]*(?P<end>[.:]?)[\s—–-]+[{_MARKS}]+[….]*"
)
_ASIDE_CHARS = 160
_MARKS_BEFORE = re.compile(r"\s(\S*)\Z")


@dataclass(frozen=True, slots=True)
class Match:
    """How a stretch carries a quotation."""

    stretch: Stretch
    verdict: QuoteVerdict
    pieces: tuple[tuple[Pair, ...], ...]
    """The words in common: one piece, or several where it is stitched."""
    score: float
    """0 to 1: share of the quotation's words, without those in brackets, that stand there in order."""

    @property
    def span(self) -> Span:
        """From the first matched word to the last, in the article."""
        return span_of(self.stretch, (*self.pieces[0], *self.pieces[-1]))


def span_of(stretch: Stretch, pairs: Sequence[Pair]) -> Span:
    """Return where matched words stand in the article, from the first to the last."""
    return Span(stretch.words[pairs[0][1]].start, stretch.words[pairs[-1][1]].end)


def match_in(asked: AskedQuote, stretch: Stretch) -> Match | None:
    """Return how a stretch carries a quotation, or None."""
    keys = [word.key for word in asked.words]
    at = place_of(keys, stretch.keys)
    if at >= 0:
        return Match(stretch, "exact", (tuple((n, at + n) for n in range(len(keys))),), 1.0)
    if not _may_carry(asked, stretch):
        return None
    pairs = aligned(asked, stretch.keys)
    if not pairs:
        return None
    if len(pairs) == len(asked.words) and all(_is_aside(stretch, *pair) for pair in _gaps(pairs)):
        return Match(stretch, "exact", (tuple(pairs),), 1.0)
    if not _suffices(asked, stretch, pairs):
        return None
    pieces = _pieces(asked, stretch, pairs)
    return Match(stretch, "edited" if len(pieces) == 1 else "stitched", pieces, share_of(asked, pairs))


def place_of(wanted: Sequence[str], keys: Sequence[str]) -> int:
    """Return the place of the first of these words, standing together in a text; -1 where they do not."""
    for at in range(len(keys) - len(wanted) + 1):
        if keys[at] == wanted[0] and keys[at : at + len(wanted)] == wanted:
            return at
    return -1


def _may_carry(asked: AskedQuote, stretch: Stretch) -> bool:
    """Whether enough words of the quotation are there at all, in any order."""
    return _shared([asked.words[n].key for n in asked.own], stretch.keys) >= _THERE * len(asked.own)


def _suffices(asked: AskedQuote, stretch: Stretch, pairs: Sequence[Pair]) -> bool:
    """Whether what was found is the quotation, though it was edited."""
    own = [asked.words[n].key for n in asked.own]
    heavy = [key for key in own if not is_light(key)]
    share = share_of(asked, pairs)
    if len(own) <= 2 or not heavy:
        return share == 1 and bool(asked.inserted)
    runs = 1 + sum(right != (left[0] + 1, left[1] + 1) for left, right in pairwise(pairs))
    if share < _IN_ORDER or (runs > _FEW_RUNS and len(pairs) < _WORDS_A_RUN * runs):
        return False
    around = stretch.keys[max(0, pairs[0][1] - _A_LITTLE) : pairs[-1][1] + 1 + _A_LITTLE]
    return _shared(own, around) >= _THERE * len(own) and _shared(heavy, around) >= _HEAVY_THERE * len(heavy)


def _shared(some: Sequence[str], others: Sequence[str]) -> int:
    return (Counter(some) & Counter(others)).total()


def share_of(asked: AskedQuote, pairs: Sequence[Pair]) -> float:
    """Return the share of a quotation's words, without those in brackets, that were found."""
    return len({i for i, _ in pairs}.intersection(asked.own)) / len(asked.own)


# -- what the article has between the words --------------------------------------------------------


def _gaps(pairs: Sequence[Pair]) -> list[tuple[Pair, Pair]]:
    return [(left, right) for left, right in pairwise(pairs) if right[1] > left[1] + 1]


def _is_aside(stretch: Stretch, left: Pair, right: Pair) -> bool:
    """Whether the article only says, between two halves of a quotation, who is speaking.

    Not where it may be another one: behind a full stop, or with a colon that begins a new quotation.
    """
    between = stretch.between(stretch.words[left[1]].end, stretch.words[right[1]].start)
    match = _ASIDE.fullmatch(between) if len(between) <= _ASIDE_CHARS else None
    if match is None or match["end"] == ":":
        return False
    said, before = match["said"].strip(" —–-"), match["before"]
    is_new = "." in before or (any(c in "!?" for c in before) and said[:1].isupper() and match["end"] != ".")
    return bool(said) and not is_new and not re.search(r"[.!?]\s+[A-Z]", said)


def _pieces(asked: AskedQuote, stretch: Stretch, pairs: Sequence[Pair]) -> tuple[tuple[Pair, ...], ...]:
    """Cut the words in common where too much lies between them for an edit."""
    starts = [sentence.span.start for sentence in stretch.sentences]
    pieces: list[list[Pair]] = [list(pairs[:1])]
    for left, right in pairwise(pairs):
        ends = (stretch.words[left[1]].start, stretch.words[right[1]].start)
        skipped = bisect_right(starts, ends[1]) - bisect_right(starts, ends[0]) - 1
        marked = any(left[0] < n <= right[0] for n in asked.breaks)
        is_far = right[1] - left[1] - 1 > _LEFT_OUT and not marked
        if (skipped > 0 or is_far) and not _is_aside(stretch, left, right):
            pieces.append([])
        pieces[-1].append(right)
    return tuple(map(tuple, pieces))


def changes_of(asked: AskedQuote, stretch: Stretch, pairs: Sequence[Pair], text: str) -> tuple[Change, ...]:
    """Return what was done to the words of an article's text, in order; without the missing ones, it is the text of their span.

    Every word goes with its marks and the blanks behind it.
    """
    changes: list[Change] = []
    last = pairs[-1][1]
    own, others = _edges(text, stretch.words[: last + 1], pairs[0][1]), _edges(asked.text, asked.words, 0)
    before = (-1, pairs[0][1] - 1)
    for i, j in (*pairs, (len(asked.words), last + 1)):
        _add(changes, "missing", asked.text[others[before[0] + 1] : others[i]])
        _add(changes, "added", text[own[before[1] + 1] : own[j]])
        if j <= last:
            _add(changes, "same", text[own[j] : own[j + 1]])
        before = (i, j)
    return tuple(changes)


def _edges(text: str, words: Sequence[Word], first: int) -> list[int]:
    """Return where words begin, each with the marks before it but the ``first``, and at last where the last one ends."""
    edges = [word.start for word in words]
    for n in range(first + 1, len(words)):
        marks = _MARKS_BEFORE.search(text, words[n - 1].end, words[n].start)
        edges[n] -= len(marks[1]) if marks else 0
    return [*edges, words[-1].end]


def _add(changes: list[Change], kind: Literal["same", "missing", "added"], text: str) -> None:
    if text and changes and changes[-1][0] == kind:
        changes[-1] = (kind, changes[-1][1] + text)
    elif text:
        changes.append((kind, text))
