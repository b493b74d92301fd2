"""The engine that needs no language model: it picks the sentences that answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pullquote.index.store import Store
from pullquote.index.types import Sentence
from pullquote.qa.quotations import with_speaker
from pullquote.qa.ranking import Ranked
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
_MIN_SHARED = 0.8  # of the words: above it, two sentences are the same report


@dataclass(frozen=True, slots=True)
class Pick:
    """One answer sentence before citing: the sentence that answers, copies of it, and what explains its speaker."""

    main: Ranked
    copies: tuple[Sentence, ...]
    """The same sentence in other articles."""
    unit: tuple[Sentence, ...]
    """What is shown, in reading order, the main sentence among it."""


def draft(store: Store, words: QuestionWords, ranked: Sequence[Ranked], weights: KindWeights, limit: int) -> tuple[Pick, ...]:
    """Pick the sentences that answer: the best, and those about as good that say something else.

    Articles stand in the order of their best sentence, sentences of one article in reading order.
    """
    margin = _margin(words, weights)
    near = [r for r in ranked if _answers_too(r, ranked[0], margin)]
    groups: list[list[Ranked]] = []
    for item in near:
        twin = next((g for g in groups if _same_report(g[0].candidate.sentence.text, item.candidate.sentence.text)), None)
        if twin is not None:
            twin.append(item)
        elif len(groups) < limit:
            groups.append([item])
    picks = [_pick(store, group) for group in groups]
    shown: set[tuple[str, int]] = set()
    kept = []
    for pick in picks:  # a sentence that is already shown with a better one is not an answer of its own
        if pick.main.candidate.sentence.place not in shown:
            kept.append(pick)
            shown |= {s.place for s in pick.unit}
    return tuple(_in_reading_order(kept))


def _answers_too(item: Ranked, best: Ranked, margin: float) -> bool:
    """Whether a sentence is about as good as the best one, or good by itself and not far behind."""
    behind = best.score - item.score
    relevant = item.cross >= max(_RELEVANT, best.cross - _CROSS_MARGIN)
    return behind <= min(margin, _ONE_MARGIN) or (behind <= margin and relevant)


def _margin(words: QuestionWords, weights: KindWeights) -> float:
    if _SEVERAL.search(words.text):
        return weights.wide_margin
    return min(weights.margin, _ONE_MARGIN) if words.asks_one_thing else weights.margin


def _pick(store: Store, group: Sequence[Ranked]) -> Pick:
    main = group[0].candidate.sentence
    sentences = store.catalog.sentences_of(main.article_id)
    article = store.catalog.article(main.article_id, main.version)
    others = tuple(r.candidate.sentence for r in group[1:] if r.candidate.sentence.article_id != main.article_id)
    if article is None or main not in sentences:  # changed while the question was being answered
        return Pick(group[0], others, (main,))
    unit = with_speaker(sentences, main.number - 1, article.text)
    return Pick(group[0], others, tuple(sentences[i] for i in unit))


def _in_reading_order(picks: Sequence[Pick]) -> list[Pick]:
    articles = list(dict.fromkeys(p.main.candidate.sentence.article_id for p in picks))
    return sorted(picks, key=lambda p: (articles.index(p.main.candidate.sentence.article_id), p.main.candidate.sentence.number))


def _same_report(left: str, right: str) -> bool:
    """Whether two sentences are copies: nearly the same words, and exactly the same numbers."""
    a, b = set(words_of(left)), set(words_of(right))
    if {w for w in a if w.isdigit()} != {w for w in b if w.isdigit()}:
        return False
    return len(a & b) >= _MIN_SHARED * max(1, len(a | b))
