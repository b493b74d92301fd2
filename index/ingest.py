"""Articles into the store: read, split, chunk, embed, then store; a batch is in whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from pullquote.index.catalog import PreparedArticle, article_digest
from pullquote.index.chunking import chunk_sentences
from pullquote.index.embedding import Embedder, checked, text_key
from pullquote.index.errors import ModelOutputError
from pullquote.index.sentences import split_sentences
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.types import Article, IngestReport, IngestRow, SkippedItem

_BATCH_CHUNKS = 256  # one transaction (and its fsync) for so many chunks
_EMBED_TEXTS = 64


def add_articles(store: Store, items: Iterable[tuple[str, Article | SkippedItem]]) -> Iterator[IngestReport]:
    """Store articles batch by batch; each report is given after its batch is safely stored.

    The caller holds ``store.writing()``. The vector index is brought in step at the end.

    Raises:
        StoreModelMismatch: the store was made with another embedding model.
        ModelUnreachable: the embedding model's server failed; earlier batches stay.
    """
    store.require_model()
    batch = _Batch(store)
    for where, item in items:
        batch.take(where, item)
        if batch.full:
            yield batch.stored()
            batch = _Batch(store)
    yield batch.stored()
    if store.catalog.revision():
        store.vectors()


def prepare(article: Article, embedder: Embedder, settings: IndexSettings) -> PreparedArticle:
    """Cut an article into sentences and chunks."""
    sentences = split_sentences(article.text)
    chunks = chunk_sentences([article.text[a:b] for a, b in sentences], settings.chunk_tokens, embedder.length)
    return PreparedArticle(article, sentences, chunks)


class _Batch:
    """Articles on their way into one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rows: list[IngestRow | PreparedArticle] = []
        self._where: list[str] = []
        self._digests: dict[str, bytes] = {}
        self._chunks = 0

    @property
    def full(self) -> bool:
        return self._chunks >= _BATCH_CHUNKS or len(self._rows) >= _BATCH_CHUNKS

    def take(self, where: str, item: Article | SkippedItem) -> None:
        self._where.append(where)
        if isinstance(item, SkippedItem):
            self._rows.append(IngestRow("skipped", item.where, reason=item.reason))
            return
        meta, digest = item.meta, article_digest(item)
        if digest == (self._digests.get(meta.id) or self._store.catalog.digest(meta.id)):
            self._rows.append(IngestRow("unchanged", where, meta.id, meta.title))
            return
        prepared = prepare(item, self._store.embedder, self._store.settings)
        if not prepared.sentences:
            self._rows.append(IngestRow("skipped", where, meta.id, meta.title, reason="no sentence in it"))
            return
        self._digests[meta.id] = digest
        self._rows.append(prepared)
        self._chunks += len(prepared.chunks)

    def stored(self) -> IngestReport:
        prepared = [row for row in self._rows if isinstance(row, PreparedArticle)]
        embedder = self._store.embedder
        texts = {text_key(text): text for item in prepared for chunk in item.chunks for text in [item.chunk_text(chunk)]}
        missing = self._store.catalog.missing_vectors(texts, embedder.fingerprint)
        vectors = embed_texts(embedder, {key: texts[key] for key in texts if key in missing})
        now = datetime.now(UTC)
        versions = iter(self._store.catalog.store_articles(prepared, vectors, embedder.fingerprint, now) if prepared else [])
        rows = tuple(
            row if isinstance(row, IngestRow) else _row(where, row, next(versions))
            for where, row in zip(self._where, self._rows, strict=True)
        )
        return IngestReport(rows, len(vectors))


def embed_texts(embedder: Embedder, texts: dict[bytes, str]) -> dict[bytes, NDArray[np.float32]]:
    """Return the vector of each text by its key.

    Raises:
        ModelOutputError: the model returned no proper vectors; nothing has been stored.
    """
    vectors: dict[bytes, NDArray[np.float32]] = {}
    keys = list(texts)
    for start in range(0, len(keys), _EMBED_TEXTS):
        part = keys[start : start + _EMBED_TEXTS]
        rows = checked(embedder.embed([texts[key] for key in part]), len(part))
        vectors.update(zip(part, rows, strict=True))
    if len({row.shape for row in vectors.values()}) > 1:
        raise ModelOutputError("the embedding model returned vectors of different lengths")
    return vectors


def reindex(store: Store) -> int:
    """Make all chunks and vectors anew with the embedding model at hand; return how many chunks were embedded.

    The old vectors answer until the new ones are complete; a run that was cut off goes on where it was.
    """
    embedder, catalog, embedded = store.embedder, store.catalog, 0
    prepared: list[PreparedArticle] = []
    for article_id in catalog.ids():
        article = catalog.article(article_id)
        if article is None:
            continue
        item = prepare(article, embedder, store.settings)
        texts = {text_key(item.chunk_text(chunk)): item.chunk_text(chunk) for chunk in item.chunks}
        missing = catalog.missing_vectors(texts, embedder.fingerprint)
        if missing:
            vectors = embed_texts(embedder, {key: texts[key] for key in texts if key in missing})
            catalog.stage_vectors(vectors, embedder.fingerprint)
            embedded += len(vectors)
        prepared.append(item)
    catalog.switch_model(prepared, embedder.fingerprint)
    store.drop_vectors()
    store.vectors()
    return embedded


def _row(where: str, item: PreparedArticle, version: int) -> IngestRow:
    meta = item.article.meta
    return IngestRow("added" if version == 1 else "updated", where, meta.id, meta.title, len(item.sentences))
