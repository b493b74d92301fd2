"""From a question to candidate sentences: BM25 over sentences, and the sentences of the nearest chunks."""

from __future__ import annotations

from dataclasses import dataclass

from pullquote.index.store import Store
from pullquote.index.types import ALL_ARTICLES, ArticleSet, Sentence
from pullquote.qa.words import QuestionWords

BM25_DEPTH = 120
CHUNK_DEPTH = 10
_TRIES = 3  # what an article had is gone when it was changed between two looks


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer, with what the first stage knows of it."""

    sentence: Sentence
    before: str
    """The text of the sentence before it in its article; empty for the first one."""
    bm25: float
    """0 when no term of the question is in it."""
    cosine: float
    """Of the question with the best near chunk that holds it; 0 when there is none."""
    chunk_rank: int
    """Of that chunk, from 1; one past the depth when there is none."""


@dataclass(frozen=True, slots=True)
class Pool:
    """What the first stage found."""

    candidates: tuple[Candidate, ...]
    """In no particular order, at most some 200."""
    chunks: tuple[tuple[int, float], ...]
    """The nearest chunks with their cosine, best first."""


def retrieve(store: Store, words: QuestionWords, which: ArticleSet = ALL_ARTICLES) -> Pool:
    """Return the sentences of some articles that share words with the question or stand in a chunk near to it.

    Raises:
        StoreModelMismatch: the store was made with another embedding model.
    """
    for _ in range(_TRIES):
        revision = store.catalog.revision()
        pool, whole = _retrieved(store, words, which)
        if whole or store.catalog.revision() == revision:
            break
    return pool


def _retrieved(store: Store, words: QuestionWords, which: ArticleSet) -> tuple[Pool, bool]:
    """Return a pool, and whether all was still there when it was looked at."""
    catalog = store.catalog
    store.begin_search(words.text, CHUNK_DEPTH, which)
    bm25 = dict(catalog.search_sentences(words.terms, BM25_DEPTH, which))
    chunks = tuple(store.search_chunks(words.text, CHUNK_DEPTH, which))
    inside = catalog.sentence_ids_of_chunks([chunk for chunk, _ in chunks])
    near: dict[int, tuple[float, int]] = {}
    for rank, (chunk, cosine) in enumerate(chunks, 1):
        for i in inside[chunk]:
            near.setdefault(i, (cosine, rank))
    ids = sorted({*bm25, *near})
    sentences = catalog.sentences(ids)
    # An article's sentences have consecutive ids, in reading order.
    befores = catalog.sentences(i - 1 for i in ids)
    candidates = []
    for i in sorted(sentences):
        sentence, before = sentences[i], befores.get(i - 1)
        same = before is not None and before.article_id == sentence.article_id
        cosine, rank = near.get(i, (0.0, CHUNK_DEPTH + 1))
        candidates.append(Candidate(sentence, before.text if before is not None and same else "", bm25.get(i, 0.0), cosine, rank))
    return Pool(tuple(candidates), chunks), len(sentences) == len(ids) and all(inside.values())
