"""From a question to candidate sentences: BM25 over sentences and dense search over chunks, fused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pullquote.index.store import Store
from pullquote.index.types import Sentence
from pullquote.qa.words import QuestionWords

CANDIDATES = 40
BM25_DEPTH = 120
CHUNK_DEPTH = 10
_RRF_K = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer, with what the first stage knows of it."""

    id: int
    """The catalog's number of the sentence."""
    sentence: Sentence
    bm25: float
    """0 when no term of the question is in it."""
    bm25_rank: int
    """From 1; one past the depth when it was not found."""
    cosine: float
    """Of its best chunk with the question; 0 when no near chunk holds it."""
    chunk_rank: int
    """From 1; one past the depth when no near chunk holds it."""
    fused: float
    """First-stage score, higher is better."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What the first stage found."""

    sentences: tuple[Candidate, ...]
    """Best first by ``fused``."""
    chunks: tuple[tuple[int, float], ...]
    """Nearest chunks with their cosine, best first."""


def retrieve(store: Store, words: QuestionWords, limit: int = CANDIDATES) -> Candidates:
    """Return at most ``limit`` candidate sentences for a question.

    Reciprocal rank fusion of BM25 over sentences with the sentences' chunks in dense search;
    inside a chunk, sentences stand in the order of their BM25.
    """
    bm25 = store.catalog.search_sentences(words.terms, BM25_DEPTH)
    chunks = store.search_chunks(words.text, CHUNK_DEPTH)
    inside = store.catalog.sentence_ids_of_chunks([chunk for chunk, _ in chunks])
    return fuse(store, bm25, chunks, inside, limit)


def fuse(
    store: Store,
    bm25: Sequence[tuple[int, float]],
    chunks: Sequence[tuple[int, float]],
    inside: dict[int, list[int]],
    limit: int,
) -> Candidates:
    """Join the two rankings."""
    lexical = {sentence: (score, rank) for rank, (sentence, score) in enumerate(bm25, 1)}
    dense: dict[int, tuple[float, int]] = {}
    for rank, (chunk, cosine) in enumerate(chunks, 1):
        for sentence in inside[chunk]:
            dense.setdefault(sentence, (cosine, rank))
    nowhere = (0.0, BM25_DEPTH + 1), (0.0, CHUNK_DEPTH + 1)

    def score(sentence: int) -> float:
        lexical_rank, dense_rank = lexical.get(sentence, nowhere[0])[1], dense.get(sentence, nowhere[1])[1]
        # Several sentences share one chunk rank: chunks count for less, or they would crowd out BM25.
        near = 0.5 / (_RRF_K + 3 * dense_rank) if sentence in dense else 0.0
        return (1 / (_RRF_K + lexical_rank) if sentence in lexical else 0.0) + near

    best = sorted(((score(s), s) for s in {*lexical, *dense}), key=lambda pair: (-pair[0], pair[1]))[:limit]
    sentences = store.catalog.sentences(s for _, s in best)
    found = tuple(
        Candidate(s, sentences[s], *lexical.get(s, nowhere[0]), *dense.get(s, nowhere[1]), fused) for fused, s in best if s in sentences
    )
    return Candidates(found, tuple(chunks))
