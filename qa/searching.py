"""Retrieve and rerank: the sentences that may answer each part of a question, and how sure it is that they do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pullquote.index.store import Store
from pullquote.index.types import ArticleSet
from pullquote.qa.citations import is_live
from pullquote.qa.clock import Clock
from pullquote.qa.ranking import Ranked, answerability, rank
from pullquote.qa.rerank import CrossEncoder
from pullquote.qa.retrieval import retrieve
from pullquote.qa.settings import AskSettings
from pullquote.qa.types import Evidence
from pullquote.qa.weights import KindWeights, Weights
from pullquote.qa.words import QuestionWords, question_parts, question_words

EVIDENCE = 10


@dataclass(frozen=True, slots=True)
class Found:
    """What one part of a question came to."""

    words: QuestionWords
    weights: KindWeights
    ranked: tuple[Ranked, ...]
    """Best first."""
    confidence: float
    """0 to 1, the estimated probability that these sentences answer."""

    @property
    def answers(self) -> bool:
        """Whether the sentences suffice for an answer."""
        return bool(self.ranked) and self.confidence >= self.weights.threshold


@dataclass(frozen=True, slots=True)
class Search:
    """What a whole question came to."""

    parts: tuple[Found, ...]

    @property
    def confidence(self) -> float:
        """That of the part that is answered best."""
        return max(part.confidence for part in self.parts)

    @property
    def candidates(self) -> int:
        """How many sentences the cross-encoder read."""
        return sum(len(part.ranked) for part in self.parts)

    @property
    def ranked(self) -> tuple[Ranked, ...]:
        """The parts' rankings joined, the best of each first, each sentence once."""
        lists = [part.ranked for part in self.parts]
        longest = max(map(len, lists))
        by_sentence: dict[tuple[str, int], Ranked] = {}
        for item in (found[i] for i in range(longest) for found in lists if i < len(found)):
            by_sentence.setdefault(item.candidate.sentence.place, item)
        return tuple(by_sentence.values())

    def may_answer(self, share: float) -> bool:
        """Whether a part is at least as sure as this share of its threshold."""
        return any(part.ranked and part.confidence >= share * part.weights.threshold for part in self.parts)


def search(
    store: Store,
    question: str,
    settings: AskSettings,
    encoder: CrossEncoder,
    weights: Weights,
    which: ArticleSet,
    clock: Clock,
) -> Search:
    """Retrieve and rerank for each part of a question, among some articles."""
    return Search(tuple(_found(store, part, settings, encoder, weights, which, clock) for part in question_parts(question)))


def _found(
    store: Store,
    part: str,
    settings: AskSettings,
    encoder: CrossEncoder,
    weights: Weights,
    which: ArticleSet,
    clock: Clock,
) -> Found:
    words = question_words(part)
    fitted = weights.of(words.kind)
    pool = retrieve(store, words, which)
    clock.lap("retrieve")
    ranked = rank(words, pool, fitted, encoder, settings.candidates)
    confidence = answerability(store, words, pool, ranked, encoder, fitted)
    clock.lap("rerank")
    return Found(words, fitted, ranked, confidence)


def numbered_evidence(store: Store, ranked: Sequence[Ranked], limit: int = EVIDENCE) -> tuple[Evidence, ...]:
    """Return the best sentences with their articles, numbered from 1, best first."""
    best = ranked[:limit]
    metas = store.catalog.metas_of(r.candidate.sentence.article_id for r in best)
    return tuple(
        Evidence(number, metas[r.candidate.sentence.article_id], r.candidate.sentence, r.score)
        for number, r in enumerate(best, 1)
        if is_live(r.candidate.sentence, metas)
    )
