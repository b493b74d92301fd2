"""Articles into the store: read, split, chunk, embed, then store; a batch is in whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from pullquote.index.chunking import chunk_sentences
from pullquote.index.embedding import Embedder, checked, text_key
from pullquote.index.errors import ModelError, ModelOutputError, PullquoteError
from pullquote.index.failpoints import failpoint
from pullquote.index.ledger import LedgerKeeper
from pullquote.index.records import PreparedArticle, article_digest
from pullquote.index.sentences import split_sentences
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.types import Article, IngestReport, IngestRow, SkippedItem

BATCH_CHUNKS = 256
"""One transaction (and its fsync) for so many chunks."""
_EMBED_TEXTS = 64
_AT_ONCE = 1000
MAX_ARTICLE_CHARS = 2_000_000
"""The length of a thousand pages, which take minutes: what is longer is a book, or a log."""
_UNFIT = re.compile("[\0\ud800-\udfff]")


def add_articles(store: Store, items: Iterable[tuple[str, Article | SkippedItem]]) -> Iterator[IngestReport]:
    """Store articles batch by batch; each report is given after its batch is safely stored.

    The caller holds ``store.writing()``. What was stored is found at once; the vector index follows in large steps, and at the
    end. Where the model fails, a last report says ``failed`` of the articles of that batch, and the error is raised: they and
    all behind them stay as they were, and the same run again takes them in.

    Raises:
        StoreModelMismatch: the store was made with another embedding model.
        ModelError: the embedding model failed; earlier batches stay.
    """
    store.require_model()
    batch = _Batch(store)
    with LedgerKeeper(store) as ledger:
        for where, item in items:
            batch.take(where, item)
            if batch.full:
                yield from _reports(batch)
                batch = _Batch(store)
                ledger.catch_up()
                store.keep_up()
        yield from _reports(batch)
        finish(store, ledger)


def finish(store: Store, ledger: LedgerKeeper) -> None:
    """End a write: drop what a change of models that was cut off has left, and bring what is derived in step.

    The caller holds ``store.writing()``.
    """
    ledger.catch_up()
    while store.catalog.drop_dead(_AT_ONCE) or store.catalog.link_missing(_AT_ONCE):
        failpoint("cut-dropped")
    if store.catalog.revision():
        store.finish_index()
    ledger.finish(store.reading)


def _reports(batch: _Batch) -> Iterator[IngestReport]:
    try:
        report = batch.stored()
    except ModelError as error:
        yield batch.failed(str(error))
        raise
    yield report


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
        return self._chunks >= BATCH_CHUNKS or len(self._rows) >= BATCH_CHUNKS

    def take(self, where: str, item: Article | SkippedItem) -> None:
        self._where.append(where)
        if isinstance(item, SkippedItem):
            self._rows.append(IngestRow("skipped", item.where, reason=item.reason))
            return
        meta, reason = item.meta, _too_long(item.text) or unfit(item)
        if reason is not None:
            self._rows.append(IngestRow("skipped", where, meta.id, meta.title, reason=reason))
            return
        digest = article_digest(item)
        if digest == (self._digests.get(meta.id) or self._store.catalog.digest(meta.id)):
            self._rows.append(IngestRow("unchanged", where, meta.id, meta.title))
            return
        prepared = prepare(item, self._store.embedder, self._store.settings)
        self._digests[meta.id] = digest
        self._rows.append(prepared)
        self._chunks += len(prepared.chunks)

    def stored(self) -> IngestReport:
        prepared = [row for row in self._rows if isinstance(row, PreparedArticle)]
        catalog, embedder, embedding = self._store.catalog, self._store.embedder, self._store.embedding
        texts = {text_key(text): text for item in prepared for chunk in item.chunks for text in [item.chunk_text(chunk)]}
        vectors = missing_vectors(self._store, texts, embedder)
        now = datetime.now(UTC)
        changes = iter(catalog.store_articles(prepared, vectors, embedder.fingerprint, now, embedding) if prepared else [])
        failpoint("catalog-committed")
        rows = tuple(
            row if isinstance(row, IngestRow) else _row(where, row, next(changes))
            for where, row in zip(self._where, self._rows, strict=True)
        )
        return IngestReport(rows, len(vectors))

    def failed(self, reason: str) -> IngestReport:
        rows = (
            row if isinstance(row, IngestRow) else replace(_row(where, row, "failed"), sentences=0, reason=reason)
            for where, row in zip(self._where, self._rows, strict=True)
        )
        return IngestReport(tuple(rows))


def embed_texts(embedder: Embedder, texts: dict[bytes, str]) -> dict[bytes, NDArray[np.float32]]:
    """Return the vector of each text by its key.

    Raises:
        ModelError: the model failed, or returned no proper vectors; nothing has been stored.
    """
    vectors: dict[bytes, NDArray[np.float32]] = {}
    keys = list(texts)
    for start in range(0, len(keys), _EMBED_TEXTS):
        part = keys[start : start + _EMBED_TEXTS]
        try:
            rows = checked(embedder.embed([texts[key] for key in part]), len(part))
        except PullquoteError:
            raise
        except Exception as error:  # whatever a model of the caller's own raises
            reason = " ".join(str(error).split())[:160] or type(error).__name__
            raise ModelError(f"the embedding model {embedder.fingerprint} failed ({reason}): try again") from error
        vectors.update(zip(part, rows, strict=True))
    if len({row.shape for row in vectors.values()}) > 1:
        raise ModelOutputError("the embedding model returned vectors of different lengths")
    return vectors


def missing_vectors(store: Store, texts: dict[bytes, str], embedder: Embedder) -> dict[bytes, NDArray[np.float32]]:
    """Embed the texts that have no vector of a model yet, and return the new vectors by the texts' keys.

    Raises:
        ModelError: the model failed, or returned no proper vectors; nothing has been stored.
    """
    missing = store.catalog.missing_vectors(texts, embedder.fingerprint)
    vectors = embed_texts(embedder, {key: texts[key] for key in texts if key in missing})
    if vectors:
        store.require_dimension(len(next(iter(vectors.values()))), embedder)
    return vectors


def _too_long(text: str) -> str | None:
    longer = len(text) > MAX_ARTICLE_CHARS
    return f"{len(text):,} characters, and no article has more than {MAX_ARTICLE_CHARS:,}: split it" if longer else None


def unfit(article: Article) -> str | None:
    """Return why an article cannot be stored; files are cleaned when read, values made by a caller are not."""
    meta = article.meta
    if not meta.id.strip():
        return "the article has no id: give it one"
    if not any(map(str.isalnum, article.text)):
        return "no sentence in it"
    fields = (meta.id, meta.url, meta.title, meta.source, *meta.authors, meta.language, article.text)
    if any(_UNFIT.search(field) for field in fields if field is not None):
        return "NULs or lone surrogates in it: clean it first (pullquote.index.cleaning.clean_text)"
    if any(moment is not None and moment.tzinfo is None for moment in (meta.published_at, meta.fetched_at)):
        return "a time without a zone: give aware UTC times"
    return None


def _row(where: str, item: PreparedArticle, change: str) -> IngestRow:
    meta = item.article.meta
    return IngestRow(change, where, meta.id, meta.title, len(item.sentences))
