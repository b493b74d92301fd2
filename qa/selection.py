"""Which sentences of one article make up the answer to a question about a fact.

An answer in an article is seldom one sentence: what a name, a number or a reason means stands beside it. The
cross-encoder reads each sentence under the article's title, which tells what "it" and "the bridge" are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pullquote.index.store import Store
from pullquote.index.types import Sentence
from pullquote.qa.ranking import Ranked
from pullquote.qa.rerank import CrossEncoder
from pullquote.qa.words import QuestionWords

SELECTION = ("cross", "titled", "next_to_best", "behind", "length")
"""Logits and rank score as distances to the article's best; whether it stands beside that; log of the article's sentences."""

_REACH = 2  # sentences on each side of the best one that are read even if the shortlist has not got them
_MOST = 10
_FAR_BEHIND = -8.0


def mates(store: Store, ranked: Sequence[Ranked]) -> list[Sentence]:
    """Return the sentences of the best sentence's article that may belong to the answer, the best first."""
    best = ranked[0].candidate.sentence
    scores = _scores(ranked)
    sentences = [
        s for s in store.catalog.sentences_of(best.article_id) if s.place in scores or abs(s.number - best.number) <= _REACH
    ]
    behind = -math.inf
    return sorted(sentences, key=lambda s: (-scores.get(s.place, behind), abs(s.number - best.number), s.number))[:_MOST]


def selection_features(
    store: Store, words: QuestionWords, ranked: Sequence[Ranked], sentences: Sequence[Sentence], encoder: CrossEncoder
) -> NDArray[np.float64]:
    """Return one row per sentence of ``mates``, shape ``(len(sentences), len(SELECTION))``, float64."""
    if not sentences:
        return np.zeros((0, len(SELECTION)))
    scores = _scores(ranked)
    metas = store.catalog.metas_of([sentences[0].article_id])
    title = next((meta.title for meta in metas.values() if meta.title), "")
    known = {r.candidate.sentence.place: r.cross for r in ranked}
    texts = [s.text for s in sentences if s.place not in known]
    logits = encoder.scores(words.text, [*texts, *(f"{title}. {s.text}" if title else s.text for s in sentences)])
    fresh = iter(logits[: len(texts)])
    cross = [known[s.place] if s.place in known else next(fresh) for s in sentences]
    titled = logits[len(texts) :]
    peak = sentences[int(np.argmax(titled))].number
    length = math.log(len(store.catalog.sentences_of(sentences[0].article_id)) or 1)
    return np.array(
        [
            [
                own - max(cross),
                named - max(titled),
                float(abs(s.number - peak) == 1),
                max(_FAR_BEHIND, scores.get(s.place, -math.inf) - ranked[0].score),
                length,
            ]
            for s, own, named in zip(sentences, cross, titled, strict=True)
        ]
    )


def selected(
    sentences: Sequence[Sentence], features: NDArray[np.float64], weights: Mapping[str, float], limit: int
) -> list[Sentence]:
    """Return the best sentence and those that more likely than the threshold belong to the answer, likeliest first."""
    if not sentences:
        return []
    total = features @ np.array([weights[name] for name in SELECTION]) + weights["intercept"]
    probability = 1 / (1 + np.exp(-total))
    order = [0, *(int(i) for i in np.argsort(-probability, kind="stable") if i != 0)]
    return [sentences[i] for i in order if i == 0 or probability[i] >= weights["threshold"]][:limit]


def _scores(ranked: Sequence[Ranked]) -> dict[tuple[str, int], float]:
    return {r.candidate.sentence.place: r.score for r in ranked}
