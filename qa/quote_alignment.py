"""A quotation laid along a text, word by word: which words stand in both, in order and close together.

A local alignment after Smith and Waterman (1981), with integers: a word in common earns its weight, a word of the quotation
that is missing costs nothing, and every word of the text that is passed over costs ``_PASSED``, so that a word in common
far off is not taken along. At an ellipsis, passing over is free. One row of the table is made at once by numpy.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pullquote.qa.quote_words import AskedQuote, weight_of

Pair = tuple[int, int]
"""Places of a word in the quotation and of the same word in the text."""
_PASSED = 1
_NEVER = -1_000_000


def aligned(asked: AskedQuote, keys: Sequence[str]) -> list[Pair]:
    """Return the words that stand in both, in order; none where they share nothing."""
    if not keys:
        return []
    return _traced(asked, *_table(asked, keys))


def _table(asked: AskedQuote, keys: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Return the best score up to each pair of places, and where the words are the same; shape ``(n + 1, m + 1)`` each."""
    numbers: dict[str, int] = {}
    text = np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int32)
    scores = np.zeros((len(asked.words) + 1, len(keys) + 1), np.int32)
    same = np.zeros(scores.shape, np.bool_)
    along = np.arange(len(keys) + 1, dtype=np.int32) * _PASSED
    for row, word in enumerate(asked.words, 1):
        before = scores[row - 1]
        same[row, 1:] = text == numbers.get(word.key, -1)
        taken = np.where(same[row, 1:], before[:-1] + weight_of(word.key), _NEVER)
        best = before.copy()
        np.maximum(best[1:], taken, out=best[1:])
        cost = 0 if row in asked.breaks else along
        scores[row] = np.maximum(np.maximum.accumulate(best + cost) - cost, 0)
    return scores, same


def _traced(asked: AskedQuote, scores: NDArray[np.int32], same: NDArray[np.bool_]) -> list[Pair]:
    """Return the pairs of the best way through, from the end back."""
    row, column = len(asked.words), int(scores[-1].argmax())
    pairs: list[Pair] = []
    while row and scores[row, column] > 0:
        here = scores[row, column]
        weight = weight_of(asked.words[row - 1].key)
        if column and same[row, column] and scores[row - 1, column - 1] + weight == here:
            pairs.append((row - 1, column - 1))
            row, column = row - 1, column - 1
        elif scores[row - 1, column] == here:
            row -= 1
        else:
            column -= 1
    return pairs[::-1]
