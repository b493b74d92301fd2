"""Retrieve and rerank: the sentences that may answer each part of a question, and how sure it is that they do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeVar

from pullquote.index.store import Store
from pullquote.index.types import ArticleSet, Sentence, Statement
from pullquote.qa.citations import is_live
from pullquote.qa.clock import Clock
from pullquote.qa.features import Ledger, cheap_features
from pullquote.qa.ranking import Ranked, answerability, rank, shortlist
from pullquote.qa.rerank import CrossEncoder
from pullquote.qa.retrieval import Candidate, retrieve
from pullquote.qa.settings import AskSettings
from pullquote.qa.types import Evidence
from pullquote.qa.weights import KindWeights, Weights
from pullquote.qa.words import QuestionWords, question_parts, question_words

T = TypeVar("T")
EVIDENCE = 10
READ_FIRST = 4
"""Sentences that the cross-encoder reads for a language model; all candidates where none of these answers clearly."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one part of a question came to."""

    words: QuestionWords
    weights: KindWeights
    ranked: tuple[Ranked, ...]
    """Best first."""
    unread: tuple[Candidate, ...]
    """What the cross-encoder was not asked about, as one of those it read answers clearly; most promising first."""
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
        by_sentence: dict[tuple[str, int], Ranked] = {}
        for item in _in_turn(part.ranked for part in self.parts):
            by_sentence.setdefault(item.candidate.sentence.place, item)
        return tuple(by_sentence.values())

    @property
    def unread(self) -> tuple[Sentence, ...]:
        """The parts' unread sentences joined in the same way, without those that were read for another part."""
        read = {item.candidate.sentence.place for part in self.parts for item in part.ranked}
        left = {c.sentence.place: c.sentence for c in _in_turn(part.unread for part in self.parts)}
        return tuple(sentence for place, sentence in left.items() if place not in read)

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
    *,
    thorough: bool = True,
) -> Search:
    """Retrieve and rerank for each part of a question, among some articles.

    Where it need not be ``thorough``, the cross-encoder stops early once a sentence answers clearly: a language model picks
    from the best dozen whatever their order, the extractive engine needs to know how far all others are behind.
    """
    first = None if thorough else READ_FIRST
    parts = question_parts(question)
    return Search(tuple(_found(store, part, settings, encoder, weights, which, clock, first) for part in parts))


def _found(
    store: Store,
    part: str,
    settings: AskSettings,
    encoder: CrossEncoder,
    weights: Weights,
    which: ArticleSet,
    clock: Clock,
    first: int | None,
) -> Found:
    words = question_words(part)
    fitted = weights.of(words.kind)
    pool = retrieve(store, words, which)
    clock.lap("retrieve")
    cheap = cheap_features(words, pool.candidates)
    ranked = rank(words, pool, fitted, encoder, settings.candidates, cheap, first, ledger_of(store))
    unread = shortlist(cheap, fitted.shortlist, settings.candidates)[len(ranked) :]
    confidence = answerability(store, words, pool, ranked, encoder, fitted)
    clock.lap("rerank")
    return Found(words, fitted, ranked, tuple(pool.candidates[i] for i in unread), confidence)


def ledger_of(store: Store) -> Ledger:
    """Return what gives the statements of sentences, those of articles that nobody has read for statements left out."""

    def statements(places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Sequence[Statement]]:
        read = store.catalog.read_among(article_id for article_id, _ in places)
        found = store.catalog.statements_at(places)
        return {place: found.get(place, ()) for place in places if place[0] in read}

    return statements


def _in_turn(lists: Iterable[Sequence[T]]) -> Iterator[T]:
    """Yield the first of each list, then the second of each, and so on."""
    return (item for row in zip_longest(*lists) for item in row if item is not None)


def numbered_evidence(store: Store, ranked: Sequence[Ranked], limit: int = EVIDENCE) -> tuple[Evidence, ...]:
    """Return the best sentences with their articles, numbered from 1, best first."""
    best = ranked[:limit]
    metas = store.catalog.metas_of(r.candidate.sentence.article_id for r in best)
    return tuple(
        Evidence(number, metas[r.candidate.sentence.article_id], r.candidate.sentence, r.score)
        for number, r in enumerate(best, 1)
        if is_live(r.candidate.sentence, metas)
    )
