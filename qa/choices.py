"""Which of several given answers the articles support best."""

from __future__ import annotations

from collections.abc import Sequence

from pullquote.index.store import Store
from pullquote.index.types import ALL_ARTICLES, ArticleSet
from pullquote.qa.rerank import CrossEncoder

_CHUNKS = 3
NOTHING = -11.0
"""The cross-encoder's logit for texts that have nothing to do with each other."""


def choice_scores(
    store: Store, question: str, choices: Sequence[str], encoder: CrossEncoder, which: ArticleSet = ALL_ARTICLES
) -> list[float]:
    """Return a score per choice, higher is better: how well question and choice together are met by the nearest chunks.

    The score is the cross-encoder's best logit over the three chunks nearest to question and choice; an answer is told by a
    paragraph more often than by one sentence.
    """
    return [_score(store, f"{question} {choice}", encoder, which) for choice in choices]


def _score(store: Store, text: str, encoder: CrossEncoder, which: ArticleSet) -> float:
    near = [chunk for chunk, _ in store.search_chunks(text, _CHUNKS, which)]
    chunks = store.catalog.chunks(near)
    return max(encoder.scores(text, [chunks[i].text for i in near if i in chunks]), default=NOTHING)
