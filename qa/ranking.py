"""The final order of candidates, and whether the best one answers.

Two stages: words and vectors choose a shortlist, the cross-encoder reads it, and a linear model
over both decides. The cross-encoder alone loses what BM25 had (it reads keywords badly), BM25
alone loses meaning; the weights for statements and for facts differ for that reason.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pullquote.index.store import Store
from pullquote.qa.features import CHEAP, FEATURES, Ledger, cheap_features, ledger_features
from pullquote.qa.rerank import CrossEncoder
from pullquote.qa.retrieval import Candidate, Pool
from pullquote.qa.weights import KindWeights
from pullquote.qa.words import QuestionWords

_WINDOW = 3  # sentences on each side
_WINDOWS = 3
_CHUNKS = 3
_TOP = 5
_STANDS_OUT = 2.0  # rank score
CLEAR_CROSS = 2.0
"""The cross-encoder's logit from which a sentence answers clearly. Of 433 questions whose answers are known, 382 stop there after
4 of 24 sentences; for one of them the twelve that a model is shown hold no right sentence any more."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with everything the ranking knows of it."""

    candidate: Candidate
    features: tuple[float, ...]
    """In the order of ``FEATURES``."""
    score: float
    """Higher is better; comparable within one question only."""

    @property
    def cross(self) -> float:
        """The cross-encoder's logit."""
        return self.features[-1]


def rank(
    words: QuestionWords,
    pool: Pool,
    weights: KindWeights,
    encoder: CrossEncoder,
    limit: int,
    cheap: NDArray[np.float64] | None = None,
    first: int | None = None,
    ledger: Ledger | None = None,
) -> tuple[Ranked, ...]:
    """Return the ``limit`` most promising candidates, best first; ``cheap`` are their features when they are known already.

    The ``ledger`` tells what is said in their sentences; where no statement is asked for, it is not asked.
    With ``first``, the cross-encoder reads so many to begin with, and no more where one of them answers clearly.
    """
    cheap = cheap_features(words, pool.candidates) if cheap is None else cheap
    chosen = shortlist(cheap, weights.shortlist, limit)
    texts = [pool.candidates[i].sentence.text for i in chosen]
    cross = encoder.scores(words.text, texts[:first])
    if len(cross) < len(texts) and max(cross) < CLEAR_CROSS:
        cross += encoder.scores(words.text, texts[first:])
    chosen = chosen[: len(cross)]
    candidates = [pool.candidates[i] for i in chosen]
    asked = ledger if words.kind == "statement" else None
    rows = np.zeros((0, len(FEATURES)))
    if chosen:
        rows = np.column_stack([cheap[chosen], ledger_features(words, candidates, cheap[chosen], asked), cross])
    scores = rows @ _vector(weights.rank, FEATURES)
    ranked = [Ranked(c, tuple(map(float, row)), float(score)) for c, row, score in zip(candidates, rows, scores, strict=True)]
    return tuple(sorted(ranked, key=lambda r: (-r.score, r.candidate.sentence.article_id, r.candidate.sentence.number)))


def shortlist(cheap: NDArray[np.float64], weights: Mapping[str, float], limit: int) -> list[int]:
    """Return the positions of the ``limit`` best rows by the cheap features, best first."""
    if not len(cheap):
        return []
    order = np.argsort(-(cheap @ _vector(weights, CHEAP)), kind="stable")
    return [int(i) for i in order[:limit]]


def answerability(
    store: Store, words: QuestionWords, pool: Pool, ranked: Sequence[Ranked], encoder: CrossEncoder, weights: KindWeights
) -> float:
    """Return the probability, 0 to 1, that the store answers the question."""
    if not ranked:
        return 0.0
    statement = words.kind == "statement"
    signals = statement_signals(words, ranked) if statement else fact_signals(store, words, pool, ranked, encoder)
    total = weights.answerable["intercept"] + sum(weights.answerable.get(name, 0.0) * value for name, value in signals.items())
    probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
    sure = statement and stands_out(signals) and signals["cross"] >= weights.sure_cross
    return max(probability, weights.threshold) if sure else probability


def stands_out(signals: Mapping[str, float]) -> bool:
    """Whether the best sentence is the cross-encoder's best, too, and no other comes near: a statement in other words."""
    return signals["cross"] >= signals["best_cross"] and signals["gap"] >= _STANDS_OUT


def statement_signals(words: QuestionWords, ranked: Sequence[Ranked]) -> dict[str, float]:
    """Return what tells whether a statement was made: how well its words come back in the best sentence."""
    best = dict(zip(FEATURES, ranked[0].features, strict=True))
    runner_up = ranked[1].score if len(ranked) > 1 else ranked[0].score - 5
    names = (
        "bm25",
        "cosine",
        "near",
        "in_order",
        "run",
        "exact",
        "capitals",
        "coverage",
        "coverage_before",
        "cue",
        "length",
        "said",
        "told",
        "cross",
    )
    covered = [r.features[FEATURES.index("coverage")] for r in ranked]
    articles = [r.candidate.sentence.article_id for r in ranked[:2]]
    return {name: best[name] for name in names} | {
        "best_cross": max(r.cross for r in ranked),
        "best_coverage": max(covered),
        "top_coverage": sum(covered[:_TOP]) / len(covered[:_TOP]),
        "same_article": float(len(set(articles)) < len(articles)),
        "quoted": float(any(mark in words.text for mark in '"“')),
        "score": ranked[0].score,
        "gap": min(5.0, ranked[0].score - runner_up),
        "terms": math.log(len(words.stems) + 1),
        "found": best["in_order"] * len(words.stems),
    }


def fact_signals(
    store: Store, words: QuestionWords, pool: Pool, ranked: Sequence[Ranked], encoder: CrossEncoder
) -> dict[str, float]:
    """Return what tells whether a fact is told: the cross-encoder over passages, which need not name it in one sentence."""
    by_cross = sorted(ranked, key=lambda r: -r.cross)
    windows = [_window(store, r.candidate) for r in by_cross[:_WINDOWS]]
    article = by_cross[0].candidate.sentence.article_id
    focus = sum(r.candidate.sentence.article_id == article for r in ranked) / len(ranked)
    near = [chunk for chunk, _ in pool.chunks[:_CHUNKS]]
    chunks = store.catalog.chunks(near)
    metas = store.catalog.metas_of(chunk.article_id for chunk in chunks.values())
    titled = [f"{metas[c.article_id].title or ''}. {c.text}" for c in (chunks[i] for i in near if i in chunks)]
    logits = encoder.scores(words.text, windows + titled)
    return {
        "window": max(logits[: len(windows)]),
        "focus": focus,
        "titled_chunk": max(logits[len(windows) :], default=-11.0),
        "cosine": pool.chunks[0][1] if pool.chunks else 0.0,
        "is_question": float(words.is_question),
        "explains": float(words.asks_explanation),
    }


def _window(store: Store, candidate: Candidate) -> str:
    sentence = candidate.sentence
    around = [s for s in store.catalog.sentences_of(sentence.article_id) if abs(s.number - sentence.number) <= _WINDOW]
    return " ".join(s.text for s in around)


def _vector(weights: Mapping[str, float], names: Sequence[str]) -> NDArray[np.float64]:
    return np.array([weights.get(name, 0.0) for name in names])
