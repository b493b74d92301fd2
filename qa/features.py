"""What a ranking may look at: how a candidate sentence relates to a question, as numbers.

The order-aware ones (``in_order``, ``run``) make the difference for questions in keywords: the
words of a statement come back in the order in which it was made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pullquote.index.types import Sentence, Span, Statement
from pullquote.qa.quotations import CUE
from pullquote.qa.retrieval import CHUNK_DEPTH, Candidate
from pullquote.qa.words import QuestionWords, stem, words_of

CHEAP = (
    "bm25", "bm25_share", "cosine", "near", "in_order", "run", "exact",
    "capitals", "coverage", "coverage_before", "cue", "asks", "length",
)  # fmt: skip
"""Known before the cross-encoder reads anything."""
LEDGER = ("said", "told")
"""Known from the ledger of statements: the share of the question's words in what somebody says, and whether anybody does."""
FEATURES = (*CHEAP, *LEDGER, "cross")
"""``cross`` is the cross-encoder's logit."""
Ledger = Callable[[Sequence[tuple[str, int]]], Mapping[tuple[str, int], Sequence[Statement]]]
"""Gives the statements of some sentences, none for a sentence without any; what it leaves out is not known."""

_TO_BLANKS = str.maketrans(dict.fromkeys("\"'“”‘’.,;:!?()[]—–-/", " "))
_FAR_COSINE = 0.5  # of a sentence that no near chunk holds: unrelated news is at 0.3 to 0.5


def cheap_features(words: QuestionWords, candidates: Sequence[Candidate]) -> NDArray[np.float64]:
    """Return one row per candidate, shape ``(len(candidates), len(CHEAP))``, float64."""
    top = max((c.bm25 for c in candidates), default=0.0) or 1.0
    texts = {text for c in candidates for text in (c.sentence.text, c.before)}  # one's own text is often another's before
    words_in = {text: words_of(text) for text in texts}
    rows = [_row(words, c, top, words_in[c.sentence.text], words_in[c.before]) for c in candidates]
    return np.array(rows, np.float64).reshape(-1, len(CHEAP))


def ledger_features(
    words: QuestionWords, candidates: Sequence[Candidate], cheap: NDArray[np.float64], ledger: Ledger | None
) -> NDArray[np.float64]:
    """Return one row per candidate, shape ``(len(candidates), len(LEDGER))``, float64; ``cheap`` are their cheap features.

    Where nothing is known, what a sentence holds counts as said in it, and a verb of saying as somebody who says it.
    """
    known = ledger([c.sentence.place for c in candidates]) if ledger is not None else {}
    guesses = cheap[:, [CHEAP.index("coverage"), CHEAP.index("cue")]]
    rows = [
        _said(words, c.sentence, known[c.sentence.place]) if c.sentence.place in known else guess
        for c, guess in zip(candidates, guesses, strict=True)
    ]
    return np.array(rows, np.float64).reshape(-1, len(LEDGER))


def _said(words: QuestionWords, sentence: Sentence, statements: Sequence[Statement]) -> tuple[float, float]:
    wanted = words.stems or ("",)
    shares = [_share(wanted, set(map(stem, words_of(_inside(sentence, one))))) for one in statements]
    return max(shares, default=0.0), float(any(one.speaker is not None for one in statements))


def _inside(sentence: Sentence, statement: Statement) -> str:
    """Return the part of cue and content that stands in the sentence."""
    start = sentence.span.start
    spans = (*statement.content_spans, *([statement.cue_span] if statement.cue_span else []))
    pieces = (Span(max(a - start, 0), max(b - start, 0)) for a, b in spans)
    return " ".join(sentence.text[slice(*piece)] for piece in pieces)


def _row(words: QuestionWords, candidate: Candidate, top_bm25: float, plain: list[str], plain_before: list[str]) -> list[float]:
    text = candidate.sentence.text
    stems = list(map(stem, plain))
    known, before = set(stems), set(map(stem, plain_before))
    wanted = words.stems or ("",)
    return [
        candidate.bm25,
        candidate.bm25 / top_bm25,
        candidate.cosine if candidate.chunk_rank <= CHUNK_DEPTH else _FAR_COSINE,
        1 / candidate.chunk_rank,
        common_subsequence(wanted, stems) / len(wanted),
        longest_run(words.all_stems, stems) / max(1, len(words.all_stems)),
        _share(words.terms, set(plain)),
        _share(words.capitals, set(text.translate(_TO_BLANKS).split())) if words.capitals else 0.5,
        _share(wanted, known),
        _share(wanted, known | before),
        float(CUE.search(text) is not None),
        float(text.rstrip("\"”’'").endswith("?")),
        math.log(1 + len(plain)),
    ]


def common_subsequence(left: Sequence[str], right: Sequence[str]) -> int:
    """Return the length of the longest common subsequence."""
    wanted = set(left)
    previous = [0] * (len(left) + 1)
    for word in right:
        if word not in wanted:
            continue
        current = [0]
        for i, other in enumerate(left):
            current.append(previous[i] + 1 if word == other else max(previous[i + 1], current[i]))
        previous = current
    return previous[-1]


def longest_run(left: Sequence[str], right: Sequence[str]) -> int:
    """Return the length of the longest run of words that stands in both."""
    best = 0
    previous: dict[int, int] = {}
    places: dict[str, list[int]] = {}
    for i, word in enumerate(left):
        places.setdefault(word, []).append(i)
    for word in right:
        if (here := places.get(word)) is None:
            previous = {}
            continue
        previous = {i: previous.get(i - 1, 0) + 1 for i in here}
        best = max(best, *previous.values())
    return best


def _share(wanted: Sequence[str], present: set[str]) -> float:
    return sum(word in present for word in wanted) / len(wanted) if wanted else 0.0
