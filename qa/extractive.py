"""The engine that needs no language model: it picks the sentences that answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pullquote.index.store import Store
from pullquote.index.types import Sentence
from pullquote.qa.quotations import with_speaker
from pullquote.qa.ranking import Ranked
from pullquote.qa.rerank import CrossEncoder
from pullquote.qa.selection import mates, selected, selection_features
from pullquote.qa.weights import KindWeights
from pullquote.qa.words import QuestionWords, words_of

_SEVERAL = re.compile(
    r"\band (?:who|what|which|when|where|how)\b|\beach\b|\bboth\b|\bwho (?:all|else)\b"
    r"|\bwhich (?:countries|people|groups|parties|states)\b",
    re.IGNORECASE,
)
_ONE_MARGIN = 1.0  # a person, time, place or number is told by one sentence, or by two that disagree
_RELEVANT = 0.0  # logit above which the cross-encoder holds that a text answers
_CROSS_MARGIN = 4.0  # logits
_NEARBY = 3  # sentences
_MIN_SHARED = 0.8  # of the words: above it, two sentences are the same report


@dataclass(frozen=True, slots=True)
class Pick:
    """One answer sentence before citing: the sentence that answers, copies of it, and what explains its speaker."""

    main: Sentence
    copies: tuple[Sentence, ...]
    """The same sentence in other articles."""
    unit: tuple[Sentence, ...]
    """What is shown, in reading order, the main sentence among it."""


def draft(
    store: Store, words: QuestionWords, ranked: Sequence[Ranked], weights: KindWeights, limit: int, encoder: CrossEncoder
) -> tuple[Pick, ...]:
    """Pick the sentences that answer: the best, and those about as good that say something else.

    A fact is told by more than one sentence of its article: those that belong to the best one come with it.
    Articles stand in the order of their best sentence, sentences of one article in reading order.
    """
    margin = _margin(words, weights)
    near = [r.candidate.sentence for r in ranked if _answers_too(r, ranked[0], margin)]
    if weights.selection:
        here = mates(store, ranked)
        belonging = selected(here, selection_features(store, words, ranked, here, encoder), weights.selection, limit)
        elsewhere = [r.candidate.sentence for r in ranked if _tells_it_too(r, ranked[0], margin)]
        near = [near[0], *elsewhere, *belonging[1:]]
    picks = [_pick(store, group) for group in _reports(near, limit)]
    if weights.selection:
        picks = _continued(picks)
    shown: set[tuple[str, int]] = set()
    kept = []
    for pick in picks:  # a sentence that is already shown with a better one is not an answer of its own
        if pick.main.place not in shown:
            kept.append(pick)
            shown |= {s.place for s in pick.unit}
    return tuple(_in_reading_order(kept))


def _continued(picks: Sequence[Pick]) -> list[Pick]:
    """Leave out what stands before a sentence to explain it, where another pick of its article does so from nearby."""
    mains = {p.main.place for p in picks}

    def goes_on(sentence: Sentence) -> bool:
        return any((sentence.article_id, sentence.number - distance) in mains for distance in range(1, _NEARBY + 1))

    return [replace(p, unit=tuple(s for s in p.unit if s.number >= p.main.number)) if goes_on(p.main) else p for p in picks]


def _reports(sentences: Sequence[Sentence], limit: int) -> list[list[Sentence]]:
    """Group copies of the same sentence, each group by its first, at most ``limit`` groups."""
    groups: list[list[Sentence]] = []
    for sentence in sentences:
        twin = next((g for g in groups if same_report(g[0].text, sentence.text)), None)
        if twin is not None:
            twin.append(sentence)
        elif len(groups) < limit:
            groups.append([sentence])
    return groups


def _answers_too(item: Ranked, best: Ranked, margin: float) -> bool:
    """Whether a sentence is about as good as the best one, or good by itself and not far behind."""
    behind = best.score - item.score
    relevant = item.cross >= max(_RELEVANT, best.cross - _CROSS_MARGIN)
    return behind <= min(margin, _ONE_MARGIN) or (behind <= margin and relevant)


def _tells_it_too(item: Ranked, best: Ranked, margin: float) -> bool:
    """Whether a sentence of another article is about as good by rank and by the cross-encoder alone."""
    other = item.candidate.sentence.article_id != best.candidate.sentence.article_id
    return other and best.score - item.score <= margin and item.cross >= max(_RELEVANT, best.cross - _CROSS_MARGIN / 2)


def _margin(words: QuestionWords, weights: KindWeights) -> float:
    if _SEVERAL.search(words.text):
        return weights.wide_margin
    return min(weights.margin, _ONE_MARGIN) if words.asks_one_thing else weights.margin


def _pick(store: Store, group: Sequence[Sentence]) -> Pick:
    main = group[0]
    sentences = store.catalog.sentences_of(main.article_id)
    article = store.catalog.article(main.article_id, main.version)
    others = tuple(s for s in group[1:] if s.article_id != main.article_id)
    if article is None or main not in sentences:  # changed while the question was being answered
        return Pick(main, others, (main,))
    unit = with_speaker(sentences, main.number - 1, article.text)
    return Pick(main, others, tuple(sentences[i] for i in unit))


def _in_reading_order(picks: Sequence[Pick]) -> list[Pick]:
    articles = list(dict.fromkeys(p.main.article_id for p in picks))
    return sorted(picks, key=lambda p: (articles.index(p.main.article_id), p.main.number))


def same_report(left: str, right: str) -> bool:
    """Whether two sentences are copies: nearly the same words, and exactly the same numbers."""
    a, b = set(words_of(left)), set(words_of(right))
    if {w for w in a if w.isdigit()} != {w for w in b if w.isdigit()}:
        return False
    return len(a & b) >= _MIN_SHARED * max(1, len(a | b))
