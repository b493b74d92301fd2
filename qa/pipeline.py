"""The six verbs from a question to an answer: retrieve, rerank, draft, cite, verify, answer."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pullquote.index.errors import QuestionError
from pullquote.index.store import Store
from pullquote.qa.citations import cite, verify
from pullquote.qa.extractive import Pick, draft
from pullquote.qa.ranking import Ranked, answerability, rank
from pullquote.qa.rerank import CrossEncoder, cross_encoder
from pullquote.qa.retrieval import retrieve
from pullquote.qa.settings import AskSettings
from pullquote.qa.types import Answer, AnswerSentence, AsOf, Coverage, Evidence, Usage
from pullquote.qa.weights import Weights, shipped_weights, weights_hash
from pullquote.qa.words import question_parts, question_words

_EVIDENCE = 10


def answer_question(
    store: Store,
    question: str,
    settings: AskSettings,
    *,
    encoder: CrossEncoder | None = None,
    weights: Weights | None = None,
    leave_out: Collection[str] = (),
) -> Answer:
    """Answer a question from the store's articles with cited sentences, or abstain.

    Articles whose ids are in ``leave_out`` are treated as not there.

    Raises:
        QuestionError: the question is blank or too long.
        StoreModelMismatch: the store was made with another embedding model.
        ModelError: a model cannot be used.
    """
    clock = _Clock()
    text = checked_question(question, settings)
    encoder = encoder or cross_encoder()
    fitted = weights or shipped_weights()
    found = [_search(store, part, settings, encoder, fitted, leave_out, clock) for part in question_parts(text)]
    picks = _distinct(pick for part in found for pick in part.picks)[: settings.max_sentences]
    confidence = max(part.confidence for part in found)
    sentences = verify(store, cite(store, picks, confidence))
    ranked = _interleaved([part.ranked for part in found])
    stats = store.catalog.stats()
    clock.lap("verify")
    return Answer(
        question=question,
        standalone_question=text,
        status="answered" if sentences else "abstained",
        sentences=sentences,
        evidence=_evidence(store, ranked),
        confidence=confidence,
        as_of=_as_of(sentences, stats.last_ingest),
        coverage=Coverage.of(stats),
        engine="extractive",
        model=None,
        usage=Usage(candidates=sum(len(part.ranked) for part in found)),
        settings_hash=settings.hash(store.catalog.model() or "", weights_hash()),
        timings_s=clock.laps,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What one part of a question came to."""

    ranked: tuple[Ranked, ...]
    confidence: float
    picks: tuple[Pick, ...]


def _search(
    store: Store,
    part: str,
    settings: AskSettings,
    encoder: CrossEncoder,
    weights: Weights,
    leave_out: Collection[str],
    clock: _Clock,
) -> _Found:
    words = question_words(part)
    fitted = weights.of(words.kind)
    pool = retrieve(store, words, leave_out)
    clock.lap("retrieve")
    ranked = rank(words, pool, fitted, encoder, settings.candidates)
    confidence = answerability(store, words, pool, ranked, encoder, fitted)
    clock.lap("rerank")
    answers = bool(ranked) and confidence >= fitted.threshold
    picks = draft(store, words, ranked, fitted, settings.max_sentences, encoder) if answers else ()
    clock.lap("draft")
    return _Found(ranked, confidence, picks)


def _distinct(picks: Iterable[Pick]) -> tuple[Pick, ...]:
    by_sentence: dict[tuple[str, int], Pick] = {}
    for pick in picks:
        by_sentence.setdefault(pick.main.place, pick)
    return tuple(by_sentence.values())


def _interleaved(lists: Sequence[Sequence[Ranked]]) -> tuple[Ranked, ...]:
    """Join the parts' rankings, the best of each first, each sentence once."""
    longest = max(map(len, lists))
    by_sentence: dict[tuple[str, int], Ranked] = {}
    for item in (part[i] for i in range(longest) for part in lists if i < len(part)):
        by_sentence.setdefault(item.candidate.sentence.place, item)
    return tuple(by_sentence.values())


def find_evidence(store: Store, question: str, settings: AskSettings, limit: int = _EVIDENCE) -> tuple[Evidence, ...]:
    """Return the sentences that answer best, best first, whether or not they suffice for an answer.

    Raises:
        QuestionError: the question is blank or too long.
    """
    words = question_words(checked_question(question, settings))
    ranked = rank(
        words, retrieve(store, words), shipped_weights().of(words.kind), cross_encoder(), max(settings.candidates, limit)
    )
    return _evidence(store, ranked, limit)


def checked_question(question: str, settings: AskSettings) -> str:
    """Return the question with its blanks folded.

    Raises:
        QuestionError: blank, without a word, or longer than ``settings.max_question_chars``.
    """
    text = " ".join(question.encode("utf-8", "replace").decode().replace("\0", " ").split())
    if len(text) > settings.max_question_chars:
        raise QuestionError(f"the question has {len(text):,} characters, more than {settings.max_question_chars:,}: shorten it")
    if not any(c.isalnum() for c in text):
        raise QuestionError('the question is empty: ask something, as in pullquote ask "who called for restraint?"')
    return text


def _evidence(store: Store, ranked: Sequence[Ranked], limit: int = _EVIDENCE) -> tuple[Evidence, ...]:
    best = ranked[:limit]
    metas = store.catalog.metas_of(r.candidate.sentence.article_id for r in best)
    return tuple(
        Evidence(number, metas[r.candidate.sentence.article_id], r.candidate.sentence, r.score)
        for number, r in enumerate(best, 1)
        if r.candidate.sentence.article_id in metas
    )


def _as_of(sentences: Sequence[AnswerSentence], last_ingest: datetime | None) -> AsOf:
    dates = [c.article.published_at for s in sentences for c in s.citations if c.article.published_at is not None]
    return AsOf(min(dates, default=None), max(dates, default=None), last_ingest)


class _Clock:
    """Seconds between laps."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(self.laps.get(name, 0.0) + now - self._last, 4)
        self._last = now
