"""Which of several given answers the articles support best."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pullquote.index.store import Store
from pullquote.qa.rerank import CrossEncoder
from pullquote.qa.retrieval import near_chunks

_CHUNKS = 3
NOTHING = -11.0
"""The cross-encoder's logit for texts that have nothing to do with each other."""


def choice_scores(
    store: Store, question: str, choices: Sequence[str], encoder: CrossEncoder, leave_out: Collection[str] = ()
) -> list[float]:
    """Return a score per choice, higher is better: how well question and choice together are met by the nearest chunks.

    The score is the cross-encoder's best logit over the three chunks nearest to question and choice; an answer is told by a
    paragraph more often than by one sentence.
    """
    return [_score(store, f"{question} {choice}", encoder, frozenset(leave_out)) for choice in choices]


def _score(store: Store, text: str, encoder: CrossEncoder, leave_out: frozenset[str]) -> float:
    near = [chunk for chunk, _ in near_chunks(store, text, leave_out, _CHUNKS)]
    chunks = store.catalog.chunks(near)
    return max(encoder.scores(text, [chunks[i].text for i in near if i in chunks]), default=NOTHING)
